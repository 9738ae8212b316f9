"""Linked data over HTTP: a request for a thing -> the way to its document, or the document. Thin.

What each address stands for is decided in linked.py.
https://www.w3.org/TR/cooluris/ ; https://www.rfc-editor.org/rfc/rfc8288 ; https://www.rfc-editor.org/rfc/rfc6892
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kg.core.errors import EndpointError, InputError, KgError, NotFoundError
from kg.core.iri import graph_iri
from kg.core.model import Term
from kg.core.values import lexical
from kg.render.format_types import Format
from kg.render.formats import DOCUMENTS, HTML
from kg.store.documents import engine_triples, triples_document
from kg.web.answers import chosen, complete, plain_error, unless_known
from kg.web.canned import is_prepared
from kg.web.errors import HttpError, message_of
from kg.web.linked import About, Resource, about, address, resource
from kg.web.negotiation import PLAIN, accepted
from kg.web.pages.frame import page, term_at
from kg.web.site import Site
from kg.web.snapshot import Snapshot

ThingPage = Callable[[Site, Snapshot, Term, Request], Response]


def linked_routes(site: Site, thing_page: ThingPage, article_page: ThingPage) -> list[Route]:
    """Return the addresses of all things of the project, and of the description of the data set."""
    documents = _Documents(site, thing_page, article_page)

    def void(_: Request) -> Response:
        path = graph_iri(site.project.base, "dataset").removeprefix(site.project.base)
        return RedirectResponse(f"/{path}", 303)

    return [Route("/.well-known/void", void), Route("/{path:path}", documents.answer)]


@dataclass(frozen=True, slots=True)
class _Documents:
    """Answers for things: the way to a document, or the document."""

    site: Site
    thing_page: ThingPage
    article_page: ThingPage

    def answer(self, request: Request) -> Response:
        """Return the answer at the address of a thing or of a document about it."""
        with self.site.snapshot() as snapshot:
            found = self._found(snapshot, request)
            if not found.document and not found.ending:
                return _see_other(snapshot, found, request)
            named = next((each for each in DOCUMENTS if each.name == found.ending), None)
            kind = named or chosen(request, "", DOCUMENTS)
            if found.retracted:
                return self._document(snapshot, found, kind, request)
            parts = ("document", kind.name, found.iri, found.ending, str(kind is HTML and is_prepared(snapshot)))
            address_parts = (str(request.base_url), str(request.url.query))
            return unless_known(
                request, snapshot, (*parts, *address_parts), lambda: self._document(snapshot, found, kind, request)
            )

    def _found(self, snapshot: Snapshot, request: Request) -> Resource:
        term = term_at(self.site, request)
        found = resource(snapshot.graph, term) if term else None
        if found is None or not (found.known or found.retracted):
            raise NotFoundError("there is nothing at this address", "check the address, or go to the home page")
        if found.retracted and not found.document:
            raise HttpError(410, "the article that this belongs to was retracted", "its own page tells why")
        return found

    def _document(self, snapshot: Snapshot, found: Resource, kind: Format, request: Request) -> Response:
        response = self._content(snapshot, found, kind, request)
        response.headers["link"] = _links(snapshot, found, kind)
        if not found.ending:
            response.headers["vary"] = "Accept"
            response.headers["content-location"] = address(snapshot.graph, found.iri, kind.name)
        if found.retracted:
            response.status_code = 410
        return response

    def _content(self, snapshot: Snapshot, found: Resource, kind: Format, request: Request) -> Response:
        if kind is not HTML:
            return _rdf(self.site, about(snapshot.graph, found.iri), kind)
        is_article = found.document and lexical(found.iri).startswith(f"{self.site.project.base}article/")
        return (self.article_page if is_article else self.thing_page)(self.site, snapshot, found.iri, request)


def error_page(site: Site, request: Request, error: KgError) -> Response:
    """Return an error as a page for people, as plain text for all others."""
    told = plain_error(error)
    told.headers["vary"] = "Accept"
    if accepted(request.headers.get("accept", ""), (PLAIN, HTML)) is not HTML:
        return told
    shown = page(
        site, request, "message.html", status=told.status_code, heading=_heading(error), message=message_of(error),
        fix=error.fix,
    )  # fmt: skip
    kept = ("retry-after", "allow", "vary")
    shown.headers.update({name: value for name, value in told.headers.items() if name in kept})
    return shown


def _heading(error: KgError) -> str:
    match error:
        case NotFoundError() | HttpError(status=404):
            return "Page not found"
        case HttpError(status=410):
            return "This was retracted"
        case EndpointError() | InputError():
            return "The graph cannot be read now"
    return "This cannot be answered"


def _see_other(snapshot: Snapshot, found: Resource, request: Request) -> Response:
    """Return the way from a thing to the document about it."""
    kind = chosen(request, "", DOCUMENTS)
    links = ", ".join(
        f'<{address(snapshot.graph, found.iri, each.name)}>; rel="describedby"; type="{each.media}"'
        for each in DOCUMENTS
    )
    return RedirectResponse(
        address(snapshot.graph, found.iri, kind.name),
        303,
        {"vary": "Accept", "link": links, "cache-control": "no-cache"},
    )


def _rdf(site: Site, told: About, kind: Format) -> Response:
    response = complete(triples_document(engine_triples(told.triples), kind.media, site.prefixes), kind)
    if told.cut:
        response.headers["kg-incomplete"] = "more is said about this thing; ask the SPARQL endpoint"
    return response


def _links(snapshot: Snapshot, found: Resource, kind: Format) -> str:
    others = [each for each in DOCUMENTS if each is not kind]
    links = [
        f'<{address(snapshot.graph, found.iri, each.name)}>; rel="alternate"; type="{each.media}"' for each in others
    ]
    relation = "canonical" if found.document else "describes"
    return ", ".join([*links, f'<{address(snapshot.graph, found.iri)}>; rel="{relation}"'])
