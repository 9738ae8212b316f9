"""EDTF text -> earliest and latest day. No I/O.

Levels 0 and 1 of the Extended Date/Time Format, and parts of level 2: unspecified digits in other positions
(`XXXX-02-09` is a day whose year is not given), quarters and halves of a year (33 to 36, 40, 41), and one day out of
a range (`[2024-05..2024-08]`). Not accepted: other sets, qualified parts (`2017-?02`), seasons other than 21 to 24,
years outside 0001 to 9999.
The grammar is our own because the `edtf` library takes 0.13 s to import, crashes on `2017-XX/2018` and gives every
year a 29 February. The tests compare the two.
https://www.loc.gov/standards/datetime/ (ISO 8601-2:2019)
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from kg.core.errors import InvalidValueError

Bounds: TypeAlias = tuple[date, date]

_MAX_LENGTH = 60
_POINT = re.compile(r"(?P<year>[0-9X]{4})(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?(?P<qualifier>[?~%]?)")
_SEASON = re.compile(r"(?P<year>[0-9]{4})-(?P<season>2[1-4]|3[3-6]|4[01])[?~%]?")
_ONE_OF = re.compile(r"\[(?P<first>[^\[\].]+)\.\.(?P<last>[^\[\].]+)\]")
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
_FAR_YEAR = re.compile(r"-[0-9]{4}.*|Y-?[0-9].*|[0-9]{5,}(?:-.*)?")
_SINGLE_DIGITS = re.compile(r"[0-9]{4}-[0-9]{1,2}(?:-[0-9]{1,2})?")
_PARTS = {
    **{21 + k: (3 + 3 * k, 3) for k in range(4)},
    **{33 + k: (1 + 3 * k, 3) for k in range(4)},
    40: (1, 6),
    41: (7, 6),
}
"""Code of a season, quarter or half-year -> its first month and its number of months."""
_A_LEAP_YEAR = "2000"
_EXAMPLES = (
    "write 2017, 2017-02, 2017-02-09, 201X, XXXX-02-09 (the year is not given), 2017-02-09~ (about), "
    "2017-02-09/2017-02-11, [2017-02-01..2017-02-09] (a day within) or 2017/.. (the end is not given)"
)


def date_ends(edtf: str) -> tuple[date | None, date | None]:
    """Return the earliest and the latest day that *edtf* allows, None for either if unknown.

    >>> date_ends("2017-02/..")
    (datetime.date(2017, 2, 1), None)

    Raises:
        InvalidValueError: as `date_bounds`.
    """
    bounds = date_bounds(edtf)
    if bounds or "/" not in edtf:
        return bounds or (None, None)
    first, last = (None if side in ("", "..") else _point_bounds(side) for side in edtf.split("/"))
    return first[0] if first else None, last[1] if last else None


def date_bounds(edtf: str) -> Bounds | None:
    """Return the earliest and the latest day that *edtf* allows, both included.

    None if the year or one end of an interval is not given. Seasons are those of the northern hemisphere, and
    winter begins in December of its year. For any other season, write an interval.

    >>> date_bounds("2017-02")
    (datetime.date(2017, 2, 1), datetime.date(2017, 2, 28))
    >>> date_bounds("XXXX-02-09") is None
    True

    Raises:
        InvalidValueError: not EDTF as described above, a day that does not exist, or an interval that runs backwards.
    """
    if len(edtf) > _MAX_LENGTH:
        raise InvalidValueError(f"a date of {len(edtf)} characters is too long", _EXAMPLES)
    if one_of := _ONE_OF.fullmatch(edtf):
        return _stretch_bounds(edtf, one_of["first"], one_of["last"])
    return _interval_bounds(edtf) if "/" in edtf else _point_bounds(edtf)


def edtf_text(text: str) -> str:
    """Return *text* unchanged when `date_bounds` accepts it.

    Raises:
        InvalidValueError: as `date_bounds`.
    """
    date_bounds(text)
    return text


def _interval_bounds(text: str) -> Bounds | None:
    sides = text.split("/")
    if len(sides) != 2 or not any(side.strip(".") for side in sides):
        raise InvalidValueError(f"{text!r} is not an interval with one '/' between two dates", _EXAMPLES)
    return _stretch_bounds(text, *sides)


def _stretch_bounds(text: str, *sides: str) -> Bounds | None:
    first, last = (None if side in ("", "..") else _point_bounds(side) for side in sides)
    if first is None or last is None:
        return None
    if first[0] > last[1]:
        raise InvalidValueError(f"the interval {text!r} ends before it begins")
    return first[0], last[1]


@lru_cache(maxsize=4096)
def _point_bounds(text: str) -> Bounds | None:
    if season := _SEASON.fullmatch(text):
        return _season_bounds(_year(season["year"], text), int(season["season"]))
    if moment := _MOMENT.fullmatch(text):
        return _point_bounds(moment["day"])
    point = _POINT.fullmatch(text)
    if point is None:
        raise _why_not(text)
    return _part_bounds(text, point["year"], point["month"] or "XX", point["day"] or "XX")


def _part_bounds(text: str, year: str, month: str, day: str) -> Bounds | None:
    """Return the bounds of a date whose unspecified digits are X."""
    if year == "XXXX":
        _some_day(text, [_A_LEAP_YEAR], month, day)
        return None
    years = _matching(year, range(1, 10_000))
    if not years:
        raise InvalidValueError(f"the year of {text!r} is outside 0001 to 9999")
    return _some_day(text, years, month, day), _some_day(text, years[::-1], month, day, last=True)


def _some_day(text: str, years: Iterable[str], month: str, day: str, *, last: bool = False) -> date:
    """Return the first real day that matches, or the last. *years* come in the order to try."""
    step = -1 if last else 1
    months = _matching(month, range(1, 13))[::step]
    for year in years:
        for fitting in months:
            length = monthrange(int(year), int(fitting))[1]
            days = _matching(day, range(1, length + 1))[::step]
            if days:
                return date(int(year), int(fitting), int(days[0]))
    raise InvalidValueError(f"the {'month' if not months else 'day'} {text!r} does not exist")


def _matching(pattern: str, numbers: range) -> list[str]:
    """Return the numbers that a pattern such as `1X` stands for, as digits, in order."""
    if "X" not in pattern:
        return [pattern] if int(pattern) in numbers else []
    digits = ("0123456789" if char == "X" else char for char in pattern)
    return [text for text in map("".join, product(*digits)) if int(text) in numbers]


def _season_bounds(year: int, season: int) -> Bounds:
    month, months = _PARTS[season]
    end = month + months - 1
    last_year, last_month = (year, end) if end <= 12 else (year + 1, end - 12)
    return date(year, month, 1), date(last_year, last_month, monthrange(last_year, last_month)[1])


def _year(digits: str, text: str) -> int:
    if digits == "0000":
        raise InvalidValueError(f"the year of {text!r} is outside 0001 to 9999")
    return int(digits)


def _why_not(text: str) -> InvalidValueError:
    if _FAR_YEAR.fullmatch(text):
        return InvalidValueError(f"the year of {text!r} is outside 0001 to 9999")
    if _SINGLE_DIGITS.fullmatch(text):
        return InvalidValueError(f"{text!r} has a month or a day of one digit", "write two digits, such as 2017-02-09")
    if any(sign in text for sign in "{}[]"):
        return InvalidValueError(f"{text!r} is a set of dates", f"the only set allowed is a range; {_EXAMPLES}")
    return InvalidValueError(f"{text!r} is not a date in EDTF", _EXAMPLES)
