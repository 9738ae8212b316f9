"""A search text -> the things it may mean, as a page and as choices for a field. Reads a store.

If no name matches, the things of the registry with the most similar names are proposed.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.questions.lookup import all_names, entity_names
from kg.questions.matches import notes_on
from kg.questions.names import Fits, Match
from kg.render.terminal import harmless
from kg.web.pages.frame import page, path
from kg.web.pages.lexicon import lexicon
from kg.web.site import Site
from kg.web.snapshot import Snapshot

CHOICES = 10
MOST = 100
LONGEST = 200
"""Most characters of a search text. The rest is ignored."""

PROPOSED = 5


def search_page(site: Site, request: Request) -> Response:
    """Return the page of everything that matches the search text."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        matches, near = _matches(snapshot, typed, MOST)
        notes = notes_on(snapshot.graph, matches)
    return page(site, request, "search.html", typed=typed, matches=matches, near=near, notes=notes, most=MOST)


def search_choices(site: Site, request: Request) -> Response:
    """Return the best choices for the search text as JSON. `type` restricts them to a class."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        matches, near = _matches(snapshot, typed, CHOICES, request.query_params.get("type", ""))
        notes = notes_on(snapshot.graph, matches)
    return JSONResponse({"results": [_choice(site, some, notes) for some in matches or near], "near": bool(near)})


def _matches(snapshot: Snapshot, typed: str, most: int, class_name: str = "") -> tuple[list[Match], list[Match]]:
    """Return the matches, of a class if one is given, and, if there are none, entities with similar names."""
    fits = _of_class(snapshot, class_name)
    matches = all_names(snapshot.graph).fitting(typed, most, fits)
    return matches, [] if matches else entity_names(snapshot.graph).nearest(typed, PROPOSED, fits)


def _of_class(snapshot: Snapshot, name: str) -> Fits:
    classes = set(lexicon(snapshot).below(name))
    if name and not classes:
        raise UsageError(f"the ontology has no class '{name}'")
    return lambda thing: not name or thing.type in classes


def _choice(site: Site, match: Match, notes: Mapping[Term, str]) -> dict[str, str]:
    thing = match.thing
    taken_back = " (taken back)" if match.name in thing.taken_back else ""
    hint = notes.get(thing.term, thing.hint)
    shown = {"label": thing.label, "kind": thing.kind, "hint": hint, "name": f"{match.name}{taken_back}"}
    return {
        **{key: harmless(text) for key, text in shown.items()},
        "id": thing.id,
        "at": path(site, thing.term),
    }
