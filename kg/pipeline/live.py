"""A project that one process checks again and again: what changed, and reports on it. Reads the project.

`kg check --watch` and `kg lsp` share it. Looking at stamps is what every file system can do, shared and mounted ones
too; a look at a thousand files takes 13 ms. What is known of unchanged files stays in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kg.pipeline.cache import Cache
from kg.pipeline.compile import Compiled, compile_project, project_cache
from kg.pipeline.report import Report
from kg.pipeline.steps import check
from kg.project.layout import every_path
from kg.project.settings import SETTINGS_FILE, Project, load_project
from kg.project.sources import Sources, read_sources, with_texts
from kg.project.state import one_state

_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileChanges:
    """What changed between two looks at the files of a project.

    Attributes:
        changed: what was written, came or went since the last one; at first, all files. The settings are one of them.
        is_other: whether the settings are others, so that the project is another one.
    """

    changed: frozenset[Path]
    is_other: bool


class LiveProject:
    """A project whose files may change at any time, and what is known of those that did not.

    Attributes:
        project: with its settings as they were at the last look.
        cache: what is known of files that have not changed, in memory too.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.cache = _cache(project)
        self._stamps: dict[Path, tuple[int, int]] = {}

    def look(self) -> FileChanges:
        """Return what changed since the last look.

        Raises:
            InputError: the settings cannot be used; those before still hold.
        """
        now, before = _stamps(self.project), self._stamps
        self._stamps = now
        changed = frozenset(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))
        is_other = self.project.root / SETTINGS_FILE in changed and self._has_other_settings()
        return FileChanges(changed, is_other)

    def _has_other_settings(self) -> bool:
        """Read the settings, and tell whether they are others."""
        project = load_project(self.project.root)
        if project == self.project:
            return False
        self.project, self.cache, self._stamps = project, _cache(project), {}
        return True

    def check(self, paths: Sequence[str] = (), texts: Mapping[str, str] = _NO_TEXTS) -> Report:
        """Return the report on the files at *paths*, or on everything. *texts*, by path, win over what files say.

        What comes of texts that have not been written stays in memory.

        Raises:
            InputError: as `kg.pipeline.steps.check`.
        """
        self.cache.writes = not texts
        return check(self.project, paths, texts=texts, cache=self.cache)

    def names(
        self, texts: Mapping[str, str] = _NO_TEXTS, only: frozenset[str] = frozenset()
    ) -> tuple[Sources, Compiled]:
        """Return the sources, and what their names stand for; articles but *only* are read for their names alone.

        Raises:
            InputError: the ontology cannot be used, or there is no data.
        """
        self.cache.writes = not texts
        project = one_state(self.project)
        sources = with_texts(project, read_sources(project), texts)
        return sources, compile_project(project, sources, only=only, cache=self.cache)


def _cache(project: Project) -> Cache:
    cache = project_cache(project)
    cache.memory = {}
    return cache


def _stamps(project: Project) -> dict[Path, tuple[int, int]]:
    stamps = {}
    for file in (*every_path(project), project.root / SETTINGS_FILE):
        with suppress(OSError):  # an editor's own file may be gone already, a link lead nowhere
            found = file.stat()
            stamps[file] = found.st_mtime_ns, found.st_size
    return stamps
