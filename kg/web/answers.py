"""Shared by handlers: the fields of an address, the format of an answer, and answers that the client already has.

https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from kg.core.errors import KgError
from kg.render.format_types import Format
from kg.web.errors import PROBLEM, HttpError, headers_of, plain, problem, status_of
from kg.web.negotiation import F, accepted, named
from kg.web.protocol import form_fields
from kg.web.recent import Given
from kg.web.snapshot import Snapshot

Headers = Mapping[str, str]


def address_fields(request: Request) -> list[tuple[str, str]]:
    """Return the fields after the `?` of the address, in order.

    Raises:
        HttpError: 400: they are not UTF-8, or too many.
    """
    return form_fields(bytes(request.scope["query_string"]))


NOT_MODIFIED = ("etag", "cache-control", "content-location", "vary")
"""Headers that a 304 repeats: https://www.rfc-editor.org/rfc/rfc9110#name-304-not-modified"""


def chosen(request: Request, name: str, offered: Sequence[F]) -> F:
    """Return the format to answer in: *name* from `format=` if given, else the one that Accept prefers.

    Raises:
        HttpError: 406: the client accepts none of *offered*; 400: *name* is none of them.
    """
    names = ", ".join(each.name for each in offered)
    if name:
        form = named(name, offered)
        if form is None:
            raise HttpError(400, f"there is no format '{name[:80]}' for this answer", f"choose one of {names}")
        return form
    form = accepted(request.headers.get("accept", ""), offered)
    if form is None:
        types = ", ".join(each.media for each in offered)
        raise HttpError(406, "none of the accepted types is available", f"accept one of {types}", {"vary": "Accept"})
    return form


def complete(body: str | bytes, kind: Format, headers: Headers | None = None) -> Response:
    """Return an answer whose type was negotiated."""
    response = Response(body, 200, {"vary": "Accept", **(headers or {})})
    response.headers["content-type"] = kind.content_type
    return response


def unless_known(request: Request, snapshot: Snapshot, parts: Sequence[str], make: Callable[[], Response]) -> Response:
    """Return the answer that *make* makes, with an ETag, from memory if it was sent recently, or a 304 without a body
    if the client already has it.

    *parts* are everything that it depends on besides the graph, the project's questions and this program.
    """
    etag = _tag(snapshot, (request.app.state.mark, *parts))
    given = snapshot.recent.get(etag)
    if given is None:
        response = make()
        if response.status_code != 200:
            return response
        response.headers["etag"] = etag
        response.headers.setdefault("cache-control", "no-cache")  # revalidate each time
        headers = tuple((k, v) for k, v in response.headers.items() if k != "content-length")
        given = Given(bytes(response.body), headers)
        snapshot.recent.keep(etag, given, len(given.body))
    known = {name.strip().removeprefix("W/") for name in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers={k: v for k, v in given.headers if k in NOT_MODIFIED})
    return Response(given.body, headers=dict(given.headers))


@cache
def _program() -> str:
    return version("communique-kg")


def _tag(snapshot: Snapshot, parts: Sequence[str]) -> str:
    digest = sha256("\0".join((snapshot.version, _program(), *parts)).encode(errors="replace"))
    return f'"{digest.hexdigest()[:24]}"'


def plain_error(error: KgError) -> Response:
    """Return an error as plain text."""
    headers = {**headers_of(error), "content-type": "text/plain; charset=utf-8"}
    return Response(plain(error), status_of(error), headers)


def problem_error(error: KgError) -> Response:
    """Return an error as problem details."""
    return Response(problem(error), status_of(error), {**headers_of(error), "content-type": PROBLEM})
