"""A map of tasks to results, by worker processes that end when the process that started them does. Starts processes.

Each worker waits for the end of a pipe that only its parent holds open, so a killed parent leaves no workers behind,
on any system. A parent that continues but needs no more results closes the pipe itself.

What starts processes is imported where that is done: it takes as long as compiling an article, and few commands do it.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from kg.core.errors import EndpointError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.connection import Connection

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")

_MOST_FILES = 10_240  # that macOS lets a process open, although it says that there is no limit

CHUNK = 25
"""Tasks that a worker takes at once. Fewer in all are not worth a worker."""


class WorkerPool(Protocol):
    """What runs a function for many tasks elsewhere."""

    def results(self, run: Callable[[C, T], R], common: C, tasks: Sequence[T]) -> Generator[tuple[int, R], None, None]:
        """Yield the number of each task, from 0, with what *run* returns for it, in any order.

        Close the iterator to stop. An exception of *run* is raised here.

        Args:
            run: a function of a module, which depends on its arguments and on files that the workers see too.
            common: the first argument of all tasks. Each worker receives it once.
            tasks: the second one of each. `str` of it names it to the user.

        Raises:
            EndpointError: workers are missing, unfit, or end while they run a task.
        """


@dataclass(frozen=True, slots=True)
class LocalProcesses:
    """Worker processes on this machine, *number* of them."""

    number: int

    def results(self, run: Callable[[C, T], R], common: C, tasks: Sequence[T]) -> Generator[tuple[int, R], None, None]:
        """Yield the results in the order of the tasks, see `WorkerPool`."""
        from concurrent.futures.process import BrokenProcessPool

        chunks = chunks_of(tasks)
        calls = [(run, [tasks[k] for k in chunk]) for chunk in chunks]
        try:
            with worker_processes(self.number, common) as pool:
                # not `pool.map`, whose futures are cancelled when it is interrupted: the pool's thread would complain
                waiting = deque(pool.submit(cast("Callable[..., list[R]]", _run), call) for call in calls)
                for chunk in chunks:
                    yield from zip(chunk, waiting.popleft().result(), strict=True)
        except BrokenProcessPool as error:
            fix = "run it again with fewer processes; the system ends processes if there is too little memory"
            raise EndpointError("a worker process ended unexpectedly", fix) from error


def chunks_of(tasks: Sequence[object]) -> list[range]:
    """Return the numbers of the tasks that a worker takes at once.

    >>> chunks_of(["task"] * 30)
    [range(0, 25), range(25, 30)]
    """
    return [range(k, min(k + CHUNK, len(tasks))) for k in range(0, len(tasks), CHUNK)]


_common: list[object] = []
"""What all tasks of this worker process share. Empty in every other process."""


def _run(call: tuple[Callable[[object, T], R], Sequence[T]]) -> list[R]:
    run, tasks = call
    return [run(_common[0], task) for task in tasks]


@contextmanager
def worker_processes(number: int, common: object = None) -> Iterator[ProcessPoolExecutor]:
    """Provide a pool of *number* processes, which end at once if the block raises an exception.

    In that case nothing waits for them, nor for the pool's thread, which may be in the middle of reading a result.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import Pipe

    ours, theirs = Pipe()
    pool = ProcessPoolExecutor(number, initializer=_begin, initargs=(ours, theirs, common))
    try:
        yield pool
    except BaseException:
        ours.close()
        raise
    pool.shutdown()
    ours.close()
    theirs.close()


def _begin(parents: Connection, own: Connection, common: object) -> None:
    """Prepare a worker: only the parent handles Ctrl-C and decides when to end."""
    _common[:] = [common]
    parents.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with, args=(own,), daemon=True).start()


def _end_with(pipe: Connection) -> None:
    with suppress(OSError, EOFError):
        pipe.recv_bytes()
    os._exit(1)


def return_memory() -> None:
    """Return unused memory to the system. On Linux, the C library keeps what its threads had."""
    from ctypes import CDLL

    with suppress(AttributeError, OSError, TypeError):  # other libraries do not need it
        CDLL(None).malloc_trim(0)


def allow_many_files() -> None:
    """Raise the soft limit of open files to the hard one."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource

        now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if now != resource.RLIM_INFINITY:
            more = most if most != resource.RLIM_INFINITY else max(now, _MOST_FILES)
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, most))
