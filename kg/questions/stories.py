"""Facts -> the story of each: which reports are of one thing, and how far it has come. Reads a store.

Nothing is decided here: the rules have (ontology/rules/story.rq and its kin).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.iri import graph_iri
from kg.model import Term
from kg.questions.graph import Graph, portions
from kg.terms import cq

PROPERTIES = frozenset(map(cq, ("story", "sameStoryAs", "latestReport", "latestStage")))
"""What says which story a report is of; pages show it with the fact, not among what was derived."""


@dataclass(frozen=True, slots=True)
class Story:
    """One event or undertaking, by all its reports.

    Attributes:
        report: the report that stands for all.
        reports: all of them, sorted by IRI.
        latest_stage: code of how far an undertaking has come, "" if no article reports that as a fact, and for events.
    """

    report: Term
    reports: tuple[Term, ...]
    latest_stage: Term = ""


def stories_of(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, Story]:
    """Return fact -> its story, of those among *facts* that are events or agreements."""
    derived = f"<{graph_iri(graph.base, 'derived')}>"
    reports: dict[Term, set[Term]] = {}
    found: dict[Term, tuple[Term, Term]] = {}
    for some in portions(facts):
        rows = graph.store.select(
            f"SELECT ?fact ?story ?report ?stage WHERE {{ VALUES ?fact {{ {some} }} GRAPH {derived} {{"
            f" ?fact {cq('story')} ?story . ?report {cq('story')} ?story ."
            f" OPTIONAL {{ ?story {cq('latestStage')} ?stage }} }} }}"
        ).rows
        for fact, story, report, stage in rows:
            if fact and story and report:
                reports.setdefault(story, set()).add(report)
                found[fact] = story, stage or ""
    return {fact: Story(story, tuple(sorted(reports[story])), stage) for fact, (story, stage) in found.items()}
