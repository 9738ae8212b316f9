"""A project -> the graph that one request sees, for as long as the request lasts. Opens generations.

A request sees one generation from its first byte to its last. A generation built meanwhile is opened by the next
request, or by the thread that follows the generations if it is large, which prepares it first. Until then, requests are
answered from the previous generation, which is closed when the last of them ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from kg.core.errors import EndpointError, KgError, NotFoundError
from kg.core.likeness import proposal
from kg.project.settings import Project
from kg.questions.graph import Graph, built, project_prefixes
from kg.questions.memo import Memo
from kg.questions.query import all_queries
from kg.questions.question import Query
from kg.store.folder import CURRENT
from kg.store.generations import Generation
from kg.store.isolation import Limits
from kg.web.canned import AT_ONCE, QUESTIONS, Canned
from kg.web.snapshot import Snapshot, SnapshotSource

_log = logging.getLogger("kg.web")

LARGE = 250_000
"""Quads of a generation that takes over a second to prepare, so that its successor is prepared before it is served."""


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages and interfaces of one server share.

    Attributes:
        project: the settings.
        source: the source of the graph.
        prefixes: prefix -> namespace, from the project's ontology.
        queries: the usable questions, sorted by name.
        canned: answers the questions.
        mark: a digest of the settings and the questions.
    """

    project: Project
    source: SnapshotSource
    prefixes: dict[str, str]
    queries: tuple[Query, ...]
    canned: Canned
    mark: str

    @property
    def has_generations(self) -> bool:
        """Whether the graph is the project's own, of which earlier generations are kept."""
        return isinstance(self.source, Generations)

    def close(self) -> None:
        """End the processes and release the graph. A second call does nothing."""
        self.canned.close()
        self.source.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the current graph, which does not change until the end of the block.

        Raises:
            InputError: nothing has been built yet, or the generation is damaged.
            EndpointError: the server that holds it does not answer.
        """
        yield from self.source.snapshot()

    def query(self, name: str) -> Query:
        """Return the question with that name.

        Raises:
            NotFoundError: there is none. Proposes the nearest.
        """
        by_name = {query.name: query for query in self.queries}
        if name not in by_name:
            fix = proposal(name, by_name, "the list of questions has them all", least=0.5)
            raise NotFoundError(f"there is no query '{name[:100]}'", fix)
        return by_name[name]


def open_site(project: Project, source: SnapshotSource | None = None, limits: Limits = QUESTIONS) -> Site:
    """Return the site of a project. Its graph is the project's current generation unless *source* is another.

    *limits* are those of one canned question. Question files that cannot be used are logged.

    Raises:
        InputError: nothing has been built yet, or a question file cannot be read.
    """
    queries, findings = all_queries(project)
    for finding in findings:
        _log.warning("question left out: %s: %s [%s]", finding.place, finding.message, finding.code)
    prefixes = dict(project_prefixes(project))
    parts = (project.title, project.description, project.licence, *(f"{query.name} {query.text}" for query in queries))
    mark = sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return Site(project, source or Generations(project), prefixes, queries, Canned(limits, AT_ONCE), mark)


class Generations:
    """The current generation of a project.

    The first request that sees a newer one opens it, while others continue with the open one. After a LARGE generation
    this is left to `renew`, once that has been called. A generation that cannot be opened is ignored until `current`
    names another.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = Lock()
        self._opening = Lock()  # held by the one that opens a newer generation
        self._followed = False
        self._seen = _current_mark(project.build)
        self._open = self._opened()
        self._closed = False

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the current generation, after opening a newer one if there is one."""
        if not (self._followed and self._is_large()):
            self._renew()
        shared = self._entered()
        try:
            yield shared.snapshot
        finally:
            self._left(shared)

    def renew(self, prepare: Callable[[Snapshot], object]) -> None:
        """Open a newer generation if there is one, and *prepare* it before it is served if the open one is large."""
        self._followed = True
        self._renew(prepare if self._is_large() else None)

    def close(self) -> None:
        """Close the generation when the last request has ended. A second call does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._retire(self._open)

    def _is_large(self) -> bool:
        manifest = self._open.snapshot.manifest
        return manifest is not None and manifest.quads > LARGE

    def _renew(self, prepare: Callable[[Snapshot], object] | None = None) -> None:
        """Replace the open generation by a newer one, unless there is none or another thread is doing it."""
        if _current_mark(self._project.build) not in (None, self._seen) and self._opening.acquire(blocking=False):
            try:
                self._replace(prepare)
            finally:
                self._opening.release()

    def _replace(self, prepare: Callable[[Snapshot], object] | None) -> None:
        """Replace the open generation by the current one, or keep it if that fails."""
        mark = _current_mark(self._project.build)
        if mark in (None, self._seen):  # another request was faster
            return
        self._seen = mark
        try:
            newer = self._opened(prepare)
        except (KgError, OSError) as error:
            _log.warning("the new generation cannot be opened, the previous one is served: %s", error)
            return
        with self._lock:
            if self._closed:
                newer.close()
                return
            before, self._open = self._open, newer
            self._retire(before)

    def _opened(self, prepare: Callable[[Snapshot], object] | None = None) -> _Shared:
        generation = built(self._project)
        try:
            shared = _Shared(generation, Graph(generation.store(), self._project.base, Memo()))
        except BaseException:
            generation.close()
            raise
        try:
            if prepare:
                prepare(shared.snapshot)
        except BaseException:
            shared.close()
            raise
        return shared

    def _entered(self) -> _Shared:
        with self._lock:
            if self._closed:
                raise EndpointError("the server is closing", "try again in a moment")
            self._open.users += 1
            return self._open

    def _left(self, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            if shared.retired and not shared.users:
                shared.close()

    def _retire(self, shared: _Shared) -> None:
        shared.retired = True
        if not shared.users:
            shared.close()


def _current_mark(build: Path) -> object:
    """Return what distinguishes the current generation from any other, even of the same number, None if there is none.

    A build folder that was removed and rebuilt starts again with number 1, so the file itself is compared.
    """
    link = build / CURRENT
    try:
        name, status = link.readlink().name, link.stat()
    except OSError:  # it does not exist, or is a link to itself
        return None
    return name, status.st_dev, status.st_ino, status.st_mtime_ns


class _Shared:
    """An open generation and how many requests read it."""

    def __init__(self, generation: Generation, graph: Graph) -> None:
        manifest = generation.manifest
        self.users = 0
        self.retired = False
        self._generation = generation
        version = f"{manifest.number}-{manifest.sha256[:16]}"
        self.snapshot = Snapshot(graph, version, manifest, generation.store_path, graph.memo or Memo())

    def close(self) -> None:
        """Close the generation."""
        self.snapshot.graph.store.close()
        self._generation.close()
