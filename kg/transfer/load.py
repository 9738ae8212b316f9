"""Graphs -> a store, in batches that are marked, sent, read back, compared and entered in the ledger.

A batch that breaks stays marked as incomplete; running again sends it again, and only what is missing.
Of a graph that the store has already, only the changed triples travel where we still know what it held.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from kg.errors import RemoteError
from kg.model import Quad, Term
from kg.store.answers import written_triples
from kg.store.canonical import canonical_term
from kg.store.lines import line_quad, lines_digest
from kg.store.manifest import GraphSummary
from kg.store.remote import RemoteStore, values_of
from kg.transfer.difference import Difference, difference
from kg.transfer.ledger import Ledger, State
from kg.transfer.plan import Delta, Patch, batches, delta, patch
from kg.transfer.receipt import Checked, Done, GraphReceipt, Outcome, Receipt, told
from kg.transfer.ways import Updates, Way, lines_of

BATCH = 250_000
"""Quads that travel between two entries in the ledger."""

AT_ONCE = 200
"""Graphs, or triples, that one query names."""

SMALL, LARGEST_PATCH = 5_000, 2_000
"""A graph of fewer triples is sent whole; a larger one is patched if no more triples than these have changed."""

Tick = Callable[[int, int], None]
"""Told how many quads are done, of how many."""


class Source(Protocol):
    """What is to be loaded."""

    @property
    def summaries(self) -> Mapping[Term, GraphSummary]:
        """Graph -> its count and hash, in the order in which they are best read."""

    def prepare(self, graphs: Sequence[Term]) -> None:
        """Get ready to give the lines of these graphs in this order."""

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted N-Quads lines of a graph."""

    def earlier(self, graph: Term, summary: GraphSummary) -> Sequence[str] | None:
        """Return the lines that a graph had when its content was *summary*, None when that is not known any more."""


@dataclass(slots=True)
class _Account:
    """What has been done so far."""

    graphs: dict[Term, GraphReceipt] = field(default_factory=dict)
    removed: list[Term] = field(default_factory=list)
    differences: dict[Term, Difference] = field(default_factory=dict)
    rewritten: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    sending: float = 0.0


def plan(source: Source, ledger: Ledger, *, verify: bool = False) -> Delta:
    """Return what is to be done; with *verify*, what the ledger calls the same is to be looked at too."""
    found = delta(ledger.states, source.summaries)
    return replace(found, doubted=found.same, same=()) if verify else found


def load(
    source: Source,
    store: RemoteStore,
    ledger: Ledger,
    todo: Delta,
    way: Way,
    begun: Receipt,
    tick: Tick,
    *,
    strict: bool = False,
) -> Receipt:
    """Do what is *todo* and return the receipt; an error of the store ends it early and stands in the receipt.

    Args:
        source: what to load.
        store: where to.
        ledger: that of the store.
        todo: from `plan`.
        way: how to send.
        begun: the receipt as far as it is known.
        tick: told how far it is.
        strict: whether a literal that the store writes in another form, with the same value, is a difference.
    """
    start, account = time.monotonic(), _Account()
    summaries = source.summaries
    for graph in todo.same:
        account.graphs[graph] = _entry(summaries[graph], Done.UNCHANGED, Checked.EARLIER)
    error = None
    try:
        _Load(source, store, ledger, way, account, tick, strict).run(todo)
    except RemoteError as caught:
        error = caught
    outcome = Outcome.BROKEN_OFF if error else Outcome.DIFFERS if account.differences else Outcome.WHOLE
    return replace(
        begun,
        outcome=outcome,
        graphs=dict(sorted(account.graphs.items())),
        removed=tuple(account.removed),
        differences=dict(sorted(account.differences.items())),
        rewritten=dict(account.rewritten.most_common()),
        sent=account.sent,
        sending=round(account.sending, 3),
        seconds=round(time.monotonic() - start, 3),
        error=told(error) if error else None,
    )


def _canonical(line: str) -> str:
    quad = line_quad(line)
    return str(quad._replace(object=canonical_term(quad.object)))


def _entry(summary: GraphSummary, done: Done, checked: Checked) -> GraphReceipt:
    return GraphReceipt(summary.quads, summary.sha256, done, checked)


