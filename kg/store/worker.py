"""One query in a process of its own: a task as JSON on standard input -> the answer as JSON on standard output.

Run as `python -m kg.store.worker` by kg/store/isolation.py. It limits itself before the engine sees the query: memory,
time, no network where the system allows that. https://man7.org/linux/man-pages/man2/unshare.2.html
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from kg.errors import KgError
from kg.store.protocol import Answer, Rows

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_GRACE = 2  # seconds after which a worker ends by itself whose parent did not stop it


class Task(NamedTuple):
    """What the parent sends; see `Limits` for the numbers."""

    store: str
    query: str
    seconds: float
    memory: int
    rows: int
    size: int


def main() -> None:
    """Answer one task."""
    task = Task(**json.load(sys.stdin))
    limit_time(task.seconds)
    leave_network()
    sys.stdout.write(json.dumps(reply(task)))
    sys.stdout.flush()
    os._exit(0)  # the engine's threads and memory need no tidying


def reply(task: Task) -> dict[str, object]:
    """Return the answer, or the error, as the parent expects it."""
    from kg.store.embedded import open_store

    try:
        with open_store(Path(task.store)) as store:
            limit_memory(task.memory)  # now: the engine's threads have taken their share, and it varies
            return _as_json(store.answer(task.query, task.rows), task.size)
    except KgError as error:
        return {"error": type(error).__name__, "message": error.message, "fix": error.fix}


def _as_json(answer: Answer, size: int) -> dict[str, object]:
    if isinstance(answer.value, bool):
        return {"truth": answer.value}
    if isinstance(answer.value, Rows):
        rows, cut = _within(answer.value.rows, size)
        return {"variables": answer.value.variables, "rows": rows, "cut": cut or answer.cut}
    triples, cut = _within(answer.value, size)
    return {"triples": triples, "cut": cut or answer.cut}


def _within(rows: tuple[tuple[str | None, ...], ...], size: int) -> tuple[tuple[tuple[str | None, ...], ...], bool]:
    """Return as many whole rows as have at most *size* bytes, and whether some are missing."""
    for index, row in enumerate(rows):
        size -= sum(len(term.encode()) for term in row if term)
        if size < 0:
            return rows[:index], True
    return rows, False


def limit_time(seconds: float) -> None:
    """End this process some time after *seconds*, should the parent have died."""
    import resource
    import signal

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
    processors = os.cpu_count() or 1
    budget = math.ceil(seconds + _GRACE) * processors
    _lower(resource.RLIMIT_CPU, budget)


def limit_memory(size: int) -> None:
    """Let no more than *size* bytes be asked for beyond those in use, and let no crash leave a core file."""
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, _in_use() + size)


def _in_use() -> int:
    """Return the bytes of address space of this process, 0 where the system does not tell."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _lower(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(ValueError, OSError):  # the system has no such limit
        resource.setrlimit(kind, (value, value))


def leave_network() -> bool:
    """Move this process to an empty network; return whether the system allowed it."""
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (OSError, AttributeError):
        return False
    return any(unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


if __name__ == "__main__":
    main()
