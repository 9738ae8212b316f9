"""The shape of what flows through the compiler: quads, compiled nodes, compiled documents. No I/O.

Terms are strings in canonical N-Triples syntax (`<iri>`, `"text"@en`, `"5"^^<datatype>`): the fastest form to
sort, write and compare, and the only one that every engine agrees on. There are no blank nodes.
https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from kg.core.errors import Finding, Place
from kg.core.terms import cq

Term: TypeAlias = str


class Quad(NamedTuple):
    """One statement in one named graph; all four are N-Triples terms."""

    subject: Term
    predicate: Term
    object: Term
    graph: Term

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object} {self.graph} ."


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one article, normalized: NFC, line ends `\\n`, no blank ends.

    Attributes:
        value: the text; "" where it is not at hand and only its pins are.
        sha256: of its UTF-8 bytes, in hexadecimal.
        length: in code points.
        shown: whether it, and quotes from it, may be published.
        sentences: where its sentences stand; none where that is not known.
        pinned: where the text is not at hand: quote, white space folded -> where it stands.
    """

    value: str
    sha256: str
    length: int
    shown: bool
    sentences: tuple[Span, ...] = ()
    pinned: Mapping[str, Span] | None = None


class Span(NamedTuple):
    """A stretch of an article's text in code points: `start` from 0, included; `end` excluded."""

    start: int
    end: int


Evidence: TypeAlias = tuple[tuple[Span, Place], ...]
"""The words that a node rests on, each stretch with the place of its quote."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What is known of a text without it.

    Attributes:
        sha256: of the normalized text.
        length: of the normalized text, in code points.
        spans: quote, white space folded -> where it stands.
        sentences: where its sentences stand.
    """

    sha256: str
    length: int
    spans: Mapping[str, Span]
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a node: predicate and object as terms, and where it was written.

    What is filled in was not written for this property: it comes from the fact around, by the ontology.
    """

    predicate: Term
    object: Term
    place: Place
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A curator's word that findings of one code, on one node and what is nested in it, are known and stay.

    Attributes:
        code: of the findings, as it was written.
        reason: why they stay, as a text with its language.
        place: where the code was written.
        nodes: terms of the nodes that it holds for.
    """

    code: str
    reason: Term
    place: Place
    nodes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the graph: an entity, a fact, or a node nested in one.

    Attributes:
        term: its IRI.
        type: term of its class.
        label: for display, or "".
        place: where it was written.
        values: what is filled in, then in the order of the file, those in braces after the others.
        evidence: the words it rests on, each with the place of its quote.
        nested: nodes written inside it.
    """

    term: Term
    type: Term
    label: str
    place: Place
    values: tuple[Value, ...]
    evidence: Evidence = ()
    nested: tuple[Node, ...] = ()

    def having(self, name: str) -> list[Value]:
        """Return its values of the property with this local name, in their order."""
        return [value for value in self.values if value.predicate == cq(name)]


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Where each node and each value was written, to carry a SHACL result back to its line.

    Attributes:
        nodes: subject term -> place of the node (its key, or its first line).
        values: (subject, predicate, object) terms -> place of the value.
        damaged: (subject, predicate) terms that already have a finding, or (subject, "") for a whole node.
    """

    nodes: Mapping[Term, Place] = field(default_factory=dict)
    values: Mapping[tuple[Term, Term, Term], Place] = field(default_factory=dict)
    damaged: frozenset[tuple[Term, Term]] = frozenset()


@dataclass(frozen=True, slots=True)
class Document:
    """One compiled file: an article or the registry.

    Attributes:
        path: as the user would type it.
        graph: term of its named graph.
        quads: sorted, without duplicates, all in `graph`.
        source: where each came from.
        findings: everything found while compiling.
        references: every name that it looked up, whether it stands for something or not.
        pins: where its quotes stand in a text that may not be shown, else None.
        accepted: findings that its curator acknowledges.
    """

    path: str
    graph: Term
    quads: tuple[Quad, ...]
    source: SourceMap = field(default_factory=SourceMap)
    findings: tuple[Finding, ...] = ()
    references: frozenset[str] = frozenset()
    pins: Pins | None = None
    accepted: tuple[Acceptance, ...] = ()
