"""The rows of a list that a page shows, and where the previous and next pages begin. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Paging:
    """A page of a long list.

    Attributes:
        start: number of its first row, from 0.
        shown: the number of its rows.
        total: the number of rows in the list.
        most: the most rows on a page.
    """

    start: int
    shown: int
    total: int
    most: int

    @classmethod
    def of(cls, start: int, total: int, most: int) -> Paging:
        """Return the page that begins at row *start*, or at the last row if there are fewer.

        >>> Paging.of(100, 120, 50).shown, Paging.of(900, 120, 50).start, Paging.of(9, 0, 50).start
        (20, 119, 0)
        """
        begin = min(start, max(total - 1, 0))
        return cls(begin, min(most, total - begin), total, most)

    def part(self, rows: Sequence[_T]) -> Sequence[_T]:
        """Return the rows of the whole list that the page shows."""
        return rows[self.start : self.start + self.shown]

    @property
    def before(self) -> int | None:
        """Where the previous page begins, None on the first.

        >>> Paging.of(50, 120, 50).before, Paging.of(20, 120, 50).before, Paging.of(0, 120, 50).before
        (0, 0, None)
        """
        return max(self.start - self.most, 0) if self.start else None

    @property
    def after(self) -> int | None:
        """Where the next page begins, None on the last.

        >>> Paging.of(0, 120, 50).after, Paging.of(100, 120, 50).after
        (50, None)
        """
        end = self.start + self.shown
        return end if end < self.total else None

    @property
    def is_all(self) -> bool:
        """Whether the whole list is shown."""
        return self.shown == self.total
