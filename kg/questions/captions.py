"""Nodes -> what each is called: by its label, else by the fact it is nested in, else by its IRI. Reads a store.

On demand with how a fact stands, for its name alone would assert it: "Summit" says nothing of its having been called
off; or with the article that reports it, where several do.
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
    """What nodes are called.

    Attributes:
        graph: where they are.
        labels: node -> its label, of the nodes asked for, and of the articles and facts that they belong to.
        remarks: fact -> what follows its name; empty unless asked for.
    """

    graph: Graph
    labels: Mapping[Term, str]
    remarks: Mapping[Term, str] = field(default_factory=dict)

    def of(self, node: Term) -> str:
        """Return what a node is called, with the remark on it."""
        return self.plain(node) + self.remarks.get(node, "")

    def plain(self, node: Term) -> str:
        """Return what a node is called: its label, else that of what it is nested in and the rest of its id, else the
        last part of its IRI."""
        if node in self.labels:
            return self.labels[node]
        above = next((each for each in _above(self.graph, node) if each in self.labels), "")
        rest = node[len(above) : -1]
        return f"{self.labels[above]} › {rest}" if above else local_name(node)

    def with_article(self, node: Term, here: Term = "") -> str:
        """Return what a node is called, and its article in brackets if it belongs to another than *here*."""
        article = self.graph.article_of(node)
        return self.of(node) if article in ("", node, here) else f"{self.of(node)} ({self.of(article)})"


def captions(graph: Graph, nodes: Iterable[Term]) -> Captions:
    """Return what nodes, and the articles that they belong to, are called."""
    every = list(dict.fromkeys(nodes))
    return Captions(graph, graph.labels([*every, *(above for node in every for above in _above(graph, node))]))


def with_standings(known: Captions) -> Captions:
    """Return the same captions; those of facts say how they stand where that must be said, and if no longer."""
    how, gone = standings(known.graph, known.labels), displacing(known.graph, known.labels)
    remarks = {fact: f" ({how[fact]})" if fact in how else "" for fact in {*how, *gone}}
    return replace(known, remarks={fact: remark + (GONE if fact in gone else "") for fact, remark in remarks.items()})


def _above(graph: Graph, node: Term) -> list[Term]:
    """Return the nodes that one is nested in by its IRI, nearest first, up to its article."""
    article = graph.article_of(node)
    parts = node[len(article) : -1].split("/") if article else []
    return [f"{article[:-1]}{''.join(f'/{part}' for part in parts[:k])}>" for k in range(len(parts) - 1, -1, -1)]
