"""A project's files -> a report now and after every change. Looks at the files several times a second.

Looking is what every file system can do, shared and mounted ones too; a look at a thousand files takes 13 ms. What is
known of unchanged files stays in memory. Where a check of everything takes its time, what was saved is checked first.
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
"""Seconds: a check of everything that takes no longer is done at once."""

PAUSE = 0.1
"""Seconds between two looks, at least."""

_SHARE = 10
"""Looking takes one part in so many of the time."""


def keep_checking(
    project: Project,
    paths: Sequence[str],
    checked: Callable[[Project, Sequence[str], Cache], Report],
    show: Callable[[Project, Report], None],
) -> NoReturn:
    """Show the report on *paths*, or on everything, now and after every change; what cannot be read may be mended soon.

    Where everything is checked and that takes long, the articles that were saved are shown first, by themselves.
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
    """Return the articles among *changed*; none if something else is there too, which concerns all of them."""
    every = list(changed)
    return [str(path) for path in every] if all(is_article(project, path) for path in every) else []


def each_change(project: Project) -> Iterator[frozenset[Path]]:
    """Yield all files of the project, then those that change, come or go; never ends. The settings are one of them."""
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
        with suppress(OSError):  # an editor's own file may be gone already, a link lead nowhere
            found = file.stat()
            stamps[file] = found.st_mtime_ns, found.st_size
    return stamps
