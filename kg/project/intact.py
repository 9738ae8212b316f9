"""Files that we wrote for ourselves -> their content, if it is what we wrote. Reads and writes the files it is given.

What is read back from the build folder may have been changed, cut off or replaced by something that is no file. A text
is sealed with the SHA-256 of its name and of itself; what is no regular file is never waited for.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

_TEMPORARY = re.compile(r"\.kg-([0-9]+)-[0-9a-f]{8}(?:\.old)?")

_JSON_SEAL = ',\n "integrity": "'

LARGEST = 1 << 28
"""Bytes of the largest file that is read as a whole."""


def regular_bytes(path: Path) -> bytes:
    """Return the content of a regular file; never waits, as a pipe would make us.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than LARGEST.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError("it is too large")
        return file.read(LARGEST)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; never waits.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError("it is no file")
    return file


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


def sealed_json(body: str, end: str) -> str:
    """Return a JSON object with its own seal as the last entry; *body* is the object without what *end* closes."""
    return f'{body}{_JSON_SEAL}{_digest(body)}"{end}\n'


def unsealed_json(text: str, end: str) -> Any:
    """Return the object that `sealed_json` was given.

    Raises:
        ValueError: the text is something else.
    """
    body, _, rest = text.rpartition(_JSON_SEAL)
    if rest != f'{_digest(body)}"{end}\n':
        raise ValueError("changed or cut off")
    return json.loads(body + end)


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


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()


def _seal(content: bytes, name: str) -> bytes:
    return sha256(name.encode() + b"\0" + content).hexdigest().encode()
