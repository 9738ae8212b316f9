"""A request to a store or another server -> the complete reply, or an error that says what failed. Imports requests.

Redirects are not followed, certificates are verified, and a reply that takes longer than its time limit is abandoned.
All our requests are idempotent: without blank nodes, adding or removing the same triples again changes nothing. So
requests that are lost or temporarily refused are retried.
https://www.rfc-editor.org/rfc/rfc9110
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from typing import IO, TYPE_CHECKING

from kg.core.closing import Closing
from kg.core.errors import Failure, RemoteError
from kg.project.endpoint import Endpoint
from kg.store.credentials import Credentials, credentials
from kg.store.replies import Reply, failure_of, problem
from kg.store.spool import append, rewrite

if TYPE_CHECKING:
    import requests

AGENT = f"communique-kg/{version('communique-kg')} (SPARQL client; python-requests)"
ATTEMPTS = 4
PAUSE = 0.25  # seconds before the first retry, doubled for each further one
LONGEST_PAUSE = 10.0
CONNECTING = 10.0  # seconds until a connection must stand
_CHUNK = 1 << 16
_PROXY_FIX = (
    "check that the proxy runs, and its address in http_proxy, https_proxy or all_proxy; no_proxy names hosts that are "
    "reached without it"
)
_WORTH_RETRYING = frozenset({Failure.BUSY, Failure.CUT, Failure.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        method: the HTTP method.
        url: the address, without parameters.
        what: a name for messages, such as "query" or "PUT of <graph>".
        parameters: the query parameters of the URL.
        headers: headers in addition to those that the client sets.
        body: the content to send, or a file with it. None if there is none.
        writing: whether the request changes the store.
        seconds: time limit for the complete reply.
        most: size limit of the reply in bytes, decompressed, if it is kept in memory.
        into: an empty file for the body of a successful reply, which then has no size limit. None for memory.
    """

    method: str
    url: str
    what: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | IO[bytes] | None = None
    writing: bool = False
    seconds: float = 60.0
    most: int = 1 << 31
    into: IO[bytes] | None = None


