"""A typed literal -> its value, or None if its text is not a value of its datatype. No I/O.

Everything that shows a value or passes it on uses this module. A literal without a value stays text and never turns
into another value. The infinities and NaN have no value either, because a data frame treats NaN as missing.
Lexical forms and ranges: https://www.w3.org/TR/xmlschema11-2/
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

from kg.core.model import Term
from kg.core.values import XSD, datatype, lexical

Value: TypeAlias = bool | int | Decimal | date

LONGEST_INTEGER = 4_000
"""Digits of an integer. Python itself converts no more than 4,300."""

_INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOATING = re.compile(DECIMAL.pattern + r"(?:[eE][+-]?[0-9]{1,4})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTH = MappingProxyType({"true": True, "1": True, "false": False, "0": False})

_INTEGERS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        XSD + "integer": (-math.inf, math.inf),
        XSD + "nonNegativeInteger": (0, math.inf),
        XSD + "positiveInteger": (1, math.inf),
        XSD + "nonPositiveInteger": (-math.inf, 0),
        XSD + "negativeInteger": (-math.inf, -1),
        XSD + "long": (-(2**63), 2**63 - 1),
        XSD + "int": (-(2**31), 2**31 - 1),
        XSD + "short": (-(2**15), 2**15 - 1),
        XSD + "byte": (-(2**7), 2**7 - 1),
        XSD + "unsignedLong": (0, 2**64 - 1),
        XSD + "unsignedInt": (0, 2**32 - 1),
        XSD + "unsignedShort": (0, 2**16 - 1),
        XSD + "unsignedByte": (0, 2**8 - 1),
    }
)
"""Datatype -> its smallest and its largest value."""

_FLOATS: Mapping[str, tuple[int, int]] = MappingProxyType({XSD + "float": (-45, 38), XSD + "double": (-323, 308)})
"""Datatype -> its range of powers of ten. Beyond them a number would become 0 or an infinity."""


def value(term: Term | None) -> Value | None:
    """Return the value of a number, a boolean or a day, None for every other term.

    >>> value(f'"007"^^<{XSD}integer>'), value(f'"abc"^^<{XSD}integer>'), value(f'"TRUE"^^<{XSD}boolean>')
    (7, None, None)
    """
    if term is None or not term.startswith('"'):
        return None
    kind = datatype(term)
    if kind == XSD + "boolean":
        return _TRUTH.get(lexical(term))
    return _day(lexical(term)) if kind == XSD + "date" else number(term)


def number(term: Term | None) -> int | Decimal | None:
    """Return the value of a finite number, None for every other term.

    >>> number(f'"1e3"^^<{XSD}double>'), number(f'"1e999"^^<{XSD}double>'), number(f'"300"^^<{XSD}byte>')
    (Decimal('1E+3'), None, None)
    """
    if term is None or not term.startswith('"'):
        return None
    return number_of(lexical(term), datatype(term) or "")


def number_of(text: str, kind: str) -> int | Decimal | None:
    """Return the value of *text* as a number of the datatype *kind* (a full IRI), None as in `number`."""
    if kind in _INTEGERS:
        return _integer(text, *_INTEGERS[kind])
    if kind == XSD + "decimal":
        return Decimal(text) if DECIMAL.fullmatch(text) else None
    return _floating(text, *_FLOATS[kind]) if kind in _FLOATS else None


def _integer(text: str, least: float, greatest: float) -> int | None:
    if not _INTEGER.fullmatch(text) or len(text) > LONGEST_INTEGER:
        return None
    return parsed if least <= (parsed := int(text)) <= greatest else None


def _floating(text: str, least: int, greatest: int) -> Decimal | None:
    parsed = Decimal(text) if _FLOATING.fullmatch(text) else None
    return parsed if parsed is not None and (not parsed or least <= parsed.adjusted() <= greatest) else None


def _day(text: str) -> date | None:
    """Return the day, None if it has a time zone, is outside the years 1 to 9999 or does not exist."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def thousands_apart(digits: str) -> str:
    """Return a number with thousands separators.

    >>> thousands_apart("2100"), thousands_apart("21600000000.5"), thousands_apart("1")
    ('2,100', '21,600,000,000.5', '1')
    """
    whole, point, rest = digits.partition(".")
    fits = whole.lstrip("+-").isdecimal() and len(whole) < LONGEST_INTEGER
    return f"{int(whole):,}{point}{rest}" if fits else digits


def amounts_in_words(amounts: Iterable[str], *, between: bool = False) -> str:
    """Return an amount, or the ends of a range; *between* if that word stands before them.

    >>> amounts_in_words(["2100"]), amounts_in_words(["7", "9"]), amounts_in_words(["7", "9"], between=True)
    ('2,100', '7–9', '7 and 9')
    """
    return (" and " if between else "–").join(map(thousands_apart, amounts))
