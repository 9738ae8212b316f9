"""The lines of a graph <-> a file named by their SHA-256. Reads and writes build/objects only.

build/objects/3f/3f2a….nq.gz      gzip, so that `zcat` prints it: https://www.rfc-editor.org/rfc/rfc1952

The sorted lines of a graph without blank nodes are its canonical form, so an unchanged graph is the same file for every
generation and for the cache entry of its source. Files are written under another name and renamed. Damage is detected
when an object is read, because its content no longer matches its name.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader, BytesIO, RawIOBase
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, overload

from kg.core.errors import InputError
from kg.project.intact import is_abandoned, open_regular, put_pieces, remove
from kg.store.folder import sync
from kg.store.manifest import GraphSummary
from kg.store.ordered import InOrder, OrderedLines

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OBJECTS, _ENDING = "objects", ".nq.gz"
_LEVEL = 1
"""Compression level: a fifteenth of the size at 3 GB/s. The next levels save a tenth and take up to 3 times as long."""

_GZIP = 31  # window bits of zlib, plus 16 for the header and trailer of gzip
_PIECE = 1 << 16  # bytes of a file that are read at once
_LINES = 10_000  # that are compressed at once


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of one build folder."""

    folder: Path

    def path(self, name: str) -> Path:
        """Return the file of an object."""
        return self.folder / name[:2] / f"{name}{_ENDING}"

    def has(self, name: str) -> bool:
        """Return whether there is such an object; what is in it is compared when it is read."""
        return os.path.isfile(f"{self.folder}/{name[:2]}/{name}{_ENDING}")  # noqa: PTH113 - there are many

    def names(self) -> frozenset[str]:
        """Return the names of all objects: `has` for many."""
        files = (entry.name for entry in self._entries() if entry.name.endswith(_ENDING) and _is_file(entry))
        return frozenset(name.removesuffix(_ENDING) for name in files)

    def require(self, names: Iterable[str]) -> None:
        """Raise an InputError if one of these objects does not exist."""
        known = self.names()
        for name in names:
            if name not in known:
                raise _damaged(name, "is missing")

    def keep(self, lines: Iterable[str]) -> GraphSummary:
        """Store the lines of a graph, in any order, and return their summary. A damaged object is rewritten.

        Raises:
            OSError: the disk refuses.
            EndpointError: there is no room for temporary files.
        """
        from kg.store.spool import spool  # here, because it takes milliseconds, and most commands write none

        with nullcontext(lines) if isinstance(lines, InOrder) else OrderedLines(lines) as ordered, spool() as content:
            summary = _packed(ordered, content)
            self._write(summary.sha256, content)
        return summary

    def put(self, name: str, data: bytes) -> None:
        """Store the file of an object from elsewhere, and read it.

        Raises:
            OSError: the disk refuses.
            InputError: its content does not match its name.
        """
        self._write(name, BytesIO(data))
        self.verify(name)

    def kept(self, lines: Iterable[str]) -> StoredLines:
        """Return lines as those of an object. They are stored first, unless they are `StoredLines` already."""
        return lines if isinstance(lines, StoredLines) else StoredLines(self, self.keep(lines))

    def sync(self, names: Iterable[str]) -> None:
        """Flush objects to disk so that they survive a power cut.

        Raises:
            OSError: the disk refuses.
        """
        paths = [self.path(name) for name in names]
        for path in (*paths, *{path.parent for path in paths}, *([self.folder, self.folder.parent] if paths else [])):
            sync(path)

    def _write(self, name: str, content: IO[bytes]) -> None:
        """Write the content of an object, unless it is there."""
        path = self.path(name)
        if not _has_content(path, _pieces_of(content)):
            self._make_folder(path.parent)
            put_pieces(path, _pieces_of(content))

    def _make_folder(self, folder: Path) -> None:
        for each in (self.folder, folder):
            if not each.is_dir():
                remove(each)  # not a folder, so it contains nothing that kg wrote
                each.mkdir(parents=True, exist_ok=True)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the text of an object, an N-Quads file, in pieces. Damage may be noticed only after the last one.

        Raises:
            InputError: it is missing, or its content does not match its name.
        """
        digest = sha256()
        try:
            with open_regular(self.path(name)) as file:
                for piece in _decompressed(file):
                    digest.update(piece)
                    yield piece
        except FileNotFoundError as error:
            raise _damaged(name, "is missing") from error
        except (OSError, zlib.error) as error:
            raise _damaged(name, "cannot be read") from error
        if digest.hexdigest() != name:
            raise _damaged(name, "was changed")

    def verify(self, name: str) -> None:
        """Read an object. Raises the same errors as `pieces`."""
        for _ in self.pieces(name):
            pass

    def each_line(self, name: str) -> Iterator[str]:
        """Yield the sorted lines of an object, without line ends; few are in memory at once.

        Raises the same errors as `pieces`.
        """
        for text in _whole_lines(self.pieces(name)):
            yield from _decoded(name, text[:-1]).split("\n")

    def lines(self, name: str) -> list[str]:
        """Return the sorted lines of an object, without line ends. Raises the same errors as `pieces`."""
        return b"".join(self.pieces(name)).decode().split("\n")[:-1]

    def sweep(self, needed: Collection[str]) -> int:
        """Remove objects that are not *needed*, and files left by killed processes. Return how many were removed."""
        gone = [entry.path for entry in self._entries() if _is_unused(entry.name, needed)]
        for path in gone:
            with suppress(OSError):
                remove(Path(path))
        return len(gone)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        for folder in self.folder.glob("??"):
            with suppress(OSError), os.scandir(folder) as entries:
                yield from entries


class StoredLines(Sequence[str]):
    """The lines of an object, read when they are needed and not kept. Raises the same errors as `Objects.pieces`."""

    __slots__ = ("_objects", "summary")

    def __init__(self, objects: Objects, summary: GraphSummary) -> None:
        self._objects = objects
        self.summary = summary

    def __len__(self) -> int:
        return self.summary.quads

    def __iter__(self) -> Iterator[str]:
        return self._objects.each_line(self.summary.sha256)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._objects.lines(self.summary.sha256)[index]

    def pieces(self) -> Iterator[bytes]:
        """Yield their text, an N-Quads file, in pieces."""
        return self._objects.pieces(self.summary.sha256)


def texts_of(graphs: Iterable[StoredLines], size: int) -> Iterator[BufferedReader]:
    """Yield the lines of graphs as N-Quads files of about *size* bytes each, which are not in memory as a whole.

    Read each to its end before the next. Reading raises the same errors as `Objects.pieces`.
    """
    texts = _whole_lines(piece for lines in graphs for piece in lines.pieces())
    for first in texts:
        yield BufferedReader(_Pieces(chain([first], _at_most(texts, size - len(first)))), _PIECE)


class _Pieces(RawIOBase):
    """A file whose content comes in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces, self._rest = filter(None, pieces), memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read the next bytes into *buffer*, and return how many these are, 0 at the end."""
        self._rest = self._rest or memoryview(next(self._pieces, b""))
        with memoryview(buffer) as room:
            number = min(len(room), len(self._rest))
            room[:number] = self._rest[:number]
        self._rest = self._rest[number:]
        return number


def _at_most(texts: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the next of *texts* until they have *size* bytes."""
    while size > 0 and (text := next(texts, b"")):
        size -= len(text)
        yield text


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same text in pieces that end with a line."""
    rest = b""
    for piece in pieces:
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if end:
            yield whole + end


def _is_file(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):  # a link to itself
        return entry.is_file()
    return False


def _is_unused(file: str, needed: Collection[str]) -> bool:
    if file.startswith("."):
        return is_abandoned(file)
    return file.removesuffix(_ENDING) not in needed


def _decompressed(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of a gzip file. Raises a zlib.error if it is none, or is cut off."""
    unpacked = zlib.decompressobj(_GZIP)
    while piece := file.read(_PIECE):
        yield unpacked.decompress(piece)
    if not unpacked.eof:
        raise zlib.error("cut off")


def _decoded(name: str, text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise _damaged(name, "was changed") from error


def _packed(lines: Iterable[str], content: IO[bytes]) -> GraphSummary:
    """Write the content of an object with these lines, and return their summary."""
    from kg.store.spool import append

    packer, digest, count, rest = zlib.compressobj(_LEVEL, wbits=_GZIP), sha256(), 0, iter(lines)
    while portion := list(islice(rest, _LINES)):
        text = b"\n".join([*map(str.encode, portion), b""])
        digest.update(text)
        append(content, packer.compress(text))
        count += len(portion)
    append(content, packer.flush())
    return GraphSummary(count, digest.hexdigest())


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def _has_content(path: Path, pieces: Iterable[bytes]) -> bool:
    """Return whether a regular file consists of *pieces*."""
    try:
        with open_regular(path) as file:
            return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)
    except OSError:
        return False


def _damaged(name: str, how: str) -> InputError:
    return InputError(f"the object {name[:12]} of the build folder {how}", "rebuild with 'kg build --full'")
