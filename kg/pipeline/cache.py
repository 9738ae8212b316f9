"""Records of compiled files, cached in build/cache, with their lines in the object store of the build folder.

The key of a record covers everything that went into it, so an entry is never wrong, only unused. Records are sealed: a
file with a damaged record is noted and compiled again. Records are written to a temporary file and renamed, so a reader
never sees half of one. A file whose object is gone is compiled again. `sweep` removes unused records.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.core.errors import InputError
from kg.mapping.record import Record, parsed_record, record_text
from kg.project.intact import is_abandoned, put_sealed, remove, sealed_text
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines

RECORD = ".json"
"""Suffix of records. `kg.project.kept_texts` keeps texts of other kinds beside them."""

LEAST_KEPT = 100
"""The number of records of other versions of the files that are always kept."""


@dataclass
class Cache:
    """The records in one folder.

    Attributes:
        folder: where they are. Created with the first record.
        damaged: the damaged record files that have been removed.
        memory: path -> key and record that the process keeps in memory for its next run, None if it keeps none.
        writes: whether records are written to the folder.
        behind: another cache from which records are copied, and which is never changed.
    """

    folder: Path
    damaged: list[Path] = field(default_factory=list)
    memory: dict[str, tuple[str, Record]] | None = None
    writes: bool = True
    behind: Cache | None = None

    @property
    def objects(self) -> Objects:
        """The object store with the lines."""
        return Objects(self.folder.parent / OBJECTS)

    def load(self, key: str, path: str = "") -> Record | None:
        """Return the sound record under *key*, None if there is none. *path* is the path of its source."""
        kept_key, kept = (self.memory or {}).get(path, ("", None))
        if kept_key == key:
            return kept
        file = self._file(key)
        if not os.path.lexists(file):
            return self._taken_over(key)
        record = self._read(file)
        if record is None:
            self.damaged.append(file)
            with suppress(OSError):
                remove(file)
            return None
        with suppress(OSError):
            os.utime(file)  # the last use, for `sweep`
        if not all(self.objects.has(name) for name in object_names([record])):
            return None
        return self.remember(key, record)

    def peek(self, key: str) -> Record | None:
        """Return the record under *key* as `load` does, but without changing the folder."""
        return self._read(self._file(key))

    def _taken_over(self, key: str) -> Record | None:
        record = self.behind.peek(key) if self.behind else None
        try:
            return self.keep(key, record) if record else None
        except InputError:  # an object of the other cache is gone
            return None

    def remember(self, key: str, record: Record) -> Record:
        """Keep *record* in memory, replacing the last one of its source, and return it."""
        if self.memory is not None:
            self.memory[record.path] = key, record
        return record

    def keep(self, key: str, record: Record) -> Record:
        """Store *record* under *key*, and return it with lines that are read from disk.

        A cache that cannot be written is not an error: the record is returned as is, and the next run compiles again.
        """
        if not self.writes:
            return self.remember(key, record)
        try:
            kept = self.objects.keep(record.lines)
            put_sealed(self._file(key), record_text(record, kept), key)
        except OSError:
            return self.remember(key, record)
        return self.remember(key, replace(record, lines=self._lines(kept)))

    def every(self) -> dict[Path, Record | None]:
        """Return file -> its record, None for one that cannot be read."""
        files = (Path(entry.path) for entry in self._entries())
        return {file: self._read(file) for file in files if file.suffix == RECORD}

    def sweep(self, needed: Collection[str]) -> None:
        """Remove unneeded records, and files left by killed runs.

        The records with the keys *needed* are kept, and as many others, at least LEAST_KEPT, that were used most
        recently. So going back to an earlier version of some files, or switching branches, costs nothing.
        """
        names = {f"{key}{RECORD}" for key in needed}
        others = [entry for entry in self._entries() if entry.name not in names]
        left_behind = [entry for entry in others if is_abandoned(entry.name)]
        unused = sorted((entry for entry in others if not entry.name.startswith(".")), key=_last_use, reverse=True)
        for entry in (*left_behind, *unused[max(len(names), LEAST_KEPT) :]):
            with suppress(OSError):
                remove(Path(entry.path))

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        for folder in _listed(self.folder):
            if folder.is_dir(follow_symlinks=False):
                yield from _listed(Path(folder.path))

    def _read(self, file: Path) -> Record | None:
        """Return the record in a file, None if it is not a sound one."""
        try:
            return parsed_record(sealed_text(file, file.stem), self._lines)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _lines(self, summary: GraphSummary) -> StoredLines:
        return StoredLines(self.objects, summary)

    def _file(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{RECORD}"


def object_names(records: Iterable[Record]) -> set[str]:
    """Return the names of the objects with the lines of *records*."""
    return {record.lines.summary.sha256 for record in records if isinstance(record.lines, StoredLines)}


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _last_use(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0
