"""Entries of the timeline without a date -> groups in the order that the articles give. Reads a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import closure, grouped, grouped_sets
from kg.core.terms import cq
from kg.questions.graph import Graph
from kg.questions.reading import FactReading, readings
from kg.questions.words import CitedArticle, citations
from kg.web.pages.page_queries import evidence_starts, reported_values


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where an article puts a fact without a date.

    Attributes:
        after: a dated event that it came after, according to the article, or "".
        start: where its first words begin in the text, in characters.
    """

    after: Term = ""
    start: int = 0


UNPLACED = TextPlace()


@dataclass(frozen=True, slots=True)
class UndatedGroup:
    """Facts without a date of one article: after an event with a date, or without any such order."""

    after: FactReading | None
    article: CitedArticle
    facts: tuple[Term, ...]


def places(graph: Graph, facts: Iterable[Term], dated: AbstractSet[Term]) -> Mapping[Term, TextPlace]:
    """Return fact -> its place, for those of *facts* that are not *dated*. Reads the order of all events."""
    after = places_after(reported_values(graph, cq("after")), dated)
    undated = [fact for fact in facts if fact not in dated]
    starts = evidence_starts(graph, undated)
    return {fact: TextPlace(after(fact), starts.get(fact, 0)) for fact in undated}


def places_after(order: Iterable[tuple[Term, Term]], dated: AbstractSet[Term]) -> Callable[[Term], Term]:
    """Return what gives the nearest dated event before an event, or "". *order* has pairs of a later and an earlier."""
    before = grouped_sets(order)

    def after(fact: Term) -> Term:
        reached = closure([fact], lambda each: () if each in dated else sorted(before.get(each, ())))
        return next((each for each in reached if each in dated), "")

    return after


def undated_groups(graph: Graph, placed: Mapping[Term, TextPlace]) -> tuple[UndatedGroup, ...]:
    """Return facts, in the order given, in groups."""
    known = readings(graph, {place.after for place in placed.values() if place.after})
    groups = grouped(((graph.article_of(fact), place.after), fact) for fact, place in placed.items())
    articles = citations(graph, sorted({article for article, _ in groups}))
    return tuple(
        UndatedGroup(known.get(after), articles[article], tuple(facts)) for (article, after), facts in groups.items()
    )
