"""Graphs -> a store, in batches that are marked, sent, read back, compared and entered in the ledger.

Whoever loads holds the store's lease meanwhile, and looks at what is there only then. A batch that breaks stays marked
as incomplete; running again sends it again, and only what is missing. Of a graph that the store has already, only the
changed triples travel where we still know what it held.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from kg.core.errors import RemoteError
from kg.core.model import Quad, Term
from kg.store.answers import written_triples
from kg.store.lines import line_quad, lines_digest
from kg.store.manifest import GraphSummary
from kg.store.ordered import OrderedLines
from kg.store.remote import RemoteStore
from kg.store.replies import Reply
from kg.transfer.difference import Difference, difference, same_values
from kg.transfer.lease import Holding, held
from kg.transfer.ledger import Checked, Ledger, LedgerEntry, State
from kg.transfer.plan import Delta, Patch, Wishes, batches, delta, patch
from kg.transfer.receipt import Done, GraphReceipt, LoadOutcome, Receipt, failure_of
from kg.transfer.state import AT_ONCE, Content, counted, inspect
from kg.transfer.ways import LoadWay, Updates, lines_of

BATCH = 50_000
"""Quads that travel between two entries in the ledger."""

SMALL, LARGEST_PATCH = 5_000, 2_000
"""A graph of fewer triples is sent whole; a larger one is patched if no more triples than these have changed."""

Tick = Callable[[int, int], None]
"""Told how many quads are done, of how many."""


class LoadSource(Protocol):
    """What is to be loaded."""

    @property
    def summaries(self) -> Mapping[Term, GraphSummary]:
        """Graph -> its count and hash, in the order in which they are best read."""

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted N-Quads lines of a graph, which need not be in memory."""

    def earlier(self, graph: Term, summary: GraphSummary) -> Sequence[str] | None:
        """Return the lines that a graph had when its content was *summary*, None when that is not known any more."""


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """Where a load goes, and how.

    Attributes:
        store: that is loaded.
        base: of our graphs.
        way: how graphs travel.
        patience: seconds to wait for another load to end.
    """

    store: RemoteStore
    base: str
    way: LoadWay
    patience: float = 0.0


@dataclass(slots=True)
class _Tally:
    """What has been done so far."""

    graphs: dict[Term, GraphReceipt] = field(default_factory=dict)
    removed: list[Term] = field(default_factory=list)
    differences: dict[Term, Difference] = field(default_factory=dict)
    rewritten: dict[Term, Difference] = field(default_factory=dict)
    sent: int = 0
    sending: float = 0.0


def plan(source: LoadSource, store: RemoteStore, base: str, wishes: Wishes) -> tuple[Content, Delta]:
    """Return what the store holds, and what is to be done. Raises as `inspect`."""
    there = inspect(store, base, tuple(source.summaries))
    return there, delta(there, source.summaries, wishes)


def load(
    source: LoadSource,
    target: LoadTarget,
    there: Content,
    wishes: Wishes,
    begun: Receipt,
    tick: Tick,
    report: Callable[[str], None],
) -> Receipt:
    """Bring the store to the content of *source* and return the receipt.

    An error of the store ends it early and stands in the receipt. If there is nothing to do, nothing is written, not
    even a lease; else the store is looked at again once we hold the lease.

    Args:
        source: what to load.
        target: where to.
        there: what the store holds, from `plan`.
        wishes: what to do beside the usual; of the graphs to remove, those are removed that still are to be.
        begun: the receipt as far as it is known.
        tick: told how far it is.
        report: given a line for people if the load must wait for another one.
    """
    start, account, error = time.monotonic(), _Tally(), None
    todo = delta(there, source.summaries, wishes)
    try:
        if todo:
            with held(target.store, target.base, target.patience, report) as lease:
                there, todo = plan(source, target.store, target.base, wishes)
                ledger = Ledger(target.store, target.base, there.states)
                _Load(source, target, there, ledger, lease, account, tick, wishes.strict).run(todo)
    except RemoteError as caught:
        error = caught
    account.graphs |= {graph: _counted(source.summaries[graph], there.states[graph]) for graph in todo.same}
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
    """Return the entry of a graph that is left as it is, because the ledger has it so and its count is right."""
    earlier = state.checked if state else None
    return GraphReceipt(summary.quads, summary.sha256, Done.UNCHANGED, Checked.COUNTED, earlier)


