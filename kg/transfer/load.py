"""Graphs -> a store, in batches that are marked, sent, read back, compared and entered in the ledger.

A load holds the store's lease from before it reads the store's state until it ends. An interrupted batch stays marked
as incomplete, and running the load again sends only what is missing. For a graph that the store already has, only the
changed triples are sent if its previous content is still known.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from kg.core.errors import RemoteError
from kg.core.model import Term
from kg.store.answers import written_triples
from kg.store.lines import changes, line_quad, lines_digest
from kg.store.loading import GraphPatch, patch_of
from kg.store.manifest import GraphSummary
from kg.store.ordered import OrderedLines
from kg.store.remote import RemoteStore
from kg.transfer.difference import Difference, difference
from kg.transfer.lease import Holding, held
from kg.transfer.ledger import Checked, Ledger, LedgerEntry, State
from kg.transfer.plan import Delta, Wishes, batches, delta
from kg.transfer.receipt import Done, GraphReceipt, LoadOutcome, Receipt, failure_of
from kg.transfer.source import LoadSource
from kg.transfer.state import AT_ONCE, Content, counted, inspect
from kg.transfer.ways import UPDATE, LoadWay

BATCH = 50_000
"""The number of quads sent between two entries in the ledger."""

SMALL, LARGEST_PATCH = 5_000, 2_000
"""A graph with fewer triples is sent completely. A larger one is patched if at most LARGEST_PATCH have changed."""

Tick = Callable[[int, int], None]
"""Called with the number of quads done and the total."""


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """The destination of a load, and the way to send graphs to it.

    Attributes:
        store: the store.
        base: base of our graphs.
        way: how graphs are sent.
        patience: seconds to wait for another load to end.
    """

    store: RemoteStore
    base: str
    way: LoadWay
    patience: float = 0.0


@dataclass(slots=True)
class _Tally:
    """The results so far."""

    graphs: dict[Term, GraphReceipt] = field(default_factory=dict)
    removed: list[Term] = field(default_factory=list)
    differences: dict[Term, Difference] = field(default_factory=dict)
    rewritten: dict[Term, Difference] = field(default_factory=dict)
    sent: int = 0
    sending: float = 0.0


def plan(source: LoadSource, store: RemoteStore, base: str, wishes: Wishes) -> tuple[Content, Delta]:
    """Return the content of the store, and what a load must do. Raises the same errors as `inspect`."""
    there = inspect(store, base, tuple(source.graphs))
    return there, delta(there, source.graphs, wishes)


def load(
    source: LoadSource,
    target: LoadTarget,
    there: Content,
    wishes: Wishes,
    begun: Receipt,
    tick: Tick,
    report: Callable[[str], None],
) -> Receipt:
    """Make the content of the store that of *source*, and return the receipt.

    An error of the store ends the load and is recorded in the receipt. If there is nothing to do, nothing is written,
    not even a lease. Otherwise, the state of the store is read again under the lease.

    Args:
        source: what to load.
        target: where to load it.
        there: the content of the store, from `plan`.
        wishes: options. Of the graphs to remove, those are removed that are still surplus under the lease.
        begun: the receipt as far as it is known.
        tick: called with the progress.
        report: called with a message for people if the load must wait for another one.
    """
    start, account, error = time.monotonic(), _Tally(), None
    todo = delta(there, source.graphs, wishes)
    try:
        if todo:
            with held(target.store, target.base, target.patience, report) as lease:
                there, todo = plan(source, target.store, target.base, wishes)
                ledger = Ledger(target.store, target.base, there.states)
                _Load(source, target, there, ledger, lease, account, tick, wishes.strict).run(todo)
    except RemoteError as caught:
        error = caught
    account.graphs |= {graph: _counted(source.graphs[graph], there.states[graph]) for graph in todo.same}
    differences = account.differences | (account.rewritten if wishes.strict else {})
    return replace(
        begun,
        outcome=LoadOutcome.BROKEN_OFF if error else LoadOutcome.DIFFERS if differences else LoadOutcome.WHOLE,
        graphs=dict(sorted(account.graphs.items())),
        removed=tuple(account.removed),
        kept=todo.kept,
        unknown=todo.unknown,
        differences=dict(sorted(differences.items())),
        rewritten=_totals(account.rewritten.values()),
        sent=account.sent,
        sending=round(account.sending, 3),
        seconds=round(time.monotonic() - start, 3),
        error=failure_of(error) if error else None,
    )


def _totals(differences: Iterable[Difference]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in differences:
        total.update(each.reasons)
    return dict(total.most_common())


def _counted(summary: GraphSummary, state: State) -> GraphReceipt:
    """Return the receipt of a graph that is left unchanged, because the ledger and its count agree with it."""
    earlier = state.checked if state else None
    return GraphReceipt(summary.quads, summary.sha256, Done.UNCHANGED, Checked.COUNTED, earlier)


@dataclass(frozen=True, slots=True)
class _Load:
    """A running load."""

    source: LoadSource
    target: LoadTarget
    there: Content
    ledger: Ledger
    lease: Holding
    account: _Tally
    tick: Tick
    strict: bool

    def run(self, todo: Delta) -> None:
        """Carry out *todo*."""
        summaries = self.source.graphs
        graphs = (*todo.doubted, *todo.replaced, *todo.new)
        total = sum(summaries[graph].quads for graph in graphs)
        done = 0
        for batch in batches(graphs, summaries, BATCH):
            self._bring(batch)
            done += sum(summaries[graph].quads for graph in batch)
            self.tick(done, total)
        if todo.gone or todo.forgotten:
            self._remove(todo.gone, todo.forgotten)

    def _bring(self, batch: Sequence[Term]) -> None:
        """Make graphs correct: leave those that are already, and patch, replace or add the others."""
        right, known = self._right(filter(self._may_be_right, batch)), self.ledger.states
        self._enter(right, {graph: Done.UNCHANGED if known.get(graph) else Done.FOUND for graph in right})
        rest = [graph for graph in batch if graph not in right]
        if rest:
            patches = {graph: change for graph in rest if (change := self._patch(graph)) is not None}
            self._note(dict.fromkeys(rest))
            patched = self._patched(patches)
            self._send_whole([graph for graph in rest if graph not in patched])

    def _may_be_right(self, graph: Term) -> bool:
        """Return whether a graph may already be correct, so that reading it back first is worthwhile."""
        state, summary = self.ledger.states.get(graph), self._summary(graph)
        return self.there.counts.get(graph, 0) == summary.quads and (state is None or state.summary == summary)

    def _note(self, new: Mapping[Term, State], gone: Sequence[Term] = ()) -> None:
        """Write to the ledger, provided that we still hold the lease."""
        self.lease.check()
        self.ledger.write(new, gone)

    # -------- patching

    def _patched(self, patches: Mapping[Term, GraphPatch]) -> Sequence[Term]:
        """Patch graphs, and return those that are right by it."""
        patched = [graph for graph, change in patches.items() if self._apply(graph, change)]
        if self.strict:
            self._compare(dict.fromkeys(patched, Done.PATCHED))
        else:
            self._enter(dict.fromkeys(patched, Checked.PATCH), dict.fromkeys(patched, Done.PATCHED))
        return patched

    def _patch(self, graph: Term) -> GraphPatch | None:
        """Return a patch for the graph, None if it should be sent completely."""
        state, summary = self.ledger.states.get(graph), self._summary(graph)
        if state is None or state.summary == summary or summary.quads < SMALL or self.there.altered(graph):
            return None
        old = self.source.earlier(state.summary)
        changed = islice(changes(old, self.source.lines(graph)), LARGEST_PATCH + 1) if old else ()
        change = patch_of(changed)
        return change if change and len(change) <= LARGEST_PATCH else None

    def _apply(self, graph: Term, change: GraphPatch) -> bool:
        """Patch the graph. Return whether its count is right, all additions are there, and no removals are."""
        self.target.way.patch(change)
        self.account.sent += len(change)
        right = counted(self.target.store, [graph]).get(graph, 0) == self._summary(graph).quads
        return right and self._present(change.come) == len(change.come) and self._present(change.gone) == 0

    def _present(self, lines: Iterable[str]) -> int:
        """Return the number of these quads that the store has."""
        count, ordered = 0, sorted(lines)
        for k in range(0, len(ordered), AT_ONCE):
            quads = map(line_quad, ordered[k : k + AT_ONCE])
            blocks = " UNION ".join(f"{{ GRAPH {q.graph} {{ {q.subject} {q.predicate} {q.object} }} }}" for q in quads)
            count += self.target.store.count(f"SELECT (COUNT(*) AS ?n) WHERE {{ {blocks} }}")
        return count

    # -------- removing graphs

    def _remove(self, gone: Sequence[Term], forgotten: Sequence[Term]) -> None:
        self._note(dict.fromkeys(gone))
        self.target.way.remove(gone)
        left = counted(self.target.store, gone)
        for graph, count in left.items():
            self.account.differences[graph] = Difference(0, count, {"a removed graph is still there": 1}, ())
        self.account.removed += [graph for graph in gone if graph not in left]
        self._note({}, gone=[*self.account.removed, *forgotten])

    # -------- comparing

    def _summary(self, graph: Term) -> GraphSummary:
        return self.source.graphs[graph]

    def _match(self, graph: Term) -> Checked | Difference:
        """Read a graph back, and return how it was verified or how it differs."""
        store = self.target.store
        with store.graph_reply(graph) as reply:
            triples = written_triples(reply, store.graph_description(graph))
            with OrderedLines(f"{s} {p} {o} {graph} ." for s, p, o in triples) as back:
                if lines_digest(back) == self._summary(graph).sha256:
                    return Checked.CONTENT
                differing = difference(self.source.lines(graph), back)
        if differing.same_values:
            self.account.rewritten[graph] = differing
        return Checked.VALUE if differing.same_values else differing

    def _right(self, graphs: Iterable[Term]) -> dict[Term, Checked]:
        """Return the graphs that are correct in the store, and how each was verified."""
        matches = {graph: self._match(graph) for graph in graphs}
        return {graph: match for graph, match in matches.items() if isinstance(match, Checked)}

    def _compare(self, done: Mapping[Term, Done]) -> None:
        """Read graphs back. Enter correct ones in the ledger, and record the differences of the others.

        Before that, incorrect graphs are sent again by SPARQL Update: Virtuoso turns large integers of a PUT into
        decimals, and unknown stores may keep the previous content.
        """
        wrong = self._entered(done)
        if wrong and self.target.way.name != UPDATE:
            self._send((), tuple(wrong), LoadWay(self.target.store, UPDATE))
            wrong = self._entered({graph: done[graph] for graph in wrong})
        self.account.differences |= wrong

    def _entered(self, done: Mapping[Term, Done]) -> dict[Term, Difference]:
        """Read graphs back, enter the correct ones, and return the others with their differences."""
        matches = {graph: self._match(graph) for graph in done}
        self._enter({graph: match for graph, match in matches.items() if isinstance(match, Checked)}, done)
        return {graph: match for graph, match in matches.items() if isinstance(match, Difference)}

    def _enter(self, right: Mapping[Term, Checked], done: Mapping[Term, Done]) -> None:
        """Enter correct graphs in the ledger, unless it already has them, and in the results."""
        new: dict[Term, State] = {graph: LedgerEntry(self._summary(graph), checked) for graph, checked in right.items()}
        if fresh := {graph: state for graph, state in new.items() if self.ledger.states.get(graph) != state}:
            self._note(fresh)
        for graph, checked in right.items():
            summary = self._summary(graph)
            self.account.graphs[graph] = GraphReceipt(summary.quads, summary.sha256, done[graph], checked)

    def _send_whole(self, graphs: Sequence[Term]) -> None:
        """Add or replace graphs, and compare them."""
        done = {graph: Done.REPLACED if graph in self.there.counts else Done.ADDED for graph in graphs}
        absent, present = ([graph for graph in graphs if done[graph] is each] for each in (Done.ADDED, Done.REPLACED))
        self._send(absent, present, self.target.way)
        self._compare(done)

    def _send(self, absent: Sequence[Term], present: Sequence[Term], way: LoadWay) -> None:
        """Send graphs that the store lacks, and replace those that it has."""
        added = [(graph, self.source.lines(graph)) for graph in absent]
        replaced = [(graph, self.source.lines(graph)) for graph in present]
        start = time.monotonic()
        if added:
            way.add(added)
        for graph, lines in replaced:
            way.replace(graph, lines)
        self.account.sending += time.monotonic() - start
        self.account.sent += sum(self._summary(graph).quads for graph in (*absent, *present))
