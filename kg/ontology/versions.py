"""The version of an ontology in its folders, and a cache of what is made from it. Reads the files."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

from kg.core.errors import InputError
from kg.project.files import readable
from kg.project.layout import ontology_files, rule_files
from kg.project.settings import PACKAGE
from kg.project.state import content_in, once_per_run

_F = TypeVar("_F", bound=Callable[..., object])

COMPILER = (
    "core",
    "project",
    "planning",
    "store",
    "words",
    "ontology",
    "mapping",
    "questions",
    "validation",
    "pipeline",
)
"""The rooms whose code decides on the record of a file."""

VERSIONS = 8
"""How many results of each function are kept: a server or a watch has one ontology, or two while it changes."""


@once_per_run
def ontology_contents(folders: Sequence[Path]) -> Mapping[Path, bytes | InputError]:
    """Return each file of the ontology, folder by folder, sorted, with its bytes or why it cannot be read."""
    return {file: _content(folders, file) for file in ontology_files(folders)}


@once_per_run
def rule_contents(folders: Sequence[Path]) -> Mapping[Path, bytes | InputError]:
    """Return the files of all rules with their bytes, including overridden ones."""
    files = (file for folder in folders for file in rule_files([folder]).values())
    return {file: _content(folders, file) for file in files}


def _content(folders: Sequence[Path], file: Path) -> bytes | InputError:
    try:
        return content_in(folders, file, readable(file))
    except InputError as error:
        return error


@once_per_run
def ontology_digest(folders: Sequence[Path]) -> str:
    """Return the SHA-256 of the ontology's files, names and bytes, rules included.

    Raises:
        InputError: a file cannot be read.
    """
    total = sha256()
    for file, content in {**ontology_contents(folders), **rule_contents(folders)}.items():
        if isinstance(content, InputError):
            raise content
        folder = next(folder for folder in folders if file.is_relative_to(folder))
        total.update(file.relative_to(folder).as_posix().encode())
        total.update(sha256(content).digest())
    return total.hexdigest()


@cache
def code_digest(*rooms: str) -> str:
    """Return a digest of our own source in *rooms*. Results are valid as long as it is unchanged.

    It is read once per process: a running process does not run what is written to the files later.
    """
    total = sha256()
    for room in rooms:
        for file in sorted((PACKAGE / room).glob("*.py")):
            total.update(sha256(file.read_bytes()).digest())
    return total.hexdigest()


def made_key(folders: Sequence[Path], *what: str, by: Sequence[str]) -> str:
    """Return the cache key of *what* our code in the rooms *by* makes from an ontology.

    Raises:
        InputError: as `ontology_digest`.
    """
    parts = (*what, code_digest(*by), ontology_digest(folders))
    return sha256("\n".join(parts).encode()).hexdigest()


def once_per_version(make: _F) -> _F:
    """Cache what *make* returns for the folders of an ontology and further arguments. It must be immutable.

    *make* runs again when files change, appear or disappear, and after an error, but not for the same files in another
    folder. Files that cannot be read are left to *make*, which lists them all.
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
