"""The ontology's graph -> the labels of its terms and their superclasses, once a generation. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import closure
from kg.core.terms import OWL, cq
from kg.core.values import labels_to_show, lexical, local_name
from kg.questions.graph import Graph
from kg.questions.when import PROPERTIES as DATE_PROPERTIES
from kg.web.pages.page_queries import ontology_words, page_sections
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class PageSection:
    """The section of pages, and the list to browse, for a kind of fact or thing.

    Attributes:
        key: its name in addresses.
        title: its title.
        on_timeline: whether the timeline shows its facts by default.
        definition: what it has, in a sentence.
    """

    key: str
    title: str
    on_timeline: bool
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Labels and structure of the ontology.

    Attributes:
        labels: term -> its English label.
        above: class -> itself and all its superclasses.
        relations: the properties whose values are nodes, except dates; sorted.
        sections: the sections of pages, in order.
        by_class: class -> its section, if the class names one.
    """

    labels: Mapping[Term, str]
    above: Mapping[Term, frozenset[Term]]
    relations: tuple[Term, ...]
    sections: tuple[PageSection, ...]
    by_class: Mapping[Term, PageSection]

    def label(self, term: Term) -> str:
        """Return the label of a term, its local name if it has none."""
        return self.labels.get(term) or local_name(term)

    def is_a(self, kind: Term, name: str) -> bool:
        """Return whether a class is the one with this local name, or one of its subclasses."""
        return kind == cq(name) or cq(name) in self.above.get(kind, frozenset())

    def section(self, kind: Term) -> PageSection | None:
        """Return the section of a class: its own, else that of its nearest superclass."""
        above = [term for term in self.above.get(kind, ()) if term in self.by_class]
        return self.by_class[max(above, key=lambda term: (len(self.above[term]), term))] if above else None

    def below(self, name: str) -> tuple[Term, ...]:
        """Return the class with this local name and its subclasses, sorted."""
        return tuple(sorted(kind for kind in self.above if self.is_a(kind, name)))


def lexicon(snapshot: Snapshot) -> Lexicon:
    """Return the lexicon of the ontology in this generation."""
    return snapshot.remembered("lexicon", _lexicon)


def _lexicon(graph: Graph) -> Lexicon:
    rows = [(term, label, upper, kind) for term, label, upper, kind in ontology_words(graph) if term and label]
    directly = {term: set[Term]() for term, _, upper, kind in rows if upper or kind == f"<{OWL}Class>"}
    for term, upper in ((term, upper) for term, _, upper, _ in rows if upper):
        directly[term].add(upper)
    relations = {term for term, _, _, kind in rows if kind == f"<{OWL}ObjectProperty>"} - DATE_PROPERTIES
    by_class, sections = _sections(graph)
    return Lexicon(
        labels=labels_to_show((term, label) for term, label, _, _ in rows),
        above={kind: frozenset(closure([kind], lambda each: directly.get(each, ()))) for kind in directly},
        relations=tuple(sorted(relations)),
        sections=sections,
        by_class=by_class,
    )


def _sections(graph: Graph) -> tuple[Mapping[Term, PageSection], tuple[PageSection, ...]]:
    ranks: dict[PageSection, int] = {}
    by_class: dict[Term, PageSection] = {}
    for kind, section, name, rank, timeline, definition in page_sections(graph):
        if kind and section and name and rank:
            shown = timeline is not None and lexical(timeline) == "true"
            title, content = lexical(name).capitalize(), lexical(definition)
            by_class[kind] = PageSection(local_name(section).lower(), title, shown, content)
            ranks[by_class[kind]] = int(lexical(rank))
    return by_class, tuple(sorted(ranks, key=lambda section: (ranks[section], section.title)))
