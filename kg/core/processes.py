"""Worker processes that end with the process that started them, whatever ended it. Starts processes.

Each worker waits for the end of a pipe that only its parent holds open: a killed parent leaves nobody behind, on any
system. When the parent goes on, but needs no more answers, it closes the pipe itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Thread


@contextmanager
def worker_processes(number: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of *number* processes; when the block ends by an exception, they end at once.

    Nothing waits for them then, nor for the thread of the pool, which may be in the middle of reading an answer.
    """
    ours, theirs = Pipe()
    pool = ProcessPoolExecutor(number, initializer=_begin, initargs=(ours, theirs))
    try:
        yield pool
    except BaseException:
        ours.close()
        raise
    pool.shutdown()
    ours.close()
    theirs.close()


def _begin(parents: Connection, own: Connection) -> None:
    """Make ready to work: the parent alone decides when to end, and Ctrl-C is meant for it."""
    parents.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with, args=(own,), daemon=True).start()


def _end_with(pipe: Connection) -> None:
    with suppress(OSError, EOFError):
        pipe.recv_bytes()
    os._exit(1)
