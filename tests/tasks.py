"""What workers do in tests: functions that they can import. Nothing here imports more than they need."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def doubled(factor: int, task: int) -> tuple[int, int]:
    """Return a product, and by which process it was made."""
    return factor * task, os.getpid()


def broken(_: object, task: int) -> int:
    return 1 // (task - 40)


def deadly(culprit: int, task: int) -> int:
    """End the process at one of the tasks."""
    if task == culprit:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def deadly_once(flag: Path, task: int) -> int:
    """End the process that comes first."""
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return task
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def slow(folder: Path, task: int) -> int:
    """Take a moment, and note it."""
    (folder / str(task)).touch()
    time.sleep(0.05)
    return task
