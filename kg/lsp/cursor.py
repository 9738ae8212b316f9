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
    next_end = LINE_END.search(text, offset)
    line_end = next_end.start() if next_end else len(text)
    line, column = text[begin:line_end], offset - begin
    number = len(LINE_END.findall(text, 0, begin)) + 1
    part = _line_part(line[:column])
    if part is None:
        return
    kinds = (True, False) if part.may_be_either else (part.is_key,)
    for is_key in kinds:
        end = _end(line, column, part, is_key=is_key)
        written = f"{_MARK}:" if is_key else _MARK
        rest = line[end:]
        if is_key:
            rest = rest.lstrip(" ").removeprefix(":")
        closers = "".join(_CLOSERS[each] for each in reversed(part.open))
        for last in (rest,) if not closers or closers[0] in rest else (closers, rest):
            after = text[line_end:]
            tree = tolerant_tree(f"{text[:begin]}{line[: part.start]}{written} {last}{after}", number)
            place = next((each for each in scalars(tree) if each.scalar.text == _MARK), None)
            if place is not None and place.is_key == is_key:
                typed = line[part.start : column].lstrip(_QUOTES)
                has_colon = is_key and line[end:].lstrip(" ").startswith(":")
                yield Cursor(place, tree, typed, begin + part.start, begin + end, has_colon)
                break


def _line_part(before: str) -> _LinePart | None:
    """Return the last part of *before*, which is a line up to the cursor. None in a comment."""
    dashes = _DASHES.match(before)
    start = dashes.end() if dashes else 0
    is_key, quote, brackets = True, "", ""
    either = "-" in before[:start]
    number = start
    while number < len(before):
        char, before_it, after = before[number], before[number - 1 : number], before[number + 1 : number + 2]
        at_start = not before[start:number].strip()
        if quote:
            quote = "" if char == quote else quote
        elif char == "#" and (not before_it or before_it.isspace()):
            return None
        elif char in _QUOTES and at_start:
            quote = char
        elif char in "{[" and (at_start or brackets):
            brackets, start, is_key, either = brackets + char, number + 1, char == "{", False
        elif char in "}]" and brackets:
            brackets, is_key = brackets[:-1], False
        elif char == "," and brackets:
            start, is_key = number + 1, brackets[-1] == "{"
        elif char == ":" and is_key and after in ("", " "):
            start, is_key, either = number + 1, False, False
        number += 1
    start += len(before[start:]) - len(before[start:].lstrip(" "))
    return _LinePart(start, is_key, either, brackets)


def _end(line: str, column: int, part: _LinePart, *, is_key: bool) -> int:
    """Return the column after the key or value that contains the cursor."""
    stops = [",", "}", "]"] if part.open else []
    rest, first = line[column:], line[part.start : part.start + 1]
    if first and first in _QUOTES:
        close = rest.find(first)
        return column + close + 1 if close >= 0 else len(line.rstrip())
    ends = [rest.find(stop) for stop in stops + [" #"] + ([":"] if is_key else [])]
    last = min((end for end in ends if end >= 0), default=len(rest))
    return column + len(rest[:last].rstrip())