class Client(Closing):
    """Connections to one store, one per thread, kept open between requests. Close it, or use it in a `with` block."""

    def __init__(
        self,
        endpoint: Endpoint,
        known: Credentials | None = None,
        pause: Callable[[float], None] = time.sleep,
        role: str = "store",
    ) -> None:
        self.endpoint = endpoint
        self._role = role  # what the server is, for messages
        self._pause = pause
        self._known = credentials(endpoint.settings) if known is None else known
        self._own = threading.local()
        self._sessions: list[requests.Session] = []

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._sessions:
            self._sessions.pop().close()

    def _session(self) -> requests.Session:
        """Return the session of this thread."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            import requests

            session = requests.Session()
            session.headers["User-Agent"] = AGENT
            session.auth = _authentication(self.endpoint.auth, self._known)
            self._sessions.append(session)
            self._own.session = session
        return session

    def send(self, request: Request, attempts: int = ATTEMPTS) -> Reply:
        """Return the reply to *request* if it succeeds (2xx), retrying temporary failures.

        Raises:
            RemoteError: all *attempts* failed, or one failed in a way that a retry cannot fix.
        """
        for attempt in range(1, attempts + 1):
            try:
                reply = self.exchange(request)
                if 200 <= reply.status < 300:
                    return reply
                wait = _retry_after(reply)
                error = problem(reply, self._description(request), writing=request.writing)
                retry = failure_of(reply, writing=request.writing) in _WORTH_RETRYING
            except RemoteError as caught:
                error, wait, retry = caught, 0.0, caught.failure in _WORTH_RETRYING
            if attempt == attempts or not retry:
                raise error
            self._pause(min(LONGEST_PAUSE, max(wait, PAUSE * 2 ** (attempt - 1))))
        raise AssertionError("unreachable")

    def _description(self, request: Request) -> str:
        return f"{self._role} {self.endpoint.shown}, {request.what}"

    def exchange(self, request: Request) -> Reply:
        """Send *request* once and return the reply, whatever its status.

        Raises:
            RemoteError: there is no complete reply.
        """
        import requests

        start = time.monotonic()
        if request.body is not None and not isinstance(request.body, bytes):
            request.body.seek(0)
        try:
            with self._session().request(
                request.method,
                request.url,
                params=dict(request.parameters),
                data=request.body,
                headers=dict(request.headers),
                timeout=(_connecting(request), request.seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                into = request.into if response.ok else None
                body = self._body(response, request, start, into)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Reply(response.status_code, headers, body, into)
        except (requests.RequestException, OSError, ValueError) as error:
            raise self._broken(request, error) from error

    def _body(self, response: requests.Response, request: Request, start: float, into: IO[bytes] | None) -> bytes:
        """Read the body piece by piece, and return it unless it goes *into* a file.

        urllib3 compares its length with the Content-Length header.
        """
        from urllib3.exceptions import HTTPError

        file, size = into or BytesIO(), 0
        rewrite(file, ())  # removes what an earlier attempt has left
        try:
            while part := response.raw.read1(_CHUNK, decode_content=True):
                append(file, part)
                size += len(part)
                if time.monotonic() - start > request.seconds:
                    raise self._late(request)
                if size > request.most and into is None:
                    message = f"{self._description(request)}: the answer has more than {request.most >> 20} MiB"
                    raise RemoteError(Failure.TRUNCATED, message, "narrow the query, or set a LIMIT")
        except (HTTPError, OSError) as error:
            raise self._broken(request, error) from error
        return file.getvalue() if isinstance(file, BytesIO) else b""

    def _late(self, request: Request) -> RemoteError:
        problem = (
            f"{self._description(request)}: no complete answer within {request.seconds:.3g} s{_through(request.url)}"
        )
        return RemoteError(Failure.TIMEOUT, problem, "narrow the query, or allow more time")

    def _broken(self, request: Request, error: Exception) -> RemoteError:
        """Return the error for a connection that failed."""
        import requests
        from urllib3.exceptions import ReadTimeoutError

        if isinstance(error, requests.Timeout | ReadTimeoutError | TimeoutError):
            return self._late(request)
        cause, what, through = _cause(error), self._description(request), _through(request.url)
        if isinstance(error, requests.exceptions.SSLError):
            fix = "add the certificate's issuer to the file that REQUESTS_CA_BUNDLE names"
            return RemoteError(Failure.UNTRUSTED, f"{what}: its certificate cannot be trusted: {cause}", fix)
        of_proxy = requests.exceptions.ProxyError | requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema
        if through and isinstance(error, of_proxy):  # the address of the store itself has been checked before
            return RemoteError(Failure.UNREACHABLE, f"{what}: cannot connect{through}: {cause}", _PROXY_FIX)
        if isinstance(error, ValueError):
            fix = "check its address, and the characters of the credentials"
            return RemoteError(Failure.UNREACHABLE, f"{what}: it cannot be queried: {cause}", fix)
        if any(sign in cause for sign in ("refused", "resolve", "unreachable", "Name or service", "No route")):
            fix = "check that the server runs, and its address and port"
            return RemoteError(Failure.UNREACHABLE, f"{what}: cannot connect{through}: {cause}", fix)
        fix = "run the same command again: it sends only what has not arrived yet"
        return RemoteError(Failure.CUT, f"{what}: the connection broke{through}: {cause}", fix)


def _connecting(request: Request) -> float:
    """Return the seconds for connecting, which also limit how long a server may take to accept more of a body."""
    return request.seconds if request.writing else min(CONNECTING, request.seconds)


def _through(url: str) -> str:
    """Return " through the proxy …", without its password, if requests uses a proxy for this address, else ""."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url))
    return f" through the proxy {proxy.partition('://')[2].rpartition('@')[2] or proxy}" if proxy else ""


def _cause(error: BaseException) -> str:
    """Return the message of the innermost exception that requests and urllib3 wrap."""
    seen: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in seen:
        seen.append(inner)
        wrapped = [each for each in (*inner.args, getattr(inner, "reason", None)) if isinstance(each, BaseException)]
        inner = next(iter(wrapped), inner.__context__)
    message = str(seen[-1]) or type(seen[-1]).__name__
    return message.rpartition(">: ")[2][:300]


def _retry_after(reply: Reply) -> float:
    """Return the seconds in the Retry-After header, 0 if it gives none."""
    seconds = reply.headers.get("retry-after", "")
    return float(seconds) if seconds.isdecimal() else 0.0


def _authentication(kind: str, known: Credentials) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Return what authenticates each request. It also keeps requests from reading netrc files by itself."""
    from requests.auth import HTTPBasicAuth, HTTPDigestAuth

    if known.token:
        return _header(f"Bearer {known.token}")
    if not known or kind == "none":
        return _header("")
    digest = kind == "digest"
    return (
        HTTPDigestAuth(known.user, known.password)
        if digest
        else HTTPBasicAuth(known.user.encode(), known.password.encode())
    )


def _header(value: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    def add(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if value:
            prepared.headers["Authorization"] = value
        return prepared

    return add
