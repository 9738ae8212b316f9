"""An error reply of a server -> the kind of failure, and a message. Pure.

The status usually determines the kind. Where products use one status for many failures, their messages decide.
https://www.rfc-editor.org/rfc/rfc9110#name-status-codes
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from kg.core.errors import Failure, RemoteError

SHOWN = 300  # code points of a server's message
_BEGINNING = 20_000  # bytes of a body in which to look for a message


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete HTTP reply.

    Attributes:
        status: the status code.
        headers: name in lower case -> value.
        body: decompressed.
        file: contains the body in place of *body*, if the request named one.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    file: IO[bytes] | None = None

    @property
    def kind(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def stream(self) -> IO[bytes]:
        """The body, to be read from its beginning."""
        stream = self.file or BytesIO(self.body)
        stream.seek(0)
        return stream

    @property
    def text(self) -> str:
        """The beginning of the body as text, for messages."""
        return self.stream.read(_BEGINNING).decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class _Sign:
    """Identifies a failure: by its status, or by words in the body if the status is at least *least*."""

    failure: Failure
    statuses: Container[int] = ()
    words: str = ""
    least: int = 0
    writing: bool = False

    def fits(self, status: int, text: str, *, writing: bool) -> bool:
        """Return whether a reply matches. A sign with `writing` applies only to updates."""
        if self.writing and not writing:
            return False
        in_words = self.words and status >= self.least and re.search(self.words, text, re.IGNORECASE)
        return status in self.statuses or bool(in_words)


_SIGNS = (
    _Sign(Failure.REDIRECTED, range(300, 400)),
    _Sign(Failure.FULL, {507}, r"no space left|disk (?:is )?full|out of disk|enospc|quota exceeded"),
    _Sign(Failure.UNAUTHORIZED, {401, 407}),
    _Sign(Failure.TOO_LARGE, {413}),
    _Sign(Failure.READ_ONLY, {405, 501}, r"read[- ]only|updates? (?:are|is) (?:disabled|not allowed)", writing=True),
    _Sign(
        Failure.FORBIDDEN,
        {403},
        r"no permission|access denied|forbidden|permission denied|not allowed to|security",
        least=500,
    ),
    _Sign(Failure.NOT_FOUND, {404, 410}),
    _Sign(Failure.BUSY, {429}, r"deadlock|\b40001\b|SR172"),
    _Sign(Failure.TIMEOUT, {408, 504}, r"time[d -]*out|timelimit|S1T00|estimated execution time", least=500),
    _Sign(Failure.BUSY, {502, 503}),
)
"""The first that matches decides."""

_FIXES = {
    Failure.UNAUTHORIZED: "set KG_STORE_…_USER and KG_STORE_…_PASSWORD (or _TOKEN), or write a netrc file",
    Failure.FORBIDDEN: "ask the store's administrator for the right to read and write graphs below the project's base",
    Failure.READ_ONLY: "start the server with updates allowed, or set the address that accepts them",
    Failure.NOT_FOUND: "check the address, the data set's name and 'kind' in kg.toml",
    Failure.REDIRECTED: "use that address if you trust it: redirects are not followed, as they could expose passwords",
    Failure.TIMEOUT: "narrow the query, allow more time, or check the server's own limit",
    Failure.FULL: "make room on the server's disk and run the same command again",
    Failure.BUSY: "try again later, or with fewer requests at once",
    Failure.TOO_LARGE: "set a higher limit for request bodies in the server, or in the proxy in front of it (nginx: "
    "client_max_body_size); or send less at once: --way update, or gzip = true in kg.toml if the store supports it",
    Failure.FAILED: "check the server's log",
    Failure.REFUSED: "read the server's message",
}
_PROXY_FIX = (
    "the proxy in http_proxy or https_proxy requires authentication; no_proxy names hosts that are reached without it"
)


def problem(reply: Reply, what: str, *, writing: bool) -> RemoteError:
    """Return the error for a reply that is not a success. *what* names store and request."""
    failure = failure_of(reply, writing=writing)
    summary = _SUMMARIES.get(failure, "failed")
    detail = f": {detail_of(reply)}" if detail_of(reply) else ""
    if failure is Failure.REDIRECTED:
        detail = f" to {reply.headers.get('location', 'nowhere')}"
    fix = _PROXY_FIX if reply.status == 407 else _FIXES.get(failure, "")
    return RemoteError(failure, f"{what}: {summary} (HTTP {reply.status}){detail}", fix)


def failure_of(reply: Reply, *, writing: bool) -> Failure:
    """Return the kind of failure that a reply reports."""
    signs = (sign.failure for sign in _SIGNS if sign.fits(reply.status, reply.text, writing=writing))
    return next(signs, Failure.FAILED if reply.status >= 500 else Failure.REFUSED)


def detail_of(reply: Reply) -> str:
    """Return the first line of a server's message that is not empty, without markup."""
    text = re.sub(r"<[^<>]*>", " ", reply.text) if "html" in reply.kind else reply.text
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


_SUMMARIES = {
    Failure.REDIRECTED: "it redirects",
    Failure.FULL: "the server's disk is full",
    Failure.UNAUTHORIZED: "authentication is required or failed",
    Failure.READ_ONLY: "it does not accept updates",
    Failure.FORBIDDEN: "it does not allow this",
    Failure.NOT_FOUND: "there is nothing at that address",
    Failure.BUSY: "it is too busy",
    Failure.TOO_LARGE: "it does not accept requests of that size",
    Failure.TIMEOUT: "it took too long",
    Failure.REFUSED: "it refused the request",
    Failure.FAILED: "it failed",
}
