"""Text in a mapping -> typed RDF literal, one row per datatype. No I/O.

A value that does not match its pattern is refused, never cut to fit. Values are written in canonical form,
which every triplestore returns unchanged.
Lexical forms: https://www.w3.org/TR/xmlschema11-2/ ; terms: https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from kg.core.edtf import date_bounds, edtf_text
from kg.core.errors import InvalidValueError
from kg.core.iri import absolute_iri
from kg.core.model import Term
from kg.core.terms import CQ, RDF, XSD

__all__ = [
    "DATATYPES",
    "EDTF",
    "LANG_STRING",
    "SHA256",
    "XSD",
    "count_literal",
    "datatype",
    "date_bounds",
    "escape",
    "iri_term",
    "is_iri",
    "label_rank",
    "labels_to_show",
    "lang_literal",
    "language",
    "lexical",
    "literal",
    "local_name",
    "string_literal",
]

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
SHA256 = CQ + "sha256Hex"
LANG_STRING = RDF + "langString"

_MUST_ESCAPE = re.compile('[\\x00-\\x1f"\\\\\\x7f\\ufffe\\uffff]')
_SHORT_ESCAPES = MappingProxyType(
    {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_LONG_ESCAPES = MappingProxyType({short[1]: char for char, short in _SHORT_ESCAPES.items()} | {"'": "'"})
_NOT_TEXT = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffe\\uffff]")

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_YEAR = re.compile(r"(?!0000)[0-9]{4}")
_TIME = re.compile(
    r"([0-9-]{10})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)(?P<extensions>(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*)"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|sgn-(?:be-fr|be-nl|ch-de))"
)
MOST_LANGUAGES = 100
"""Tags whose canonical form is remembered."""

_MAX_LONG = 2**63 - 1
_MAX_WHOLE, _MAX_FRACTION = 20, 18  # digits that every triplestore's decimals hold


def literal(text: str, datatype: str) -> Term:
    """Return *text* as a literal of *datatype* (a full IRI), in canonical N-Triples.

    >>> literal("1.50", XSD + "decimal")
    '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'

    Raises:
        InvalidValueError: not a value of the datatype, or a datatype without a row. The text says what is expected.
    """
    row = _ROWS.get(datatype)
    if row is None:
        raise InvalidValueError(f"no values of datatype <{datatype}> can be written")
    canonical, emitted = row(text), _EMITTED_AS.get(datatype, datatype)
    return string_literal(canonical) if emitted == XSD + "string" else f'"{escape(canonical)}"^^<{emitted}>'


def string_literal(text: str) -> Term:
    """Return *text* unchanged as a plain string literal.

    Raises:
        InvalidValueError: a control character other than tab and line ends, or a lone surrogate.
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if escaped.isprintable():  # no other character to refuse or to escape, as in most texts
        return f'"{escaped}"'
    return f'"{escape(_string(text))}"'


