"""People -> the posts that articles give them. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import cq
from kg.core.values import lexical
from kg.questions.graph import Graph
from kg.questions.reading import FactReading, readings
from kg.web.pages.page_queries import reported_values
from kg.web.pages.reported import ReportedFacts, reported_facts
from kg.web.snapshot import Snapshot


def posts_of(snapshot: Snapshot, person: Term, most: int) -> tuple[tuple[FactReading, ...], int]:
    """Return the first posts of a person, at most *most*, those with the latest date first, and how many there are."""
    reports = tuple(post_reports(snapshot).get(person, {}).values())
    return tuple(readings(snapshot.graph, reports[:most]).values()), len(reports)


def post_reports(snapshot: Snapshot) -> Mapping[Term, Mapping[str, Term]]:
    """Return person -> name of each post that still stands -> the report with its latest date, the latest first.

    For all people, made once for each graph: a person may be in most articles, each with a report.
    """

    def made(graph: Graph) -> Mapping[Term, Mapping[str, Term]]:
        return _post_reports(graph, reported_facts(snapshot))

    return snapshot.remembered("reports of posts", made)


def _post_reports(graph: Graph, facts: ReportedFacts) -> Mapping[Term, Mapping[str, Term]]:
    labels, latest = graph.all_labels(), dict[tuple[Term, str], tuple[str, Term]]()
    for report, person in sorted(reported_values(graph, cq("holder"))):
        day = facts.days[report].order if report in facts.days else ""
        for label in labels.get(report, ()) if report not in facts.displaced else ():
            known = latest.get((person, lexical(label)))
            if known is None or known[0] < day:
                latest[person, lexical(label)] = day, report
    ordered = sorted(sorted(latest), key=lambda key: latest[key][0], reverse=True)
    return {person: {name: latest[person, name][1] for name in names} for person, names in grouped(ordered).items()}
