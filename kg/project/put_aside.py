"""Texts -> a temporary file, from which each is read again when it is needed. Writes only that file.

In memory, the texts of 100,000 articles would take a gigabyte.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from weakref import finalize

IN_MEMORY = 16 * 1024 * 1024
"""Code points of texts that stay in memory: those of some 1,500 articles."""

_ENCODING, _ERRORS = "utf-8", "surrogatepass"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Nameless:
    """A file without a name, which is closed with the last of its texts."""

    descriptor: int


@dataclass(frozen=True, slots=True, eq=False)
class TextAside:
    """A text in a file without a name, which is gone with the last of its texts, or when the process is killed."""

    place: _Nameless
    start: int
    length: int

    def read(self) -> str:
        """Return the text. Raises an OSError if the disk fails."""
        return os.pread(self.place.descriptor, self.length, self.start).decode(_ENCODING, _ERRORS)


@dataclass(slots=True)
class TextsAside:
    """Puts texts aside once there are *room* code points in memory, as long as there is room on disk."""

    room: int = IN_MEMORY
    _place: _Nameless | None = None
    _end: int = 0

    def put(self, text: str) -> str | TextAside:
        """Return *text*, or where it was put."""
        self.room -= len(text)
        if self.room >= 0:
            return text
        content = text.encode(_ENCODING, _ERRORS)
        try:
            self._place = self._place or _nameless()
            written = os.pwrite(self._place.descriptor, content, self._end)
        except OSError:
            return text
        if written < len(content):
            return text
        aside = TextAside(self._place, self._end, written)
        self._end += written
        return aside


def _nameless() -> _Nameless:
    from tempfile import mkstemp  # here, because it takes milliseconds, and most projects need none

    descriptor, path = mkstemp(prefix="kg-")
    Path(path).unlink()
    place = _Nameless(descriptor)
    finalize(place, os.close, descriptor)
    return place
