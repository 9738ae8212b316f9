"""Records of compiled files, in packs in build/cache/records, with their lines in the object store of the build folder.

The key of a record covers everything that went into it, so a record is never wrong, only unused. Packs are sealed: the
files of damaged records are noted and compiled again. Packs are written under another name and renamed, and never
changed, so a reader never sees half of one, and needs no lock. A file whose object is gone is compiled again. `sweep`
removes unused records.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from kg.core.errors import InputError
from kg.core.model import Term
from kg.core.processes import allow_many_files
from kg.mapping.record import Pairs, Record
from kg.pipeline.packs import NewPack, Pack, read_pack
from kg.project.intact import clear_abandoned, put, remove
from kg.store.objects import OBJECTS, Objects, StoredLines

RECORDS, _ENDING = "records", ".pack"

LEAST_KEPT = 100
"""The number of records of other versions of the files that are always kept."""

AT_ONCE = 500
"""The number of records after which a pack is written, so that a killed build loses few."""

LARGE = 1_000
"""The number of records from which on a pack is left as it is when others are written."""

_NAME = re.compile(r"\d{6}-[0-9a-f]{16}" + re.escape(_ENDING))


@dataclass
class Cache:
    """The records in one folder.

    Attributes:
        folder: where they are. Created with the first record.
        damaged: the number of damaged records, and of packs that cannot be read at all, that have been removed.
        memory: path -> key and record that the process keeps in memory for its next run, None if it keeps none.
        writes: whether records are written to the folder.
        behind: another cache from which records are copied, and which is never changed.
    """

    folder: Path
    damaged: int = 0
    memory: dict[str, tuple[str, Record]] | None = None
    writes: bool = True
    behind: Cache | None = None
    _packs: dict[str, Pack] = field(default_factory=dict)
    _pack_of: dict[str, Pack] = field(default_factory=dict)  # key -> the newest pack with it, the oldest keys first
    _new: NewPack = field(default_factory=NewPack)
    _objects_there: set[str] = field(default_factory=set)  # when it was last opened, and since
    _unreadable: set[str] = field(default_factory=set)  # packs that are damaged, also if they cannot be removed
    _pairs: dict[tuple[str, Any], tuple[str, Any]] = field(default_factory=dict)
    _is_open: bool = False

    @cached_property
    def objects(self) -> Objects:
        """The object store with the lines."""
        return Objects(self.folder.parent / OBJECTS)

    def open(self) -> None:
        """See which objects there are, read the packs that are new since, and write the sound part of damaged ones."""
        allow_many_files()  # packs stay open, one for each thousand records
        self._objects_there = {*self.objects.names()}
        self._read_packs()
        self._is_open = True

    def _read_packs(self) -> None:
        names = self._names()
        while names != list(self._packs):
            opened = {name: self._packs.get(name) or self._opened(name) for name in names}
            self._packs = {name: pack for name, pack in opened.items() if pack}
            names = names if len(self._packs) == len(names) else self._names()
        self._pack_of = {key: pack for pack in self._packs.values() for key in pack.records}
        for name, pack in list(self._packs.items()):
            self.damaged += pack.damaged
            if pack.damaged:
                self._rewrite(name, pack.records)
            pack.damaged = 0

    def _names(self) -> list[str]:
        """Return the names of the readable packs on disk, the oldest first."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - names, not paths
        except OSError:
            return []
        return sorted(name for name in names if _NAME.fullmatch(name) and name not in self._unreadable)

    def _opened(self, name: str) -> Pack | None:
        """Open a pack, and remove one that cannot be read. Return None if there is none."""
        try:
            pack = read_pack(self._folder / name)
            pack.pairs = self._shared(pack.pairs)
            return pack
        except FileNotFoundError:  # another process has replaced it
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            self.damaged += 1
            self._unreadable.add(name)
            if self.writes:
                with suppress(OSError):
                    remove(self._folder / name)
            return None

    def load(self, key: str, path: str = "") -> Record | None:
        """Return the sound record under *key*, None if there is none. *path* is the path of its source."""
        kept_key, kept = (self.memory or {}).get(path, ("", None))
        if kept_key == key:
            return kept
        record = self._record(key)
        if record is None:
            return self._taken_over(key)
        if not object_names([record]) <= self._objects_there:
            return None
        return self.remember(key, record)

    def _record(self, key: str) -> Record | None:
        if key in self._new.records:
            self.flush()
        if not self._is_open:
            self.open()
        try:
            return self._pack_of[key].record(key, self.objects)
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    def peek(self, key: str) -> Record | None:
        """Return the record under *key*, even if its object is gone."""
        return self._record(key)

    def _taken_over(self, key: str) -> Record | None:
        record = self.behind.peek(key) if self.behind else None
        try:
            return self.keep(key, replace(record, lines=tuple(record.lines))) if record else None
        except InputError:  # an object of the other cache is gone
            return None

    def remember(self, key: str, record: Record) -> Record:
        """Keep *record* in memory, replacing the last one of its source, and return it."""
        if self.memory is not None:
            self.memory[record.path] = key, record
        return record

    def keep(self, key: str, record: Record) -> Record:
        """Store *record* under *key*, at the latest with `flush`, and return it with all that is read from disk.

        A cache that cannot be written is not an error: the record is returned as is, and the next run compiles again.
        """
        if not self.writes:
            return self.remember(key, record)
        try:
            lines = self.objects.kept(record.lines)
        except OSError:
            return self.remember(key, record)
        self._objects_there.add(lines.summary.sha256)
        references, instances = map(self._shared, (record.references, record.instances))
        kept = replace(record, references=references, lines=lines, instances=instances)
        parts = self._new.add(key, kept, lines.summary)
        if len(self._new.records) >= AT_ONCE:
            self.flush()
        return self.remember(key, replace(kept, parts=parts))

    def _shared(self, pairs: Iterable[tuple[str, Any]]) -> Pairs:
        """Return *pairs*, each of them the same in memory for all records."""
        return tuple([self._pairs.setdefault(pair, pair) for pair in pairs])

    def flush(self) -> None:
        """Write the records that are not written yet, together with those of the last small packs.

        If the folder cannot be written, they stay in memory.
        """
        new, self._new = self._new, NewPack()
        if not new.records:
            return
        self._read_packs()
        merged = self._smaller(len(new.records))
        with suppress(OSError, InputError):
            whole = NewPack()
            for name in merged:
                self._copy(name, self._useful(name) - new.records.keys(), whole)
            whole.extend(new)
            self._replace(merged, whole, max([0, *map(_number, self._packs)]) + 1)

    def _smaller(self, added: int) -> list[str]:
        """Return the newest packs, the oldest first, as long as they are small beside those after them.

        So there are few small packs, and a record is copied a few times at most:
        https://git-scm.com/docs/git-repack (--geometric)
        """
        names: list[str] = []
        for name, pack in reversed(self._packs.items()):
            if len(pack.records) >= min(2 * added, LARGE):
                break
            names.insert(0, name)
            added += len(pack.records)
        return names

    def sweep(self, files: int, needed: Callable[[], Collection[str]]) -> None:
        """Remove unneeded records, and files left by killed runs. The caller holds the build lock.

        The records with the keys *needed* of so many *files* are kept, and as many others, at least LEAST_KEPT, that
        were kept last. So going back to an earlier version of some files, or switching branches, costs nothing. A pack
        is written anew when half of its records have become useless.
        """
        clear_abandoned(self._folder)
        self._read_packs()
        most = max(files, LEAST_KEPT)
        if self._count() <= files + most:
            return
        known = needed()
        gone = set([key for key in self._pack_of if key not in known][:-most])
        for name in list(self._packs):
            kept = self._useful(name) - gone
            if 2 * len(kept) <= len(self._packs[name].records):
                self._rewrite(name, kept)

    def forget(self, graph: Term) -> int:
        """Remove the records of all versions of the file with this *graph*.

        Return how many, with the damaged ones, were removed.
        """
        self._read_packs()
        before = self._count()
        for name, pack in list(self._packs.items()):
            kept = {key for key in pack.records if pack.graph(key) != graph}
            if len(kept) < len(pack.records):
                self._rewrite(name, kept)
        return self.damaged + before - self._count()

    def _count(self) -> int:
        return sum(len(pack.records) for pack in self._packs.values())

    def _useful(self, name: str) -> set[str]:
        """Return the keys of a pack that no newer pack has."""
        pack = self._packs[name]
        return {key for key in pack.records if self._pack_of[key] is pack}

    def _copy(self, name: str, keys: Collection[str], new: NewPack) -> None:
        """Copy some records of a pack, in their order. Raises an InputError if they cannot be read."""
        pack = self._packs[name]
        for key in pack.records:
            if key in keys:
                new.copy(key, pack)

    def _rewrite(self, name: str, keys: Collection[str]) -> None:
        """Replace a pack by one that has only the records with some *keys*, if the folder can be written."""
        new = NewPack()
        with suppress(OSError, InputError):
            self._copy(name, keys, new)
            self._replace([name], new, _number(name))

    def _replace(self, names: Collection[str], new: NewPack, number: int) -> None:
        """Write a pack, then remove others, which it replaces. Raises an OSError if the folder cannot be written."""
        if not self.writes:
            return
        known = {name: pack for name, pack in self._packs.items() if name not in names}
        if new.records:
            data = new.data()
            name = f"{number:06d}-{sha256(data).hexdigest()[:16]}{_ENDING}"
            self._folder.mkdir(parents=True, exist_ok=True)
            put(self._folder / name, data)
            known[name] = new.written(self._folder / name, data)
        for name in names:
            if name not in known:
                remove(self._folder / name)
        self._packs = dict(sorted(known.items()))
        self._pack_of = {key: pack for pack in self._packs.values() for key in pack.records}

    # -------- for purges

    def knows(self, graph: Term) -> bool:
        """Return whether there is a record of a file with this *graph*, or a damaged one, which may be of it."""
        self._read_packs()
        return self.damaged > 0 or any(
            pack.graph(key) == graph for pack in self._packs.values() for key in pack.records
        )

    @property
    def object_names(self) -> set[str]:
        """The names of the objects with the lines of all records."""
        self._read_packs()
        return {pack.object_name(key) for pack in self._packs.values() for key in pack.records}

    def texts(self) -> Iterator[tuple[Path, bytes]]:
        """Yield everything that is written in the packs, decompressed, each with its file."""
        self._read_packs()
        yield from ((pack.file.path, text) for pack in self._packs.values() for text in pack.texts())

    @property
    def _folder(self) -> Path:
        return self.folder / RECORDS


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def object_names(records: Iterable[Record]) -> set[str]:
    """Return the names of the objects with the lines of *records*."""
    return {record.lines.summary.sha256 for record in records if isinstance(record.lines, StoredLines)}
