"""A text in a mapping, its scalar and the lines of the file -> the place of each span of it. No I/O.

YAML folds nothing but white space, so the characters of a text are in the file in the same order, apart from line ends
and indentation. If an escape or another Unicode form breaks this, a span gets the place of the whole text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.core.errors import Place
from kg.core.model import Span
from kg.mapping.read import Scalar


class Placed:
    """The places of the characters of one text in its file."""

    def __init__(self, text: str, scalar: Scalar, lines: Sequence[str]) -> None:
        """Find the place of each character of *text*, the scalar's text in normal form, in the file's *lines*."""
        self._whole = scalar.place
        self._places: dict[int, tuple[int, int]] = {}
        written = _written(scalar, lines)
        for number, char in enumerate(text):
            if char.isspace():
                continue
            line, column, written_char = next(written, (0, 0, ""))
            if written_char != char:
                break
            self._places[number] = (line, column)

    def place(self, span: Span) -> Place:
        """Return the place of a span, or the part of it on its first line if it has several."""
        if span.start not in self._places:
            return self._whole
        line, column = self._places[span.start]
        here = [self._places[k] for k in range(span.start, span.end) if k in self._places]
        last = max(other for number, other in here if number == line)
        return self._whole._replace(line=line, column=column, length=last - column + 1)


def _written(scalar: Scalar, lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and character of all but white space, from the beginning of a scalar's content."""
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
