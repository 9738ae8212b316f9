"""A text -> the dates and figures in it, and whether those of two texts are the same. No I/O.

Both texts count their days from the same publication. If that is unknown, any day will do: which day "Thursday" is
remains unknown, but "Friday" is certainly a different one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from kg.core.model import Span
from kg.words.dates import Today, dates_in
from kg.words.figures import Figure, figures_in
from kg.words.language import Language
from kg.words.phrases import WIDE
from kg.words.reading import Reading, Readings, UnclearError, Way

_LINE_END = re.compile(r"\s")
ANY_DAY = Today(date(2001, 1, 1), date(2001, 1, 1))


class Sameness(IntEnum):
    """How much two dates, or two figures, have in common."""

    NONE = 0
    ALIKE = 1  # a date is less precise; a figure has another comparator, currency or unit
    SAME = 2


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date in a text: its place, its words, and what they may mean."""

    span: Span
    words: str
    readings: Readings

    @property
    def forms(self) -> frozenset[str]:
        """All forms in EDTF."""
        return frozenset(form for reading in self.readings for form, _ in reading.accepted)

    def match(self, other: DateFound) -> Sameness:
        """Return whether *other* is the same date, or one that this date gives less precisely."""
        ends = [{form for form in each.forms if "/" in form} for each in (self, other)]
        if all(ends) and ends[0].isdisjoint(ends[1]):  # "since 2003" is not "until 2003"
            return Sameness.NONE
        if not self.forms.isdisjoint(other.forms):
            return Sameness.SAME
        pairs = ((own, each) for own in self.readings for each in other.readings)
        return Sameness.ALIKE if any(_has_within(*pair) for pair in pairs) else Sameness.NONE


@dataclass(frozen=True, slots=True)
class FigureFound:
    """A figure in a text: its place, its words, and what they may mean."""

    span: Span
    words: str
    figures: tuple[Figure, ...]

    @property
    def is_count(self) -> bool:
        """Whether it is only a small number in words, as used by a text that counts items it lists."""
        plain = all(
            figure.comparators == ("EqualTo",) and not figure.unit and figure.currencies is None and not figure.upper
            for figure in self.figures
        )
        return plain and self.figures[0].lower <= 2 and not any(char.isdecimal() for char in self.words)

    def match(self, other: FigureFound) -> Sameness:
        """Return whether *other* is the same figure, or only the same amount."""
        return max(_figure_match(own, each) for own in self.figures for each in other.figures)


def dates_of(
    text: str, sentences: Iterable[Span], language: Language, today: Today, way: Way = Way.EITHER
) -> Iterator[DateFound]:
    """Yield the dates in *text*, in order, reading its *sentences* one by one."""
    day = today if today.first else ANY_DAY
    for sentence in sentences:
        part = text[sentence.start : sentence.end]
        for span, readings in dates_in(_on_one_line(part), language, day, way):
            known = readings if day is today else tuple(map(_without_year, readings))
            yield DateFound(_moved(span, sentence.start), part[span.start : span.end], known)


def figures_of(
    text: str, sentences: Iterable[Span], language: Language, without: Sequence[int]
) -> Iterator[FigureFound]:
    """Yield the figures in *text*, in order, except those that end a word or have a character marked in *without*."""
    for sentence in sentences:
        part = text[sentence.start : sentence.end]
        for span, figures in figures_in(_on_one_line(part), language, most_words=0):
            place = _moved(span, sentence.start)
            if not _ends_a_word(text, place.start) and not any(without[place.start : place.end]):
                yield FigureFound(place, part[span.start : span.end], figures)


def _on_one_line(text: str) -> str:
    """Return *text* with spaces for line ends, of the same length: lines may break within a phrase."""
    return _LINE_END.sub(" ", text)


def _without_year(reading: Reading) -> Reading:
    """Return a date without the year that was counted from an arbitrary day."""
    forms = [Reading(form, method) for form, method in reading.also if "XXXX" in form]
    return forms[0] if forms else reading


def _has_within(one: Reading, other: Reading) -> bool:
    """Return whether the days of *other* are among those of *one*."""
    if "XXXX" in one.edtf:
        return bool(re.fullmatch(re.escape(one.edtf).replace("XXXX", r"\d{4}"), other.edtf))
    try:
        (first, last), (begins, ends) = one.bounds, other.bounds
    except UnclearError:
        return False
    return first <= begins and ends <= last


def _figure_match(one: Figure, other: Figure) -> Sameness:
    if (one.lower, one.upper) != (other.lower, other.upper):
        return Sameness.NONE
    same_comparator = not set(one.comparators).isdisjoint(other.comparators)
    same_money = one.currencies is None or not one.currencies.isdisjoint(other.currencies or ())
    same_unit = one.unit in ("", other.unit)
    return Sameness.SAME if same_comparator and same_money and same_unit else Sameness.ALIKE


def _ends_a_word(text: str, start: int) -> bool:
    """Return whether the figure here is joined to a word: the 2 of Tiangong-2, the 20 of G20."""
    before = text[max(start - 1, 0) : start] if text[start] != "-" else ""
    if text[start] == "-" or before == "-":
        before = text[: start + (text[start] == "-")].rstrip("-")[-1:]
    return before.isalpha() and not WIDE.match(before)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
