"""N-Quads lines -> GraphML for Gephi, yEd, Cytoscape, networkx. Writes to the given stream.

There are two networks. One is of people, bodies and places with their ties: an edge has a weight, its dates and the
IRIs of the facts behind it, and a tie that holds in both directions is one edge. `label` and `weight` are the names
that Gephi looks for.

The other is of all links. Nodes have a type or a link, with `label` and `type` for display and the IRI as id. A fact
has its date, how the date is known, how and by whom it is reported and what displaced it, so that a picture can leave
out denied or corrected facts. Edges are statements whose value is an IRI, with the name of the property as `label` and
the named graph as `graph`. rdf:type is an attribute, not an edge. Texts and numbers are left to the other formats. Few
nodes and edges are in memory at once.

A character that XML does not allow becomes U+FFFD.
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
from kg.export.ties import TieEnd, TieGraph, WeightedTie
from kg.store.lines import line_quad
from kg.store.ordered import OrderedLines

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_Keys = tuple[tuple[str, str, str, str], ...]  # key, what has it, its name, its type
_OF_TIES: _Keys = (
    ("label", "node", "label", "string"),
    ("family", "node", "family", "string"),
    ("kind", "node", "kind", "string"),
    ("relation", "edge", "label", "string"),
    ("weight", "edge", "weight", "int"),
    ("earliest", "edge", "earliest", "string"),
    ("latest", "edge", "latest", "string"),
    ("mutual", "edge", "mutual", "boolean"),
    ("facts", "edge", "facts", "string"),
)
_OF_LINKS: _Keys = (
    ("label", "node", "label", "string"),
    ("type", "node", "type", "string"),
    *((name, "node", name, "string") for name in READING.values()),
    ("property", "edge", "label", "string"),
    ("graph", "edge", "graph", "string"),
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = f"<?xml version='1.0' encoding='UTF-8'?>\n<graphml xmlns=\"{_NAMESPACE}\">\n"
_SHOWN = "!"  # marks a node that is written; it is sorted before every statement about the node


def write_ties(graph: TieGraph, out: IO[bytes]) -> None:
    """Write people, bodies and places with their ties."""
    _write_document(_OF_TIES, chain(map(_end, graph.nodes), map(_tie, graph.ties)), out)


def write_links(lines: Iterable[str], described: Iterable[str], prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    """Write all links in *lines*.

    Labels, types and readings of the nodes are in *described*, which may describe other nodes too.
    """
    with OrderedLines(line for line in lines if is_iri(line_quad(line).object)) as links:
        _write_document(_OF_LINKS, chain(_nodes(links, described, prefixes), _edges(links, prefixes)), out)


def _write_document(keys: _Keys, elements: Iterable[Element], out: IO[bytes]) -> None:
    out.write(_HEAD.encode())
    for key, kind, name, of_type in keys:
        _write(Element("key", {"id": key, "for": kind, "attr.name": name, "attr.type": of_type}), 1, out)
    out.write(b' <graph edgedefault="directed">\n')
    for element in elements:
        _write(element, 2, out)
    out.write(b" </graph>\n</graphml>\n")


def _end(node: TieEnd) -> Element:
    element = Element("node", {"id": _text(node.iri[1:-1])})
    _data(element, {"label": node.label, "family": node.family, "kind": node.kind})
    return element


def _tie(tie: WeightedTie) -> Element:
    element = Element("edge", {"source": _text(tie.one[1:-1]), "target": _text(tie.other[1:-1])})
    facts = " | ".join(fact[1:-1] for fact in tie.facts)
    values = {"relation": tie.relation, "weight": str(tie.weight), "earliest": tie.earliest, "latest": tie.latest}
    _data(element, {**values, "mutual": str(tie.mutual).lower(), "facts": facts})
    return element


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
