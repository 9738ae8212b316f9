"""What a person types -> the things it may mean, as a page and as choices for a field. Reads a store.

Where no name fits, things of the registry are proposed whose names look most like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.questions.lookup import all_names, entity_names
from kg.questions.names import Fits, Match
from kg.questions.reading import readings
from kg.render.terminal import harmless
from kg.web.pages.frame import page, path
from kg.web.pages.lexicon import lexicon
from kg.web.site import Site
from kg.web.snapshot import Snapshot

CHOICES = 10
MOST = 100
LONGEST = 200
"""Characters of what is typed that count."""

NO_LONGER = "no longer stands"

PROPOSED = 5


def search_page(site: Site, request: Request) -> Response:
    """Return the page of everything that fits what was typed."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        found, near = _matches(snapshot, typed, MOST)
        notes = notes_on(snapshot, found)
    return page(site, request, "search.html", typed=typed, found=found, near=near, notes=notes, most=MOST)


def search_choices(site: Site, request: Request) -> Response:
    """Return the best choices for what was typed, as JSON; `type` keeps to things of a class."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        found, near = _matches(snapshot, typed, CHOICES, request.query_params.get("type", ""))
        notes = notes_on(snapshot, found)
    return JSONResponse({"results": [_choice(site, some, notes) for some in found or near], "near": bool(near)})


def notes_on(snapshot: Snapshot, found: Sequence[Match]) -> Mapping[Term, str]:
    """Return thing -> what tells it apart; of a fact its date, how it stands, and whether it no longer does."""
    facts = readings(snapshot.graph, (some.thing.term for some in found))
    notes = {some.thing.term: [some.thing.hint] for some in found}
    for fact, reading in facts.items():
        notes[fact] += [reading.date, reading.standing, NO_LONGER if reading.displaced_by else ""]
    return {term: " · ".join(filter(None, parts)) for term, parts in notes.items()}


def _matches(snapshot: Snapshot, typed: str, most: int, class_name: str = "") -> tuple[list[Match], list[Match]]:
    """Return what fits, of a class if one is given; and if nothing does, entities with a name like what was typed."""
    fits = _of_class(snapshot, class_name)
    found = all_names(snapshot.graph).fitting(typed, most, fits)
    return found, [] if found else entity_names(snapshot.graph).nearest(typed, PROPOSED, fits)


def _of_class(snapshot: Snapshot, name: str) -> Fits:
    classes = set(lexicon(snapshot).below(name))
    if name and not classes:
        raise UsageError(f"the ontology has no class '{name}'")
    return lambda thing: not name or thing.type in classes


def _choice(site: Site, found: Match, notes: Mapping[Term, str]) -> dict[str, str]:
    thing = found.thing
    taken_back = " (taken back)" if found.name in thing.taken_back else ""
    hint = notes.get(thing.term, thing.hint)
    shown = {"label": thing.label, "kind": thing.kind, "hint": hint, "name": f"{found.name}{taken_back}"}
    return {
        **{key: harmless(text) for key, text in shown.items()},
        "id": thing.id,
        "at": path(site, thing.term),
    }
