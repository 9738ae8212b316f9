"""Strangers' queries -> documents, from worker processes that stand ready. Starts processes and one thread.

A worker answers one query and is gone (kg/store/isolation.py). Spare ones have opened the current generation already,
so that nobody waits for a start; each is replaced when it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Lock, Thread

from kg.store.documents import StoppedError
from kg.store.isolation import DocumentRequest, Limits, Worker, isolated_document
from kg.web.errors import BusyError
from kg.web.places import Places

START = 20.0
"""Seconds that a spare worker may take to open its store."""


class Stop:
    """Ends the work for somebody who has gone, whether it has begun or not."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stopped = False
        self._worker: Worker | None = None

    def now(self) -> None:
        """End the work."""
        with self._lock:
            self._stopped = True
            if self._worker is not None:
                self._worker.kill()

    def watch(self, worker: Worker) -> None:
        """Let *worker* be ended when it is time for that."""
        with self._lock:
            self._worker = worker
            if self._stopped:
                worker.kill()


class Workers:
    """A bounded number of workers, and as many spare ones."""

    def __init__(self, limits: Limits, at_once: int, waiting: int, patience: float = 5.0) -> None:
        self.limits = limits
        self._places = Places(at_once, waiting, patience)
        self._wanted = at_once
        self._store: Path | None = None
        self._mark: object = None  # of the store that spares have open
        self._spares: list[Worker] = []
        self._busy: set[Worker] = set()
        self._changed = Condition()
        self._closed = False
        self._filler = Thread(target=self._fill, name="spare workers", daemon=True)
        self._filler.start()

    def document(self, store: Path, request: DocumentRequest, stop: Stop | None = None) -> bytes:
        """Return the complete answer of the store in the folder *store*, which the caller holds open.

        Raises:
            UsageError: the query is refused, does not parse, or its answer does not fit the format.
            StoppedError: a limit stopped it, or the engine crashed.
            BusyError: too many other queries are running.
        """
        with self._places.one(), self._taken(store) as worker:
            if stop is not None:
                stop.watch(worker)
            try:
                return isolated_document(worker, request, self.limits)
            except StoppedError:
                if self._over():
                    raise BusyError("the server is stopping", "ask again in a moment") from None
                raise
            finally:
                with self._changed:
                    self._busy.discard(worker)

    def prepare(self, store: Path) -> None:
        """Let spare workers stand ready for *store*; those of another one are let go."""
        with self._changed:
            stale = self._use(store)
            self._changed.notify()
        _end(stale)

    def close(self) -> None:
        """End all workers, those at work too; a second call does nothing."""
        with self._changed:
            self._closed = True
            spares, self._spares, busy = self._spares, [], tuple(self._busy)
            self._changed.notify()
        _end(spares)
        for worker in busy:  # whoever waits for it lets go of it
            worker.kill()
        self._filler.join()

    def _over(self) -> bool:
        return self._closed

    def _taken(self, store: Path) -> Worker:
        with self._changed:
            stale = self._use(store)
            spare = self._spares.pop(0) if self._spares else None
            self._changed.notify()
        _end(stale)
        if spare is not None and not spare.alive:
            _end([spare])
            spare = None
        worker = spare or Worker(store)
        with self._changed:
            self._busy.add(worker)
        if self._closed:
            worker.kill()
        return worker

    def _use(self, store: Path) -> Sequence[Worker]:
        """Note what spares are for, and return those that are for another store, or for one that lay there before."""
        mark = store_mark(store)
        if (self._store, self._mark) == (store, mark):
            return ()
        stale, self._spares, self._store, self._mark = self._spares, [], store, mark
        return stale

    def _fill(self) -> None:
        """Start spare workers whenever some are missing, one at a time."""
        while True:
            with self._changed:
                while not self._closed and (self._store is None or len(self._spares) >= self._wanted):
                    self._changed.wait()
                if self._closed:
                    return
                store = self._store
            if store is not None and not self._add(store):
                with self._changed:  # it cannot be opened: wait for the next request to say which store to use
                    if self._store == store:
                        self._store = None

    def _add(self, store: Path) -> bool:
        try:
            worker = Worker(store)
        except OSError:  # no process to be had
            return False
        if worker.ready(START):
            with self._changed:
                if self._store == store and not self._closed:
                    self._spares.append(worker)
                    return True
        _end([worker])
        return self._store != store


def store_mark(store: Path) -> object:
    """Return what tells a store from another one that lies, or lay, in the same folder; None if there is none."""
    try:
        status = store.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns


def _end(workers: Sequence[Worker]) -> None:
    for worker in workers:
        with suppress(OSError):
            worker.close()
