"""Graphs -> requests to a store: N-Quads of many graphs, one graph per request, or SPARQL Update.

The fastest way that the store supports is used. N-Triples lines are also valid in INSERT DATA.
https://www.w3.org/TR/sparql11-http-rdf-update/ ; https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice

from kg.core.errors import Failure, RemoteError
from kg.core.model import Term
from kg.store.lines import line_graph
from kg.store.loading import GraphPatch
from kg.store.remote import RemoteStore

PORTION = 50_000
"""Quads that are posted at once."""

Graphs = Sequence[tuple[Term, Sequence[str]]]
"""Graphs with their N-Quads lines, which need not be in memory."""


QUADS, GRAPHS, UPDATE = "quads", "graphs", "update"
"""The ways, the fastest first: N-Quads of many graphs, the Graph Store Protocol, SPARQL Update."""


@dataclass(frozen=True, slots=True)
class LoadWay:
    """A way to send graphs to a store. All operations are idempotent, and may be sent again.

    Attributes:
        store: the store.
        name: of the way in which graphs that the store lacks are sent. Only UPDATE replaces and removes graphs by
            SPARQL Update where there is another way.
    """

    store: RemoteStore
    name: str

    @property
    def _by_graph(self) -> bool:
        return self.name != UPDATE and bool(self.store.endpoint.graphs)

    def add(self, graphs: Graphs) -> None:
        """Add graphs that the store lacks."""
        if self.name == GRAPHS:
            self._put(graphs)
        elif self.name == UPDATE:
            self._update("INSERT", chain.from_iterable(lines for _, lines in graphs))
        else:
            for part in _portions(chain.from_iterable(lines for _, lines in graphs), PORTION):
                self.store.post_quads("".join(f"{line}\n" for line in part).encode(), f"POST of {len(part)} quads")

    def replace(self, graph: Term, lines: Sequence[str]) -> None:
        """Replace the content of a graph by *lines*.

        A PUT is atomic if the store supports that. Otherwise readers may see the graph empty or incomplete in between.
        """
        if not (self._by_graph and self.store.endpoint.kind.put_replaces):
            self.remove([graph])
        if self._by_graph:
            self._put([(graph, lines)])
        else:
            self._update("INSERT", lines)

    def remove(self, graphs: Sequence[Term]) -> None:
        """Remove graphs."""
        for graph in graphs:
            if self._by_graph:
                self.store.delete_graph(graph)
            else:
                self.store.update(f"DROP SILENT GRAPH {graph}", f"removal of {graph}")

    def patch(self, change: GraphPatch) -> None:
        """Remove and add single lines, by SPARQL Update."""
        self._update("DELETE", sorted(change.gone))
        self._update("INSERT", sorted(change.come))

    def _put(self, graphs: Graphs) -> None:
        for graph, lines in graphs:
            self.store.put_graph(graph, (triples_text(graph, part).encode() for part in _portions(lines, PORTION)))

    def _update(self, operation: str, lines: Iterable[str]) -> None:
        for part in _portions(lines, self.store.endpoint.kind.insert_triples):
            self.store.update(f"{operation} DATA {{\n{_blocks(part)}}}", f"{operation.lower()} of {len(part)} triples")


def way_to(store: RemoteStore, name: str = "") -> LoadWay:
    """Return the fastest way that the store supports, or the one with this name.

    Raises:
        RemoteError: it supports none, or not that one.
    """
    endpoint = store.endpoint
    addresses = {QUADS: endpoint.quads, GRAPHS: endpoint.graphs, UPDATE: endpoint.update}
    offered = [way for way, address in addresses.items() if address]
    if not endpoint.update:
        problem = f"store {endpoint.shown}: it has no address that takes updates"
        raise RemoteError(Failure.READ_ONLY, problem, "set 'kind', or 'update' and 'graphs', in kg.toml")
    if name and name not in offered:
        problem = f"store {endpoint.shown}: it does not offer the way '{name}'"
        raise RemoteError(Failure.REFUSED, problem, f"it offers {', '.join(offered)}")
    return LoadWay(store, name or offered[0])


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
