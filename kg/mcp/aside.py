"""A mapping as text -> the findings on it, from a process of its own that ends with the check. Starts processes.

Checking takes time and memory in proportion to a text that someone else wrote, and Python cannot stop a thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import kg
from kg.core.errors import EndpointError, InputError, KgError, UsageError

_ERRORS: dict[str, type[KgError]] = {each.__name__: each for each in (InputError, UsageError, EndpointError)}


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """What one check may take: seconds of wall-clock time, and bytes of address space."""

    seconds: float = 60.0
    memory: int = 2 << 30


CHECK = CheckLimits()
"""The limits if none are given."""


def checked_aside(root: Path, mapping: str, limits: CheckLimits) -> str:
    """Return the findings on a mapping as the JSON of `kg check`. No file is written.

    Raises:
        InputError: the project cannot be read.
        EndpointError: it took too long or too much memory.
    """
    task = json.dumps({"root": str(root), "mapping": mapping, "memory": limits.memory})
    environment = {**os.environ, "PYTHONPATH": str(Path(kg.__file__).parent.parent)}
    command = [sys.executable, "-P", "-m", "kg.mcp.check_process"]
    try:
        done = subprocess.run(
            command, input=task.encode(), capture_output=True, timeout=limits.seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"the check was stopped after {limits.seconds:.3g} s"
        raise EndpointError(message, "check a shorter article") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise EndpointError("the check ended without an answer", "check a shorter article") from None
    if "error" in answer:
        raise _ERRORS.get(answer["error"], EndpointError)(answer["message"], answer["fix"])
    return str(answer["findings"])
