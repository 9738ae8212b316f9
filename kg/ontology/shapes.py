"""Which nodes are shapes, and the complete shapes graph of an ontology: closed shapes list what they allow. No I/O.

An author only writes `sh:closed true`. Closed shapes are not inherited in SHACL, so the properties that shapes of
super- and subclasses allow are added here, as sh:ignoredProperties.
https://www.w3.org/TR/shacl/#shapes ; https://www.w3.org/TR/shacl/#ClosedConstraintComponent
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from kg.core.relations import closure
from kg.core.terms import CQ, OWL, RDF, RDFS, SH
from kg.ontology.triples import Index, Resource, Value, local
from kg.ontology.vocabulary import Vocabulary

ALWAYS_ALLOWED = (RDF + "type", RDFS + "label")
"""What the compiler writes on nodes of any class, besides the properties that the ontology marks as computed."""

SHAPE_CLASSES = (SH + "NodeShape", SH + "PropertyShape")
TARGETS = tuple(SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"))
SHAPE_PARAMETERS = tuple(SH + name for name in ("property", "node", "not", "qualifiedValueShape"))
SHAPE_LISTS = tuple(SH + name for name in ("and", "or", "xone"))
PARAMETERS = frozenset(
    SH + name
    for name in (
        "class closed datatype disjoint equals flags hasValue ignoredProperties in languageIn lessThan "
        "lessThanOrEquals maxCount maxExclusive maxInclusive maxLength minCount minExclusive minInclusive minLength "
        "nodeKind pattern qualifiedMaxCount qualifiedMinCount qualifiedValueShapesDisjoint sparql uniqueLang"
    ).split()
).union(SHAPE_PARAMETERS, SHAPE_LISTS)
"""The parameters of constraint components, of SHACL Core and SHACL-SPARQL."""

FIRST, REST, NIL = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest"), ox.NamedNode(RDF + "nil")
IGNORED = ox.NamedNode(SH + "ignoredProperties")


def shape_nodes(index: Index) -> tuple[Resource, ...]:
    """Return all shapes, named or not, in the order of the files.

    A shape is a node with the type, a target or a constraint, or one that a constraint refers to as a shape.
    """
    return index.once(_shape_nodes)


def _shape_nodes(index: Index) -> tuple[Resource, ...]:
    declared = component_parameters(index)
    makes_shape = PARAMETERS.union(TARGETS, (index.text(parameter, SH + "path") for parameter in declared))
    shapes: dict[Resource, None] = {}
    for subject, predicate in index.predicates():
        if predicate in makes_shape or (predicate == RDF + "type" and _is_typed(index, subject)):
            shapes[subject] = None
        for value in index.values(subject, predicate):
            shapes.update(dict.fromkeys(parts(index, predicate, value)))
    return tuple(shape for shape in shapes if shape not in declared)


def component_parameters(index: Index) -> frozenset[Resource]:
    """Return the parameter declarations of custom constraint components, which look like shapes but are not."""
    components = [subject for subject, predicate in index.predicates() if predicate == SH + "parameter"]
    return frozenset(node for component in components for node in index.resources(component, SH + "parameter"))


def parts(index: Index, predicate: str, value: Value) -> Iterator[Resource]:
    """Yield the shapes that *predicate* refers to by *value*, which is a shape or a list of shapes."""
    named = [value] if predicate in SHAPE_PARAMETERS else ()
    listed = (members(index, value) or ()) if predicate in SHAPE_LISTS else ()
    yield from (part for part in (*named, *listed) if isinstance(part, ox.NamedNode | ox.BlankNode))


def _is_typed(index: Index, subject: Resource) -> bool:
    return any(kind.value in SHAPE_CLASSES for kind in index.resources(subject, RDF + "type"))


def active_shapes(index: Index) -> tuple[Resource, ...]:
    """Return the shapes that are not deactivated."""
    return tuple(shape for shape in shape_nodes(index) if index.text(shape, SH + "deactivated") != "true")


def target_classes(index: Index, shape: Resource) -> tuple[str, ...]:
    """Return the IRIs of the classes that *shape* targets. A class that is a shape targets itself."""
    targets = tuple(target.value for target in index.resources(shape, SH + "targetClass"))
    types = {kind.value for kind in index.resources(shape, RDF + "type")}
    return (*targets, shape.value) if _is_typed(index, shape) and types & {OWL + "Class", RDFS + "Class"} else targets


def members(index: Index, node: Value) -> list[Value] | None:
    """Return the members of the RDF list *node*, None if it is not a well-formed list."""
    held: list[Value] = []
    seen: set[Value] = set()
    while node != NIL:
        if node in seen or not isinstance(node, ox.NamedNode | ox.BlankNode):
            return None
        first, rest = index.values(node, FIRST.value), index.values(node, REST.value)
        if len(first) != 1 or len(rest) != 1:
            return None
        seen.add(node)
        held.append(first[0])
        node = rest[0]
    return held


_PATH_FORMS = {
    SH + "inversePath": "^({})",
    SH + "zeroOrMorePath": "({})*",
    SH + "oneOrMorePath": "({})+",
    SH + "zeroOrOnePath": "({})?",
}


def path_text(index: Index, node: Value) -> str:
    """Return the property path *node* in the syntax of SPARQL.

    Raises:
        ValueError: it is not a property path.
    """
    if isinstance(node, ox.NamedNode):
        return str(node)
    if isinstance(node, ox.Literal):
        raise ValueError(f"not a property path: {node}")
    steps = members(index, node)
    if steps:
        return "/".join(path_text(index, step) for step in steps)
    for listed in index.values(node, SH + "alternativePath"):
        return "(" + "|".join(path_text(index, step) for step in members(index, listed) or ()) + ")"
    for form, text in _PATH_FORMS.items():
        for inner in index.values(node, form):
            return text.format(path_text(index, inner))
    raise ValueError(f"not a property path: {node}")


# -------- the shapes graph


def completed(triples: Sequence[ox.Triple], vocabulary: Vocabulary) -> tuple[ox.Triple, ...]:
    """Return the ontology's *triples* with the properties that each closed shape allows."""
    index = Index(triples)
    shapes = shape_nodes(index)
    closed = {shape for shape in shapes if index.text(shape, SH + "closed") == "true"}
    own = _paths(index, shapes, vocabulary.classes)
    kept = (triple for triple in triples if triple.predicate != IGNORED or triple.subject not in closed)
    return (*kept, *(new for shape in closed for new in _ignored(index, vocabulary, own, shape)))


