"""A store -> its content of a project, according to its ledger and by counting triples. Queries the store.

One query counts the triples of each graph. That detects triples added or deleted since the last load. Changes that keep
the number of triples are detected only by reading graphs back (`kg load --verify`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.core.errors import Failure, RemoteError, UsageError
from kg.core.model import Term
from kg.store.remote import RemoteStore, values_of
from kg.transfer.lease import Lease, leases
from kg.transfer.ledger import State, foreign, is_ours, ledger_graph, states

AT_ONCE = 200
"""The number of graphs, or of triples, in one query."""


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a project in a store.

    Attributes:
        states: our graph -> its state in the ledger.
        counts: our graph -> its number of triples, which is never 0.
        foreign: graphs of others that the ledger contains.
        lease: the lease of a running load, or None.
    """

    states: Mapping[Term, State]
    counts: Mapping[Term, int]
    foreign: tuple[Term, ...] = ()
    lease: Lease | None = None

    def altered(self, graph: Term) -> bool:
        """Return whether a graph has another number of triples than after the load that wrote it."""
        state = self.states.get(graph)
        return state is not None and self.counts.get(graph, 0) != state.summary.quads


def inspect(store: RemoteStore, base: str, expected: Sequence[Term]) -> Content:
    """Return the content of the project with this base in a store.

    Args:
        store: the store.
        base: base of the graphs.
        expected: graphs to count one by one if the store cannot count all in one answer.

    Raises:
        RemoteError: the store cannot be queried.
    """
    try:
        triples = store.triples(ledger_graph(base))
        known = states(triples, base)
        counts = _counts(store, base, [*known, *(graph for graph in expected if graph not in known)])
        lease = next((each for each in leases(store, base) if each.live), None) if triples else None
    except UsageError as error:  # the query is ours, so the store is at fault
        raise RemoteError(Failure.REFUSED, error.message, "check that this is a SPARQL 1.1 endpoint") from error
    return Content(known, counts, foreign(triples, base), lease)


def counted(store: RemoteStore, graphs: Sequence[Term]) -> dict[Term, int]:
    """Return graph -> its number of triples, for the graphs that exist. Raises as `RemoteStore.select`."""
    counts: dict[Term, int] = {}
    for k in range(0, len(graphs), AT_ONCE):
        counts |= store.counts(values_of(graphs[k : k + AT_ONCE]))
    return counts


def _counts(store: RemoteStore, base: str, expected: Sequence[Term]) -> dict[Term, int]:
    try:
        return dict(_ours(store.counts(prefix=base), base))
    except RemoteError as error:
        if error.failure is not Failure.TRUNCATED:
            raise
        return counted(store, expected)


def _ours(counts: Mapping[Term, int], base: str) -> Iterator[tuple[Term, int]]:
    return ((graph, count) for graph, count in counts.items() if is_ours(graph, base))
