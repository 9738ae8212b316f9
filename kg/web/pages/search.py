"""A search text -> the things it may mean and the sentences that contain it, as a page; and choices for a field.

Reads a store. If no name matches, the things of the registry with the most similar names are proposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.questions.fulltext import Found, FullText, full_text
from kg.questions.lookup import all_names, entity_names
from kg.questions.matches import notes_on
from kg.questions.names import Fits, Match
from kg.questions.reading import FactReading, readings
from kg.questions.words import CitedArticle, citations
from kg.render.terminal import harmless
from kg.web.pages.frame import number_in, page, path, root_of
from kg.web.pages.lexicon import lexicon
from kg.web.pages.paging import Paging
from kg.web.site import Site
from kg.web.snapshot import Snapshot

CHOICES = 10
MOST = 100
LONGEST = 200
"""Most characters of a search text. The rest is ignored."""

PROPOSED = 5
FEW, MANY = 5, 50
"""Sentences of a kind beside other results, and on a page of their own."""


@dataclass(frozen=True, slots=True)
class FactHit:
    """A fact whose sentence contains the words: its reading, and that sentence in pieces."""

    reading: FactReading
    pieces: tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True)
class TextHit:
    """A sentence of a text that contains the words, in pieces, with its article."""

    article: CitedArticle
    pieces: tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True)
class InSentences:
    """The results in sentences of one kind, a page of them.

    Attributes:
        kind: of the sentences.
        hits: those of this page.
        paging: their place among all.
    """

    kind: Found
    hits: tuple[FactHit | TextHit, ...]
    paging: Paging


def search_page(site: Site, request: Request) -> Response:
    """Return the page of everything that matches the search text, or of more sentences of the kind in `within`."""
    typed = request.query_params.get("q", "")[:LONGEST]
    within = next((kind for kind in Found if kind == request.query_params.get("within")), None)
    with site.snapshot() as snapshot:
        matches, near = _matches(snapshot, typed, MOST) if within is None else ([], [])
        notes = notes_on(snapshot.graph, matches)
        index = full_text(snapshot.graph)
        begin, most = (0, FEW) if within is None else (number_in(request, "from"), MANY)
        kinds = Found if within is None else (within,)
        sentences = [_in_sentences(snapshot, index, typed, kind, begin, most) for kind in kinds] if index else []
    return page(
        site, request, "search.html", typed=typed, matches=matches, near=near, notes=notes, most=MOST, within=within,
        sentences=[some for some in sentences if some.hits], searches_texts=index is not None,
    )  # fmt: skip


def _in_sentences(snapshot: Snapshot, index: FullText, typed: str, kind: Found, begin: int, most: int) -> InSentences:
    hits = index.search(typed, kind, most, begin)
    terms = [hit.term for hit in hits.best]
    paging = Paging.of(begin, hits.total, most)
    if kind is Found.TEXT:
        articles = citations(snapshot.graph, terms)
        return InSentences(kind, tuple(TextHit(articles[hit.term], hit.pieces) for hit in hits.best), paging)
    facts = readings(snapshot.graph, terms)
    return InSentences(
        kind, tuple(FactHit(facts[hit.term], hit.pieces) for hit in hits.best if hit.term in facts), paging
    )


def search_choices(site: Site, request: Request) -> Response:
    """Return the best choices for the search text as JSON. `type` restricts them to a class."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        matches, near = _matches(snapshot, typed, CHOICES, request.query_params.get("type", ""))
        notes = notes_on(snapshot.graph, matches)
    root = root_of(request)
    return JSONResponse({"results": [_choice(site, some, notes, root) for some in matches or near], "near": bool(near)})


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


def _choice(site: Site, match: Match, notes: Mapping[Term, str], root: str) -> dict[str, str]:
    thing = match.thing
    taken_back = " (taken back)" if match.name in thing.taken_back else ""
    hint = notes.get(thing.term, thing.hint)
    shown = {"label": thing.label, "kind": thing.kind, "hint": hint, "name": f"{match.name}{taken_back}"}
    return {
        **{key: harmless(text) for key, text in shown.items()},
        "id": thing.id,
        "at": root + path(site, thing.term),
    }
