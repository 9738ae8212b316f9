"""The HTTP interface to the questions: a question and its parameters in the address -> its answer. Thin.

The number of answers made at once is bounded. Errors are problem details.
https://www.rfc-editor.org/rfc/rfc9457 ; openapi.py describes the whole interface.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.core.errors import UsageError
from kg.core.relations import grouped
from kg.questions.query import bound_text, evidence
from kg.questions.question import Query
from kg.render.cells import Look
from kg.render.format_types import AnswerFormat, Presentation
from kg.render.formats import JSON, TURTLE, answer_document, formats_of
from kg.web.answers import address_fields, chosen, complete, unless_known
from kg.web.errors import HttpError
from kg.web.executables import executables
from kg.web.openapi import openapi, query_json
from kg.web.site import Site
from kg.web.slots import Slots
from kg.web.snapshot import Snapshot

OPTIONS = ("format", "evidence", "limit")
"""Fields of the address that are not parameters of the question."""

_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """A request for the answer to a question, as its address describes it.

    Attributes:
        arguments: parameter -> its values as typed.
        format: the name of the format, or "".
        evidence: whether to include the evidence for each row.
        limit: the most rows to return, None for all.
    """

    arguments: dict[str, list[str]]
    format: str
    evidence: bool
    limit: int | None


def api_routes(site: Site, places: Slots) -> list[Route]:
    """Return the routes of the interface."""

    def listed(request: Request) -> Response:
        with site.snapshot() as snapshot:
            return _json(request, snapshot, "queries", lambda: {"queries": _listed(site, snapshot)})

    def described(request: Request) -> Response:
        with site.snapshot() as snapshot:
            address = str(request.base_url).rstrip("/")
            return _json(request, snapshot, f"openapi {address}", lambda: openapi(site, snapshot, address))

    def published(request: Request) -> Response:
        return _executables(site, request, site.queries)

    def answered(request: Request) -> Response:
        name = request.path_params["name"]
        if name.endswith(".ttl"):
            return _executables(site, request, (site.query(name.removesuffix(".ttl")),))
        query = site.query(name)
        wish = answer_request(query, address_fields(request))
        kind = chosen(request, wish.format, formats_of(query))
        with site.snapshot() as snapshot:
            parts = ("answer", kind.name, query.text, str(request.url.query))
            return unless_known(request, snapshot, parts, lambda: _answered(site, snapshot, places, query, wish, kind))

    return [
        Route("/api/queries", listed),
        Route("/api/openapi.json", described),
        Route("/api/queries.ttl", published),
        Route("/api/queries/{name}", answered),
    ]


def answer_request(query: Query, fields: list[tuple[str, str]]) -> AnswerRequest:
    """Return the request that the fields of an address describe.

    Raises:
        HttpError: 400: an option has an invalid value.
    """
    options = {name: text for name, text in fields if name in OPTIONS}
    arguments = grouped((name, text) for name, text in fields if name not in OPTIONS)
    explains, limit = options.get("evidence", "false"), options.get("limit", "")
    if explains not in ("true", "false"):
        raise HttpError(400, f"evidence: '{explains[:80]}' is neither true nor false")
    if "limit" in options and not (limit.isascii() and limit.isdecimal() and len(limit) < 10):
        raise HttpError(400, f"limit: '{limit[:80]}' is not a number of rows", "write, for example, limit=100")
    if explains == "true" and not query.evidence:
        raise UsageError(f"the rows of '{query.name}' have no evidence", "add 'evidence: [column]' to its header")
    return AnswerRequest(arguments, options.get("format", ""), explains == "true", int(limit) if limit else None)


def _answered(
    site: Site, snapshot: Snapshot, places: Slots, query: Query, wish: AnswerRequest, kind: AnswerFormat
) -> Response:
    text = bound_text(snapshot.graph, query, wish.arguments)
    if wish.limit is None:
        rows, total = site.canned.rows(snapshot, query, text), None
    else:
        page = site.canned.page(snapshot, query, text, 0, wish.limit)
        rows, total = page.part(0, wish.limit), page.total
    with places.one():
        given = Presentation(rows, _look(site, query), query=query, total=total)
        words = evidence(snapshot.graph, query, rows) if wish.evidence else None
        body = answer_document(replace(given, evidence=words), kind)
    headers = {"content-disposition": f'inline; filename="{query.name}.{kind.name}"'}
    if kind.media.startswith("image/"):
        headers["content-security-policy"] = _PICTURE_POLICY
    return complete(body, kind, headers)


def _look(site: Site, query: Query) -> Look:
    look = Look(site.project.base, site.prefixes, query.form)
    return replace(look, title=query.title, question=query.question)


def _listed(site: Site, snapshot: Snapshot) -> list[dict[str, object]]:
    return [query_json(query, snapshot) for query in site.queries]


def _json(request: Request, snapshot: Snapshot, what: str, make: Callable[[], object]) -> Response:
    def made() -> Response:
        return complete(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", JSON)

    chosen(request, "", (JSON,))
    return unless_known(request, snapshot, (what,), made)


def _executables(site: Site, request: Request, queries: tuple[Query, ...]) -> Response:
    chosen(request, "", (TURTLE,))
    endpoint = f"{str(request.base_url).rstrip('/')}/sparql"
    text = executables(queries, site.project.base, endpoint, site.prefixes)
    return complete(text, TURTLE)
