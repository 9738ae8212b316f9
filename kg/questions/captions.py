"""Nodes -> the caption of each: its label, else that of the fact it is nested in, else its IRI. Reads a store.

On request, a caption includes how a fact stands, because its name alone would assert it ("Summit" does not say that it
was called off), or the article that reports it, where several do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kg.core.model import Term
from kg.core.values import local_name
from kg.questions.graph import Graph
from kg.questions.standing import standings
from kg.questions.stories import displacing

GONE = " – no longer stands"


@dataclass(frozen=True, slots=True)
class Captions:
    """The captions of nodes.

    Attributes:
        graph: where they are.
        labels: node -> its label, for the requested nodes and the articles and facts that they belong to.
        remarks: fact -> the text after its name, empty unless requested.
    """

    graph: Graph
    labels: Mapping[Term, str]
    remarks: Mapping[Term, str] = field(default_factory=dict)

    def of(self, node: Term) -> str:
        """Return the caption of a node, with its remark."""
        return self.plain(node) + self.remarks.get(node, "")

    def plain(self, node: Term) -> str:
        """Return the caption of a node without a remark."""
        if node in self.labels:
            return self.labels[node]
        above = next((each for each in _above(self.graph, node) if each in self.labels), "")
        rest = node[len(above) : -1]
        return f"{self.labels[above]} › {rest}" if above else local_name(node)

    def with_article(self, node: Term, here: Term = "") -> str:
        """Return the caption of a node, with its article in brackets if that is not *here*."""
        article = self.graph.article_of(node)
        return self.of(node) if article in ("", node, here) else f"{self.of(node)} ({self.of(article)})"


def captions(graph: Graph, nodes: Iterable[Term]) -> Captions:
    """Return the captions of nodes and of the articles that they belong to."""
    every = list(dict.fromkeys(nodes))
    return Captions(graph, graph.labels([*every, *(above for node in every for above in _above(graph, node))]))


def with_standings(known: Captions) -> Captions:
    """Return the same captions, with remarks on facts that are not simply reported as true, or no longer stand."""
    how, gone = standings(known.graph, known.labels), displacing(known.graph, known.labels)
    remarks = {fact: f" ({how[fact]})" if fact in how else "" for fact in {*how, *gone}}
    return replace(known, remarks={fact: remark + (GONE if fact in gone else "") for fact, remark in remarks.items()})


def _above(graph: Graph, node: Term) -> list[Term]:
    """Return the nodes that a node is nested in, judging by its IRI: nearest first, up to its article."""
    article = graph.article_of(node)
    parts = node[len(article) : -1].split("/") if article else []
    return [f"{article[:-1]}{''.join(f'/{part}' for part in parts[:k])}>" for k in range(len(parts) - 1, -1, -1)]
