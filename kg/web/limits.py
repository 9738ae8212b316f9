"""Limits of a request: its host, length, size and speed. ASGI middleware that reads only the head.

A page of another site can make a browser send requests to this machine under that site's name (DNS rebinding), so a
server on loopback answers only to the names of this machine. A body with two lengths may be read differently by a
proxy, which hides a request in it (smuggling): it is refused, and the connection closed.
https://asgi.readthedocs.io/en/latest/specs/www.html ; https://www.rfc-editor.org/rfc/rfc9110#name-client-error-4xx ;
https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.web.answers import plain_error, problem_error
from kg.web.errors import HttpError
from kg.web.health import PROBES

MOST_ADDRESS = 56 * 1024
"""Most bytes of path and query of an address: a query of 16 kB may be percent-encoded."""

MOST_BODY = 2 << 20
"""Most bytes of a body. A batch of names to reconcile is the longest."""

BODY_SECONDS = 10.0
"""Seconds that a whole body may take to arrive."""

_ABSOLUTE = re.compile(r"https?://([A-Za-z0-9.:\[\]-]*)(?=/|$)", re.IGNORECASE)

PROGRAMS = ("/api", "/reconcile")
"""Prefixes of addresses for programs, which get problem details. Others get plain text."""


class RequestLimits:
    """Refuses requests that are for another host, too long, too large or too slow."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, or answer with a refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope, _to_origin_form(scope))
        if refused is not None:
            error = problem_error if scope["path"].startswith(PROGRAMS) else plain_error
            await error(refused)(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)

    def _refusal(self, scope: Scope, authority: str) -> HttpError | None:
        """Return why a request is refused, None if it is not. An *authority* in its address overrides its Host."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = host_name(authority or headers.get(b"host", ""))
        if self._hosts is not None and host not in self._hosts and scope["path"] not in PROBES:
            fix = "use the address that it printed, or start it with --host"
            return HttpError(421, f"this server is not '{host[:100]}'", fix)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_ADDRESS:
            return HttpError(414, f"the address has more than {MOST_ADDRESS} bytes", "send the query with POST")
        if b"transfer-encoding" in headers and b"content-length" in headers:
            fix = "send one of the two"
            return HttpError(400, "the body has a Content-Length and a Transfer-Encoding", fix, {"connection": "close"})
        length = headers.get(b"content-length", "0")
        return _too_large() if not length.isdecimal() or int(length) > MOST_BODY else None


def host_name(header: str) -> str:
    """Return the name in a Host header, without the port, in lower case.

    >>> host_name("LOCALHOST:8800"), host_name("[::1]:8800"), host_name("example.org")
    ('localhost', '[::1]', 'example.org')
    """
    name, colon, port = header.strip().lower().rpartition(":")
    return name if colon and (port.isdecimal() or not port) else header.strip().lower()


def _to_origin_form(scope: Scope) -> str:
    """Remove the authority from an address in absolute form, and return it, "" for an address without one.

    https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form
    """
    absolute = _ABSOLUTE.match(scope["path"])
    if not absolute:
        return ""
    raw = (scope.get("raw_path") or b"")[len(absolute[0]) :]
    scope["path"], scope["raw_path"] = scope["path"][len(absolute[0]) :] or "/", raw or b"/"
    return absolute[1]


def _bounded(receive: Receive) -> Receive:
    """Return a *receive* that rejects a body that is too large or arrives too slowly."""
    left, end, whole = MOST_BODY, anyio.current_time() + BODY_SECONDS, False

    async def received() -> Message:
        nonlocal left, whole
        if whole:  # what comes next is the end of the connection, at any time
            return await receive()
        try:
            with anyio.fail_after(max(0.0, end - anyio.current_time())):
                message = await receive()
        except TimeoutError:
            raise HttpError(408, "the body arrived too slowly", headers={"connection": "close"}) from None
        left -= len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if left < 0:
            raise _too_large()
        return message

    return received


def _too_large() -> HttpError:
    fix = "send less at a time"
    return HttpError(413, f"the body has more than {MOST_BODY} bytes", fix, {"connection": "close"})
