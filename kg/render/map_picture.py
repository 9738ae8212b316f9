"""Places with coordinates -> an SVG map with the outline of the land. Pure: same input, same picture.

The map shows the smallest part of the globe that has all places, in an equirectangular projection that is true to scale
in its middle. Places whose signs would cover one another share one. It has classes and no colours, as the picture of
ties, and no borders of states: there are none that all readers agree on.
https://www.w3.org/TR/SVG11/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from math import cos, floor, log10, radians, sqrt
from typing import TypeAlias

from kg.core.english import counted
from kg.render.land import Cutout, LandRing, Point, inside, thinned
from kg.render.lettering import text_width
from kg.render.picture import linked_picture, xml_text
from kg.render.routes import number
from kg.render.ties_picture import shape, standalone

LEAST_DEGREES = 1.2
"""The least part of a meridian that a map shows."""

KILOMETRES_OF_A_DEGREE = 111.32
MARGIN = 0.16  # of the width and height, on each side
BEYOND = 8.0  # pixels by which outlines stick out of the picture, so that its edge is not drawn as a coast


@dataclass(frozen=True, slots=True)
class MapSize:
    """The measures of a map in pixels: width, height, size of letters, radius of the smallest sign."""

    width: float
    height: float
    letters: float
    radius: float


WIDE_MAP, NARROW_MAP = MapSize(760, 470, 13.5, 8), MapSize(320, 340, 11.5, 7)


@dataclass(frozen=True, slots=True)
class MappedPlace:
    """A place: its name, its coordinates in degrees, how many events took place there, and where its sign leads."""

    label: str
    latitude: float
    longitude: float
    events: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class MapWindow:
    """The part of the globe that a map shows: its west and north edges in degrees, and pixels per degree."""

    west: float
    north: float
    across: float
    down: float

    def at(self, longitude: float, latitude: float) -> Point:
        """Return where a point is on the map, in pixels. *longitude* may be given with any number of turns."""
        return (longitude - self.west) * self.across, (self.north - latitude) * self.down


Land: TypeAlias = Callable[[MapWindow, MapSize], str]
"""What gives the outline of the land in a window as the path of a picture. It takes most of the time of a map."""


@dataclass(slots=True)
class _MapSign:
    """A sign for one or more places near one another."""

    x: float
    y: float
    radius: float
    places: list[MappedPlace] = field(default_factory=list)

    @property
    def label(self) -> str:
        first, *others = self.places
        return f"{first.label} +{len(others)}" if others else first.label

    @property
    def words(self) -> str:
        each = "; ".join(f"{place.label}: {counted(place.events, 'event')}" for place in self.places)
        total = sum(place.events for place in self.places)
        return f"{counted(total, 'event')}. {each}" if len(self.places) > 1 and total else each  # with the number shown


def window_of(places: Sequence[MappedPlace], size: MapSize) -> MapWindow:
    """Return the smallest window that has all *places*, with a margin, across the date line if that is shorter."""
    west, east = _shortest_arc([place.longitude for place in places])
    south, north = min(place.latitude for place in places), max(place.latitude for place in places)
    middle = (south + north) / 2
    squeeze = max(cos(radians(middle)), 0.15)
    free = 1 - 2 * MARGIN
    tall = max(north - south, LEAST_DEGREES)
    broad = max(east - west, LEAST_DEGREES / squeeze)
    across = min(size.width * free / broad, size.height * free / tall * squeeze)
    across = max(across, size.width / 360)
    down = across / squeeze
    return MapWindow((west + east) / 2 - size.width / across / 2, middle + size.height / down / 2, across, down)


def _shortest_arc(longitudes: Sequence[float]) -> tuple[float, float]:
    """Return the west and east ends of the shortest arc with all *longitudes*; east may be above 180.

    >>> _shortest_arc([170, -170, 175]), _shortest_arc([10, 20])
    ((170, 190), (10, 20))
    """
    ordered = sorted(set(longitudes))
    gaps = [(after - before, k) for k, (before, after) in enumerate(pairwise(ordered), start=1)]
    widest, k = max([(ordered[0] + 360 - ordered[-1], 0), *gaps])
    return (ordered[k], ordered[k - 1] + 360) if k and widest > 0 else (ordered[0], ordered[-1])


def map_svg(places: Sequence[MappedPlace], land: Land, title: str, size: MapSize, style: str = "") -> str:
    """Return the map. *places* are in order of importance, and there is at least one; *land* draws the land."""
    window = window_of(places, size)
    signs = _signs(places, window, size)
    content = [
        '<rect class="sea" width="100%" height="100%"/>',
        f'<path class="land" d="{land(window, size)}"/>',
        _scale(window, size),
        *(_drawn(sign) for sign in reversed(signs)),
        *_labels(signs, size),
    ]
    return linked_picture("ties map", f"map-{size.width:g}", (size.width, size.height), title, style, content)


def outline(rings: Sequence[LandRing], window: MapWindow, size: MapSize) -> str:
    """Return the rings inside the window as one path, in each turn of the globe that it shows."""
    frame = Cutout(-BEYOND, -BEYOND, size.width + BEYOND, size.height + BEYOND)
    parts = []
    for ring in rings:
        west, south, east, north = ring.extent
        for turn in (-360, 0, 360):
            left, bottom = window.at(west + turn, south)
            right, top = window.at(east + turn, north)
            if left > frame.right or right < frame.left or top > frame.bottom or bottom < frame.top:
                continue
            points = thinned(inside([window.at(x + turn, y) for x, y in ring.points], frame))
            if len(points) > 2:
                parts.append("M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "Z")
    return "".join(parts)


def _signs(places: Sequence[MappedPlace], window: MapWindow, size: MapSize) -> list[_MapSign]:
    signs: list[_MapSign] = []
    for place in places:
        x, y = window.at(place.longitude, place.latitude)
        x += round((size.width / 2 - x) / (360 * window.across)) * 360 * window.across
        radius = size.radius + min(1.7 * sqrt(place.events), size.radius)
        near = next((s for s in signs if (s.x - x) ** 2 + (s.y - y) ** 2 < (s.radius + radius) ** 2), None)
        if near is None:
            near = _MapSign(x, y, radius)
            signs.append(near)
        near.places.append(place)
    return signs


def _drawn(sign: _MapSign) -> str:
    events = sum(place.events for place in sign.places)
    count = f'<text class="count" x="{number(sign.x)}" y="{number(sign.y + 4)}" font-size="11">{events}</text>'
    inner = (
        f"<title>{xml_text(sign.words)}</title>{shape('place', sign.x, sign.y, sign.radius)}{count if events else ''}"
    )
    address = sign.places[0].address
    return (
        f'<a href="{escape(address)}" aria-label="{xml_text(sign.words)}">{inner}</a>' if address else f"<g>{inner}</g>"
    )


def _labels(signs: Sequence[_MapSign], size: MapSize) -> Iterator[str]:
    """Yield the names beside the signs: right, left, above or below, where they cover neither a sign nor a name."""
    taken = [(s.x - s.radius, s.y - s.radius, s.x + s.radius, s.y + s.radius) for s in signs]
    for sign in signs:
        wide, high = text_width(sign.label, size.letters), size.letters
        beside, above = sign.radius + 5, sign.radius + 4
        for left, bottom in (
            (sign.x + beside, sign.y + high * 0.35),
            (sign.x - beside - wide, sign.y + high * 0.35),
            (sign.x - wide / 2, sign.y - above),
            (sign.x - wide / 2, sign.y + above + high * 0.8),
        ):
            box = (left, bottom - high * 0.8, left + wide, bottom + high * 0.2)
            fits = left >= 2 and box[2] <= size.width - 2 and box[1] >= 2 and box[3] <= size.height - 2
            if fits and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                middle = number(left + wide / 2)
                yield (
                    f'<text class="place-t" x="{middle}" y="{number(bottom)}" font-size="{size.letters:g}">'
                    f"{xml_text(sign.label)}</text>"
                )
                break


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale(window: MapWindow, size: MapSize) -> str:
    """Return a bar as long as a round number of kilometres in the middle of the map."""
    pixels = window.down / KILOMETRES_OF_A_DEGREE  # of a kilometre
    longest = size.width / 5 / pixels
    power = 10 ** floor(log10(longest))
    kilometres = max(step * power for step in (1, 2, 5) if step * power <= longest)
    x, y, long = 14.0, size.height - 14, kilometres * pixels
    bar = f"M{number(x)} {number(y - 5)}V{number(y)}H{number(x + long)}V{number(y - 5)}"
    text = f'<text class="scale" x="{number(x + long / 2)}" y="{number(y - 6)}" font-size="11">{kilometres:g} km</text>'
    return f'<g aria-hidden="true"><path class="scale" d="{bar}"/>{text}</g>'


def map_standalone() -> str:
    """Return the style of a map that is a file of its own, in light and dark."""
    light, dark = ("#e9f0f5", "#fbfaf4", "#7d6100", "#56616b"), ("#141b22", "#262c2b", "#e0c162", "#a3aeb8")
    coloured = (
        f".sea{{fill:{sea}}}.land{{fill:{land};stroke:{scale}}}.count{{fill:{count};stroke:none}}"
        f"path.scale{{stroke:{scale}}}text.scale{{fill:{scale}}}"
        for sea, land, count, scale in (light, dark)
    )
    in_light, in_dark = coloured
    return f"{standalone()}{in_light}.land{{stroke-width:.6px}}@media (prefers-color-scheme:dark){{{in_dark}}}"
