"""All facts that articles report, each with its class, its standing and its days. Reads a store.

Each property is read by a query of its own, in one run over an index of the engine. Joined in one query, each fact
would be looked up once for each property.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import FACT_CLASS, REPORTED, TYPE, cq
from kg.questions.graph import Graph
from kg.questions.when import Days, all_days
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import displaced_nodes, nodes_by_value, nodes_with
from kg.web.snapshot import Snapshot

_KEY = "reported facts"


@dataclass(frozen=True, slots=True)
class ReportedFacts:
    """The facts of a graph.

    Attributes:
        classes: fact -> its class.
        reported_as: fact -> the code of how it is reported, for those that an article does not simply report as true.
        occurrence: event -> the code of whether it took place.
        days: fact -> its days, for those that have any.
        displaced: all that no longer stands, derivations too.
    """

    classes: Mapping[Term, Term]
    reported_as: Mapping[Term, Term]
    occurrence: Mapping[Term, Term]
    days: Mapping[Term, Days]
    displaced: frozenset[Term]

    def how_reported(self, fact: Term) -> Term:
        """Return the code of how a fact is reported."""
        return self.reported_as.get(fact, REPORTED)


def reported_facts(snapshot: Snapshot) -> ReportedFacts:
    """Return all facts of this generation. What is made from them is kept, they themselves until `forget_facts`."""
    words = lexicon(snapshot)
    return snapshot.remembered(_KEY, lambda graph: _reported_facts(graph, words))


def forget_facts(snapshot: Snapshot) -> None:
    """Release the facts, which are read again if they are needed again."""
    snapshot.memo.forget(_KEY)


def _reported_facts(graph: Graph, words: Lexicon) -> ReportedFacts:
    classes = {
        fact: kind
        for kind in words.below(FACT_CLASS)
        for fact in nodes_with(graph, TYPE, kind)
        if graph.fact_of(fact) == fact
    }
    occurrence = _codes(graph, cq("occurrence"))
    reported_as = _codes(graph, cq("reportedAs"), apart=REPORTED)
    return ReportedFacts(classes, reported_as, occurrence, all_days(graph), displaced_nodes(graph))


def _codes(graph: Graph, prop: Term, apart: Term = "") -> Mapping[Term, Term]:
    """Return node -> its code of a property that nodes have once, without nodes that have the code *apart*."""
    return {node: code for code, nodes in nodes_by_value(graph, prop, lambda code: code != apart) for node in nodes}
