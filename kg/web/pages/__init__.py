"""The pages of the explorer: address -> what it shows (pure) -> HTML."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from kg.web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    """Return the addresses of all pages."""

    def home(_: Request) -> Response:
        with site.snapshot() as snapshot:
            return PlainTextResponse(f"{site.project.title}: {snapshot.version}\n")

    return [Route("/", home)]
