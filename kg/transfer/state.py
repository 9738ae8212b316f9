"""A store -> what of a project it holds, by its ledger and by counting. The one owner of that question. Asks the store.

One query counts the triples of each graph; what was cleared, deleted or added since the last load is found by that,
what was altered in place only by reading the graph back (`kg load --verify`).
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
"""Graphs, or triples, that one query names."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a store holds of a project.

    Attributes:
        states: graph of ours -> what the ledger says of it.
        counts: graph of ours -> how many triples it has; none has 0.
        foreign: graphs of others that the ledger names.
        lease: the load that is under way, or None.
    """

    states: Mapping[Term, State]
    counts: Mapping[Term, int]
    foreign: tuple[Term, ...] = ()
    lease: Lease | None = None

    def altered(self, graph: Term) -> bool:
        """Whether a graph has another number of triples than the load that brought it left there."""
        state = self.states.get(graph)
        return state is not None and self.counts.get(graph, 0) != state.summary.quads


def inspect(store: RemoteStore, base: str, expected: Sequence[Term]) -> Content:
    """Return what a store holds of the project with that base.

    Args:
        store: to be asked.
        base: of the graphs.
        expected: graphs that are asked for one by one if the store cannot count all in one answer.

    Raises:
        RemoteError: it cannot be asked.
    """
    try:
        triples = store.triples(ledger_graph(base))
        known = states(triples, base)
        counts = _counts(store, base, [*known, *(graph for graph in expected if graph not in known)])
        lease = next((each for each in leases(store, base) if each.live), None) if triples else None
    except UsageError as error:  # a query of ours, so the store's fault
        raise RemoteError(Failure.REFUSED, error.message, "check that this is a SPARQL 1.1 endpoint") from error
    return Content(known, counts, foreign(triples, base), lease)


def counted(store: RemoteStore, graphs: Sequence[Term]) -> dict[Term, int]:
    """Return graph -> its number of triples, of those of these graphs that have any. Raises as `RemoteStore.select`."""
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
