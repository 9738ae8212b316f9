"""Facts -> how each stands, in words, where it is not simply so. Reads a store.

The name of a fact alone would assert it: "Summit" says nothing of its having been called off, nor "Merger" of its being
denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.core.model import Term
from kg.core.terms import ATTRIBUTED, CODE, LABEL, REPORTED, cq
from kg.core.values import lexical
from kg.questions.graph import Graph, portions

ASSERTED = (REPORTED, ATTRIBUTED)
"""On whose word a fact stands that an article, or a speaker in it, says is so."""

OCCURRED = f"<{CODE}occurrence/Occurred>"


def standings(graph: Graph, nodes: Iterable[Term]) -> Mapping[Term, str]:
    """Return fact -> that it is only denied, expected or the like; its stage; what became of it unless it occurred.

    No entry for what is no fact, or has nothing of this to be said.
    """
    found: dict[Term, list[str]] = {}
    for some in portions(nodes):
        rows = graph.store.select(
            f"SELECT DISTINCT ?fact ?label WHERE {{ VALUES ?fact {{ {some} }}"
            f" GRAPH ?article {{ ?fact {cq('reportedAs')}|{cq('stage')}|{cq('occurrence')} ?code }}"
            f" FILTER (?code NOT IN ({', '.join((*ASSERTED, OCCURRED))}))"
            f" GRAPH ?ontology {{ ?code {LABEL} ?label }} }} ORDER BY ?fact ?label"
        ).rows
        for fact, label in rows:
            if fact and label:
                found.setdefault(fact, []).append(lexical(label))
    return {fact: ", ".join(dict.fromkeys(words)) for fact, words in found.items()}
