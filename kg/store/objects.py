"""The lines of a graph <-> a file named by their SHA-256. Reads and writes build/objects only.

build/objects/3f/3f2a….nq.gz      gzip, so that `zcat` prints it: https://www.rfc-editor.org/rfc/rfc1952

A graph without blank nodes, sorted, is its own canonical form, so that a graph that has not changed is the same file
for every generation and for the record of its source. It is written beside and renamed; whatever is damaged has no
longer the content that its name says, and is found when it is read.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, overload

from kg.core.errors import InputError
from kg.core.model import Term
from kg.project.intact import is_abandoned, put, regular_bytes, remove
from kg.store.folder import sync
from kg.store.manifest import GraphSummary

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OBJECTS, _ENDING = "objects", ".nq.gz"
_LEVEL = 1
"""Of compression: a fifteenth of the size at 3 GB/s; the next levels win a tenth and take up to three times as long."""

_GZIP = 31  # bits of the window, with the head and the end of a gzip file


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

    def require(self, name: str) -> None:
        """Raise an InputError if there is no such object."""
        if not self.has(name):
            raise _damaged(name, "is missing")

    def keep(self, lines: Iterable[str]) -> GraphSummary:
        """Keep the lines of a graph, in any order, and return their summary. A damaged object is written anew.

        Raises:
            OSError: the disk refuses.
        """
        ordered = sorted(set(lines))
        text = "".join(f"{line}\n" for line in ordered).encode()
        summary = GraphSummary(len(ordered), sha256(text).hexdigest())
        data = zlib.compress(text, _LEVEL, _GZIP)
        path = self.path(summary.sha256)
        if _content(path) != data:
            self._make_folder(path.parent)
            put(path, data)
        return summary

    def kept(self, lines: Sequence[str]) -> GraphSummary:
        """Return the summary of lines, which are kept unless they are `StoredLines`, and so are already."""
        return lines.summary if isinstance(lines, StoredLines) else self.keep(lines)

    def sync(self, names: Iterable[str]) -> None:
        """Make objects last through a power cut.

        Raises:
            OSError: the disk refuses.
        """
        paths = [self.path(name) for name in names]
        for path in (*paths, *{path.parent for path in paths}, *([self.folder, self.folder.parent] if paths else [])):
            sync(path)

    def _make_folder(self, folder: Path) -> None:
        for each in (self.folder, folder):
            if not each.is_dir():
                remove(each)  # no folder, so nothing of ours is in it
                each.mkdir(parents=True, exist_ok=True)

    def data(self, name: str) -> bytes:
        """Return the lines of an object as the text of an N-Quads file.

        Raises:
            InputError: it is missing, or has not the content that its name says.
        """
        try:
            text = zlib.decompress(regular_bytes(self.path(name)), _GZIP)
        except FileNotFoundError as error:
            raise _damaged(name, "is missing") from error
        except (OSError, zlib.error) as error:
            raise _damaged(name, "cannot be read") from error
        if sha256(text).hexdigest() != name:
            raise _damaged(name, "was changed")
        return text

    def lines(self, name: str) -> list[str]:
        """Return the sorted lines of an object, without line ends. Raises as `data`."""
        return self.data(name).decode().split("\n")[:-1]

    def stream(self, graphs: Mapping[Term, GraphSummary]) -> io.BufferedReader:
        """Return the lines of graphs as one N-Quads file, of which one graph is in memory at a time.

        Reading raises as `data`.
        """
        return io.BufferedReader(_PartsAsFile(self.data(summary.sha256) for summary in graphs.values()))

    def sweep(self, needed: Collection[str]) -> int:
        """Remove the objects that nobody names, and what killed processes left behind; return how many."""
        gone = [path for path in self.folder.glob("??/*") if _is_unused(path.name, needed)]
        for path in gone:
            with suppress(OSError):
                remove(path)
        return len(gone)


class StoredLines(Sequence[str]):
    """The lines of an object, read whenever they are needed, and not kept in memory. Raises as `Objects.data`."""

    __slots__ = ("_objects", "summary")

    def __init__(self, objects: Objects, summary: GraphSummary) -> None:
        self._objects = objects
        self.summary = summary

    def __len__(self) -> int:
        return self.summary.quads

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects.lines(self.summary.sha256))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._objects.lines(self.summary.sha256)[index]


class _PartsAsFile(io.RawIOBase):
    """Parts, one after the other, as one file."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._part = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while not self._part and (part := next(self._parts, None)) is not None:
            self._part = memoryview(part)
        taken = self._part[: len(view)]
        view[: len(taken)] = taken
        self._part = self._part[len(taken) :]
        return len(taken)


def _is_unused(file: str, needed: Collection[str]) -> bool:
    if file.startswith("."):
        return is_abandoned(file)
    return file.removesuffix(_ENDING) not in needed


def _content(path: Path) -> bytes:
    try:
        return regular_bytes(path)
    except OSError:
        return b""


def _damaged(name: str, how: str) -> InputError:
    return InputError(f"the object {name[:12]} of the build folder {how}", "rebuild with 'kg build --full'")
