"""A project's files -> a report now and after every change. Polls the files several times a second.

Results for unchanged files stay in memory. If a check of everything takes long, saved files are checked first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import click

from kg.core.errors import InputError
from kg.pipeline.cache import Cache
from kg.pipeline.live import LiveProject
from kg.pipeline.report import Report
from kg.project.layout import is_article
from kg.project.settings import Project

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
    live = LiveProject(project)
    last = 0.0
    while True:
        began = time.monotonic()
        try:
            changed = live.look().changed
            took = time.monotonic() - began
            if not changed:
                time.sleep(max(PAUSE, _SHARE * took))
                continue
            saved = [] if paths or last < QUICK else _saved(live.project, changed)
            if saved:
                show(live.project, checked(live.project, saved, live.cache))
            began = time.monotonic()
            show(live.project, checked(live.project, paths, live.cache))
            last = time.monotonic() - began
        except InputError as error:
            click.echo(f"error: {error.message}\n  = help: {error.fix}", err=True)


def _saved(project: Project, changed: Iterable[Path]) -> list[str]:
    """Return *changed* if these are all articles, else an empty list: other files concern all articles."""
    every = list(changed)
    return [str(path) for path in every] if all(is_article(project, path) for path in every) else []
