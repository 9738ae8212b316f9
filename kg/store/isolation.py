"""An untrusted query -> its answer, computed in a separate process that can be killed. One process per query.

Python cannot stop a running query, and a query may exhaust the memory or overflow the engine's stack. Then only the
worker process (kg/store/worker.py) is lost.
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
from select import POLLIN, poll
from time import monotonic
from typing import IO

import kg
from kg.core.closing import Closing
from kg.core.errors import EndpointError, InputError, KgError, UsageError
from kg.planning.guard import refuse_unsafe
from kg.planning.rows import Rows
from kg.store.documents import StoppedError
from kg.store.protocol import StoreAnswer, Triple

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")  # no secrets in the worker's environment
_ERRORS: Mapping[str, type[KgError]] = {error.__name__: error for error in (UsageError, InputError, EndpointError)}


@dataclass(frozen=True, slots=True)
class Limits:
    """The resources that one query may use. Answers in terms are cut at the limits on rows and size, documents refused.

    Attributes:
        seconds: wall-clock time, including the start of the worker (about 0.1 s).
        memory: bytes of address space beyond those that the open store uses.
        rows: maximum number of rows of a SELECT, or of triples.
        size: maximum number of bytes of all terms of the answer, or of the document.
    """

    seconds: float = 10.0
    memory: int = 512 << 20
    rows: int = 10_000
    size: int = 32 << 20


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A query and the format of its answer, see `Task` in kg/store/worker.py."""

    query: str
    media: str
    prefixes: Mapping[str, str]
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    base: str | None = None


def isolated_answer(store: Path, query: str, limits: Limits | None = None) -> StoreAnswer:
    """Return the answer to a query of any form from the store in the folder *store*.

    The caller keeps the generation open while this runs.

    Raises:
        UsageError: the query is refused or does not parse.
        EndpointError: it took too long or too much memory, or the engine crashed.
        InputError: the store cannot be opened.
    """
    refuse_unsafe(query)
    limits = limits or Limits()
    with Worker(store) as worker:
        head, _ = worker.answer({"query": query, **asdict(limits)}, limits)
    return _answer(head)


def isolated_document(worker: Worker, request: DocumentRequest, limits: Limits) -> bytes:
    """Return the answer as a complete document. *worker* cannot be used again, even if this fails.

    Raises the same errors as `isolated_answer`. StoppedError, an EndpointError, gives the limit that was reached.
    """
    refuse_unsafe(request.query)
    head, body = worker.answer({**asdict(request), **asdict(limits)}, limits)
    if head.get("length") != len(body):
        raise reported_error(head) or EndpointError("the worker did not answer")
    return body


class Worker(Closing):
    """A process that opens a store and answers one query. It ends with the `with` block in which it is used.

    It reports that it is ready once the store is open, and then waits for its query for as long as necessary.

    Attributes:
        store: the folder of the store.
        fit: whether it can take another query.
    """

    fit = False

    def __init__(self, store: Path, stays: bool = False) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment["PYTHONPATH"] = str(Path(kg.__file__).parent.parent)
        self.store = store
        self._greeted = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kg.store.worker"],
            bufsize=0,  # reading the greeting must not consume what follows it
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # an interrupt at the terminal is handled by this process
        )
        self._send({"store": str(store), "stays": stays})

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process. A caller that waits for its answer gets an error."""
        self._process.kill()

    def close(self) -> None:
        """Kill the process and release its resources. A second call does nothing."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def ready(self, seconds: float) -> bool:
        """Wait until the store is open. Return False if it cannot be opened, or not within *seconds*."""
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
        """Return the worker's reply to its only task, and the bytes of the document that follow it.

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
            if output == b"" and greeting:  # the line is not a greeting but an error
                output = greeting + b"\n"
        head, separator, body = output.partition(b"\n")
        if self._process.returncode != 0 or not separator:
            raise crash(self._process.returncode, complaint.decode(errors="replace"), limits)
        return json.loads(head), body

    def _send(self, message: Mapping[str, object]) -> None:
        with suppress(BrokenPipeError):  # it has ended already, and `answer` reports why
            if self._process.stdin:
                self._process.stdin.write(_line(message))


def readable(stream: IO[bytes], seconds: float) -> bool:
    """Wait until there is something to read, or the stream ends. Return False if that takes longer than *seconds*."""
    poller = poll()  # select() does not support file descriptors above 1,023
    poller.register(stream, POLLIN)
    return bool(poller.poll(max(0.0, seconds) * 1000))


def _line(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def too_slow(limits: Limits) -> StoppedError:
    """Return the error for a query that was stopped at its time limit."""
    message = f"the query took longer than {limits.seconds:g} s and was stopped"
    return StoppedError(message, "narrow the query, or allow it more time", "time")


def crash(status: int, complaint: str, limits: Limits) -> StoppedError:
    """Return the error for a query whose process ended with *status* and wrote *complaint* to standard error."""
    if any(sign in complaint for sign in ("memory allocation", "bad_alloc", "MemoryError", "Cannot allocate memory")):
        return StoppedError(
            f"the query needed more than {limits.memory >> 20} MiB of memory and was stopped",
            "narrow the query: a more specific pattern, no ORDER BY over everything, a LIMIT inside",
            "memory",
        )
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return StoppedError(f"the query crashed the engine ({how})", "write it in a simpler way", "crash")


def reported_error(reply: Mapping[str, object]) -> KgError | None:
    """Return the error that a worker reports, None if it reports none."""
    match reply:
        case {"error": "StoppedError", "message": str(message), "fix": str(fix), "limit": str(limit)}:
            return StoppedError(message, fix, limit)
        case {"error": str(name), "message": str(message), "fix": str(fix)}:
            return _ERRORS.get(name, EndpointError)(message, fix)
    return None


def _answer(reply: Mapping[str, object]) -> StoreAnswer:
    error = reported_error(reply)
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
