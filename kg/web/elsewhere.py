"""A graph in a triplestore on another server -> snapshots for the pages. Queries that server.

There is no generation to hold: a load changes the store under its readers. The memo is dropped when the version in the
data set changes, which is queried at most every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Lock

from kg.core.iri import graph_iri
from kg.core.terms import OWL
from kg.core.values import lexical
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.memo import Memo
from kg.store.remote import RemoteStore
from kg.web.snapshot import Snapshot

FRESH = 5.0
"""Seconds for which the version is assumed unchanged."""


class Elsewhere:
    """The graph of a project in another store."""

    def __init__(self, project: Project, store: RemoteStore, clock: Callable[[], float] = time.monotonic) -> None:
        """Query the store once.

        Raises:
            RemoteError: it does not answer.
        """
        self._base, self._store, self._clock = project.base, store, clock
        self._lock = Lock()
        self._asked = clock()
        self._snapshot = self._new(self._version())

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the graph, under a new version if that of the data set has changed."""
        yield self._current()

    def renew(self, prepare: Callable[[Snapshot], object]) -> None:
        """Do nothing: a load changes the graph under its readers."""

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def _current(self) -> Snapshot:
        with self._lock:
            if self._clock() - self._asked >= FRESH:
                version = self._version()
                if version != self._snapshot.version:
                    self._snapshot = self._new(version)
                self._asked = self._clock()
            return self._snapshot

    def _new(self, version: str) -> Snapshot:
        memo = Memo()
        return Snapshot(Graph(self._store, self._base, memo), version, memo=memo)

    def _version(self) -> str:
        """Return the version of the data set, which depends on every quad, "unknown" if the store has none."""
        where = f"GRAPH <{graph_iri(self._base, 'dataset')}> {{ <{self._base}dataset> <{OWL}versionInfo> ?version }}"
        rows = self._store.select(f"SELECT ?version WHERE {{ {where} }}").rows
        return lexical(str(rows[0][0])) if rows else "unknown"
