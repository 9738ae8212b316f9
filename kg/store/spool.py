"""Bytes on their way to or from a server -> memory while they are few, a temporary file otherwise."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from kg.store.ordered import no_room

IN_MEMORY = 16 * 1024 * 1024
"""Bytes that are kept in memory."""

_FAST = 1  # compression level


@contextmanager
def spool() -> Iterator[IO[bytes]]:
    """Provide an empty file without a name, which is gone after the block, or when the process is killed."""
    with SpooledTemporaryFile(max_size=IN_MEMORY, prefix="kg-") as file:
        yield cast("IO[bytes]", file)


def append(file: IO[bytes], part: bytes) -> None:
    """Write to a file. Raises an EndpointError if there is no room."""
    try:
        file.write(part)
    except OSError as error:
        raise no_room(error) from error


def rewrite(file: IO[bytes], parts: Iterable[bytes]) -> None:
    """Replace the content of a file. Raises an EndpointError if there is no room."""
    file.seek(0)
    file.truncate()
    for part in parts:
        append(file, part)


@contextmanager
def body_of(pieces: Iterable[bytes], *, packed: bool) -> Iterator[bytes | IO[bytes]]:
    """Provide the body of a request, which can be sent again, and whose length is known before it is sent.

    Args:
        pieces: the bytes of the body.
        packed: whether to compress them by gzip.

    Raises:
        EndpointError: there is no room for the file.
    """
    with spool() as file:
        try:
            with gzip.GzipFile("", "wb", _FAST, file, mtime=0) if packed else nullcontext(file) as sink:
                for piece in pieces:
                    sink.write(piece)
            size = file.tell()
            file.seek(0)
        except OSError as error:
            raise no_room(error) from error
        yield file.read() if size <= IN_MEMORY else file
