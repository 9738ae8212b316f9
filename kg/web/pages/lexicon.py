"""The ontology's graph -> the words for its terms and the classes above each, once a generation. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.model import Term
from kg.questions.graph import Graph, local_name
from kg.terms import OWL, cq
from kg.values import lexical
from kg.web.pages.asked import ontology_words
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words of the ontology.

    Attributes:
        labels: term -> what it is called in English.
        above: class -> itself and all classes above it.
        relations: the properties that lead to nodes, sorted.
    """

    labels: Mapping[Term, str]
    above: Mapping[Term, frozenset[Term]]
    relations: tuple[Term, ...]

    def label(self, term: Term) -> str:
        """Return the word for a term, its local name if the ontology has none."""
        return self.labels.get(term) or local_name(term)

    def is_a(self, kind: Term, name: str) -> bool:
        """Tell whether a class is the one of this local name, or is below it."""
        return kind == cq(name) or cq(name) in self.above.get(kind, frozenset())

    def below(self, name: str) -> tuple[Term, ...]:
        """Return the class of this local name and all below it, sorted."""
        return tuple(sorted(kind for kind in self.above if self.is_a(kind, name)))


def lexicon(snapshot: Snapshot) -> Lexicon:
    """Return the words of the ontology in this generation."""
    return snapshot.remembered("lexicon", _lexicon)


def _lexicon(graph: Graph) -> Lexicon:
    labels: dict[Term, str] = {}
    directly: dict[Term, set[Term]] = {}
    relations: set[Term] = set()
    for term, label, above, kind in ontology_words(graph):
        if term and label:
            labels[term] = lexical(label)
            if kind == f"<{OWL}Class>":
                directly.setdefault(term, set())
            if above:
                directly.setdefault(term, set()).add(above)
            if kind == f"<{OWL}ObjectProperty>":
                relations.add(term)
    return Lexicon(labels, {kind: _closure(kind, directly) for kind in directly}, tuple(sorted(relations)))


def _closure(kind: Term, directly: Mapping[Term, set[Term]]) -> frozenset[Term]:
    found = {kind}
    new = {kind}
    while new:
        new = {above for one in new for above in directly.get(one, ())} - found
        found |= new
    return frozenset(found)
