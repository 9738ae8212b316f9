"""People -> the posts that articles give them. Reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.core.model import Term
from kg.core.relations import grouped
from kg.questions.graph import Graph
from kg.questions.reading import FactReading, readings
from kg.web.pages.page_queries import tenures_of


def posts_of(graph: Graph, people: Iterable[Term]) -> Mapping[Term, tuple[FactReading, ...]]:
    """Return person -> the posts that still stand, those with the latest date first. A name stands only once."""
    pairs = tenures_of(graph, list(people))
    known = readings(graph, [tenure for _, tenure in pairs])
    held = grouped((person, known[tenure]) for person, tenure in pairs if tenure in known)
    return {person: _latest(posts) for person, posts in held.items()}


def _latest(posts: list[FactReading]) -> tuple[FactReading, ...]:
    by_name = sorted((post for post in posts if not post.displaced_by), key=lambda post: post.label)
    first: dict[str, FactReading] = {}
    for post in sorted(by_name, key=lambda post: post.order, reverse=True):
        first.setdefault(post.label, post)
    return tuple(first.values())
