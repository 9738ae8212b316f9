"""The records of many files <-> one file, a pack, which is never changed. Reads and writes the given files.

    f30c…                                                  SHA-256 of the next line
    {"pairs": […], "records": {KEY: [record, length, digest]}}
    the parts of each record, compressed, one after the other

One read gives what every build needs of all records. The parts, such as the places of nodes, are compared with their
digests then, and read again when they are needed. A pack stays open, so that nothing is lost when another process
replaces it.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from weakref import finalize

from kg.core.errors import InputError
from kg.core.model import Term
from kg.mapping.record import Record, RecordParts, kept_record, parsed_parts, parsed_record, parts_text
from kg.project.intact import LARGEST, open_regular
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects, StoredLines

_LEVEL = 1  # of compression: a sixth of the size in 0.1 ms
_AT_HAND = 100  # records whose parts stay in memory after they were read
_PATH, _GRAPH, _LINES, _REFERENCES, _INSTANCES = 0, 1, 2, -2, -1  # of a kept record


class PackFile:
    """The open file of a pack. A process that is sent one opens it again, when it first reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def open(self) -> bool:
        """Open it, and return whether that was possible. What replaces it from then on does not matter."""
        with suppress(OSError):
            self._opened()
        return self._file is not None

    def whole(self) -> bytes:
        """Return the content. Raises an OSError if it cannot be read, or is too large."""
        file = self._opened()
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise OSError("it is too large")
        return file.read()

    def read(self, start: int, length: int) -> bytes:
        """Return some bytes. Raises an OSError if they cannot be read."""
        return os.pread(self._opened().fileno(), length, start)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = open_regular(self.path)
            finalize(self, self._file.close)
        return self._file

    def __reduce__(self) -> tuple[type[PackFile], tuple[Path]]:
        return PackFile, (self.path,)


class PackedParts:
    """The parts of a record, in memory until they are written in a pack, and read from it then."""

    __slots__ = ("_digest", "_length", "_path", "_start", "_where")

    def __init__(self, path: str, where: PackFile | bytes, start: int, length: int, digest: str) -> None:
        self._path, self._where, self._start, self._length, self._digest = path, where, start, length, digest

    def move(self, file: PackFile, start: int) -> None:
        """Note where they are now."""
        self._where, self._start = file, start

    def content(self) -> bytes:
        """Return them as they are in a pack.

        Raises:
            InputError: they cannot be read, or were changed since the pack was opened.
        """
        if isinstance(self._where, bytes):
            return self._where
        try:
            data = self._where.read(self._start, self._length)
        except OSError:
            data = b""
        if _digest(data) != self._digest:
            raise InputError(f"{self._where.path} was changed while it was read", "run it again")
        return data

    def read(self) -> RecordParts:
        """Return them. Raises the same errors as `content`."""
        return _parsed(self)

    def parsed(self) -> RecordParts:
        """Return them, read anew. Raises the same errors as `content`."""
        return parsed_parts(self._path, _unpacked(self.content()).decode("utf-8", "surrogatepass"))


@lru_cache(_AT_HAND)
def _parsed(parts: PackedParts) -> RecordParts:
    return parts.parsed()


class PackedRecord(NamedTuple):
    """A record in a pack: a JSON value whose pairs are numbers of pairs of the pack, and its parts."""

    value: list[Any]
    parts: PackedParts


@dataclass(slots=True)
class Pack:
    """An open pack.

    Attributes:
        file: the file.
        pairs: names with what belongs to each, which records refer to.
        records: key -> its record, the oldest first.
        damaged: the number of records that were left out because their parts are damaged.
    """

    file: PackFile
    pairs: Sequence[tuple[str, Any]]
    records: dict[str, PackedRecord]
    damaged: int = 0

    def record(self, key: str, objects: Objects) -> Record:
        """Return the record under *key*, with lines in *objects*. Raises the same errors as `parsed_record`."""
        value, parts = self.records[key]

        def lines(summary: GraphSummary) -> StoredLines:
            return StoredLines(objects, summary)

        return parsed_record(value, self.pairs.__getitem__, lines, parts)

    def graph(self, key: str) -> Term:
        """Return the graph of a record."""
        graph: Term = self.records[key].value[_GRAPH]
        return graph

    def object_name(self, key: str) -> str:
        """Return the name of the object with the lines of a record."""
        return GraphSummary(*self.records[key].value[_LINES]).sha256

    def texts(self) -> Iterator[bytes]:
        """Yield everything that is written in it, decompressed."""
        yield json.dumps(self.pairs, ensure_ascii=False).encode("utf-8", "surrogatepass")
        for value, parts in self.records.values():
            yield json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
            yield _unpacked(parts.content())


