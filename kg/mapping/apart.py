"""Facts that are written in braces under a key of another one -> facts of the article like the others. No I/O.

They are named after what they say, or after the fact that names them, never after their place in the file. In the
ontology some properties identify a fact (cq:identifiedBy), as holder, title and body identify a post. Written in braces
in several places, it is one fact that has the values, and rests on the words, of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.core.iri import content_key
from kg.core.model import Node, Term, Value
from kg.core.relations import grouped
from kg.core.terms import FACT_CLASS, cq
from kg.core.values import local_name
from kg.mapping.notes import Notes
from kg.mapping.read import Table
from kg.mapping.tables import naming_lines
from kg.ontology.vocabulary import Key, Vocabulary

Identity: TypeAlias = frozenset[tuple[Term, Term]]
"""The values that identify a fact, with their properties."""

WRITE_ONCE = "write it once under 'facts' with an id of your own, and use that id in both places"


@dataclass(slots=True)
class Apart:
    """The facts in braces of one file.

        Attributes:
            vocabulary: which facts are parts of others, and which are the same.
            notes: what is wrong with them.
    around: term of each -> the terms of the nodes whose braces it is in.
    """

    vocabulary: Vocabulary
    notes: Notes
    around: dict[Term, set[Term]] = field(default_factory=dict)
    _written: dict[Term, list[Node]] = field(default_factory=dict)
    _single_values: dict[Term, dict[Term, object]] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The facts, in file order, each once however often it is written."""
        return tuple(map(_joined, self._written.values()))

    def is_apart(self, class_name: str) -> bool:
        """Return whether a node of the class is a separate fact wherever it is written, not a part of another."""
        return self.vocabulary.is_a(class_name, FACT_CLASS) and not self.vocabulary.classes[class_name].is_part

    def name(self, key: Key, class_name: str, table: Table, inside: str, identity: Sequence[str]) -> str:
        """Return the last segment of a fact's IRI, which differs from any id that a curator may choose.

        Args:
            key: that it is a value of.
            class_name: of its class.
            table: its keys.
            inside: the part of the outer node's IRI after the article's IRI.
            identity: a line for each value that identifies it. Without any, its place does.
        """
        if identity:
            return f"{class_name}-{content_key(identity)}"
        own = [content_key(naming_lines(table))] if key.most != 1 else []
        if "/" in inside:
            return f"{class_name}-{content_key([f'{inside}/{key.name}', *own])}"
        return ".".join([inside, key.name, *own])

    def add(self, node: Node, around: Iterable[Term]) -> None:
        """Keep a fact. One that is written in several places is one node."""
        written, single_values = self._written.setdefault(node.term, []), self._single_values.setdefault(node.term, {})
        single = self._single(node)
        if _agree(single, single_values):
            single_values.update(single)
            written.append(node)
        else:
            label, line = self.vocabulary.class_of(node.type).label, written[0].place.line
            message = f"this {label} is already written on line {line}, with other values"
            self.notes.error(node.place, "KG-M026", message, WRITE_ONCE)
        self.around.setdefault(node.term, set()).update(around)

    def inside(self, term: Term) -> list[Term]:
        """Return the facts in the braces of a node, at any depth."""
        return [inner for inner, around in self.around.items() if term in around]

    def refuse_repeated(self, facts: Iterable[Node]) -> None:
        """Note each fact in braces that repeats one of *facts*, which have ids, or another fact in braces."""
        known = grouped(((fact.type, self._identity(fact)), (fact, local_name(fact.term))) for fact in facts)
        for node in self.nodes:
            if identity := self._identity(node):
                same = known.setdefault((node.type, identity), [])
                if same_fact := next(((other, name) for other, name in same if self._agree(node, other)), None):
                    self._refuse(node, *same_fact)
                same.append((node, ""))

    def _refuse(self, node: Node, other: Node, name: str) -> None:
        label, line = self.vocabulary.class_of(node.type).label, other.place.line
        if name:
            fix = f"write '{name}' here, and move to that fact what only these braces say"
            self.notes.error(
                node.place, "KG-M026", f"this {label} is the same as the fact '{name}' on line {line}", fix
            )
        else:
            self.notes.error(node.place, "KG-M026", f"this {label} is already written on line {line}", WRITE_ONCE)

    def _identity(self, node: Node) -> Identity:
        """Return the values that identify a node, with their properties."""
        names = frozenset(map(cq, self.vocabulary.class_of(node.type).identified_by))
        return frozenset((value.predicate, value.object) for value in node.values if value.predicate in names)

    def _agree(self, one: Node, other: Node) -> bool:
        return _agree(self._single(one), self._single(other))

    def _single(self, node: Node) -> Mapping[Term, object]:
        """Return the value of *node* for each key that takes only one."""
        keys = self.vocabulary.keys[self.vocabulary.class_of(node.type).name].values()
        single = {cq(key.name) for key in keys if key.most == 1}
        return {value.predicate: _comparable(value, node) for value in node.values if value.predicate in single}


def _comparable(value: Value, node: Node) -> object:
    """Return a value's term, or what a node inside *node* says, because its name only reflects its place."""
    inner = next((each for each in node.nested if each.term == value.object), None)
    return frozenset((each.predicate, _comparable(each, inner)) for each in inner.values) if inner else value.object


def _agree(one: Mapping[Term, object], other: Mapping[Term, object]) -> bool:
    """Return whether two nodes may be one: they agree wherever both have a single value."""
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def _joined(written: Sequence[Node]) -> Node:
    """Return one node that combines what several nodes say."""
    first = written[0]
    if len(written) == 1:
        return first
    values = {(value.predicate, value.object): value for node in reversed(written) for value in node.values}
    evidence = dict(pair for node in reversed(written) for pair in node.evidence)
    nested = {inner.term: inner for node in reversed(written) for inner in node.nested}
    return first._replace(
        values=tuple(values.values()), evidence=tuple(evidence.items()), nested=tuple(nested.values())
    )
