"""An untrusted query -> refused, or accepted for the worker. Pure.

A query may not call other servers (`SERVICE`, `LOAD`), change anything, be longer than 16 kB or nest deeper than 64
levels. The text is split into tokens, so that these words are allowed in comments, strings, IRIs, variables and local
names. Where the engine might split the text differently, the query is refused: its parser has no separate tokenizer,
so it reads `SERVICESILENT:x` as a call, and a `<` may begin an IRI or be an operator.
https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from kg.core.errors import UsageError

MAX_QUERY_BYTES = 16 * 1024
MAX_NESTING = 64

_LONGEST_PREFIX = 200  # limited so that the scan takes linear time
_ASCII_LETTERS = "A-Za-z"
_OTHER_LETTERS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_OTHER_IN_WORDS = "\u00b7\u0300-\u036f\u203f-\u2040"
_ESCAPE = r"""\\(?:[tbnrf"'\\]|u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}|U000[0-9A-Fa-f]{5}|U0010[0-9A-Fa-f]{4})"""
_LOCAL_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"


@cache
def _token(ascii_only: bool) -> re.Pattern[str]:
    """Return the pattern of a token. The one for ASCII text gives the same tokens and compiles twenty times as fast."""
    letter = _ASCII_LETTERS if ascii_only else _ASCII_LETTERS + _OTHER_LETTERS
    word = f"{letter}_0-9" if ascii_only else f"{letter}_0-9{_OTHER_IN_WORDS}"
    return re.compile(
        rf"""(?P<space>[ \t\r\n]+|\#[^\r\n]*)
        |(?P<string>'''(?:'{{0,2}}(?:[^'\\]|{_ESCAPE}))*'''|\"\"\"(?:"{{0,2}}(?:[^"\\]|{_ESCAPE}))*\"\"\"
           |'(?:[^'\\\n\r]|{_ESCAPE})*'|"(?:[^"\\\n\r]|{_ESCAPE})*")
        |(?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
        |(?P<variable>[?$][{letter}_0-9][{word}]*)
        |(?P<blank>_:[{letter}_0-9][{word}-]*(?:\.+[{word}-]+)*)
        |(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
        |(?P<name>(?P<prefix>(?:[{letter}][{word}.-]{{0,{_LONGEST_PREFIX}}})?):
           (?:(?:[{letter}_0-9:]|{_LOCAL_ESCAPE})(?:[{word}:-]|{_LOCAL_ESCAPE})*(?:\.+(?:[{word}:-]|{_LOCAL_ESCAPE})+)*)?)
        |(?P<word>[A-Za-z][A-Za-z0-9_]*)
        |(?P<other>.)""",
        re.VERBOSE | re.DOTALL,
    )


_PUNCTUATION = frozenset("{}()[].;,*/|^!+-=<>&?$~@0123456789")
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_UNICODE_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_REMOTE_CALL = re.compile("SERVICE|LOAD", re.IGNORECASE)
_UPDATES = frozenset({"INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD"})
_NOT_OPERANDS = frozenset({"DISTINCT", "IN", "AS"})
_CLOSING = {"}": "{", ")": "(", "]": "["}


class QueryToken(NamedTuple):
    """A token of a query: its kind (a group of the pattern), text and offset, and the prefix of a prefixed name."""

    kind: str
    text: str
    start: int
    prefix: str = ""


@dataclass(slots=True)
class _Brackets:
    """The open brackets, innermost last. Those in a VALUES block, which has no operators, are recorded as `data`."""

    stack: list[str]
    values: bool = False  # after VALUES, before its block

    def read(self, token: QueryToken) -> None:
        if token.kind == "word":
            self.values = self.values or token.text.upper() == "VALUES"
        elif token.text in ("{", "(", "[") and token.kind == "other":
            inside_data = bool(self.stack) and self.stack[-1] == "data"
            self.stack.append("data" if inside_data or (self.values and token.text == "{") else token.text)
            self.values = self.values and token.text != "{"
        elif token.kind == "other" and token.text in _CLOSING and self.stack:
            self.stack.pop()


def refuse_unsafe(query: str) -> None:
    """Refuse a query that must not run in the worker.

    Raises:
        UsageError: it is too long, nests too deeply, calls other servers, changes data, or cannot be distinguished from
            a query that does.
    """
    try:
        size = len(query.encode())
    except UnicodeEncodeError as error:
        raise UsageError("the query is not Unicode text", "save it as UTF-8") from error
    if size > MAX_QUERY_BYTES:
        raise UsageError(f"the query has {size} bytes; at most {MAX_QUERY_BYTES} are allowed", "make it shorter")
    for reading in {query, _unescaped(query)}:
        _refuse(reading)


def tokens(query: str) -> Iterator[QueryToken]:
    """Yield the tokens of *query* without white space and comments."""
    for match in _token(query.isascii()).finditer(query):
        if match.lastgroup != "space":
            kind = "name" if match["name"] is not None else str(match.lastgroup)
            yield QueryToken(kind, match[0], match.start(), match["prefix"] or "")


def undeclared_prefix(query: str) -> QueryToken | None:
    """Return the first prefixed name with an undeclared prefix, None if all are declared."""
    declared, before = set(), QueryToken("other", "", 0)
    for token in tokens(query):
        if token.kind == "name" and before.text.upper() == "PREFIX":
            declared.add(token.prefix)
        elif token.kind == "name" and token.prefix not in declared:
            return token
        before = token
    return None


def relative_iri(query: str) -> QueryToken | None:
    """Return the first relative IRI without a BASE before it, None if there is none."""
    for token in tokens(query):
        if token.kind == "word" and token.text.upper() == "BASE":
            return None
        if token.kind == "iri" and not _SCHEME.match(token.text):
            return token
    return None


def selected_variables(query: str) -> tuple[str, ...] | None:
    """Return the variables of a SELECT in order, None if it selects `*` or is another form of query.

    >>> selected_variables("PREFIX x: <x:> SELECT DISTINCT ?a (COUNT(?b) AS ?n) { ?a x:b ?b }")
    ('a', 'n')
    >>> selected_variables("SELECT * { ?a ?b ?c }")
    """
    variables: list[str] = []
    open_brackets, before = 0, ""
    for token in _after_select(query):
        open_brackets += {"(": 1, ")": -1}.get(token.text, 0)
        if not open_brackets and token.text.upper() in ("{", "WHERE", "FROM"):
            break
        if token.kind == "variable" and (not open_brackets or (open_brackets == 1 and before.upper() == "AS")):
            variables.append(token.text[1:])
        before = token.text
    return tuple(variables) or None


def _after_select(query: str) -> Iterator[QueryToken]:
    """Return the tokens after the first SELECT."""
    rest = iter(tokens(query))
    return rest if any(token.kind == "word" and token.text.upper() == "SELECT" for token in rest) else iter(())


def error_at(query: str, start: int, problem: str, fix: str) -> UsageError:
    """Return an error that gives the line and column of the offset *start*."""
    line = query.count("\n", 0, start) + 1
    column = start - query.rfind("\n", 0, start)
    return UsageError(f"query, line {line}, column {column}: {problem}", fix)


def _refuse(query: str) -> None:
    brackets, before = _Brackets([]), QueryToken("other", "", 0)
    for token in tokens(query):
        _refuse_word(query, token)
        _refuse_ambiguous(query, token, before, brackets.stack[-1] if brackets.stack else "")
        brackets.read(token)
        if len(brackets.stack) > MAX_NESTING:
            raise error_at(
                query, token.start, f"brackets nest deeper than {MAX_NESTING} levels", "make the query flatter"
            )
        before = token


def _refuse_word(query: str, token: QueryToken) -> None:
    """Refuse remote calls and updates, also where the keyword runs into its neighbour or looks like a prefix."""
    word = token.text if token.kind == "word" else token.prefix
    if _REMOTE_CALL.search(word):
        fix = "rename the prefix" if token.kind == "name" else "query each store separately"
        raise error_at(query, token.start, f"'{token.text}' is not allowed: a query may not call other servers", fix)
    if token.kind == "word" and word.upper() in _UPDATES:
        raise error_at(query, token.start, f"'{word}' is not allowed: queries only read", "change the data and rebuild")


def _refuse_ambiguous(query: str, token: QueryToken, before: QueryToken, bracket: str) -> None:
    """Refuse characters that begin no token, and an IRI after an operand that may hide a comment or a string."""
    if token.kind == "other" and token.text in ("'", '"'):
        raise error_at(
            query,
            token.start,
            "a string is not closed, or contains an invalid escape",
            "close it with its opening quote",
        )
    if token.kind == "other" and token.text not in _PUNCTUATION:
        raise error_at(query, token.start, f"{token.text!r} is not valid SPARQL here", "put text in quotes")
    hides = token.kind == "iri" and bracket == "(" and _is_operand(before) and set(token.text) & {"#", "'"}
    if hides:
        raise error_at(query, token.start, f"'{token.text}' may be an IRI or a comparison", "use a prefixed name here")


def _is_operand(token: QueryToken) -> bool:
    if token.kind == "other":
        return token.text in ")]}" or token.text.isdigit()
    return not (token.kind == "word" and token.text.upper() in _NOT_OPERANDS)


def _unescaped(query: str) -> str:
    """Return *query* as read by engines that replace \\u escapes before parsing."""
    if "\\" not in query:
        return query
    return _UNICODE_ESCAPE.sub(lambda match: _char(int(match[1] or match[2], 16)), query)


def _char(code: int) -> str:
    return chr(code) if code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"
