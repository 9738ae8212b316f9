"""A project's files -> one signal now and one whenever a file changes. Looks at the files twice a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from kg.project.layout import every_path
from kg.project.settings import Project

PAUSE = 0.5
"""Seconds between two looks."""


def each_change(project: Project) -> Iterator[None]:
    """Yield once, then after every change of a file of the data, the ontology or the queries; never ends."""
    seen = None
    while True:
        now = _stamps(project)
        if now != seen:
            seen = now
            yield
        time.sleep(PAUSE)


def _stamps(project: Project) -> dict[str, int]:
    stamps = {}
    for file in every_path(project):
        with suppress(OSError):  # an editor's own file may be gone already, a link lead nowhere
            stamps[str(file)] = file.stat().st_mtime_ns
    return stamps
