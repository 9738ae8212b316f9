"""What a store has, what it should have -> what is to be done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Term
from kg.store.manifest import GraphSummary
from kg.transfer.ledger import State


@dataclass(frozen=True, slots=True)
class Delta:
    """The graphs by what is to be done with them, in the order in which they were given.

    Attributes:
        new: to add; the store has not been given them yet.
        changed: to replace; their content is another one, or an earlier load did not end.
        gone: to remove; the store has been given them, and they are no more.
        same: to leave.
        doubted: to read back, and to replace where they differ; the ledger calls them the same.
    """

    new: tuple[Term, ...] = ()
    changed: tuple[Term, ...] = ()
    gone: tuple[Term, ...] = ()
    same: tuple[Term, ...] = ()
    doubted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def delta(there: Mapping[Term, State], wanted: Mapping[Term, GraphSummary]) -> Delta:
    """Return what is to be done to bring a store from its ledger's states to the *wanted* content."""
    return Delta(
        new=tuple(graph for graph in wanted if graph not in there),
        changed=tuple(graph for graph in wanted if graph in there and there[graph] != wanted[graph]),
        gone=tuple(graph for graph in there if graph not in wanted),
        same=tuple(graph for graph in wanted if graph in there and there[graph] == wanted[graph]),
    )


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
