"""The address under which clients reach this server: behind a proxy, not its own. ASGI middleware.

`kg serve --public-url` names the address. Without it, the headers X-Forwarded-Host, -Proto and -Prefix of proxies at
trusted addresses do. Pages, redirects and descriptions then refer to that address.
https://asgi.readthedocs.io/en/latest/specs/www.html#http-connection-scope (root_path)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import AnyStr
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.core.errors import UsageError
from kg.web.answers import plain_error
from kg.web.errors import HttpError

Network = IPv4Network | IPv6Network

_AUTHORITY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """An address as clients see it.

    Attributes:
        scheme: "http" or "https".
        authority: host, with the port if it is not the default.
        prefix: the path below which everything is, "" or with a leading slash and without one at its end.
    """

    scheme: str
    authority: str
    prefix: str = ""

    @property
    def host(self) -> str:
        """The host, in lower case, with brackets if it is an IPv6 address."""
        return re.sub(r":\d+$", "", self.authority).lower()

    def __str__(self) -> str:
        """Return the address, with a slash at its end."""
        return f"{self.scheme}://{self.authority}{self.prefix}/"


def public_url(text: str) -> PublicUrl:
    """Return the address that *text* names.

    >>> str(public_url("https://kg.example.org/base/"))
    'https://kg.example.org/base/'

    Raises:
        UsageError: it is not the http or https address of a folder.
    """
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and not parts.query and not parts.fragment and parts.port != 0
    except ValueError:  # a port out of range, or brackets that are no IPv6 address
        valid = False
    prefix = parts.path.rstrip("/") if valid else ""
    if not valid or not _AUTHORITY.fullmatch(parts.netloc) or not _is_prefix(prefix):
        raise UsageError(
            f"--public-url: '{text}' is not such an address", "write, for example, https://example.org/kg/"
        )
    return PublicUrl(parts.scheme, parts.netloc.lower(), prefix)


def trusted_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks of the proxies that are trusted. One address is a network of its own.

    Raises:
        UsageError: a text is no address and no network.
    """
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError as error:
        raise UsageError(
            f"--proxy: {error}", "write an address such as 10.0.0.7, or a network such as 10.0.0.0/24"
        ) from error


class PublicAddress:
    """Gives each request the address that its client used, and keeps redirects and links below it.

    The path is completed with the prefix whether or not the proxy removed it. `raw_path` has no prefix afterwards.
    """

    def __init__(self, app: ASGIApp, public: PublicUrl | None, proxies: Sequence[Network]) -> None:
        self._app, self._public, self._proxies = app, public, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request under its public address."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            seen = self._seen(scope)
        except HttpError as error:
            await plain_error(error)(scope, receive, send)
            return
        if seen is not None:
            _move(scope, seen)
            send = _below(seen, send)
        await self._app(scope, receive, send)

    def _seen(self, scope: Scope) -> PublicUrl | None:
        """Return the address that the client used, None if it is the one in the request.

        Raises:
            HttpError: 400: a trusted proxy says something that is no address.
        """
        if self._public is not None:
            return self._public
        if not is_trusted(scope, self._proxies):
            return None
        headers = dict(scope["headers"])
        scheme = _last(headers, b"x-forwarded-proto") or scope["scheme"]
        authority = _last(headers, b"x-forwarded-host") or headers.get(b"host", b"").decode("latin-1")
        prefix = _last(headers, b"x-forwarded-prefix").rstrip("/")
        if scheme not in ("http", "https") or not _AUTHORITY.fullmatch(authority) or not _is_prefix(prefix):
            raise HttpError(400, "the proxy's X-Forwarded headers name no address", "correct its configuration")
        return PublicUrl(scheme, authority, prefix)


def is_trusted(scope: Scope, proxies: Sequence[Network]) -> bool:
    """Return whether the request comes directly from one of the *proxies*."""
    client: tuple[str, int] | None = scope.get("client")
    return client is not None and any(ip_address(client[0]) in network for network in proxies)


def client_of(scope: Scope, proxies: Sequence[Network]) -> str:
    """Return the address of the client: what a trusted proxy says in X-Forwarded-For, else that of the connection."""
    client: tuple[str, int] | None = scope.get("client")
    forwarded = _last(dict(scope["headers"]), b"x-forwarded-for") if is_trusted(scope, proxies) else ""
    return forwarded or (client[0] if client else "")


def _last(headers: dict[bytes, bytes], name: bytes) -> str:
    """Return the last value in a list, which the nearest proxy has added, "" if there is none."""
    return headers.get(name, b"").decode("latin-1").rpartition(",")[2].strip()


def _is_prefix(path: str) -> bool:
    return bool(_PREFIX.fullmatch(path)) and not {".", ".."} & {*path.split("/")}


def _move(scope: Scope, public: PublicUrl) -> None:
    """Change the scope of a request to one of a request to the public address."""
    raw = scope.get("raw_path") or scope["path"].encode()
    headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
    scope["scheme"], scope["root_path"] = public.scheme, public.prefix
    scope["headers"] = [(b"host", public.authority.encode()), *headers]
    scope["path"] = public.prefix + _without(public.prefix, scope["path"])
    scope["raw_path"] = _without(public.prefix.encode(), raw)


def _without(prefix: AnyStr, path: AnyStr) -> AnyStr:
    """Return a path without the prefix, if it has it."""
    slash = path[:1]
    return path[len(prefix) :] or slash if prefix and (path + slash).startswith(prefix + slash) else path


def _below(public: PublicUrl, send: Send) -> Send:
    """Return a *send* that puts the prefix before the paths in headers."""
    prefix = public.prefix.encode()

    async def sent(message: Message) -> None:
        if prefix and message["type"] == "http.response.start":
            message = {
                **message,
                "headers": [(name, _prefixed(name, value, prefix)) for name, value in message["headers"]],
            }
        await send(message)

    return sent


def _prefixed(name: bytes, value: bytes, prefix: bytes) -> bytes:
    if name in (b"location", b"content-location") and value.startswith(b"/"):
        return prefix + value
    return value.replace(b"</", b"<" + prefix + b"/") if name == b"link" else value
