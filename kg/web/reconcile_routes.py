"""The reconciliation service over HTTP. Thin.

JSONP is left out: it does what CORS does, but for every page, and runs a foreign script. `kg serve --cors` opens the
service to pages of another origin, as https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
requires. Desktop clients such as OpenRefine send requests from their own server.
"""

from __future__ import annotations

import json
from importlib.metadata import version

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kg.core.errors import NotFoundError
from kg.questions.names import Thing
from kg.web.answers import address_fields
from kg.web.errors import HttpError
from kg.web.linked import address
from kg.web.pages.frame import environment
from kg.web.properties import property_id
from kg.web.protocol import FORM_TYPE, form_fields, only
from kg.web.reconcile import Service, entity, extended, manifest, proposed, results, service, suggested
from kg.web.site import Site
from kg.web.slots import Slots

FRAMED_BY = "'self' http://127.0.0.1:* http://localhost:*"
"""Who may show a preview in a frame besides the origin of --cors: clients on this machine."""

KINDS = ("entity", "type", "property")
Fields = list[tuple[str, str]]


def reconcile_routes(site: Site, places: Slots, cors: str) -> list[Route]:
    """Return the routes of the service."""

    async def endpoint(request: Request) -> Response:
        fields = address_fields(request)
        if request.method == "POST":
            if not request.headers.get("content-type", "").lower().startswith(FORM_TYPE):
                raise HttpError(415, "the body is not a form", f"send {FORM_TYPE}", {"accept-post": FORM_TYPE})
            fields += form_fields(await request.body())
        if only(fields, "callback"):
            raise HttpError(400, "JSONP is not supported", "start the server with --cors for pages of another origin")
        return await run_in_threadpool(answered, str(request.base_url).rstrip("/"), fields)

    def answered(base: str, fields: Fields) -> Response:
        given = {name for name, _ in fields}
        with site.snapshot() as snapshot, places.one():
            registry = service(snapshot)
            if "queries" in given:
                return _json(results(registry, only(fields, "queries")))
            if "extend" in given:
                return _json(extended(registry, only(fields, "extend")))
            return _json(manifest(registry, site.project, base, version("communique-kg")))

    def suggest(request: Request) -> Response:
        fields = address_fields(request)
        with site.snapshot() as snapshot, places.one():
            kind, cursor = _kind(request), _number(fields, "cursor") or 0
            return _json(suggested(service(snapshot), kind, only(fields, "prefix"), cursor))

    def properties(request: Request) -> Response:
        fields = address_fields(request)
        with site.snapshot() as snapshot, places.one():
            return _json(proposed(service(snapshot), only(fields, "type"), _number(fields, "limit")))

    return [
        Route("/reconcile", endpoint, methods=["GET", "POST"]),
        Route("/reconcile/suggest/{kind}", suggest),
        Route("/reconcile/properties", properties),
        *_card_routes(site, f"{FRAMED_BY} {cors}".rstrip()),
    ]


def _card_routes(site: Site, frames: str) -> list[Route]:
    """Return the routes that show people what an id means. *frames* are the origins that may frame it."""

    def flyout(request: Request) -> Response:
        kind, identifier = _kind(request), only(address_fields(request), "id")
        with site.snapshot() as snapshot:
            registry = service(snapshot)
            html = _card(_entity(registry, identifier)) if kind == "entity" else _term_card(registry, kind, identifier)
        return _json({"id": identifier, "html": html})

    def preview(request: Request) -> Response:
        with site.snapshot() as snapshot:
            registry = service(snapshot)
            thing = _entity(registry, only(address_fields(request), "id"))
            page = environment().get_template("preview.html").render(**_shown(thing))
        policy = f"default-src 'none'; frame-ancestors {frames}"
        return Response(page, media_type="text/html", headers={"content-security-policy": policy})

    def view(request: Request) -> Response:
        with site.snapshot() as snapshot:
            thing = _entity(service(snapshot), only(address_fields(request), "id"))
            return RedirectResponse(address(snapshot.graph, thing.term), 303)

    return [
        Route("/reconcile/flyout/{kind}", flyout),
        Route("/reconcile/preview", preview),
        Route("/reconcile/view", view),
    ]


def _card(thing: Thing) -> str:
    """Return an HTML fragment about an entity. The template escapes."""
    return environment().get_template("card.html").render(**_shown(thing))


def _shown(thing: Thing) -> dict[str, object]:
    return {"name": thing.label, "kind": thing.kind, "hint": thing.hint, "others": thing.names[1:], "id": thing.id}


def _term_card(registry: Service, kind: str, identifier: str) -> str:
    known = registry.classes if kind == "type" else {property_id(p): n for p, n in registry.properties.items()}
    if identifier not in known:
        raise NotFoundError(f"there is no {kind} '{identifier[:100]}'")
    return (
        environment()
        .get_template("card.html")
        .render(name=known[identifier], kind=kind, hint="", others=(), id=identifier)
    )


def _entity(registry: Service, identifier: str) -> Thing:
    thing = entity(registry, identifier)
    if thing is None:
        raise NotFoundError(f"there is no entity '{identifier[:100]}'", "use an id from the results")
    return thing


def _kind(request: Request) -> str:
    kind: str = request.path_params["kind"]
    if kind not in KINDS:
        raise NotFoundError(f"there are no suggestions of the kind '{kind[:100]}'", f"use one of {', '.join(KINDS)}")
    return kind


def _number(fields: Fields, name: str) -> int | None:
    text = only(fields, name)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HttpError(400, f"{name}: '{text[:80]}' is not a number")
    return int(text) if text else None


def _json(content: object) -> Response:
    return Response(json.dumps(content, ensure_ascii=False) + "\n", media_type="application/json")
