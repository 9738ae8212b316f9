"""Facts -> the standing of each in words, unless it is simply reported as true. Reads a store.

The name of a fact alone would assert it: "Summit" does not say that it was called off, nor "Merger" that it is denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.core.model import Term
from kg.core.terms import ATTRIBUTED, CODE, LABEL, REPORTED, cq
from kg.core.values import lexical
from kg.questions.graph import Graph, portions

ASSERTED = (REPORTED, ATTRIBUTED)
"""Codes of facts that an article, or a speaker in it, reports as true."""

OCCURRED = f"<{CODE}occurrence/Occurred>"


def standings(graph: Graph, nodes: Iterable[Term]) -> Mapping[Term, str]:
    """Return fact -> how it is reported (denied, expected etc.), its stage, and its outcome unless it occurred.

    No entry for nodes that are not facts, or where none of this applies.
    """
    labels: dict[Term, list[str]] = {}
    for some in portions(nodes):
        rows = graph.store.select(
            f"SELECT DISTINCT ?fact ?label WHERE {{ VALUES ?fact {{ {some} }}"
            f" GRAPH ?article {{ ?fact {cq('reportedAs')}|{cq('stage')}|{cq('occurrence')} ?code }}"
            f" FILTER (?code NOT IN ({', '.join((*ASSERTED, OCCURRED))}))"
            f" GRAPH ?ontology {{ ?code {LABEL} ?label }} }} ORDER BY ?fact ?label"
        ).rows
        for fact, label in rows:
            if fact and label:
                labels.setdefault(fact, []).append(lexical(label))
    return {fact: ", ".join(dict.fromkeys(words)) for fact, words in labels.items()}
