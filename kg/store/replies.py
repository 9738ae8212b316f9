"""What a server said when it would not -> which failure it is, in plain words. Pure.

The status tells most; where products use one status for many things, their messages tell the rest.
https://www.rfc-editor.org/rfc/rfc9110#name-status-codes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.core.errors import Failure, RemoteError

SHOWN = 300  # code points of a server's message


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that has arrived whole.

    Attributes:
        status: of HTTP.
        headers: name in lower case -> value.
        body: decompressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text, for messages."""
        return self.body.decode("utf-8", errors="replace")


_FULL = re.compile(r"no space left|disk (?:is )?full|out of disk|enospc|quota exceeded", re.IGNORECASE)
_READ_ONLY = re.compile(r"read[- ]only|updates? (?:are|is) (?:disabled|not allowed)", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"no permission|access denied|forbidden|permission denied|not allowed to|security", re.IGNORECASE
)
_DEADLOCK = re.compile(r"deadlock|\b40001\b|SR172", re.IGNORECASE)
_TIMED_OUT = re.compile(r"time[d -]*out|timelimit|S1T00|estimated execution time", re.IGNORECASE)

_FIXES = {
    Failure.UNAUTHORIZED: "set KG_STORE_…_USER and KG_STORE_…_PASSWORD (or _TOKEN), or write a netrc file",
    Failure.FORBIDDEN: "ask the store's administrator for the right to read and write graphs below the project's base",
    Failure.READ_ONLY: "start the server with updates allowed, or name the address that takes them",
    Failure.NOT_FOUND: "check the address, the data set's name and 'kind' in kg.toml",
    Failure.REDIRECTED: "name that address, if you trust it: redirects are not followed, they could take passwords",
    Failure.TIMEOUT: "ask for less, allow more time, or look at the server's own limit",
    Failure.FULL: "make room on the server's disk and run the same command again",
    Failure.BUSY: "try again later, or with fewer requests at once",
    Failure.TOO_LARGE: "set a higher limit for request bodies in the server, or in the proxy before it (nginx: "
    "client_max_body_size); or send less at once: --way update, or gzip = true in kg.toml if the store takes it",
    Failure.FAILED: "look into the server's log",
    Failure.REFUSED: "look at what the server says",
}
_PROXY_FIX = (
    "the proxy that http_proxy or https_proxy names asks who we are; no_proxy names hosts that are reached without"
)


def problem(reply: Reply, what: str, *, writing: bool) -> RemoteError:
    """Return the error for a reply that is no success; *what* names store and request."""
    failure = failure_of(reply, writing=writing)
    first = _FIRST_WORDS.get(failure, "failed")
    detail = f": {detail_of(reply)}" if detail_of(reply) else ""
    if failure is Failure.REDIRECTED:
        detail = f" to {reply.headers.get('location', 'nowhere')}"
    fix = _PROXY_FIX if reply.status == 407 else _FIXES.get(failure, "")
    return RemoteError(failure, f"{what}: {first} (HTTP {reply.status}){detail}", fix)


def failure_of(reply: Reply, *, writing: bool) -> Failure:
    """Return which failure a reply is."""
    text = reply.text[:20_000]
    if 300 <= reply.status < 400:
        return Failure.REDIRECTED
    if _FULL.search(text) or reply.status == 507:
        return Failure.FULL
    if reply.status in (401, 407):
        return Failure.UNAUTHORIZED
    if reply.status == 413:
        return Failure.TOO_LARGE
    if writing and (_READ_ONLY.search(text) or reply.status in (405, 501)):
        return Failure.READ_ONLY
    if reply.status == 403 or (reply.status >= 500 and _FORBIDDEN.search(text)):
        return Failure.FORBIDDEN
    if reply.status in (404, 410):
        return Failure.NOT_FOUND
    if reply.status == 429 or _DEADLOCK.search(text):
        return Failure.BUSY
    if reply.status in (408, 504) or (reply.status >= 500 and _TIMED_OUT.search(text)):
        return Failure.TIMEOUT
    if reply.status in (502, 503):
        return Failure.BUSY
    return Failure.FAILED if reply.status >= 500 else Failure.REFUSED


def detail_of(reply: Reply) -> str:
    """Return the first telling line of a server's message, without markup."""
    text = re.sub(r"<[^<>]*>", " ", reply.text) if "html" in reply.kind else reply.text
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


_FIRST_WORDS = {
    Failure.REDIRECTED: "it points elsewhere,",
    Failure.FULL: "the server's disk is full",
    Failure.UNAUTHORIZED: "authentication is required or failed",
    Failure.READ_ONLY: "it takes no updates",
    Failure.FORBIDDEN: "it does not allow this",
    Failure.NOT_FOUND: "there is nothing at that address",
    Failure.BUSY: "it is too busy",
    Failure.TOO_LARGE: "it takes no request of that size",
    Failure.TIMEOUT: "it took too long",
    Failure.REFUSED: "it refused the request",
    Failure.FAILED: "it failed",
}
