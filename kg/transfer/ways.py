"""Graphs -> requests to a store: N-Quads of many graphs, one graph per request, or SPARQL Update.

The fastest way that the store supports is used. N-Triples lines are also valid in INSERT DATA.
https://www.w3.org/TR/sparql11-http-rdf-update/ ; https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import Protocol

from kg.core.errors import Failure, RemoteError
from kg.core.model import Term
from kg.store.lines import line_graph
from kg.store.loading import GraphPatch
from kg.store.remote import RemoteStore

PORTION = 50_000
"""Quads that are posted at once."""

Graphs = Sequence[tuple[Term, Sequence[str]]]
"""Graphs with their N-Quads lines, which need not be in memory."""


class LoadWay(Protocol):
    """A way to send graphs to a store. All operations are idempotent."""

    name: str

    def add(self, graphs: Graphs) -> None:
        """Add graphs that the store lacks."""

    def replace(self, graph: Term, lines: Sequence[str]) -> None:
        """Replace the content of a graph by *lines*."""

    def remove(self, graphs: Sequence[Term]) -> None:
        """Remove graphs."""


def way_to(store: RemoteStore, name: str = "") -> LoadWay:
    """Return the fastest way that the store supports, or the one with this name.

    Raises:
        RemoteError: it supports none, or not that one.
    """
    endpoint = store.endpoint
    offered: dict[str, LoadWay] = {}
    if endpoint.quads and (endpoint.graphs or endpoint.update):
        offered["quads"] = Quads(store)
    if endpoint.graphs:
        offered["graphs"] = GraphStore(store)
    if endpoint.update:
        offered["update"] = Updates(store)
    if not endpoint.update or not offered:
        problem = f"store {endpoint.shown}: it has no address that takes updates"
        raise RemoteError(Failure.READ_ONLY, problem, "set 'kind', or 'update' and 'graphs', in kg.toml")
    if name and name not in offered:
        problem = f"store {endpoint.shown}: it does not offer the way '{name}'"
        raise RemoteError(Failure.REFUSED, problem, f"it offers {', '.join(offered)}")
    return offered[name or next(iter(offered))]


class Updates:
    """SPARQL Update, in portions of a size that the store supports."""

    name = "update"

    def __init__(self, store: RemoteStore) -> None:
        self._store = store

    def add(self, graphs: Graphs) -> None:
        """Insert graphs that the store lacks."""
        self._changed("INSERT", chain.from_iterable(lines for _, lines in graphs))

    def replace(self, graph: Term, lines: Sequence[str]) -> None:
        """Drop the graph, then insert it. Readers may see it empty or incomplete in between."""
        self.remove([graph])
        self._changed("INSERT", lines)

    def patch(self, change: GraphPatch) -> None:
        """Remove and add single lines."""
        self._changed("DELETE", sorted(change.gone))
        self._changed("INSERT", sorted(change.come))

    def remove(self, graphs: Sequence[Term]) -> None:
        """Drop graphs."""
        for graph in graphs:
            self._store.update(f"DROP SILENT GRAPH {graph}", f"removal of {graph}")

    def _changed(self, operation: str, lines: Iterable[str]) -> None:
        for part in _portions(lines, self._store.endpoint.kind.insert_triples):
            self._store.update(f"{operation} DATA {{\n{_blocks(part)}}}", f"{operation.lower()} of {len(part)} triples")


class GraphStore:
    """The Graph Store Protocol, one graph per request. Replacing a graph is atomic if the store supports that."""

    name = "graphs"

    def __init__(self, store: RemoteStore) -> None:
        self._store = store

    def add(self, graphs: Graphs) -> None:
        """PUT each graph."""
        for graph, lines in graphs:
            self._store.put_graph(graph, (triples_text(graph, part).encode() for part in _portions(lines, PORTION)))

    def replace(self, graph: Term, lines: Sequence[str]) -> None:
        """PUT the graph. Delete it first if the store's PUT leaves old triples."""
        if not self._store.endpoint.kind.put_replaces:
            self._store.delete_graph(graph)
        self.add([(graph, lines)])

    def remove(self, graphs: Sequence[Term]) -> None:
        """DELETE each graph."""
        for graph in graphs:
            self._store.delete_graph(graph)


class Quads:
    """Many new graphs in one request. Graphs are replaced and removed in another way."""

    name = "quads"

    def __init__(self, store: RemoteStore) -> None:
        self._store = store
        self._other = GraphStore(store) if store.endpoint.graphs else Updates(store)

    def add(self, graphs: Graphs) -> None:
        """POST the quads of all graphs."""
        for part in _portions(chain.from_iterable(lines for _, lines in graphs), PORTION):
            self._store.post_quads("".join(f"{line}\n" for line in part).encode(), f"POST of {len(part)} quads")

    def replace(self, graph: Term, lines: Sequence[str]) -> None:
        """Replace one graph in the other way."""
        self._other.replace(graph, lines)

    def remove(self, graphs: Sequence[Term]) -> None:
        """Remove graphs in the other way."""
        self._other.remove(graphs)


def _portions(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(lines)
    return iter(lambda: list(islice(rest, size)), [])


def triples_text(graph: Term, lines: Iterable[str]) -> str:
    """Return the lines of one graph as N-Triples.

    >>> triples_text("<a:g>", ["<a:s> <a:p> <a:o> <a:g> ."])
    '<a:s> <a:p> <a:o> .\\n'
    """
    end = len(graph) + 2
    return "".join(f"{line[:-end]}.\n" for line in lines)


def _blocks(lines: Sequence[str]) -> str:
    """Return lines as GRAPH blocks of an INSERT DATA or DELETE DATA."""
    return "".join(f"GRAPH {graph} {{\n{triples_text(graph, group)}}}\n" for graph, group in groupby(lines, line_graph))
