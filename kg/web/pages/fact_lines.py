"""Facts -> lines to read: what, when, in which article, on which words, and how a thing takes part. Reads a store.

What a fact is called, when it was and how it stands is its reading. What else there is to say the ontology decides.
What is nested in a fact and has words of its own (a participation, an outcome) is a part with a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.core.model import Term
from kg.core.terms import XSD, cq
from kg.core.values import LANG_STRING, datatype, is_iri, lexical
from kg.questions.described import (
    DERIVATION,
    MACHINERY,
    OWN_PAGE_ONLY,
    PARTS_OF_PAGES,
    SHOWN_BESIDE,
    Described,
    Mention,
    Statement,
    described,
    is_nested,
)
from kg.questions.graph import Graph
from kg.questions.reading import FactReading
from kg.questions.words import Passage, words_behind

HIDDEN = MACHINERY | DERIVATION | SHOWN_BESIDE | PARTS_OF_PAGES
"""Properties that are no details."""

TEXTS = (f"{XSD}string", LANG_STRING)
UNSPECIFIED = "/Unspecified>"
"""How codes end that say nothing."""


@dataclass(frozen=True, slots=True)
class Participation:
    """How a thing takes part in a fact: by which property, in one sentence if there is one, and what else is said."""

    label: str
    summary: str = ""
    details: tuple[Statement, ...] = ()
    title: Mention | None = None
    words: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One fact.

    Attributes:
        reading: what it is called, when it was, how it stands.
        kind: its class in words.
        progress: how far the undertaking has come by all articles, in words; "" if that is what this fact says.
        displaced_by: what displaces it, none if it stands.
        parts: how the thing that the page is about takes part.
        details: what else is said of the fact.
        words: what it rests on.
        article: term of the article that reports it.
    """

    reading: FactReading
    kind: str
    progress: str = ""
    displaced_by: tuple[Mention, ...] = ()
    parts: tuple[Participation, ...] = ()
    details: tuple[Statement, ...] = ()
    words: tuple[Passage, ...] = ()
    article: Term = ""


@dataclass(frozen=True, slots=True)
class Pointing:
    """A fact, and the node in it (itself or a nested one) that names a thing by a property."""

    fact: Term
    node: Term
    property: Term


@dataclass(frozen=True, slots=True)
class FactLines:
    """What was read of some nodes at once, and the words that they rest on."""

    described: Described
    words: Mapping[Term, tuple[Passage, ...]]

    def line(self, fact: Term, pointings: Sequence[Pointing] = (), about: Term = "") -> Line:
        """Return the line of a fact, as shown on the page about the thing *about*."""
        reading = self.described.readings[fact]
        nodes = dict.fromkeys(pointing.node for pointing in pointings if pointing.node != fact)
        words = [*self.words.get(fact, ()), *(w for node in nodes for w in self.words.get(node, ()))]
        return Line(
            reading=reading,
            kind=self.described.captions.of(reading.type),
            progress=self.progress(reading),
            displaced_by=self.reports(reading.displaced_by),
            parts=tuple(self._part(pointing, about) for pointing in _each_node(pointings)),
            details=self.details(fact, about),
            words=tuple(dict.fromkeys(words)),
            article=self.described.graph.article_of(fact),
        )

    def progress(self, reading: FactReading) -> str:
        """Return the latest stage of an undertaking in words, "" where the fact reports it itself."""
        return self.described.captions.of(reading.latest_stage) if reading.latest_stage else ""

    def reports(self, facts: Iterable[Term]) -> tuple[Mention, ...]:
        """Return facts with the titles of their articles, and articles, as mentions."""
        return tuple(Mention(self.described.captions.with_article(fact), fact) for fact in facts)

    def details(self, node: Term, about: Term = "", apart: bool = False) -> tuple[Statement, ...]:
        """Return what is said of a node in single lines, entries of code lists first; *apart* with its notes, and with
        the curator's reasons for dates."""
        hidden = HIDDEN if apart else HIDDEN | OWN_PAGE_ONLY
        kept = [
            replace(each, values=values)
            for each in self.described.statements(node, hidden, reasons=apart)
            if (values := tuple(v for v in each.values if v.term != about and self._is_detail(node, v, apart)))
        ]
        return tuple(sorted(kept, key=lambda each: not each.code))

    def _is_detail(self, node: Term, value: Mention, apart: bool) -> bool:
        """Leave out what says nothing, stands in the name of the node, is its date (but *apart* one with a reason), or
        is a part."""
        term, reading = value.term, self.described.readings.get(node)
        if term.endswith(UNSPECIFIED):
            return False
        if not is_iri(term):
            return datatype(term) not in TEXTS or lexical(term) not in self.described.captions.labels.get(node, "")
        is_date = is_nested(term, node) and reading and reading.when and reading.when.source == term
        if is_date and not (apart and cq("reason") in dict(self.described.triples.get(term, ()))):
            return False
        return value.in_full or not is_nested(term, node)

    def parts(self, fact: Term) -> tuple[Participation, ...]:
        """Return what is nested in a fact and has words of its own or more than one thing to say."""
        made = []
        for statement in self.described.statements(fact, HIDDEN):
            for value in statement.values:
                if is_nested(value.term, fact) and not value.in_full:
                    made.append(self._nested_part(statement.label, value.term))
        return tuple(sorted(made, key=lambda part: (part.label, part.title.text if part.title else "")))

    def _nested_part(self, label: str, node: Term) -> Participation:
        details = self.details(node, apart=True)
        values = (value for detail in details for value in detail.values if value.link)
        own = self.described.mention(node) if node in self.described.captions.labels else None
        title = next((value for value in values if value.term.endswith(node[node.rindex("/") :])), own)
        return Participation(label, self._summary(node), self._beside(node, details), title, self.words.get(node, ()))

    def _part(self, pointing: Pointing, about: Term) -> Participation:
        label, node = self.described.captions.of(pointing.property), pointing.node
        if node == pointing.fact:
            return Participation(label)
        return Participation(label, self._summary(node), self._beside(node, self.details(node, about)))

    def _summary(self, node: Term) -> str:
        return self.described.readings[node].summary if node in self.described.readings else ""

    def _beside(self, node: Term, details: Sequence[Statement]) -> tuple[Statement, ...]:
        """Return the details that the sentence about a node does not give."""
        summary = self._summary(node)
        return tuple(d for d in details if not all(value.text and value.text in summary for value in d.values))


def fact_lines(graph: Graph, nodes: Iterable[Term], named: Iterable[Term] = ()) -> FactLines:
    """Return what there is to say of *nodes* and what is nested in them; *named* are called by their names too."""
    asked = list(dict.fromkeys(nodes))
    read = described(graph, asked, HIDDEN, named)
    with_words = (node for node, pairs in read.triples.items() if any(prop == cq("evidence") for prop, _ in pairs))
    return FactLines(read, words_behind(graph, [*asked, *with_words]))


def _each_node(pointings: Sequence[Pointing]) -> list[Pointing]:
    """Return one pointing for each node and property, those that say more first."""
    return sorted(dict.fromkeys(pointings), key=lambda pointing: (pointing.node == pointing.fact, pointing.node))
