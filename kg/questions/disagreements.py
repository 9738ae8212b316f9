"""Facts -> the facts of other articles that cannot be true with them, and in what the two differ. Reads a store.

Nothing is decided here: the rules have done that (ontology/rules/disagrees-by-denial.rq and the like). Where one of the
two corrects the other, that is a correction and no disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import cq
from kg.core.values import lexical
from kg.questions.graph import Graph, portions
from kg.questions.stories import displacing

BY_DENIAL = "reported and denied"
"""What two facts differ in if one of them denies the other."""


@dataclass(frozen=True, slots=True)
class DisputedPoint:
    """One thing in which a fact differs from another.

    Attributes:
        derivation: by which it was derived, with the evidence of both.
        what: they differ in: a property in words, "place", or BY_DENIAL.
        here: what the fact says.
        there: what the other one says.
    """

    derivation: Term
    what: str
    here: str
    there: str


def contradicting(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, tuple[Term, ...]]:
    """Return fact -> the facts of other articles that contradict it, sorted, for those of *facts* that any does."""
    derived, disagrees = graph.named("derived"), cq("disagreesWith")
    pairs: set[tuple[Term, Term]] = set()
    for some in portions(facts):
        for pattern in (f"?fact {disagrees} ?other", f"?other {disagrees} ?fact"):
            query = f"SELECT ?fact ?other WHERE {{ VALUES ?fact {{ {some} }} GRAPH {derived} {{ {pattern} }} }}"
            pairs |= {(fact, other) for fact, other in graph.store.select(query).rows if fact and other}
    displaced = displacing(graph, {fact for pair in pairs for fact in pair})
    corrects = partial(_corrects, graph, displaced)
    kept = grouped((a, b) for a, b in sorted(pairs) if not corrects(a, b) and not corrects(b, a))
    return {fact: tuple(others) for fact, others in kept.items()}


def _corrects(graph: Graph, displaced: Mapping[Term, tuple[Term, ...]], fact: Term, old: Term) -> bool:
    return not {fact, graph.article_of(fact)}.isdisjoint(displaced.get(old, ()))


def disputed_points(
    graph: Graph, pairs: Iterable[tuple[Term, Term]]
) -> Mapping[tuple[Term, Term], tuple[DisputedPoint, ...]]:
    """Return pair of a fact and one that contradicts it -> in what they differ, sorted."""
    others = grouped(pairs)
    made: dict[tuple[Term, Term], set[DisputedPoint]] = {}
    for some in portions(others):
        for turned in (False, True):
            for fact, other, *texts, node in graph.store.select(_query(graph, some, turned)).rows:
                if fact and other and node and other in others[fact]:
                    what, here, there = map(lexical, texts)
                    made.setdefault((fact, other), set()).add(DisputedPoint(node, what, here, there))
    return {pair: tuple(sorted(some, key=lambda each: (each.what, each.derivation))) for pair, some in made.items()}


def _query(graph: Graph, facts: str, turned: bool) -> str:
    """Return the query for the disputed points of *facts*, which are the objects of the derivations if *turned*."""
    ends = ("derivedSubject", "derivedObject"), ("subjectSays", "objectSays")
    (here, there), (says, objects) = (pair[::-1] if turned else pair for pair in ends)
    relation = f"?other {cq('disagreesWith')} ?fact" if turned else f"?fact {cq('disagreesWith')} ?other"
    return (
        f"SELECT ?fact ?other ?what ?says ?objects ?node WHERE {{ VALUES ?fact {{ {facts} }}"
        f" GRAPH {graph.named('derived')} {{ {relation} . ?node {cq(here)} ?fact ; {cq(there)} ?other ;"
        f" {cq('disagreesOn')} ?what ; {cq(says)} ?says ; {cq(objects)} ?objects }} }}"
    )
