"""Lines -> the same lines, sorted, each once. Pure but for temporary files, in which what does not fit in memory waits.

A portion at a time is sorted and written to a file; the files are merged when they are read. So any number of lines
needs the memory of one portion. Many files of one level are merged to one of the next, so that a line is written as
often as there are levels. The order is that of Unicode code points, as N-Quads are sorted for RDFC-1.0.
https://www.w3.org/TR/rdf-canon/
"""

from __future__ import annotations

import gzip
import heapq
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from operator import lt
from typing import IO

from kg.core.errors import EndpointError

PORTION = 24 * 1024 * 1024
"""Code points of the lines that are sorted in memory: some 50 MB."""

_MOST_FILES = 64
"""Files of one level that are merged to one of the next."""

_AT_ONCE, _PIECE = 100, 4 * 1024
"""Lines that are written to a file at once, and bytes that are read from one."""


class InOrder(Iterable[str]):
    """Lines that are known to be in order, each once, so that nobody sorts them again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)


class OrderedLines:
    """Lines in order, each once. They can be read several times, one reader at a time. Use it in a `with` block.

    The temporary files have no names, so that nothing is left of them when the process is killed.
    """

    def __init__(self, lines: Iterable[str], portion: int = PORTION) -> None:
        """Sort *lines*, which contain no line ends.

        Raises:
            EndpointError: there is no room for the files.
        """
        self._levels: list[list[IO[bytes]]] = []
        self._last: list[str] = []
        try:
            self._sort(lines, portion)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> OrderedLines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files."""
        for file in chain.from_iterable(self._levels):
            file.close()

    def __iter__(self) -> Iterator[str]:
        if not self._levels:
            yield from self._last
            return
        before = None
        for line in heapq.merge(*map(_lines_in, chain.from_iterable(self._levels)), self._last):
            if line != before:
                yield line
            before = line

    def _sort(self, lines: Iterable[str], portion: int) -> None:
        if isinstance(lines, tuple) and all(map(lt, lines, lines[1:])):  # in memory and in order, as in records
            self._last = list(lines)
            return
        size = 0
        for line in lines:
            self._last.append(line)
            size += len(line)
            if size >= portion:
                self._put_aside()
                size = 0
        self._last = sorted(set(self._last))

    def _put_aside(self) -> None:
        """Write the portion in memory to a file."""
        self._add(_file_of(sorted(set(self._last))), 0)
        self._last = []

    def _add(self, file: IO[bytes], level: int) -> None:
        """Add a file to a level; of too many make one of the next level."""
        if level == len(self._levels):
            self._levels.append([])
        files = self._levels[level]
        files.append(file)
        if len(files) == _MOST_FILES:
            merged = _file_of(heapq.merge(*map(_lines_in, files)))
            for each in files:
                each.close()
            files.clear()
            self._add(merged, level + 1)


def _file_of(lines: Iterable[str]) -> IO[bytes]:
    from tempfile import TemporaryFile  # here, because it takes milliseconds, and most commands write none

    try:
        file: IO[bytes] = TemporaryFile(prefix="kg-")  # noqa: SIM115 - closed by `close`
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
            rest = iter(lines)
            while together := list(islice(rest, _AT_ONCE)):
                packed.write("\n".join([*together, ""]).encode())
    except OSError as error:
        raise no_room(error) from error
    return file


def no_room(error: OSError) -> EndpointError:
    """Return the error for a temporary file that cannot be written."""
    problem = f"cannot write a temporary file: {error.strerror or error}"
    return EndpointError(problem, "make room in the folder for temporary files, or name another in TMPDIR")


def _lines_in(file: IO[bytes]) -> Iterator[str]:
    file.seek(0)
    with gzip.GzipFile(fileobj=file, mode="rb") as packed:
        while text := packed.read(_PIECE) + packed.readline():
            yield from text[:-1].decode().split("\n")
