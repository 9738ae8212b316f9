"""The text of a mapping and a cursor -> what is being written there, even if the text is not YAML. No I/O.

The word at the cursor is replaced by a well-formed placeholder, so that the text around it can be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.core.errors import LINE_END
from kg.lsp.scalars import Spot, scalars
from kg.mapping.read import Node, tolerant_tree

_MARK = "kg-cursor-kg"
_DASHES = re.compile(r"\s*(?:- +)*")
_CLOSERS = {"{": "}", "[": "]"}
_QUOTES = "'\""
_QUOTED = re.compile(r"""\s*(?:'[^']*(?:'|\Z)|"[^"]*(?:"|\Z))""")
_TOKEN = re.compile(r"(?<!\S)#|[{}\[\],]|:(?= |\Z)")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The key or value that is being written.

    Attributes:
        spot: its place in the mapping, with the placeholder as its scalar.
        tree: the tree of the whole text with the placeholder.
        typed: the part of it before the cursor, without an opening quotation mark.
        start: the offset at which it begins, including its quotation mark.
        end: the offset after it.
        has_colon: whether the key is already followed by a colon.
    """

    spot: Spot
    tree: Node | None
    typed: str
    start: int
    end: int
    has_colon: bool = False


@dataclass(frozen=True, slots=True)
class _LinePart:
    """The part of a line that contains the cursor: a key, a value or an item.

    Attributes:
        start: the column at which it begins.
        is_key: whether it is a key.
        may_be_either: whether it follows a dash, where an item may be a value or begin a table.
        open: the open brackets, innermost last.
    """

    start: int
    is_key: bool
    may_be_either: bool
    open: str


def cursors(text: str, offset: int) -> Iterator[Cursor]:
    """Yield the possible cursors at *offset*: a key, a value, or both after a dash. None in a comment."""
    begin = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    part = _line_part(text[begin:offset])
    if part is not None:
        for is_key in (True, False) if part.may_be_either else (part.is_key,):
            if cursor := _cursor(text, begin, offset - begin, part, is_key=is_key):
                yield cursor


def _cursor(text: str, begin: int, column: int, part: _LinePart, *, is_key: bool) -> Cursor | None:
    """Return the key or the value at a column of the line that begins at *begin*, None if there can be none."""
    line = LINE_END.split(text[begin:], maxsplit=1)[0]
    number = len(LINE_END.findall(text, 0, begin)) + 1
    end = _end(line, column, part, is_key=is_key)
    rest, word = line[end:], _MARK
    has_colon = is_key and rest.lstrip(" ").startswith(":")
    if is_key:
        rest, word = rest.lstrip(" ").removeprefix(":"), f"{_MARK}:"
    for closed in _closed(rest, part.open):
        around = text[: begin + part.start], text[begin + len(line) :]
        tree = tolerant_tree(f"{around[0]}{word} {closed}{around[1]}", number)
        spots = (each for each in scalars(tree) if each.scalar.text == _MARK and each.is_key == is_key)
        if spot := next(spots, None):
            typed = line[part.start : column].lstrip(_QUOTES)
            return Cursor(spot, tree, typed, begin + part.start, begin + end, has_colon)
    return None


def _closed(rest: str, brackets: str) -> tuple[str, ...]:
    """Return how a line may go on: first with its brackets closed in place of the rest that does not close them."""
    closers = "".join(_CLOSERS[each] for each in reversed(brackets))
    return (rest,) if not closers or closers[0] in rest else (closers, rest)


def _line_part(before: str) -> _LinePart | None:
    """Return the last part of *before*, which is a line up to the cursor; None in a comment."""
    dashes = _DASHES.match(before)
    start = dashes.end() if dashes else 0
    is_key, brackets, either = True, "", "-" in before[:start]
    end = start
    while token := _TOKEN.search(before, _behind_quotes(before, start, end)):
        char, is_first, end = token[0], not before[start : token.start()].strip(), token.end()
        match char:
            case "#":
                return None
            case "{" | "[" if is_first or brackets:
                start, is_key, either, brackets = end, char == "{", False, brackets + char
            case "}" | "]" if brackets:
                is_key, brackets = False, brackets[:-1]
            case "," if brackets:
                start, is_key = end, brackets[-1] == "{"
            case ":" if is_key:
                start, is_key, either = end, False, False
    spaces = len(before[start:]) - len(before[start:].lstrip(" "))
    return _LinePart(start + spaces, is_key, either, brackets)


def _behind_quotes(before: str, start: int, end: int) -> int:
    """Return *end*, or the position behind the quoted scalar with which the part at *start* begins."""
    quoted = _QUOTED.match(before, start)
    return max(end, quoted.end()) if quoted else end


def _end(line: str, column: int, part: _LinePart, *, is_key: bool) -> int:
    """Return the column behind the key or the value in which the cursor stands."""
    stops = [",", "}", "]"] if part.open else []
    rest, first = line[column:], line[part.start : part.start + 1]
    if first and first in _QUOTES:
        close = rest.find(first)
        return column + close + 1 if close >= 0 else len(line.rstrip())
    ends = [rest.find(stop) for stop in stops + [" #"] + ([":"] if is_key else [])]
    last = min((end for end in ends if end >= 0), default=len(rest))
    return column + len(rest[:last].rstrip())
