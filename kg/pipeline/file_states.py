"""Detects whether any file of the project, or of kg itself, has changed since the last build, without reading them.

A file is unchanged if its size, times and inode are. If a file was changed so recently that a later change could have
the same time, nothing is stored, and the next build reads everything, as `kg build --full` does.
https://git-scm.com/docs/racy-git
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kg.core.installed import installed_version
from kg.core.terms import TEXT_FILE_KEY
from kg.mapping.outline import text_file
from kg.mapping.read import read_yaml
from kg.ontology.versions import COMPILER
from kg.project.folders import is_passed_over
from kg.project.intact import put_sealed, sealed_text
from kg.project.settings import PACKAGE, SETTINGS_FILE, Project
from kg.project.sources import Source
from kg.validation.engines import COMPILED

FILE = "seen.json"
ACROSS = ("links",)
"""The rooms whose code decides, besides COMPILER, on what is derived and checked across articles."""

GRAIN = 20_000_000
"""Nanoseconds within which two changes of a file may get the same time. Linux clocks tick every 1 to 10 ms."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The files that the last build read.

    Attributes:
        content: the hash of the generation made from them.
        files: the number of compiled files.
        texts: text files of articles outside the project's data.
        digest: a digest of the states of all files and folders.
    """

    content: str
    files: int
    texts: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class FileStates:
    """The states of all files at one moment, recorded before they are read.

    Attributes:
        digest: a digest of the states.
        is_sure: whether any later change will be visible in the states.
    """

    digest: str
    is_sure: bool


def file_states(project: Project) -> FileStates:
    """Return the states of all files in the project's folders and of kg itself."""
    start = FileStates(f"{installed_version('communique-kg')} {installed_version(COMPILED)}", is_sure=True)
    return _extended(start, _states(project))


def text_states(project: Project, before: FileStates, texts: Iterable[str]) -> FileStates:
    """Return the states *before* together with those of files outside the project's data."""
    return _extended(before, ((name, _state(project.root / name)) for name in texts))


def _extended(before: FileStates, states: Iterable[tuple[str, os.stat_result | None]]) -> FileStates:
    total, sure = sha256(before.digest.encode()), before.is_sure
    recent = time.time_ns() - GRAIN
    for name, status in states:
        times = (status.st_mtime_ns, status.st_ctime_ns) if status else ()
        state = (status.st_mode, status.st_size, *times, status.st_ino) if status else ()
        total.update(f"{name}\0{state}\n".encode("utf-8", "surrogateescape"))
        sure = sure and all(each < recent for each in times)
    return FileStates(total.hexdigest(), sure)


def named_texts(articles: Iterable[Source]) -> tuple[str, ...]:
    """Return the text files that articles name."""
    trees = (read_yaml(each.text, each.path)[0] for each in articles if TEXT_FILE_KEY in each.text)
    return tuple(sorted({name.text.strip() for tree in trees if (name := text_file(tree))}))


def last_seen(build: Path) -> Seen | None:
    """Return the files that the last build read, None if that is not known."""
    try:
        kept = json.loads(sealed_text(build / FILE, FILE))
        return Seen(kept["content"], kept["files"], tuple(kept["texts"]), kept["digest"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def note(build: Path, seen: Seen) -> None:
    """Store which files this build read. If that cannot be written, the next build reads everything."""
    values = {"content": seen.content, "files": seen.files, "texts": seen.texts, "digest": seen.digest}
    with suppress(OSError):
        put_sealed(build / FILE, json.dumps(values), FILE)


def _states(project: Project) -> Iterator[tuple[str, os.stat_result | None]]:
    settings = project.root / SETTINGS_FILE
    yield str(settings), _state(settings)
    code = (PACKAGE / room for room in (*COMPILER, *ACROSS))
    visited: set[tuple[int, int]] = set()
    for folder in (project.data, *project.ontology, *project.queries, *project.words, *code):
        yield from _below(str(folder), os.path.realpath(project.build), visited)


def _below(folder: str, build: str, visited: set[tuple[int, int]]) -> Iterator[tuple[str, os.stat_result | None]]:
    """Yield everything below a folder, following links, except ignored files and the build folder."""
    status = _state(folder)
    yield folder, status
    if status is None or (here := (status.st_dev, status.st_ino)) in visited or os.path.realpath(folder) == build:
        return
    visited.add(here)
    try:
        with os.scandir(folder) as listed:
            entries = sorted(
                (entry for entry in listed if not is_passed_over(entry.name)), key=lambda entry: entry.name
            )
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _below(entry.path, build, visited)
        else:
            yield entry.path, _state(entry.path)


def _state(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - there are many
    except (OSError, ValueError):
        return None
