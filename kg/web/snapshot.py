"""A graph as one request sees it, with cached results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from kg.core.model import Term
from kg.planning.rows import AnswerPage, Rows
from kg.questions.graph import Graph
from kg.questions.memo import Memo
from kg.questions.query import codes
from kg.store.manifest import Manifest
from kg.web.recent import ANSWERS, PAGES, ROWS, Given, Recent

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A graph that does not change while it is in use.

    Attributes:
        graph: the graph to query.
        version: differs for different graphs; for caches.
        manifest: that of the generation, None if the graph is on another server.
        store_path: the folder of the embedded store, for worker processes, None if there is none.
        memo: cached results for pages.
        recent: recent answers, by ETag.
        rows: rows of recent canned questions, by SPARQL query.
        pages: pages of others, by SPARQL query and place.
    """

    graph: Graph
    version: str
    manifest: Manifest | None = None
    store_path: Path | None = None
    memo: Memo = field(default_factory=Memo)
    recent: Recent[Given] = field(default_factory=lambda: Recent(ANSWERS))
    rows: Recent[Rows] = field(default_factory=lambda: Recent(ROWS))
    pages: Recent[AnswerPage] = field(default_factory=lambda: Recent(PAGES))

    def remembered(self, key: str, make: Callable[[Graph], _T]) -> _T:
        """Return what *make* returns for the graph, made once for each key. It may itself remember other keys."""
        return self.memo.value(key, lambda: make(self.graph))

    def codes(self, name: str) -> Mapping[Term, str]:
        """Return the entries of a code list, sorted, each with its label."""
        return self.remembered(f"codes {name}", lambda graph: codes(graph, name))

    def sizes(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, as counted by the build or by the other server."""
        if self.manifest is not None:
            return {name: summary.quads for name, summary in self.manifest.graphs.items()}
        return self.remembered("graphs", lambda graph: dict(graph.store.graphs()))


class SnapshotSource(Protocol):
    """The source of a site's graph."""

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the current graph once, and release it afterwards."""

    def renew(self, prepare: Callable[[Snapshot], object]) -> None:
        """Take a newer graph if there is one; the source may *prepare* it before others see it. For one thread."""

    def close(self) -> None:
        """Release everything."""
