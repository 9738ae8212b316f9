"""All checks, in the order of what fails fastest: `python -m tests.all`; with `--everything`, all that CI runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sorts import without_sorts

ROOT = Path(__file__).parent.parent
EVERYTHING = "--everything"
ROOM = 6 << 30
"""Bytes that must be free in memory for the files of the tests."""

TESTS = ["pytest", "-n", "3", "--dist", "loadscope", "--no-loadscope-reorder", "-rs", "--durations=20"]
"""Three processes keep two processors busy, as tests wait for servers, browsers and disks a fifth of their time."""


def steps(everything: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the module with its arguments of each step."""
    yield "format", ["ruff", "format", "--check", "."]
    yield "lint", ["ruff", "check", "."]
    yield "types", ["mypy"]
    yield "tests", TESTS if everything else [*TESTS, "-m", without_sorts()]


def quick_place() -> Path | None:
    """Return a folder in memory with room for what the tests write; None where there is none.

    Builds, stores and servers wait for the disk, which is half the time of the tests that talk to servers.
    """
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM
    return memory if roomy else None


def main() -> int:
    """Run each step; stop at the first that fails and return its exit code."""
    if not {*sys.argv[1:]} <= {EVERYTHING}:
        print(f"usage: python -m tests.all [{EVERYTHING}]", file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="kg-tests-", dir=quick_place()) as folder:
        for name, command in steps(EVERYTHING in sys.argv):
            print(f"== {name}: {' '.join(command)}", flush=True)
            environment = os.environ | {"TMPDIR": folder}
            code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment, check=False).returncode
            if code:
                print(f"== {name} failed", flush=True)
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
