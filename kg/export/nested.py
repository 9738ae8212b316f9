"""Triples with blank nodes -> Turtle as a person would write it, in the order of the triples. No I/O.

A blank node that is used once is written in place, as `[ … ]` or `( … )`. Any other gets a label in order. Equal
triples in equal order therefore give equal text, whatever the labels of the blank nodes were.
https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import pyoxigraph as ox

from kg.core.terms import RDF
from kg.core.values import XSD, escape

_Node: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple"
_FIRST, _REST, _NIL, _TYPE = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil", "type"))
_LOCAL = re.compile(r"[A-Za-z_](?:[\w-]*\w)?", re.ASCII)
_STEP = "    "
_WIDTH = 110


def nested_turtle(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> str:
    """Return Turtle with the prefixes that it uses."""
    writer = _NestedWriter(triples, prefixes)
    blocks = list(writer.blocks())
    declared = "".join(f"@prefix {prefix}: <{prefixes[prefix]}> .\n" for prefix in sorted(writer.used))
    return "\n".join([declared, *blocks] if declared else blocks)


class _NestedWriter:
    """The triples by subject, and which have been written."""

    def __init__(self, triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> None:
        self.by_subject: dict[_Node, dict[ox.NamedNode, list[_Node]]] = {}
        for triple in dict.fromkeys(triples):
            self.by_subject.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.object)
        self.namespaces = sorted(((space, name) for name, space in prefixes.items()), key=lambda pair: -len(pair[0]))
        self.named = Counter(value for values in self.by_subject.values() for v in values.values() for value in v)
        self.labels: dict[_Node, str] = {}
        self.written: set[_Node] = set()
        self.used: set[str] = set()

    def blocks(self) -> Iterator[str]:
        """Yield one block per subject, with blank nodes that only refer to each other in a cycle last."""
        for subject in self.by_subject:
            if not self._in_place(subject):
                yield self._block(subject)
        for subject in self.by_subject:
            if subject not in self.written:
                self._label(subject)
                yield self._block(subject)

    def _block(self, subject: _Node) -> str:
        self.written.add(subject)
        unnamed = isinstance(subject, ox.BlankNode) and not self.named[subject]
        return f"{'[]' if unnamed else self._node(subject, '')} {self._statements(subject, _STEP)} .\n"

    def _statements(self, subject: _Node, margin: str) -> str:
        statements = sorted(self.by_subject[subject].items(), key=lambda item: item[0] != _TYPE)
        return f" ;\n{margin}".join(self._statement(predicate, values, margin) for predicate, values in statements)

    def _statement(self, predicate: ox.NamedNode, values: Iterable[_Node], margin: str) -> str:
        verb = "a" if predicate == _TYPE else self._node(predicate, margin)
        objects = [self._node(value, margin) for value in values]
        line = f"{verb} {', '.join(objects)}"
        return (
            line
            if len(objects) == 1 or len(line) <= _WIDTH
            else f",\n{margin}{_STEP}".join([f"{verb} {objects[0]}", *objects[1:]])
        )

    def _node(self, node: _Node, margin: str) -> str:
        if isinstance(node, ox.NamedNode):
            return self._iri(node.value)
        if isinstance(node, ox.Literal):
            return self._literal(node)
        return self._nested(node, margin) if self._in_place(node) else self._label(node)

    def _in_place(self, node: _Node) -> bool:
        return isinstance(node, ox.BlankNode) and self.named[node] == 1 and node not in self.labels

    def _label(self, node: _Node) -> str:
        return self.labels.setdefault(node, f"_:b{len(self.labels) + 1}")

    def _nested(self, node: _Node, margin: str) -> str:
        items = self._items(node)
        inner = margin + _STEP
        if items is not None:
            return f"( {' '.join(self._node(item, inner) for item in items)} )"
        self.written.add(node)
        if node not in self.by_subject:
            return "[]"
        text = self._statements(node, inner)
        return f"[\n{inner}{text} ]" if "\n" in text else f"[ {text} ]"

    def _items(self, node: _Node) -> list[_Node] | None:
        """Return the members of a list that begins at *node*, None if it is not a well-formed list."""
        items, cells = [], []
        while node != _NIL:
            values = self.by_subject.get(node, {})
            firsts, rests = values.get(_FIRST, []), values.get(_REST, [])
            if len(values) != 2 or len(firsts) != 1 or len(rests) != 1 or not self._in_place(node) or node in cells:
                return None
            items.append(firsts[0])
            cells.append(node)
            node = rests[0]
        self.written.update(cells)
        return items

    def _iri(self, iri: str) -> str:
        for namespace, prefix in self.namespaces:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"

    def _literal(self, literal: ox.Literal) -> str:
        text, kind = literal.value, literal.datatype.value
        if (kind == XSD + "integer" and re.fullmatch(r"-?[0-9]+", text)) or (
            kind == XSD + "boolean" and text in ("true", "false")
        ):
            return text
        quoted = _long(text) if "\n" in text else f'"{escape(text)}"'
        if literal.language:
            return f"{quoted}@{literal.language}"
        return quoted if kind == XSD + "string" else f"{quoted}^^{self._iri(kind)}"


def _long(text: str) -> str:
    """Return *text* in triple quotes, with its line ends unchanged."""
    return '"""' + "\n".join(escape(line) for line in text.split("\n")) + '"""'
