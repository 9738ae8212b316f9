"""Answers given lately, by their tag: whoever asks the same of the same graph gets the same bytes. Memory only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

LARGEST = 8 << 20
ALL = 64 << 20
"""Bytes of one answer that is kept, and of all of them."""


@dataclass(frozen=True, slots=True)
class Given:
    """A complete answer."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Recent:
    """The answers about one graph that were asked for last."""

    def __init__(self, most: int = ALL) -> None:
        self._most = most
        self._size = 0
        self._given: OrderedDict[str, Given] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> Given | None:
        """Return the answer of that tag, None when it is not kept."""
        with self._lock:
            found = self._given.get(tag)
            if found is not None:
                self._given.move_to_end(tag)
            return found

    def keep(self, tag: str, given: Given) -> None:
        """Keep an answer unless it is very large; those that nobody asked for longest go."""
        if len(given.body) > min(LARGEST, self._most):
            return
        with self._lock:
            before = self._given.pop(tag, None)
            self._size += len(given.body) - (len(before.body) if before else 0)
            self._given[tag] = given
            while self._size > self._most:
                _, gone = self._given.popitem(last=False)
                self._size -= len(gone.body)
