"""The answer to a SELECT: rows of terms, all or some of them. No I/O.

Terms are canonical N-Triples text, so that two engines can be compared by `==`.
https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from kg.core.model import Term

Row: TypeAlias = tuple[Term | None, ...]
"""One term per variable, None where it is unbound."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a SELECT.

    Attributes:
        variables: names without `?`, in the order of the SELECT.
        rows: one term per variable, None where it is unbound, in the engine's order.
    """

    variables: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """Some rows of an answer in the order that the query gives.

    Attributes:
        rows: consecutive ones, perhaps all.
        start: the number of the first of them, from 0.
        total: how many rows the answer has.
    """

    rows: Rows
    start: int
    total: int

    @classmethod
    def of_all(cls, rows: Rows) -> AnswerPage:
        """Return all rows as one page."""
        return cls(rows, 0, len(rows.rows))

    @property
    def is_all(self) -> bool:
        """Whether there are no other rows."""
        return len(self.rows.rows) == self.total

    def part(self, start: int, most: int) -> Rows:
        """Return at most *most* of the rows, from number *start* of the answer on."""
        first = start - self.start
        return Rows(self.rows.variables, self.rows.rows[first : first + most])
