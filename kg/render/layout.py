"""Boxes and the links between them -> a place for each box, without overlaps. Pure and deterministic.

A bipartite group of boxes becomes two columns, and a group in which nearly all are linked becomes a ring. Any other
connected group is placed so that the distance between two boxes reflects the number of steps between them (stress
majorization, Gansner, Koren and North 2004). The groups are then set side by side like words in a paragraph.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

COLUMN_GAP = 190.0
ROW_GAP = 20.0
STEP = 165.0  # drawn length of one link
FLATTEN = 0.66  # boxes are wider than high, and so is the drawing
APART = (34.0, 26.0)  # minimum space between two boxes, across and down
GROUP_GAP = 44.0
ROUNDS = 160
LONGEST_COLUMN = 9

Point = tuple[float, float]
Size = tuple[float, float]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where everything is, in pixels from the top left corner.

    Attributes:
        centres: box -> its centre.
        boxes: box -> its width and height. Boxes in columns are widened to the same width.
        columns: (left, right) pairs of boxes in two columns, to be linked by horizontal curves.
        size: width and height of the whole.
    """

    centres: Mapping[str, Point]
    boxes: Mapping[str, Size]
    columns: frozenset[Pair]
    size: Size


def arrange(sizes: Mapping[str, Size], pairs: Iterable[Pair], width: float) -> Drawing:
    """Return a drawing about *width* wide. Boxes keep the order of *sizes* where possible."""
    neighbours = _neighbours(sizes, pairs)
    groups = [(group, _sides(group, neighbours)) for group in _groups(neighbours)]
    two_sided = [sides for _, sides in groups if sides]
    boxes = _evened(sizes, [name for left, right in two_sided for name in (*left, *right)])
    blocks = [_two_columns(sides, boxes) if sides else _block(group, neighbours, boxes) for group, sides in groups]
    columns = frozenset(pair for left, right in two_sided for pair in product(left, right))
    centres, size = _paragraph([_from_corner(block, boxes) for block in blocks], width)
    return Drawing(centres, boxes, columns, size)


def _neighbours(names: Iterable[str], pairs: Iterable[Pair]) -> dict[str, dict[str, None]]:
    """Return box -> the boxes that it is linked to, each once, in the order of their links."""
    neighbours: dict[str, dict[str, None]] = {name: {} for name in names}
    for one, other in pairs:
        if one != other:
            neighbours[one].setdefault(other)
            neighbours[other].setdefault(one)
    return neighbours


def _block(
    group: Sequence[str], neighbours: Mapping[str, Collection[str]], boxes: Mapping[str, Size]
) -> dict[str, Point]:
    return _ring(group, boxes) if _dense(group, neighbours) else _settled(group, neighbours, boxes)


def _evened(sizes: Mapping[str, Size], names: Sequence[str]) -> dict[str, Size]:
    """Return all sizes, with those of *names* as wide as the widest of them."""
    widest = max((sizes[name][0] for name in names), default=0.0)
    return {**sizes, **{name: (widest, sizes[name][1]) for name in names}}


