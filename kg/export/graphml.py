"""N-Quads lines -> GraphML: a network of links for Gephi, yEd, Cytoscape, networkx. Writes to the given stream.

Nodes have a type or a link, with `label` and `type` for display and the IRI as id. A fact has its date, how the date is
known, how and by whom it is reported and what displaced it, so that a picture can leave out denied or corrected facts.
Edges are statements whose value is an IRI, with the name of the property as `label` and the named graph as `graph`.
rdf:type is an attribute, not an edge. Texts and numbers are left to the other formats. A character that XML does not
allow becomes U+FFFD.
http://graphml.graphdrawing.org/specification.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import IO
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from kg.core.model import Quad, Term
from kg.core.terms import TYPE
from kg.core.values import is_iri
from kg.export.names import READING, DisplayNames
from kg.store.lines import line_quad

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_KEYS = (
    ("label", "node", "label"),
    ("type", "node", "type"),
    *((name, "node", name) for name in READING.values()),
    ("property", "edge", "label"),
    ("graph", "edge", "graph"),
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_graphml(lines: Iterable[str], names: DisplayNames, out: IO[bytes]) -> None:
    """Write the links in *lines*. *names* has labels and types, including those of nodes described elsewhere."""
    quads = [quad for quad in map(line_quad, sorted(set(lines))) if is_iri(quad.object)]
    edges = [quad for quad in quads if quad.predicate != TYPE]
    nodes = {quad.subject for quad in quads} | {quad.object for quad in edges}
    root = Element("graphml", {"xmlns": _NAMESPACE})
    for key, kind, name in _KEYS:
        SubElement(root, "key", {"id": key, "for": kind, "attr.name": name, "attr.type": "string"})
    graph = SubElement(root, "graph", {"edgedefault": "directed"})
    for node in sorted(nodes):
        element = SubElement(graph, "node", {"id": _text(node[1:-1])})
        reading = {name: " | ".join(texts) for name, texts in names.readings.get(node, {}).items()}
        _data(element, {"label": names.label(node), "type": " | ".join(names.types(node)), **reading})
    for edge in edges:
        _edge(graph, edge, names)
    indent(root, space=" ")
    ElementTree(root).write(out, encoding="UTF-8", xml_declaration=True)
    out.write(b"\n")


def _edge(graph: Element, edge: Quad, names: DisplayNames) -> None:
    ends = {"source": _text(edge.subject[1:-1]), "target": _text(edge.object[1:-1])}
    _data(SubElement(graph, "edge", ends), {"property": names.short(edge.predicate), "graph": edge.graph[1:-1]})


def _data(element: Element, values: Mapping[str, str]) -> None:
    for key, value in values.items():
        if value:
            SubElement(element, "data", {"key": key}).text = _text(value)


def _text(text: str | Term) -> str:
    return _NOT_XML.sub("\ufffd", text)
