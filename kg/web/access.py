"""Requests that need a name and password, or a token. ASGI middleware.

The health of the server is shown to everyone. https://www.rfc-editor.org/rfc/rfc7617 ; https://www.rfc-editor.org/rfc/rfc6750
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hmac import compare_digest

from starlette.types import ASGIApp, Receive, Scope, Send

from kg.web.answers import plain_error
from kg.web.errors import HttpError
from kg.web.health import PROBES


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read. With neither, everyone may.

    Attributes:
        token: sent as `Authorization: Bearer TOKEN`.
        login: `name:password`, sent by browsers as basic authentication.
    """

    token: str = ""
    login: str = ""

    @property
    def credentials(self) -> tuple[bytes, ...]:
        """The values of the header that give access."""
        bearer = (f"Bearer {self.token}".encode(),) if self.token else ()
        basic = (b"Basic " + b64encode(self.login.encode()),) if self.login else ()
        return bearer + basic

    def __str__(self) -> str:
        """Return which credentials give access, without their values."""
        return " or ".join(name for name, given in (("token", self.token), ("password", self.login)) if given)


class RequiresAccess:
    """Refuses requests without valid credentials."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._valid = app, access.credentials
        self._challenge = 'Basic realm="kg", charset="UTF-8"' if access.login else "Bearer"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request, or answer with a refusal."""
        if scope["type"] == "http" and self._valid and not self._may_read(scope):
            refusal = HttpError(
                401, "this server needs a password or a token", "", {"www-authenticate": self._challenge}
            )
            await plain_error(refusal)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _may_read(self, scope: Scope) -> bool:
        if scope["path"] in PROBES:
            return True
        given: bytes = dict(scope["headers"]).get(b"authorization", b"")
        scheme, _, value = given.partition(b" ")
        normal = scheme.title() + b" " + value.strip()
        return any(compare_digest(normal, valid) for valid in self._valid)