def count_literal(number: int) -> Term:
    """Return a number of things, from 0, as a literal.

    >>> count_literal(7)
    '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    return f'"{number}"^^<{XSD}integer>'


def lang_literal(text: str, language: str) -> Term:
    """Return *text* as a string in *language*, with the tag in lower case.

    Raises:
        InvalidValueError: *language* is not well-formed BCP 47 (RFC 5646, 2.2.9), or as `string_literal`.
    """
    return f"{string_literal(text)}@{_language(language)}"


def iri_term(iri: str) -> Term:
    """Return an absolute IRI as a term.

    Raises:
        InvalidValueError: as `absolute_iri`.
    """
    return f"<{absolute_iri(iri)}>"


def escape(text: str) -> str:
    r"""Return *text* escaped for a canonical N-Triples literal.

    >>> escape('say "hi"')
    'say \\"hi\\"'
    """
    return _MUST_ESCAPE.sub(_escape_one, text) if _MUST_ESCAPE.search(text) else text


def _escape_one(match: re.Match[str]) -> str:
    return _SHORT_ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def lexical(term: Term | None) -> str:
    """Return the text of a literal, or the IRI without its brackets; "" for no term."""
    if not term:
        return ""
    if is_iri(term):
        return term[1:-1]
    inner = term[1 : term.rindex('"')]
    return _ESCAPED.sub(_unescape_one, inner) if "\\" in inner else inner


def _unescape_one(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" else _LONG_ESCAPES[code]


def label_rank(label: Term) -> tuple[bool, str]:
    """Return the sort key of a label. The first is the one to show: English or without language before others.

    >>> min(['"Hafen"@de', '"harbour"@en'], key=label_rank)
    '"harbour"@en'
    """
    return (language(label) or "en") != "en", lexical(label)


def labels_to_show(pairs: Iterable[tuple[Term, Term]]) -> dict[Term, str]:
    """Return node -> the text to show for it, of pairs of a node and one of its labels.

    >>> labels_to_show([("<a>", '"Hafen"@de'), ("<a>", '"harbour"@en')])
    {'<a>': 'harbour'}
    """
    first: dict[Term, Term] = {}
    for node, label in pairs:
        first[node] = min(first.get(node, label), label, key=label_rank)
    return {node: lexical(label) for node, label in first.items()}


def local_name(iri: Term) -> str:
    """Return what follows the last `#` or `/`, but those at the end.

    >>> local_name("<https://w3id.org/communique/code/side/Host>"), local_name("<https://a.example/licences/4.0/>")
    ('Host', '4.0')
    """
    text = lexical(iri)
    if text.endswith(("/", "#")):
        text = text.rstrip("/#")
    return text[max(text.rfind("#"), text.rfind("/")) + 1 :]


def language(term: Term) -> str | None:
    """Return the language tag of a literal, None if it has none or *term* is an IRI."""
    tail = term[term.rfind('"') + 1 :]
    return tail[1:] if tail.startswith("@") else None


def datatype(term: Term) -> str | None:
    """Return the datatype IRI of a literal, None for an IRI."""
    if is_iri(term):
        return None
    tail = term[term.rindex('"') + 1 :]
    return LANG_STRING if tail.startswith("@") else tail[3:-1] or XSD + "string"


def is_iri(term: Term) -> bool:
    """Return whether *term* is an IRI, not a literal."""
    return term.startswith("<")


def _string(text: str) -> str:
    """Any text. Not accepted: control characters (XML cannot hold them), lone surrogates."""
    if match := _NOT_TEXT.search(text):
        raise InvalidValueError(f"a text cannot contain the character U+{ord(match[0]):04X}")
    return text


def _boolean(text: str) -> str:
    """`true` or `false`. Not accepted: 1, 0, yes, no, capitals."""
    if text not in ("true", "false"):
        raise InvalidValueError(f"{text!r} is neither true nor false")
    return text


def _integer(text: str) -> str:
    """Digits, with - before a negative one. Not accepted: +5, 007, 5.0, 1e3, 2,100, more than 64 bits."""
    if not _INTEGER.fullmatch(text):
        raise InvalidValueError(f"{text!r} is not a whole number written in digits alone, such as 2100")
    if len(text) > _MAX_WHOLE or not -_MAX_LONG - 1 <= int(text) <= _MAX_LONG:
        raise InvalidValueError(f"the number {text[:30]!r} is too large: at most {_MAX_LONG}")
    return "0" if text == "-0" else text


def _non_negative_integer(text: str) -> str:
    """As an integer, from 0."""
    if _integer(text).startswith("-"):
        raise InvalidValueError(f"{text!r} is negative", "write 0 or more")
    return _integer(text)


def _positive_integer(text: str) -> str:
    """As an integer, from 1."""
    if _non_negative_integer(text) == "0":
        raise InvalidValueError(f"{text!r} is not positive", "write 1 or more")
    return text


def _decimal(text: str) -> str:
    """Digits with or without a point. Not accepted: +5, 007, .5, 5., 1e3, 2,100, INF, over 20 + 18 digits."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise InvalidValueError(
            f"{text!r} is not a decimal number such as 2100 or 21.6, without separators or exponent"
        )
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    if len(whole) > _MAX_WHOLE or len(fraction) > _MAX_FRACTION:
        raise InvalidValueError(
            f"the number {text[:60]!r} has more than {_MAX_WHOLE} digits, or {_MAX_FRACTION} after the point"
        )
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else sign + number


