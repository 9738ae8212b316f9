"""The tables of a language -> its words and patterns for dates. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kg.words.language import Language
from kg.words.numerals import SECTION as NUMERALS
from kg.words.numerals import entries, lexicon
from kg.words.patterns import Grammar, grammar
from kg.words.tables import Section
from kg.words.tokens import NUMBER, Token, WordTable

SECTION = "dates"
GROUPS = {
    "months": "month",
    "days": "day",
    "weekdays": "weekday",
    "short_weekdays": "short_weekday",
    "parts": "part",
    "fractions": "fraction",
    "edges": "edge",
    "sides": "side",
    "units": "unit",
    "named": "named",
}
"""A table of words -> their kind in patterns. Each entry gives the meaning, then its words."""
SHIFTS = ("day", "week", "weekend", "month", "quarter", "year")
RELATIONS = ("at", "since", "from", "until", "by", "about", "span", "ending", "beginning")
"""How a date may relate to a fact, each with its own patterns."""


@dataclass(frozen=True)
class DateWords:
    """The words and patterns of dates in one language."""

    lexicon: WordTable
    grammar: Grammar

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return the tokens of *text* except those that do not affect the day, such as "in the morning"."""
        return tuple(token for token in self.lexicon.tokens(text) if "ignored" not in token.meanings)


@lru_cache(maxsize=16)
def date_words(language: Language) -> DateWords:
    """Return a language's words and patterns for dates.

    Raises:
        InputError: a table is not valid.
    """
    section = language.section(SECTION)
    section.refuse_others(*GROUPS, "shifts", "ignored", "patterns", "relations")
    numerals = language.section(NUMERALS)
    counted = ((NUMBER, word, value) for kind, word, value in entries(numerals) if kind == "numeral")
    words = lexicon(numerals, (*_entries(section), *counted))
    patterns, relations = section.section("patterns"), section.section("relations")
    relations.refuse_others(*RELATIONS)
    groups = {**patterns.groups(), **relations.groups()}
    return DateWords(words, grammar(groups, words, lambda name, why: patterns.refused(name, why)))


def _entries(section: Section) -> Iterator[tuple[str, str, object]]:
    for table, kind in GROUPS.items():
        for value, words in section.section(table).groups().items():
            yield from ((kind, word, _checked(section, table, value)) for word in words)
    shifts = section.section("shifts")
    shifts.refuse_others(*SHIFTS)
    for unit in SHIFTS:
        for value, words in shifts.section(unit).groups().items():
            yield from ((f"{unit}_shift", word, _whole(shifts.section(unit), value)) for word in words)
    yield from (("ignored", word, True) for word in section.words("ignored"))


_LIMITS = {
    "months": range(1, 13),
    "days": range(1, 32),
    "weekdays": range(1, 8),
    "short_weekdays": range(1, 8),
    "parts": range(21, 42),
    "named": range(-1, 2),
}
_ALLOWED = {"edges": ("first", "last"), "sides": ("earlier", "later"), "units": ("day", "week", "month", "year")}


def _checked(section: Section, table: str, value: str) -> object:
    """Return the meaning of a table's words, in the form that the calendar takes."""
    if table in _LIMITS:
        number = _whole(section.section(table), value)
        if number not in _LIMITS[table]:
            raise section.section(table).refused(value, f"is not from {_LIMITS[table][0]} to {_LIMITS[table][-1]}")
        return number
    part, _, parts = value.partition("/")
    fits = value in _ALLOWED[table] if table in _ALLOWED else part.isdecimal() and parts.isdecimal()
    if not fits or (table == "fractions" and not 1 <= int(part) <= int(parts)):
        raise section.section(table).refused(
            value, f"is not one of {', '.join(_ALLOWED.get(table, ('1/3', '2/3', '3/3')))}"
        )
    return value


def _whole(section: Section, value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise section.refused(value, "is not a whole number") from error