@dataclass(frozen=True, slots=True)
class _Load:
    """One load under way."""

    source: Source
    store: RemoteStore
    ledger: Ledger
    way: Way
    account: _Account
    tick: Tick
    strict: bool

    def run(self, todo: Delta) -> None:
        wanted = self.source.summaries
        steps = ((self._change, (*todo.doubted, *todo.changed)), (self._add, todo.new))
        total = sum(wanted[graph].quads for _, graphs in steps for graph in graphs)
        self.source.prepare([graph for _, graphs in steps for graph in graphs])
        done = 0
        for step, graphs in steps:
            for batch in batches(graphs, wanted, BATCH):
                step(batch)
                done += sum(wanted[graph].quads for graph in batch)
                self.tick(done, total)
        if todo.gone:
            self._remove(todo.gone)

    # -------- graphs that the store has not been given

    def _add(self, batch: Sequence[Term]) -> None:
        """Add graphs; those that stand there all the same are kept if they are right, else replaced."""
        there = self._counts(batch)
        found = [graph for graph in batch if there.get(graph) == self._summary(graph).quads]
        right = self._right(found)
        rest = [graph for graph in batch if graph not in right]
        self._enter(right, dict.fromkeys(right, Done.FOUND))
        if not rest:
            return
        self.ledger.write(dict.fromkeys(rest))
        self._send([graph for graph in rest if graph not in there], [graph for graph in rest if graph in there])
        self._compare({graph: Done.REPLACED if graph in there else Done.ADDED for graph in rest})

    # -------- graphs that it has in another state

    def _change(self, batch: Sequence[Term]) -> None:
        patches = {graph: change for graph in batch if (change := self._patch(graph)) is not None}
        right = self._right([graph for graph in batch if self.ledger.states.get(graph) == self._summary(graph)])
        self._enter(right, dict.fromkeys(right, Done.UNCHANGED))
        rest = [graph for graph in batch if graph not in right]
        if not rest:
            return
        self.ledger.write(dict.fromkeys(rest))
        patched = [graph for graph in rest if graph in patches and self._apply(graph, patches[graph])]
        self._enter(dict.fromkeys(patched, Checked.PATCH), dict.fromkeys(patched, Done.PATCHED))
        whole = [graph for graph in rest if graph not in patched]
        self._send((), whole)
        self._compare(dict.fromkeys(whole, Done.REPLACED))

    def _patch(self, graph: Term) -> Patch | None:
        """Return how to patch the graph, None if it is better sent whole."""
        state, wanted = self.ledger.states.get(graph), self._summary(graph)
        if state is None or state == wanted or wanted.quads < SMALL or not self.store.endpoint.update:
            return None
        old = self.source.earlier(graph, state)
        change = None if old is None else patch(old, self.source.lines(graph))
        return change if change is not None and len(change) <= LARGEST_PATCH else None

    def _apply(self, graph: Term, change: Patch) -> bool:
        """Patch the graph; return whether it has the right count, all that was added and nothing that was removed."""
        Updates(self.store).patch(change)
        self.account.sent += len(change)
        counted = self._counts([graph]).get(graph, 0) == self._summary(graph).quads
        return counted and self._there(change.added) == len(change.added) and self._there(change.removed) == 0

    def _there(self, lines: Sequence[str]) -> int:
        """Return how many of these quads the store has."""
        count = 0
        for k in range(0, len(lines), AT_ONCE):
            quads = map(line_quad, lines[k : k + AT_ONCE])
            blocks = " UNION ".join(f"{{ GRAPH {q.graph} {{ {q.subject} {q.predicate} {q.object} }} }}" for q in quads)
            rows = self.store.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {blocks} }}").rows
            count += int(str(rows[0][0]).split('"')[1])
        return count

    # -------- graphs that are no more

    def _remove(self, gone: Sequence[Term]) -> None:
        self.ledger.write(dict.fromkeys(gone))
        self.way.remove(gone)
        left = self._counts(gone)
        for graph, count in left.items():
            self.account.differences[graph] = Difference(0, count, {"a removed graph is still there": 1}, ())
        self.account.removed += [graph for graph in gone if graph not in left]
        self.ledger.write({}, gone=self.account.removed)

    # -------- comparing

    def _summary(self, graph: Term) -> GraphSummary:
        return self.source.summaries[graph]

    def _counts(self, graphs: Sequence[Term]) -> dict[Term, int]:
        found: dict[Term, int] = {}
        for k in range(0, len(graphs), AT_ONCE):
            found |= self.store.counts(values_of(graphs[k : k + AT_ONCE]))
        return found

    def _match(self, graph: Term) -> Checked | Difference:
        """Read a graph back and return how far it is ours, or how it differs."""
        back, sha256 = self._back(graph), self._summary(graph).sha256
        if lines_digest(back) == sha256:
            return Checked.CONTENT
        sent = self.source.lines(graph)
        found = difference(sent, back)
        if self.strict or set(map(_canonical, back)) != set(map(_canonical, sent)):
            return found
        self.account.rewritten.update(found.reasons)
        return Checked.VALUE

    def _back(self, graph: Term) -> list[str]:
        """Return the lines of a graph as the store gives it, sorted; its literals as the store writes them."""
        reply = self.store.graph_reply(graph)
        if reply.kind in ("application/n-triples", "text/plain"):
            lines = sorted(set(lines_of(reply.body, graph)))
            if lines_digest(lines) == self._summary(graph).sha256:
                return lines
        what = f"store {self.store.endpoint.shown}, GET of {graph}"
        return sorted(str(Quad(*triple, graph)) for triple in written_triples(reply, what))

    def _right(self, graphs: Sequence[Term]) -> dict[Term, Checked]:
        """Return those of the graphs that the store has as they should be, and how we know."""
        found = {graph: self._match(graph) for graph in graphs}
        return {graph: match for graph, match in found.items() if isinstance(match, Checked)}

    def _compare(self, done: Mapping[Term, Done]) -> None:
        """Read graphs back; enter those that are right in the ledger, the others among the differences."""
        right: dict[Term, Checked] = {}
        for graph in done:
            match = self._match(graph)
            if isinstance(match, Checked):
                right[graph] = match
            else:
                self.account.differences[graph] = match
        self._enter(right, done)

    def _enter(self, right: Mapping[Term, Checked], done: Mapping[Term, Done]) -> None:
        """Enter graphs that are as they should be in the ledger, unless it knows, and in the account."""
        new: dict[Term, State] = {graph: self._summary(graph) for graph in right}
        if fresh := {graph: state for graph, state in new.items() if self.ledger.states.get(graph) != state}:
            self.ledger.write(fresh)
        for graph, checked in right.items():
            self.account.graphs[graph] = _entry(self._summary(graph), done[graph], checked)

    def _send(self, absent: Sequence[Term], present: Sequence[Term]) -> None:
        """Send graphs that the store has not, and put others in the place of those that it has."""
        added = [(graph, self.source.lines(graph)) for graph in absent]
        replaced = [(graph, self.source.lines(graph)) for graph in present]
        start = time.monotonic()
        if added:
            self.way.add(added)
        for graph, lines in replaced:
            self.way.replace(graph, lines)
        self.account.sending += time.monotonic() - start
        self.account.sent += sum(len(lines) for _, lines in (*added, *replaced))