def _date(text: str) -> str:
    """`2017-02-09`, a day that exists. Not accepted: a zone, one-digit months or days, the year 0000."""
    if not _DATE.fullmatch(text):
        raise InvalidValueError(f"{text!r} is not a day written as year-month-day, such as 2017-02-09")
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValueError(f"the day {text!r} does not exist") from error
    return text


def _year(text: str) -> str:
    """`2017`. Not accepted: a zone, other than four digits, 0000."""
    if not _YEAR.fullmatch(text):
        raise InvalidValueError(f"{text!r} is not a year of four digits, such as 2017")
    return text


def _date_time(text: str) -> str:
    """`2017-02-09T10:00:00+08:00`. Not accepted: no zone, 24:00:00, a leap second, over 9 fraction digits."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise InvalidValueError(f"{text!r} is not a moment with its time zone, such as 2017-02-09T10:00:00Z")
    fraction, zone = (match[3] or "").rstrip("0").rstrip("."), match[4]
    return f"{_date(match[1])}{text[10:19]}{fraction}{'Z' if zone in ('+00:00', '-00:00') else zone}"


def _any_uri(text: str) -> str:
    """An absolute http, https or urn IRI. Not accepted: other schemes, and whatever `iri_term` refuses."""
    if absolute_iri(text).partition(":")[0].lower() not in ("http", "https", "urn"):
        raise InvalidValueError(f"{text!r} does not begin with https://, http:// or urn:")
    return text


@lru_cache(maxsize=MOST_LANGUAGES)
def _language(text: str) -> str:
    """A BCP 47 tag, returned in lower case. Not accepted: zh_CN, english, repeated parts."""
    tag = text.lower()
    match = _LANGUAGE.fullmatch(tag) if text.isascii() else None
    if match is None or _repeats(match):
        raise InvalidValueError(f"{text!r} is not a language tag such as en, zh-Hans or pt-BR")
    return tag


def _repeats(tag: re.Match[str]) -> bool:
    variants = (tag["variants"] or "").split("-")[1:]
    singletons = re.findall(r"-([0-9a-wyz])(?=-)", tag["extensions"] or "")
    return len(set(variants)) < len(variants) or len(set(singletons)) < len(singletons)


def _sha256(text: str) -> str:
    """64 hexadecimal digits in lower case. Not accepted: capitals, a prefix such as `sha256:`."""
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise InvalidValueError(f"{text[:80]!r} is not a SHA-256 digest: 64 hexadecimal digits in lower case")
    return text


_EMITTED_AS = MappingProxyType({XSD + name: XSD + "integer" for name in ("nonNegativeInteger", "positiveInteger")})
"""Stores return derived integers as xsd:integer, so that is what is written. A shape adds sh:minInclusive."""

_ROWS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        XSD + "string": _string,
        XSD + "boolean": _boolean,
        XSD + "integer": _integer,
        XSD + "nonNegativeInteger": _non_negative_integer,
        XSD + "positiveInteger": _positive_integer,
        XSD + "decimal": _decimal,
        XSD + "date": _date,
        XSD + "gYear": _year,
        XSD + "dateTime": _date_time,
        XSD + "anyURI": _any_uri,
        XSD + "language": _language,
        SHA256: _sha256,
        EDTF: edtf_text,
    }
)

DATATYPES = frozenset({*_ROWS, LANG_STRING})
"""The datatypes whose values can be written."""