def read_pack(path: Path) -> Pack:
    """Open a pack, and read all but the parts of its records, which are only compared with their digests.

    Raises:
        OSError: it cannot be read, or is not a regular file.
        ValueError, KeyError, TypeError, RecursionError: it was changed or cut off.
    """
    file = PackFile(path)
    data = file.whole()
    seal, _, rest = data.partition(b"\n")
    head, end, _ = rest.partition(b"\n")
    if not end or seal != _digest(head).encode():
        raise ValueError("changed or cut off")
    known = json.loads(head.decode("utf-8", "surrogatepass"))
    pack = Pack(file, tuple(map(tuple, known["pairs"])), {})
    start, bytes_of = len(seal) + len(head) + 2, memoryview(data)
    for key, (value, length, digest) in known["records"].items():
        if _digest(bytes_of[start : start + length]) == digest:
            pack.records[key] = PackedRecord(value, PackedParts(value[_PATH], file, start, length, digest))
        start += length
    pack.damaged = len(known["records"]) - len(pack.records)
    return pack


@dataclass(slots=True)
class NewPack:
    """Records that are to be written in a pack.

    Attributes:
        records: key -> its record, the oldest first.
        pairs: names with what belongs to each -> their numbers.
    """

    records: dict[str, PackedRecord] = field(default_factory=dict)
    pairs: dict[tuple[str, Any], int] = field(default_factory=dict)

    def add(self, key: str, record: Record, lines: GraphSummary) -> PackedParts:
        """Add *record*, whose lines are kept as *lines*, and return its parts, which leave the memory with the pack."""
        data = zlib.compress(parts_text(record.parts.read()).encode("utf-8", "surrogatepass"), _LEVEL)
        parts = PackedParts(record.path, data, 0, len(data), _digest(data))
        self._add(key, kept_record(record, lines, self._number), parts)
        return parts

    def copy(self, key: str, pack: Pack) -> None:
        """Add a record of another pack. Raises an InputError if its parts cannot be read."""
        value, parts = pack.records[key]
        data = parts.content()
        self._add(
            key, self._renumbered(value, pack.pairs), PackedParts(value[_PATH], data, 0, len(data), _digest(data))
        )

    def extend(self, new: NewPack) -> None:
        """Add the records of another new pack, which is not written."""
        pairs = tuple(new.pairs)
        for key, (value, parts) in new.records.items():
            self._add(key, self._renumbered(value, pairs), parts)

    def _renumbered(self, value: Sequence[Any], pairs: Sequence[tuple[str, Any]]) -> list[Any]:
        own = [*value]
        for column in (_REFERENCES, _INSTANCES):
            own[column] = [self._number(pairs[number]) for number in value[column]]
        return own

    def _add(self, key: str, value: list[Any], parts: PackedParts) -> None:
        self.records.pop(key, None)
        self.records[key] = PackedRecord(value, parts)

    def _number(self, pair: tuple[str, Any]) -> int:
        return self.pairs.setdefault(pair, len(self.pairs))

    def data(self) -> bytes:
        """Return the content of the pack."""
        contents = [parts.content() for _, parts in self.records.values()]
        records = {
            key: [value, len(content), _digest(content)]
            for (key, (value, _)), content in zip(self.records.items(), contents, strict=True)
        }
        text = json.dumps({"pairs": list(self.pairs), "records": records}, ensure_ascii=False)
        head = text.encode("utf-8", "surrogatepass")
        return b"\n".join([_digest(head).encode(), head, b"".join(contents)])

    def written(self, path: Path, data: bytes) -> Pack:
        """Return it as the pack that was written as *data* at *path*; from now on, parts are read from there."""
        file, start = PackFile(path), data.index(b"\n", data.index(b"\n") + 1) + 1
        if file.open():  # or else another process has replaced it already, and the parts stay in memory
            for _, parts in self.records.values():
                length = len(parts.content())
                parts.move(file, start)
                start += length
        return Pack(file, tuple(self.pairs), self.records)


def _digest(data: bytes | memoryview) -> str:
    return sha256(data).hexdigest()


def _unpacked(content: bytes) -> bytes:
    return zlib.decompress(content)
