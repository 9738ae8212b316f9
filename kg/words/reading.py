"""One date that words may mean, with its method and other forms. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from kg.core.edtf import date_bounds

EXPLICIT, YEAR, DAY, WEEKDAY = "Explicit", "YearFromPublication", "DayFromPublication", "WeekdayFromPublication"
"""Local names of the methods for computing a date."""

NO_DAY = "they count from a day that the article does not give"


class Way(Enum):
    """Which way to count from the publication."""

    BACK = "back"
    AHEAD = "ahead"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Reading:
    """One date that words may mean.

    Attributes:
        edtf: the date.
        method: local name of the method that computed it.
        also: equivalent forms in EDTF, each with its method.
    """

    edtf: str
    method: str
    also: tuple[tuple[str, str], ...] = ()

    @property
    def accepted(self) -> tuple[tuple[str, str], ...]:
        """All forms with their methods, the one to write first."""
        return ((self.edtf, self.method), *self.also)

    @property
    def bounds(self) -> tuple[date, date]:
        """The first and the last day.

        Raises:
            UnclearError: the year is unknown.
        """
        return days_of(self.edtf)


Fields = Mapping[str, object]
Readings = tuple[Reading, ...]


class UnclearError(ValueError):
    """The meaning of words cannot be computed. The text says why."""


def days_of(text: str) -> tuple[date, date]:
    """Return the first and the last day of a date.

    Raises:
        UnclearError: its year is unknown.
    """
    bounds = date_bounds(text)
    if bounds is None:
        raise UnclearError(NO_DAY)
    return bounds


def whole(fields: Fields, name: str) -> int:
    """Return a field that is a whole number.

    Raises:
        UnclearError: it is not whole.
    """
    value = Decimal(str(fields[name]))
    if value != int(value):
        raise UnclearError(f"{value} is not a whole number")
    return int(value)


def inner_fields(fields: Fields, name: str) -> Fields | None:
    """Return the fields of a group of patterns, None if it did not match."""
    inner = fields.get(name)
    return inner if isinstance(inner, Mapping) else None
