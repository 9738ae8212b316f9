"""The map: places are where they are, outlines stay in the picture, labels cover nothing, the list says it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from itertools import combinations
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from kg.core.terms import cq
from kg.project.settings import Project
from kg.render.land import Cutout, inside, land_rings
from kg.render.lettering import text_width
from kg.render.map_picture import (
    NARROW_MAP,
    WIDE_MAP,
    MappedPlace,
    MapSize,
    map_standalone,
    map_svg,
    outline,
    window_of,
)
from kg.web.pages.map_page import land
from kg.web.pages.places import MapFilter, event_map, places_of_events
from kg.web.pages.stories import stories
from kg.web.site import Site, open_site
from tests.serving import client_of

SVG = "{http://www.w3.org/2000/svg}"
SIZES = pytest.mark.parametrize("size", [WIDE_MAP, NARROW_MAP], ids=["wide", "narrow"])
PLACES = [
    MappedPlace("Aldenburg", 53.6, 7.1, 12, "#place-1"),
    MappedPlace("Old Harbour of Aldenburg", 53.61, 7.11, 3, "#place-2"),
    MappedPlace("Skarholm & <Quays>", 57.9, 6.2, 1, "#place-3"),
    MappedPlace("Veldkirk", 36.9, -3.7, 0, "#place-4"),
    MappedPlace("云汀湾", 30.6, 122.4, 0, "#place-5"),
]
SQUARE = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [-10, 40]},
    "objects": {"land": {"type": "GeometryCollection", "geometries": [{"arcs": [[[0, ~1]], [[2]]]}]}},
    "arcs": [[[0, 0], [80, 0]], [[0, 0], [0, 60], [80, 0], [0, -60]], [[379, 0], [-719, 0], [0, 4], [719, 0], [0, -4]]],
}
"""Land from 10 degrees west to 30 east and from 40 to 70 north, and an island on the date line."""
SQUARE_LAND = partial(outline, land_rings(json.dumps(SQUARE)))


@pytest.fixture(scope="module")
def site(fiction: Project) -> Iterator[Site]:
    opened = open_site(fiction)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as made:
        yield made


def drawn(size: MapSize, places: list[MappedPlace] = PLACES) -> ElementTree.Element:
    return ElementTree.fromstring(map_svg(places, SQUARE_LAND, "Where", size))


def boxes(root: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Return the extent of each name in a map, by the widest typeface."""
    found = []
    for text in root.iter(f"{SVG}text"):
        if text.get("class") == "place-t":
            size, middle, bottom = (float(text.get(key, "")) for key in ("font-size", "x", "y"))
            half = text_width(text.text or "", size) / 2
            found.append((middle - half, bottom - size * 0.8, middle + half, bottom + size * 0.2))
    return found


