"""The facts of one article -> what each is called, in one line, and what it says, in one sentence. No I/O.

The classes of the ontology hold the templates. A value is called what it is called elsewhere: an entity by its label in
the registry, a code by its label, a node of the same article by its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kg.core import values
from kg.core.english import listed
from kg.core.model import Node, Term, Value
from kg.core.terms import cq
from kg.mapping.quads import every
from kg.mapping.scope import Scope
from kg.ontology.templates import Holds, filled

DEEPEST = 4
"""Labels within labels."""

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", ".”", "…")


def with_captions(nodes: Sequence[Node], scope: Scope) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with its label and its summary."""
    known = {node.term: node for node in every(nodes)}
    captions = _CaptionWriter(known, scope, {node.term: _codes(node, scope) for node in known.values()})
    return tuple(map(captions.captioned, nodes))


@dataclass(frozen=True, slots=True)
class _CaptionWriter:
    """Makes the labels and summaries of one article's facts.

    Attributes:
        nodes: term -> node, of all of the article's.
        scope: what other names stand for.
        codes: term of a node -> property and local name of each code that it has.
    """

    nodes: Mapping[Term, Node]
    scope: Scope
    codes: Mapping[Term, frozenset[tuple[Term, str]]]

    def captioned(self, node: Node, outer: Node | None = None, speakers: str = "") -> Node:
        """Return a node, and all that is nested in it, each fact with its label, its summary and who says so.

        The conditions of a template look at the fact that the node is nested in, *outer*, too. The one who says so is
        that of the outer fact, *speakers*, unless the node names its own.
        """
        speakers = listed(self._names(node, ("accordingTo", "speaker"), 0)) or speakers
        nested = tuple(self.captioned(inner, node, speakers) for inner in node.nested)
        if not self.scope.vocabulary.is_fact(node.type):
            return replace(node, nested=nested)
        label = self._label(node, 0, outer)
        attributed = (Value(cq("attributedTo"), values.string_literal(speakers), node.place),) if speakers else ()
        made = (self._summary(node, label, outer), *attributed)
        return replace(node, label=label, values=(*node.values, *made), nested=nested)

    def _summary(self, node: Node, label: str, outer: Node | None) -> Value:
        template = self.scope.vocabulary.class_of(node.type).summary_template
        text = filled(template, lambda path: self._names(node, path, 0), self._holds(node, outer)) or label
        sentence = text[:1].upper() + text[1:] + ("" if text.endswith(_SENTENCE_ENDS) else ".")
        return Value(cq("summary"), values.string_literal(sentence), node.place)

    def _label(self, node: Node, depth: int, outer: Node | None = None) -> str:
        """Return what a node is called; by its class if it says nothing to call it by."""
        term = self.scope.vocabulary.class_of(node.type)
        template = term.label_template if depth < DEEPEST else ""
        look, holds = lambda path: self._names(node, path, depth + 1), self._holds(node, outer)
        return filled(template, look, holds) or node.label or term.label

    def _holds(self, node: Node, outer: Node | None) -> Holds:
        """Return a test of whether a node, or the fact that it is nested in, has a code."""
        groups = [self.codes[each.term] for each in (node, outer) if each]
        return lambda prop, code: any((cq(prop), code) in codes for codes in groups)

    def _names(self, node: Node, path: Sequence[str], depth: int) -> Sequence[str]:
        """Return what the values at the end of *path* are called, each once."""
        first, *rest = path
        terms = [value.object for value in node.having(first)]
        if not terms:
            return ()
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
        if code := self.scope.vocabulary.code_terms.get(term):
            return code.label
        elsewhere = self.scope.target(term)
        return elsewhere.label if elsewhere else ""


def _codes(node: Node, scope: Scope) -> frozenset[tuple[Term, str]]:
    codes = ((value.predicate, scope.vocabulary.code_terms.get(value.object)) for value in node.values)
    return frozenset((prop, code.name) for prop, code in codes if code)
