"""Which version of an ontology its folders hold, and what is made from a version, made once. Reads the files."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

from kg.core.errors import InputError
from kg.project.files import read_bytes, readable
from kg.project.layout import ontology_files, rule_files

_F = TypeVar("_F", bound=Callable[..., object])

VERSIONS = 8
"""Results that are kept of each function: a server or a watch has one ontology, or two while it changes."""


def ontology_digest(folders: Sequence[Path]) -> str:
    """Return the SHA-256 of the ontology's files, names and bytes, rules included."""
    total = sha256()
    for folder in folders:
        for file in (*ontology_files([folder]), *rule_files([folder]).values()):
            total.update(file.relative_to(folder).as_posix().encode())
            total.update(sha256(read_bytes(file, readable(file))).digest())
    return total.hexdigest()


def once_per_version(make: _F) -> _F:
    """Keep what *make* returns for the folders of an ontology and further arguments; it must be immutable.

    Files that change, come or go make it run again, and so does an error; the same files in another folder do not.
    Files that cannot be read are left to *make*, which lists them all.
    """

    kept: dict[tuple[Hashable, ...], object] = {}
    lock = Lock()

    @wraps(make)
    def made(folders: Sequence[Path], *arguments: Hashable) -> object:
        try:
            key = (ontology_digest(folders), *arguments)
        except InputError:
            return make(folders, *arguments)
        with lock:
            if key in kept:
                return kept[key]
        value = make(folders, *arguments)
        with lock:
            kept[key] = value
            for oldest in list(kept)[:-VERSIONS]:
                del kept[oldest]
        return value

    return cast("_F", made)
