"""The facts of one article -> on whose word each stands. No I/O.

Without cq:accordingTo an article reports a fact in its own voice. With it, the strongest of the statements counts; how
each was meant says, by the ontology, on what kind of word the fact stands (cq:givesReportedAs). What another article
says never changes it: that is a disagreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg.core.model import Node, Term, Value
from kg.core.terms import ATTRIBUTED, REPORTED, cq
from kg.mapping.quads import every
from kg.ontology.vocabulary import Vocabulary


def with_attribution(nodes: Sequence[Node], vocabulary: Vocabulary) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with the value that says on whose word it stands."""
    attribution = _Attribution({node.term: node for node in every(nodes)}, vocabulary)
    return tuple(attribution.attributed(node, REPORTED) for node in nodes)


@dataclass(frozen=True, slots=True)
class _Attribution:
    """Finds on whose word facts stand.

    Attributes:
        nodes: term -> node, of all of the article's.
        vocabulary: what is a fact, and what stands on which statement; codes are in order, the strongest first.
    """

    nodes: Mapping[Term, Node]
    vocabulary: Vocabulary

    def attributed(self, node: Node, outer: Term) -> Node:
        """Return a node and all that is nested in it, each fact with its value: *outer* unless it says more."""
        if not self.vocabulary.is_fact(node.type):
            return node
        said = [self._as_meant(value.object) for value in node.having("accordingTo")]
        own = min(said, key=self.vocabulary.code_ranks.__getitem__) if said else outer
        value = Value(cq("reportedAs"), own, node.place)
        nested = tuple(self.attributed(inner, own) for inner in node.nested)
        return replace(node, values=(*node.values, value), nested=nested)

    def _as_meant(self, statement: Term) -> Term:
        """Return on what kind of word stands what a statement says."""
        node = self.nodes.get(statement)
        codes = (self.vocabulary.code_terms.get(value.object) for value in node.values) if node else iter(())
        return next((f"<{code.reported_as}>" for code in codes if code and code.reported_as), ATTRIBUTED)
