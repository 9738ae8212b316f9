"""Facts -> lines to read: name, date, article, evidence, and how a thing takes part. Reads a store.

The name, date and standing of a fact are its reading. The ontology decides on its other details. A node that is nested
in a fact and has its own evidence (a participation, an outcome) is a part with its own line.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.core.model import Term
from kg.core.terms import DERIVATION, XSD, cq
from kg.core.values import LANG_STRING, datatype, is_iri, lexical
from kg.questions.captions import GONE
from kg.questions.described import (
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
from kg.questions.stories import displacing
from kg.questions.words import Passage, words_behind
from kg.web.pages.corrections import Corrected, corrections_of
from kg.web.pages.disagreements import Disagreements, disagreements_of

HIDDEN = MACHINERY | DERIVATION | SHOWN_BESIDE | PARTS_OF_PAGES
"""Properties that are not details."""

TEXTS = (f"{XSD}string", LANG_STRING)
UNSPECIFIED = "/Unspecified>"
"""The ending of codes without information."""


@dataclass(frozen=True, slots=True)
class Participation:
    """How a thing takes part in a fact: the property, a sentence about it if there is one, and other details."""

    label: str
    summary: str = ""
    details: tuple[Statement, ...] = ()
    title: Mention | None = None
    words: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One fact.

    Attributes:
        reading: its name, date and standing.
        kind: its class in words.
        progress: the latest stage of the undertaking in all articles, in words, "" if this fact reports that stage.
        displaced_by: what displaces it, empty if it stands.
        parts: how the thing that the page is about takes part.
        details: other details of the fact.
        words: its evidence.
        article: term of the article that reports it.
        corrections: what it puts right.
        disagreements: what contradicts it, None if nothing does.
    """

    reading: FactReading
    kind: str
    progress: str = ""
    displaced_by: tuple[Mention, ...] = ()
    parts: tuple[Participation, ...] = ()
    details: tuple[Statement, ...] = ()
    words: tuple[Passage, ...] = ()
    article: Term = ""
    corrections: tuple[Corrected, ...] = ()
    disagreements: Disagreements | None = None


@dataclass(frozen=True, slots=True)
class Pointing:
    """A fact, and the node in it (itself or a nested one) that refers to a thing by a property."""

    fact: Term
    node: Term
    property: Term


@dataclass(frozen=True, slots=True)
class FactLines:
    """Descriptions of several nodes that were read at once, their evidence, what each corrects and is contradicted by.

    *gone* are the facts they refer to that no longer stand, such as the post of a participant.
    """

    described: Described
    words: Mapping[Term, tuple[Passage, ...]]
    corrections: Mapping[Term, tuple[Corrected, ...]]
    disagreements: Mapping[Term, Disagreements]
    gone: Container[Term] = frozenset()

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
            parts=tuple(
                self._part(pointing, about) for pointing in _each_node(pointings) if self._tells(pointing, about)
            ),
            details=self._not_in_its_name(reading, self.details(fact, about)),
            words=tuple(dict.fromkeys(words)),
            article=self.described.graph.article_of(fact),
            corrections=self.corrections.get(fact, ()),
            disagreements=self.disagreements.get(fact),
        )

    def _tells(self, pointing: Pointing, about: Term) -> bool:
        """Return False for the role of a thing whose name begins the sentence of the fact."""
        itself = pointing.node == pointing.fact
        return not (
            itself and self.described.readings[pointing.fact].summary.startswith(self.described.captions.of(about))
        )

    def _not_in_its_name(self, reading: FactReading, details: Sequence[Statement]) -> tuple[Statement, ...]:
        """Return the details with only those values that the name and the date of a fact do not give."""
        written = f"“{reading.when.written}”" if reading.when else ""
        source = reading.when.source if reading.when else ""

        def is_new(value: Mention) -> bool:
            return value.term != source and value.text != written and value.text not in reading.label

        kept = (replace(each, values=tuple(filter(is_new, each.values))) for each in details)
        return tuple(each for each in kept if each.values)

    def progress(self, reading: FactReading) -> str:
        """Return the latest stage of an undertaking in words, "" if the fact itself reports it."""
        return self.described.captions.of(reading.latest_stage) if reading.latest_stage else ""

    def reports(self, facts: Iterable[Term]) -> tuple[Mention, ...]:
        """Return facts, with the titles of their articles, and articles as mentions."""
        return tuple(Mention(self.described.captions.with_article(fact), fact) for fact in facts)

    def details(self, node: Term, about: Term = "", apart: bool = False) -> tuple[Statement, ...]:
        """Return the details of a node as single lines, codes first; if *apart*, with its notes and the curator's
        reasons for dates."""
        hidden = HIDDEN if apart else HIDDEN | OWN_PAGE_ONLY
        kept = [
            replace(each, values=values)
            for each in self.described.statements(node, hidden, reasons=apart)
            if (
                values := tuple(
                    self._marked(v) for v in each.values if v.term != about and self._is_detail(node, v, apart)
                )
            )
        ]
        return tuple(sorted(kept, key=lambda each: not each.code))

    def _marked(self, value: Mention) -> Mention:
        return replace(value, text=value.text + GONE) if value.term in self.gone else value

    def _is_detail(self, node: Term, value: Mention, apart: bool) -> bool:
        """Return False for a value without information, in the name of the node, or that is its date (unless *apart*
        and it has a reason) or a part."""
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
        """Return the nested nodes of a fact that do not fit into one detail."""
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
        label, node = self.described.label_of(pointing.node, pointing.property), pointing.node
        if node == pointing.fact:
            return Participation(label)
        return Participation(label, self._summary(node), self._beside(node, self.details(node, about)))

    def _summary(self, node: Term) -> str:
        return self.described.readings[node].summary if node in self.described.readings else ""

    def _beside(self, node: Term, details: Sequence[Statement]) -> tuple[Statement, ...]:
        """Return the details that the sentence about a node does not mention."""
        summary = self._summary(node)
        return tuple(d for d in details if not all(value.text and value.text in summary for value in d.values))


def fact_lines(graph: Graph, nodes: Iterable[Term], named: Iterable[Term] = ()) -> FactLines:
    """Return descriptions of *nodes* and their nested nodes. The names of *named* are read too."""
    subjects = list(dict.fromkeys(nodes))
    read = described(graph, subjects, HIDDEN, named)
    with_words = (node for node, pairs in read.triples.items() if any(prop == cq("evidence") for prop, _ in pairs))
    words = words_behind(graph, [*subjects, *with_words])
    values = {value for pairs in read.triples.values() for _, value in pairs}
    facts = values.intersection(read.captions.labels) - read.triples.keys()
    gone = displacing(graph, (fact for fact in facts if graph.article_of(fact) not in ("", fact)))
    disagreements = disagreements_of(graph, read.readings)
    return FactLines(read, words, corrections_of(graph, read.readings), disagreements, gone)


def _each_node(pointings: Sequence[Pointing]) -> list[Pointing]:
    """Return one pointing for each node and property, those of nested nodes first."""
    return sorted(dict.fromkeys(pointings), key=lambda pointing: (pointing.node == pointing.fact, pointing.node))
