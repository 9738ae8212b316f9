"""The facts of one article -> on whose word each stands. No I/O.

Without cq:accordingTo an article reports a fact in its own voice. With it, the strongest of the statements counts; how
each was meant says, by the ontology, on what kind of word the fact stands (cq:givesReportedAs). What another article
says never changes it: that is a disagreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg import values
from kg.mapping.quads import every
from kg.model import Node, Term, Value
from kg.ontology.vocabulary import Vocabulary
from kg.terms import CODE, CQ, FACT_CLASS, cq

REPORTED, ATTRIBUTED = (f"<{CODE}reportedAs/{name}>" for name in ("Reported", "Attributed"))


def with_attribution(nodes: Sequence[Node], vocabulary: Vocabulary) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with the value that says on whose word it stands."""
    lists = vocabulary.codes.values()
    given = {f"<{code.iri}>": f"<{code.reported_as}>" for codes in lists for code in codes.values() if code.reported_as}
    ranks = {f"<{code.iri}>": rank for rank, code in enumerate(vocabulary.codes.get("ReportedAs", {}).values())}
    attribution = _Attribution({node.term: node for node in every(nodes)}, vocabulary, given, ranks)
    return tuple(attribution.attributed(node, REPORTED) for node in nodes)


@dataclass(frozen=True, slots=True)
class _Attribution:
    """Finds on whose word facts stand.

    Attributes:
        nodes: term -> node, of all of the article's.
        vocabulary: what is a fact.
        given: code of how a statement was meant -> code of what stands on it.
        ranks: the latter -> 0 for the strongest, rising.
    """

    nodes: Mapping[Term, Node]
    vocabulary: Vocabulary
    given: Mapping[Term, Term]
    ranks: Mapping[Term, int]

    def attributed(self, node: Node, outer: Term) -> Node:
        """Return a node and all that is nested in it, each fact with its value: *outer* unless it says more."""
        if FACT_CLASS not in self.vocabulary.classes[values.lexical(node.type).removeprefix(CQ)].ancestors:
            return node
        said = [self._as_meant(value.object) for value in node.values if value.predicate == cq("accordingTo")]
        own = min(said, key=lambda code: self.ranks.get(code, len(self.ranks))) if said else outer
        value = Value(cq("reportedAs"), own, node.place)
        nested = tuple(self.attributed(inner, own) for inner in node.nested)
        return replace(node, values=(*node.values, value), nested=nested)

    def _as_meant(self, statement: Term) -> Term:
        """Return on what kind of word stands what a statement says."""
        node = self.nodes.get(statement)
        meant = (self.given[value.object] for value in node.values if value.object in self.given) if node else iter(())
        return next(meant, ATTRIBUTED)
