"""The words of a date, by the tables of their language -> the dates that they may mean. No I/O.

Patterns find what the words name (weekday, day, month, year, distance from today), and `calendar` computes the date.
Words around it give the relation: since, until, about, from one to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

from kg.core.model import Span
from kg.words.calendar import readings
from kg.words.date_words import RELATIONS, DateWords, date_words
from kg.words.language import Language
from kg.words.parts import at_the_edge
from kg.words.reading import DAY, EXPLICIT, WEEKDAY, YEAR, Fields, Reading, Readings, UnclearError, Way
from kg.words.tokens import NUMBER, ORDINAL, Token

MOST_CHARACTERS = 200
NOT_READ = "no table of words for its language reads them as a date"
_RANKS = {method: rank for rank, method in enumerate((EXPLICIT, YEAR, DAY, WEEKDAY))}


@dataclass(frozen=True, slots=True)
class Today:
    """The day from which dates are counted: that of publication, or the one that the text itself calls today.

    Attributes:
        first: the first day that it may be, None if unknown.
        last: the last day that it may be.
    """

    first: date | None = None
    last: date | None = None

    @property
    def days(self) -> tuple[date | None, ...]:
        """The first and the last day that it may be, once if they are the same."""
        return tuple(dict.fromkeys((self.first, self.last)))


def date_readings(text: str, language: Language, today: Today, way: Way) -> Readings:
    """Return the dates that *text* may mean, the most likely first, several where usage differs.

    Args:
        text: the words of a date and nothing else.
        language: of the words.
        today: the day to count from.
        way: which way to count.

    Raises:
        UnclearError: they cannot be read as a date, or it cannot be computed. The text says why.
        InputError: as `date_words`.
    """
    if len(text) > MOST_CHARACTERS:
        raise UnclearError("they are too long for a date")
    why = ""
    for relation, fields in _parsed(text, language):
        try:
            return _all(relation, fields, today, way)
        except UnclearError as error:
            why = why or str(error)
    raise UnclearError(why or NOT_READ)


def _parsed(text: str, language: Language) -> Iterator[tuple[str, Fields]]:
    """Yield the ways to read the words of a date, whatever today is. The first, which usually suffices, is cached."""
    first = _first_parse(text, language)
    if first is not None:
        yield first
        words = date_words(language)
        yield from islice(_parses(words, words.tokens(text)), 1, None)


@lru_cache(maxsize=1000)
def _first_parse(text: str, language: Language) -> tuple[str, Fields] | None:
    words = date_words(language)
    return next(_parses(words, words.tokens(text)), None)


def dates_in(text: str, language: Language, today: Today, way: Way) -> Iterator[tuple[Span, Readings]]:
    """Yield the places of dates in *text*, in order, each with what it may mean.

    A month alone is skipped, because May, Jan and April are also names. So is an ordinal in words, because "the first"
    may refer to anything.
    """
    words = date_words(language)
    tokens = words.tokens(text)
    at = 0
    while at < len(tokens):
        begins = tokens[at].text not in ",("
        end, dates = _longest(words, tokens, at, today, way) if begins else (at, ())
        if dates and not _may_be_no_date(tokens[at:end]):
            yield Span(tokens[at].start, tokens[end - 1].end), dates
        at = max(end, at + 1)


def _may_be_no_date(tokens: Sequence[Token]) -> bool:
    """Return whether the words are a month alone, or an ordinal not written in digits."""
    *before, last = tokens
    is_ordinal = ORDINAL in last.meanings and not last.text[0].isdecimal()
    return (not before and "month" in last.meanings) or (is_ordinal and not any(token.meanings for token in before))


def _longest(words: DateWords, tokens: Sequence[Token], at: int, today: Today, way: Way) -> tuple[int, Readings]:
    matches = [
        (end, relation, fields) for relation in RELATIONS for end, fields in words.grammar.matches(relation, tokens, at)
    ]
    for end, relation, fields in sorted(matches, key=lambda match: -match[0]):
        try:
            return end, _all(relation, fields, today, way)
        except UnclearError:
            continue
    return at, ()


def _parses(words: DateWords, tokens: Sequence[Token]) -> Iterator[tuple[str, Fields]]:
    for relation in RELATIONS:
        yield from ((relation, fields) for fields in words.grammar.whole(relation, tokens))


def _all(relation: str, fields: Fields, today: Today, way: Way) -> Readings:
    """Return what the words mean counted from each day that today may be."""
    all_days = [reading for day in today.days for reading in _related(relation, fields, day, way)]
    return tuple(dict.fromkeys(all_days))


def _related(relation: str, fields: Fields, today: date | None, way: Way) -> Readings:
    if relation == "span":
        return _span(_date(fields, "first"), _date(fields, "last"), today, way)
    inner = _date(fields, "date")
    match relation:
        case "at":
            return readings(inner, today, way)
        case "about":
            return tuple(_about(reading) for reading in readings(inner, today, way))
        case "since":
            return tuple(_open(at_the_edge(reading, inner), "{}/..") for reading in readings(inner, today, Way.BACK))
        case "from":
            return tuple(_open(at_the_edge(reading, inner), "{}/..") for reading in readings(inner, today, way))
        case "until":
            return tuple(_open(at_the_edge(reading, inner), "../{}") for reading in readings(inner, today, way))
        case "by":
            return tuple(_by(at_the_edge(reading, inner)) for reading in readings(inner, today, way))
        case _:
            days = timedelta(days=int(str(fields[NUMBER])) - 1)
            return tuple(_stretch(reading, days, relation) for reading in readings(inner, today, way))


def _date(fields: Fields, name: str) -> Fields:
    """Return the fields of the date under *name*, with alternative field names replaced."""
    inner = fields[name]
    assert isinstance(inner, Mapping)  # a group of patterns, by the grammar
    if "date" in inner:
        return _date(inner, "date")
    return {_CALLED.get(str(key), str(key)): value for key, value in inner.items()}


_CALLED: Mapping[str, str] = {"short_weekday": "weekday", "month_number": "month"}


def _about(reading: Reading) -> Reading:
    if any(sign in reading.edtf for sign in "[/X"):
        return reading
    return Reading(f"{reading.edtf}~", reading.method)


def _open(reading: Reading, form: str) -> Reading:
    """Return the date itself, with the open interval that it begins or ends as another form."""
    if any(sign in reading.edtf for sign in "[/"):
        return reading
    return replace(reading, also=(*reading.also, (form.format(reading.edtf), reading.method)))


def _by(reading: Reading) -> Reading:
    return Reading(f"../{reading.edtf}", reading.method)


def _stretch(reading: Reading, days: timedelta, relation: str) -> Reading:
    """Return the period that ends, or begins, with a date."""
    first, last = reading.bounds
    first, last = (first - days, last) if relation == "ending" else (first, last + days)
    return Reading(f"{first}/{last}", reading.method)


# -------- from one date to another


def _span(first: Fields, last: Fields, today: date | None, way: Way) -> Readings:
    """Return the period between two dates, each completed from the other."""
    first, last = _completed(first, last)
    if _runs_back(first, last):
        raise UnclearError("they end before they begin")
    if way is Way.EITHER:
        both = (*_span_on(first, last, today, Way.BACK), *_span_on(first, last, today, Way.AHEAD))
        return tuple(dict.fromkeys(both))
    return _span_on(first, last, today, way)


def _runs_back(first: Fields, last: Fields) -> bool:
    """Return whether both are days of one month, without a year, in the wrong order."""
    if any("day" not in each or "month" not in each for each in (first, last)):
        return False
    return first["month"] == last["month"] and int(str(first["day"])) > int(str(last["day"]))


def _span_on(first: Fields, last: Fields, today: date | None, way: Way) -> Readings:
    """Count the end from today and the beginning from the end, or the reverse for the future."""
    if way is Way.AHEAD:
        begins = readings(first, today, way)[0]
        ends = readings(last, _counted_from(last, today, begins, 0), way)[0]
    else:
        ends = readings(last, today, way)[0]
        begins = readings(first, _counted_from(first, today, ends, 1), Way.BACK)[0]
    if "XXXX" not in begins.edtf + ends.edtf and begins.bounds[0] > ends.bounds[1]:
        raise UnclearError("they end before they begin")
    return (Reading(f"{begins.edtf}/{ends.edtf}", max(begins.method, ends.method, key=_RANKS.__getitem__)),)


def _counted_from(fields: Fields, today: date | None, other: Reading, end: int) -> date | None:
    """Return the day to count one end of a period from: the other end, but today for words such as "yesterday"."""
    return today if today is None or any(name.endswith("_shift") for name in fields) else other.bounds[end]


_HAS_MONTH = ("month", "month_shift", "week_shift", "weekday", ORDINAL)


def _completed(first: Fields, last: Fields) -> tuple[Fields, Fields]:
    """Return both dates with the month and year that only one of them has: "3 to 5 March", "March 3 to 5"."""
    first, last = dict(first), dict(last)
    for one, other in ((first, last), (last, first)):
        if "month" in other and "day" in one and not any(key in one for key in _HAS_MONTH):
            one["month"] = other["month"]
    for name in ("year", "year_shift"):
        if name in last and "month" in first and not any(key in first for key in ("year", "year_shift")):
            earlier = int(str(first["month"])) > int(str(last.get("month", 12)))
            first[name] = int(str(last[name])) - earlier
        elif name in first and "month" in last and not any(key in last for key in ("year", "year_shift")):
            later = int(str(last["month"])) < int(str(first.get("month", 1)))
            last[name] = int(str(first[name])) + later
    return first, last
