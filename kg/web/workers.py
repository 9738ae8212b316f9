"""Untrusted queries -> documents, from spare worker processes. Starts processes and one thread.

A worker answers one query and ends (kg/store/isolation.py). Spare ones have already opened the current generation, so
that no query waits for a start. Each is replaced when it is used.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock, Thread

from kg.store.isolation import DocumentRequest, Limits, Worker, isolated_document
from kg.web.pool import Pool
from kg.web.slots import Slots

START = 20.0
"""Seconds that a spare worker may take to open its store."""


class Stop:
    """Ends the work for a client that has disconnected, whether it has begun or not."""

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
        """End *worker* when the client disconnects, or now if it already has."""
        with self._lock:
            self._worker = worker
            if self._stopped:
                worker.kill()


class Workers:
    """A bounded number of busy workers, and as many spare ones."""

    def __init__(self, limits: Limits, at_once: int, waiting: int, patience: float = 5.0) -> None:
        self.limits = limits
        self._places = Slots(at_once, waiting, patience)
        self._spare = at_once
        self._pool = Pool(Worker)
        self._filler = Thread(target=self._fill, name="spare workers", daemon=True)
        self._filler.start()

    def document(self, store: Path, request: DocumentRequest, stop: Stop | None = None) -> bytes:
        """Return the complete answer of the store in the folder *store*, which the caller holds open.

        Raises:
            UsageError: the query is refused, does not parse, or its answer does not fit the format.
            StoppedError: a limit stopped it, or the engine crashed.
            BusyError: too many other queries are running, or the server is stopping.
        """
        with self._places.one(), self._pool.one(store) as worker:
            if stop is not None:
                stop.watch(worker)
            return isolated_document(worker, request, self.limits)

    def prepare(self, store: Path) -> None:
        """Keep spare workers ready for *store*, and end those of another one."""
        self._pool.prepare(store)

    def close(self) -> None:
        """End all workers, including busy ones. A second call does nothing."""
        self._pool.close()
        self._filler.join()

    def _fill(self) -> None:
        """Start spare workers whenever some are missing, one at a time."""
        while (store := self._pool.missing(self._spare)) is not None:
            try:
                worker = self._pool.start(store)
            except OSError:  # no process can be started
                self._pool.give_up(store)
                continue
            if worker.ready(START):
                self._pool.add(store, worker)
            else:
                worker.close()
                self._pool.give_up(store)
