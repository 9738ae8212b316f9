"""N-Quads lines -> GraphML: a network of links for Gephi, yEd, Cytoscape, networkx. Writes to the given stream.

Nodes have a type or a link, with `label` and `type` for display and the IRI as id. A fact has its date, how the date is
known, how and by whom it is reported and what displaced it, so that a picture can leave out denied or corrected facts.
Edges are statements whose value is an IRI, with the name of the property as `label` and the named graph as `graph`.
rdf:type is an attribute, not an edge. Texts and numbers are left to the other formats. A character that XML does not
allow becomes U+FFFD. Few nodes and edges are in memory at once.
http://graphml.graphdrawing.org/specification.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import IO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kg.core.model import Quad, Term
from kg.core.terms import TYPE
from kg.core.values import is_iri
from kg.export.names import READING, DisplayNames, names, naming_lines
from kg.store.lines import line_quad
from kg.store.ordered import OrderedLines

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_KEYS = (
    ("label", "node", "label"),
    ("type", "node", "type"),
    *((name, "node", name) for name in READING.values()),
    ("property", "edge", "label"),
    ("graph", "edge", "graph"),
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = f"<?xml version='1.0' encoding='UTF-8'?>\n<graphml xmlns=\"{_NAMESPACE}\">\n"
_SHOWN = "!"  # marks a node that is written; it is sorted before every statement about the node


def write_graphml(lines: Iterable[str], described: Iterable[str], prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    """Write the links in *lines*.

    Labels, types and readings of the nodes are in *described*, which may describe other nodes too.
    """
    out.write(_HEAD.encode())
    for key, kind, name in _KEYS:
        _write(Element("key", {"id": key, "for": kind, "attr.name": name, "attr.type": "string"}), 1, out)
    out.write(b' <graph edgedefault="directed">\n')
    with OrderedLines(line for line in lines if is_iri(line_quad(line).object)) as links:
        for element in chain(_nodes(links, described, prefixes), _edges(links, prefixes)):
            _write(element, 2, out)
    out.write(b" </graph>\n</graphml>\n")


def _nodes(links: Iterable[str], described: Iterable[str], prefixes: Mapping[str, str]) -> Iterator[Element]:
    """Yield the nodes, sorted: what is known of a node stands behind its mark."""
    marks = (f"{node} {_SHOWN}" for line in links for node in _ends(line_quad(line)))
    with OrderedLines(chain(marks, naming_lines(described))) as ordered:
        for node, texts in groupby(ordered, _subject):
            first, *known = texts
            if first == f"{node} {_SHOWN}":
                yield _node(node, names(known, prefixes))


def _subject(text: str) -> Term:
    return text.partition(" ")[0]


def _ends(link: Quad) -> tuple[Term, ...]:
    return (link.subject,) if link.predicate == TYPE else (link.subject, link.object)


def _node(node: Term, known: DisplayNames) -> Element:
    element = Element("node", {"id": _text(node[1:-1])})
    reading = {name: " | ".join(texts) for name, texts in known.readings.get(node, {}).items()}
    _data(element, {"label": known.label(node), "type": " | ".join(known.types(node)), **reading})
    return element


def _edges(links: Iterable[str], prefixes: Mapping[str, str]) -> Iterator[Element]:
    properties = DisplayNames({}, {}, prefixes)
    for edge in map(line_quad, links):
        if edge.predicate != TYPE:
            element = Element("edge", {"source": _text(edge.subject[1:-1]), "target": _text(edge.object[1:-1])})
            _data(element, {"property": properties.short(edge.predicate), "graph": edge.graph[1:-1]})
            yield element


def _data(element: Element, values: Mapping[str, str]) -> None:
    for key, value in values.items():
        if value:
            SubElement(element, "data", {"key": key}).text = _text(value)


def _text(text: str | Term) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _write(element: Element, level: int, out: IO[bytes]) -> None:
    indent(element, " ", level)
    out.write(f"{' ' * level}{tostring(element, encoding='unicode')}\n".encode())
