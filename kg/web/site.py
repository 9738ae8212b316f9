"""A project -> the graph that one request sees, for as long as the request lasts. Opens generations.

A request sees one generation from its first byte to its last. A build that finishes meanwhile is seen by the next
request; the generation before it is closed when the last request that reads it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeVar, cast

from kg.errors import InputError
from kg.project import Project
from kg.questions.graph import Graph, built, prefix_table
from kg.questions.query import all_queries
from kg.questions.question import Query
from kg.store.folder import current_number
from kg.store.generations import Generation
from kg.store.manifest import Manifest

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A graph that does not change while it is in use.

    Attributes:
        graph: to ask.
        version: another text whenever the graph is another one; for caches.
        manifest: what the generation says of itself; None where the graph is on another server.
        store_path: the folder of the embedded store, for a process of its own; None where there is none.
    """

    graph: Graph
    version: str
    manifest: Manifest | None = None
    store_path: Path | None = None
    _memo: MutableMapping[str, object] = field(default_factory=dict)
    _locks: MutableMapping[str, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def remembered(self, key: str, make: Callable[[Graph], _T]) -> _T:
        """Return what *make* makes of the graph; it is made once for each key. Other keys do not wait for it."""
        with self._lock:
            making = self._locks.setdefault(key, Lock())
        with making:
            if key not in self._memo:
                self._memo[key] = make(self.graph)
            return cast("_T", self._memo[key])


class Source(Protocol):
    """Where a site's graph comes from."""

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the graph as it is now, once, and let go of it afterwards."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages and interfaces of one server share.

    Attributes:
        project: its settings.
        source: of its graph.
        prefixes: prefix -> namespace, of the project's ontology.
        queries: the questions that can be asked, sorted by name.
    """

    project: Project
    source: Source
    prefixes: dict[str, str]
    queries: tuple[Query, ...]

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the graph as it is now, the same until the end of the block.

        Raises:
            InputError: nothing has been built yet, or the generation is damaged.
            EndpointError: the server that holds it does not answer.
        """
        yield from self.source.snapshot()


def open_site(project: Project, source: Source | None = None) -> Site:
    """Return the site of a project; its graph is the project's current generation unless *source* is another.

    Raises:
        InputError: nothing has been built yet, or a question file cannot be read.
    """
    queries, _ = all_queries(project)
    return Site(project, source or Generations(project), dict(prefix_table(project.ontology)), queries)


class Generations:
    """The generations of a project: always the current one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = Lock()
        self._open = self._opened()

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the current generation; a newer one is opened first."""
        shared = self._entered()
        try:
            yield shared.snapshot
        finally:
            self._left(shared)

    def close(self) -> None:
        """Close the generation when the last request has ended."""
        with self._lock:
            self._retire(self._open)

    def _entered(self) -> _Shared:
        with self._lock:
            if current_number(self._project.build) != self._open.number:
                before, self._open = self._open, self._newer()
                if before is not self._open:
                    self._retire(before)
            self._open.users += 1
            return self._open

    def _newer(self) -> _Shared:
        """Return the current generation, or the one that is open if that one cannot be opened."""
        try:
            return self._opened()
        except InputError:
            return self._open

    def _opened(self) -> _Shared:
        generation = built(self._project)
        return _Shared(generation, Graph(generation.store(), self._project.base))

    def _left(self, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            if shared.retired and not shared.users:
                shared.close()

    def _retire(self, shared: _Shared) -> None:
        shared.retired = True
        if not shared.users:
            shared.close()


class _Shared:
    """An open generation and how many requests read it."""

    def __init__(self, generation: Generation, graph: Graph) -> None:
        manifest = generation.manifest
        self.number = manifest.number
        self.users = 0
        self.retired = False
        self._generation = generation
        self.snapshot = Snapshot(graph, f"{manifest.number}-{manifest.sha256[:16]}", manifest, generation.store_path)

    def close(self) -> None:
        """Let go of the generation."""
        self.snapshot.graph.store.close()
        self._generation.close()
