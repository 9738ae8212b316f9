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
    """Return fact -> what it corrects, each sentence once, for those of *facts* that correct any."""
    pairs = [pair for some in portions(facts) for pair in displaced_by(graph, some)]
    known = readings(graph, [old for _, old in pairs])
    articles = citations(graph, sorted({graph.article_of(fact) for fact, _ in pairs}))
    olds = grouped((fact, known[old]) for fact, old in pairs if old in known)
    return {
        fact: tuple({old.summary: Corrected(old, articles[graph.article_of(fact)]) for old in some}.values())
        for fact, some in olds.items()
    }
