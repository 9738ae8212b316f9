"""Temporary folders. A process that is killed leaves its own behind; the next one that needs such a folder removes it.

Its owner holds a lock on it, which ends with the process.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kg.core.errors import EndpointError, InputError
from kg.store.locks import Hold, exclusive_lock, shared_lock

PREFIX = "kg-scratch-"
"""How the names of all these folders begin."""


@contextmanager
def scratch_folder(within: Path | None = None) -> Iterator[Path]:
    """Give an empty folder of this process alone, and remove it with its content after the block.

    It is *within* that folder if there can be one, or else in the folder for temporary files.

    Raises:
        EndpointError: it cannot be made.
    """
    folder, hold = _made(within if within and os.access(within, os.W_OK | os.X_OK) else _temporary())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        hold.close()


def clear_leftovers(within: Path | None = None) -> None:
    """Remove the folders of processes that ended without removing them; by default those among temporary files."""
    for left in (within or _temporary()).glob(f"{PREFIX}*"):
        with suppress(InputError):  # it is another user's
            if hold := exclusive_lock(left):
                shutil.rmtree(left, ignore_errors=True)
                hold.close()


def _made(within: Path) -> tuple[Path, Hold]:
    from tempfile import mkdtemp  # here, because it takes milliseconds, and most commands need none

    try:
        clear_leftovers(within)
        while True:
            folder = Path(mkdtemp(prefix=PREFIX, dir=within))
            if hold := shared_lock(folder):
                return folder, hold  # nobody took it for one that was left behind
    except OSError as error:
        fix = "make room in the folder for temporary files, or name another in TMPDIR"
        raise EndpointError(f"cannot make a temporary folder: {error.strerror or error}", fix) from error


def _temporary() -> Path:
    from tempfile import gettempdir

    return Path(gettempdir())
