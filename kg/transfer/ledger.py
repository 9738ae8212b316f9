"""The ledger of our loads: the manifest of a store, a named graph in the store itself. Pure, except for `Ledger.write`.

It says of each graph what the manifest of a generation does: its number of triples, and the SHA-256 of its content,
which is the name of an object. It also says how the content was compared. Before a graph is changed, it is marked as
incomplete. So the next load, from any machine, compares two manifests to know what to send, and an interrupted load is
noticed. The ledger is a claim, not a proof: anyone who can write to the store can change it. An entry in any other
form counts as incomplete. The form is that of the first loads, so versions of kg understand each other's ledgers.
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
_AT_ONCE, _TRIPLES_OF_ENTRY = 200, 3  # graphs in one update; triples in one entry


class Checked(StrEnum):
    """How the content of a graph was verified.

    CONTENT: it was read back, and its count and hash were compared. VALUE: the same, but the store writes literals in
    another form with the same value. PATCH: its count was compared, and each added or removed triple was queried.
    COUNTED: only its count was queried, and compared only with the ledger.
    """

    CONTENT = "content"
    VALUE = "value"
    PATCH = "patch"
    COUNTED = "counted, not compared"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The ledger's entry for a complete graph: its content, and how the load that wrote it verified this."""

    summary: GraphSummary
    checked: Checked


State = LedgerEntry | None
"""The state of a graph in the ledger: its entry, or None while it is incomplete."""


def ledger_graph(base: str) -> Term:
    """Return the name of the ledger's graph."""
    return f"<{iri.graph_iri(base, 'load')}>"


def is_ours(graph: Term, base: str) -> bool:
    """Return whether the name of a graph is one that a project with this base uses.

    Graphs of a project whose base begins with ours, and the ledger itself, do not count, so they are never replaced.

    >>> [is_ours(f"<https://e.org/{path}>", "https://e.org/") for path in ("article/a", "article/a/b", "kg/article/a")]
    [True, False, False]
    """
    if not graph.startswith((f"<{base}article/", f"<{base}graph/")) or graph == ledger_graph(base):
        return False
    return bool(re.fullmatch("[^/?#]+", graph[len(base) + 1 : -1].partition("/")[2]))


def states(triples: Iterable[Triple], base: str) -> dict[Term, State]:
    """Return graph -> state for all our graphs. An entry that is partial, duplicate or invalid counts as incomplete."""
    recorded: dict[Term, set[Triple]] = {}
    for triple in triples:
        if is_ours(triple.subject, base):
            recorded.setdefault(triple.subject, set()).add(triple)
    return {graph: _state(graph, entry) for graph, entry in sorted(recorded.items())}


def foreign(triples: Iterable[Triple], base: str) -> tuple[Term, ...]:
    """Return the graphs of others that the ledger contains by mistake."""
    recorded = {triple.subject for triple in triples if {triple.predicate} & {_SHA256, _TRIPLES, _STATUS, _METHOD}}
    return tuple(sorted(graph for graph in recorded if is_iri(graph) and not is_ours(graph, base)))


def _state(graph: Term, recorded: set[Triple]) -> State:
    values = {triple.predicate: triple.object for triple in recorded if triple.object.startswith('"')}
    count, digest, method = (lexical(values.get(predicate, '""')) for predicate in (_TRIPLES, _SHA256, _METHOD))
    if not _COUNT.fullmatch(count) or not _DIGEST.fullmatch(digest) or method not in set(Checked):
        return None
    entry = LedgerEntry(GraphSummary(int(count), digest), Checked(method))
    return entry if recorded == set(entries(graph, entry)) else None


def entries(graph: Term, state: State) -> Iterator[Triple]:
    """Yield the triples of the ledger for a graph in this state."""
    if state is None:
        yield _INCOMPLETE._replace(subject=graph)
    else:
        yield Triple(graph, _SHA256, string_literal(state.summary.sha256))
        yield Triple(graph, _TRIPLES, literal(str(state.summary.quads), f"{XSD}integer"))
        yield Triple(graph, _METHOD, string_literal(state.checked))


class Ledger:
    """The ledger of one store, with a copy of its states that is kept up to date."""

    def __init__(self, store: RemoteStore, base: str, known: Mapping[Term, State]) -> None:
        self._store = store
        self._graph = ledger_graph(base)
        self.states = dict(known)

    def write(self, new: Mapping[Term, State], gone: Iterable[Term] = ()) -> None:
        """Set the states of some graphs, and delete the entries of those that are *gone*.

        All triples about them are deleted first, not only those that we have read, which repairs wrong and duplicate
        entries. If this is interrupted, graphs may be without entries, and the next load reads them back.

        Raises:
            RemoteError: see `RemoteStore.update`.
        """
        graphs = [*new, *gone]
        most = self._store.endpoint.kind.insert_triples // _TRIPLES_OF_ENTRY
        size = min(_AT_ONCE, most)
        for k in range(0, len(graphs), size):
            part = graphs[k : k + size]
            recorded = [triple for graph in part if graph in new for triple in entries(graph, new[graph])]
            self._store.update(" ;\n".join((self._deletion(part), *self._insertion(recorded))), "entry in the ledger")
        self.states |= new
        for graph in set(graphs) - set(new):
            self.states.pop(graph, None)

    def _deletion(self, graphs: Iterable[Term]) -> str:
        pattern = f"GRAPH {self._graph} {{ ?g ?p ?o }}"
        return f"DELETE {{ {pattern} }} WHERE {{ {values_of(graphs)} {pattern} }}"

    def _insertion(self, triples: Iterable[Triple]) -> Iterator[str]:
        text = "\n".join(f"{s} {p} {o} ." for s, p, o in triples)
        if text:
            yield f"INSERT DATA {{ GRAPH {self._graph} {{\n{text}\n}} }}"
