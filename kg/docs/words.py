"""A shape -> what it checks, in words. No I/O. Names of terms are in backticks, so that a page can link them.

https://www.w3.org/TR/shacl/#core-components ; https://www.w3.org/TR/shacl/#property-paths
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import pyoxigraph as ox

from kg.core.english import capitalized
from kg.core.terms import CODE, CQ, RDF, SH
from kg.ontology.triples import Index, Resource, Value

NODE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        SH + "IRI": "an IRI",
        SH + "Literal": "a literal",
        SH + "BlankNode": "a blank node",
        SH + "BlankNodeOrIRI": "not a literal",
        SH + "IRIOrLiteral": "not a blank node",
        SH + "BlankNodeOrLiteral": "not an IRI",
    }
)
_SIMPLE: Mapping[str, str] = MappingProxyType(
    {
        "class": "each is of the class {}",
        "datatype": "each is a {}",
        "nodeKind": "each is {}",
        "hasValue": "one of them is {}",
        "pattern": "each matches {}",
        "minInclusive": "each is at least {}",
        "minExclusive": "each is more than {}",
        "maxInclusive": "each is at most {}",
        "maxExclusive": "each is less than {}",
        "minLength": "each has at least {} characters",
        "maxLength": "each has at most {} characters",
        "lessThan": "each is before or below {}",
        "lessThanOrEquals": "each is not after or above {}",
        "equals": "they are the same as {}",
        "disjoint": "none of them is among {}",
    }
)
_LISTED: Mapping[str, str] = MappingProxyType({"in": "each is one of {}", "languageIn": "each is in one of {}"})


class ShapeDescriber:
    """Describes the shapes of one ontology in words."""

    def __init__(self, index: Index, prefixes: Mapping[str, str]) -> None:
        self._index = index
        self._namespaces = sorted(((space, name) for name, space in prefixes.items()), key=lambda p: -len(p[0]))

    def checks(self, shape: Resource) -> tuple[str, ...]:
        """Return one sentence, without a full stop, for each constraint of *shape* itself."""
        return tuple(capitalized(text) for text in self._checks(shape))

    def aims(self, shape: Resource) -> tuple[str, ...]:
        """Return the targets of *shape* other than instances of our classes."""
        templates = {
            "targetClass": "nodes of the class {}",
            "targetNode": "{}",
            "targetSubjectsOf": "whatever has {}",
            "targetObjectsOf": "whatever is a value of {}",
        }
        return tuple(
            text.format(self.name(value))
            for term, text in templates.items()
            for value in self._index.values(shape, SH + term)
            if term != "targetClass" or not value.value.startswith(CQ)
        )

    def name(self, term: Value) -> str:
        """Return a term as a reader knows it: local name, code, prefixed name, or the text of a literal."""
        if isinstance(term, ox.Literal):
            return f"“{term.value}”"
        if isinstance(term, ox.BlankNode):
            return "something"
        if term.value.startswith((CQ, CODE)):
            return f"`{term.value.removeprefix(CQ).removeprefix(CODE)}`"
        for space, prefix in self._namespaces:
            if term.value.startswith(space):
                return f"`{prefix}:{term.value.removeprefix(space)}`"
        return f"`{term.value}`"

    # -------- constraints

    def _checks(self, shape: Resource) -> Iterator[str]:
        index, path = self._index, self._path(shape)
        parts = list(self._about_values(shape))
        if path:
            yield f"{path}: {', '.join(parts)}" if parts else path
        else:
            yield from parts
        if index.text(shape, SH + "closed") == "true":
            yield "it has no keys except those that shapes declare for the class, its superclasses and its subclasses"
        if any(index.resources(shape, SH + "sparql")):
            yield "the query below returns no rows"
        if index.values(shape, SH + "property"):
            yield from self._parts_without_a_name(shape)

    def _parts_without_a_name(self, shape: Resource) -> Iterator[str]:
        for part in self._index.resources(shape, SH + "property"):
            if isinstance(part, ox.BlankNode):
                yield from self._checks(part)

    def _about_values(self, shape: Resource) -> Iterator[str]:
        index = self._index
        yield from filter(None, [self._how_many(shape)])
        for term, text in _SIMPLE.items():
            for value in index.values(shape, SH + term):
                known = "text in a language" if value.value == RDF + "langString" else NODE_KINDS.get(value.value)
                yield text.format(known or self.name(value)).replace("is a text", "is text")
        for term, text in _LISTED.items():
            for head in index.resources(shape, SH + term):
                yield text.format(", ".join(map(self.name, self._items(head))))
        if index.text(shape, SH + "uniqueLang") == "true":
            yield "at most one in each language"
        yield from self._nested(shape)

    def _nested(self, shape: Resource) -> Iterator[str]:
        index = self._index
        for inner in index.resources(shape, SH + "not"):
            yield f"it must not be that {self._inner(inner)}"
        for term, join in (("or", " or "), ("and", " and "), ("xone", " or, but not both, ")):
            for head in index.resources(shape, SH + term):
                yield join.join(f"({self._inner(item)})" for item in self._items(head) if not _is_literal(item))
        for inner in index.resources(shape, SH + "node"):
            yield f"each conforms to {self.name(inner) if isinstance(inner, ox.NamedNode) else self._inner(inner)}"
        for inner in index.resources(shape, SH + "qualifiedValueShape"):
            most, least = (index.text(shape, SH + f"qualified{end}Count") for end in ("Max", "Min"))
            yield f"{_number(least, most) or 'any number'} of them such that {self._inner(inner)}"

    def _inner(self, shape: object) -> str:
        if not isinstance(shape, ox.NamedNode | ox.BlankNode):
            return ""
        return "; ".join(self._checks(shape)) or "it exists"

    def _how_many(self, shape: Resource) -> str:
        return _number(self._index.text(shape, SH + "minCount"), self._index.text(shape, SH + "maxCount"))

    # -------- paths and lists

    def _path(self, shape: Resource) -> str:
        return next((self._path_words(step) for step in self._index.resources(shape, SH + "path")), "")

    def _path_words(self, step: object) -> str:
        if isinstance(step, ox.NamedNode):
            return self.name(step)
        assert isinstance(step, ox.BlankNode)
        phrases: Mapping[str, Callable[[str], str]] = {
            "inversePath": lambda inner: f"the subject whose {inner} it is",
            "zeroOrMorePath": lambda inner: f"{inner}, any number of steps",
            "oneOrMorePath": lambda inner: f"{inner}, one or more steps",
            "zeroOrOnePath": lambda inner: f"{inner}, if any",
        }
        for term, phrase in phrases.items():
            for inner in self._index.resources(step, SH + term):
                return phrase(self._path_words(inner))
        for head in self._index.resources(step, SH + "alternativePath"):
            return " or ".join(map(self._path_words, self._items(head)))
        return ", then its ".join(map(self._path_words, self._items(step)))

    def _items(self, head: Resource) -> Iterator[Value]:
        seen: set[Resource] = set()
        while head not in seen and head.value != RDF + "nil":
            seen.add(head)
            yield from self._index.values(head, RDF + "first")
            head = next(self._index.resources(head, RDF + "rest"), ox.NamedNode(RDF + "nil"))


def _number(least: str, most: str) -> str:
    """Return the number of values in words, "" if unlimited.

    >>> _number("1", "1"), _number("2", ""), _number("", "0")
    ('exactly one', 'at least 2', 'none')
    """
    if least and least == most:
        return "exactly one" if least == "1" else f"exactly {least}"
    if most == "0":
        return "none"
    named = {"1": "one"}
    bounds = [f"at least {named.get(least, least)}"] if least and least != "0" else []
    bounds += [f"at most {named.get(most, most)}"] if most else []
    return " and ".join(bounds)


def _is_literal(term: object) -> bool:
    return isinstance(term, ox.Literal)
