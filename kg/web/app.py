"""A site -> the ASGI application: all routes, middleware and error handlers. Thin: content is made elsewhere.

https://asgi.readthedocs.io/ ; https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from pathlib import Path
from threading import Thread

from anyio import to_thread
from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.core.errors import KgError
from kg.web import pages
from kg.web.access import RequiresAccess
from kg.web.answers import problem_error, unless_known
from kg.web.api import api_routes
from kg.web.errors import HttpError
from kg.web.feeds import feed_routes
from kg.web.follower import Follower
from kg.web.health import health_routes
from kg.web.limits import PROGRAMS, RequestLimits
from kg.web.linked_pages import error_page, linked_routes
from kg.web.observed import Numbers, Observed, sections_of
from kg.web.public import PublicAddress
from kg.web.reconcile_routes import reconcile_routes
from kg.web.settings import Settings
from kg.web.site import Site
from kg.web.slots import Slots
from kg.web.sparql import ENDPOINT, sparql_routes
from kg.web.untrusted_queries import UntrustedQueries
from kg.web.workers import Workers

_log = logging.getLogger("kg.web")

STATIC = Path(__file__).parent / "static"
THREADS = 64
"""Threads for all handlers. The number that wait for a slot is bounded, so that some are always free."""

LIVE = ("/quality",)
"""Prefixes of pages that show more as more is known about a graph. They are rendered each time."""

PATIENCE = 1.0
"""Seconds that the polling thread gets to finish."""

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def application(site: Site, settings: Settings | None = None) -> Starlette:
    """Return the application that serves *site*. Its worker processes end when it shuts down."""
    settings = settings or Settings()
    workers = Workers(settings.limits, settings.workers, 2 * settings.workers, settings.patience)
    untrusted = UntrustedQueries(workers, Slots(settings.workers, 2 * settings.workers, settings.patience))

    canned = Slots(settings.canned, 4 * settings.canned, settings.patience)

    follower = Follower(site, workers, settings)
    poller = Thread(target=follower.run, name="poll-generations", daemon=True)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        poller.start()
        yield
        follower.stop.set()
        workers.close()
        site.close()
        await to_thread.run_sync(poller.join, PATIENCE)

    numbers = Numbers(site)
    routes = [*health_routes(site), numbers.route(), *_routes(site, untrusted, canned, settings)]
    app = Starlette(
        routes=routes,
        middleware=_middleware(settings, numbers, sections_of(routes)),
        exception_handlers={KgError: _error_handler(site), HTTPException: _error_handler(site)},
        lifespan=lifespan,
    )
    app.state.mark = site.mark
    app.state.workers, app.state.poller = workers, poller  # to end them if a shutdown is cut short
    return app


def _routes(site: Site, untrusted: UntrustedQueries, canned: Slots, settings: Settings) -> list[BaseRoute]:
    shown = pages.routes(site)
    own = {route.path: route.endpoint for route in shown if isinstance(route, Route)}
    return [
        Mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static"),
        *sparql_routes(site, untrusted, own.get(ENDPOINT)),
        Route("/api", lambda _: RedirectResponse("/api/queries")),
        *api_routes(site, canned),
        *reconcile_routes(site, canned, settings.cors),
        *feed_routes(site),
        *(_kept(site, route) for route in shown if not (isinstance(route, Route) and route.path == ENDPOINT)),
        *linked_routes(site, pages.thing_page, pages.article_page),
    ]


def _kept(site: Site, route: BaseRoute) -> BaseRoute:
    """Return the route of a page with an ETag. Its answers are kept as long as the generation."""
    if not isinstance(route, Route) or route.path.startswith(LIVE) or iscoroutinefunction(route.endpoint):
        return route
    page: Callable[[Request], Response] = route.endpoint

    def answer(request: Request) -> Response:
        with site.snapshot() as snapshot:
            accept = request.headers.get("accept", "")  # some pages are also available as data
            parts = ("page", request.url.path, str(request.base_url), str(request.url.query), accept)
            return unless_known(request, snapshot, parts, lambda: page(request))

    return Route(route.path, answer, methods=["GET"], name=route.name)


def _middleware(settings: Settings, numbers: Numbers, sections: AbstractSet[str]) -> list[Middleware]:
    """Return what each request passes, from the outside in."""
    shared = [
        Middleware(
            CORSMiddleware,
            allow_origins=[settings.cors],
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["accept", "content-type", "if-none-match"],
            expose_headers=["etag", "link", "location", "retry-after"],
        )
    ]
    return [
        Middleware(Observed, numbers=numbers, proxies=settings.proxies, sections=sections),
        Middleware(SecurityHeaders),
        *(shared if settings.cors else []),
        Middleware(RequestLimits, hosts=settings.hosts),
        Middleware(RequiresAccess, access=settings.access),
        Middleware(PublicAddress, public=settings.public, proxies=settings.proxies),
    ]


def _error_handler(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return a handler for errors: programs get problem details, people a page, others plain text."""

    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            fix = "see the Allow header" if error.status_code == 405 else ""
            error = HttpError(error.status_code, str(error.detail), fix, error.headers)
        if not isinstance(error, KgError):
            raise error
        return problem_error(error) if request.url.path.startswith(PROGRAMS) else error_page(site, request, error)

    return answer


class SecurityHeaders:
    """Adds SECURITY_HEADERS to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request and add the headers to its answer."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [(k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items() if k.encode() not in given]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, completed if scope["type"] == "http" else send)
