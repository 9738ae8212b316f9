"""What a store has been given by us: a named graph of its own there. Pure but for `read_ledger`.

For each of our graphs it holds the number of triples and the SHA-256 of its content, written after both were read back
and found right; or, from before a graph is touched until then, that it is incomplete. So whoever loads next, from
whatever machine, knows what to send, and an interrupted load is seen.
https://www.w3.org/TR/void/ ; https://schema.org/sha256 ; https://schema.org/creativeWorkStatus
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg import iri
from kg.model import Term
from kg.store.manifest import GraphSummary
from kg.store.protocol import Triple
from kg.store.remote import RemoteStore
from kg.terms import VOID, XSD
from kg.values import lexical, literal, string_literal

SCHEMA = "https://schema.org/"
_SHA256, _STATUS, _TRIPLES = f"<{SCHEMA}sha256>", f"<{SCHEMA}creativeWorkStatus>", f"<{VOID}triples>"
_INCOMPLETE = '"Incomplete"'

State = GraphSummary | None
"""What is known of a graph there: its content, or None while it is incomplete."""


def ledger_graph(base: str) -> Term:
    """Return the name of the ledger."""
    return f"<{iri.graph_iri(base, 'load')}>"


def read_ledger(store: RemoteStore, base: str) -> dict[Term, State]:
    """Return graph -> its state, of all graphs that we have begun to load.

    Raises:
        RemoteError: as `RemoteStore.triples`.
    """
    return states(store.triples(ledger_graph(base)))


def states(triples: Iterable[Triple]) -> dict[Term, State]:
    """Return graph -> its state; one that is told in part, or twice, is incomplete."""
    said: dict[Term, list[tuple[Term, Term]]] = {}
    for subject, predicate, value in triples:
        said.setdefault(subject, []).append((predicate, value))
    return {graph: _state(pairs) for graph, pairs in sorted(said.items())}


def _state(pairs: list[tuple[Term, Term]]) -> State:
    found = dict(pairs)
    if len(pairs) != 2 or _SHA256 not in found or _TRIPLES not in found:
        return None
    return GraphSummary(int(lexical(found[_TRIPLES])), lexical(found[_SHA256]))


def entries(graph: Term, state: State) -> Iterator[Triple]:
    """Yield what the ledger says of a graph in that state."""
    if state is None:
        yield Triple(graph, _STATUS, _INCOMPLETE)
    else:
        yield Triple(graph, _SHA256, string_literal(state.sha256))
        yield Triple(graph, _TRIPLES, literal(str(state.quads), f"{XSD}integer"))


class Ledger:
    """The ledger of one store, read once and then kept in step."""

    def __init__(self, store: RemoteStore, base: str) -> None:
        self._store = store
        self._graph = ledger_graph(base)
        self.states = read_ledger(store, base)

    def write(self, new: Mapping[Term, State], gone: Iterable[Term] = ()) -> None:
        """Change the states of some graphs, and forget those that are *gone*.

        Raises:
            RemoteError: as `RemoteStore.update`.
        """
        touched = [*new, *(graph for graph in gone if graph in self.states)]
        old = [entry for graph in touched if graph in self.states for entry in _old(graph, self.states[graph])]
        added = [entry for graph, state in new.items() for entry in entries(graph, state)]
        most = self._store.endpoint.kind.insert_triples
        for operation, triples in (("DELETE", sorted({*old} - {*added})), ("INSERT", added)):
            for k in range(0, len(triples), most):
                text = "\n".join(f"{s} {p} {o} ." for s, p, o in triples[k : k + most])
                self._store.update(f"{operation} DATA {{ GRAPH {self._graph} {{\n{text}\n}} }}", "entry in the ledger")
        self.states |= new
        for graph in gone:
            self.states.pop(graph, None)


def _old(graph: Term, state: State) -> Iterator[Triple]:
    yield from entries(graph, state)
    if state is not None:
        yield from entries(graph, None)  # should an earlier load have been cut between the two
