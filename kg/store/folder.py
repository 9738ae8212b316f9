"""The layout of a build folder: file names, generation numbers and the link `current`. Touches only that folder.

build/generations/000007/{store/, manifest.json}      build/current -> generations/000007
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from kg.core.errors import EndpointError, InputError
from kg.project.intact import open_regular, remove

GENERATIONS, CURRENT, ASIDE = "generations", "current", ".current-new"
STORE, MANIFEST_FILE = "store", "manifest.json"
_DIGITS = 6
_CHUNK = 1 << 20


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Say *what* could not be done if the disk refuses something in the block.

    Raises:
        EndpointError: it does.
    """
    try:
        yield
    except OSError as error:
        fix = "check the disk's space and the folder's permissions"
        raise EndpointError(f"{what}: {error.strerror or error}", fix) from error


def generation_path(build: Path, number: int) -> Path:
    """Return the folder of a generation."""
    return build / GENERATIONS / f"{number:0{_DIGITS}}"


def numbers(build: Path) -> list[int]:
    """Return the numbers of all generations on disk, damaged ones included, in ascending order."""
    folder = build / GENERATIONS
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal()) if folder.is_dir() else []


def current_number(build: Path) -> int | None:
    """Return the number of the current generation, None if nothing has been published.

    Raises:
        InputError: `current` is not a link to a generation.
    """
    try:
        name = (build / CURRENT).readlink().name
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        name = ""
    if not name.isdecimal():
        raise InputError(f"{build / CURRENT} is not a link to a generation", "rebuild with 'kg build --full'")
    return int(name)


def switch(build: Path, number: int) -> None:
    """Make a generation current, atomically and durably. The caller holds the build lock."""
    link = build / ASIDE
    remove(link)
    link.symlink_to(Path(GENERATIONS) / generation_path(build, number).name)
    if not (build / CURRENT).is_symlink():
        remove(build / CURRENT)  # a folder cannot be replaced by a rename
    link.replace(build / CURRENT)
    sync(build)


def sync(path: Path) -> None:
    """Flush a file, or the renames in a folder, to disk so that they survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_stats(folder: Path) -> dict[str, os.stat_result | None]:
    """Return name -> status of everything in *folder*, sorted by name. None for what is not a regular file."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: _regular(entry) for entry in sorted(entries, key=lambda entry: entry.name)}
    except OSError:
        return {}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, "" if it is not a regular file or cannot be read."""
    digest = sha256()
    try:
        with open_regular(path) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _regular(entry: os.DirEntry[str]) -> os.stat_result | None:
    status = entry.stat(follow_symlinks=False)
    return status if stat.S_ISREG(status.st_mode) else None
