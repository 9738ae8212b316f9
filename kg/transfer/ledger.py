"""What a store has been given by us: a named graph of its own there. Pure but for `Ledger.write`.

For each of our graphs it holds the number of triples, the SHA-256 of its content and how the two were compared, written
after the graph was read back and was right; or, from before a graph is touched until then, that it is incomplete. So
whoever loads next, from whatever machine, knows what to send, and an interrupted load is seen. It is a claim, not a
proof: whoever can write to the store can write here, too. An entry of any other form counts as incomplete.
https://www.w3.org/TR/void/ ; https://schema.org/sha256 ; https://schema.org/measurementMethod
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.core import iri
from kg.core.model import Term
from kg.core.terms import SCHEMA, VOID, XSD
from kg.core.values import is_iri, lexical, literal, string_literal
from kg.store.manifest import GraphSummary
from kg.store.protocol import Triple
from kg.store.remote import RemoteStore, values_of

_SHA256, _STATUS, _TRIPLES = f"<{SCHEMA}sha256>", f"<{SCHEMA}creativeWorkStatus>", f"<{VOID}triples>"
_METHOD = f"<{SCHEMA}measurementMethod>"
_INCOMPLETE = Triple("", _STATUS, '"Incomplete"')
_DIGEST, _COUNT = re.compile("[0-9a-f]{64}"), re.compile("[0-9]{1,18}")
_AT_ONCE, _TRIPLES_OF_ENTRY = 200, 3  # graphs that one update names


class Checked(StrEnum):
    """How we know what a graph holds.

    CONTENT: it was read back, and its count and its hash were compared. VALUE: the same, but the store writes literals
    in another form with the same value. PATCH: its count was compared, and each triple that was added or removed was
    asked for. COUNTED: only its count was asked for, and not compared with anything but the ledger's claim.
    """

    CONTENT = "content"
    VALUE = "value"
    PATCH = "patch"
    COUNTED = "counted, not compared"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger says of a graph that is whole: its content, and how the load that brought it compared this."""

    summary: GraphSummary
    checked: Checked


State = LedgerEntry | None
"""What the ledger says of a graph: its content, or None while it is incomplete."""


def ledger_graph(base: str) -> Term:
    """Return the name of the ledger."""
    return f"<{iri.graph_iri(base, 'load')}>"


def is_ours(graph: Term, base: str) -> bool:
    """Return whether a graph has a name that a project with that base gives to its graphs.

    A project whose base begins with ours, and the ledger itself, are not ours to replace.

    >>> [is_ours(f"<https://e.org/{path}>", "https://e.org/") for path in ("article/a", "article/a/b", "kg/article/a")]
    [True, False, False]
    """
    if not graph.startswith((f"<{base}article/", f"<{base}graph/")) or graph == ledger_graph(base):
        return False
    return bool(re.fullmatch("[^/?#]+", graph[len(base) + 1 : -1].partition("/")[2]))


def states(triples: Iterable[Triple], base: str) -> dict[Term, State]:
    """Return graph -> its state, of all graphs of ours; one that is noted in part, twice or wrongly is incomplete."""
    noted: dict[Term, set[Triple]] = {}
    for triple in triples:
        if is_ours(triple.subject, base):
            noted.setdefault(triple.subject, set()).add(triple)
    return {graph: _state(graph, entry) for graph, entry in sorted(noted.items())}


def foreign(triples: Iterable[Triple], base: str) -> tuple[Term, ...]:
    """Return the graphs of others that the ledger names, by whatever mistake."""
    noted = {triple.subject for triple in triples if {triple.predicate} & {_SHA256, _TRIPLES, _STATUS, _METHOD}}
    return tuple(sorted(graph for graph in noted if is_iri(graph) and not is_ours(graph, base)))


def _state(graph: Term, noted: set[Triple]) -> State:
    values = {triple.predicate: triple.object for triple in noted if triple.object.startswith('"')}
    count, digest, method = (lexical(values.get(predicate, '""')) for predicate in (_TRIPLES, _SHA256, _METHOD))
    if not _COUNT.fullmatch(count) or not _DIGEST.fullmatch(digest) or method not in set(Checked):
        return None
    entry = LedgerEntry(GraphSummary(int(count), digest), Checked(method))
    return entry if noted == set(entries(graph, entry)) else None


def entries(graph: Term, state: State) -> Iterator[Triple]:
    """Yield what the ledger says of a graph in that state."""
    if state is None:
        yield _INCOMPLETE._replace(subject=graph)
    else:
        yield Triple(graph, _SHA256, string_literal(state.summary.sha256))
        yield Triple(graph, _TRIPLES, literal(str(state.summary.quads), f"{XSD}integer"))
        yield Triple(graph, _METHOD, string_literal(state.checked))


class Ledger:
    """The ledger of one store, as it was read, then kept in step."""

    def __init__(self, store: RemoteStore, base: str, known: Mapping[Term, State]) -> None:
        self._store = store
        self._graph = ledger_graph(base)
        self.states = dict(known)

    def write(self, new: Mapping[Term, State], gone: Iterable[Term] = ()) -> None:
        """Set the states of some graphs, and forget those that are *gone*.

        Whatever the ledger says of them goes first, not only what we have read: so wrong and doubled entries heal. A
        graph of which it says nothing, should this be cut in the middle, is read back by the next load.

        Raises:
            RemoteError: as `RemoteStore.update`.
        """
        graphs = [*new, *gone]
        most = self._store.endpoint.kind.insert_triples // _TRIPLES_OF_ENTRY
        size = min(_AT_ONCE, most)
        for k in range(0, len(graphs), size):
            part = graphs[k : k + size]
            noted = [triple for graph in part if graph in new for triple in entries(graph, new[graph])]
            self._store.update(" ;\n".join((self._forgetting(part), *self._noting(noted))), "entry in the ledger")
        self.states |= new
        for graph in set(graphs) - set(new):
            self.states.pop(graph, None)

    def _forgetting(self, graphs: Iterable[Term]) -> str:
        pattern = f"GRAPH {self._graph} {{ ?g ?p ?o }}"
        return f"DELETE {{ {pattern} }} WHERE {{ {values_of(graphs)} {pattern} }}"

    def _noting(self, triples: Iterable[Triple]) -> Iterator[str]:
        text = "\n".join(f"{s} {p} {o} ." for s, p, o in triples)
        if text:
            yield f"INSERT DATA {{ GRAPH {self._graph} {{\n{text}\n}} }}"
