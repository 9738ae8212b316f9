"""A bench -> the ASGI application of `kg curate`: one page, its files, and the calls that the page makes. Thin.

Everything that a browser may run or show comes from here, under the same policy as the explorer's pages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kg.core.errors import KgError
from kg.curate import registering, reviewing
from kg.curate.bench import Bench, Tried
from kg.curate.edit import ConflictError
from kg.curate.guard import Guard
from kg.curate.listing import article_list, entities_named
from kg.curate.opening import article_json
from kg.curate.proposing import Drafts
from kg.curate.received import Body, body_of, edit_in, text_in
from kg.web.answers import plain_error, problem_error
from kg.web.app import STATIC, SecurityHeaders
from kg.web.errors import HttpError
from kg.web.limits import RequestLimits

HERE = Path(__file__).parent / "static"
Answer = Callable[[Bench, Request, Body], object]
"""What makes the answer to a call, as a JSON value."""


def application(bench: Bench, token: str, hosts: frozenset[str]) -> Starlette:
    """Return the application of a bench that answers to these names of this machine."""
    drafts = Drafts(bench)
    calls: dict[tuple[str, str], Answer] = {
        ("GET", "/api/forms"): lambda bench, _, __: bench.forms(),
        ("GET", "/api/articles"): lambda bench, _, __: article_list(bench),
        ("GET", "/api/entities"): lambda bench, request, _: entities_named(bench, request.query_params),
        ("POST", "/api/new"): lambda bench, _, body: registering.register(bench, body),
        ("POST", "/api/publish"): lambda bench, _, body: reviewing.publish(bench, body),
        ("GET", "/api/article/{id}"): lambda bench, request, _: article_json(bench, _id(request)),
        ("GET", "/api/article/{id}/stamp"): lambda bench, request, _: {"stamp": bench.stamp(_id(request))},
        ("POST", "/api/article/{id}/try"): _try,
        ("POST", "/api/article/{id}/save"): _save,
        ("POST", "/api/article/{id}/rename"): _rename,
        ("POST", "/api/article/{id}/undo"): partial(_moved, Bench.undo),
        ("POST", "/api/article/{id}/redo"): partial(_moved, Bench.redo),
        ("POST", "/api/article/{id}/draft"): _keep,
        ("POST", "/api/article/{id}/words"): lambda _, request, body: drafts.words(_id(request), body),
        ("GET", "/api/article/{id}/proposals"): lambda _, request, __: drafts.proposals(_id(request)),
        ("POST", "/api/article/{id}/refuse"): lambda _, request, body: drafts.refuse(_id(request), text_in(body, "id")),
        ("GET", "/api/article/{id}/review"): lambda bench, request, _: reviewing.review(bench, _id(request)),
        ("POST", "/api/article/{id}/verdict"): lambda bench, request, body: reviewing.decide(bench, _id(request), body),
    }
    return Starlette(
        routes=[
            Route("/", _page),
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False)),
            Mount("/bench", StaticFiles(directory=HERE)),
            *(Route(path, _call(bench, answer), methods=[method]) for (method, path), answer in calls.items()),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(RequestLimits, hosts=hosts),
            Middleware(Guard, token=token),
        ],
        exception_handlers={KgError: _refused, HTTPException: _refused},
    )


async def _page(_: Request) -> Response:
    return FileResponse(HERE / "page.html", headers={"cache-control": "no-store"})


def _call(bench: Bench, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of a call. What takes time runs in a thread."""

    async def handled(request: Request) -> Response:
        body = body_of(await request.body()) if request.method == "POST" else {}
        made = await to_thread.run_sync(answer, bench, request, body)
        return JSONResponse(made, headers={"cache-control": "no-store"})

    return handled


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, ConflictError):
        return JSONResponse({"detail": error.message, "fix": error.fix, "theirs": error.theirs}, 409)
    if isinstance(error, HTTPException):
        error = HttpError(error.status_code, str(error.detail))
    if not isinstance(error, KgError):
        raise error
    return (problem_error if request.url.path.startswith("/api/") else plain_error)(error)


def _id(request: Request) -> str:
    return str(request.path_params["id"])


# -------- calls on one article


def _try(bench: Bench, request: Request, body: Body) -> object:
    return _tried(bench.tried(_id(request), edit_in(body)))


def _tried(tried: Tried) -> dict[str, object]:
    return {
        "barred": tried.is_barred,
        "findings": [asdict(each) for each in tried.findings],
        "new": [asdict(each) for each in tried.new],
        "understood": [asdict(each) for each in tried.understood],
    }


def _save(bench: Bench, request: Request, body: Body) -> object:
    tried = bench.save(_id(request), edit_in(body))
    if tried.is_barred:
        return {"saved": False, **_tried(tried)}
    bench.kept.keep_draft(_id(request), None)
    return {"saved": True, "article": article_json(bench, _id(request))}


def _rename(bench: Bench, request: Request, body: Body) -> object:
    bench.rename(_id(request), text_in(body, "name"), text_in(body, "new"))
    return {"article": article_json(bench, _id(request))}


def _moved(move: Callable[[Bench, str], str], bench: Bench, request: Request, _: Body) -> object:
    return {"step": move(bench, _id(request)), "article": article_json(bench, _id(request))}


def _keep(bench: Bench, request: Request, body: Body) -> object:
    bench.kept.keep_draft(bench.opened_source(_id(request)).stem, body.get("draft"))
    return {}
