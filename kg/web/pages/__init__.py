"""The pages of the explorer: address -> what it shows (pure) -> HTML.

`thing_page` and `article_page` answer at the addresses of things themselves, where HTML is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kg.errors import EndpointError, KgError, UsageError
from kg.web.pages.asked import article_of
from kg.web.pages.frame import page, term_at
from kg.web.pages.overview import articles_page, home_page
from kg.web.pages.search import search_choices, search_page
from kg.web.pages.things import article_page, thing_page
from kg.web.site import Site

__all__ = ["article_page", "routes", "thing_page"]

Handler = Callable[[Site, Request], Response]
THINGS = ("person", "organization", "place", "facility", "topic", "article")
"""First parts of the addresses of things."""

PAGES: tuple[tuple[str, Handler], ...] = (
    ("/", home_page),
    ("/articles", articles_page),
    ("/search", search_page),
)


def routes(site: Site) -> list[BaseRoute]:
    """Return the addresses of all pages, those of things last."""
    return [
        *(Route(address, _guarded(site, handler), methods=["GET"]) for address, handler in PAGES),
        Route("/search.json", _guarded(site, search_choices, data=True), methods=["GET"]),
        *(Route(f"/{kind}/{{rest:path}}", _guarded(site, _thing), methods=["GET"]) for kind in THINGS),
    ]


def _thing(site: Site, request: Request) -> Response:
    iri = term_at(site, request)
    with site.snapshot() as snapshot:
        if iri and article_of(snapshot.graph, iri) == iri:
            return article_page(site, snapshot, iri, request)
        return thing_page(site, snapshot, iri, request)


def _guarded(site: Site, handler: Handler, data: bool = False) -> Callable[[Request], Response]:
    """Return the handler for one site; what cannot be answered becomes a page, or JSON, that says why."""

    def answer(request: Request) -> Response:
        try:
            return handler(site, request)
        except KgError as error:
            status = _status(error)
            if data:
                return JSONResponse({"message": error.message, "fix": error.fix}, status)
            shown = {"heading": HTTPStatus(status).phrase, "message": error.message, "fix": error.fix}
            return page(site, request, "message.html", status=status, **shown)

    return answer


def _status(error: KgError) -> int:
    if isinstance(error, UsageError):
        return 400
    return 502 if isinstance(error, EndpointError) else 500
