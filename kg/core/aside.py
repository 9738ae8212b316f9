"""A task -> its reply, from a process of its own that ends with it. Starts processes.

For work whose cost depends on what others wrote: it may take too long or too much memory, and Python cannot stop a
thread. The task and the reply are JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kg
from kg.core.errors import AmbiguousError, EndpointError, InputError, KgError, NotFoundError, UsageError

Task = Mapping[str, Any]
"""JSON."""

_KNOWN = (InputError, UsageError, NotFoundError, AmbiguousError, EndpointError)
_ERRORS: Mapping[str, type[KgError]] = {each.__name__: each for each in _KNOWN}


@dataclass(frozen=True, slots=True)
class AsideLimits:
    """What one task may take: seconds of wall-clock time, and bytes of address space."""

    seconds: float = 60.0
    memory: int = 2 << 30


class TooLongError(EndpointError):
    """A task was stopped at its time limit."""


def reply_aside(module: str, task: Task, limits: AsideLimits, what: str, fix: str) -> Task:
    """Return the reply to a task. *module* calls `reply_once`; *what* names the task in errors, "the check".

    Raises:
        TooLongError: it took too long.
        EndpointError: it took too much memory, or its process ended.
        KgError: what the task raised.
    """
    given = json.dumps({"memory": limits.memory, "task": task}).encode()
    environment = {**os.environ, "PYTHONPATH": str(Path(kg.__file__).parent.parent)}
    command = [sys.executable, "-P", "-m", module]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=limits.seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise TooLongError(f"{what} was stopped after {limits.seconds:.3g} s", fix) from None
    try:
        reply: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise EndpointError(f"{what} ended without an answer", fix) from None
    if "memory" in reply:
        raise EndpointError(f"{what} needed more memory than is allowed", fix)
    if "error" in reply:
        raise _ERRORS.get(reply["error"], EndpointError)(reply["message"], reply["fix"])
    answer: Task = reply["reply"]
    return answer


def reply_once(run: Callable[[Task], Task]) -> None:
    """Read a task from standard input, limit the memory, and write what *run* replies, or its error."""
    given = json.loads(sys.stdin.buffer.read())
    _limit_memory(int(given["memory"]))
    try:
        reply: Task = {"reply": run(given["task"])}
    except KgError as error:
        names = [each.__name__ for each in type(error).__mro__]
        name = next((each for each in names if each in _ERRORS), EndpointError.__name__)
        reply = {"error": name, "message": error.message, "fix": error.fix}
    except MemoryError:
        reply = {"memory": True}
    sys.stdout.write(json.dumps(reply))


def _limit_memory(size: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
