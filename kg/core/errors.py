"""What can go wrong, as values: findings for curators and exceptions for callers. No I/O.

A `Finding` is one problem in the input and never an exception: findings are collected and all shown in one run.
A `KgError` stops a command. Its class says who must act and gives the exit code of `kg`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How serious a finding is, in the words that reports use (SHACL Violation, Warning, Info)."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the most serious, then rising."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Place(NamedTuple):
    """A range of characters on one line of a file.

    Attributes:
        path: as the user would type it, with forward slashes.
        line: from 1.
        column: from 1, in code points.
        length: in code points, at least 1.
    """

    path: str
    line: int = 1
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


LINE_END = re.compile("\r\n|\n|\r")


def source_lines(text: str | None) -> list[str]:
    """Return the lines of *text* as YAML and editors count them, as places do. None gives no lines."""
    if text is None:
        return []
    text = text.removeprefix("\ufeff")
    return LINE_END.split(text) if "\r" in text else text.split("\n")


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: where it is, how serious, which rule, what is wrong and how to fix it.

    Attributes:
        place: where to look.
        severity: error, warning or info.
        code: stable id, such as `KG-M007` or `KG-S0412`, with a page of its own.
        message: one sentence without a full stop.
        fix: what to do, or "" if the message already says it.
        focus: IRI of the node concerned, or "".
        instead: the text to replace the place with, which `kg check --fix` writes; "" where a person must choose.
        choices: key and value, one of which a person must choose and write beside the words at the place.
    """

    place: Place
    severity: Severity
    code: str
    message: str
    fix: str = ""
    focus: str = ""
    instead: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Path, line, column, code, message: the order of every report."""
        return (self.place.path, self.place.line, self.place.column, self.code, self.message)


class InvalidValueError(ValueError):
    """A text is not a value of its kind.

    Attributes:
        message: what is wrong with it.
        fix: what to write, or "" if the message already says it.
    """

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message, fix)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}; {self.fix}" if self.fix else self.message


class KgError(Exception):
    """A command cannot continue. The text says what is wrong, where, and how to fix it."""

    exit_code = 5

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  = help: {self.fix}" if self.fix else self.message


class FindingsError(KgError):
    """The user's input has findings, which have been reported."""

    exit_code = 1


class UsageError(KgError):
    """The call itself is wrong: an unknown query, parameter, name or missing extra."""

    exit_code = 2


class NotFoundError(UsageError):
    """Nothing has the given name."""


class AmbiguousError(UsageError):
    """Several things have the given name.

    Attributes:
        choices: the id of each, and what distinguishes it from the others.
    """

    def __init__(self, message: str, fix: str = "", choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message, fix)
        self.choices = tuple(choices)


class InputError(KgError):
    """A file or folder cannot be read, or is not valid."""

    exit_code = 3


class EndpointError(KgError):
    """A store or server refused, failed or took too long."""

    exit_code = 4


class Failure(StrEnum):
    """Why a request to a server failed, in one word. Receipts and `kg stores` show it."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    READ_ONLY = "read-only"
    NOT_FOUND = "not-found"
    REDIRECTED = "redirected"
    TIMEOUT = "time-out"
    FULL = "full"
    BUSY = "busy"
    TOO_LARGE = "too-large"
    CUT = "cut"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    FAILED = "failed"


class RemoteError(EndpointError):
    """A request to a server failed. `failure` says why."""

    def __init__(self, failure: Failure, message: str, fix: str = "") -> None:
        super().__init__(message, fix)
        self.failure = failure
