"""Facts -> the story of each: reports of the same thing, its latest stage, what no longer stands. Reads a store.

Nothing is decided here: the rules have done that (ontology/rules/story.rq, displaced-by.rq and the like).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import cq
from kg.questions.graph import Graph, optional, portions

PROPERTIES = frozenset(map(cq, ("story", "sameStoryAs", "latestReport", "latestStage", "displacedBy")))
"""Properties with the story of a report, and whether it stands. Pages show them with the fact."""


@dataclass(frozen=True, slots=True)
class Story:
    """One event or undertaking, with all its reports.

    Attributes:
        report: the report that represents them all.
        reports: all of them, sorted by IRI.
        latest_stage: code of an undertaking's latest stage, "" for events, or if no article reports it as a fact.
    """

    report: Term
    reports: tuple[Term, ...]
    latest_stage: Term = ""


def stories_of(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, Story]:
    """Return fact -> its story, for those of *facts* that are events or agreements."""
    derived = graph.named("derived")
    latest = optional(derived, f"?story {cq('latestStage')} ?stage")
    reports: dict[Term, set[Term]] = {}
    stories: dict[Term, tuple[Term, Term]] = {}
    for some in portions(facts):
        rows = graph.store.select(
            f"SELECT ?fact ?story ?report ?stage WHERE {{ VALUES ?fact {{ {some} }} GRAPH {derived} {{"
            f" ?fact {cq('story')} ?story . ?report {cq('story')} ?story }}"
            f"{latest} }}"
        ).rows
        for fact, story, report, stage in rows:
            if fact and story and report:
                reports.setdefault(story, set()).add(report)
                stories[fact] = story, stage or ""
    return {fact: Story(story, tuple(sorted(reports[story])), stage) for fact, (story, stage) in stories.items()}


def displacing(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, tuple[Term, ...]]:
    """Return fact -> the facts and articles that displace it, sorted, for those of *facts* that no longer stand."""
    derived = graph.named("derived")
    displaced: dict[Term, set[Term]] = {}
    for some in portions(facts):
        rows = graph.store.select(
            f"SELECT ?fact ?by WHERE {{ VALUES ?fact {{ {some} }}"
            f" GRAPH {derived} {{ ?fact {cq('displacedBy')} ?by }} }}"
        ).rows
        for fact, by in rows:
            if fact and by:
                displaced.setdefault(fact, set()).add(by)
    return {fact: tuple(sorted(by)) for fact, by in displaced.items()}
