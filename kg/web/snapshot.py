"""A graph as one request sees it, with what was found out about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from kg.core.model import Term
from kg.questions.graph import Graph
from kg.questions.memo import Memo
from kg.store.manifest import Manifest
from kg.store.protocol import Rows
from kg.web.recent import ANSWERS, ROWS, Given, Recent

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A graph that does not change while it is in use.

    Attributes:
        graph: to ask.
        version: another text whenever the graph is another one; for caches.
        manifest: what the generation says of itself; None where the graph is on another server.
        store_path: the folder of the embedded store, for a process of its own; None where there is none.
        memo: what was found out about it.
        recent: answers about it that were given lately, by their tag.
        rows: of canned questions that were asked lately, by their SPARQL.
    """

    graph: Graph
    version: str
    manifest: Manifest | None = None
    store_path: Path | None = None
    memo: Memo = field(default_factory=Memo)
    recent: Recent[Given] = field(default_factory=lambda: Recent(ANSWERS))
    rows: Recent[Rows] = field(default_factory=lambda: Recent(ROWS))

    def remembered(self, key: str, make: Callable[[Graph], _T]) -> _T:
        """Return what *make* makes of the graph; it is made once for each key. It may remember other keys itself."""
        return self.memo.value(key, lambda: make(self.graph))

    def sizes(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, as the build counted them or, elsewhere, the server does."""
        if self.manifest is not None:
            return {name: summary.quads for name, summary in self.manifest.graphs.items()}
        return self.remembered("graphs", lambda graph: dict(graph.store.graphs()))


class SnapshotSource(Protocol):
    """Where a site's graph comes from."""

    def snapshot(self) -> Iterator[Snapshot]:
        """Yield the graph as it is now, once, and let go of it afterwards."""

    def close(self) -> None:
        """Let go of everything."""
