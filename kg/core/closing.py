"""Things that a `with` closes at its end. No I/O."""

from __future__ import annotations

from typing import Self


class Closing:
    """Something with `close`, which the end of a `with` calls."""

    __slots__ = ()

    def close(self) -> None:
        """Give back what it holds."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
