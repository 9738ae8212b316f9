"""A date narrowed by "early", "the end of" or "earlier" -> the date of that part. No I/O."""

from __future__ import annotations

from datetime import date, timedelta

from kg.words.reading import DAY, Fields, Reading, UnclearError, days_of

_A_DAY = timedelta(days=1)


def takes_part(fields: Fields) -> bool:
    """Return whether the words of a date narrow it to a part."""
    return any(name in fields for name in ("fraction", "edge", "side"))


def narrowed(reading: Reading, fields: Fields, today: date | None) -> Reading:
    """Return a date narrowed by "early", "the end of" or "earlier"."""
    if "fraction" in fields:
        part, parts = (int(number) for number in str(fields["fraction"]).split("/"))
        return Reading(_fraction(reading.edtf, part, parts), reading.method)
    if "edge" in fields:
        return _edge(reading, str(fields["edge"]))
    if "side" in fields:
        return _side(reading, str(fields["side"]), today)
    return reading


def _fraction(edtf: str, part: int, parts: int) -> str:
    """Return one of *parts* of a date: a decade in years, a year in months, a month or a week in days.

    >>> _fraction("2024", 2, 3), _fraction("2031-05", 1, 3)
    ('[2024-05..2024-08]', '[2031-05-01..2031-05-10]')
    """
    first, last = days_of(edtf)
    if len(edtf) == 4 and edtf.endswith("X"):
        return f"[{first.year + 10 * (part - 1) // parts}..{first.year + 10 * part // parts - 1}]"
    if len(edtf) == 4:
        return f"[{edtf}-{12 * (part - 1) // parts + 1:02}..{edtf}-{12 * part // parts:02}]"
    days = 30 if (last - first).days > 25 else (last - first).days + 1
    begins, ends = days * (part - 1) // parts, days * part // parts - 1
    return one_of(first + _A_DAY * begins, last if part == parts else first + _A_DAY * ends)


def _edge(reading: Reading, edge: str) -> Reading:
    """Return the beginning or the end of a date, with its first or last day as another form."""
    first, last = reading.bounds
    day = (last if edge == "last" else first).isoformat()
    if len(reading.edtf) == 4 and reading.edtf.isdecimal():
        return Reading(day[:7], reading.method, ((day, reading.method),))
    part = 3 if edge == "last" else 1
    return Reading(_fraction(reading.edtf, part, 3), reading.method, ((day, reading.method),))


def at_the_edge(reading: Reading, fields: Fields) -> Reading:
    """Return the first or last day as the main form: something until the end of a year ends on its last day."""
    if "edge" not in fields or not reading.also:
        return reading
    return Reading(*reading.also[0], ((reading.edtf, reading.method),))


def _side(reading: Reading, side: str, today: date | None) -> Reading:
    first, last = reading.bounds
    if today is None or not first <= today <= last:
        raise UnclearError("they name a period that does not include the day of publication")
    begins, ends = (first, today - _A_DAY) if side == "earlier" else (today + _A_DAY, last)
    if begins > ends:
        raise UnclearError("no day of that period is left on that side of the day of publication")
    return Reading(one_of(begins, ends), DAY)


def one_of(first: date, last: date) -> str:
    """Return one day out of a period, in EDTF."""
    return first.isoformat() if first == last else f"[{first}..{last}]"
