"""The ontology's folders -> one Turtle text of the ontology, one of the shapes. Reads the folders.

Statements are in file order. Comments are lost. The shapes include everything about a rule and the prefixes that its
queries use. Closed shapes list what they allow, for engines that do not know our ontology.
https://www.w3.org/TR/turtle/ ; https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.core.terms import RULE, SH
from kg.export.nested import nested_turtle
from kg.ontology.load import Index, Resource, load_vocabulary, ontology_triples
from kg.ontology.shapes import shape_nodes, shape_triples


def ontology_turtle(folders: Sequence[Path]) -> str:
    """Return classes, properties, code lists and alignments, as authored, without shapes.

    Raises:
        InputError: a file that is not Turtle, or an inconsistent ontology.
    """
    triples = ontology_triples(folders)
    shapes = _shape_nodes(triples)
    own = [t for t in triples if t.subject not in shapes and not t.predicate.value.startswith(SH)]
    return nested_turtle(own, load_vocabulary(folders).prefixes)


def shapes_turtle(folders: Sequence[Path]) -> str:
    """Return the shapes. Raises as `ontology_turtle`."""
    vocabulary = load_vocabulary(folders)
    return nested_turtle(shape_triples(ontology_triples(folders), vocabulary), vocabulary.prefixes)


def _shape_nodes(triples: Sequence[ox.Triple]) -> set[Resource]:
    """Return the shapes, and the blank nodes below them and below other SHACL statements."""
    index = Index(triples)
    nodes: set[Resource] = {*shape_nodes(index)}
    nodes |= {t.subject for t in triples if isinstance(t.subject, ox.NamedNode) and t.subject.value.startswith(RULE)}
    nodes |= {t.object for t in triples if t.predicate.value.startswith(SH) and isinstance(t.object, ox.BlankNode)}
    queue = list(nodes)
    for node in queue:
        below = [value for value in index.objects(node) if isinstance(value, ox.BlankNode) and value not in nodes]
        nodes.update(below)
        queue += below
    return nodes
