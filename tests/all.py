"""All checks, in the order of what fails fastest: `python -m tests.all`; with `--everything`, all that CI runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.sorts import without_sorts

ROOT = Path(__file__).parent.parent
EVERYTHING = "--everything"
TESTS = ["pytest", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "-rs", "--durations=20"]


def steps(everything: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the module with its arguments of each step."""
    yield "format", ["ruff", "format", "--check", "."]
    yield "lint", ["ruff", "check", "."]
    yield "types", ["mypy"]
    yield "tests", TESTS if everything else [*TESTS, "-m", without_sorts()]


def main() -> int:
    """Run each step; stop at the first that fails and return its exit code."""
    if not {*sys.argv[1:]} <= {EVERYTHING}:
        print(f"usage: python -m tests.all [{EVERYTHING}]", file=sys.stderr)
        return 2
    for name, command in steps(EVERYTHING in sys.argv):
        print(f"== {name}: {' '.join(command)}", flush=True)
        code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode
        if code:
            print(f"== {name} failed", flush=True)
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
