"""Facts -> the standing of each in words, unless it is simply reported as true. Reads a store.

The name of a fact alone would assert it: "Summit" does not say that it was called off, nor "Merger" that it is denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.core.model import Term
from kg.core.terms import ATTRIBUTED, CODE, LABEL, REPORTED, cq
from kg.core.values import lexical, string_literal
from kg.questions.graph import Graph, portions

ASSERTED = (REPORTED, ATTRIBUTED)
"""Codes of facts that an article, or a speaker in it, reports as true."""

OCCURRED = f"<{CODE}occurrence/Occurred>"

HOPED_FOR = tuple(f"<{CODE}reportedAs/{name}>" for name in ("Expected", "Hoped"))
PROPOSED, DENIED = f"<{CODE}stage/Proposed>", f"<{CODE}stage/Denied>"
RAISED = string_literal("raised")
"""What stands for the stage of an agreement that is only expected or hoped for: raised, not agreed."""


def stage_reached(stage: Term, reported_as: Term) -> Term:
    """Return the stage that an agreement has reached by a report, which is none if the report does not assert it."""
    if reported_as in HOPED_FOR:
        return RAISED
    if reported_as == f"<{CODE}reportedAs/Denied>":
        return DENIED
    return stage if reported_as in ASSERTED else reported_as


def standings(graph: Graph, nodes: Iterable[Term]) -> Mapping[Term, str]:
    """Return fact -> how it is reported (denied, expected etc.), its stage, and its outcome unless it occurred.

    No entry for nodes that are not facts, or where none of this applies. What is only expected or hoped for is not
    also called proposed.
    """
    labels: dict[Term, dict[Term, str]] = {}
    for some in portions(nodes):
        rows = graph.store.select(
            f"SELECT DISTINCT ?fact ?code ?label WHERE {{ VALUES ?fact {{ {some} }}"
            f" GRAPH ?article {{ ?fact {cq('reportedAs')}|{cq('stage')}|{cq('occurrence')} ?code }}"
            f" FILTER (?code NOT IN ({', '.join((*ASSERTED, OCCURRED))}))"
            f" GRAPH ?ontology {{ ?code {LABEL} ?label }} }} ORDER BY ?fact ?label"
        ).rows
        for fact, code, label in rows:
            if fact and code and label:
                labels.setdefault(fact, {})[code] = lexical(label)
    for words in labels.values():
        if any(code in words for code in HOPED_FOR):
            words.pop(PROPOSED, None)
    return {fact: ", ".join(dict.fromkeys(words.values())) for fact, words in labels.items()}
