"""A stranger's query -> its answer, from a process of its own that may be killed. Starts one process per query.

Python cannot stop a running query, and a query can take all memory or overflow the engine's stack: then only the
worker (kg/store/worker.py) is lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import kg
from kg.errors import EndpointError, InputError, KgError, UsageError
from kg.store.guard import refuse_strange
from kg.store.protocol import Answer, Rows, Triple

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")  # no secrets in the worker's environment
_ERRORS: Mapping[str, type[KgError]] = {error.__name__: error for error in (UsageError, InputError, EndpointError)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    Attributes:
        seconds: of wall-clock time, with the worker's start (about 0.1 s).
        memory: bytes of address space that the query may add to those of the open store.
        rows: of a SELECT, or triples; then the answer is cut.
        size: bytes of all terms of the answer; then it is cut.
    """

    seconds: float = 10.0
    memory: int = 512 << 20
    rows: int = 10_000
    size: int = 32 << 20


def isolated_answer(store: Path, query: str, limits: Limits | None = None) -> Answer:
    """Return the answer of the store in the folder *store* to a query of any form.

    The caller holds the generation open while this runs.

    Raises:
        UsageError: the query is refused or does not parse.
        EndpointError: it took too long or too much memory, or the engine crashed.
        InputError: the store cannot be opened.
    """
    refuse_strange(query)
    limits = limits or Limits()
    task = json.dumps({"store": str(store), "query": query, **asdict(limits)})
    status, output, complaint = _worker(task, limits.seconds)
    if status != 0 or not output:
        raise _crash(status, complaint, limits)
    return _answer(json.loads(output))


def _worker(task: str, seconds: float) -> tuple[int, bytes, str]:
    """Return exit status, output and complaints of one worker; it is gone when this returns."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = str(Path(kg.__file__).parent.parent)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "kg.store.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # an interrupt at the terminal is ours to handle
    ) as worker:
        try:
            output, complaint = worker.communicate(task.encode(), timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise EndpointError(
                f"the query took longer than {seconds:g} s and was stopped",
                "ask for less, or allow it more time",
            ) from error
        finally:
            worker.kill()
    return worker.returncode, output, complaint.decode(errors="replace")


def _crash(status: int, complaint: str, limits: Limits) -> EndpointError:
    if any(sign in complaint for sign in ("memory allocation", "bad_alloc", "MemoryError", "Cannot allocate memory")):
        return EndpointError(
            f"the query needed more than {limits.memory >> 20} MiB of memory and was stopped",
            "ask for less: a narrower pattern, no ORDER BY over everything, a LIMIT inside",
        )
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return EndpointError(f"the query brought the engine down ({how})", "write it in a simpler way")


def _answer(reply: Mapping[str, object]) -> Answer:
    match reply:
        case {"error": str(name), "message": str(message), "fix": str(fix)}:
            raise _ERRORS.get(name, EndpointError)(message, fix)
        case {"variables": list(variables), "rows": list(rows), "cut": bool(cut)}:
            return Answer(Rows(tuple(variables), tuple(tuple(row) for row in rows)), cut)
        case {"triples": list(triples), "cut": bool(cut)}:
            return Answer(tuple(Triple(*triple) for triple in triples), cut)
        case {"truth": bool(truth)}:
            return Answer(truth)
    raise EndpointError("the worker gave no answer")
