"""ontology/ -> the SHACL shapes alone, complete: closed shapes list what they let pass. Reads the ontology's Turtle.

An author writes `sh:closed true` and nothing more. SHACL knows no inheritance of closed shapes, so the properties that
shapes of super- and subclasses allow are filled in here, as sh:ignoredProperties.
https://www.w3.org/TR/shacl/#ClosedConstraintComponent ; https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.ontology.triples import Index, Resource, local, ontology_triples
from kg.ontology.vocabulary import Vocabulary
from kg.terms import CQ, ONTOLOGY, RDF, RDFS, SH

ALWAYS_ALLOWED = (RDF + "type", RDFS + "label")
"""What the compiler writes on nodes of any class, beside the properties that the ontology marks as computed."""

FIRST, REST, NIL = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest"), ox.NamedNode(RDF + "nil")
IGNORED = ox.NamedNode(SH + "ignoredProperties")

TARGETS = frozenset(SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"))


def shape_triples(folders: Sequence[Path], vocabulary: Vocabulary) -> tuple[ox.Triple, ...]:
    """Return the shapes of *folders*, a vocabulary's own, and their prefixes.

    Raises:
        InputError: a file that is not Turtle.
    """
    triples = ontology_triples(folders)
    index = Index(triples)
    roots = {*index.instances(SH + "NodeShape", SH + "PropertyShape")}
    kept = _reachable(index, roots)
    declared = _reachable(index, {n for iri in [ONTOLOGY] for n in index.resources(ox.NamedNode(iri), SH + "declare")})
    shapes = [triple for triple in triples if triple.subject in kept or triple.subject in declared]
    shapes += [t for t in triples if t.predicate.value == SH + "declare"]
    return (*shapes, *_ignored(index, vocabulary))


def separated(triples: Sequence[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Return *triples*, with each named property shape aimed by itself at what the shapes that name it are aimed at.

    The results are the same. But an engine then looks at a property shape once for all nodes of a class, not once for
    each node, and need not look at all when the class does not occur.
    """
    aims: dict[object, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        if triple.predicate.value in TARGETS:
            aims[triple.subject].append(triple)

    def moved(triple: ox.Triple) -> Iterator[ox.Triple]:
        own = aims.get(triple.subject)
        if own and triple.predicate.value == SH + "property" and isinstance(triple.object, ox.NamedNode):
            yield from (ox.Triple(triple.object, aim.predicate, aim.object) for aim in own)
        else:
            yield triple

    return tuple(new for triple in triples for new in moved(triple))


def with_fewer_prefixes(triples: Sequence[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Return *triples* without the prefixes that no SPARQL-based constraint uses: an engine parses them each time."""
    index = Index(triples)
    queries = [
        value.value
        for subject, predicate in index.predicates()
        if predicate in (SH + "select", SH + "ask")
        for value in index.values(subject, predicate)
    ]
    used = set(re.findall(r"\b([\w-]+):", " ".join(queries)))
    idle = {
        declaration
        for subject, _ in index.predicates()
        for declaration in index.resources(subject, SH + "declare")
        if index.text(declaration, SH + "prefix") not in used
    }
    return tuple(triple for triple in triples if triple.subject not in idle and triple.object not in idle)


def target_classes(triples: Sequence[ox.Triple]) -> dict[str, frozenset[str]]:
    """Return each named shape with the classes that it is aimed at; with none, when it is needed whatever the data."""
    index = Index(triples)
    named = {value for subject, predicate in index.predicates() for value in index.values(subject, predicate)}
    elsewhere = TARGETS - {SH + "targetClass"}
    classes: dict[str, frozenset[str]] = {}
    for shape in index.instances(SH + "NodeShape", SH + "PropertyShape"):
        always = shape in named or any(index.values(shape, target) for target in elsewhere)
        aims = () if always else index.resources(shape, SH + "targetClass")
        classes[shape.value] = frozenset(aim.value for aim in aims)
    return dict(sorted(classes.items()))


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
    """Yield what each closed shape lets pass: its own keys, and those of the classes above and below its targets."""
    own = {name: set(_paths(index, name)) for name in vocabulary.classes}
    written = {CQ + term.name for term in vocabulary.properties.values() if term.computed}
    for shape in index.instances(SH + "NodeShape"):
        if index.text(shape, SH + "closed") != "true":
            continue
        targets = {local(target.value) for target in index.resources(shape, SH + "targetClass")} & own.keys()
        family = {
            name
            for name, term in vocabulary.classes.items()
            for target in targets
            if target in term.ancestors or name in vocabulary.classes[target].ancestors
        }
        allowed = {*ALWAYS_ALLOWED, *written, *_shape_paths(index, shape)}
        allowed.update(path for name in family for path in own[name])
        yield from _list(shape, sorted(allowed))


def _paths(index: Index, class_name: str) -> Iterator[str]:
    for shape in index.subjects(SH + "targetClass", CQ + class_name):
        yield from _shape_paths(index, shape)


def _shape_paths(index: Index, shape: Resource) -> Iterator[str]:
    for prop in (shape, *index.resources(shape, SH + "property")):
        path = next(index.resources(prop, SH + "path"), None)
        if isinstance(path, ox.NamedNode):
            yield path.value


def _list(shape: ox.NamedNode, iris: Sequence[str]) -> Iterator[ox.Triple]:
    cells: list[ox.NamedNode | ox.BlankNode] = [ox.BlankNode() for _ in iris]
    yield ox.Triple(shape, IGNORED, cells[0])
    for cell, iri, rest in zip(cells, iris, [*cells[1:], NIL], strict=True):
        yield ox.Triple(cell, FIRST, ox.NamedNode(iri))
        yield ox.Triple(cell, REST, rest)