@dataclass(frozen=True, slots=True)
class _Load:
    """One load under way."""

    source: LoadSource
    target: LoadTarget
    there: Content
    ledger: Ledger
    lease: Holding
    account: _Tally
    tick: Tick
    strict: bool

    def run(self, todo: Delta) -> None:
        """Do what is to be done."""
        summaries = self.source.summaries
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
        """Bring graphs to what they should be: leave those that are so already; patch, replace or add the others."""
        patches = {graph: change for graph in batch if (change := self._patch(graph)) is not None}
        right = self._right([graph for graph in batch if self._may_be_right(graph)])
        known = self.ledger.states
        self._enter(right, {g: Done.UNCHANGED if known.get(g) else Done.FOUND for g in right})
        rest = [graph for graph in batch if graph not in right]
        if not rest:
            return
        self._note(dict.fromkeys(rest))
        patched = [graph for graph in rest if graph in patches and self._apply(graph, patches[graph])]
        if self.strict:
            self._compare(dict.fromkeys(patched, Done.PATCHED))
        else:
            self._enter(dict.fromkeys(patched, Checked.PATCH), dict.fromkeys(patched, Done.PATCHED))
        whole = [graph for graph in rest if graph not in patched]
        present = [graph for graph in whole if graph in self.there.counts]
        self._send([graph for graph in whole if graph not in present], present, self.target.way)
        self._compare({graph: Done.REPLACED if graph in present else Done.ADDED for graph in whole})

    def _may_be_right(self, graph: Term) -> bool:
        """Return whether it is worth while to read a graph back before it is sent."""
        state, summary = self.ledger.states.get(graph), self._summary(graph)
        return self.there.counts.get(graph, 0) == summary.quads and (state is None or state.summary == summary)

    def _note(self, new: Mapping[Term, State], gone: Sequence[Term] = ()) -> None:
        """Write into the ledger, as long as we may."""
        self.lease.check()
        self.ledger.write(new, gone)

    # -------- patching

    def _patch(self, graph: Term) -> Patch | None:
        """Return how to patch the graph, None if it is better sent whole."""
        state, summary = self.ledger.states.get(graph), self._summary(graph)
        if state is None or state.summary == summary or summary.quads < SMALL or self.there.altered(graph):
            return None
        old = self.source.earlier(graph, state.summary)
        change = None if old is None else patch(old, self.source.lines(graph))
        return change if change is not None and len(change) <= LARGEST_PATCH else None

    def _apply(self, graph: Term, change: Patch) -> bool:
        """Patch the graph; return whether it has the right count, all that was added and nothing that was removed."""
        Updates(self.target.store).patch(change)
        self.account.sent += len(change)
        right = counted(self.target.store, [graph]).get(graph, 0) == self._summary(graph).quads
        return right and self._present(change.added) == len(change.added) and self._present(change.removed) == 0

    def _present(self, lines: Sequence[str]) -> int:
        """Return how many of these quads the store has."""
        count = 0
        for k in range(0, len(lines), AT_ONCE):
            quads = map(line_quad, lines[k : k + AT_ONCE])
            blocks = " UNION ".join(f"{{ GRAPH {q.graph} {{ {q.subject} {q.predicate} {q.object} }} }}" for q in quads)
            count += self.target.store.count(f"SELECT (COUNT(*) AS ?n) WHERE {{ {blocks} }}")
        return count

    # -------- graphs that are no more

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
        return self.source.summaries[graph]

    def _match(self, graph: Term) -> Checked | Difference:
        """Read a graph back and return how far it is ours, or how it differs."""
        reply, sha256 = self.target.store.graph_reply(graph), self._summary(graph).sha256
        if _digest_as_written(reply, graph) == sha256:
            return Checked.CONTENT
        what = f"store {self.target.store.endpoint.shown}, GET of {graph}"
        back = sorted(str(Quad(*triple, graph)) for triple in written_triples(reply, what))
        if lines_digest(back) == sha256:
            return Checked.CONTENT
        sent = self.source.lines(graph)
        differing = difference(sent, back)
        if not same_values(sent, back) or len(back) != len(sent):
            return differing
        self.account.rewritten[graph] = differing
        return Checked.VALUE

    def _right(self, graphs: Sequence[Term]) -> dict[Term, Checked]:
        """Return those of the graphs that the store has as they should be, and how we know."""
        matches = {graph: self._match(graph) for graph in graphs}
        return {graph: match for graph, match in matches.items() if isinstance(match, Checked)}

    def _compare(self, done: Mapping[Term, Done]) -> None:
        """Read graphs back; enter those that are right in the ledger, the others among the differences.

        Those that are wrong are first sent once more by SPARQL Update: Virtuoso turns large integers of a PUT into
        decimals, and stores that we do not know may keep what was there.
        """
        wrong = self._entered(done)
        if wrong and self.target.way.name != Updates.name:
            self._send((), tuple(wrong), Updates(self.target.store))
            wrong = self._entered({graph: done[graph] for graph in wrong})
        self.account.differences |= wrong

    def _entered(self, done: Mapping[Term, Done]) -> dict[Term, Difference]:
        """Read graphs back, enter those that are right, and return the others with how they differ."""
        matches = {graph: self._match(graph) for graph in done}
        self._enter({graph: match for graph, match in matches.items() if isinstance(match, Checked)}, done)
        return {graph: match for graph, match in matches.items() if isinstance(match, Difference)}

    def _enter(self, right: Mapping[Term, Checked], done: Mapping[Term, Done]) -> None:
        """Enter graphs that are as they should be in the ledger, unless it knows, and in the account."""
        new: dict[Term, State] = {graph: LedgerEntry(self._summary(graph), checked) for graph, checked in right.items()}
        if fresh := {graph: state for graph, state in new.items() if self.ledger.states.get(graph) != state}:
            self._note(fresh)
        for graph, checked in right.items():
            summary = self._summary(graph)
            self.account.graphs[graph] = GraphReceipt(summary.quads, summary.sha256, done[graph], checked)

    def _send(self, absent: Sequence[Term], present: Sequence[Term], way: LoadWay) -> None:
        """Send graphs that the store has not, and put others in the place of those that it has."""
        added = [(graph, self.source.lines(graph)) for graph in absent]
        replaced = [(graph, self.source.lines(graph)) for graph in present]
        start = time.monotonic()
        if added:
            way.add(added)
        for graph, lines in replaced:
            way.replace(graph, lines)
        self.account.sending += time.monotonic() - start
        self.account.sent += sum(self._summary(graph).quads for graph in (*absent, *present))


def _digest_as_written(reply: Reply, graph: Term) -> str:
    """Return the SHA-256 of the lines of a graph if the store writes canonical N-Triples, else of something else."""
    if reply.kind not in ("application/n-triples", "text/plain"):
        return ""
    with OrderedLines(lines_of(reply.body, graph)) as lines:
        return lines_digest(lines)
