"""Where events took place -> a page with a map, the map as a file, and GeoJSON. Reads a store.

The map is drawn here and part of the page: no script, no tiles, no request to anyone else.
https://www.rfc-editor.org/rfc/rfc7946 (GeoJSON)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kg.core.values import lexical
from kg.render.land import LandRing, land_rings
from kg.render.map_picture import (
    NARROW_MAP,
    WIDE_MAP,
    MappedPlace,
    MapSize,
    MapWindow,
    map_standalone,
    map_svg,
    outline,
    window_of,
)
from kg.render.terminal import harmless
from kg.web.pages.frame import PICTURE_POLICY, STATIC, Period, includes_displaced, page, period_in, state_of
from kg.web.pages.places import EventPlace, MapFilter, event_map
from kg.web.pages.stories import topic_in, topics_of
from kg.web.site import Site
from kg.web.snapshot import Snapshot

LAND = "land.json"
"""The outline of the land in static/vendor/: Natural Earth at 1:50 million, from the npm package world-atlas."""


def map_page(site: Site, request: Request) -> Response:
    """Return the map as a page, with a list that says all that it shows."""
    period = period_in(request)
    with site.snapshot() as snapshot:
        chosen = _filter_in(snapshot, request, period)
        shown, topics = event_map(snapshot, chosen), topics_of(snapshot)
    signs = _signs(shown.places)
    return page(
        site, request, "map.html", map=shown, chosen=chosen, period=period, topics=topics,
        state=state_of(request, "since", "until", "topic", "include"),
        pictures=[_inline(signs, size) for size in (WIDE_MAP, NARROW_MAP)] if signs else [], outlined=bool(land()),
    )  # fmt: skip


def map_picture(site: Site, request: Request) -> Response:
    """Return the map as a file; without places, of the whole globe."""
    with site.snapshot() as snapshot:
        shown = event_map(snapshot, _filter_in(snapshot, request, period_in(request)))
    content = map_svg(_signs(shown.places, linked=False), _outline, _TITLE, WIDE_MAP, map_standalone())
    return Response(content, media_type="image/svg+xml", headers=PICTURE_POLICY)


def map_geojson(site: Site, request: Request) -> Response:
    """Return the places of the map as GeoJSON, each with its IRI, name and number of events."""
    with site.snapshot() as snapshot:
        shown = event_map(snapshot, _filter_in(snapshot, request, period_in(request)))
    headers = {"content-disposition": 'attachment; filename="where-events-took-place.geojson"'}
    content = {"type": "FeatureCollection", "features": [_feature(place) for place in shown.places]}
    written = json.dumps(content, ensure_ascii=False, indent=1)
    return Response(written, media_type="application/geo+json", headers=headers)


_TITLE = "Where events took place"


@cache
def land() -> tuple[LandRing, ...]:
    """Return the outlines of the land, none if they are not part of this installation."""
    file = STATIC / "vendor" / LAND
    return land_rings(file.read_text(encoding="utf-8")) if file.is_file() else ()


@lru_cache(maxsize=16)
def _outline(window: MapWindow, size: MapSize) -> str:
    """Return the outline of the land, which is the same whatever filter is chosen as long as all places are shown."""
    return outline(land(), window, size)


def draw_outlines(snapshot: Snapshot) -> None:
    """Draw the land of the map without filters, so that no reader waits for it."""
    signs = _signs(event_map(snapshot, MapFilter()).places)
    for size in (WIDE_MAP, NARROW_MAP) if signs else ():
        _outline(window_of(signs, size), size)


def _filter_in(snapshot: Snapshot, request: Request, period: Period) -> MapFilter:
    topic = topic_in(snapshot, request.query_params.get("topic", ""))
    return MapFilter(period.since, period.until, topic, includes_displaced(request))


def _signs(places: Sequence[EventPlace], *, linked: bool = True) -> list[MappedPlace]:
    return [
        MappedPlace(
            harmless(place.thing.label), place.latitude, place.longitude, place.total,
            f"#place-{number}" if linked else "",
        )
        for number, place in enumerate(places, start=1)
    ]  # fmt: skip


def _inline(signs: Sequence[MappedPlace], size: MapSize) -> Markup:
    return Markup(map_svg(signs, _outline, f"{_TITLE}; the list below says the same in words", size))


def _feature(place: EventPlace) -> dict[str, object]:
    return {
        "type": "Feature",
        "id": lexical(place.thing.term),
        "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        "properties": {"name": place.thing.label, "events": place.total},
    }
