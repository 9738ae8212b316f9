"""The pieces of a file that is not named yet -> memory while they are few, a temporary file otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from kg.store.ordered import no_room

IN_MEMORY = 4 * 1024 * 1024
"""Bytes that are kept in memory."""

_PIECE = 1 << 16  # bytes of the file that are read at once


class PiecesAside:
    """Pieces of bytes, which can be read several times, one reader at a time. Use it in a `with` block.

    The temporary file has no name, so that nothing is left of it when the process is killed.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> PiecesAside:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, piece: bytes) -> None:
        """Add a piece. Raises an EndpointError if there is no room for the file."""
        self._size += len(piece)
        self._pieces.append(piece)
        if self._size > IN_MEMORY:
            try:
                self._put_aside()
            except OSError as error:
                raise no_room(error) from error

    def __iter__(self) -> Iterator[bytes]:
        if self._file is None:
            yield from self._pieces
            return
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def _put_aside(self) -> None:
        """Write the pieces in memory to a file."""
        if self._file is None:
            from tempfile import TemporaryFile  # here, because it takes milliseconds, and most objects are small

            self._file = TemporaryFile(prefix="kg-", buffering=0)  # noqa: SIM115 - closed with the pieces
        for piece in self._pieces:
            self._file.write(piece)
        self._pieces = []
