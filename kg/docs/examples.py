"""Turtle of one example -> its reason, its graph without the usual lines, and its mapping. No I/O.

An example is one in tests/shapes. Its first line gives the reason. The mapping that produces such a graph follows from
the vocabulary, which decides what is written inside another node.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from kg.core.english import capitalized
from kg.core.relations import grouped
from kg.core.terms import ARTICLE_CLASS, CODE, CQ, ENTITY_CLASS, FACT_CLASS, RDF, RDFS
from kg.docs.model import Example
from kg.ontology.triples import Index, Resource, Value, local
from kg.ontology.vocabulary import Vocabulary

PLUMBING = frozenset({":words", ":text", ":position"})
"""Nodes that every example has as evidence for its facts."""

_PLAIN = re.compile(r"[A-Za-z0-9À-\uffff][^:#{}\[\],&*!|>'\"%@`\n]*")
_STEP = "  "


def example(turtle: str, vocabulary: Vocabulary, about: Iterable[str]) -> Example:
    """Return what to show of an example. *about* are the classes that its rule applies to.

    Raises:
        SyntaxError: it is not Turtle.
    """
    first, _, body = turtle.partition("\n")
    why = first.lstrip("# ").removeprefix("Invalid: ").strip()
    index = Index(quad.triple for quad in ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE))
    writer = _Mapping(index, vocabulary)
    written = writer.text() if any(writer.is_written(name) for name in about) else ""
    shown = writer.is_complete and written
    return Example(capitalized(why), written if shown else "", _shown_turtle(body, whole=not shown))


def _shown_turtle(body: str, *, whole: bool) -> str:
    """Return Turtle without prefixes, and without the plumbing of evidence unless *whole*."""
    blocks = [block.strip("\n") for block in body.split("\n\n")]
    kept = [block for block in blocks if block.strip() and not block.lstrip().startswith("@prefix")]
    return "\n\n".join(block for block in kept if whole or block.split()[0] not in PLUMBING)


class _Mapping:
    """Writes the nodes of a graph as the mapping that could produce them."""

    def __init__(self, index: Index, vocabulary: Vocabulary) -> None:
        self._index, self._vocabulary = index, vocabulary
        self._types: dict[Resource, str] = {}
        for subject, predicate in index.predicates():
            if predicate == RDF + "type":
                name = local(index.text(subject, predicate))
                if name in vocabulary.classes:
                    self._types[subject] = name
        self._inside = set(self._held())
        self.is_complete = True

    def is_written(self, name: str) -> bool:
        """Return whether a curator writes nodes of the class or of a superclass."""
        is_a = self._vocabulary.is_a
        return any(is_a(name, top) for top in (FACT_CLASS, ENTITY_CLASS, ARTICLE_CLASS, "Detail", "Curation"))

    def text(self) -> str:
        """Return the mapping, with a block for each top-level node."""
        blocks = [
            "\n".join([f"{self._id(node)}:", *(f"{_STEP}{line}" for line in self._lines(node, typed=True))])
            for node, name in self._types.items()
            if node not in self._inside and self.is_written(name)
        ]
        return "\n".join(blocks)

    def _held(self) -> Iterator[Resource]:
        """Yield the nodes that a mapping writes inside others: details, and facts that are the values of a key."""
        classes, is_a = self._vocabulary.classes, self._vocabulary.is_a
        for subject in self._types:
            for value in self._index.objects(subject):
                if isinstance(value, ox.Literal) or value not in self._types:
                    continue
                name = self._types[value]
                stands_alone = is_a(name, ENTITY_CLASS) or is_a(name, FACT_CLASS) or name == ARTICLE_CLASS
                if not stands_alone or classes[name].content_key:
                    yield value

    def _lines(self, node: Resource, *, typed: bool) -> Iterator[str]:
        if typed:
            yield f"type: {self._types[node]}"
        for subject, predicate in self._index.predicates():
            if subject == node and predicate != RDF + "type":
                yield from self._key(node, predicate)

    def _key(self, node: Resource, predicate: str) -> Iterator[str]:
        name = local(predicate)
        prop = self._vocabulary.properties.get(name)
        values = self._index.values(node, predicate)
        if name == "evidence":
            yield "quote: …"
        elif (not name and predicate != RDFS + "label") or (prop is not None and prop.computed):
            self.is_complete = False
        elif name:
            yield from self._written(name, values)

    def _written(self, name: str, values: Sequence[Value]) -> Iterator[str]:
        nested = [value for value in values if not isinstance(value, ox.Literal) and value in self._inside]
        if not nested:
            yield f"{name}: {self._scalars(values)}"
            return
        yield f"{name}:"
        for node in nested:
            lines = list(self._lines(node, typed=False)) or ["{}"]
            yield f"{_STEP}- {lines[0]}"
            yield from (f"{_STEP}  {line}" for line in lines[1:])

    def _scalars(self, values: Sequence[Value]) -> str:
        literals = [value for value in values if isinstance(value, ox.Literal)]
        by_language = grouped((value.language or "", _scalar(value.value)) for value in literals)
        if len(literals) == len(values) and set(by_language) - {"", "en"}:
            return f"{{{', '.join(f'{tag}: {_several(texts)}' for tag, texts in by_language.items())}}}"
        return _several([self._scalar(value) for value in values])

    def _scalar(self, value: Value) -> str:
        if isinstance(value, ox.Literal):
            return _scalar(value.value)
        if value.value.startswith(CODE):
            return value.value.rpartition("/")[2]
        return self._id(value)

    def _id(self, node: Resource) -> str:
        iri = node.value
        if iri.startswith(CQ):
            return iri.removeprefix(CQ)
        return iri.rstrip("/").rpartition("/")[2].rpartition("#")[2] if "/" in iri else iri


def _several(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _scalar(text: str) -> str:
    """Return *text* as a YAML scalar.

    >>> _scalar("on Thursday"), _scalar("a: b")
    ('on Thursday', '"a: b"')
    """
    if _PLAIN.fullmatch(text) and text == text.strip():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
