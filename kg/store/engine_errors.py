"""What the embedded engine raises -> our errors, with the place in the query. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from kg.core.errors import EndpointError, UsageError

_T = TypeVar("_T")
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:expected |one of |, )((?:The |IRI )[a-zA-Z ]+)")
_UNKNOWN_FUNCTION = re.compile(r"The custom (?:aggregate )?function <(.*)> is not supported")
_SHOWN = 24  # code points of the query to quote before a syntax error


def guarded(query: str, ask: Callable[[], _T]) -> _T:
    """Return what *ask* returns. Convert the engine's exceptions to our errors."""
    try:
        return ask()
    except SyntaxError as error:
        raise _syntax_error(query, str(error)) from error
    except UnicodeEncodeError as error:
        raise UsageError("the query is not Unicode text", "save it as UTF-8") from error
    except (OSError, RuntimeError) as error:
        if unknown := _UNKNOWN_FUNCTION.match(str(error)):
            fix = "use the functions of SPARQL 1.1, and casts such as xsd:integer"
            raise UsageError(f"there is no function <{unknown[1]}>", fix) from error
        raise EndpointError(f"the store could not answer: {first_sentence(error)}") from error


def _syntax_error(query: str, message: str) -> UsageError:
    """Return the engine's syntax error with line, column and the text before that position.

    The engine's list of expected tokens is left out because it names single letters. A sentence in it is kept.
    """
    # here, so that workers start quickly
    from kg.planning.guard import error_at, relative_iri, undeclared_prefix

    undeclared = undeclared_prefix(query)
    if undeclared:
        return error_at(
            query, undeclared.start, f"the prefix '{undeclared.prefix}:' is not declared", "add a PREFIX line"
        )
    relative = relative_iri(query)
    if relative:
        fix = "write it in full, or put BASE <https://…/> at the top"
        return error_at(query, relative.start, f"{relative.text} is a relative IRI, and there is no BASE", fix)
    place = _POSITION.match(message)
    if not place:
        return UsageError(f"the query is not SPARQL: {message}")
    line, column = int(place[1]), int(place[2])
    sentence = _SENTENCE.search(place[3])
    reason = f": {sentence[1][0].lower()}{sentence[1][1:].strip()}" if sentence else ""
    before = query.split("\n")[line - 1][: column - 1][-_SHOWN:].strip()
    after = f", after '{before}'" if before else ""
    return UsageError(f"the query is not SPARQL, line {line}, column {column}{reason}{after}")


def first_sentence(error: BaseException) -> str:
    """Return the first line of an engine's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].strip()
