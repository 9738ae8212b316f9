"""The facts of one article -> what each is called, in one line, and what it says, in one sentence. No I/O.

The classes of the ontology hold the templates. A value is called what it is called elsewhere: an entity by its label in
the registry, a code by its label, a node of the same article by its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg import values
from kg.mapping.quads import every
from kg.mapping.scope import Scope
from kg.mapping.templates import filled, listed
from kg.model import Node, Term, Value
from kg.ontology.vocabulary import ClassTerm, Code
from kg.terms import CQ, FACT_CLASS, cq

DEEPEST = 4
"""Labels within labels."""

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", ".”", "…")


def with_captions(nodes: Sequence[Node], scope: Scope) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with its label and its summary."""
    codes = {f"<{code.iri}>": code for codes in scope.vocabulary.codes.values() for code in codes.values()}
    captions = _Captions({node.term: node for node in every(nodes)}, scope, codes)
    return tuple(map(captions.captioned, nodes))


@dataclass(frozen=True, slots=True)
class _Captions:
    """Makes the labels and summaries of one article's facts.

    Attributes:
        nodes: term -> node, of all of the article's.
        scope: what other names stand for.
        codes: term -> code.
    """

    nodes: Mapping[Term, Node]
    scope: Scope
    codes: Mapping[Term, Code]

    def captioned(self, node: Node, outer: str = "") -> Node:
        """Return a node, and all that is nested in it, each fact with its label, its summary and who says so.

        That is *outer* for a nested one that does not say itself.
        """
        names = listed(self._names(node, ("accordingTo", "speaker"), 0)) or outer
        nested = tuple(self.captioned(inner, names) for inner in node.nested)
        if FACT_CLASS not in self._class(node).ancestors:
            return replace(node, nested=nested)
        attributed = (Value(cq("attributedTo"), values.string_literal(names), node.place),) if names else ()
        made = (*self._summary(node), *attributed)
        return replace(node, label=self._label(node), values=(*node.values, *made), nested=nested)

    def _summary(self, node: Node) -> Iterator[Value]:
        text = filled(self._class(node).summary_template, lambda path: self._names(node, path, 0))
        sentence = text if not text or text.endswith(_SENTENCE_ENDS) else f"{text}."
        if sentence:
            yield Value(cq("summary"), values.string_literal(sentence), node.place)

    def _label(self, node: Node, depth: int = 0) -> str:
        """Return what a node is called; its class for one whose template has nothing to show."""
        term = self._class(node)
        if term.label_template and depth < DEEPEST:
            return filled(term.label_template, lambda path: self._names(node, path, depth + 1)) or node.label
        return node.label

    def _names(self, node: Node, path: Sequence[str], depth: int) -> Sequence[str]:
        """Return what the values at the end of *path* are called, each once."""
        first, *rest = path
        terms = [value.object for value in node.values if value.predicate == cq(first)]
        if rest:
            inner = [self.nodes[term] for term in terms if term in self.nodes]
            found = [name for each in inner for name in self._names(each, rest, depth)]
        elif any(values.language(term) for term in terms):
            found = [values.lexical(min(terms, key=lambda term: (values.language(term) != "en", term)))]
        else:
            found = [self._name(term, depth) for term in terms]
        return list(dict.fromkeys(filter(None, found)))

    def _name(self, term: Term, depth: int) -> str:
        if not values.is_iri(term):
            return values.lexical(term)
        if term in self.nodes:
            return self._label(self.nodes[term], depth)
        return self.codes[term].label if term in self.codes else self._elsewhere(term)

    def _elsewhere(self, term: Term) -> str:
        """Return the label of an entity, or of a fact of another article."""
        path = values.lexical(term).removeprefix(self.scope.base).split("/")
        found = (self.scope.facts.get("/".join(path[1:])), self.scope.registry.get(path[-1]))
        return next((target.label for target in found if target and target.term == term), "")

    def _class(self, node: Node) -> ClassTerm:
        return self.scope.vocabulary.classes[values.lexical(node.type).removeprefix(CQ)]
