"""A limit on how many work at once, and on how many wait for a turn. Threads only.

A full queue is reported at once, because each one that waits takes one of few threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from kg.web.errors import BusyError


class Slots:
    """A number of slots, with a short queue."""

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._free = at_once
        self._queue = waiting
        self._patience = patience  # seconds to wait for a slot
        self._changed = Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot until the end of the block.

        Raises:
            BusyError: none became free in time, or too many are already waiting.
        """
        self._take()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify()

    def _take(self) -> None:
        end = monotonic() + self._patience
        with self._changed:
            if self._free <= 0:
                if self._queue <= 0:
                    raise BusyError.now()
                self._queue -= 1
                try:
                    while self._free <= 0:
                        if not self._changed.wait(end - monotonic()):
                            raise BusyError.now()
                finally:
                    self._queue += 1
            self._free -= 1
