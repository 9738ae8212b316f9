"""Records of compiled files, kept between runs in build/cache. Reads and writes that folder only.

A record is found by everything that went into it, so an entry is never wrong, only unused; and it is sealed, so one
that was changed is never used: it is removed, noted and compiled again. It is written beside and renamed, so a reader
never sees half of one. What nobody has needed for long goes: see `sweep`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kg.mapping.record import Record, parsed_record, record_text
from kg.project.intact import is_abandoned, put, regular_bytes, remove, sealed, unsealed

LEAST_KEPT = 100
"""Records of other versions of the files that stay in any case."""


@dataclass
class Cache:
    """The records in one folder.

    Attributes:
        folder: where they are; made when the first is kept.
        damaged: the files that were no records, and have been removed.
        memory: path -> key and record that a process keeps for its next run too; None if it keeps none.
    """

    folder: Path
    damaged: list[Path] = field(default_factory=list)
    memory: dict[str, tuple[str, Record]] | None = None

    def load(self, key: str, path: str = "") -> Record | None:
        """Return the record kept under *key*, None if there is none that is sound; *path* is that of its file."""
        kept_key, kept = (self.memory or {}).get(path, ("", None))
        if kept_key == key:
            return kept
        file = self._file(key)
        try:
            record = parsed_record(unsealed(regular_bytes(file), key))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            self.damaged.append(file)
            with suppress(OSError):
                remove(file)
            return None
        with suppress(OSError):
            os.utime(file)  # the last use, for `sweep`
        self._remember(key, record)
        return record

    def _remember(self, key: str, record: Record) -> None:
        """Keep *record* in memory in place of the last one of its file."""
        if self.memory is not None:
            self.memory[record.path] = key, record

    def keep(self, key: str, record: Record) -> None:
        """Keep *record* under *key*. A cache that cannot be written is no error: the next run compiles again."""
        self._remember(key, record)
        file = self._file(key)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            put(file, sealed(record_text(record), key))

    def sweep(self, needed: Collection[str]) -> None:
        """Remove the records that nobody needs, and what killed runs left behind.

        Those under the keys *needed* stay, and as many others, at least LEAST_KEPT, that were used last: going back to
        an earlier version of some files, or to another branch, costs nothing.
        """
        names = {f"{key}.json" for key in needed}
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

    def _file(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


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
