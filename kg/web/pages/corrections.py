"""Facts -> what each of them corrects, to be shown where it stands. Reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import grouped
from kg.questions.graph import Graph, portions
from kg.questions.reading import FactReading, readings
from kg.questions.words import CitedArticle, citations
from kg.web.pages.page_queries import displaced_by


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a fact puts right: the fact that no longer stands, and the article that says so."""

    old: FactReading
    article: CitedArticle


def corrections_of(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, tuple[Corrected, ...]]:
    """Return fact -> what it corrects, each sentence once, for those of *facts* that correct any.

    A fact nested in another goes with that one, and a sentence that is said again is not corrected.
    """
    pairs = [pair for some in portions(facts) for pair in displaced_by(graph, some)]
    known = readings(graph, {fact for pair in pairs for fact in pair})
    pairs = [(fact, old) for fact, old in pairs if _is_shown(graph, known, fact, old)]
    articles = citations(graph, sorted({graph.article_of(fact) for fact, _ in pairs}))
    olds = grouped((fact, known[old]) for fact, old in pairs)
    return {
        fact: tuple({old.summary: Corrected(old, articles[graph.article_of(fact)]) for old in some}.values())
        for fact, some in olds.items()
    }


def _is_shown(graph: Graph, known: Mapping[Term, FactReading], fact: Term, old: Term) -> bool:
    says_otherwise = old in known and (fact not in known or known[fact].summary != known[old].summary)
    return says_otherwise and graph.fact_of(old) == old
