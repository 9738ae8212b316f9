"""Folders that a run reads only once, so that it sees one consistent state, even if files change. Reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TypeVar, cast

from kg.project.settings import Project

T = TypeVar("T")


class FolderState(tuple[Path, ...]):
    """Folders, with the results made from their files in this run. Can be sent to worker processes."""

    def __init__(self, _: Sequence[Path] = ()) -> None:
        self._made: dict[str, object] = {}  # by name, since a wrapped function cannot be sent to a process

    def once(self, make: Callable[[Sequence[Path]], T]) -> T:
        """Return the result of *make* for the folders, computed on first use."""
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in self._made:
            self._made[name] = make(self)
        return cast("T", self._made[name])


def once_per_run(make: Callable[[Sequence[Path]], T]) -> Callable[[Sequence[Path]], T]:
    """Make *make* run only once for a FolderState, but each time for plain folders. Errors are not cached."""

    @wraps(make)
    def made(folders: Sequence[Path]) -> T:
        return folders.once(make) if isinstance(folders, FolderState) else make(folders)

    return made


def one_state(project: Project) -> Project:
    """Return *project* with the files of its ontology and its words read only once."""
    return replace(project, ontology=FolderState(project.ontology), words=FolderState(project.words))
