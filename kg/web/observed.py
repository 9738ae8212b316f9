"""Requests -> an id for each, a line in the log, and numbers for Prometheus. ASGI middleware and one route.

https://prometheus.io/docs/practices/naming/ ; https://www.w3.org/TR/trace-context/ is left to the proxy
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from secrets import token_hex
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.core.errors import KgError
from kg.web.public import Network, client_of, is_trusted
from kg.web.site import Site

REQUEST_ID = b"x-request-id"
METRICS = "/metrics"
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_access = logging.getLogger("kg.web.access")


class Numbers:
    """What is counted about the requests to one server."""

    def __init__(self, site: Site) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "section", "status")
        self.requests = Counter("kg_http_requests", "Requests.", labels, registry=self.registry)
        self.seconds = Histogram("kg_http_request_duration_seconds", "Seconds per request.", ("section",),
                                 registry=self.registry)  # fmt: skip
        self.registry.register(_Served(site))

    def route(self) -> Route:
        """Return the route that shows the numbers."""

        def shown(_: Request) -> Response:
            return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})

        return Route(METRICS, shown)


class _Served(Collector):
    """The graph that is served, as numbers."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterable[Metric]:
        """Yield whether there is a graph, its generation, and its number of quads."""
        try:
            with self._site.snapshot() as snapshot:
                quads, manifest = sum(snapshot.sizes().values()), snapshot.manifest
        except KgError:
            yield GaugeMetricFamily("kg_graph_available", "Whether a graph can be served.", 0)
            return
        yield GaugeMetricFamily("kg_graph_available", "Whether a graph can be served.", 1)
        yield GaugeMetricFamily("kg_graph_quads", "Quads in the graph.", quads)
        if manifest is not None:
            yield GaugeMetricFamily("kg_graph_generation", "Number of the generation.", manifest.number)


class Observed:
    """Gives each request an id, which its answer repeats, and counts and logs it.

    A trusted proxy may give the id in X-Request-ID.
    """

    def __init__(self, app: ASGIApp, numbers: Numbers, proxies: Sequence[Network], sections: AbstractSet[str]) -> None:
        self._app, self._numbers, self._proxies, self._sections = app, numbers, proxies, sections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, and add its id to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, status, begun = self._id(scope), 500, perf_counter()

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (REQUEST_ID, request_id)]}
            await send(message)

        method, path = scope["method"], scope["path"]
        try:
            await self._app(scope, receive, sent)
        finally:
            self._ended(scope, (method, path), status, perf_counter() - begun, request_id.decode())

    def _id(self, scope: Scope) -> bytes:
        given: bytes = dict(scope["headers"]).get(REQUEST_ID, b"")
        if _GIVEN_ID.fullmatch(given) and is_trusted(scope, self._proxies):
            return given
        return token_hex(8).encode()

    def _ended(self, scope: Scope, line: tuple[str, str], status: int, seconds: float, request_id: str) -> None:
        method, path = line
        route = section(scope["path"].removeprefix(scope.get("root_path", "")), self._sections)
        known = method if method in METHODS else "other"
        self._numbers.requests.labels(known, route, str(status)).inc()
        self._numbers.seconds.labels(route).observe(seconds)
        fields = {
            "request": request_id,
            "client": client_of(scope, self._proxies),
            "method": method,
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        _access.info(
            "%s %s %s %s %.1f ms", fields["client"], method, path, status, seconds * 1000, extra={"fields": fields}
        )


def sections_of(routes: Iterable[BaseRoute]) -> frozenset[str]:
    """Return the first part of the path of each route, such as `/questions`."""
    return frozenset("/" + route.path.split("/")[1] for route in routes if isinstance(route, Route | Mount))


def section(path: str, known: AbstractSet[str]) -> str:
    """Return the first part of a path if it is *known*, else "/thing": a few labels for any number of addresses.

    >>> section("/questions/who-met-whom", {"/questions"}), section("/person/mara-lind", {"/questions"})
    ('/questions', '/thing')
    """
    first = "/" + path.split("/")[1] if path.startswith("/") else ""
    return first if first in known else "/thing"
