"""Files -> text, and text -> a file or a folder that is either complete or absent. Reads and writes files.

Files are written aside and renamed, so that others see either the old file or the complete new one. Open descriptors,
pipes and devices are written to, never replaced: https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from errno import EACCES, EISDIR, ELOOP
from pathlib import Path
from stat import S_IMODE
from typing import IO, TypeAlias

from kg.core.errors import InputError, UsageError
from kg.project.intact import clear_abandoned, temporary_name

MAX_BYTES = 8 * 1024 * 1024
BOM = b"\xef\xbb\xbf"
Writer: TypeAlias = Callable[[IO[bytes]], object]
"""Writes something to an open file."""

Files: TypeAlias = Iterable[tuple[str, Iterable[bytes]]]
"""The files of a folder: the name of each, and its content in pieces, to be read before the next is taken."""

_MOST_LINKS = 40
_OPEN = re.compile(r"(?:/proc/\d+(?:/task/\d+)?|/dev)/fd/\d+")


# -------- names

CONFLICT, RESOLVE = (
    "a merge conflict is not resolved",
    "keep one version, and remove the lines <<<<<<<, ======= and >>>>>>>",
)
_CONFLICT = re.compile(r"^<{7} .*\n(?s:.*?)^>{7} ", re.MULTILINE)


def readable(name: str | Path) -> str:
    r"""Return a printable form of a file's name, with bytes that are not Unicode text as escapes.

    >>> readable("caf\udce9.yaml")
    'caf\\xe9.yaml'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


# -------- reading


def read_bytes(file: Path, shown: str, most: int = -1) -> bytes:
    """Return the content of a file, or the first *most* bytes. *shown* is its name in messages.

    Raises:
        InputError: it is missing or cannot be read.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(most)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {shown}", "check its name and the folder you are in") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read {shown}: {reason}", "check that it is a file you may read") from error


def read_text(file: Path, shown: str, *, conflicts: bool = False) -> str:
    """Return the text of a UTF-8 file, without a byte order mark. *shown* is its name in messages.

    Raises:
        InputError: missing, unreadable, larger than 8 MiB, not UTF-8, with a NUL byte, or, unless *conflicts* are
            reported by the caller, with a merge conflict.
    """
    return decoded_text(read_bytes(file, shown, MAX_BYTES + 1), shown, conflicts=conflicts)


def merge_conflicts(text: str) -> list[int]:
    """Return the lines at which git has marked conflicts in a text.

    >>> merge_conflicts("a: 1\\n<<<<<<< HEAD\\nb: 2\\n=======\\nb: 3\\n>>>>>>> other\\n")
    [2]
    """
    return [text.count("\n", 0, match.start()) + 1 for match in _CONFLICT.finditer(text)] if "<<<<<<< " in text else []


def decoded_text(content: bytes, shown: str, *, conflicts: bool = False) -> str:
    """Return *content* as text, with the limits and errors of `read_text`."""
    if len(content) > MAX_BYTES:
        raise InputError(f"{shown} is larger than 8 MiB", "split it into several files")
    nul = content.find(b"\0")
    if nul >= 0:
        where = _whereabouts(content, nul)
        raise InputError(f"{shown} is not a text: NUL at {where}", "save it as UTF-8 text")
    skipped = len(BOM) if content.startswith(BOM) else 0
    try:
        text = content[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        where = _whereabouts(content, skipped + error.start)
        raise InputError(f"{shown} is not UTF-8 text: wrong at {where}", "save it as UTF-8 text") from error
    if not conflicts and (lines := merge_conflicts(text)):
        raise InputError(f"{shown}:{lines[0]}: {CONFLICT}", RESOLVE)
    return text


def _whereabouts(content: bytes, offset: int) -> str:
    line = content.count(b"\n", 0, offset) + 1
    return f"byte {offset}, line {line}"


# -------- writing


def write_whole(file: str | Path, content: str | bytes) -> None:
    """Write *content* to *file*, so that others see either the old or the complete new content.

    An existing file keeps its mode, its group and, if the system allows it, its owner. A link remains a link.
    Open descriptors (`/dev/stdout`, `/dev/fd/3`), pipes and devices are written to, never replaced.

    Raises:
        InputError: the folder does not exist or cannot be written.
        BrokenPipeError: the reader of the pipe has gone.
    """
    written = content.encode() if isinstance(content, str) else content
    stream_whole(file, lambda out: out.write(written))


def stream_whole(file: str | Path, write: Writer) -> None:
    """Write *file* as `write_whole` does, with what *write* writes; nothing is replaced if that raises an error."""
    try:
        path = _followed(file)
        if _OPEN.fullmatch(str(path)):
            _write_open(path, write)
        else:
            _replace(Path(os.path.realpath(path)), write)
    except BrokenPipeError:
        raise
    except OSError as error:
        fix = "check the folder and its permissions"
        raise InputError(f"cannot write {readable(file)}: {error.strerror}", fix) from error


def refuse_unwritable(file: str | Path) -> None:
    """Check as far as possible whether `write_whole` can write *file*, and create its parent folders.

    Raises:
        OSError: it cannot.
    """
    path = _followed(file)
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if not path.exists() and not _OPEN.fullmatch(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() or not path.exists():
        _refuse_read_only(path)
        beside = path.with_name(temporary_name())
        beside.touch(exist_ok=False)
        beside.unlink()


def write_new(file: Path, content: str) -> None:
    """Write *content* to a new *file*, creating its folder if necessary. Others see it complete or not at all.

    Raises:
        UsageError: the file exists. It is not changed.
        InputError: it cannot be written.
    """
    beside = file.with_name(temporary_name())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content.encode())
        os.link(beside, file)  # unlike a rename, it replaces nothing
    except FileExistsError as error:
        raise UsageError(f"there is already a file {readable(file)}", "choose another name, or move it away") from error
    except OSError as error:
        fix = "check the folder and its permissions"
        raise InputError(f"cannot write {readable(file)}: {error.strerror}", fix) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def descriptor_of(file: str | Path) -> int | None:
    """Return the number of this process's open descriptor that *file* names, directly or by links, or None.

    >>> descriptor_of("/dev/stdout"), descriptor_of("/dev/fd/3"), descriptor_of("/dev/null")
    (1, 3, None)
    """
    try:
        path = _followed(file)
    except OSError:
        return None
    ours = path.parent in {Path(os.path.realpath(f"/{name}/fd")) for name in ("dev", "proc/self", "proc/thread-self")}
    return int(path.name) if ours and path.name.isdecimal() else None


def _followed(file: str | Path) -> Path:
    """Return the target of the links of *file*, but for an open descriptor its own name, not that of its file."""
    path = Path(file).absolute()
    for _ in range(_MOST_LINKS):
        folder = Path(os.path.realpath(path.parent))
        path = folder / path.name
        if _OPEN.fullmatch(str(path)) or not path.is_symlink():
            return path
        path = folder / path.readlink()
    raise OSError(ELOOP, os.strerror(ELOOP))


def _write_open(path: Path, write: Writer) -> None:
    """Write to an open descriptor at its position. One of another process is opened again and appended to."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()  # earlier output comes first
    descriptor = descriptor_of(path)
    with path.open("ab") if descriptor is None else os.fdopen(os.dup(descriptor), "wb") as file:
        write(file)


