"""A stranger's query -> its answer, from a process of its own that may be killed. One process per query.

Python cannot stop a running query, and a query can take all memory or overflow the engine's stack: then only the
worker (kg/store/worker.py) is lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from selectors import EVENT_READ, PollSelector
from time import monotonic
from typing import IO

import kg
from kg.core.closing import Closing
from kg.core.errors import EndpointError, InputError, KgError, UsageError
from kg.store.documents import StoppedError
from kg.store.guard import refuse_strange
from kg.store.protocol import Rows, StoreAnswer, Triple

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")  # no secrets in the worker's environment
_ERRORS: Mapping[str, type[KgError]] = {error.__name__: error for error in (UsageError, InputError, EndpointError)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take. The rows and the size cut an answer of terms, and refuse a document.

    Attributes:
        seconds: of wall-clock time, with the worker's start (about 0.1 s).
        memory: bytes of address space that the query may add to those of the open store.
        rows: of a SELECT, or triples.
        size: bytes of all terms of the answer, or of the document.
    """

    seconds: float = 10.0
    memory: int = 512 << 20
    rows: int = 10_000
    size: int = 32 << 20


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A query and how its answer is to be written; see `Task` in kg/store/worker.py."""

    query: str
    media: str
    prefixes: Mapping[str, str]
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


def isolated_answer(store: Path, query: str, limits: Limits | None = None) -> StoreAnswer:
    """Return the answer of the store in the folder *store* to a query of any form.

    The caller holds the generation open while this runs.

    Raises:
        UsageError: the query is refused or does not parse.
        EndpointError: it took too long or too much memory, or the engine crashed.
        InputError: the store cannot be opened.
    """
    refuse_strange(query)
    limits = limits or Limits()
    with Worker(store) as worker:
        head, _ = worker.answer({"query": query, **asdict(limits)}, limits)
    return _answer(head)


def isolated_document(worker: Worker, request: DocumentRequest, limits: Limits) -> bytes:
    """Return the answer as a complete document; *worker* is used up afterwards, whatever comes.

    Raises: as `isolated_answer`; StoppedError, an EndpointError, tells which limit was reached.
    """
    refuse_strange(request.query)
    head, body = worker.answer({**asdict(request), **asdict(limits)}, limits)
    if head.get("length") != len(body):
        raise told(head) or EndpointError("the worker did not answer")
    return body


class Worker(Closing):
    """A process that opens a store and answers one query; used in a `with` block it is gone afterwards.

    It says that it is ready once the store is open, and may wait for its query for any time.

    Attributes:
        store: the folder.
        fit: whether it may be asked again.
    """

    fit = False

    def __init__(self, store: Path, stays: bool = False) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = str(Path(kg.__file__).parent.parent)
        self.store = store
        self._greeted = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kg.store.worker"],
            bufsize=0,  # what is read of its greeting must not take in what follows
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # an interrupt at the terminal is ours to handle
        )
        self._send({"store": str(store), "stays": stays})

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process; whoever waits for its answer learns that there is none."""
        self._process.kill()

    def close(self) -> None:
        """End the process and let go of it; a second call does nothing."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def ready(self, seconds: float) -> bool:
        """Wait until the store is open; return whether it is, and False when that takes longer than *seconds*."""
        output = self._process.stdout
        end, line = monotonic() + seconds, b""
        while output and not line.endswith(b"\n"):
            byte = output.read(1) if readable(output, end - monotonic()) else b""
            if not byte:
                return False
            line += byte
        self._greeted = json.loads(line) == {"ready": True}
        return self._greeted

    def answer(self, task: Mapping[str, object], limits: Limits) -> tuple[Mapping[str, object], bytes]:
        """Return what the worker says to its one task, and the bytes after that.

        Raises:
            StoppedError: it took too long or too much memory, or the engine crashed.
        """
        try:
            output, complaint = self._process.communicate(_line(task), timeout=limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise too_slow(limits) from error
        finally:
            self.close()
        if not self._greeted:
            greeting, _, output = output.partition(b"\n")
            if output == b"" and greeting:  # no greeting but the reason why there is none
                output = greeting + b"\n"
        head, separator, body = output.partition(b"\n")
        if self._process.returncode != 0 or not separator:
            raise crash(self._process.returncode, complaint.decode(errors="replace"), limits)
        return json.loads(head), body

    def _send(self, message: Mapping[str, object]) -> None:
        with suppress(BrokenPipeError):  # it is gone already: `answer` tells why
            if self._process.stdin:
                self._process.stdin.write(_line(message))


def readable(stream: IO[bytes], seconds: float) -> bool:
    """Wait until there is something to read, or the end; return False when that takes longer."""
    with PollSelector() as selector:  # select() takes no file numbers above 1,024
        selector.register(stream, EVENT_READ)
        return bool(selector.select(max(0.0, seconds)))


def _line(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def too_slow(limits: Limits) -> StoppedError:
    """Return the error of a query that was stopped because of the time it took."""
    message = f"the query took longer than {limits.seconds:g} s and was stopped"
    return StoppedError(message, "ask for less, or allow it more time", "time")


def crash(status: int, complaint: str, limits: Limits) -> StoppedError:
    """Return the error of a query whose process is gone with *status*, and with *complaint* on standard error."""
    if any(sign in complaint for sign in ("memory allocation", "bad_alloc", "MemoryError", "Cannot allocate memory")):
        return StoppedError(
            f"the query needed more than {limits.memory >> 20} MiB of memory and was stopped",
            "ask for less: a narrower pattern, no ORDER BY over everything, a LIMIT inside",
            "memory",
        )
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return StoppedError(f"the query crashed the engine ({how})", "write it in a simpler way", "crash")


def told(reply: Mapping[str, object]) -> KgError | None:
    """Return the error that a worker tells, None if it tells none."""
    match reply:
        case {"error": "StoppedError", "message": str(message), "fix": str(fix), "limit": str(limit)}:
            return StoppedError(message, fix, limit)
        case {"error": str(name), "message": str(message), "fix": str(fix)}:
            return _ERRORS.get(name, EndpointError)(message, fix)
    return None


def _answer(reply: Mapping[str, object]) -> StoreAnswer:
    error = told(reply)
    if error:
        raise error
    match reply:
        case {"variables": list(variables), "rows": list(rows), "cut": bool(cut)}:
            return StoreAnswer(Rows(tuple(variables), tuple(tuple(row) for row in rows)), cut)
        case {"triples": list(triples), "cut": bool(cut)}:
            return StoreAnswer(tuple(Triple(*triple) for triple in triples), cut)
        case {"truth": bool(truth)}:
            return StoreAnswer(truth)
    raise EndpointError("the worker did not answer")
