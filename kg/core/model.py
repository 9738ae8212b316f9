"""The data that flows through the compiler: quads, compiled nodes, compiled documents. No I/O.

Terms are strings in canonical N-Triples syntax (`<iri>`, `"text"@en`, `"5"^^<datatype>`): the fastest form to
sort, write and compare, and the only one that every engine agrees on. There are no blank nodes.
https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

from kg.core.errors import Finding, Place
from kg.core.terms import cq

Term: TypeAlias = str

Triple: TypeAlias = tuple[Term, Term, Term]
"""Subject, predicate and object of a statement in a graph that is known."""


class Quad(NamedTuple):
    """One statement in one named graph. All four parts are N-Triples terms."""

    subject: Term
    predicate: Term
    object: Term
    graph: Term

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object} {self.graph} ."


class Text(NamedTuple):
    """The text of one article, normalized: NFC, line ends `\\n`, no blank space at either end.

    Attributes:
        value: the text, or "" if only its pins are available.
        sha256: of its UTF-8 bytes, in hexadecimal.
        length: in code points.
        shown: whether the text and quotes from it may be published.
        sentences: the spans of its sentences, empty if unknown.
        pinned: if the text is not available, quote with white space folded -> its span.
    """

    value: str
    sha256: str
    length: int
    shown: bool
    sentences: tuple[Span, ...] = ()
    pinned: Mapping[str, Span] | None = None


class Span(NamedTuple):
    """A range of an article's text in code points: `start` counts from 0 and is included, `end` is excluded."""

    start: int
    end: int

    def touches(self, other: Span) -> bool:
        """Return whether the two have a character in common."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Return whether all of *other* is in this one."""
        return self.start <= other.start and other.end <= self.end


Evidence: TypeAlias = tuple[tuple[Span, Place], ...]
"""The words that support a node: the span of each, with the place of its quote."""


class Pins(NamedTuple):
    """What is known about a text that is not available.

    Attributes:
        sha256: of the normalized text.
        length: of the normalized text, in code points.
        spans: quote with white space folded -> its span.
        sentences: the spans of its sentences.
    """

    sha256: str
    length: int
    spans: Mapping[str, Span]
    sentences: tuple[Span, ...] = ()


class Value(NamedTuple):
    """One value of a node: predicate and object as terms, and where it was written.

    A value that is filled in was not written for this property. The ontology takes it from the enclosing fact.
    """

    predicate: Term
    object: Term
    place: Place
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A curator's statement that findings of one code, on one node and those nested in it, are known and accepted.

    Attributes:
        code: of the findings, as it was written.
        reason: why they are accepted, as a text with its language.
        place: where the code was written.
        nodes: terms of the nodes it applies to.
    """

    code: str
    reason: Term
    place: Place
    nodes: tuple[Term, ...]


class Node(NamedTuple):
    """One node of the graph: an entity, a fact, or a node nested in one.

    Attributes:
        term: its IRI.
        type: term of its class.
        label: for display, or "".
        place: where it was written.
        values: first those filled in, then the others in file order, those in braces last.
        evidence: the words that support it, each with the place of its quote.
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
        predicate = cq(name)
        return [value for value in self.values if value.predicate == predicate]

    def extended(
        self, added: tuple[Value, ...] = (), nested: tuple[Node, ...] | None = None, label: str | None = None
    ) -> Node:
        """Return the node with more values and, if given, other nodes in it or another label."""
        return Node(
            self.term,
            self.type,
            self.label if label is None else label,
            self.place,
            (*self.values, *added),
            self.evidence,
            self.nested if nested is None else nested,
        )


@dataclass(frozen=True)
class SourceMap:
    """Where each node and each value was written, to trace a SHACL result back to its line.

    Attributes:
        nodes: subject term -> place of the node (its key, or its first line).
        damaged: (subject, predicate) terms that already have a finding, or (subject, "") for a whole node.
        find_values: returns `values`, which are made when they are first read: most files have no result to trace.
    """

    nodes: Mapping[Term, Place] = field(default_factory=dict)
    damaged: frozenset[tuple[Term, Term]] = frozenset()
    find_values: Callable[[], Mapping[Triple, Place]] = dict

    @cached_property
    def values(self) -> Mapping[Triple, Place]:
        """(subject, predicate, object) terms -> place of the value."""
        return self.find_values()


@dataclass(frozen=True, slots=True)
class Document:
    """One compiled file: an article or the registry.

    Attributes:
        path: as the user would type it.
        graph: term of its named graph.
        triples: what is stated in `graph`, sorted, without duplicates.
        source: where each of them came from.
        findings: all findings of the compilation.
        references: every name looked up, whether or not it was known.
        pins: the spans of its quotes in a text that may not be shown, else None.
        accepted: findings that its curator accepts.
    """

    path: str
    graph: Term
    triples: tuple[Triple, ...]
    source: SourceMap = field(default_factory=SourceMap)
    findings: tuple[Finding, ...] = ()
    references: frozenset[str] = frozenset()
    pins: Pins | None = None
    accepted: tuple[Acceptance, ...] = ()