def _groups(neighbours: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Return the connected groups, largest first, each in breadth-first order from its first box."""
    seen: set[str] = set()
    groups = []
    for start in neighbours:
        if start not in seen:
            group = list(_steps_from(start, neighbours))
            seen.update(group)
            groups.append(group)
    return sorted(groups, key=len, reverse=True)


def _steps_from(start: str, neighbours: Mapping[str, Collection[str]]) -> dict[str, int]:
    steps = {start: 0}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for other in neighbours[name]:
            if other not in steps:
                steps[other] = steps[name] + 1
                waiting.append(other)
    return steps


def _sides(group: Sequence[str], neighbours: Mapping[str, Collection[str]]) -> tuple[list[str], list[str]] | None:
    """Return the two columns of a bipartite group if most boxes of one are linked to most of the other, else None."""
    steps = _steps_from(group[0], neighbours)
    left = [name for name in group if steps[name] % 2 == 0]
    right = [name for name in group if steps[name] % 2 == 1]
    if any(steps[name] % 2 == steps[other] % 2 for name in group for other in neighbours[name]):
        return None
    links = sum(len(neighbours[name]) for name in left)
    dense = links >= 0.7 * len(left) * len(right)
    return (left, right) if dense and max(len(left), len(right)) <= LONGEST_COLUMN else None


def _two_columns(sides: tuple[list[str], list[str]], sizes: Mapping[str, Size]) -> dict[str, Point]:
    centres = {}
    widths = [max((sizes[name][0] for name in side), default=0.0) for side in sides]
    for side, x in zip(sides, (0.0, widths[0] / 2 + COLUMN_GAP + widths[1] / 2), strict=True):
        height = sum(sizes[name][1] for name in side) + ROW_GAP * (len(side) - 1)
        y = -height / 2
        for name in side:
            centres[name] = (x, y + sizes[name][1] / 2)
            y += sizes[name][1] + ROW_GAP
    return centres


def _dense(group: Sequence[str], neighbours: Mapping[str, Collection[str]]) -> bool:
    """Return whether at least three quarters of all possible links in the group exist."""
    links = sum(len(neighbours[name]) for name in group) / 2
    return links >= 0.75 * len(group) * (len(group) - 1) / 2


def _ring(group: Sequence[str], sizes: Mapping[str, Size]) -> dict[str, Point]:
    """Return an ellipse of boxes that is large enough for none to touch the next."""
    centres: dict[str, Point] = {}
    radius = 90.0
    while not centres or _push_apart(group, dict(centres), sizes):
        radius += 12
        centres = {name: (x * radius, y * radius * FLATTEN) for name, (x, y) in _circle(group).items()}
    return centres


def _settled(
    group: Sequence[str], neighbours: Mapping[str, Collection[str]], sizes: Mapping[str, Size]
) -> dict[str, Point]:
    steps = {name: _steps_from(name, neighbours) for name in group}
    radius = STEP * len(group) / 6
    centres = {name: (x * radius, y * radius) for name, (x, y) in _circle(group).items()}
    for _ in range(ROUNDS):
        for name in group:
            centres[name] = _stress_move(name, centres, steps[name])
    centres = {name: (x, y * FLATTEN) for name, (x, y) in centres.items()}
    links = [(one, other) for one in group for other in neighbours[one] if one < other]
    for _ in range(ROUNDS):
        moved = _push_off_links(links, centres, sizes)
        moved = _push_apart(group, centres, sizes) or moved
        if not moved:
            break
    while _push_apart(group, centres, sizes):
        pass
    return centres


def _circle(group: Sequence[str]) -> dict[str, Point]:
    """Return the group around a circle of radius 1, clockwise from the top."""
    turn = 2 * math.pi / len(group)
    return {name: (math.sin(turn * k), -math.cos(turn * k)) for k, name in enumerate(group)}


def _stress_move(name: str, centres: Mapping[str, Point], steps: Mapping[str, int]) -> Point:
    """Return the ideal place of *name*, each other box weighted by the inverse square of its ideal distance."""
    x, y = centres[name]
    across = down = total = 0.0
    for other, (ox, oy) in centres.items():
        if other == name:
            continue
        wish = STEP * steps[other]
        away = math.hypot(x - ox, y - oy) or 1e-6
        weight = 1 / wish**2
        across += weight * (ox + wish * (x - ox) / away)
        down += weight * (oy + wish * (y - oy) / away)
        total += weight
    return (across / total, down / total)


def _push_apart(group: Sequence[str], centres: dict[str, Point], sizes: Mapping[str, Size]) -> bool:
    """Move touching boxes apart in the shorter direction, and return whether any touched."""
    moved = False
    for k, one in enumerate(group):
        for other in group[k + 1 :]:
            (x, y), (ox, oy) = centres[one], centres[other]
            across = (sizes[one][0] + sizes[other][0]) / 2 + APART[0] - abs(x - ox)
            down = (sizes[one][1] + sizes[other][1]) / 2 + APART[1] - abs(y - oy)
            if across <= 0.01 or down <= 0.01:
                continue
            moved = True
            if across < down:
                shift = math.copysign(across / 2 + 0.1, ox - x)
                centres[one], centres[other] = (x - shift, y), (ox + shift, oy)
            else:
                shift = math.copysign(down / 2 + 0.1, oy - y)
                centres[one], centres[other] = (x, y - shift), (ox, oy + shift)
    return moved


def _push_off_links(links: Sequence[Pair], centres: dict[str, Point], sizes: Mapping[str, Size]) -> bool:
    """Move boxes off the links of others that pass behind them, and return whether any had to move."""
    moved = False
    for one, other in links:
        for name in centres:
            if name in (one, other):
                continue
            away = _clearance(centres[name], centres[one], centres[other])
            if away is None:
                continue
            (dx, dy), distance = away
            reach = abs(dx) * sizes[name][0] / 2 + abs(dy) * sizes[name][1] / 2 + 8
            if distance < reach:
                moved = True
                shift = min(reach - distance, 12.0)
                centres[name] = (centres[name][0] + dx * shift, centres[name][1] + dy * shift)
    return moved


def _clearance(point: Point, start: Point, end: Point) -> tuple[Point, float] | None:
    """Return the unit direction from a segment to *point* and the distance, or None beyond the segment's ends."""
    (px, py), (sx, sy), (ex, ey) = point, start, end
    length = math.hypot(ex - sx, ey - sy) or 1e-6
    along = ((px - sx) * (ex - sx) + (py - sy) * (ey - sy)) / length**2
    if not 0.05 < along < 0.95:
        return None
    dx, dy = px - (sx + along * (ex - sx)), py - (sy + along * (ey - sy))
    distance = math.hypot(dx, dy)
    if distance < 1e-6:
        return ((sy - ey) / length, (ex - sx) / length), 0.0
    return (dx / distance, dy / distance), distance


def _from_corner(centres: Mapping[str, Point], sizes: Mapping[str, Size]) -> tuple[dict[str, Point], Size]:
    """Return the block moved so that its top left corner is the origin, and its size."""
    left = min(x - sizes[name][0] / 2 for name, (x, _) in centres.items())
    top = min(y - sizes[name][1] / 2 for name, (_, y) in centres.items())
    right = max(x + sizes[name][0] / 2 for name, (x, _) in centres.items())
    bottom = max(y + sizes[name][1] / 2 for name, (_, y) in centres.items())
    return {name: (x - left, y - top) for name, (x, y) in centres.items()}, (right - left, bottom - top)


def _paragraph(blocks: Sequence[tuple[dict[str, Point], Size]], width: float) -> tuple[dict[str, Point], Size]:
    """Return all blocks in lines no wider than *width* (or the widest block), each line centred."""
    width = max([width, *(size[0] for _, size in blocks)])
    lines: list[list[tuple[dict[str, Point], Size]]] = []
    for block in blocks:
        if lines and sum(size[0] + GROUP_GAP for _, size in lines[-1]) + block[1][0] <= width:
            lines[-1].append(block)
        else:
            lines.append([block])
    centres: dict[str, Point] = {}
    y = 0.0
    for line in lines:
        height = max(size[1] for _, size in line)
        free = width - sum(size[0] for _, size in line)
        gap = free / (len(line) + 1)
        x = gap
        for block_centres, size in line:
            drop = y + (height - size[1]) / 2
            centres.update({name: (bx + x, by + drop) for name, (bx, by) in block_centres.items()})
            x += size[0] + gap
        y += height + GROUP_GAP
    return centres, (width, max(y - GROUP_GAP, 0.0))
