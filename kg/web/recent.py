"""A cache of recent results for one graph, by key. The least recently used are dropped. Memory only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

_T = TypeVar("_T")

ANSWERS = 64 << 20
"""Most bytes of all cached answers, as they were sent."""

ROWS = 256 << 20
"""Most bytes of memory of all cached rows."""

PAGES = 32 << 20
"""Most bytes of memory of all cached pages of answers."""


@dataclass(frozen=True, slots=True)
class Given:
    """A complete answer."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Recent(Generic[_T]):
    """Values with a size, and a bound on the sum of sizes. A value larger than a quarter of it is not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[str, tuple[_T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> _T | None:
        """Return the value of that key, None if it is not kept."""
        with self._lock:
            entry = self._kept.get(key)
            if entry is None:
                return None
            self._kept.move_to_end(key)
            return entry[0]

    def forget_unless(self, is_needed: Callable[[str], bool]) -> None:
        """Drop the values whose keys are not needed any more."""
        with self._lock:
            for key in [each for each in self._kept if not is_needed(each)]:
                self._size -= self._kept.pop(key)[1]

    def keep(self, key: str, value: _T, size: int) -> None:
        """Keep a value of *size* bytes unless it is very large."""
        if size > self._most // 4:
            return
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._size += size - before
            self._kept[key] = (value, size)
            while self._size > self._most:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone
