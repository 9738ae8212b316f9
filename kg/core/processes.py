"""Worker processes that end when the process that started them ends, for whatever reason. Starts processes.

Each worker waits for the end of a pipe that only its parent holds open, so a killed parent leaves no workers behind,
on any system. A parent that continues but needs no more results closes the pipe itself.
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
    """Provide a pool of *number* processes, which end at once if the block raises an exception.

    In that case nothing waits for them, nor for the pool's thread, which may be in the middle of reading a result.
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
    """Prepare a worker: only the parent handles Ctrl-C and decides when to end."""
    parents.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with, args=(own,), daemon=True).start()


def _end_with(pipe: Connection) -> None:
    with suppress(OSError, EOFError):
        pipe.recv_bytes()
    os._exit(1)