@SIZES
def test_names_are_legible_inside_the_map_and_cover_no_other(size: MapSize) -> None:
    names = boxes(drawn(size))
    assert len(names) >= 3
    assert size.letters >= 11
    for left, top, right, bottom in names:
        assert 0 <= left < right <= size.width
        assert 0 <= top < bottom <= size.height
    for one, other in combinations(names, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@SIZES
def test_every_place_is_inside_the_map(size: MapSize) -> None:
    window = window_of(PLACES, size)
    for place in PLACES:
        x, y = window.at(place.longitude, place.latitude)
        assert 0 < x < size.width
        assert 0 < y < size.height


def test_places_near_one_another_share_a_sign_that_counts_the_events_of_all() -> None:
    root = drawn(WIDE_MAP)
    words = [link.get("aria-label") for link in root.iter(f"{SVG}a")]
    assert "15 events. Aldenburg: 12 events; Old Harbour of Aldenburg: 3 events" in words
    assert len(words) == len(PLACES) - 1
    assert "15" in [text.text for text in root.iter(f"{SVG}text")]


def test_a_map_across_the_date_line_takes_the_short_way_round() -> None:
    fiji, samoa = MappedPlace("Fiji", -17.7, 178.1, 1), MappedPlace("Samoa", -13.8, -171.8, 1)
    window = window_of([fiji, samoa], WIDE_MAP)
    assert WIDE_MAP.width / window.across < 40  # degrees
    signs = [path.get("d") or "" for path in drawn(WIDE_MAP, [fiji, samoa]).iter(f"{SVG}path")]
    assert all(-20 < float(x) < WIDE_MAP.width + 20 for path in signs for x in re.findall("[ML](-?[0-9.]+) ", path))


def test_one_place_alone_is_in_the_middle_of_its_surroundings() -> None:
    window = window_of(PLACES[:1], WIDE_MAP)
    x, y = window.at(PLACES[0].longitude, PLACES[0].latitude)
    assert (x, y) == pytest.approx((WIDE_MAP.width / 2, WIDE_MAP.height / 2))
    assert WIDE_MAP.height / window.down < 2  # degrees


def test_an_outline_is_where_its_land_is_and_joined_across_the_date_line() -> None:
    mainland, island = land_rings(json.dumps(SQUARE))
    assert mainland.extent == (-10, 40, 30, 70)
    assert island.extent == (179.5, 40, 180.0, 42)
    window = window_of(PLACES, WIDE_MAP)
    left, top = window.at(-10, 70)
    [path] = [path for path in drawn(WIDE_MAP).iter(f"{SVG}path") if path.get("class") == "land"]
    points = [(float(x), float(y)) for x, y in re.findall("(-?[0-9.]+) (-?[0-9.]+)", path.get("d") or "")]
    assert min(x for x, _ in points) == pytest.approx(max(left, -8), abs=0.1)
    assert min(y for _, y in points) == pytest.approx(max(top, -8), abs=0.1)


def test_what_is_outside_the_frame_is_cut_off_and_what_is_inside_stays() -> None:
    assert inside([(20, 20), (30, 20), (30, 30)], Cutout(0, 0, 10, 10)) == []
    triangle = [(1.0, 1.0), (3.0, 1.0), (2.0, 3.0)]
    assert sorted(inside(triangle, Cutout(0, 0, 10, 10))) == sorted(triangle)


def test_the_same_places_are_the_same_map_and_the_file_has_its_own_colours() -> None:
    assert map_svg(PLACES, SQUARE_LAND, "Where", WIDE_MAP) == map_svg(list(PLACES), SQUARE_LAND, "Where", WIDE_MAP)
    alone = map_svg(PLACES, partial(outline, ()), "Where", WIDE_MAP, map_standalone())
    assert "prefers-color-scheme:dark" in alone
    assert "NaN" not in alone


def test_the_outline_in_the_package_is_the_whole_globe() -> None:
    rings = land()
    if not rings:
        pytest.skip("the outline is not there: npm ci --ignore-scripts in javascript/")
    assert len(rings) > 1000
    assert min(ring.extent[1] for ring in rings) == -90
    assert not any(ring.extent[2] - ring.extent[0] > 361 for ring in rings)


def test_the_page_counts_events_that_took_place_by_where_articles_put_them(site: Site, client: TestClient) -> None:
    with site.snapshot() as snapshot:
        shown = event_map(snapshot, MapFilter())
        placed = places_of_events(snapshot)
        occurred = [entry for entry in stories(snapshot).entries if entry.occurred]
        by_place = {place.thing.term: place.total for place in shown.places}
        for term, total in by_place.items():
            assert total == sum(
                any(term in placed.get(fact, ()) for fact in (entry.fact, *entry.others)) for entry in occurred
            )
        unplaced = {thing.label for thing, _ in shown.unplaced}
    assert [place.total for place in shown.places] == sorted(by_place.values(), reverse=True)
    assert sum(by_place.values()) > 0
    text = client.get("/map").text
    assert "Grey Mole" in unplaced
    picture, rest = text[text.index("<figure") : text.index("</figure>")], text[text.index("</figure>") :]
    assert set(re.findall('href="#(place-[0-9]+)"', picture)) <= set(re.findall('id="(place-[0-9]+)"', rest))
    for place in shown.places:
        assert f"<bdi>{place.thing.label}</bdi>" in unescape(rest)
    assert "Grey Mole" in rest


def test_a_period_and_a_topic_leave_out_the_events_of_others(site: Site) -> None:
    with site.snapshot() as snapshot:
        every = event_map(snapshot, MapFilter())
        assert 0 < event_map(snapshot, MapFilter(since="2032-01-01")).events < every.events
        none = event_map(snapshot, MapFilter(topic=cq("no-topic")))
    assert (none.events, none.nowhere) == (0, 0)
    assert none.total == every.total


def test_the_map_is_a_picture_and_geojson_too(client: TestClient) -> None:
    picture = client.get("/map.svg?since=2032-01-01")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "Skarholm" in picture.text
    data = client.get("/map.geojson")
    assert data.headers["content-type"] == "application/geo+json"
    features = {feature["properties"]["name"]: feature for feature in data.json()["features"]}
    assert features["Veldkirk"]["geometry"] == {"type": "Point", "coordinates": [2.9, 51.9]}
    assert features["Veldkirk"]["properties"]["events"] == 2
    assert features["Veldkirk"]["id"] == "https://example.org/fiction/place/veldkirk"
