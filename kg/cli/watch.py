"""A project's files -> one signal now and one whenever a file changes. Looks at the files twice a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from kg.project import Project

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
    folders = (project.data, *project.ontology, *project.queries)
    files = (file for folder in folders if folder.is_dir() for file in folder.rglob("*") if file.is_file())
    stamps = {}
    for file in files:
        with suppress(FileNotFoundError):  # an editor's own file may be gone already
            stamps[str(file)] = file.stat().st_mtime_ns
    return stamps
