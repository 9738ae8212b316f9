"""Whether any file of the project, or of kg itself, is another one than in the last build; without reading them.

A file is as it was while its size, times and inode are. One that was changed so shortly before it was looked at that a
later change could have the same time is no witness: then nothing is kept, and the next build reads everything. So does
`kg build --full`. https://git-scm.com/docs/racy-git
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
from kg.project.folders import is_passed_over
from kg.project.intact import put, regular_bytes, sealed, unsealed
from kg.project.settings import PACKAGE, SETTINGS_FILE, Project
from kg.project.sources import Source
from kg.validation.engines import COMPILED

FILE = "seen.json"
GRAIN = 20_000_000
"""Nanoseconds within which two changes of a file may have one time; the clocks of Linux tick each 1 to 10 ms."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last build looked at.

    Attributes:
        content: the generation that was made of it, by its hash.
        files: how many files were compiled.
        texts: files outside the project's data that articles keep their texts in.
        digest: of the states of all files and folders.
    """

    content: str
    files: int
    texts: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class FileStates:
    """The states of all files at one moment, to be taken before they are read.

    Attributes:
        digest: what tells them from any others.
        is_sure: whether a later change of any of them shows in its state.
    """

    digest: str
    is_sure: bool


def look(project: Project) -> FileStates:
    """FileStates at all files of the project's folders and of kg."""
    start = FileStates(f"{installed_version('communique-kg')} {installed_version(COMPILED)}", is_sure=True)
    return _seen_too(start, _states(project))


def look_at_texts(project: Project, before: FileStates, texts: Iterable[str]) -> FileStates:
    """Look at files outside the project's data too."""
    return _seen_too(before, ((name, _state(project.root / name)) for name in texts))


def _seen_too(before: FileStates, states: Iterable[tuple[str, os.stat_result | None]]) -> FileStates:
    total, sure = sha256(before.digest.encode()), before.is_sure
    recent = time.time_ns() - GRAIN
    for name, status in states:
        times = (status.st_mtime_ns, status.st_ctime_ns) if status else ()
        state = (status.st_mode, status.st_size, *times, status.st_ino) if status else ()
        total.update(f"{name}\0{state}\n".encode("utf-8", "surrogateescape"))
        sure = sure and all(each < recent for each in times)
    return FileStates(total.hexdigest(), sure)


def named_texts(articles: Iterable[Source]) -> tuple[str, ...]:
    """Return the files that articles keep their texts in."""
    trees = (read_yaml(each.text, each.path)[0] for each in articles if TEXT_FILE_KEY in each.text)
    return tuple(sorted({name.text.strip() for tree in trees if (name := text_file(tree))}))


def last_seen(build: Path) -> Seen | None:
    """Return what the last build looked at, None if that is not known."""
    try:
        kept = json.loads(unsealed(regular_bytes(build / FILE), FILE))
        return Seen(kept["content"], kept["files"], tuple(kept["texts"]), kept["digest"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def note(build: Path, seen: Seen) -> None:
    """Keep what this build looked at. If that cannot be written, the next build reads everything."""
    values = {"content": seen.content, "files": seen.files, "texts": seen.texts, "digest": seen.digest}
    with suppress(OSError):
        put(build / FILE, sealed(json.dumps(values), FILE))


def _states(project: Project) -> Iterator[tuple[str, os.stat_result | None]]:
    settings = project.root / SETTINGS_FILE
    yield str(settings), _state(settings)
    folders = (project.data, *project.ontology, *project.queries, *project.words)
    visited: set[tuple[int, int]] = set()
    for folder in (
        *folders,
        *(PACKAGE / room for room in ("core", "words", "ontology", "project", "mapping", "pipeline")),
    ):
        yield from _below(str(folder), os.path.realpath(project.build), visited)


def _below(folder: str, build: str, visited: set[tuple[int, int]]) -> Iterator[tuple[str, os.stat_result | None]]:
    """Yield all that lies below a folder, also through links, but not what is passed over and not the build folder."""
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