def _replace(target: Path, write: Writer) -> None:
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            write(file)
        return
    beside = _written_beside(target, write)
    try:
        beside.replace(target)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def written_beside(target: Path, content: bytes) -> Path:
    """Return a new file with *content* in the folder of *target*, ready to be renamed to it, with its mode and owner.

    Raises:
        OSError: the folder or *target* cannot be written.
    """
    return _written_beside(target, lambda out: out.write(content))


def _written_beside(target: Path, write: Writer) -> Path:
    before = target.stat() if target.exists() else None
    _refuse_read_only(target)
    clear_abandoned(target.parent)
    beside = target.with_name(temporary_name())
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if before else 0o666), "wb") as file:
            if before:
                _take_over(beside, before)
            write(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _refuse_read_only(path: Path) -> None:
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES))


def _take_over(new: Path, before: os.stat_result) -> None:
    """Give a new file the owner, the group and the mode of the one it replaces, as far as the system allows."""
    for owner in (before.st_uid, -1):
        with suppress(PermissionError):
            os.chown(new, owner, before.st_gid)
            break
    new.chmod(S_IMODE(before.st_mode) & 0o777)


def refuse_other_folder(folder: Path, *, what: str, ours: Callable[[Path], bool]) -> None:
    """Refuse to replace *folder*, unless it is empty or *ours*: see `write_folder`.

    Raises:
        UsageError: the folder has other contents.
    """
    target = Path(os.path.realpath(folder))
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not ours(target)):
        raise UsageError(
            f"{readable(folder)} is not a folder of {what}", "name a new one; an existing one would be replaced"
        )


def write_folder(folder: Path, files: Files, *, what: str, ours: Callable[[Path], bool]) -> None:
    """Write *files* as the whole content of *folder*, by one rename. A link remains a link.

    Args:
        folder: to create or replace.
        files: path within the folder, and content in pieces, which are read as they are written.
        what: its contents in words.
        ours: whether an existing folder has only such contents, so that it may be replaced.

    Raises:
        UsageError: the folder has other contents.
        InputError: it cannot be written.
    """
    refuse_other_folder(folder, what=what, ours=ours)
    target = Path(os.path.realpath(folder))
    clear_abandoned(target.parent)
    beside = target.with_name(temporary_name())
    old = beside.with_name(f"{beside.name}.old")
    try:
        beside.mkdir(parents=True)
        for name, pieces in files:
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            with (beside / name).open("wb") as file:
                file.writelines(pieces)
        if target.is_dir():
            _take_over(beside, target.stat())
            target.rename(old)
        beside.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException as error:
        shutil.rmtree(beside, ignore_errors=True)
        if old.is_dir() and not target.is_dir():
            old.rename(target)
        if not isinstance(error, OSError):
            raise
        raise InputError(
            f"cannot write {readable(folder)}: {error.strerror}", "check its place and permissions"
        ) from error
