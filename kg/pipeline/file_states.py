"""Detects which files of the project, or of kg itself, have changed since the last build, without reading them.

A file is unchanged if its size, times and inode are. If it was changed so recently that a later change could have the
same time, its state is not stored, and the next build reads it, as `kg build --full` reads everything.
https://git-scm.com/docs/racy-git
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR

from kg.core.installed import installed_version
from kg.core.terms import TEXT_FILE_KEY
from kg.mapping.outline import text_file
from kg.mapping.read import read_yaml
from kg.ontology.versions import COMPILER
from kg.project.folders import is_passed_over
from kg.project.intact import put_sealed, sealed_text
from kg.project.layout import ARTICLES, PINS
from kg.project.settings import PACKAGE, SETTINGS_FILE, Project
from kg.project.sources import Source, TextOnDisk
from kg.validation.engines import COMPILED

FILE, TEXTS = "seen.json", "texts.json"
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
        each: path -> state, "" if a later change might not be visible in it.
    """

    digest: str
    is_sure: bool
    each: Mapping[str, str] = field(default_factory=dict)


def file_states(project: Project) -> FileStates:
    """Return the states of all files in the project's folders and of kg itself."""
    start = FileStates(f"{installed_version('communique-kg')} {installed_version(COMPILED)}", is_sure=True)
    return _extended(start, _states(project))


def text_states(project: Project, before: FileStates, texts: Iterable[str]) -> FileStates:
    """Return the states *before* together with those of files outside the project's data."""
    return _extended(before, ((name, _state(project.root / name)) for name in texts))


def _extended(before: FileStates, states: Iterable[tuple[str, os.stat_result | None]]) -> FileStates:
    total, each = sha256(before.digest.encode()), {**before.each}
    recent = time.time_ns() - GRAIN
    for name, status in states:
        state = _in_words(status)
        total.update(f"{name}\0{state}\n".encode("utf-8", "surrogateescape"))
        each[name] = state if status is None or max(status.st_mtime_ns, status.st_ctime_ns) < recent else ""
    return FileStates(total.hexdigest(), before.is_sure and all(each.values()), each)


def _in_words(status: os.stat_result | None) -> str:
    if status is None:
        return "missing"
    return f"{status.st_mode} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def named_texts(articles: Iterable[Source]) -> tuple[str, ...]:
    """Return the text files that articles name."""
    return tuple(sorted({name for each in articles if (name := _named_text(each))}))


def _named_text(article: Source) -> str:
    if isinstance(article.content, TextOnDisk):
        return article.content.text
    tree = read_yaml(article.text, article.path)[0] if TEXT_FILE_KEY in article.text else None
    name = text_file(tree)
    return name.text.strip() if name else ""


def known_texts(project: Project, states: FileStates, engine: str) -> Mapping[str, TextOnDisk]:
    """Return the articles that have not changed since the last build with this *engine*, which read them."""
    try:
        kept = json.loads(sealed_text(project.build / TEXTS, engine))
        entries = ((file, state, TextOnDisk(file, *rest)) for file, (state, *rest) in kept.items())
        return {
            text.file: text for file, state, text in entries if state == _whole_state(project, states, file, text.text)
        }
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def note_texts(
    project: Project, states: FileStates, engine: str, articles: Iterable[Source], keys: Mapping[str, str]
) -> None:
    """Store the states of *articles*, whose contents have these *keys*, by path."""
    kept: dict[str, list[object]] = {}
    for article in articles:
        file = os.path.join(project.root, article.path)  # noqa: PTH118 - there are many
        text = TextOnDisk(file, article.path, keys[article.path], article.names, _named_text(article))
        state = _whole_state(project, states, file, text.text)
        if state and not article.problem:
            kept[file] = [state, text.path, text.key, text.names, text.text]
    with suppress(OSError):
        put_sealed(project.build / TEXTS, json.dumps(kept, ensure_ascii=False), engine)


def _whole_state(project: Project, states: FileStates, file: str, text: str) -> str:
    """Return the state of an article with its pins and its *text* file, "" if a change of one might not be visible."""
    pins = states.each.get(f"{file.removesuffix(ARTICLES.ending)}{PINS}", "none")
    outside = states.each.get(text, _in_words(_state(project.root / text))) if text else "none"
    parts = (states.each.get(file, ""), pins, outside)
    return ", ".join(parts) if all(parts) else ""


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
        inner = _state(entry.path)
        if inner and S_ISDIR(inner.st_mode):
            yield from _below(entry.path, build, visited)
        else:
            yield entry.path, inner


def _state(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - there are many
    except (OSError, ValueError):
        return None
