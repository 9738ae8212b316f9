"""Objects -> an Oxigraph store on disk, written in a folder that has no readers yet.

Measured: a bulk load writes 70,000 to 130,000 quads a second. A checkpoint of an existing store consists of hard links
and takes milliseconds. Compaction of half a million quads takes 2 s, so small changes are not compacted.
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


def write_store(path: Path, objects: Objects, graphs: Mapping[Term, GraphSummary]) -> None:
    """Write a new store in *path* with *graphs*. Raises the same errors as `Objects.pieces`."""
    import pyoxigraph

    engine = pyoxigraph.Store(str(path))
    engine.bulk_load(objects.stream(graphs), format=pyoxigraph.RdfFormat.N_QUADS)
    engine.optimize()
    engine.flush()
    del engine  # closes the files
    _sync_all(path)


class Draft:
    """The store of a future generation: a checkpoint of an existing store in which graphs are replaced.

    Files that do not change are hard links to those of the existing store. Close it before the folder is renamed.

    Attributes:
        path: its folder.
        graphs: the graphs that it contains at present.
        store: the open store, for queries and changes.
    """

    def __init__(self, path: Path, base: Path, graphs: Mapping[Term, GraphSummary]) -> None:
        """Create it in the folder *path* from the store in the folder *base*, which contains *graphs*."""
        import pyoxigraph

        pyoxigraph.Store.read_only(str(base)).backup(str(path))
        self.path = path
        self.graphs: Mapping[Term, GraphSummary] = dict(graphs)
        self.store = EmbeddedStore(pyoxigraph.Store(str(path)), path=path)

    def bring(self, objects: Objects, summaries: Mapping[Term, GraphSummary]) -> None:
        """Replace, add and remove graphs until it contains *summaries*. Raises the same errors as `Objects.pieces`."""
        import pyoxigraph

        for graph, summary in self.graphs.items():
            if summaries.get(graph) != summary:
                self.store.engine.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))
        added = {graph: summary for graph, summary in summaries.items() if self.graphs.get(graph) != summary}
        self.store.engine.bulk_load(objects.stream(added), format=pyoxigraph.RdfFormat.N_QUADS)
        self.graphs = dict(summaries)

    def close(self) -> None:
        """Flush everything to disk and close the store."""
        if sum(1 for _ in self.path.glob("*.sst")) > _MANY_FILES:
            self.store.engine.optimize()
        self.store.engine.flush()
        self.store.close()
        _sync_all(self.path)


def _sync_all(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync(path)
