"""An error of libyaml -> what is wrong, in a curator's words, and the rest of the file. No I/O.

libyaml stops at its first error. Without the faulty lines, the next error is found in the same run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import yaml

from kg.core.errors import Place

_QUOTE_IT = "put the whole text in quotes"
_QUOTE_IN_QUOTES = "a single quote inside single quotes is written twice ('')"
_OPENERS = (
    "while parsing a flow",
    "while scanning a quoted",
    "while parsing a quoted",
    "while scanning a block",
)
_POINTING_AT_THE_START = frozenset(
    {"found unexpected end of stream", "did not find expected alphabetic or numeric character"}
)
_INDENTED_WITH_TAB = re.compile(r" *\t\s*[^\s#]")
_NO_SPACE_AFTER_COLON = re.compile(r"\s*(?:- )?[\w-]+:[^\s/]")

_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "did not find expected '-' indicator": (
            "this line is not an item of the list that begins on line {opened}",
            "begin it with '- ', or indent it like the key it belongs beside",
        ),
        "did not find expected ',' or ']'": (
            "the '[' on line {opened} is not closed before this",
            "add the missing ']' or ','",
        ),
        "did not find expected ',' or '}'": (
            "the '{{' on line {opened} is not closed before this",
            "add the missing '}}' or ','",
        ),
        "found unexpected end of stream": (
            "this quote is never closed",
            f"close it; {_QUOTE_IN_QUOTES}",
        ),
        "found character that cannot start any token": ("a text cannot begin with '{char}'", _QUOTE_IT),
        "did not find expected alphabetic or numeric character": (
            "a text cannot begin with '{char}'",
            _QUOTE_IT,
        ),
        "found undefined tag handle": ("a text cannot begin with '!'", _QUOTE_IT),
        "mapping keys are not allowed in this context": ("a text cannot begin with '? '", _QUOTE_IT),
        "found unknown escape character": (
            "'\\{after}' is not an escape sequence in double quotes",
            "write '\\\\' for a backslash, or use single quotes",
        ),
        "did not find expected hexdecimal number": (
            "this escape sequence does not name a character",
            "write the character itself",
        ),
        "found invalid Unicode character escape code": (
            "this escape sequence does not name a character",
            "write the character itself",
        ),
        "block sequence entries are not allowed in this context": (
            "a list item cannot begin in the middle of a line",
            "begin the list on the line below its key, or put the text in quotes",
        ),
        "did not find expected comment or line break": (
            "only a line end may follow '|' or '>'",
            "begin the text on the next line",
        ),
        "did not find expected <document start>": (
            "this line is not part of the document above it",
            "indent it like the lines above, or remove the '...' before it",
        ),
        "could not find expected ':'": ("this line has no ': ' after its key", "write it as 'key: value'"),
    }
)
"""libyaml's message -> our message, and how to correct the problem."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One syntax error. Lines and columns count from 0.

    Attributes:
        column: in code points.
        first: first line to leave out in the search for more.
        last: the line after the last one to leave out; equal to `first` if there is no point in searching on.
    """

    code: str
    message: str
    fix: str
    line: int
    column: int
    first: int
    last: int

    def place(self, path: str) -> Place:
        """Return its place, counted as in findings."""
        return Place(path, self.line + 1, self.column + 1)


def fault_of(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Fault:
    """Return *error*, raised by libyaml for the text of *lines*, in plain words."""
    problem, line, column = error.problem or "", *_position(error.problem_mark, lines)
    if "tab character" in problem or lines[line][column : column + 1] == "\t":
        return _tab_fault(line, lines)
    opened, opened_column = _position(error.context_mark or error.problem_mark, lines)
    faulty = opened if (error.context or "").startswith(_OPENERS) else line
    if problem in _POINTING_AT_THE_START:
        line, column = opened, opened_column
    message, fix = _words(problem, lines, line, column, opened)
    code = "KG-Y005" if "tag" in problem or "scanning a tag" in (error.context or "") else "KG-Y001"
    return Fault(code, message, fix, line, column, faulty, _end_of_block(faulty, lines))


def without_fault(lines: Sequence[str], fault: Fault) -> list[str]:
    """Return *lines* with the faulty ones emptied, so that all others keep their numbers."""
    return ["" if fault.first <= number < fault.last else line for number, line in enumerate(lines)]


def _position(mark: object, lines: Sequence[str]) -> tuple[int, int]:
    """Return line and column of a libyaml mark, never beyond the end of the text."""
    line, column = getattr(mark, "line", 0), getattr(mark, "column", 0)
    while line and (line >= len(lines) or not lines[line].strip()):
        line, column = line - 1, len(lines[min(line, len(lines)) - 1])
    return line, min(column, len(lines[line]))


def _tab_fault(line: int, lines: Sequence[str]) -> Fault:
    more = sum(1 for text in lines[line + 1 :] if _INDENTED_WITH_TAB.match(text))
    others = f", and so {'is' if more == 1 else 'are'} {more} more below" if more else ""
    message = f"this line is indented with a tab{others}"
    return Fault("KG-Y002", message, "indent with spaces", line, max(lines[line].find("\t"), 0), line, line)


def _words(problem: str, lines: Sequence[str], line: int, column: int, opened: int) -> tuple[str, str]:
    text = lines[line]
    if problem == "mapping values are not allowed in this context":
        return _second_colon(lines, line, column)
    if problem == "did not find expected key":
        return _no_key(text, column, opened)
    if problem == "did not find expected node content":
        return _no_content(text, column)
    if "directive" in problem or "incompatible" in problem:
        return "this line is an unknown YAML directive", "remove it"
    unknown = ("this is not YAML: {problem}", "put quotes around the texts on this line")
    message, fix = _WORDS.get(problem, unknown)
    facts = {
        "problem": problem or "no reason given",
        "opened": opened + 1,
        "char": text[column : column + 1],
        "after": text[column + 1 : column + 2],
    }
    return message.format_map(facts), fix.format_map(facts)


def _second_colon(lines: Sequence[str], line: int, column: int) -> tuple[str, str]:
    if re.search(r":\s", lines[line][:column]):
        return "there is a second ': ' on this line", f"{_QUOTE_IT} if the ': ' is part of it"
    message, above = "this line does not fit the one above it", _line_above(lines, line)
    if _NO_SPACE_AFTER_COLON.match(above):
        return message, "put a space after the ':' in the line above"
    return message, "end the key above with ':', or indent this line like that one"


def _line_above(lines: Sequence[str], line: int) -> str:
    return next((text for text in reversed(lines[:line]) if text.strip()), "")


def _no_key(text: str, column: int, opened: int) -> tuple[str, str]:
    if text[:column].rstrip().endswith(("'", '"')):
        return "the text continues after its closing quote", f"{_QUOTE_IT}; {_QUOTE_IN_QUOTES}"
    if text[column : column + 1] == ":":
        return "there is no key before ':'", "write it as 'key: value'"
    if text[column:].startswith("- "):
        return "there is a list item where a key is expected", "indent the list below its key"
    return (
        "the indentation of this line matches no line above it",
        f"indent it like the keys it belongs beside; the ones around it begin on line {opened + 1}",
    )


def _no_content(text: str, column: int) -> tuple[str, str]:
    if not text[column:].strip():
        return "the file ends before a '[' or '{' is closed", "add the missing ']' or '}'"
    if text[column] in "]}" and not set("[{") & set(text[:column]):
        return f"a text cannot begin with '{text[column]}'", _QUOTE_IT
    return f"a value is missing before '{text[column]}'", f"write a value, or remove a '{text[column]}'"


def _end_of_block(first: int, lines: Sequence[str]) -> int:
    """Return the line after the block of line *first*: lines indented further, and the next items of a list."""
    depth = _depth(lines[first])
    is_item = lines[first].lstrip().startswith("- ")
    for number in range(first + 1, len(lines)):
        text = lines[number]
        beside = _depth(text) == depth and is_item and text.lstrip().startswith("- ")
        if text.strip() and _depth(text) <= depth and not beside:
            return number
    return len(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
