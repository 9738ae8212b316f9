"""The layout of a build folder: names, numbers, the link to the current generation. Touches only that folder.

build/generations/000007/{store/, graph.nq, manifest.json}      build/current -> generations/000007
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from kg.errors import InputError

GENERATIONS, CURRENT = "generations", "current"
STORE, GRAPH_FILE, MANIFEST_FILE = "store", "graph.nq", "manifest.json"
_DIGITS = 6
_CHUNK = 1 << 20


def generation_path(build: Path, number: int) -> Path:
    """Return the folder of a generation."""
    return build / GENERATIONS / f"{number:0{_DIGITS}}"


def numbers(build: Path) -> list[int]:
    """Return the numbers of all generations on disk, damaged ones too, rising."""
    folder = build / GENERATIONS
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal()) if folder.is_dir() else []


def current_number(build: Path) -> int | None:
    """Return the number of the current generation, None when nothing has been published.

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
        raise InputError(f"{build / CURRENT} is not a link to a generation", "remove it and run 'kg build'")
    return int(name)


def switch(build: Path, number: int) -> None:
    """Make a generation current by one rename, and for good. The caller has the build lock."""
    link = build / f".{CURRENT}-new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(GENERATIONS) / generation_path(build, number).name)
    link.replace(build / CURRENT)
    sync(build)


def sync(path: Path) -> None:
    """Make a file's content, or the renames in a folder, last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sizes(folder: Path) -> dict[str, int]:
    """Return file -> size in bytes, of all files in *folder*, sorted by name."""
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
