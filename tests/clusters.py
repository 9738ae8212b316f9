"""Dask clusters for tests and measurements: a scheduler and workers, each a process of this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_ENDS = ("--idle-timeout", "600s")
"""A scheduler whose tests were killed ends by itself, and so do its workers."""


@dataclass(frozen=True, slots=True)
class Scheduler:
    """A scheduler that runs, and its process."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def started(module: str, *options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of Dask until the block ends."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{module}", *options]
    every = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd="/", env=every, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield process
    finally:
        with_children = os.getpgid(process.pid)
        os.killpg(with_children, signal.SIGKILL)
        process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[Scheduler]:
    """Run a scheduler that takes a task for deadly when two workers have ended with it."""
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file), *_ENDS)
    with started("scheduler", *options, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1") as process:
        until(lambda: file.exists() and file.read_text(encoding="utf-8").endswith("}"))
        yield Scheduler(json.loads(file.read_text(encoding="utf-8"))["address"], process)


@contextmanager
def workers(address: str, folder: Path, number: int = 1, **environment: str) -> Iterator[None]:
    options = (
        "--nworkers",
        str(number),
        "--nthreads",
        "1",
        "--memory-limit",
        "0",
        "--no-dashboard",
        "--death-timeout",
        "60",
    )
    with started("worker", address, *options, "--local-directory", str(folder), **environment):
        yield


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
