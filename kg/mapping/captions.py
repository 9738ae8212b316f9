"""The facts of one article -> a label of one line and a summary of one sentence for each. No I/O.

The classes of the ontology hold the templates. A value is shown by the label that it has elsewhere: an entity by its
label in the registry, a code by its label, a node of the same article by its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.core import values
from kg.core.english import capitalized, listed
from kg.core.model import Node, Term, Value
from kg.core.relations import grouped
from kg.core.terms import cq
from kg.mapping.scope import Scope
from kg.mapping.triples import every
from kg.ontology.templates import Holds, filled

DEEPEST = 4
"""Levels of labels within labels."""

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", ".”", "…")


def with_captions(nodes: Sequence[Node], scope: Scope) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with its label and its summary."""
    known = {node.term: node for node in every(nodes)}
    return tuple(map(_CaptionWriter(known, scope).captioned, nodes))


@dataclass(frozen=True, slots=True)
class _CaptionWriter:
    """Makes the labels and summaries of one article's facts.

    Attributes:
        nodes: term -> node, for all nodes of the article.
        scope: what other names stand for.
        given: term of a node that a template asked for -> property -> the values, in their order.
        codes: term of a node with a template -> its properties whose values are codes, each with the code's name.
    """

    nodes: Mapping[Term, Node]
    scope: Scope
    given: dict[Term, Mapping[Term, Sequence[Term]]] = field(default_factory=dict)
    codes: dict[Term, frozenset[tuple[Term, str]]] = field(default_factory=dict)

    def captioned(self, node: Node, outer: Node | None = None, speakers: str = "") -> Node:
        """Return a node and all nodes nested in it, each fact with its label, its summary and its speakers.

        The conditions of a template also apply to *outer*, the fact that contains the node. *speakers* are those of
        the outer fact, unless the node names its own.
        """
        is_fact = self.scope.vocabulary.is_fact(node.type)
        if not is_fact and not node.nested:
            return node
        speakers = listed(self._names(node, ("accordingTo", "speaker"), 0)) or speakers
        nested = tuple(self.captioned(inner, node, speakers) for inner in node.nested)
        if not is_fact:
            return node.extended(nested=nested)
        label = self._label(node, 0, outer)
        attributed = (Value(cq("attributedTo"), values.string_literal(speakers), node.place),) if speakers else ()
        made = (self._summary(node, label, outer), *attributed)
        return node.extended(made, nested, label)

    def _summary(self, node: Node, label: str, outer: Node | None) -> Value:
        template = self.scope.vocabulary.class_of(node.type).summary_template
        text = filled(template, lambda path: self._names(node, path, 0), self._holds(node, outer)) or label
        sentence = capitalized(text) + ("" if text.endswith(_SENTENCE_ENDS) else ".")
        return Value(cq("summary"), values.string_literal(sentence), node.place)

    def _label(self, node: Node, depth: int, outer: Node | None = None) -> str:
        """Return the label of a node, that of its class if it has no values to make one from."""
        term = self.scope.vocabulary.class_of(node.type)
        template = term.label_template if depth < DEEPEST else ""
        look, holds = lambda path: self._names(node, path, depth + 1), self._holds(node, outer)
        return filled(template, look, holds) or node.label or term.label

    def _holds(self, node: Node, outer: Node | None) -> Holds:
        """Return a test of whether a node, or the fact that it is nested in, has a code."""
        codes = self._codes(node).union(self._codes(outer) if outer else ())
        return lambda prop, code: (cq(prop), code) in codes

    def _codes(self, node: Node) -> frozenset[tuple[Term, str]]:
        if node.term not in self.codes:
            known = self.scope.vocabulary.code_terms
            self.codes[node.term] = frozenset(
                (value.predicate, known[value.object].name) for value in node.values if value.object in known
            )
        return self.codes[node.term]

    def _values(self, node: Node, name: str) -> Sequence[Term]:
        """Return the values of a property of a node. A template asks for many, and nested facts ask again."""
        if node.term not in self.given:
            self.given[node.term] = grouped((value.predicate, value.object) for value in node.values)
        return self.given[node.term].get(cq(name), ())

    def _names(self, node: Node, path: Sequence[str], depth: int) -> Sequence[str]:
        """Return the labels of the values at the end of *path*, each once."""
        terms = self._values(node, path[0])
        if not terms:
            return ()
        if len(path) > 1:
            inner = [self.nodes[term] for term in terms if term in self.nodes]
            names = [name for each in inner for name in self._names(each, path[1:], depth)]
        elif len(terms) > 1 and any(map(values.language, terms)):
            names = [values.lexical(min(terms, key=lambda term: (values.language(term) != "en", term)))]
        else:
            names = [self._name(term, depth) for term in terms]
        return list(dict.fromkeys(filter(None, names)))

    def _name(self, term: Term, depth: int) -> str:
        if not values.is_iri(term):
            return values.lexical(term)
        if term in self.nodes:
            return self._label(self.nodes[term], depth)
        if code := self.scope.vocabulary.code_terms.get(term):
            return code.label
        elsewhere = self.scope.target(term)
        return elsewhere.label if elsewhere else ""
