"""A project's files -> a report now and after every change. Looks at the files several times a second.

Where a check of everything takes its time, what was saved is checked first.
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
    """Return the articles among *changed*; none if something else is there too, which concerns all of them."""
    every = list(changed)
    return [str(path) for path in every] if all(is_article(project, path) for path in every) else []
