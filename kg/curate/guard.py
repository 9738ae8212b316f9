"""Who may use the bench: anyone with its token, from its own page, on this machine. ASGI middleware.

A page of another site can make a browser send requests to this machine. It does not know the token, and may not set the
header that carries it; the origin is compared too, so that neither alone has to hold.
https://www.rfc-editor.org/rfc/rfc6750 ; https://owasp.org/www-community/attacks/csrf
"""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from kg.web.answers import plain_error, problem_error
from kg.web.errors import HttpError

OPEN = ("/static/", "/bench/")
"""Prefixes of files that everybody has who has this package."""

PROGRAMS = "/api/"
_FIX = "open the address that 'kg curate' printed"


class Guard:
    """Refuses requests without the token, and those that another site's page made."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, or answer with a refusal."""
        refused = self._refusal(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
        else:
            error = problem_error if scope["path"].startswith(PROGRAMS) else plain_error
            await error(refused)(scope, receive, send)

    def _refusal(self, scope: Scope) -> HttpError | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
        if origin and origin != f"http://{headers.get('host', '')}":
            return HttpError(403, "this request comes from the page of another site", _FIX)
        if scope["path"].startswith(OPEN):
            return None
        is_program = scope["path"].startswith(PROGRAMS)
        if is_program and site not in ("", "same-origin", "none"):
            return HttpError(403, "this request comes from the page of another site", _FIX)
        if not compare_digest(_given(scope, headers, is_program=is_program).encode(), self._token.encode()):
            return HttpError(401 if is_program else 403, "the address lacks the token of this bench", _FIX)
        is_json = headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        if scope["method"] not in ("GET", "HEAD") and not is_json:
            return HttpError(415, "the bench takes JSON only", _FIX)
        return None


def _given(scope: Scope, headers: dict[str, str], *, is_program: bool) -> str:
    """Return the token of a request: programs send it in a header, so that no link or form can."""
    if is_program:
        return headers.get("authorization", "").removeprefix("Bearer ")
    query: str = scope["query_string"].decode("latin-1")
    return parse_qs(query).get("token", [""])[0]
