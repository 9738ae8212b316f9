"""An article -> the words that its facts rest on, and what the last build found in it. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence

from kg.core.model import Term
from kg.core.terms import OA, SH, cq
from kg.questions.graph import Graph

Row = tuple[Term | None, ...]


def evidence_in(graph: Graph, article: Term) -> Sequence[Row]:
    """Return node, evidence, start and end of the words in one article that nodes rest on."""
    return graph.store.select(
        f"SELECT ?node ?words ?start ?end WHERE {{ GRAPH {article} {{ ?node {cq('evidence')} ?words ."
        f" ?words <{OA}hasSelector> ?place . ?place <{OA}start> ?start ; <{OA}end> ?end }} }}"
        " ORDER BY ?start ?end ?node",
    ).rows


def findings_of(graph: Graph, article: Term = "") -> Sequence[Row]:
    """Return rule, severity, message and node of what the last build found; of one article, or of all.

    What a curator accepts is left out.
    """
    only = f"FILTER (?node = {article} || STRSTARTS(STR(?node), '{article[1:-1]}/'))" if article else ""
    return graph.store.select(
        f"SELECT ?rule ?severity ?message ?node WHERE {{ GRAPH {graph.named('validation')} {{"
        f" ?report <{SH}result> ?result ."
        f" ?result <{SH}sourceShape> ?rule ; <{SH}resultSeverity> ?severity ; <{SH}focusNode> ?node"
        f" OPTIONAL {{ ?result <{SH}resultMessage> ?message }} {only} }} }} ORDER BY ?rule ?node",
    ).rows
