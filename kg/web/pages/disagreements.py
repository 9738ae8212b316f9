"""Facts -> the facts of other articles that contradict each, to be shown where it stands. Reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import grouped
from kg.questions.described import is_nested
from kg.questions.disagreements import BY_DENIAL, DisputedPoint, disputed_points
from kg.questions.graph import Graph
from kg.questions.reading import FactReading, readings
from kg.questions.words import CitedArticle, citations

MOST = 3
"""Facts that are shown beside one that they contradict."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A fact that contradicts another one, its article, and in what the two differ."""

    fact: Term
    other: FactReading
    article: CitedArticle
    all_points: tuple[DisputedPoint, ...]

    @property
    def heading(self) -> str:
        """What stands before the name of the article."""
        denials = [each for each in self.all_points if each.what == BY_DENIAL]
        if not denials:
            return "Otherwise in"
        return "Denied in" if is_nested(denials[0].derivation, self.fact) else "Denies what is reported in"

    @property
    def points(self) -> tuple[DisputedPoint, ...]:
        """Details in which they differ, none if one denies the other as a whole."""
        return tuple(each for each in self.all_points if each.what != BY_DENIAL)


@dataclass(frozen=True, slots=True)
class Disagreements:
    """The first facts that contradict one, those that still stand first, how many more there are, and its article."""

    first: tuple[Disagreement, ...]
    more: int
    article: str


def disagreements_of(graph: Graph, known: Mapping[Term, FactReading]) -> Mapping[Term, Disagreements]:
    """Return fact -> what contradicts it, for those of the *known* facts that anything does.

    What contradicts a fact nested in another, such as a signing, is also shown with that one.
    """
    pairs = {fact: reading.contradicted_by for fact, reading in known.items() if reading.contradicted_by}
    others = readings(graph, {other for some in pairs.values() for other in some})
    shown = grouped(
        (owner, (fact, other))
        for fact, some in sorted(pairs.items())
        for owner in dict.fromkeys((graph.fact_of(fact), fact))
        for other in sorted(some, key=lambda term: (bool(others[term].displaced_by), term))
        if other in others
    )
    first = {owner: some[:MOST] for owner, some in shown.items()}
    made = _disagreements(graph, others, {pair for some in first.values() for pair in some})
    return {
        owner: Disagreements(
            tuple(made[pair] for pair in some if pair in made), len(shown[owner]) - len(some), _article(graph, owner)
        )
        for owner, some in first.items()
    }


def _disagreements(
    graph: Graph, others: Mapping[Term, FactReading], pairs: Iterable[tuple[Term, Term]]
) -> Mapping[tuple[Term, Term], Disagreement]:
    points = disputed_points(graph, pairs)
    articles = citations(graph, sorted({graph.article_of(other) for _, other in points}))
    return {
        (fact, other): Disagreement(fact, others[other], articles[graph.article_of(other)], some)
        for (fact, other), some in points.items()
    }


def _article(graph: Graph, fact: Term) -> str:
    return graph.id(graph.article_of(fact))
