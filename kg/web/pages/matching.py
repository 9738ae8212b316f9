"""The numbers of the members with each chosen value -> the members that have all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import and_


class Matching:
    """The members of a list that match some filters: for each a byte that is 1 if it does."""

    def __init__(self, members: int, chosen: Sequence[Sequence[int]]) -> None:
        self._bytes = bytearray(b"\1" * members)
        for numbers in chosen:
            others = bytearray(members)
            for number in numbers:
                others[number] = 1
            self._bytes = bytearray(map(and_, self._bytes, others))
        self.total = self._bytes.count(1)

    @property
    def is_all(self) -> bool:
        """Whether all members match."""
        return self.total == len(self._bytes)

    def count(self, numbers: Sequence[int]) -> int:
        """Return how many of some members match."""
        return len(numbers) if self.is_all else sum(map(self._bytes.__getitem__, numbers))

    def among(self, numbers: Iterable[int]) -> list[int]:
        """Return those of some members that match, in the same order."""
        return [number for number in numbers if self._bytes[number]]

    def without(self, numbers: Iterable[int]) -> list[int]:
        """Return all that match apart from some members."""
        left = self._bytes.copy()
        for number in numbers:
            left[number] = 0
        return [number for number, is_left in enumerate(left) if is_left]
