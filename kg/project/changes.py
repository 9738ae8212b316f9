"""Changes to several files -> a diff to review, or all of them written to disk, or none. Reads and writes the files.

A file that another process has changed since it was read is never overwritten. All new contents are written to
temporary files before the first one is renamed. If a rename fails, the files renamed before are restored.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kg.core.errors import InputError
from kg.project.files import written_beside


@dataclass(frozen=True, slots=True)
class FileChange:
    """A change to one file.

    Attributes:
        file: its path.
        shown: its name in messages and diffs.
        before: its content as it was read, None for a new file.
        after: its new content, None to remove the file.
    """

    file: Path
    shown: str
    before: bytes | None
    after: bytes | None


class ChangedMeanwhileError(InputError):
    """A file has changed since it was read. Nothing has been written."""


def write_changes(changes: Iterable[FileChange], root: Path) -> None:
    """Write all *changes* to files below *root*, or none of them. Only one process at a time does so in *root*.

    Raises:
        ChangedMeanwhileError: a file has changed since it was read.
        InputError: a file cannot be written.
    """
    needed = [change for change in changes if change.before != change.after]
    with _exclusive(root):
        _refuse_changed(needed)
        beside: dict[FileChange, Path] = {}
        try:
            for change in needed:
                if change.after is not None:
                    beside[change] = written_beside(_target(change), change.after)
            _refuse_changed(needed)
            _rename(needed, beside)
        except OSError as error:
            raise InputError(
                f"cannot write {error.filename or root}: {error.strerror}", "check its folder and permissions"
            ) from error
        finally:
            for file in beside.values():
                file.unlink(missing_ok=True)


def _rename(changes: Sequence[FileChange], beside: dict[FileChange, Path]) -> None:
    done: list[FileChange] = []
    try:
        for change in changes:
            if change.after is None:
                _target(change).unlink()
            else:
                beside[change].replace(_target(change))
            done.append(change)
    except OSError:
        for change in done:
            with suppress(OSError):
                _put_back(change)
        raise


def _put_back(change: FileChange) -> None:
    if change.before is None:
        _target(change).unlink()
    else:
        written_beside(_target(change), change.before).replace(_target(change))


def _target(change: FileChange) -> Path:
    """Return the file itself if *change* names a link to it."""
    return Path(os.path.realpath(change.file))


def _refuse_changed(changes: Iterable[FileChange]) -> None:
    for change in changes:
        try:
            now = change.file.read_bytes()
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise InputError(f"cannot read {change.shown}: {error.strerror}", "check its permissions") from error
        if now != change.before:
            what = "already exists" if change.before is None else "was changed by another program in the meantime"
            raise ChangedMeanwhileError(
                f"{change.shown} {what}; nothing has been written", "check the file, and try again"
            )


@contextmanager
def _exclusive(root: Path) -> Iterator[None]:
    """Wait until no other process writes changes below *root*, and prevent others from starting."""
    from fcntl import LOCK_EX, flock

    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise InputError(f"cannot read {root}: {error.strerror}", "check the folder and its permissions") from error
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def diff(changes: Iterable[FileChange]) -> str:
    """Return *changes* as a unified diff, which `git apply` and `patch -p1` accept, "" if nothing changes."""
    return "".join(line for change in changes for line in _diff(change))


def _diff(change: FileChange) -> Iterator[str]:
    from difflib import unified_diff  # imported here because most runs show no diff

    old, new = (_lines(content) for content in (change.before, change.after))
    one = "/dev/null" if change.before is None else f"a/{change.shown}"
    other = "/dev/null" if change.after is None else f"b/{change.shown}"
    for line in unified_diff(old, new, one, other):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes | None) -> list[str]:
    parts = (content or b"").decode("utf-8", "replace").split("\n")
    return [f"{line}\n" for line in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
