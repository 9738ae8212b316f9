"""A command -> its CPU and wall seconds as a whole process, over several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Times:
    """Medians over the runs of one command, in seconds; `peak` in MiB."""

    cpu: float
    wall: float
    peak: float


def times(
    command: Sequence[str],
    folder: Path,
    *,
    runs: int,
    before: Callable[[], None] = lambda: None,
    warm_up: bool = True,
) -> Times:
    """Run *command* in *folder* once to warm up (unless not *warm_up*), then *runs* times; call *before* ahead of each.

    Raises:
        RuntimeError: the command failed; with what it printed.
    """
    measured = [_one(command, folder, before) for _ in range(runs + warm_up)][warm_up:]
    return Times(*(statistics.median(values) for values in zip(*measured, strict=True)))


def _one(command: Sequence[str], folder: Path, before: Callable[[], None]) -> tuple[float, float, float]:
    before()
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}\n{complaint.decode()}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024
