"""A site -> the ASGI application: every address, and what each answer carries. Thin: what is shown is made elsewhere.

https://asgi.readthedocs.io/ ; https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.web.pages import routes as page_routes
from kg.web.site import Site

STATIC = Path(__file__).parent / "static"
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


def application(site: Site) -> Starlette:
    """Return the application that serves *site*."""
    return Starlette(
        routes=[
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static"),
            *page_routes(site),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )


class SecurityHeaders:
    """Adds SECURITY_HEADERS to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [(k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items() if k.encode() not in given]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, receive, completed if scope["type"] == "http" else send)
