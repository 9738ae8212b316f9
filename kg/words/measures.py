"""The tables of a language -> its words for figures: comparators, money, units. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from kg.words.language import Language
from kg.words.numerals import SECTION as NUMERALS
from kg.words.numerals import lexicon
from kg.words.tables import Section
from kg.words.tokens import WordTable, comparable

SECTION, MONEY = "figures", "currencies"
COMPARATORS = ("EqualTo", "MoreThan", "AtLeast", "LessThan", "AtMost", "About")
_LISTS = ("from", "to", "and", "ignored", "minus", "unclear", "currency_codes")


@dataclass(frozen=True)
class FigureWords:
    """The words of figures in one language.

    Attributes:
        lexicon: numerals, comparators, currencies, units.
        units: words for a unit, in comparable form -> the name to write.
    """

    lexicon: WordTable
    units: Mapping[str, str]

    def unit(self, words: str) -> str:
        """Return the name of a unit: the one in the table, else its own words."""
        return self.units.get(comparable(words), words)


@lru_cache(maxsize=16)
def figure_words(language: Language) -> FigureWords:
    """Return a language's words for figures.

    Raises:
        InputError: a table is not valid.
    """
    section, money = language.section(SECTION), language.section(MONEY)
    section.refuse_others("before", "after", "units", "magnitudes", *_LISTS)
    units = section.section("units").groups()
    others = (
        *_comparators(section),
        *_magnitudes(section),
        *_currencies(money),
        *_unit_entries(units),
        *_plain(section),
    )
    return FigureWords(
        lexicon(language.section(NUMERALS), others),
        {comparable(word): name for name, words in units.items() for word in (name, *words)},
    )


def _comparators(section: Section) -> Iterator[tuple[str, str, object]]:
    for kind in ("before", "after"):
        table = section.section(kind)
        for codes, words in table.groups().items():
            if not set(codes.split()) <= set(COMPARATORS):
                raise table.refused(codes, f"is not a list of comparators; there are {', '.join(COMPARATORS)}")
            yield from ((kind, word, tuple(codes.split())) for word in words)


def _magnitudes(section: Section) -> Iterator[tuple[str, str, object]]:
    """Yield words for an order of magnitude, each with its lower limit. The upper limit is ten times as much."""
    table = section.section("magnitudes")
    for least, words in table.groups().items():
        if not least.isdecimal():
            raise table.refused(least, "is not a whole number, such as 100")
        yield from (("magnitude", word, Decimal(least)) for word in words)


def _currencies(money: Section) -> Iterator[tuple[str, str, object]]:
    for codes, words in money.groups().items():
        if not all(len(code) == 3 and code.isascii() and code.isupper() for code in codes.split()):
            raise money.refused(codes, "is not a list of currency codes, such as USD CAD")
        yield from (("currency", word, frozenset(codes.split())) for word in words)


def _unit_entries(units: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, object]]:
    return (("unit", word, name) for name, words in units.items() for word in (name, *words))


def _plain(section: Section) -> Iterator[tuple[str, str, object]]:
    for kind in _LISTS[:-1]:
        yield from ((kind, word, True) for word in section.words(kind))
    yield from (("currency", code, frozenset({code})) for code in section.words("currency_codes"))
