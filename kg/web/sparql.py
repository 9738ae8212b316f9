"""The SPARQL endpoint: a request of the protocol -> a complete answer, or the reason in plain text why there is none.

A browser that accepts HTML gets the page for queries, see kg/web/pages/.
https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

from collections.abc import Callable

from anyio import create_task_group, sleep
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.core.errors import KgError
from kg.core.terms import SD
from kg.planning.guard import refuse_unsafe, tokens
from kg.questions.sparql import query_form
from kg.render.format_types import Format
from kg.render.formats import GRAPHS, HTML, RESULTS
from kg.store.documents import engine_triples, triples_document
from kg.store.isolation import DocumentRequest, Limits
from kg.store.protocol import Triple
from kg.web.answers import address_fields, chosen, complete, plain_error, unless_known
from kg.web.negotiation import accepted
from kg.web.protocol import Operation, get_operation, only, post_operation
from kg.web.service_description import service_triples
from kg.web.site import Site
from kg.web.snapshot import Snapshot
from kg.web.untrusted_queries import UntrustedQueries
from kg.web.workers import Stop

ENDPOINT = "/sparql"
POLL_INTERVAL = 0.2
"""Seconds between checks whether the client is still connected."""

Page = Callable[[Request], Response]


def sparql_routes(site: Site, untrusted: UntrustedQueries, page: Page | None) -> list[Route]:
    """Return the route of the endpoint. *page* answers browsers there."""

    async def endpoint(request: Request) -> Response:
        try:
            if request.method == "POST":
                body = await request.body()
                operation = post_operation(request.headers.get("content-type", ""), address_fields(request), body)
                return await _answered(site, untrusted, request, operation)
            fields = address_fields(request)
            if page is not None and not only(fields, "format") and _is_browser(request, fields):
                shown = await run_in_threadpool(page, request)
                shown.headers["vary"] = "Accept"
                return shown
            if not any(name in ("query", "update") for name, _ in fields):
                return await run_in_threadpool(_description, site, untrusted.workers.limits, request)
            return await _answered(site, untrusted, request, get_operation(fields))
        except KgError as error:
            return plain_error(error)

    return [Route(ENDPOINT, endpoint, methods=["GET", "POST"], name="sparql")]


def formats_of(query: str) -> tuple[Format, ...]:
    """Return the formats for the answer to a query, by its form."""
    return GRAPHS if query_form(tuple(tokens(query))) in ("CONSTRUCT", "DESCRIBE") else RESULTS


def _is_browser(request: Request, fields: list[tuple[str, str]]) -> bool:
    """Return whether the client prefers HTML to all formats for programs."""
    offered = RESULTS + GRAPHS if only(fields, "query") else GRAPHS
    return accepted(request.headers.get("accept", "*/*"), (*offered, HTML)) is HTML


async def _answered(site: Site, untrusted: UntrustedQueries, request: Request, operation: Operation) -> Response:
    """Return the answer. If the client disconnects first, its worker is stopped."""
    stop = Stop()
    async with create_task_group() as tasks:
        tasks.start_soon(_stop_if_gone, request, stop)
        try:
            answer = await run_in_threadpool(_answer, site, untrusted, request, operation, stop)
        except KgError as error:
            answer = plain_error(error)
        tasks.cancel_scope.cancel()
    return answer


async def _stop_if_gone(request: Request, stop: Stop) -> None:
    while not await request.is_disconnected():
        await sleep(POLL_INTERVAL)
    stop.now()


def _answer(site: Site, untrusted: UntrustedQueries, request: Request, operation: Operation, stop: Stop) -> Response:
    refuse_unsafe(operation.query)
    kind = chosen(request, operation.format, formats_of(operation.query))
    document = DocumentRequest(
        query=operation.query,
        media=kind.media,
        prefixes=site.prefixes,
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        base=site.project.base,
    )
    with site.snapshot() as snapshot:
        return complete(untrusted.document(snapshot, document, stop), kind)


def _description(site: Site, limits: Limits, request: Request) -> Response:
    kind = chosen(request, only(address_fields(request), "format"), GRAPHS)
    endpoint = str(request.url.replace(query="", fragment=""))
    with site.snapshot() as snapshot:

        def made() -> Response:
            prefixes = {**site.prefixes, "sd": SD}
            triples = engine_triples(_triples(site, snapshot, limits, endpoint))
            return complete(triples_document(triples, kind.media, prefixes), kind)

        return unless_known(request, snapshot, ("service", kind.name, endpoint, repr(limits)), made)


def _triples(site: Site, snapshot: Snapshot, limits: Limits, endpoint: str) -> list[Triple]:
    text = f"A query may take {limits.seconds:g} s. Its answer may have {limits.rows} rows and {limits.size} bytes."
    return service_triples(endpoint, site.project.base, snapshot.sizes(), {"en": text})
