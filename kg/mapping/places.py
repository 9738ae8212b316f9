"""A text in a mapping, its scalar and the lines of the file -> the place of each stretch of it. No I/O.

YAML folds white space and nothing else, so the characters of a text stand in the file in their order, line ends and
indentation aside. Where an escape or another Unicode form says otherwise, a stretch has the place of the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kg.core.errors import Place
from kg.core.model import Span
from kg.mapping.read import Scalar


class Placed:
    """Where the characters of one text stand in its file."""

    def __init__(self, text: str, scalar: Scalar, lines: Sequence[str]) -> None:
        """Read the place of each character of *text*, the scalar's in normal form; *lines* are those of the file."""
        self._whole = scalar.place
        self._places: dict[int, tuple[int, int]] = {}
        written = _written(scalar, lines)
        for number, char in enumerate(text):
            if char.isspace():
                continue
            line, column, found = next(written, (0, 0, ""))
            if found != char:
                break
            self._places[number] = (line, column)

    def place(self, span: Span) -> Place:
        """Return the place of a stretch; of one in several lines, what stands in the first."""
        if span.start not in self._places:
            return self._whole
        line, column = self._places[span.start]
        here = [self._places[k] for k in range(span.start, span.end) if k in self._places]
        last = max(other for number, other in here if number == line)
        return replace(self._whole, line=line, column=column, length=last - column + 1)


def _written(scalar: Scalar, lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and character of what is no white space, from the beginning of a scalar's content."""
    first, column = scalar.place.line, scalar.place.column
    sign = "" if scalar.plain else lines[first - 1][column - 1 : column]
    first, column = (first + 1, 1) if sign in ("|", ">") else (first, column + len(sign))
    doubled = False
    for number, line in enumerate(lines[first - 1 :], first):
        for at in range(column, len(line) + 1):
            char = line[at - 1]
            doubled = char == sign == "'" and line[at - 2] == sign and not doubled and at > column
            if not char.isspace() and not doubled:
                yield number, at, char
        column = 1
