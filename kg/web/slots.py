"""A limit on how many work at once, and on how many wait for a turn. Threads only.

A full queue is reported at once, because each one that waits takes one of few threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

from kg.web.errors import BusyError


class Slots:
    """A number of slots, with a short queue."""

    def __init__(self, at_once: int, waiting: int, patience: float) -> None:
        self._places = Semaphore(at_once + waiting)
        self._slots = Semaphore(at_once)
        self._patience = patience  # seconds to wait for a slot

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot until the end of the block.

        Raises:
            BusyError: none became free in time, or too many are already waiting.
        """
        with _held(self._places, 0), _held(self._slots, self._patience):
            yield


@contextmanager
def _held(semaphore: Semaphore, seconds: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=seconds):
        raise BusyError.now()
    try:
        yield
    finally:
        semaphore.release()
