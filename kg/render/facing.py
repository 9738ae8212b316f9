"""People who met, and the bodies they held posts in -> places in four columns. Pure: same input, same places.

Those who met face each other in the two inner columns; what they belong to is outside, beside them. The columns are as
wide as the picture, so that it fits on a screen of any width and only grows in height. Groups without a link between
them are below one another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.relations import closure, grouped_sets

ROUNDS = 4
"""How often the columns are put in order by the places of those opposite."""

Neighbours = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class InColumn:
    """Where one end is: its column, 0 to 3 from the left, and the vertical centre of its sign."""

    number: int
    y: float


@dataclass(slots=True)
class _FourColumns:
    """The columns of ends that are linked with one another."""

    columns: tuple[list[str], list[str], list[str], list[str]] = field(default_factory=lambda: ([], [], [], []))


def facing(
    ends: Sequence[str],
    met: Iterable[tuple[str, str]],
    posts: Iterable[tuple[str, str]],
    height: Callable[[str], float],
    apart: float,
) -> tuple[Mapping[str, InColumn], float]:
    """Return the place of each end, and the height of all. *height* is that of an end with its label.

    Args:
        ends: in the order in which they come first.
        met: pairs that face each other.
        posts: pairs of one that met and of what stands outside.
        height: returns the height of an end in pixels.
        apart: pixels between two groups.
    """
    across, beside = _both_ways(met), _both_ways(posts)
    places: dict[str, InColumn] = {}
    top = 0.0
    for group in _groups(ends, across, beside):
        columns = _ordered(_divided(group, across, beside), across, beside)
        bottom = max(sum(map(height, column)) for column in columns.columns)
        for number, column in enumerate(columns.columns):
            places |= _spread(column, number, top, bottom, height)
        top += bottom + apart
    return places, max(top - apart, 0.0)


def _both_ways(pairs: Iterable[tuple[str, str]]) -> Neighbours:
    return grouped_sets(pair for one, other in pairs for pair in ((one, other), (other, one)))


def _groups(ends: Sequence[str], across: Neighbours, beside: Neighbours) -> list[list[str]]:
    """Return the ends that are linked with one another, the largest groups first."""
    groups: list[list[str]] = []
    seen: set[str] = set()
    for start in ends:
        if start not in seen:
            reached = set(closure([start], lambda end: (*across.get(end, ()), *beside.get(end, ()))))
            seen |= reached
            groups.append([end for end in ends if end in reached])
    return sorted(groups, key=len, reverse=True)


def _divided(group: Sequence[str], across: Neighbours, beside: Neighbours) -> _FourColumns:
    """Return the group with each end opposite most of those it met, and what is outside beside most of its people."""
    sides = _sides([end for end in group if end in across], across)
    made = _FourColumns()
    for end in group:
        if end in sides:
            made.columns[1 + sides[end]].append(end)
        else:
            near = [sides[other] for other in beside.get(end, ()) if other in sides]
            made.columns[3 if _mostly_right(near) else 0].append(end)
    return made


def _sides(inner: Sequence[str], across: Neighbours) -> dict[str, int]:
    """Return for each of those who met its side, 0 for the left and 1 for the right."""
    sides: dict[str, int] = {}
    steps = {end: [other for other in inner if other in across[end]] for end in inner}
    for end in closure(inner[:1], steps.__getitem__) + list(inner):
        if end not in sides:
            sides[end] = int(not _mostly_right([sides[other] for other in across[end] if other in sides] or [1]))
    return sides


def _mostly_right(sides: Sequence[int]) -> bool:
    return 2 * sum(sides) > len(sides)


def _ordered(group: _FourColumns, across: Neighbours, beside: Neighbours) -> _FourColumns:
    """Return the columns in an order in which few links cross: each end near the mean of those it is linked to."""
    far_left, left, right, far_right = group.columns
    for _ in range(ROUNDS):
        right = _by_mean(right, left, across)
        left = _by_mean(left, right, across)
    return _FourColumns((_by_mean(far_left, left, beside), left, right, _by_mean(far_right, right, beside)))


def _by_mean(column: Sequence[str], other: Sequence[str], links: Neighbours) -> list[str]:
    rank = {end: number / len(other) for number, end in enumerate(other)}
    here = {end: number / len(column) for number, end in enumerate(column)}

    def mean(end: str) -> float:
        ranks = [rank[each] for each in links.get(end, ()) if each in rank]
        return sum(ranks) / len(ranks) if ranks else here[end]

    return sorted(column, key=lambda end: (mean(end), here[end]))


def _spread(
    column: Sequence[str], number: int, top: float, room: float, height: Callable[[str], float]
) -> dict[str, InColumn]:
    """Return the places of a column, with the free room shared out between its ends."""
    free = (room - sum(map(height, column))) / max(len(column), 1)
    places: dict[str, InColumn] = {}
    y = top
    for end in column:
        places[end] = InColumn(number, y + free / 2)
        y += height(end) + free
    return places
