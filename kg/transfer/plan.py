"""What a store has, what it should have -> what is to be done. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.store.manifest import GraphSummary
from kg.transfer.ledger import Checked
from kg.transfer.state import Content


@dataclass(frozen=True, slots=True)
class Delta:
    """The graphs by what is to be done with them, in the order in which they were given.

    Attributes:
        new: to add; the ledger does not know them.
        changed: to replace; their content is another one.
        incomplete: to replace; an earlier load of them did not end.
        altered: to replace; their count is not what an earlier load left there.
        doubted: to read back, and to replace where they differ; ledger and count call them the same.
        same: to leave; so.
        gone: to remove; a load has brought them, and they are no more.
        kept: such as are left there.
        unknown: with names as we give them, but neither wanted nor in the ledger; they are not ours to remove.
        forgotten: entries of the ledger alone: graphs that are neither wanted nor there, or not ours.
    """

    new: tuple[Term, ...] = ()
    changed: tuple[Term, ...] = ()
    incomplete: tuple[Term, ...] = ()
    altered: tuple[Term, ...] = ()
    doubted: tuple[Term, ...] = ()
    same: tuple[Term, ...] = ()
    gone: tuple[Term, ...] = ()
    kept: tuple[Term, ...] = ()
    unknown: tuple[Term, ...] = ()
    forgotten: tuple[Term, ...] = ()

    @property
    def replaced(self) -> tuple[Term, ...]:
        """What is to be replaced."""
        return (*self.altered, *self.incomplete, *self.changed)

    def __bool__(self) -> bool:
        return bool(self.new or self.replaced or self.doubted or self.gone or self.forgotten)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a load is to do beside the usual.

    Attributes:
        verify: read back and compare every graph.
        strict: so with those of which an earlier load has not compared each literal as it is written.
        remove: graphs that a load has brought and that are no more, which are to be removed.
    """

    verify: bool = False
    strict: bool = False
    remove: Collection[Term] = ()


NOTHING_SPECIAL = Wishes()


def delta(there: Content, expected: Mapping[Term, GraphSummary], wishes: Wishes = NOTHING_SPECIAL) -> Delta:
    """Return what is to be done to bring a store to the *expected* content."""
    groups: dict[str, list[Term]] = {"forgotten": list(there.foreign)}
    for graph, summary in expected.items():
        groups.setdefault(_group(graph, summary, there, wishes), []).append(graph)
    for graph in sorted({*there.states, *there.counts} - set(expected)):
        groups.setdefault(_group_of_unwanted(graph, there, wishes), []).append(graph)
    return Delta(**{name: tuple(graphs) for name, graphs in groups.items()})


def _group(graph: Term, summary: GraphSummary, there: Content, wishes: Wishes) -> str:
    if graph not in there.states:
        return "new"
    state = there.states[graph]
    if state is None:
        return "incomplete"
    if state.summary != summary:
        return "changed"
    if there.altered(graph):
        return "altered"
    return "doubted" if wishes.verify or (wishes.strict and state.checked is not Checked.CONTENT) else "same"


def _group_of_unwanted(graph: Term, there: Content, wishes: Wishes) -> str:
    if graph not in there.states:
        return "unknown"
    if graph not in there.counts:
        return "forgotten"
    return "gone" if graph in wishes.remove else "kept"


@dataclass(frozen=True, slots=True)
class Patch:
    """How the lines of one graph change."""

    removed: Sequence[str]
    added: Sequence[str]

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)


def patch(old: Sequence[str], new: Sequence[str]) -> Patch:
    """Return the difference of two graphs, sorted."""
    before, after = set(old), set(new)
    return Patch(sorted(before - after), sorted(after - before))


def batches(graphs: Iterable[Term], sizes: Mapping[Term, GraphSummary], quads: int) -> Iterator[list[Term]]:
    """Yield the graphs in groups of up to *quads* quads; a larger one is a group of its own."""
    group: list[Term] = []
    total = 0
    for graph in graphs:
        size = sizes[graph].quads
        if group and total + size > quads:
            yield group
            group, total = [], 0
        group.append(graph)
        total += size
    if group:
        yield group
