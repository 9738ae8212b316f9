"""An outline of the land, as TopoJSON, -> its rings in degrees, and the part of them inside a picture. Pure.

https://github.com/topojson/topojson-specification (quantized, delta-encoded arcs)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

Point = tuple[float, float]

LEAST_STEP = 0.7
"""Pixels between two points of an outline that are both worth drawing."""


@dataclass(frozen=True, slots=True)
class LandRing:
    """A closed outline: its points as longitude and latitude, and its extent (west, south, east, north)."""

    points: tuple[Point, ...]
    extent: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Cutout:
    """The corners of a picture in pixels, from which outlines may stick out."""

    left: float
    top: float
    right: float
    bottom: float


def land_rings(topology: str) -> tuple[LandRing, ...]:
    """Return the outlines of the object `land` in a TopoJSON document.

    Raises:
        ValueError, KeyError: it is no such document.
    """
    read = json.loads(topology)
    arcs = list(_arcs(read))
    rings = []
    for geometry in read["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            rings += [_ring(arcs, numbers) for numbers in polygon]
    return tuple(rings)


def _arcs(read: dict[str, Any]) -> Iterator[Sequence[Point]]:
    (x_scale, y_scale), (x_shift, y_shift) = read["transform"]["scale"], read["transform"]["translate"]
    for arc in read["arcs"]:
        steps = accumulate(arc, lambda at, step: (at[0] + step[0], at[1] + step[1]))
        yield [(x * x_scale + x_shift, y * y_scale + y_shift) for x, y in steps]


def _ring(arcs: Sequence[Sequence[Point]], numbers: Iterable[int]) -> LandRing:
    """Return the ring that arcs make; ~n is arc n backwards, and each begins where the one before ends."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    points = _unrolled(points)
    easts, norths = zip(*points, strict=True)
    return LandRing(tuple(points), (min(easts), min(norths), max(easts), max(norths)))


def _unrolled(points: Sequence[Point]) -> list[Point]:
    """Return a ring without jumps at the date line, beyond 180 degrees if need be. One round a pole is closed there.

    >>> _unrolled([(170, 60), (-170, 60), (-170, 50), (170, 50)])
    [(170, 60), (190, 60), (190, 50), (170, 50)]
    >>> _unrolled([(-180, -80), (0, -70), (180, -80)])
    [(-180, -80), (0, -70), (180, -80), (180, -90), (-180, -90)]
    """
    unrolled = list(points[:1])
    for x, y in points[1:]:
        unrolled.append((x + 360 * round((unrolled[-1][0] - x) / 360), y))
    first, last = unrolled[0], unrolled[-1]
    if abs(last[0] - first[0]) > 180:
        pole = -90 if last[1] < 0 else 90
        unrolled += [(last[0], pole), (first[0], pole)]
    return unrolled


def inside(points: Sequence[Point], frame: Cutout) -> list[Point]:
    """Return the polygon that is the part of *points* in the frame, empty if there is none (Sutherland and Hodgman).

    >>> inside([(0, 0), (4, 0), (4, 4), (0, 4)], Cutout(1, 1, 9, 9))
    [(1.0, 4.0), (1.0, 1.0), (4.0, 1.0), (4, 4)]
    """
    for axis, bound, sign in ((0, frame.left, 1), (0, frame.right, -1), (1, frame.top, 1), (1, frame.bottom, -1)):
        points = _beyond(points, axis, bound, sign)
    return list(points)


def _beyond(points: Sequence[Point], axis: int, bound: float, sign: int) -> list[Point]:
    """Return the part of a polygon on one side of a line: at least *bound* if *sign* is 1, at most *bound* if -1."""
    kept: list[Point] = []
    for one, other in zip(points, [*points[1:], *points[:1]], strict=True):
        was_in, is_in = sign * (one[axis] - bound) >= 0, sign * (other[axis] - bound) >= 0
        if was_in != is_in:
            share = (bound - one[axis]) / (other[axis] - one[axis])
            crossing = [one[k] + share * (other[k] - one[k]) for k in (0, 1)]
            crossing[axis] = float(bound)
            kept.append((crossing[0], crossing[1]))
        if is_in:
            kept.append(other)
    return [kept[-1], *kept[:-1]] if kept else kept


def thinned(points: Sequence[Point]) -> list[Point]:
    """Return the points without those that are closer than LEAST_STEP to the last one kept.

    >>> thinned([(0, 0), (0.1, 0), (0.2, 0), (1, 0), (1, 2)])
    [(0, 0), (1, 0), (1, 2)]
    """
    kept = list(points[:1])
    for _, point in pairwise(points):
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= LEAST_STEP:
            kept.append(point)
    return kept
