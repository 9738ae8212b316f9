"""A project that one process checks repeatedly: its changes, and reports on them. Reads the project.

`kg check --watch` and `kg lsp` share it. Changes are detected by polling modification times and sizes, which works on
every file system, including network mounts. It takes 13 ms for a thousand files. Results for unchanged files stay in
memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kg.core.errors import InputError
from kg.pipeline.cache import Cache
from kg.pipeline.check import check
from kg.pipeline.compile import Compiled, compile_project
from kg.pipeline.one_file import project_cache
from kg.pipeline.report import Report
from kg.project.layout import every_path
from kg.project.settings import SETTINGS_FILE, Project, load_project
from kg.project.sources import Sources, read_sources, with_texts
from kg.project.state import one_state

_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileChanges:
    """The changes to a project's files since the last poll.

    Attributes:
        changed: files that were written, created or removed, the settings included. At the first poll, all files.
        is_other: whether the settings have changed, so that the project must be loaded again.
    """

    changed: frozenset[Path]
    is_other: bool


class LiveProject:
    """A project whose files may change at any time, with cached results for unchanged files.

    Attributes:
        project: the project, with its settings as of the last poll.
        cache: the records of unchanged files, in memory and on disk.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.cache = _cache(project)
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._problem: InputError | None = None  # why the settings cannot be used

    def look(self) -> FileChanges:
        """Return what has changed since the last call.

        Raises:
            InputError: something has changed, and the settings cannot be used.
        """
        now, before = _stamps(self.project), self._stamps
        self._stamps = now
        changed = frozenset(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))
        is_other = self.project.root / SETTINGS_FILE in changed and self._has_other_settings()
        if changed:
            self._refuse_unusable()
        return FileChanges(changed, is_other)

    def _refuse_unusable(self) -> None:
        """Refuse to go on with settings that no longer hold."""
        if self._problem:
            raise InputError(self._problem.message, self._problem.fix)

    def _has_other_settings(self) -> bool:
        """Reload the settings, and return whether they have changed. Nothing works while they cannot be used."""
        try:
            project = load_project(self.project.root)
        except InputError as error:
            self._problem = error
            return False
        self._problem = None
        if project == self.project:
            return False
        self.project, self.cache, self._stamps = project, _cache(project), {}
        return True

    def check(self, paths: Sequence[str] = (), texts: Mapping[str, str] = _NO_TEXTS) -> Report:
        """Return the report on the files at *paths*, or on everything. *texts* replace the content of files, by path.

        Results for such unsaved texts are kept only in memory.

        Raises:
            InputError: see `kg.pipeline.check.check`, or the settings cannot be used.
        """
        self._refuse_unusable()
        self.cache.writes = not texts
        return check(self.project, paths, texts=texts, cache=self.cache)

    def names(
        self, texts: Mapping[str, str] = _NO_TEXTS, only: frozenset[str] = frozenset()
    ) -> tuple[Sources, Compiled]:
        """Return the sources, and the names that they define. Articles not in *only* are read just for their names.

        Raises:
            InputError: the ontology or the settings cannot be used, or there is no data.
        """
        self._refuse_unusable()
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
        with suppress(OSError):  # an editor's temporary file may be gone, or a link may be broken
            status = file.stat()
            stamps[file] = status.st_mtime_ns, status.st_size
    return stamps
