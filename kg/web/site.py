"""A project -> the graph that one request sees, for as long as the request lasts. Opens generations.

A request sees one generation from its first byte to its last. A build that finishes meanwhile is opened by the next
request, which reads all of its store once; requests that come until that is done are answered from the generation
before it, which is closed when the last of them ends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
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


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages and interfaces of one server share.

    Attributes:
        project: its settings.
        source: of its graph.
        prefixes: prefix -> namespace, of the project's ontology.
        queries: the questions that can be asked, sorted by name.
        canned: answers them.
        mark: tells the settings and the questions from others.
    """

    project: Project
    source: SnapshotSource
    prefixes: dict[str, str]
    queries: tuple[Query, ...]
    canned: Canned
    mark: str

    def close(self) -> None:
        """End what answers, and let go of the graph; a second call does nothing."""
        self.canned.close()
        self.source.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the graph as it is now, the same until the end of the block.

        Raises:
            InputError: nothing has been built yet, or the generation is damaged.
            EndpointError: the server that holds it does not answer.
        """
        yield from self.source.snapshot()

    def query(self, name: str) -> Query:
        """Return the question of that name.

        Raises:
            NotFoundError: there is none; proposes the nearest.
        """
        found = {query.name: query for query in self.queries}
        if name not in found:
            fix = proposal(name, found, "the list of questions has them all", least=0.5)
            raise NotFoundError(f"there is no query '{name[:100]}'", fix)
        return found[name]


def open_site(project: Project, source: SnapshotSource | None = None, limits: Limits = QUESTIONS) -> Site:
    """Return the site of a project; its graph is the project's current generation unless *source* is another.

    *limits* are those of one canned question. Question files that cannot be used are told in the log.

    Raises:
        InputError: nothing has been built yet, or a question file cannot be read.
    """
    queries, findings = all_queries(project)
    for found in findings:
        _log.warning("a question is left out: %s: %s [%s]", found.place, found.message, found.code)
    prefixes = dict(project_prefixes(project))
    said = (project.title, project.description, project.licence, *(f"{query.name} {query.text}" for query in queries))
    mark = sha256("\0".join(map(str, said)).encode()).hexdigest()
    return Site(project, source or Generations(project), prefixes, queries, Canned(limits, AT_ONCE), mark)


class Generations:
    """The generations of a project: always the current one.

    A newer one is opened by the request that finds it, while others go on with the one that is open; one that cannot
    be opened is left alone until `current` names another.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = Lock()
        self._opening = Lock()  # held by the one request that opens a newer generation
        self._seen = _current_mark(project.build)
        self._open = self._opened()
        self._closed = False

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the current generation; a newer one is opened first."""
        mark = _current_mark(self._project.build)
        if mark not in (None, self._seen) and self._opening.acquire(blocking=False):
            try:
                self._renew(mark)
            finally:
                self._opening.release()
        shared = self._entered()
        try:
            yield shared.snapshot
        finally:
            self._left(shared)

    def close(self) -> None:
        """Close the generation when the last request has ended; a second call does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._retire(self._open)

    def _renew(self, mark: object) -> None:
        """Open the generation that *mark* stands for in place of the one that is open; keep that one if it fails."""
        if mark == self._seen:  # another request was faster
            return
        self._seen = mark
        try:
            newer = self._opened()
        except (KgError, OSError) as error:
            _log.warning("the new generation cannot be opened; the one before it is served: %s", error)
            return
        with self._lock:
            if self._closed:
                newer.close()
                return
            before, self._open = self._open, newer
            self._retire(before)

    def _opened(self) -> _Shared:
        generation = built(self._project)
        try:
            return _Shared(generation, Graph(generation.store(), self._project.base, Memo()))
        except BaseException:
            generation.close()
            raise

    def _entered(self) -> _Shared:
        with self._lock:
            if self._closed:
                raise EndpointError("the server is closing", "ask again in a moment")
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
    """Return what tells the current generation from any other one, a later one of the same number too; None if none.

    A build folder that was removed and built anew begins again with number 1, hence the file itself.
    """
    try:
        folder = (build / CURRENT).resolve(strict=True)
        status = folder.stat()
    except (OSError, RuntimeError):  # there is none, or a link to itself
        return None
    return folder.name, status.st_dev, status.st_ino, status.st_mtime_ns


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
        """Let go of the generation."""
        self.snapshot.graph.store.close()
        self._generation.close()
