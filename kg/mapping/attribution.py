"""The facts of one article -> the kind of statement that each rests on. No I/O.

Without cq:accordingTo an article reports a fact in its own voice. With it, the strongest of the statements counts, and
the ontology maps how it was meant to the kind of statement that the fact rests on (cq:givesReportedAs). What another
article says never changes this: that is a disagreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Node, Term, Value
from kg.core.terms import ATTRIBUTED, REPORTED, cq
from kg.mapping.triples import every
from kg.ontology.vocabulary import Vocabulary


def with_attribution(nodes: Sequence[Node], vocabulary: Vocabulary) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with the kind of statement that it rests on."""
    attribution = _Attribution({node.term: node for node in every(nodes)}, vocabulary)
    return tuple(attribution.attributed(node, REPORTED) for node in nodes)


@dataclass(frozen=True, slots=True)
class _Attribution:
    """Finds the kind of statement that facts rest on.

    Attributes:
        nodes: term -> node, for all nodes of the article.
        vocabulary: which classes are facts, and what kind each code gives. Codes are ordered, the strongest first.
    """

    nodes: Mapping[Term, Node]
    vocabulary: Vocabulary

    def attributed(self, node: Node, outer: Term) -> Node:
        """Return a node and all nodes nested in it, each fact with its value: *outer* unless it has its own."""
        if not self.vocabulary.is_fact(node.type):
            return node
        kinds = [self._as_meant(value.object) for value in node.having("accordingTo")]
        own = min(kinds, key=self.vocabulary.code_ranks.__getitem__) if kinds else outer
        value = Value(cq("reportedAs"), own, node.place)
        nested = tuple(self.attributed(inner, own) for inner in node.nested)
        return node.extended((value,), nested)

    def _as_meant(self, statement: Term) -> Term:
        """Return the kind of statement that the content of a statement rests on."""
        node = self.nodes.get(statement)
        codes = (self.vocabulary.code_terms.get(value.object) for value in node.values) if node else iter(())
        return next((f"<{code.reported_as}>" for code in codes if code and code.reported_as), ATTRIBUTED)
