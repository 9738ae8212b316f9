"""Processes that have the current store open, idle and busy ones. Starts and ends processes.

Processes of another store, or of an earlier one in the same folder, are ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Condition, Event
from typing import Generic, TypeVar

from kg.core.errors import EndpointError
from kg.store.documents import StoppedError
from kg.store.isolation import Worker
from kg.web.errors import BusyError

_W = TypeVar("_W", bound=Worker)


class Pool(Generic[_W]):
    """Processes for one store at a time. *start* starts one."""

    def __init__(self, start: Callable[[Path], _W]) -> None:
        self.start = start
        self._store: tuple[Path, object] | None = None  # and what distinguishes it from others in that folder
        self._idle: list[_W] = []
        self._busy: set[_W] = set()
        self._changed = Condition()
        self._closed = Event()

    def prepare(self, store: Path) -> None:
        """Set the store that processes are for from now on."""
        with self._changed:
            stale = self._use(store)
            self._changed.notify_all()
        _end(stale)

    def fill(self, store: Path, count: int) -> None:
        """Set the store, and start processes for it until *count* are alive, so that no request waits for a start."""
        self.prepare(store)
        with self._changed:
            ended = [each for each in self._idle if not each.alive]
            self._idle = [each for each in self._idle if each.alive]
            missing = count - len(self._idle) - len(self._busy)
        _end(ended)
        for _ in range(missing):
            self.add(store, self.start(store))

    @contextmanager
    def one(self, store: Path) -> Iterator[_W]:
        """Hold a process until the end of the block, an idle one if there is any. It is kept if it is fit.

        Raises:
            EndpointError: the server is closing.
            BusyError: the server started to close meanwhile.
        """
        if self._closed.is_set():
            raise EndpointError("the server is closing", "try again in a moment")
        worker, mark = self._taken(store)
        try:
            yield worker
        except StoppedError:
            if self._closed.is_set():
                raise BusyError("the server is stopping", "try again in a moment") from None
            raise
        finally:
            with self._changed:
                self._busy.discard(worker)
                stays = worker.fit and self._store == mark and not self._closed.is_set()
                if stays:
                    self._idle.append(worker)
            if not stays:
                _end([worker])

    def missing(self, count: int) -> Path | None:
        """Wait until fewer than *count* are idle. Return the store to start more for, None once the pool is closed."""
        with self._changed:
            while not self._closed.is_set():
                if self._store is not None and len(self._idle) < count:
                    return self._store[0]
                self._changed.wait()
        return None

    def add(self, store: Path, worker: _W) -> None:
        """Add an idle process, or end it if its store is no longer current."""
        with self._changed:
            kept = self._store is not None and self._store[0] == store and not self._closed.is_set()
            if kept:
                self._idle.append(worker)
        if not kept:
            _end([worker])

    def give_up(self, store: Path) -> None:
        """Start none for a store that cannot be opened, until the next request names the store to use."""
        with self._changed:
            if self._store is not None and self._store[0] == store:
                self._store = None

    def close(self) -> None:
        """End all processes, including busy ones. A second call does nothing."""
        with self._changed:
            self._closed.set()
            idle, self._idle, busy = self._idle, [], tuple(self._busy)
            self._changed.notify_all()
        _end(idle)
        for worker in busy:  # the request that uses it discards it
            worker.kill()

    def _taken(self, store: Path) -> tuple[_W, object]:
        with self._changed:
            stale, mark = self._use(store), self._store
            idle = [self._idle.pop()] if self._idle else []  # the one that has read most lately
            self._changed.notify_all()
        _end([*stale, *(each for each in idle if not each.alive)])
        worker = next((each for each in idle if each.alive), None) or self.start(store)
        with self._changed:
            self._busy.add(worker)
        if self._closed.is_set():
            worker.kill()
        return worker, mark

    def _use(self, store: Path) -> Sequence[_W]:
        """Set the store that processes are for, and return those for another one."""
        marked = (store, _mark(store))
        if self._store == marked:
            return ()
        stale, self._idle, self._store = self._idle, [], marked
        return stale


def _mark(store: Path) -> object:
    try:
        status = store.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _end(workers: Sequence[Worker]) -> None:
    for worker in workers:
        with suppress(OSError):
            worker.close()
