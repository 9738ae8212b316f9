"""ontology/ -> the SHACL shapes alone, complete: closed shapes list what they let pass. Reads the ontology's Turtle.

An author writes `sh:closed true` and nothing more. SHACL knows no inheritance of closed shapes, so the properties that
shapes of super- and subclasses allow are filled in here, as sh:ignoredProperties.
https://www.w3.org/TR/shacl/#ClosedConstraintComponent
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.ontology import Index, Resource, local, ontology_triples
from kg.terms import CQ, ONTOLOGY, RDF, RDFS, SH
from kg.vocabulary import Vocabulary

ALWAYS_ALLOWED = (RDF + "type", RDFS + "label", CQ + "evidence")
"""What the compiler writes on nodes of any class."""

FIRST, REST, NIL = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest"), ox.NamedNode(RDF + "nil")
IGNORED = ox.NamedNode(SH + "ignoredProperties")


def shape_triples(
    folders: Sequence[Path], vocabulary: Vocabulary, without: frozenset[str] = frozenset()
) -> tuple[ox.Triple, ...]:
    """Return the shapes of *folders* and their prefixes.

    Args:
        folders: of the ontology.
        vocabulary: made from the same folders.
        without: IRIs of shapes to leave out, wherever they are named.

    Raises:
        InputError: a file that is not Turtle.
    """
    triples = [triple for triple in ontology_triples(folders) if not _names(triple, without)]
    index = Index(triples)
    roots = {*index.instances(SH + "NodeShape", SH + "PropertyShape")}
    kept = _reachable(index, roots)
    declared = _reachable(index, {n for iri in [ONTOLOGY] for n in index.resources(ox.NamedNode(iri), SH + "declare")})
    shapes = [triple for triple in triples if triple.subject in kept or triple.subject in declared]
    shapes += [t for t in triples if t.predicate.value == SH + "declare"]
    return (*shapes, *_ignored(index, vocabulary))


def _names(triple: ox.Triple, iris: frozenset[str]) -> bool:
    return any(isinstance(term, ox.NamedNode) and term.value in iris for term in triple)


def _reachable(index: Index, roots: Iterable[Resource]) -> set[Resource]:
    """Return *roots* and the blank nodes below them."""
    kept = set(roots)
    queue = list(kept)
    for node in queue:
        for value in index.objects(node):
            if isinstance(value, ox.BlankNode) and value not in kept:
                kept.add(value)
                queue.append(value)
    return kept


def _ignored(index: Index, vocabulary: Vocabulary) -> Iterator[ox.Triple]:
    own = {name: set(_paths(index, name)) for name in vocabulary.classes}
    for shape in index.instances(SH + "NodeShape"):
        if index.text(shape, SH + "closed") != "true":
            continue
        targets = [local(target.value) for target in index.resources(shape, SH + "targetClass")]
        family = {
            name
            for name, term in vocabulary.classes.items()
            for target in targets
            if target in term.ancestors or name in vocabulary.classes[target].ancestors
        }
        allowed = {*ALWAYS_ALLOWED, *(path for name in family for path in own[name])}
        yield from _list(shape, sorted(allowed))


def _paths(index: Index, class_name: str) -> Iterator[str]:
    for shape in index.subjects(SH + "targetClass", CQ + class_name):
        for prop in index.resources(shape, SH + "property"):
            path = next(index.resources(prop, SH + "path"), None)
            if isinstance(path, ox.NamedNode):
                yield path.value


def _list(shape: ox.NamedNode, iris: Sequence[str]) -> Iterator[ox.Triple]:
    cells: list[ox.NamedNode | ox.BlankNode] = [ox.BlankNode() for _ in iris]
    yield ox.Triple(shape, IGNORED, cells[0])
    for cell, iri, rest in zip(cells, iris, [*cells[1:], NIL], strict=True):
        yield ox.Triple(cell, FIRST, ox.NamedNode(iri))
        yield ox.Triple(cell, REST, rest)
