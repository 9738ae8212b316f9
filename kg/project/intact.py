"""Files that kg wrote for itself -> their content, if unchanged. Reads and writes the given files.

Files in the build folder may have been changed, truncated or replaced by something else. A text is sealed with the
SHA-256 of its name and itself. Only regular files are read, so nothing ever waits.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

_TEMPORARY = re.compile(r"\.kg-([0-9]+)-[0-9a-f]{8}(?:\.old)?")

_JSON_SEAL = ',\n "integrity": "'

LARGEST = 1 << 28
"""Size in bytes of the largest file that is read into memory."""


def regular_bytes(path: Path) -> bytes:
    """Return the content of a regular file. Never blocks, as reading a pipe would.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger than LARGEST.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError("it is too large")
        return file.read(LARGEST)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading. Never blocks.

    Raises:
        OSError: it cannot be read, or is not a regular file.
    """
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError("it is not a regular file")
    return file


def sealed(text: str, name: str) -> bytes:
    """Return *text* after a line with its seal. The seal is not valid for a file with another name."""
    content = text.encode("utf-8", "surrogatepass")
    return b"%s\n%s" % (_seal(content, name), content)


def put_sealed(path: Path, text: str, name: str) -> None:
    """Write *text* with its seal to a file, see `put`, and make its folder.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, sealed(text, name))


def sealed_text(path: Path, name: str) -> str:
    """Return the text that `put_sealed` wrote to a file.

    Raises:
        OSError: it cannot be read, or is no regular file.
        ValueError: it holds something else.
    """
    seal, _, content = regular_bytes(path).partition(b"\n")
    if seal != _seal(content, name):
        raise ValueError(f"{name} was changed or cut off")
    return content.decode("utf-8", "surrogatepass")


def sealed_json(body: str, end: str) -> str:
    """Return a JSON object with its own seal as the last entry. *body* is the object without its *end*."""
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
    """Write *data* to the file *path* by one rename, replacing anything there. The caller owns the folder.

    Raises:
        OSError: the folder cannot be written.
    """
    put_pieces(path, [data])


def put_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write *pieces*, one after the other, as `put` does."""
    beside = path.with_name(temporary_name())
    try:
        remove(beside)
        with beside.open("wb") as file:
            file.writelines(pieces)
        if path.is_dir() and not path.is_symlink():
            remove(path)
        beside.replace(path)
    except BaseException:
        remove(beside)
        raise


def remove(path: Path) -> None:
    """Remove whatever is at *path*: a file, a link, a folder with its contents, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def temporary_name() -> str:
    """Return a new name for something that is renamed when complete. It contains the id of the writing process."""
    return f".kg-{os.getpid()}-{os.urandom(4).hex()}"


def is_abandoned(name: str) -> bool:
    """Return whether *name* is temporary and its process has ended."""
    match = _TEMPORARY.fullmatch(name)
    try:
        if match:
            os.kill(int(match[1]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # another user's process, still running
    return False


def clear_abandoned(folder: Path) -> None:
    """Remove the leftovers in *folder* of processes that were killed while writing there."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            if is_abandoned(path.name):
                remove(path)


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()


def _seal(content: bytes, name: str) -> bytes:
    return sha256(name.encode() + b"\0" + content).hexdigest().encode()
