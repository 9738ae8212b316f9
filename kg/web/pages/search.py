"""What a person types -> the things it may mean, as a page and as choices for a field. Reads a store.

Where no name fits, those of the registry are proposed that look most like it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.core.errors import UsageError
from kg.core.likeness import nearest
from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import cq
from kg.questions.reading import readings
from kg.render.cells import harmless
from kg.web.pages.frame import page, path
from kg.web.pages.lexicon import lexicon
from kg.web.pages.names import Found, Named, name_index
from kg.web.registry import Entity, Registry, registry_of
from kg.web.site import Site
from kg.web.snapshot import Snapshot

CHOICES = 10
MOST = 100
LONGEST = 200
"""Characters of what is typed that count."""

NO_LONGER = "no longer stands"

PROPOSED, CONSIDERED = 5, 50
"""How many things are proposed, and how many of those that fit are looked at."""


def search_page(site: Site, request: Request) -> Response:
    """Return the page of everything that fits what was typed."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        found = name_index(snapshot).find(typed, MOST)
        near = [] if found else _near(snapshot, typed)
        notes = notes_on(snapshot, found)
    return page(site, request, "search.html", typed=typed, found=found, near=near, notes=notes, most=MOST)


def search_choices(site: Site, request: Request) -> Response:
    """Return the best choices for what was typed, as JSON; `type` keeps to things of a class."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        kind = request.query_params.get("type", "")
        found = name_index(snapshot).find(typed, CHOICES, _of_class(snapshot, kind))
        near = [] if found else _near(snapshot, typed, kind)
        notes = notes_on(snapshot, found)
    return JSONResponse({"results": [_choice(site, some, notes) for some in found or near], "near": bool(near)})


def notes_on(snapshot: Snapshot, found: Sequence[Found]) -> Mapping[Term, str]:
    """Return thing -> what tells it apart; of a fact its date, how it stands, and whether it no longer does."""
    facts = readings(snapshot.graph, (some.thing.term for some in found))
    notes = {some.thing.term: [some.thing.hint] for some in found}
    for fact, reading in facts.items():
        notes[fact] += [reading.date, reading.standing, NO_LONGER if reading.displaced_by else ""]
    return {term: " · ".join(filter(None, parts)) for term, parts in notes.items()}


def _near(snapshot: Snapshot, typed: str, kind: str = "") -> list[Found]:
    """Return entities, of a class if one is given, with a name like what was typed."""
    known = registry_of(snapshot)
    found = known.find(typed, [kind] if kind else [], CONSIDERED)
    by_name = {bare(name): each.entity for each in reversed(found) for name in each.entity.names}
    near = nearest(bare(typed), by_name, PROPOSED)
    return [_found(entity, known) for entity in dict.fromkeys(by_name[name] for name in near)]


def _found(entity: Entity, known: Registry) -> Found:
    kind = known.classes[entity.kind]
    return Found(Named(entity.iri, entity.id, cq(entity.kind), kind, entity.hint, entity.names), entity.names[0])


def _of_class(snapshot: Snapshot, name: str) -> Callable[[Named], bool] | None:
    if not name:
        return None
    words = lexicon(snapshot)
    classes = set(words.below(name))
    if not classes:
        raise UsageError(f"the ontology has no class '{name}'")
    return lambda thing: thing.type in classes


def _choice(site: Site, found: Found, notes: Mapping[Term, str]) -> dict[str, str]:
    thing = found.thing
    taken_back = " (taken back)" if found.name in thing.taken_back else ""
    hint = notes.get(thing.term, thing.hint)
    shown = {"label": thing.label, "kind": thing.kind, "hint": hint, "name": f"{found.name}{taken_back}"}
    return {
        **{key: harmless(text) for key, text in shown.items()},
        "id": thing.id,
        "at": path(site, thing.term),
    }
