"""A thing -> the facts that name it, in sections of pages, those of the newest articles first. Reads a store.

The classes of facts name their sections (cq:pageSection). Of a thing that is named everywhere only some facts are read,
so the cost of a page does not depend on the size of the graph, once what pages need of everything is prepared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import DERIVATION, TYPE
from kg.questions.described import triples_of
from kg.questions.graph import Graph
from kg.questions.stories import displacing
from kg.web.pages.article_index import article_index
from kg.web.pages.fact_lines import Pointing
from kg.web.pages.lexicon import Lexicon, PageSection, lexicon
from kg.web.pages.page_queries import is_reported, pointing_at, some_pointing_at
from kg.web.snapshot import Snapshot

MOST_POINTING = 500
MOST_FOR_A_PROPERTY = 20


@dataclass(frozen=True, slots=True)
class FactsNaming:
    """The facts that name a thing.

    Attributes:
        sections: section -> fact -> how it names the thing, with facts of the newest articles first.
        cut: whether there are more than were read.
        displaced: how many of them no longer stand.
    """

    sections: Mapping[PageSection, Mapping[Term, Sequence[Pointing]]]
    cut: bool
    displaced: int


def facts_naming(snapshot: Snapshot, term: Term, include: bool = False) -> FactsNaming:
    """Return the facts that name a thing; *include* those that no longer stand."""
    graph, words = snapshot.graph, lexicon(snapshot)
    pointings, cut = _pointings(snapshot, words, term)
    displaced = displacing(graph, (pointing.fact for pointing in pointings))
    standing = [pointing for pointing in pointings if include or pointing.fact not in displaced]
    groups = _by_section(graph, words, standing, list(article_index(snapshot)))
    sections = {section: groups[section.key] for section in words.sections if section.key in groups}
    return FactsNaming(sections, cut, len(displaced))


def used_relations(snapshot: Snapshot) -> Sequence[Term]:
    """Return the properties between things that this generation uses, without those of derivations alone."""
    relations = [prop for prop in lexicon(snapshot).relations if prop not in DERIVATION]
    return snapshot.remembered("relations", lambda graph: [prop for prop in relations if is_reported(graph, prop)])


def _pointings(snapshot: Snapshot, words: Lexicon, term: Term) -> tuple[list[Pointing], bool]:
    """Return how facts name a thing, and whether there is more."""
    graph = snapshot.graph
    rows = pointing_at(graph, term, MOST_POINTING + 1)
    cut = len(rows) > MOST_POINTING
    if cut:
        rows = some_pointing_at(graph, term, used_relations(snapshot), MOST_FOR_A_PROPERTY)
    return as_pointings(graph, words, term, rows), cut


def as_pointings(graph: Graph, words: Lexicon, term: Term, rows: Iterable[tuple[Term, Term]]) -> list[Pointing]:
    """Return how facts name a thing; *rows* are pairs of a node and the property by which it refers to the thing."""
    within = f"{term[:-1]}/"
    named = [
        Pointing(graph.fact_of(node), node, prop)
        for node, prop in dict.fromkeys(rows)
        if prop in words.relations and not node.startswith(within)
    ]
    return [pointing for pointing in named if pointing.fact and _is_elsewhere(pointing, term)]


def _is_elsewhere(pointing: Pointing, term: Term) -> bool:
    """Return False for evidence, and for what a fact says about itself."""
    return pointing.fact != term and "/evidence/" not in pointing.node


def _by_section(
    graph: Graph, words: Lexicon, pointings: Sequence[Pointing], articles: Sequence[Term]
) -> Mapping[str, Mapping[Term, Sequence[Pointing]]]:
    """Return key of a section -> fact -> how it names the thing, with facts of the newest articles first."""
    order = {article: k for k, article in enumerate(articles)}
    facts = grouped(
        (pointing.fact, pointing)
        for pointing in sorted(
            pointings, key=lambda p: (order.get(graph.article_of(p.fact), len(order)), p.fact, p.node)
        )
    )
    groups: dict[str, dict[Term, list[Pointing]]] = {}
    for fact, kind in _kinds(graph, list(facts)).items():
        section = words.section(kind)
        if section:
            groups.setdefault(section.key, {})[fact] = facts[fact]
    return groups


def _kinds(graph: Graph, facts: Sequence[Term]) -> dict[Term, Term]:
    """Return fact -> its class, in the order given."""
    kinds = {fact: kind for fact, _, kind in triples_of(graph, facts, TYPE)}
    return {fact: kinds[fact] for fact in facts if fact in kinds}
