"""A term as printed by an engine -> its canonical form, so that answers can be compared. Pure.

Each engine prints computed numbers in its own way. We follow Oxigraph: no trailing zeros, no exponent, decimals cut
after 18 digits, language tags in lower case. In JSON, Virtuoso writes booleans as 1 and 0.
https://www.w3.org/TR/xmlschema11-2/
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from kg.core.model import Term
from kg.core.typed import number_of
from kg.core.values import XSD, escape, lexical

_FRACTION_DIGITS = 18
_BOOLEAN = f'"^^<{XSD}boolean>'
_SPECIAL_NUMBERS = {"nan": "NaN", "inf": "INF", "+inf": "INF", "-inf": "-INF"}
_BOOLEANS = {"1": "true", "0": "false"}
_NUMBERS = {f'"^^<{XSD}{name}>': XSD + name for name in ("integer", "decimal", "double", "float")}


def canonical_term(term: Term) -> Term:
    """Return *term* with its number, boolean or language tag in canonical form.

    >>> canonical_term('"x"@en-GB')
    '"x"@en-gb'
    >>> canonical_term(f'"1"^^<{XSD}boolean>')
    '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    """
    if not term.startswith('"') or term.endswith('"'):
        return term
    text, tail = term[: term.rindex('"')], term[term.rindex('"') :]
    if tail.startswith('"@'):
        return text + tail.lower()
    if tail == _BOOLEAN:
        return f'"{_BOOLEANS.get(text[1:], text[1:])}{tail}'
    kind = _NUMBERS.get(tail)
    return f'"{escape(canonical_number(lexical(term), kind))}{tail}' if kind else term


def canonical_number(text: str, kind: str) -> str:
    """Return *text* as Oxigraph prints a number of the datatype *kind*. Other text is returned unchanged.

    >>> canonical_number("1.50", XSD + "decimal"), canonical_number("1e2", XSD + "double")
    ('1.5', '100')
    """
    number = number_of(text, XSD + "double" if kind == XSD + "decimal" else kind)  # engines write 1E+3 as a decimal
    if number is None:
        return _SPECIAL_NUMBERS.get(text.lower(), text) if kind in (XSD + "double", XSD + "float") else text
    if isinstance(number, int):
        return str(number)
    if kind == XSD + "decimal" and -int(number.as_tuple().exponent) > _FRACTION_DIGITS:
        number = number.quantize(Decimal(1).scaleb(-_FRACTION_DIGITS), rounding=ROUND_DOWN)
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" and kind == XSD + "decimal" else plain
