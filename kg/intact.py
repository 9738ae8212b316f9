"""Files that we wrote for ourselves -> their content, if it is what we wrote. Reads and writes the files it is given.

What is read back from the build folder may have been changed, cut off or replaced by something that is no file. A text
is sealed with the SHA-256 of its name and of itself; what is no regular file is never waited for.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

_TEMPORARY = re.compile(r"\.kg-([0-9]+)-[0-9a-f]{8}(?:\.old)?")

LARGEST = 1 << 28
"""Bytes of the largest file that is read as a whole."""


def regular_bytes(path: Path) -> bytes:
    """Return the content of a regular file; never waits, as a pipe would make us.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than LARGEST.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
            raise OSError("it is no file, or too large")
        return file.read(LARGEST)


def sealed(text: str, name: str) -> bytes:
    """Return *text* behind a line with its seal; a file of another name with the same content is not sound."""
    content = text.encode("utf-8", "surrogatepass")
    return b"%s\n%s" % (_seal(content, name), content)


def unsealed(data: bytes, name: str) -> str:
    """Return what `sealed` was given.

    Raises:
        ValueError: the data is something else.
    """
    seal, _, content = data.partition(b"\n")
    if seal != _seal(content, name):
        raise ValueError(f"{name} was changed or cut off")
    return content.decode("utf-8", "surrogatepass")


def put(path: Path, data: bytes) -> None:
    """Write *data* as the file *path* by one rename, whatever was there. The caller owns the folder.

    Raises:
        OSError: the folder cannot be written.
    """
    beside = path.with_name(temporary_name())
    try:
        remove(beside)
        beside.write_bytes(data)
        if path.is_dir() and not path.is_symlink():
            remove(path)
        beside.replace(path)
    except BaseException:
        remove(beside)
        raise


def remove(path: Path) -> None:
    """Remove whatever is at *path*: a file, a link, a folder with all in it, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def temporary_name() -> str:
    """Return a new name for something that is renamed when it is whole; it tells which process writes it."""
    return f".kg-{os.getpid()}-{token_hex(4)}"


def is_abandoned(name: str) -> bool:
    """Tell whether *name* is a temporary one whose process has ended."""
    found = _TEMPORARY.fullmatch(name)
    try:
        if found:
            os.kill(int(found[1]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # it is somebody else's, and runs
    return False


def clear_abandoned(folder: Path) -> None:
    """Remove what killed processes left in *folder* when they were about to write there."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if is_abandoned(path.name):
                remove(path)


def _seal(content: bytes, name: str) -> bytes:
    return sha256(name.encode() + b"\0" + content).hexdigest().encode()
