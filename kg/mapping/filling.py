"""What a node may leave out + the ontology -> its values and nodes. No I/O.

A fact that is written where it is used, in braces under a key of another one, takes over from that one what the
ontology says for the key (cq:filledIn). If a key is left out for which the ontology has a code that asserts nothing, it
gets that code (cq:ifLeftOut).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kg.core.errors import Place
from kg.core.iri import nested_iri
from kg.core.model import Evidence, Node, Term, Value
from kg.core.terms import cq
from kg.core.values import lang_literal, lexical
from kg.core.values import language as language_of
from kg.mapping.notes import Notes
from kg.mapping.read import Table
from kg.mapping.scope import Scope
from kg.mapping.tables import entry_of
from kg.ontology.fills import Fill
from kg.ontology.templates import filled
from kg.ontology.vocabulary import Key, Kind, Vocabulary


class Around(NamedTuple):
    """The surroundings of a node in braces.

    Attributes:
        key: local name of the key that it is under.
        term: of the node that has the key.
        values: of that node, as far as they have been read: all that are not in braces.
        around: the surroundings of that node, None if it has none.
    """

    key: str
    term: Term
    values: Sequence[Value]
    around: Around | None = None

    @property
    def terms(self) -> Iterator[Term]:
        """The terms of the node and of all nodes around it."""
        yield self.term
        if self.around is not None:
            yield from self.around.terms


class Blank(NamedTuple):
    """A node before its keys are read.

    Attributes:
        term: its IRI.
        class_name: local name of its class.
        table: its keys.
        place: where it is written.
        evidence: the words it rests on.
    """

    term: Term
    class_name: str
    table: Table
    place: Place
    evidence: Evidence


@dataclass(slots=True)
class Filling:
    """Fills in the nodes of one file.

    Attributes:
        vocabulary: what is filled in.
        scope: the known entities and facts.
        notes: what is damaged, since values that would come from there are not missing.
        classes: of the file's own facts and of the nodes in braces so far, by their terms.
    """

    vocabulary: Vocabulary
    scope: Scope
    notes: Notes
    classes: dict[Term, str]

    def missing(self, node: Blank, around: Around | None, *, is_apart: bool) -> tuple[list[Value], list[Node]]:
        """Return the values, and the nodes inside it, that *node* has without writing them.

        A fact that *is_apart* from the one around it rests on the same statement, and is reviewed to the same degree.
        """
        collected: list[Value] = []
        made: list[Node] = []
        for key, fills in self._fills(node.class_name, node.table, around).items():
            nodes = self._nodes(key, fills, node, around) if around else []
            values = [Value(cq(key.name), each.term, node.place) for each in nodes]
            values += self._taken_over(key, fills, node, around)
            if key.most is None or len(values) <= key.most:
                collected += values
                made += nodes
        collected += self._passed_on(node, around) if is_apart else ()
        return [*collected, *self._codes(node, collected)], made

    def identity(self, class_name: str, table: Table, place: Place, around: Around) -> Iterator[Value]:
        """Yield the values that identify a node and that it takes over."""
        names = self.vocabulary.classes[class_name].identified_by
        for key, fills in self._fills(class_name, table, around).items():
            if key.name in names:
                yield from self._taken_over(key, fills, Blank("", class_name, table, place, ()), around)

    def _codes(self, node: Blank, other_values: Iterable[Value]) -> Iterator[Value]:
        """Yield the codes for keys that neither *node* nor *other_values* give."""
        given = {value.predicate for value in other_values}
        written = {entry.key.text for entry in node.table.entries}
        for name, code in self.vocabulary.codes_left_out[node.class_name]:
            if name not in written and cq(name) not in given:
                yield Value(cq(name), code, node.place)

    def _passed_on(self, node: Blank, around: Around | None) -> Iterator[Value]:
        """Yield the nearest outer fact's values of each key that facts in its braces take over unchanged."""
        for name in self.vocabulary.keys[node.class_name]:
            if not self.vocabulary.properties[name].passed_on or entry_of(node.table, name) is not None:
                continue
            each = around
            while each is not None and not (own := _of(each.values, name)):
                each = each.around
            yield from (value._replace(is_filled=True) for value in (own if each else ()))

    def _fills(self, class_name: str, table: Table, around: Around | None) -> Mapping[Key, Sequence[Fill]]:
        """Return each key of the class that *table* leaves out, with what fills it in here."""
        by_key: dict[Key, list[Fill]] = {}
        for fill in self.vocabulary.properties[around.key].fills if around else ():
            key = self.vocabulary.keys[class_name].get(fill.key)
            if around and key and entry_of(table, fill.key) is None and self._holds(fill, around):
                by_key.setdefault(key, []).append(fill)
        return by_key

    def _holds(self, fill: Fill, around: Around) -> bool:
        """Return whether the node around, or the one around that, has the code that *fill* requires."""
        both = (*around.values, *(around.around.values if around.around else ()))
        codes = (self.vocabulary.code_terms.get(value.object) for value in both if value.predicate == cq(fill.asks))
        return not fill.asks or any(code is not None and code.name == fill.code for code in codes)

    # -------- where values come from

    def _taken_over(self, key: Key, fills: Iterable[Fill], node: Blank, around: Around | None) -> Iterator[Value]:
        """Yield the values of *key* itself, not those of the nodes made under it."""
        for fill in fills:
            if around and not fill.inner:
                yield from self._taken(fill, key, node, around)

    def _taken(self, fill: Fill, key: Key, node: Blank, around: Around) -> Iterator[Value]:
        """Yield the values of *key* that *fill* gives and that fit it."""
        name = cq(key.name)
        if not fill.is_text:
            given = self._given(fill, key, node, around)
            yield from (Value(name, term, place, is_filled=True) for term, place in given if self._fits(term, key))
            return
        tag = _tag(around.values, fill.language)
        if text := filled(fill.source, lambda path: _texts(around.values, path[0], tag)):
            yield Value(name, lang_literal(text, tag), node.place)

    def _given(self, fill: Fill, key: Key, node: Blank, around: Around) -> Iterator[tuple[Term, Place]]:
        """Yield what *fill* names: a code, the node around, or values of that node, each with its place."""
        outer = around.around
        if code := self._code(fill, key):
            yield code, node.place
        elif not fill.from_outside:
            yield from ((value.object, value.place) for value in _of(around.values, fill.source))
            if (around.term, cq(fill.source)) in self.notes.damaged:
                self.notes.damage(node.term, [cq(key.name)])
        elif outer and outer.key == fill.source[1:]:
            yield outer.term, node.place

    def _code(self, fill: Fill, key: Key) -> Term:
        """Return the term of the code that *fill* gives, "" for another source."""
        code = self.vocabulary.codes.get(key.range, {}).get(fill.source) if key.kind is Kind.CODE else None
        return f"<{code.iri}>" if code else ""

    def _fits(self, term: Term, key: Key) -> bool:
        if key.kind is not Kind.NODE:
            return True
        return self.vocabulary.is_a(self.classes.get(term) or self._class_elsewhere(term), key.range)

    def _class_elsewhere(self, term: Term) -> str:
        target = self.scope.target(term)
        return target.class_name if target else ""

    # -------- nodes that are made

    def _nodes(self, key: Key, fills: Sequence[Fill], node: Blank, around: Around) -> list[Node]:
        """Return a node under *key* for each value that one of *fills* takes over for it. Each gets the codes."""
        class_name = self.vocabulary.class_in_braces(key) if key.kind is Kind.NODE else ""
        keys = self.vocabulary.keys.get(class_name, {})
        inside = [(fill, keys[fill.inner]) for fill in fills if fill.inner in keys]
        shared = [
            v for fill, inner in inside if self._code(fill, inner) for v in self._taken(fill, inner, node, around)
        ]
        named = (
            v for fill, inner in inside if not self._code(fill, inner) for v in self._taken(fill, inner, node, around)
        )
        return [self._node(key, class_name, (value, *shared), node) for value in named]

    def _node(self, key: Key, class_name: str, node_values: Sequence[Value], node: Blank) -> Node:
        """Return a node inside *node*, distinguished from its siblings by its first value."""
        term = f"<{nested_iri(lexical(node.term), key.name, self._segment(node_values[0].object, node.term))}>"
        blank = Blank(term, class_name, Table((), node.place), node.place, node.evidence)
        return Node(
            term, cq(class_name), "", node.place, (*node_values, *self._codes(blank, node_values)), node.evidence
        )

    def _segment(self, term: Term, inside: Term) -> str:
        """Return the id for *term* as written in the article that *inside* belongs to."""
        start = f"{self.scope.base}article/"
        text = lexical(term)
        if not text.startswith(start):
            return text.rpartition("/")[2]
        own = lexical(inside).removeprefix(start).partition("/")[0]
        return text.removeprefix(start).removeprefix(f"{own}/")


def _tag(values: Sequence[Value], language: str) -> str:
    """Return the tag of the texts in a language: its own or, if none has it, that of a region, "en-gb" for "en"."""
    tags = {language_of(value.object) or "" for value in values}
    regional = (tag for tag in tags if tag.startswith(f"{language}-"))
    return language if language in tags else min(regional, default=language)


def _texts(values: Sequence[Value], name: str, language: str) -> list[str]:
    """Return the texts of a property in one language."""
    return [lexical(value.object) for value in _of(values, name) if language_of(value.object) == language]


def _of(values: Sequence[Value], name: str) -> list[Value]:
    """Return the values of a property."""
    return [value for value in values if value.predicate == cq(name)]
