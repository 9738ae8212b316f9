"""The first and the last day that a date allows -> the date as people write it. No I/O.

>>> period("2023-10-19", "2023-10-19"), period("2003-01-01", "2003-12-31"), period("2017-02-01", "2017-02-28")
('19 October 2023', '2003', 'February 2017')
>>> period("2031-05-01", "2031-05-03"), period("2020-01-01", "2029-12-31"), period("2031-05-01", "")
('1–3 May 2031', '2020s', 'from 1 May 2031')
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from kg.core.edtf import date_bounds

MONTHS = tuple("January February March April May June July August September October November December".split())


_QUALIFIED = {"~": "about {}", "?": "{} (uncertain)", "%": "about {} (uncertain)"}


def edtf_words(edtf: str) -> str:
    """Return an EDTF date as people write it, with the same precision, or "" if the year is not given.

    >>> edtf_words("2017-02-09?"), edtf_words("2003~"), edtf_words("2032-03/.."), edtf_words("XXXX-02-09")
    ('9 February 2017 (uncertain)', 'about 2003', 'from March 2032', '')

    Raises:
        ValueError: as `date_bounds`.
    """
    start, slash, end = edtf.partition("/")
    if slash and start in ("", ".."):
        return f"until {words}" if (words := edtf_words(end)) else ""
    if slash and end in ("", ".."):
        return f"from {words}" if (words := edtf_words(start)) else ""
    bounds = date_bounds(edtf)
    words = period(bounds[0].isoformat(), bounds[1].isoformat()) if bounds else ""
    return _QUALIFIED.get(edtf[-1:], "{}").format(words) if words else ""


def day_in_words(written: str) -> str:
    """Return a date as people write it if it is written as EDTF, else unchanged.

    >>> day_in_words("2031-05-02"), day_in_words("2031-05"), day_in_words("2 May 2031"), day_in_words("")
    ('2 May 2031', 'May 2031', '2 May 2031', '')
    """
    try:
        return edtf_words(written) or written
    except ValueError:
        return written


def period(first: str, last: str) -> str:
    """Return the period from *first* to *last*, both xsd:date or "", as people write it, or "" if both are empty.

    Anything but a date in the years 1 to 9999 is returned unchanged.
    """
    if not first and not last:
        return ""
    if not first or not last:
        return f"until {_known(last)}" if last else f"from {_known(first)}"
    try:
        return _stretch(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return first if first == last else f"{first} – {last}"


def _known(day: str) -> str:
    try:
        return _day(date.fromisoformat(day))
    except ValueError:
        return day


def _stretch(first: date, last: date) -> str:
    if first == last:
        return _day(first)
    whole_months = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    if whole_months and (first.month, last.month) == (1, 12):
        if first.year % 10 == 0 and last.year == first.year + 9:
            return f"{first.year}s"
        return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    if whole_months and first.year == last.year:
        one, other = MONTHS[first.month - 1], MONTHS[last.month - 1]
        return f"{one if one == other else f'{one}–{other}'} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_day(last)}"
    return f"{_day(first)} – {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
