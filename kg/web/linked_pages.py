"""Linked data over HTTP: a request for a thing -> a redirect to its document, or the document. Thin.

linked.py decides what each address identifies.
https://www.w3.org/TR/cooluris/ ; https://www.rfc-editor.org/rfc/rfc8288 ; https://www.rfc-editor.org/rfc/rfc6892
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kg.core.errors import EndpointError, InputError, KgError, NotFoundError
from kg.core.iri import graph_iri
from kg.core.model import Quad, Term
from kg.core.values import lexical
from kg.render.format_types import Format, Holds
from kg.render.formats import DOCUMENTS, HTML
from kg.store.documents import engine_triples, quads_document, triples_document
from kg.web.answers import chosen, complete, plain_error, unless_known
from kg.web.canned import is_prepared
from kg.web.errors import HttpError, message_of
from kg.web.linked import About, Resource, about, address, dataset_iri, is_retracted, resource
from kg.web.negotiation import PLAIN, accepted
from kg.web.pages.frame import page, term_at
from kg.web.service_description import access_quads
from kg.web.site import Site
from kg.web.snapshot import Snapshot

ThingPage = Callable[[Site, Snapshot, Term, Request], Response]


def linked_routes(site: Site, thing_page: ThingPage, article_page: ThingPage) -> list[Route]:
    """Return the routes of all things of the project, and of the description of the data set."""
    documents = _Documents(site, thing_page, article_page)

    def void(_: Request) -> Response:
        path = graph_iri(site.project.base, "dataset").removeprefix(site.project.base)
        return RedirectResponse(f"/{path}", 303)

    return [Route("/.well-known/void", void), Route("/{path:path}", documents.answer)]


@dataclass(frozen=True, slots=True)
class _Documents:
    """Answers for things: a redirect to a document, or the document."""

    site: Site
    thing_page: ThingPage
    article_page: ThingPage

    def answer(self, request: Request) -> Response:
        """Return the answer at the address of a thing or of a document about it."""
        with self.site.snapshot() as snapshot:
            thing = self._resource(snapshot, request)
            if not thing.document and not thing.ending:
                return _see_other(snapshot, thing, request)
            named = next((each for each in DOCUMENTS if each.name == thing.ending), None)
            kind = named or chosen(request, "", DOCUMENTS)
            if thing.retracted:
                return self._document(snapshot, thing, kind, request)
            parts = ("document", kind.name, thing.iri, thing.ending, str(kind is HTML and is_prepared(snapshot)))
            address_parts = (str(request.base_url), str(request.url.query))
            return unless_known(
                request, snapshot, (*parts, *address_parts), lambda: self._document(snapshot, thing, kind, request)
            )

    def _resource(self, snapshot: Snapshot, request: Request) -> Resource:
        term = term_at(self.site, request)
        thing = resource(snapshot.graph, term) if term else None
        if thing is None or not (thing.known or thing.retracted):
            raise NotFoundError("there is nothing at this address", "check the address or go to the home page")
        if thing.retracted and not thing.document:
            raise HttpError(410, "the article that this belongs to was retracted", "see the page of the article")
        return thing

    def _document(self, snapshot: Snapshot, thing: Resource, kind: Format, request: Request) -> Response:
        response = self._content(snapshot, thing, kind, request)
        response.headers["link"] = _links(snapshot, thing, kind)
        if not thing.ending:
            response.headers["vary"] = "Accept"
            response.headers["content-location"] = address(snapshot.graph, thing.iri, kind.name)
        if thing.retracted:
            response.status_code = 410
        return response

    def _content(self, snapshot: Snapshot, thing: Resource, kind: Format, request: Request) -> Response:
        if kind is not HTML:
            description = about(snapshot.graph, thing.iri)
            if thing.iri == dataset_iri(snapshot.graph):
                served = _served_at(snapshot, str(request.base_url))
                description = replace(description, quads=(*description.quads, *served))
            return _rdf(self.site, description, kind)
        is_article = thing.document and lexical(thing.iri).startswith(f"{self.site.project.base}article/")
        return (self.article_page if is_article else self.thing_page)(self.site, snapshot, thing.iri, request)


def error_page(site: Site, request: Request, error: KgError) -> Response:
    """Return an error as a page for people, as plain text for others."""
    text = plain_error(error)
    text.headers["vary"] = "Accept"
    if accepted(request.headers.get("accept", ""), (PLAIN, HTML)) is not HTML:
        return text
    shown = page(
        site, request, "message.html", status=text.status_code, heading=_heading(error), message=message_of(error),
        fix=error.fix,
    )  # fmt: skip
    kept = ("retry-after", "allow", "vary")
    shown.headers.update({name: value for name, value in text.headers.items() if name in kept})
    return shown


def _heading(error: KgError) -> str:
    match error:
        case NotFoundError() | HttpError(status=404):
            return "Page not found"
        case HttpError(status=410):
            return "Retracted"
        case EndpointError() | InputError():
            return "The graph is not available"
    return "The request cannot be answered"


def _see_other(snapshot: Snapshot, thing: Resource, request: Request) -> Response:
    """Return the redirect from a thing to the document about it."""
    kind = chosen(request, "", DOCUMENTS)
    links = ", ".join(
        f'<{address(snapshot.graph, thing.iri, each.name)}>; rel="describedby"; type="{each.media}"'
        for each in DOCUMENTS
    )
    return RedirectResponse(
        address(snapshot.graph, thing.iri, kind.name),
        303,
        {"vary": "Accept", "link": links, "cache-control": "no-cache"},
    )


def _rdf(site: Site, description: About, kind: Format) -> Response:
    if Holds.QUADS in kind.holds:
        body = quads_document(description.quads, kind.media, site.prefixes)
    else:
        body = triples_document(engine_triples(description.triples), kind.media, site.prefixes)
    response = complete(body, kind)
    if description.cut:
        response.headers["kg-incomplete"] = "there are more statements about this thing; query the SPARQL endpoint"
    return response


def _served_at(snapshot: Snapshot, root: str) -> Iterator[Quad]:
    """Yield the addresses of the data set on this server. The file of a retracted article is gone."""
    graph = snapshot.graph
    named = (name for name in sorted(snapshot.sizes()) if lexical(name).startswith(graph.base))
    files = [root + address(graph, name, "nq")[1:] for name in named if not is_retracted(graph, name)]
    return access_quads(dataset_iri(graph), graph.named("dataset"), f"{root}sparql", files)


def _links(snapshot: Snapshot, thing: Resource, kind: Format) -> str:
    others = [each for each in DOCUMENTS if each is not kind]
    links = [
        f'<{address(snapshot.graph, thing.iri, each.name)}>; rel="alternate"; type="{each.media}"' for each in others
    ]
    relation = "canonical" if thing.document else "describes"
    return ", ".join([*links, f'<{address(snapshot.graph, thing.iri)}>; rel="{relation}"'])
