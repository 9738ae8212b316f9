"""The address of a page -> its bytes, fetched once, within limits. Imports requests.

Only http and https, without user name, password or cookies. Redirects are followed one by one up to a limit, never from
https to http, and never from a public address to one of this computer or its network: a curator who gives a private
address means it, a page that redirects there does not. If a proxy resolves addresses, the proxy decides.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from kg.core.errors import EndpointError, InvalidValueError, UsageError
from kg.core.iri import absolute_iri

if TYPE_CHECKING:
    import requests

AGENT = f"communique-kg/{version('communique-kg')} (kg new; one page at a curator's request)"
TYPES = ("text/html", "application/xhtml+xml", "text/plain")
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class PageLimits:
    """The limits for one page.

    Attributes:
        seconds: of wall-clock time, redirects included.
        most: bytes, decompressed.
    """

    seconds: float = 30.0
    most: int = 8 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as a server sent it.

    Attributes:
        content: its bytes.
        url: its final address.
        encoding: that the server declares, or "".
        is_page: whether it is HTML rather than plain text.
    """

    content: bytes
    url: str
    encoding: str
    is_page: bool


def fetched(url: str, limits: PageLimits | None = None, *, private: bool = True) -> Fetched:
    """Return what is at *url*.

    Args:
        url: the address.
        limits: of time and size.
        private: whether the address, and redirects from a private one, may be of this computer or its network.

    Raises:
        UsageError: it is not the address of a page.
        EndpointError: the page cannot be fetched.
    """
    limits = limits or PageLimits()
    end = time.monotonic() + limits.seconds
    for _ in range(MOST_REDIRECTS + 1):
        private = _is_private(url, end) if private else _refused_private(url, end)
        answer = _one(url, limits, end)
        if isinstance(answer, Fetched):
            return answer
        if url.startswith("https:") and not answer.startswith("https:"):
            raise EndpointError(f"{url} leads to {answer}, which is not encrypted", "open that one, if you trust it")
        url = answer
    raise EndpointError(f"{url}: more than {MOST_REDIRECTS} redirects", "open the page in a browser, and save it")


def checked_address(url: str) -> str:
    """Return *url* if it may be fetched.

    Raises:
        UsageError: it may not.
    """
    try:
        parts = urlsplit(absolute_iri(url))
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (InvalidValueError, ValueError):
        is_address = False
    if not is_address:
        fix = "give an address such as https://example.org/page, without a name or password"
        raise UsageError(f"{url[:200]!r} is not the address of a page", fix)
    return url


# -------- public and private addresses


def _refused_private(url: str, end: float) -> bool:
    if _is_private(url, end):
        fix = "give that address itself, if you mean it"
        raise EndpointError(f"the page redirects to {url}, an address of this computer or its network", fix)
    return False


def _is_private(url: str, end: float) -> bool:
    """Return whether any address of a host is not public."""
    from requests.utils import get_environ_proxies, select_proxy

    parts = urlsplit(checked_address(url))
    if select_proxy(url, get_environ_proxies(url)):
        return False
    try:
        addresses = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError as error:
        raise EndpointError(f"{url}: {error.strerror or error}", "check the address and the network") from error
    if time.monotonic() > end:
        raise _late(url)
    return not all(ip_address(str(each[4][0]).partition("%")[0]).is_global for each in addresses)


# -------- one request


def _one(url: str, limits: PageLimits, end: float) -> Fetched | str:
    """Return a page, or the address that it redirects to."""
    import requests

    left = end - time.monotonic()
    if left <= 0:
        raise _late(url)
    headers = {"User-Agent": AGENT, "Accept": ", ".join(TYPES), "Accept-Language": "*"}
    try:
        with requests.get(
            url, headers=headers, timeout=(min(10.0, left), left), allow_redirects=False, stream=True, auth=_anonymous
        ) as response:
            if response.status_code in _REDIRECTS and response.headers.get("location"):
                return checked_address(urljoin(url, response.headers["location"]))
            return _page(response, url, limits, end)
    except requests.Timeout as error:
        raise _late(url) from error
    except (requests.RequestException, OSError) as error:
        raise EndpointError(f"{url} cannot be fetched: {_cause(error)}", "check the address and the network") from error


def _anonymous(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no user name and password, even if a netrc file has them for the host."""
    return prepared


def _page(response: requests.Response, url: str, limits: PageLimits, end: float) -> Fetched:
    if response.status_code != 200:
        message = f"{url}: the server answered {response.status_code} {response.reason or ''}".rstrip()
        raise EndpointError(message, "open the page in a browser and save it, if you may read it there")
    kind, _, parameters = response.headers.get("content-type", TYPES[0]).lower().partition(";")
    if kind.strip() not in TYPES:
        fix = "save the article as a page or as plain text, and give the file"
        raise EndpointError(f"{url} is {kind.strip() or 'of no type'}, neither a page nor plain text", fix)
    _, _, encoding = parameters.partition("charset=")
    body = _body(response.raw.read1, url, limits, end)
    return Fetched(body, url, encoding.partition(";")[0].strip(" \"'"), kind.strip() != TYPES[2])


def _body(read: Callable[..., bytes], url: str, limits: PageLimits, end: float) -> bytes:
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    parts: list[bytes] = []
    size = 0
    try:
        while part := read(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > limits.most:
                fix = "save the article's text as plain text, and give that"
                raise EndpointError(f"{url} is larger than {limits.most >> 20} MiB", fix)
            if time.monotonic() > end:
                raise _late(url)
    except ReadTimeoutError as error:
        raise _late(url) from error
    except HTTPError as error:
        raise EndpointError(f"{url}: the connection broke: {_cause(error)}", "run the command again") from error
    return b"".join(parts)


def _late(url: str) -> EndpointError:
    return EndpointError(
        f"{url}: the page did not arrive in time", "run the command again, or save the page in a browser"
    )


def _cause(error: BaseException) -> str:
    """Return the innermost reason that requests and urllib3 wrap."""
    inner: BaseException = error
    while inner.__context__ is not None and inner.__context__ is not inner:
        inner = inner.__context__
    return (str(inner).rpartition(">: ")[2] or type(inner).__name__)[:300]
