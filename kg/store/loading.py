"""Objects -> an Oxigraph store on disk, written in a folder that nobody reads yet.

Figures behind the choices: one bulk load 70,000 to 130,000 quads a second; a checkpoint of an existing store is hard
links and takes milliseconds; compaction of half a million quads takes 2 s, so a small change goes without.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from kg.core.model import Term
from kg.store.embedded import EmbeddedStore, first_sentence, open_store
from kg.store.folder import sync
from kg.store.lines import lines_digest
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects

_MANY_FILES = 60  # table files after which queries slow down and compaction pays


def write_store(path: Path, objects: Objects, graphs: Mapping[Term, GraphSummary]) -> None:
    """Write a new store in *path* with *graphs*. Raises as `Objects.data`."""
    import pyoxigraph

    engine = pyoxigraph.Store(str(path))
    engine.bulk_load(objects.stream(graphs), format=pyoxigraph.RdfFormat.N_QUADS)
    engine.optimize()
    engine.flush()
    del engine  # closes the files
    _sync_all(path)


@dataclass(frozen=True, slots=True)
class GraphPatch:
    """Lines of a graph that have gone, and lines that have come."""

    gone: AbstractSet[str]
    come: AbstractSet[str]


class Draft:
    """The store of a generation to be: a checkpoint of another one, in which lines are replaced.

    Files that do not change are hard links to those of the other store. Close it before the folder is renamed.

    Attributes:
        path: its folder.
        graphs: what it holds.
        store: to ask and to change it.
        patches: graph -> how it differs from that of the other store, of graphs that both have and that changed once.
    """

    def __init__(self, path: Path, base: Path, graphs: Mapping[Term, GraphSummary]) -> None:
        """Make it in the folder *path*, of the store in the folder *base*, which holds *graphs*."""
        import pyoxigraph

        pyoxigraph.Store.read_only(str(base)).backup(str(path))
        self.path = path
        self.graphs: dict[Term, GraphSummary] = dict(graphs)
        self.store = EmbeddedStore(pyoxigraph.Store(str(path)), path=path)
        self.patches: dict[Term, GraphPatch] = {}
        self._changed: set[Term] = set()

    def bring(self, objects: Objects, summaries: Mapping[Term, GraphSummary]) -> None:
        """Replace, add and remove graphs until it holds *summaries*. Raises as `Objects.data`."""
        for graph in sorted({*self.graphs, *summaries}):
            old, new = self.graphs.get(graph), summaries.get(graph)
            if old != new:
                before, after = (set(objects.lines(each.sha256)) if each else set() for each in (old, new))
                patch = GraphPatch(before - after, after - before)
                self.store.remove_lines(patch.gone)
                self.store.add_lines(patch.come)
                self.note(graph, new, patch)

    def note(self, graph: Term, summary: GraphSummary | None, patch: GraphPatch) -> None:
        """Note that it holds a graph as *summary* says, None for no longer, since *patch* was applied to its store."""
        if graph in self.graphs and summary and graph not in self._changed:
            self.patches[graph] = patch
        else:
            self.patches.pop(graph, None)
        self._changed.add(graph)
        if summary:
            self.graphs[graph] = summary
        else:
            del self.graphs[graph]

    def close(self) -> None:
        """Write everything to the disk, for good."""
        if sum(1 for _ in self.path.glob("*.sst")) > _MANY_FILES:
            self.store.engine.optimize()
        self.store.engine.flush()
        self.store.close()
        _sync_all(self.path)

    def problem(self) -> str:
        """Return how the store, when it is closed, differs from what was brought into a sound one, "" if it does not.

        Raises:
            InputError: it cannot be opened.
        """
        with open_store(self.path) as store:
            try:
                other = next((graph for graph in sorted(self._changed) if not self._is_sound(store, graph)), None)
            except (OSError, RuntimeError) as error:
                return f"its store cannot be read: {first_sentence(error)}"
        return f"its store has other quads in {other}" if other else ""

    def _is_sound(self, store: EmbeddedStore, graph: Term) -> bool:
        summary, patch = self.graphs.get(graph), self.patches.get(graph)
        if summary is None or patch is None:
            return lines_digest(store.graph_lines(graph)) == (summary.sha256 if summary else lines_digest(()))
        is_whole = store.graph_size(graph) == summary.quads
        return is_whole and not any(store.present(patch.gone)) and not any(store.altered(patch.come))


def _sync_all(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync(path)
