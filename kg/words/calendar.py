"""The fields of a date and the day of publication -> the dates that they mean, in EDTF. No I/O.

The fields are those that the patterns of a language find: weekday, day, month, year, the distance of a day, week, month
or year from today, a part of a longer period. Whatever the words leave out is counted from the publication: backwards
for what has occurred, forwards for what is planned, without tolerance. Where both are possible, both are returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from kg.core.edtf import date_bounds
from kg.words.parts import narrowed, one_of, takes_part
from kg.words.reading import (
    DAY,
    EXPLICIT,
    NO_DAY,
    WEEKDAY,
    YEAR,
    Fields,
    Reading,
    Readings,
    UnclearError,
    Way,
    days_of,
    inner_fields,
    whole,
)

_FURTHEST = 9
"""Years to search for a 29 February."""

_A_DAY, _A_WEEK = timedelta(days=1), timedelta(days=7)


def readings(fields: Fields, today: date | None, way: Way) -> Readings:
    """Return the dates that *fields* may mean, the nearest first.

    Args:
        fields: kind -> value, as found by the patterns of dates.
        today: the day to count from, None if unknown.
        way: which way to count.

    Raises:
        UnclearError: they contradict one another, or *today* is needed but unknown.
    """
    dates = tuple(narrowed(reading, fields, today) for reading in _whole(fields, today, way))
    if not dates:
        raise UnclearError("that day does not exist")
    return tuple(dict.fromkeys(dates))


def _whole(fields: Fields, today: date | None, way: Way) -> Readings:
    """Return the dates before words such as "early" narrow them."""
    if decade := inner_fields(fields, "decade"):
        return (Reading(f"{whole(decade, 'year') // 10}X", EXPLICIT),)
    if century := inner_fields(fields, "century"):
        return (Reading(f"{whole(century, 'ordinal') - 1:02}XX", EXPLICIT),)
    if "day_shift" in fields and today:
        return _by_day_shift(fields, today, way)
    if "month" in fields or "part" in fields:
        return _of_a_year(fields, today, way)
    if "year" in fields:
        return (Reading(f"{whole(fields, 'year'):04}", EXPLICIT),)
    if today is None:
        raise UnclearError(NO_DAY)
    return next((compute(fields, today, way) for name, compute in _COUNTED.items() if name in fields), ())


# -------- months, days and parts of a year


def _of_a_year(fields: Fields, today: date | None, way: Way) -> Readings:
    """Return a month, a day of one, or a part of a year."""
    if "year" in fields:
        return _checked(fields, [_in_year(fields, whole(fields, "year"))], EXPLICIT)
    if "year_shift" in fields and today:
        return _checked(fields, [_in_year(fields, today.year + whole(fields, "year_shift"))], YEAR)
    if today is None and "part" not in fields and "year_shift" not in fields:
        return _checked(fields, [f"XXXX-{_after_year(fields)}"], EXPLICIT)
    if today is None:
        raise UnclearError(NO_DAY)
    if "named" in fields:
        named = _named(whole(fields, "named"), today, lambda year: _in_year(fields, year))
        return _checked(fields, named, YEAR)
    near = _nearest_years(fields, today, way)
    without = ((f"XXXX-{_after_year(fields)}", EXPLICIT),) if "part" not in fields and not takes_part(fields) else ()
    return tuple(replace(reading, also=without) for reading in _checked(fields, near, YEAR))


def _after_year(fields: Fields) -> str:
    """Return the part of the EDTF that follows the year."""
    if "part" in fields:
        return str(fields["part"])
    month = whole(fields, "month")
    return f"{month:02}-{whole(fields, 'day'):02}" if "day" in fields else f"{month:02}"


def _in_year(fields: Fields, year: int) -> str | None:
    """Return the date in that year, None if it does not exist."""
    text = f"{year:04}-{_after_year(fields)}"
    try:
        date_bounds(text)
    except ValueError:
        return None
    return text


def _nearest_years(fields: Fields, today: date, way: Way) -> list[str | None]:
    """Return the latest date that has begun, the next that is not over, or both."""
    back = _first_year(fields, today, -1)
    ahead = _first_year(fields, today, 1)
    before = _in_year(fields, today.year - 1)
    if ahead and before and days_of(before)[1] >= today:  # a winter that began last year
        ahead = before
    return {Way.BACK: [back], Way.AHEAD: [ahead], Way.EITHER: [back, ahead]}[way]


def _first_year(fields: Fields, today: date, step: int) -> str | None:
    for k in range(_FURTHEST):
        text = _in_year(fields, today.year + step * k)
        if text and "side" not in fields:
            first, last = narrowed(Reading(text, YEAR), fields, today).bounds
            if first <= today if step < 0 else last >= today:
                return text
    return None


def _named(shift: int, today: date, in_year: Callable[[int], str | None]) -> list[str | None]:
    """Return the "last", "this" or "next" of something yearly, or two dates where usage differs."""
    if shift == 0:
        return [in_year(today.year)]
    years = [today.year + shift * k for k in range(-1, _FURTHEST)]
    texts = [text for year in years if (text := in_year(year))]
    beyond = [text for text in texts if (days_of(text)[1] < today if shift < 0 else days_of(text)[0] > today)]
    return [*beyond[: 2 if beyond and days_of(beyond[0])[0].year == today.year else 1]]


def _checked(fields: Fields, texts: list[str | None], method: str) -> Readings:
    """Return the dates after comparing them with the weekday, if one is named."""
    checked = []
    for text in dict.fromkeys(text for text in texts if text):
        methods = ((text, WEEKDAY),) if "weekday" in fields and method != EXPLICIT else ()
        if "weekday" in fields and "X" not in text:
            _agree(days_of(text)[0], whole(fields, "weekday"))
        checked.append(Reading(text, method, methods))
    return tuple(checked)


def _agree(day: date, weekday: int) -> None:
    if day.isoweekday() != weekday:
        raise UnclearError(f"{day} is a {day:%A}")


# -------- dates counted from today


def _by_day_shift(fields: Fields, today: date, _way: Way) -> Readings:
    day = today + _A_DAY * whole(fields, "day_shift")
    if (
        whole({"day": day.day, **fields}, "day") != day.day
        or whole({"month": day.month, **fields}, "month") != day.month
    ):
        raise UnclearError(f"counted from the day of publication they mean {day}")
    return (Reading(day.isoformat(), DAY),)


def _by_week(fields: Fields, today: date, _way: Way) -> Readings:
    monday = today - _A_DAY * today.weekday() + _A_WEEK * whole(fields, "week_shift")
    if "weekday" in fields:
        return (Reading((monday + _A_DAY * (whole(fields, "weekday") - 1)).isoformat(), WEEKDAY),)
    return (Reading(one_of(monday, monday + 6 * _A_DAY), DAY),)


def _by_weekday(fields: Fields, today: date, way: Way) -> Readings:
    if "day" in fields:
        return _by_day_of_month(fields, today, way)
    distance = (today.isoweekday() - whole(fields, "weekday")) % 7
    back, ahead = today - _A_DAY * distance, today + _A_DAY * ((7 - distance) % 7)
    days = {Way.BACK: [back], Way.AHEAD: [ahead], Way.EITHER: [back, ahead]}[way]
    if "named" in fields:
        shift = whole(fields, "named")
        days = _named_weekdays(shift, today, back, ahead) if shift else days
    return tuple(Reading(day.isoformat(), WEEKDAY) for day in dict.fromkeys(days))


def _named_weekdays(shift: int, today: date, back: date, ahead: date) -> list[date]:
    """Return the "last" or "next" weekday, or two days if one is in the current week."""
    near = back if shift < 0 else ahead
    near = near + _A_WEEK * shift if near == today else near
    same_week = near.isocalendar()[:2] == today.isocalendar()[:2]
    return [near, near + _A_WEEK * shift] if same_week else [near]


def _by_day_of_month(fields: Fields, today: date, way: Way) -> Readings:
    """Return the day meant by "the 9th": the last, the next, or both."""
    number = whole(fields, "day" if "day" in fields else "ordinal")
    back = next((day for day in _steps(today, -1) if day.day == number), None)
    ahead = next((day for day in _steps(today, 1) if day.day == number), None)
    days = {Way.BACK: [back], Way.AHEAD: [ahead], Way.EITHER: [back, ahead]}[way]
    candidates = tuple(dict.fromkeys(day for day in days if day))
    if "weekday" not in fields:
        return tuple(Reading(day.isoformat(), DAY) for day in candidates)
    for day in candidates:
        _agree(day, whole(fields, "weekday"))
    return tuple(Reading(day.isoformat(), WEEKDAY, ((day.isoformat(), DAY),)) for day in candidates)


def _steps(today: date, step: int) -> Iterator[date]:
    return (today + _A_DAY * step * k for k in range(62))


def _by_month(fields: Fields, today: date, _way: Way) -> Readings:
    year, month = _months_from(today, whole(fields, "month_shift"))
    if "day" in fields:
        day = _in_year({"month": month, "day": fields["day"]}, year)
        return (Reading(day, DAY),) if day else ()
    return (Reading(f"{year:04}-{month:02}", DAY),)


def _by_quarter(fields: Fields, today: date, _way: Way) -> Readings:
    year, month = _months_from(today, 3 * whole(fields, "quarter_shift"))
    return (Reading(f"{year:04}-{33 + (month - 1) // 3}", DAY),)


def _by_year(fields: Fields, today: date, _way: Way) -> Readings:
    return (Reading(f"{today.year + whole(fields, 'year_shift'):04}", YEAR),)


def _by_weekend(fields: Fields, today: date, way: Way) -> Readings:
    shift = whole(fields, "weekend_shift")
    saturday = today + _A_DAY * (5 - today.weekday())
    if shift == 0 and way is Way.BACK and saturday > today:
        saturday -= _A_WEEK
    saturday += _A_WEEK * shift
    return (Reading(one_of(saturday, saturday + _A_DAY), DAY),)


def _ago(fields: Fields, today: date, _way: Way) -> Readings:
    number, unit = whole({"number": 1, **fields}, "number"), str(fields["unit"])
    shifts = {"day": "day_shift", "week": "week_shift", "month": "month_shift", "year": "year_shift"}
    return _COUNTED[shifts[unit]]({shifts[unit]: -number}, today, Way.BACK)


def _months_from(today: date, shift: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 + shift
    return months // 12, months % 12 + 1


_COUNTED: Mapping[str, Callable[[Fields, date, Way], Readings]] = {
    "unit": _ago,
    "day_shift": _by_day_shift,
    "week_shift": _by_week,
    "weekend_shift": _by_weekend,
    "month_shift": _by_month,
    "quarter_shift": _by_quarter,
    "year_shift": _by_year,
    "weekday": _by_weekday,
    "ordinal": _by_day_of_month,
    "day": _by_day_of_month,
}
"""The field that decides how to count -> the function. The first field present applies."""
