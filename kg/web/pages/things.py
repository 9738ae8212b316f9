"""The pages of a thing and of an article as HTML answers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg.core.errors import NotFoundError
from kg.core.model import Term
from kg.core.terms import LABEL, ONTOLOGY, TYPE, cq
from kg.questions.described import Described, Mention, described
from kg.questions.words import words_behind
from kg.web.pages.article import article_shown
from kg.web.pages.derived import ORIGINS
from kg.web.pages.frame import includes_displaced, number_in, page, root_of
from kg.web.pages.lexicon import lexicon
from kg.web.pages.neighbourhood import neighbourhood
from kg.web.pages.sharing import article_shared, thing_shared
from kg.web.pages.thing import ThingPage, thing_shown
from kg.web.site import Site
from kg.web.snapshot import Snapshot

MOST = 200
"""Most statements on the page of a node that no other page describes, such as a graph or a derivation."""


def thing_page(site: Site, snapshot: Snapshot, iri: Term, request: Request) -> Response:
    """Return the page of the thing *iri*, a term, or of the section that the address names with `section`.

    Raises:
        NotFoundError: the graph has no statements about it.
    """
    key = request.query_params.get("section", "")
    section = next((known.key for known in lexicon(snapshot).sections if known.key == key), "")
    include = includes_displaced(request)
    shown = thing_shown(snapshot, iri, section, number_in(request, "from"), include) if iri else None
    if shown is None:
        return _node_page(site, snapshot, iri, request)
    questions = questions_about(site, snapshot, shown)
    share = thing_shared(site, snapshot, shown, request)
    picture = neighbourhood(site, snapshot, shown, root_of(request))
    return page(
        site, request, "thing.html", thing=shown, only=section, include=include, questions=questions, share=share,
        picture=picture,
    )  # fmt: skip


def _node_page(site: Site, snapshot: Snapshot, iri: Term, request: Request) -> Response:
    if iri == f"<{ONTOLOGY}>":
        return RedirectResponse("/ontology", 303)
    read = described(snapshot.graph, [iri] if iri else [], (LABEL, TYPE), everywhere=True, most=MOST + 1)
    triples, size = read.triples.get(iri, ()), snapshot.sizes().get(iri)
    if not triples and size is None:
        raise _not_found(request)
    return page(
        site,
        request,
        "node.html",
        node=Mention(_heading(read, iri), iri),
        kind=", ".join(kind.text for kind in read.types(iri)) or ("named graph" if size is not None else "node"),
        size=size,
        details=read.statements(iri, (LABEL, TYPE)),
        words=words_behind(snapshot.graph, [iri], ORIGINS).get(iri, ()),
        cut=len(triples) > MOST,
    )


def _heading(read: Described, iri: Term) -> str:
    """Return what a derivation says, the caption of any other node."""
    values = dict(read.triples.get(iri, ()))
    parts = [values.get(cq(name), "") for name in ("derivedSubject", "derivedPredicate", "derivedObject")]
    return " ".join(map(read.captions.of, parts)) if all(parts) else read.captions.of(iri)


def article_page(site: Site, snapshot: Snapshot, iri: Term, request: Request) -> Response:
    """Return the page of the article *iri*, a term.

    Raises:
        NotFoundError: there is no such article.
    """
    shown = article_shown(snapshot, iri)
    if shown is None:
        raise _not_found(request)
    share = article_shared(site, snapshot, shown, request)
    return page(site, request, "article.html", article=shown, share=share)


def _not_found(request: Request) -> NotFoundError:
    return NotFoundError(f"there is nothing at {request.url.path}", "check the address or go to the home page")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question about a thing: its title, its address, and whether its answer is known not to name the thing."""

    title: str
    at: str
    empty: bool


def questions_about(site: Site, snapshot: Snapshot, shown: ThingPage) -> list[Asking]:
    """Return the questions that take the thing as the parameter with the narrowest class."""
    words, questions = lexicon(snapshot), []
    for query in site.queries:
        fitting = [param for param in query.params if param.is_entity and words.is_a(shown.type, param.type)]
        fitting.sort(key=lambda param: len(words.below(param.type)))
        needed = [param for param in query.params if param.required or (param.is_entity and not param.optional)]
        if fitting and all(param in fitting[:1] for param in needed):
            empty = not needed and not site.canned.answers_about(snapshot, query, shown.term)
            at = f"/questions/{query.name}?{urlencode({fitting[0].name: shown.id})}"
            questions.append(Asking(query.title, at, empty))
    return questions
