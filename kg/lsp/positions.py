"""A text <-> lines and characters as the protocol counts them: from 0, in UTF-16 code units or as agreed. No I/O.

A line ends where YAML ends it. Python's own `splitlines` ends one at U+2028 and others, which editors do not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol.types import Position, PositionEncodingKind, Range, TextEdit

from kg.core.errors import LINE_END, Place

_BOM = "\ufeff"


class LspText:
    """A text in an editor, and positions in it."""

    def __init__(self, text: str, encoding: str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self.encoding = encoding

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in LINE_END.finditer(self.text))]

    @cached_property
    def _ends(self) -> list[int]:
        return [*(end.start() for end in LINE_END.finditer(self.text)), len(self.text)]

    def offset(self, position: Position) -> int:
        """Return the offset of a position in code points. Positions after the end of a line mean that end."""
        line = min(position.line, len(self._starts) - 1)
        start, end, units = self._starts[line], self._ends[line], 0
        for offset in range(start, end):
            if units >= position.character:
                return offset
            units += self._units(self.text[offset])
        return end

    def position(self, offset: int) -> Position:
        """Return the position of an offset in code points."""
        line = bisect_right(self._starts, offset) - 1
        return Position(line, sum(map(self._units, self.text[self._starts[line] : offset])))

    def _units(self, character: str) -> int:
        """Return the number of code units of a character."""
        match self.encoding:
            case PositionEncodingKind.Utf8:
                return len(character.encode("utf-8", "surrogatepass"))
            case PositionEncodingKind.Utf32:
                return 1
            case _:
                return 2 if ord(character) > 0xFFFF else 1

    def range(self, start: int, end: int) -> Range:
        """Return the range between two offsets."""
        return Range(self.position(start), self.position(end))

    def range_of(self, place: Place) -> Range:
        """Return the range of a finding's place, limited to the current length of its line."""
        start = self.offset_of(place)
        line = min(place.line, len(self._starts)) - 1
        return self.range(start, min(start + place.length, self._ends[line]))

    def offset_of(self, place: Place) -> int:
        """Return the offset where a place begins. A byte order mark does not count in the columns of a place."""
        line = min(place.line, len(self._starts)) - 1
        mark = len(_BOM) if not line and self.text.startswith(_BOM) else 0
        return min(self._starts[line] + mark + place.column - 1, self._ends[line])

    def edits_to(self, other: str) -> list[TextEdit]:
        """Return the edits that turn the text into *other*: one per line if both have as many lines, else one."""
        target = LspText(other)
        if len(target.lines()) != len(self.lines()):
            return [*self._edit(0, len(self.text), other)]
        return [
            edit
            for (start, end), (begin, stop) in zip(self.lines(), target.lines(), strict=True)
            for edit in self._edit(start, end, other[begin:stop])
        ]

    def lines(self) -> list[tuple[int, int]]:
        """Return the start of each line and of the next."""
        return list(zip(self._starts, [*self._starts[1:], len(self.text)], strict=True))

    def _edit(self, start: int, end: int, other: str) -> Iterator[TextEdit]:
        """Yield the edit that replaces a range by *other*, without their common beginning and end."""
        while start < end and other and self.text[start] == other[0]:
            start, other = start + 1, other[1:]
        while start < end and other and self.text[end - 1] == other[-1]:
            end, other = end - 1, other[:-1]
        if start < end or other:
            yield TextEdit(self.range(start, end), other)


def path_of(uri: str) -> Path | None:
    """Return the file that *uri* names, None if it names none, such as a text that was never saved."""
    parts = urlsplit(uri)
    path = unquote(parts.path)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in path or not path.startswith("/"):
        return None
    return Path(path)
