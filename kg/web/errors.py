"""An error -> an HTTP status and a message. Pure.

Programs get problem details, https://www.rfc-editor.org/rfc/rfc9457 ; the sender of a SPARQL query gets plain text,
https://www.w3.org/TR/sparql11-protocol/#query-failure
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus

from kg.core.errors import (
    AmbiguousError,
    EndpointError,
    Failure,
    InputError,
    KgError,
    NotFoundError,
    RemoteError,
    UsageError,
)
from kg.store.documents import StoppedError

PROBLEM = "application/problem+json"
_FOLDERS = re.compile(r"(?<![\w:/])/(?:[^\s/:'\"]+/)+")
_STOPPED = {"time": 504}
"""A limit -> the status of a query that it stopped, else 422: the query is understood, but too large."""


class HttpError(UsageError):
    """An error with its own HTTP status and headers."""

    def __init__(self, status: int, message: str, fix: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message, fix)
        self.status = status
        self.headers = dict(headers or {})


class BusyError(EndpointError):
    """All slots are taken, and the queue is full."""

    retry_after = 2  # seconds

    @classmethod
    def now(cls) -> BusyError:
        """Return the error."""
        return cls("the server is busy with other queries", f"try again in {cls.retry_after} s")


def status_of(error: KgError) -> int:
    """Return the HTTP status, which shows who must act."""
    match error:
        case HttpError():
            return error.status
        case NotFoundError():
            return 404
        case AmbiguousError():
            return 409
        case UsageError():
            return 400
        case BusyError() | InputError() | RemoteError(failure=Failure.BUSY):
            return 503
        case RemoteError(failure=Failure.TIMEOUT):
            return 504
        case StoppedError():
            return _STOPPED.get(error.limit, 422)
        case EndpointError():
            return 502
    return 500


def headers_of(error: KgError) -> dict[str, str]:
    """Return the headers of the answer besides its type."""
    if isinstance(error, HttpError):
        return error.headers
    return {"retry-after": str(BusyError.retry_after)} if status_of(error) == 503 else {}


def message_of(error: KgError) -> str:
    """Return the message as it may be published, without the folders of this machine.

    >>> message_of(EndpointError("cannot open the store in /srv/news/build/store: https://example.org/a/b is gone"))
    'cannot open the store in …/store: https://example.org/a/b is gone'
    """
    return _FOLDERS.sub("…/", error.message) if status_of(error) >= 500 else error.message


def plain(error: KgError) -> str:
    """Return the error as text: the message and its fix."""
    return f"{message_of(error)}\n{error.fix}\n" if error.fix else f"{message_of(error)}\n"


def problem(error: KgError) -> str:
    """Return the error as problem details, with its fix as `fix`."""
    status = status_of(error)
    details = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": message_of(error)}
    return json.dumps({**details, "fix": error.fix} if error.fix else details, ensure_ascii=False) + "\n"
