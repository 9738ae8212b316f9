"""The pages of the explorer: address -> what it shows (pure) -> HTML."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.web.pages.frame import page
from kg.web.pages.ontology import Documented, ontology_routes
from kg.web.pages.quality import quality_routes
from kg.web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    """Return the addresses of all pages."""
    documented = Documented(site)

    def home(request: Request) -> Response:
        return page(site, request, "message.html", heading=site.project.title, message="Soon.", fix="")

    return [Route("/", home), *ontology_routes(site, documented), *quality_routes(site, documented)]
