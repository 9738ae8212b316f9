"""A class of the vocabulary -> the lines that define one: required keys, and the others as comments. No I/O.

Ids such as `some-person` and `another-person` stand for the curator's own ids. `placeholders` finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from kg.core.terms import ARTICLE_CLASS, ARTICLE_KEY, CURATION_KEY, ENTITY_CLASS, FACT_CLASS, QUOTE_KEY, TYPE_KEY, XSD
from kg.core.values import EDTF, SHA256
from kg.ontology.vocabulary import Key, Kind, Vocabulary

LITERALS: Mapping[str, str] = MappingProxyType(
    {
        XSD + "boolean": "true",
        XSD + "integer": "12",
        XSD + "nonNegativeInteger": "12",
        XSD + "positiveInteger": "12",
        XSD + "decimal": "21.6",
        XSD + "date": "2031-05-02",
        XSD + "gYear": "2031",
        XSD + "dateTime": "2031-05-02T10:00:00Z",
        XSD + "anyURI": "https://example.org/page",
        XSD + "language": "en",
        SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        EDTF: "2031-05-01",
    }
)
"""Datatype -> a sample value. Any other datatype takes text."""

FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "edtf": ("the article's words for a date", "1 May 2031"),
        "quantity": ("the article's words for a figure", "over 2,100 boats"),
    }
)
"""Compact form -> description and example."""

WORDS = "the words of the text that support it"
MOST_CODES = 4
_PLACEHOLDER = re.compile(r"\b(?:some|another)-[\w-]+")


def snippet(vocabulary: Vocabulary, name: str) -> str:
    """Return how one of the class *name* is written, "" if no mapping may contain it."""
    return _Snippets(vocabulary).lines_of(name)


def placeholders(text: str) -> tuple[str, ...]:
    """Return the placeholder ids in *text*, sorted.

    >>> placeholders("holder: some-person")
    ('some-person',)
    """
    return tuple(sorted(set(_PLACEHOLDER.findall(text))))


def _another(value: str) -> str:
    return f"another-{value.removeprefix('some-')}" if value.startswith("some-") else value


def placeholder(vocabulary: Vocabulary, name: str) -> str:
    """Return the placeholder id for one of the class *name*."""
    return f"some-{re.sub(r'[^a-z0-9]+', '-', vocabulary.classes[name].label.lower()).strip('-') or 'thing'}"


class _Snippets:
    """Writes snippets from one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def lines_of(self, name: str) -> str:
        is_a = self._vocabulary.is_a
        if self._vocabulary.classes[name].abstract:
            return ""
        if name == ARTICLE_CLASS:
            return "\n".join([f"{ARTICLE_KEY}:", *self._block(name, without=(CURATION_KEY,))])
        key = self._taker(name) if self._vocabulary.classes[name].content_key else None
        if key is not None:
            first, *others = (line[2:] for line in self._block(name))
            return "\n".join([f"{key.name}:", f"  - {first}", *(f"    {line}" for line in others)])
        if is_a(name, ENTITY_CLASS) or is_a(name, FACT_CLASS):
            quotes = is_a(name, FACT_CLASS)
            head = [f"{placeholder(self._vocabulary, name)}:", f"  {TYPE_KEY}: {name}"]
            return "\n".join([*head, *self._block(name, quotes=quotes)])
        return "\n".join(self._inside_others(name))

    def _inside_others(self, name: str) -> Iterator[str]:
        """Yield the lines of a detail, as the value of a key that takes it."""
        key = self._taker(name)
        if key is None:
            return
        form = FORMS.get(self._vocabulary.classes[name].compact_form)
        if form:
            yield f"{key.name}: {form[1]}  # {form[0]}, or in full:"
        yield f"{key.name}:"
        if key.range != name:
            yield f"  {TYPE_KEY}: {name}"
        yield from self._block(name)

    def _taker(self, name: str) -> Key | None:
        """Return a key whose values may be of the class, preferably one that takes no other."""
        vocabulary = self._vocabulary
        takers = [
            key
            for keys in vocabulary.keys.values()
            for key in keys.values()
            if key.kind is Kind.NODE and name in vocabulary.nested_types(key.range)
        ]
        return min(takers, key=lambda key: (key.range != name, not vocabulary.is_required(key)), default=None)

    def _block(self, name: str, *, quotes: bool = False, without: tuple[str, ...] = ()) -> Iterator[str]:
        keys = [key for key in self._vocabulary.keys[name].values() if key.name not in without]
        needed = [key for key in keys if self._vocabulary.is_required(key)]
        lines = [(key.name, self._value(key, name), self._remark(key)) for key in needed]
        if quotes:
            lines.append((QUOTE_KEY, WORDS, ""))
        named: set[str] = set()
        for name_of_key, value, remark in lines:
            yield f"  {name_of_key}: {_another(value) if value in named else value}{remark}"
            named.add(value)
        for key in keys:
            if key not in needed:
                yield f"  # {key.name}: {self._value(key, name)}{self._remark(key)}"

    def _remark(self, key: Key) -> str:
        codes = [code.name for code in self._vocabulary.codes.get(key.range, {}).values()]
        if key.kind is not Kind.CODE or len(codes) < 2:
            return ""
        others = codes[1:MOST_CODES]
        return f"  # or {', '.join(others)}{', …' if len(codes) > MOST_CODES else ''}"

    def _value(self, key: Key, holder: str) -> str:
        match key.kind:
            case Kind.TEXT:
                return f"The {self._vocabulary.properties[key.name].label}"
            case Kind.LITERAL:
                return LITERALS.get(key.range, f"the {self._vocabulary.properties[key.name].label}")
            case Kind.CODE:
                return next((code.name for code in self._vocabulary.codes.get(key.range, {}).values()), "…")
            case Kind.ANY:
                return "some-id"
            case _:
                return self._node(key, (holder,))

    def _node(self, key: Key, above: tuple[str, ...]) -> str:
        """Return an id if nodes of the class have their own, else a table in braces with the required keys."""
        vocabulary, name = self._vocabulary, key.range
        form = FORMS.get(vocabulary.classes[name].compact_form)
        if form:
            return form[1]
        nested = vocabulary.nested_types(name)
        concrete = vocabulary.concrete[name]
        inside = nested and set(nested) == set(concrete) and (self._is_detail(name))
        if not inside or name in above:
            return placeholder(vocabulary, name)
        keys = [key for key in vocabulary.keys[nested[0]].values() if vocabulary.is_required(key)]
        values = {} if name in nested else {TYPE_KEY: nested[0]}
        values |= {each.name: self._short(each, (*above, name)) for each in keys}
        return f"{{{', '.join(f'{key}: {value}' for key, value in values.items())}}}"

    def _short(self, key: Key, above: tuple[str, ...]) -> str:
        return self._node(key, above) if key.kind is Kind.NODE else self._value(key, "")

    def _is_detail(self, name: str) -> bool:
        """Return whether nodes of the class are written where they are used: details, or facts named after a key."""
        return not self._vocabulary.is_a(name, FACT_CLASS) or bool(self._vocabulary.classes[name].content_key)
