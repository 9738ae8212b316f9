"""Facts that are written in braces under a key of another one -> facts of the article like the others. No I/O.

They are named after what they say, or after the fact that names them, never after their place in the file. By the
ontology some properties tell which fact a fact is (cq:identifiedBy), as holder, title and body tell a post: written in
braces in several places it is one fact, which has the values and rests on the words of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from kg.core.iri import content_key
from kg.core.model import Node, Term, Value
from kg.core.terms import FACT_CLASS, cq
from kg.mapping.notes import Notes
from kg.mapping.read import Table
from kg.mapping.tables import naming_lines
from kg.ontology.vocabulary import Key, Vocabulary

Identity: TypeAlias = frozenset[tuple[Term, Term]]
"""The values that tell which fact a fact is, with their properties."""

WRITE_ONCE = "write it once under 'facts', with an id of your own, and that id in both places"


@dataclass(slots=True)
class Apart:
    """The facts in braces of one file.

    Attributes:
        vocabulary: which facts are parts of others, and which are the same.
        notes: what is wrong with them.
        around: term of each -> the terms of the nodes in whose braces it stands.
    """

    vocabulary: Vocabulary
    notes: Notes
    around: dict[Term, set[Term]] = field(default_factory=dict)
    _written: dict[Term, list[Node]] = field(default_factory=dict)
    _said: dict[Term, dict[Term, object]] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The facts, in the order of the file; each once, however often it is written."""
        return tuple(map(_joined, self._written.values()))

    def is_apart(self, class_name: str) -> bool:
        """Tell whether a node of the class is a fact of its own wherever it is written, and no part of another."""
        return self.vocabulary.is_a(class_name, FACT_CLASS) and not self.vocabulary.classes[class_name].is_part

    def name(self, key: Key, class_name: str, table: Table, inside: str, identity: Sequence[str]) -> str:
        """Return the last segment of a fact's IRI, which is no id that a curator may choose.

        Args:
            key: under which it stands.
            class_name: of its class.
            table: its keys.
            inside: what follows the article's IRI in that of the node around it.
            identity: a line for each value that tells which fact it is; without any its place tells it.
        """
        if identity:
            return f"{class_name}-{content_key(identity)}"
        own = [content_key(naming_lines(table))] if key.most != 1 else []
        if "/" in inside:
            return f"{class_name}-{content_key([f'{inside}/{key.name}', *own])}"
        return ".".join([inside, key.name, *own])

    def add(self, node: Node, around: Iterable[Term]) -> None:
        """Keep a fact; one that is written in several places is one node."""
        written, said = self._written.setdefault(node.term, []), self._said.setdefault(node.term, {})
        single = self._single(node)
        if _agree(single, said):
            said.update(single)
            written.append(node)
        else:
            label, line = self.vocabulary.class_of(node.type).label, written[0].place.line
            message = f"this {label} is already written in line {line}, and says otherwise there"
            self.notes.error(node.place, "KG-M026", message, WRITE_ONCE)
        self.around.setdefault(node.term, set()).update(around)

    def inside(self, term: Term) -> list[Term]:
        """Return the facts that stand in the braces of a node, or in those of one in its braces."""
        return [inner for inner, around in self.around.items() if term in around]

    def refuse_repeated(self, facts: Iterable[Node]) -> None:
        """Note each fact in braces that is one of *facts*, which have ids, or one in braces in other words."""
        known: dict[tuple[Term, Identity], list[tuple[Node, str]]] = {}
        for fact in facts:
            known.setdefault((fact.type, self._identity(fact)), []).append((fact, fact.term[1:-1].rpartition("/")[2]))
        for node in self.nodes:
            if identity := self._identity(node):
                same = known.setdefault((node.type, identity), [])
                if found := next(((other, name) for other, name in same if self._agree(node, other)), None):
                    self._refuse(node, *found)
                same.append((node, ""))

    def _refuse(self, node: Node, other: Node, name: str) -> None:
        label, line = self.vocabulary.class_of(node.type).label, other.place.line
        if name:
            fix = f"write '{name}' here, and there what only these braces say"
            self.notes.error(node.place, "KG-M026", f"this {label} is the fact '{name}' of line {line}", fix)
        else:
            self.notes.error(node.place, "KG-M026", f"this {label} is already written in line {line}", WRITE_ONCE)

    def _identity(self, node: Node) -> Identity:
        """Return the values that tell which fact a node is, with their properties."""
        names = frozenset(map(cq, self.vocabulary.class_of(node.type).identified_by))
        return frozenset((value.predicate, value.object) for value in node.values if value.predicate in names)

    def _agree(self, one: Node, other: Node) -> bool:
        return _agree(self._single(one), self._single(other))

    def _single(self, node: Node) -> Mapping[Term, object]:
        """Return what *node* says under each key that takes one value."""
        keys = self.vocabulary.keys[self.vocabulary.class_of(node.type).name].values()
        single = {cq(key.name) for key in keys if key.most == 1}
        return {value.predicate: _said(value, node) for value in node.values if value.predicate in single}


def _said(value: Value, node: Node) -> object:
    """Return a value's term; of a node inside *node*, what that says, for its name is that of its place."""
    inner = next((each for each in node.nested if each.term == value.object), None)
    return frozenset((each.predicate, _said(each, inner)) for each in inner.values) if inner else value.object


def _agree(one: Mapping[Term, object], other: Mapping[Term, object]) -> bool:
    """Tell whether two nodes may be one: what has one value in each is the same."""
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def _joined(written: Sequence[Node]) -> Node:
    """Return one node with all that several say, which is the same where they say the same."""
    first = written[0]
    if len(written) == 1:
        return first
    values = {(value.predicate, value.object): value for node in reversed(written) for value in node.values}
    evidence = dict(pair for node in reversed(written) for pair in node.evidence)
    nested = {inner.term: inner for node in reversed(written) for inner in node.nested}
    return replace(
        first, values=tuple(values.values()), evidence=tuple(evidence.items()), nested=tuple(nested.values())
    )