def shape_triples(triples: Sequence[ox.Triple], vocabulary: Vocabulary) -> tuple[ox.Triple, ...]:
    """Return the completed shapes among the ontology's *triples*, and the prefixes of their queries."""
    whole = completed(triples, vocabulary)
    index = Index(whole)
    kept = _below(index, shape_nodes(index))
    kept |= _below(index, (value for shape in kept for value in index.resources(shape, SH + "sparql")))
    kept |= _below(index, (value for s, _ in index.predicates() for value in index.resources(s, SH + "declare")))
    return tuple(t for t in whole if t.subject in kept or t.predicate.value == SH + "declare")


def _below(index: Index, roots: Iterable[Resource]) -> set[Resource]:
    """Return *roots* and the blank nodes below them."""
    return _followed(index, roots, (ox.BlankNode,))


def reachable(index: Index, roots: Iterable[Resource]) -> set[Resource]:
    """Return *roots* and everything that they refer to, directly or indirectly."""
    return _followed(index, roots, (ox.NamedNode, ox.BlankNode))


def _followed(index: Index, roots: Iterable[Resource], kinds: tuple[type, ...]) -> set[Resource]:
    def values(node: Resource) -> Iterator[Resource]:
        return (each for each in index.objects(node) if not isinstance(each, ox.Literal) and isinstance(each, kinds))

    return set(closure(roots, values))


def _ignored(index: Index, vocabulary: Vocabulary, own: Mapping[str, set[str]], shape: Resource) -> Iterator[ox.Triple]:
    """Yield what *shape* allows: its own keys, those of super- and subclasses of its targets, and those it lists."""
    targets = {local(iri) for iri in target_classes(index, shape)} & own.keys()
    family = {
        name
        for name, term in vocabulary.classes.items()
        for target in targets
        if target in term.ancestors or name in vocabulary.classes[target].ancestors
    }
    allowed = {*ALWAYS_ALLOWED, *_shape_paths(index, shape)}
    allowed.update(CQ + term.name for term in vocabulary.properties.values() if term.computed)
    allowed.update(path for name in family for path in own[name])
    for listed in index.resources(shape, IGNORED.value):
        allowed.update(value.value for value in members(index, listed) or () if isinstance(value, ox.NamedNode))
    yield from _list(shape, sorted(allowed))


def _paths(index: Index, shapes: Iterable[Resource], classes: Iterable[str]) -> dict[str, set[str]]:
    """Return class -> the properties of the shapes that target it."""
    paths: dict[str, set[str]] = {name: set() for name in classes}
    for shape in shapes:
        for name in map(local, target_classes(index, shape)):
            if name in paths:
                paths[name].update(_shape_paths(index, shape))
    return paths


def _shape_paths(index: Index, shape: Resource) -> Iterator[str]:
    for prop in (shape, *index.resources(shape, SH + "property")):
        path = next(index.resources(prop, SH + "path"), None)
        if isinstance(path, ox.NamedNode):
            yield path.value


def _list(shape: Resource, iris: Sequence[str]) -> Iterator[ox.Triple]:
    cells: list[ox.NamedNode | ox.BlankNode] = [ox.BlankNode() for _ in iris]
    yield ox.Triple(shape, IGNORED, cells[0])
    for cell, iri, rest in zip(cells, iris, [*cells[1:], NIL], strict=True):
        yield ox.Triple(cell, FIRST, ox.NamedNode(iri))
        yield ox.Triple(cell, REST, rest)
