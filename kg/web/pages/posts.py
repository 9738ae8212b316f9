"""People -> the posts that articles give them. Reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import cq
from kg.core.values import lexical
from kg.questions.graph import Graph
from kg.questions.reading import FactReading, readings
from kg.web.pages.page_queries import reported_values, tenures_of
from kg.web.pages.reported import ReportedFacts, reported_facts
from kg.web.snapshot import Snapshot


def posts_of(graph: Graph, people: Iterable[Term]) -> Mapping[Term, tuple[FactReading, ...]]:
    """Return person -> the posts that still stand, those with the latest date first. A name stands only once."""
    pairs = tenures_of(graph, people)
    known = readings(graph, [tenure for _, tenure in pairs])
    held = grouped((person, known[tenure]) for person, tenure in pairs if tenure in known)
    return {person: _latest(posts) for person, posts in held.items()}


def post_names(snapshot: Snapshot) -> Mapping[Term, tuple[str, ...]]:
    """Return person -> the names of the posts that `posts_of` returns, for all people. Made once for each graph."""

    def made(graph: Graph) -> Mapping[Term, tuple[str, ...]]:
        return _post_names(graph, reported_facts(snapshot))

    return snapshot.remembered("names of posts", made)


def _post_names(graph: Graph, facts: ReportedFacts) -> Mapping[Term, tuple[str, ...]]:
    labels, latest = graph.all_labels(), dict[tuple[Term, str], str]()
    for tenure, person in reported_values(graph, cq("holder")):
        day = facts.days[tenure].order if tenure in facts.days else ""
        for label in labels.get(tenure, ()) if tenure not in facts.displaced else ():
            key = person, lexical(label)
            latest[key] = max(latest.get(key, ""), day)
    ordered = sorted(sorted(latest), key=lambda key: latest[key], reverse=True)
    return {person: tuple(names) for person, names in grouped(ordered).items()}


def _latest(posts: list[FactReading]) -> tuple[FactReading, ...]:
    by_name = sorted((post for post in posts if not post.displaced_by), key=lambda post: post.label)
    first: dict[str, FactReading] = {}
    for post in sorted(by_name, key=lambda post: post.order, reverse=True):
        first.setdefault(post.label, post)
    return tuple(first.values())
