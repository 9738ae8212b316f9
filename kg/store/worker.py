"""The worker process for queries: a store and tasks on standard input -> answers on standard output.

Run as `python -m kg.store.worker`: by kg/store/isolation.py for one untrusted query, and by
kg/store/persistent_worker.py for a series of canned questions. It opens the store first, so that it is ready when a
query arrives. Before the engine sees the query, the process limits its own memory and time, and leaves the network
where the system allows that.
https://man7.org/linux/man-pages/man2/unshare.2.html
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import sleep
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kg.core.errors import KgError
from kg.planning.rows import Rows
from kg.store.protocol import StoreAnswer

if TYPE_CHECKING:
    from kg.store.embedded import EmbeddedStore

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NICE = 5
_PORTION = 500  # rows in one line
_POLL = 1.0  # seconds between checks that the parent is alive
_GRACE = 2  # seconds after which a worker ends by itself if its parent has not stopped it


class Task(NamedTuple):
    """One query and its limits, which `Limits` describes.

    Attributes:
        query: its text.
        media: media type of the document to return, see kg/store/documents.py. "" for terms as JSON.
        prefixes: prefix -> namespace, for a document.
        default_graphs: IRIs of the graphs whose union is the default graph. Unless both are None, this and
            `named_graphs` replace the query's own FROM.
        named_graphs: IRIs of the named graphs.
        part: of a canned question, the number of the first row and how many rows; None for all.
        base: the IRI that relative IRIs are resolved against, unless the query has a BASE. None to refuse them.
    """

    query: str
    seconds: float
    memory: int
    rows: int
    size: int
    media: str = ""
    prefixes: Mapping[str, str] = MappingProxyType({})
    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None
    base: str | None = None
    part: tuple[int, int] | None = None


def main() -> None:
    """Open the store named in the first line and report it; then answer the second line, or every further line."""
    from kg.store.embedded import open_store
    from kg.store.locks import shared_lock

    leave_network()
    first = json.loads(sys.stdin.readline())
    try:
        path = Path(first["store"])
        hold = shared_lock(path.parent)  # a worker may outlive the request that opened the generation
        with open_store(path, hold) as store:
            _write({"ready": True})
            if first.get("stays"):
                _answer_all(store)
            else:
                _answer_one(store)
    except KgError as error:
        _write(_fault(error))
    except BaseException as error:  # the parent reads the cause, or has ended
        with suppress(OSError):
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # without waiting for the engine's threads


def _answer_one(store: EmbeddedStore) -> None:
    with suppress(OSError):
        os.nice(_NICE)  # the server and its other readers have priority
    line = sys.stdin.readline()
    _write(reply(store, Task(**json.loads(line))) if line else {})


def _answer_all(store: EmbeddedStore) -> None:
    """Answer queries until the input ends. Report after each whether memory use still allows another one."""
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    begun = 0
    for line in sys.stdin:
        task = Task(**json.loads(line))
        if not begun:
            begun = _in_use()
            limit_memory(task.memory)
        limit_time(task.seconds, alone=False)
        try:
            page = store.page(task.query, *task.part) if task.part else None
            answer = StoreAnswer(page.rows) if page else store.answer(task.query, task.rows)
            if page is not None:
                _write({"start": page.start, "total": page.total}, flush=False)
            for part in _parts(answer, task.size):
                _write(part, flush=False)
        except KgError as error:
            _write(_fault(error), flush=False)
        stop_alarm()
        _write({"done": True, "fit": _in_use() <= begun + task.memory // 2})


def _end_with(parent: int) -> None:
    """End this process, whatever it is doing, soon after its parent has died."""
    while os.getppid() == parent:
        sleep(_POLL)
    os._exit(1)


def _parts(answer: StoreAnswer, size: int) -> Iterator[dict[str, object]]:
    """Yield an answer in parts of limited length, one per line.

    Raises:
        StoppedError: it has more rows or bytes than the limits allow.
    """
    from kg.store.documents import StoppedError

    if isinstance(answer.value, bool):
        yield {"truth": answer.value}
        return
    rows = answer.value.rows if isinstance(answer.value, Rows) else answer.value
    too_long = _within(rows, size)[1]
    if answer.cut or too_long:
        what = f"more than {size >> 20} MiB" if too_long else f"more than {len(rows)} rows"
        raise StoppedError(f"the answer has {what}", "narrow the query, or set a LIMIT", "size" if too_long else "rows")
    yield {"variables": answer.value.variables} if isinstance(answer.value, Rows) else {"triples": True}
    for k in range(0, len(rows), _PORTION):
        yield {"rows": rows[k : k + _PORTION]}


def _fault(error: KgError) -> dict[str, object]:
    limit = getattr(error, "limit", "")
    return {"error": type(error).__name__, "message": error.message, "fix": error.fix, "limit": limit}


def _write(message: dict[str, object] | bytes, flush: bool = True) -> None:
    """Write a message as a line of JSON, or a document after a line that gives its length.

    Without *flush*, it may leave with the next message: the parent then wakes once for a small answer.
    """
    head: dict[str, object] = {"length": len(message)} if isinstance(message, bytes) else message
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    if isinstance(message, bytes):
        sys.stdout.buffer.write(message)
    if flush:
        sys.stdout.flush()


def reply(store: EmbeddedStore, task: Task) -> dict[str, object] | bytes:
    """Return the answer in the form that the parent expects.

    Raises:
        KgError: the query failed.
    """
    limit_time(task.seconds)
    limit_memory(task.memory)  # only now, because the engine's threads have allocated an amount that varies
    if task.media:
        dataset = (task.default_graphs or (), task.named_graphs or ())
        given = task.default_graphs is not None or task.named_graphs is not None
        limits = (task.rows, task.size)
        return store.document(task.query, task.media, task.prefixes, limits, dataset if given else None, base=task.base)
    return _as_json(store.answer(task.query, task.rows), task.size)


def _as_json(answer: StoreAnswer, size: int) -> dict[str, object]:
    if isinstance(answer.value, bool):
        return {"truth": answer.value}
    if isinstance(answer.value, Rows):
        rows, cut = _within(answer.value.rows, size)
        return {"variables": answer.value.variables, "rows": rows, "cut": cut or answer.cut}
    triples, cut = _within(answer.value, size)
    return {"triples": triples, "cut": cut or answer.cut}


def _within(rows: tuple[tuple[str | None, ...], ...], size: int) -> tuple[tuple[tuple[str | None, ...], ...], bool]:
    """Return as many complete rows as fit in *size* bytes, and whether some are missing."""
    for index, row in enumerate(rows):
        size -= sum(len(term.encode()) for term in row if term)
        if size < 0:
            return rows[:index], True
    return rows, False


def limit_time(seconds: float, alone: bool = True) -> None:
    """End this process some time after *seconds*, in case the parent has died. *alone* if this is its only task."""
    import resource
    import signal

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
    if not alone:
        return
    processors = os.cpu_count() or 1
    budget = math.ceil(seconds + _GRACE) * processors
    _lower(resource.RLIMIT_CPU, budget)


def stop_alarm() -> None:
    """Cancel the time limit after a task."""
    import signal

    signal.setitimer(signal.ITIMER_REAL, 0)


def limit_memory(size: int) -> None:
    """Limit memory to *size* bytes beyond those in use, and prevent core files."""
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, _in_use() + size)


def _in_use() -> int:
    """Return the bytes of address space of this process, 0 if the system does not report them."""
    with suppress(OSError), Path("/proc/self/statm").open("rb") as pages:
        return int(pages.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _lower(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(ValueError, OSError):  # the system has no such limit
        resource.setrlimit(kind, (value, value))


def leave_network() -> bool:
    """Move this process to an empty network namespace. Return whether the system allowed it."""
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (OSError, AttributeError):
        return False
    return any(unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


if __name__ == "__main__":
    main()
