"""A project's files -> a report now and after every change. Polls the files several times a second.

Polling works on every file system, even shared and mounted ones, and takes 13 ms for a thousand files. Results for
unchanged files stay in memory. If a check of everything takes long, saved files are checked first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from kg.core.errors import InputError
from kg.pipeline.cache import Cache
from kg.pipeline.compile import project_cache
from kg.pipeline.report import Report
from kg.project.layout import every_path, is_article
from kg.project.settings import SETTINGS_FILE, Project, load_project

QUICK = 0.15
"""Seconds: a check of everything that takes no longer runs without checking saved files first."""

PAUSE = 0.1
"""Least seconds between two polls."""

_SHARE = 10
"""Polling takes at most about one part in this many of the time."""


def keep_checking(
    project: Project,
    paths: Sequence[str],
    checked: Callable[[Project, Sequence[str], Cache], Report],
    show: Callable[[Project, Report], None],
) -> NoReturn:
    """Show the report on *paths*, or on everything, now and after every change, and go on after unreadable input.

    If everything is checked and that takes long, a report on only the saved articles is shown first.
    """
    cache = project_cache(project)
    cache.memory = {}
    last = 0.0
    while True:
        for changed in each_change(project):
            try:
                if project.root / SETTINGS_FILE in changed and (now := load_project(project.root)) != project:
                    project = now
                    break  # and look at its folders
                saved = [] if paths or last < QUICK else _saved(project, changed)
                if saved:
                    show(project, checked(project, saved, cache))
                began = time.monotonic()
                show(project, checked(project, paths, cache))
                last = time.monotonic() - began
            except InputError as error:
                click.echo(f"error: {error.message}\n  = help: {error.fix}", err=True)


def _saved(project: Project, changed: Iterable[Path]) -> list[str]:
    """Return *changed* if these are all articles, else an empty list: other files concern all articles."""
    every = list(changed)
    return [str(path) for path in every] if all(is_article(project, path) for path in every) else []


def each_change(project: Project) -> Iterator[frozenset[Path]]:
    """Yield all files of the project, including its settings, then those that change, appear or go; never end."""
    seen: dict[Path, tuple[int, int]] = {}
    while True:
        began = time.monotonic()
        now = _stamps(project)
        if now == seen:
            time.sleep(max(PAUSE, _SHARE * (time.monotonic() - began)))
            continue
        changed = frozenset(path for path in now.keys() | seen.keys() if now.get(path) != seen.get(path))
        seen = now
        yield changed


def _stamps(project: Project) -> dict[Path, tuple[int, int]]:
    stamps = {}
    for file in (*every_path(project), project.root / SETTINGS_FILE):
        with suppress(OSError):  # an editor's temporary file may be gone already, or a link broken
            status = file.stat()
            stamps[file] = status.st_mtime_ns, status.st_size
    return stamps
