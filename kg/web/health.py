"""Whether the server runs, and whether it can answer: two addresses for probes.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kg.core.errors import KgError
from kg.web.site import Site

LIVE, READY = "/healthz", "/readyz"
PROBES = (LIVE, READY)
_NOT_CACHED = {"cache-control": "no-store"}


def health_routes(site: Site) -> list[Route]:
    """Return the routes. `/healthz` answers 200 as long as the server runs, `/readyz` 503 without a graph."""

    def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=_NOT_CACHED)

    def ready(_: Request) -> Response:
        try:
            with site.snapshot() as snapshot:
                return JSONResponse({"status": "ok", "graph": snapshot.version}, headers=_NOT_CACHED)
        except KgError as error:
            return JSONResponse({"status": "unavailable", "reason": error.message}, 503, _NOT_CACHED)

    return [Route(LIVE, live), Route(READY, ready)]
