"""A graph -> how often each class, property and code of the ontology is used. Reads a store, once per graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kg.core.model import Term
from kg.core.terms import CQ, SKOS, TYPE
from kg.core.values import lexical
from kg.questions.graph import Graph
from kg.store.protocol import Rows

_PATTERNS: Mapping[str, str] = MappingProxyType(
    {"class": f"?node {TYPE} ?term", "property": "?node ?term ?value", "code": "?node ?key ?term"}
)
"""Place of a term in a statement -> a pattern that finds it there."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How often terms are used, outside the ontology.

    Attributes:
        classes: local name -> nodes that are asserted to be of it; those of subclasses do not count.
        properties: local name -> statements with it.
        codes: IRI -> statements that have it as value.
    """

    classes: Mapping[str, int]
    properties: Mapping[str, int]
    codes: Mapping[str, int]

    def of(self, terms: Iterable[str], place: str) -> Mapping[str, int]:
        """Return the same as `uses_of`."""
        if place == "code":
            return {term: self.codes.get(term, 0) for term in terms}
        counts = self.classes if place == "class" else self.properties
        return {term: counts.get(term.removeprefix(CQ), 0) for term in terms}


def uses_of(graph: Graph, terms: Iterable[str], place: str) -> Mapping[str, int]:
    """Return IRI -> statements that have it as "class" of their subject, as "property", or as value: "code".

    Only what uses them is looked at, so that one page of a large graph is made at once.
    """
    pattern = _PATTERNS[place]
    rows = graph.store.select(
        f"SELECT ?term (COUNT(*) AS ?uses) WHERE {{ VALUES ?term {{ {' '.join(f'<{term}>' for term in terms)} }}"
        f" GRAPH ?g {{ {pattern} }} FILTER (?g != {graph.ontology}) }} GROUP BY ?term"
    )
    return {lexical(term): number for term, number in _counts(rows).items()}


def usage(graph: Graph) -> Usage:
    """Return how often all terms of a graph's ontology are used in its other graphs. It reads the whole graph."""
    elsewhere = f"FILTER (?g != {graph.ontology})"
    classes = graph.store.select(
        f"SELECT ?term (COUNT(*) AS ?uses) WHERE {{ GRAPH ?g {{ ?node {TYPE} ?term }} {elsewhere} }} GROUP BY ?term"
    )
    properties = graph.store.select(
        f"SELECT ?term (COUNT(*) AS ?uses) WHERE {{ GRAPH ?g {{ ?node ?term ?value }} {elsewhere} }} GROUP BY ?term"
    )
    codes = graph.store.select(
        f"SELECT ?term (COUNT(*) AS ?uses) WHERE {{ GRAPH {graph.ontology} {{ ?term <{SKOS}inScheme> ?list }}"
        f" GRAPH ?g {{ ?node ?key ?term }} {elsewhere} }} GROUP BY ?term"
    )
    return Usage(_ours(classes), _ours(properties), {lexical(term): n for term, n in _counts(codes).items()})


def _counts(rows: Rows) -> Counter[Term]:
    return Counter({term: int(lexical(uses)) for term, uses in rows.rows if term and uses})


def _ours(rows: Rows) -> dict[str, int]:
    counts = _counts(rows).items()
    return {lexical(t).removeprefix(CQ): n for t, n in counts if lexical(t).startswith(CQ)}
