"""The actual and the expected content of a store -> what a load must do. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.store.manifest import GraphSummary
from kg.transfer.ledger import Checked
from kg.transfer.state import Content


@dataclass(frozen=True, slots=True)
class Delta:
    """The graphs, grouped by what a load must do with them, in the given order.

    Attributes:
        new: to add, as they are not in the ledger.
        changed: to replace, as their content has changed.
        incomplete: to replace, as an earlier load of them did not finish.
        altered: to replace, as their count is not that of the earlier load.
        doubted: to read back although ledger and count say that they are the same, and to replace if they differ.
        same: to leave unchanged.
        gone: to remove, as an earlier load added them and they are no longer expected.
        kept: no longer expected, but not to be removed.
        unknown: neither expected nor in the ledger, but named like our graphs. Not ours to remove.
        forgotten: entries of the ledger to delete: graphs that are neither expected nor in the store, or not ours.
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
        """All graphs to replace."""
        return (*self.altered, *self.incomplete, *self.changed)

    def __bool__(self) -> bool:
        return bool(self.new or self.replaced or self.doubted or self.gone or self.forgotten)


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of a load.

    Attributes:
        verify: read back and compare every graph.
        strict: read back and compare the graphs that an earlier load has not compared literal by literal.
        remove: graphs from an earlier load to remove if they are no longer expected.
    """

    verify: bool = False
    strict: bool = False
    remove: Collection[Term] = ()


NOTHING_SPECIAL = Wishes()


def delta(there: Content, expected: Mapping[Term, GraphSummary], wishes: Wishes = NOTHING_SPECIAL) -> Delta:
    """Return what a load must do to give a store the *expected* content."""
    groups: dict[str, list[Term]] = {"forgotten": list(there.foreign)}
    for graph, summary in expected.items():
        groups.setdefault(_group(graph, summary, there, wishes), []).append(graph)
    for graph in sorted({*there.states, *there.counts} - set(expected)):
        groups.setdefault(_group_of_unexpected(graph, there, wishes), []).append(graph)
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


def _group_of_unexpected(graph: Term, there: Content, wishes: Wishes) -> str:
    if graph not in there.states:
        return "unknown"
    if graph not in there.counts:
        return "forgotten"
    return "gone" if graph in wishes.remove else "kept"


def batches(graphs: Iterable[Term], sizes: Mapping[Term, GraphSummary], quads: int) -> Iterator[list[Term]]:
    """Yield the graphs in groups of up to *quads* quads. A larger graph is a group by itself."""
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
