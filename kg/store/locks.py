"""Locks on the build folder: one build at a time, and no generation removed while it is read.

`flock(2)` locks belong to the open file, so a killed process leaves none behind. A forked worker must not keep it open.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import ref

from kg.core.errors import EndpointError, InputError

LOCK_FILE = "lock"


class Hold:
    """A lock on a folder that lasts until this object is closed or deleted."""

    __slots__ = ("__weakref__", "_descriptor")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Release the lock. A second call does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()


def shared_lock(folder: Path) -> Hold | None:
    """Return a lock, shared with other readers, that keeps *folder* from being removed. None if the folder is gone.

    Waits while another process is removing it.
    """
    from fcntl import LOCK_SH

    return _locked(folder, LOCK_SH)


def exclusive_lock(folder: Path) -> Hold | None:
    """Return an exclusive lock, None if *folder* is gone or being read. Does not wait."""
    from fcntl import LOCK_EX, LOCK_NB

    return _locked(folder, LOCK_EX | LOCK_NB)


def _locked(folder: Path, operation: int) -> Hold | None:
    from fcntl import flock

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise InputError(f"cannot read {folder}: {error.strerror}", "check the folder's permissions") from error
    hold = Hold(descriptor)
    with suppress(BlockingIOError, FileNotFoundError):
        flock(descriptor, operation)
        if os.path.samestat(os.fstat(descriptor), folder.stat()):  # still there, now that we have the lock
            return hold
    hold.close()
    return None


@contextmanager
def build_lock(build: Path) -> Iterator[None]:
    """Let only one process at a time change the folder *build*. A build holds it from beginning to end.

    Raises:
        EndpointError: another process holds it, or the folder cannot be written.
    """
    hold = sole_lock(_opened(build), "another build is running", "wait until it has finished, or end it")
    _close_after_fork(hold)
    try:
        yield
    finally:
        hold.close()


def sole_lock(descriptor: int, held: str, fix: str) -> Hold:
    """Return an exclusive lock on an open file, which then has the number of this process. Does not wait.

    Raises:
        EndpointError: another process has it: the message is *held* with the number of that process, and *fix*.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock

    hold = Hold(descriptor)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError as error:
        other = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
        hold.close()
        raise EndpointError(f"{held} (process {other})", fix) from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except BaseException:
        hold.close()
        raise
    return hold


def _close_after_fork(hold: Hold) -> None:
    """Close the lock in forked workers, which may outlive a killed build and would keep it locked."""
    remembered = ref(hold)

    def close() -> None:
        inherited = remembered()
        if inherited:
            inherited.close()

    os.register_at_fork(after_in_child=close)


def _refuse_other_kinds(build: Path, lock: Path) -> None:
    for path, is_sound, kind in ((build, Path.is_dir, "folder"), (lock, Path.is_file, "file")):
        if os.path.lexists(path) and not is_sound(path):
            raise InputError(f"{path} is damaged: it is not a {kind}", f"remove {path}, and run 'kg build --full'")


def _opened(build: Path) -> int:
    lock = build / LOCK_FILE
    try:
        _refuse_other_kinds(build, lock)
        build.mkdir(parents=True, exist_ok=True)
        return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise EndpointError(f"cannot write in {build}: {error.strerror}", "check the folder's permissions") from error
