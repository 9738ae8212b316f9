"""Objects -> an Oxigraph store on disk, written in a folder that has no readers yet.

Measured: a bulk load writes 70,000 to 130,000 quads a second, whether in one or in portions, but one of 500,000 quads
takes 500 MB, and portions of 50,000 take 60 MB. A checkpoint of an existing store consists of hard links and takes
milliseconds. Compaction of half a million quads takes 2 s, so small changes are not compacted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kg.core.model import Term
from kg.store.embedded import EmbeddedStore
from kg.store.folder import sync
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects

_MANY_FILES = 60  # table files above which queries slow down and compaction pays off
_PORTION = 8 * 1024 * 1024  # bytes of N-Quads that are loaded at once


class Draft:
    """The store of a future generation: a new one, or a checkpoint of an existing store in which graphs are replaced.

    Files that do not change are hard links to those of the existing store. Close it before the folder is renamed.

    Attributes:
        path: its folder.
        grows: whether it began with another store, so that only changes need to be compared.
        graphs: the graphs that it contains at present.
        store: the open store, for queries and changes.
    """

    def __init__(self, path: Path, base: Path | None = None, graphs: Mapping[Term, GraphSummary] | None = None) -> None:
        """Create it in the folder *path*: empty, or from the store in the folder *base*, which contains *graphs*."""
        import pyoxigraph

        if base:
            pyoxigraph.Store.read_only(str(base)).backup(str(path))
        self.path = path
        self.grows = base is not None
        self.graphs: Mapping[Term, GraphSummary] = dict(graphs or {})
        self.store = EmbeddedStore(pyoxigraph.Store(str(path)), path=path)

    def bring(self, objects: Objects, summaries: Mapping[Term, GraphSummary]) -> None:
        """Replace, add and remove graphs until it contains *summaries*. Raises the same errors as `Objects.pieces`."""
        import pyoxigraph

        for graph, summary in self.graphs.items():
            if summaries.get(graph) != summary:
                self.store.engine.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))
        added = {graph: summary for graph, summary in summaries.items() if self.graphs.get(graph) != summary}
        for portion in objects.portions(added, _PORTION):
            self.store.engine.bulk_load(portion, format=pyoxigraph.RdfFormat.N_QUADS)
        self.graphs = dict(summaries)
        if added and (not self.grows or sum(1 for _ in self.path.glob("*.sst")) > _MANY_FILES):
            self.store.engine.optimize()

    def note(self, graph: Term, summary: GraphSummary) -> None:
        """Note that somebody has added the lines of a graph to the store."""
        self.graphs = {**self.graphs, graph: summary}

    def close(self) -> None:
        """Flush everything to disk and close the store."""
        self.store.engine.flush()
        self.store.close()
        _sync_all(self.path)


def _sync_all(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync(path)
