"""Objects -> an Oxigraph store on disk, written in a folder that has no readers yet.

Measured: a bulk load of 5.9 million quads and their compaction take 65 CPU s in portions of 96 MB and 77 s in portions
of 32 MB, with 460 and 225 MB of memory if it is returned after each portion, as the loader's threads keep theirs. In
portions of 64 MB, 1,000 articles are built as fast as in those of 96 MB, with 570 MiB instead of 800. A portion is read
piece by piece: with its text in memory, and that of the next, a load took up to 190 MB more, and the same CPU. A
checkpoint of an existing store consists of hard links and takes milliseconds. Compaction of half a million quads takes
2 s, so small changes are not compacted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from kg.core.model import Term
from kg.core.processes import return_memory
from kg.store.embedded import BULK, EmbeddedStore, open_store
from kg.store.engine_errors import first_sentence
from kg.store.folder import sync
from kg.store.lines import changes
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects, StoredLines, texts_of

_MANY_FILES = 60  # small table files above which queries slow down and compaction pays off
_SMALL = 32 * 1024 * 1024  # bytes below which a table file is small: compaction makes files of 64 MB
_IN_MEMORY = 200_000  # lines of two graphs that are compared as sets, in a fifth of the time
_MANY_QUADS = 1_000_000  # of which the engine keeps much in memory once they were searched
AT_ONCE = 64 * 1024 * 1024
"""Bytes of N-Quads that are loaded at once."""


@dataclass(frozen=True, slots=True)
class GraphPatch:
    """Lines to remove from a graph, and lines to add to it."""

    gone: AbstractSet[str]
    come: AbstractSet[str]

    def __len__(self) -> int:
        return len(self.gone) + len(self.come)


class Draft:
    """The store of a future generation: a new one, or a checkpoint of an existing store in which lines are replaced.

    Files that do not change are hard links to those of the existing store. Close it before the folder is renamed.

    Attributes:
        path: its folder.
        grows: whether it began with another store, so that only changes need to be compared.
        graphs: the graphs that it contains at present.
        store: the open store, for queries and changes.
        patches: graph -> how it differs from that of the other store, for graphs in both that were changed once.
    """

    def __init__(self, path: Path, base: Path | None = None, graphs: Mapping[Term, GraphSummary] | None = None) -> None:
        """Create it in the folder *path*: empty, or from the store in the folder *base*, which contains *graphs*."""
        import pyoxigraph

        if base:
            pyoxigraph.Store.read_only(str(base)).backup(str(path))
        self.path = path
        self.grows = base is not None
        self.graphs: dict[Term, GraphSummary] = dict(graphs or {})
        self.store = EmbeddedStore(pyoxigraph.Store(str(path)), path=path)
        self.patches: dict[Term, GraphPatch] = {}
        self._changed: set[Term] = set()

    def bring(self, objects: Objects, graphs: Mapping[Term, StoredLines], *, compact: bool = True) -> None:
        """Replace, add and remove graphs until it contains *graphs*, and *compact* a new store for queries.

        *objects* have the lines of what it contains before. Raises the same errors as `Objects.pieces`.
        """
        import pyoxigraph

        for graph in self.graphs.keys() - graphs.keys():
            self.store.engine.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))
            self.note(graph, None)
        for graph in sorted(graph for graph in self.graphs if self.graphs[graph] != graphs[graph].summary):
            patch = _patch(StoredLines(objects, self.graphs[graph]), graphs[graph])
            self.store.remove_lines(patch.gone)
            self.store.add_lines(patch.come)
            self.note(graph, graphs[graph].summary, patch)
        self.add({graph: lines for graph, lines in graphs.items() if graph not in self.graphs}, compact=compact)

    def add(self, graphs: Mapping[Term, StoredLines], *, compact: bool) -> None:
        """Add graphs that it does not contain, and *compact* a new store. Raises as `bring`."""
        if not self.grows and sum(summary.quads for summary in self.graphs.values()) > _MANY_QUADS:
            self.store.rest()
        are_many = sum(map(len, graphs.values())) >= BULK
        for text in texts_of(graphs.values(), AT_ONCE):
            self.store.add_text(text, as_tables=are_many or not self.grows)
            return_memory()
        for graph, lines in graphs.items():
            self.note(graph, lines.summary)
        if compact and not self.grows:
            self.store.engine.optimize()
            return_memory()

    def note(self, graph: Term, summary: GraphSummary | None, patch: GraphPatch | None = None) -> None:
        """Note that the store now contains a graph with this *summary*, None if it no longer does.

        *patch* is how the graph was changed, None if it was replaced.
        """
        if patch and summary and graph in self.graphs and graph not in self._changed:
            self.patches[graph] = patch
        else:
            self.patches.pop(graph, None)
        self._changed.add(graph)
        if summary:
            self.graphs[graph] = summary
        else:
            self.graphs.pop(graph, None)

    def close(self) -> None:
        """Flush everything to disk and close the store."""
        if self.grows and sum(map(_is_small, self.path.glob("*.sst"))) > _MANY_FILES:
            self.store.engine.optimize()
        self.store.engine.flush()
        self.store.close()
        if not self.grows:
            return_memory()
        _sync_all(self.path)

    def problem(self) -> str:
        """Return how the closed store differs from its `graphs` in those that were changed, "" if it does not.

        Raises:
            InputError: it cannot be opened.
        """
        with open_store(self.path) as store:
            try:
                other = next((graph for graph in sorted(self._changed) if not self._is_sound(store, graph)), None)
            except (OSError, RuntimeError) as error:
                return f"its store cannot be read: {first_sentence(error)}"
        return f"its store has different quads in {other}" if other else ""

    def _is_sound(self, store: EmbeddedStore, graph: Term) -> bool:
        summary, patch = self.graphs.get(graph), self.patches.get(graph)
        if summary is None:
            return not store.graph_size(graph)
        if patch is None:
            return store.graph_digest(graph, summary.quads) == summary.sha256
        is_whole = store.graph_size(graph) == summary.quads
        return is_whole and not any(store.present(patch.gone)) and not any(store.altered(patch.come))


def _is_small(table: Path) -> bool:
    try:
        return table.stat().st_size < _SMALL
    except FileNotFoundError:  # the engine has just compacted it
        return False


def _patch(old: StoredLines, new: StoredLines) -> GraphPatch:
    if len(old) + len(new) > _IN_MEMORY:
        return patch_of(changes(old, new))
    lines, others = set(old), set(new)
    return GraphPatch(lines - others, others - lines)


def patch_of(changed: Iterable[tuple[str, bool]]) -> GraphPatch:
    """Return the patch with these lines, each with whether it is new."""
    sides: dict[bool, set[str]] = {False: set(), True: set()}
    for line, is_new in changed:
        sides[is_new].add(line)
    return GraphPatch(sides[False], sides[True])


def _sync_all(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync(path)
