"""A page -> how to cite it, and its addresses: the IRI of what it is about, and the link to the page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from kg.core.values import lexical
from kg.questions.reading import FactReading
from kg.questions.words import citations
from kg.render.citation import Citation
from kg.web.pages.article import ArticlePage
from kg.web.pages.frame import path
from kg.web.pages.thing import ThingPage
from kg.web.site import Site
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Sharing:
    """How to pass on what a page shows.

    Attributes:
        citation: how to cite it.
        link: the address of the page.
        at: the same without the server, for lists that a browser keeps.
        label: its name.
        kind: what it is, in words.
        iri: the IRI of what the page is about, "" for a view.
    """

    citation: Citation
    link: str
    at: str
    label: str
    kind: str
    iri: str = ""


def thing_shared(site: Site, snapshot: Snapshot, shown: ThingPage, request: Request) -> Sharing:
    """Return how to pass on the page of a thing, or of a fact with its standing and its article."""
    words = _fact_words(shown.reading) if shown.reading and shown.source else f"{shown.label.text} ({shown.kind})"
    source = shown.source.citation if shown.source else ""
    iri, label = lexical(shown.term), shown.label.text
    return _shared(site, snapshot, request, words, source, label, shown.kind, path(site, iri), iri)


def article_shared(site: Site, snapshot: Snapshot, shown: ArticlePage, request: Request) -> Sharing:
    """Return how to pass on the page of an article."""
    what = "our summary, and facts from it" if shown.restated else "text, and facts from it"
    words = f"{citations(snapshot.graph, [shown.term])[shown.term].citation} [{what}]"
    iri = lexical(shown.term)
    return _shared(site, snapshot, request, words, "", shown.title.text, "article", path(site, iri), iri)


def view_shared(
    site: Site, snapshot: Snapshot, request: Request, words: str, label: str, kind: str, at: str = ""
) -> Sharing:
    """Return how to pass on an answer, a list or another view, which has no IRI. *at* is its address if the address of
    the request is not the best one."""
    here, query = request.url.path.removeprefix(str(request.scope.get("root_path", ""))), request.url.query
    return _shared(site, snapshot, request, words, "", label, kind, at or (f"{here}?{query}" if query else here))


def _shared(
    site: Site,
    snapshot: Snapshot,
    request: Request,
    words: str,
    source: str,
    label: str,
    kind: str,
    at: str,
    iri: str = "",
) -> Sharing:
    root = str(request.base_url).rstrip("/")
    version = f"generation {snapshot.manifest.number}" if snapshot.manifest else ""
    citation = Citation(words, source, site.project.title, version, iri or root + at)
    return Sharing(citation, root + at, at, label, kind, iri)


def _fact_words(reading: FactReading) -> str:
    """Return the sentence of a fact with all that keeps it from being simply so."""
    source = f"according to {reading.according_to}" if reading.according_to else ""
    gone = "no longer stands" if reading.displaced_by else ""
    remarks = "; ".join(filter(None, ("our words", reading.date, reading.standing_beyond, source, gone)))
    return f"{reading.summary.removesuffix('.')} [{remarks}]"
