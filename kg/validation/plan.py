"""Shapes -> a plan of which engine applies which part of them, which can be cached between runs. No I/O.

The `shacl` library applies SHACL Core, and `kg/validation/selects.py` applies queries. The reference engine applies
the rest: shapes whose result depends on a query in a nested shape, and custom constraint components.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import pyoxigraph as ox

from kg.core.relations import closure
from kg.core.terms import OWL, RDF, RDFS, SH
from kg.ontology.shapes import (
    FIRST,
    IGNORED,
    NIL,
    REST,
    SHAPE_LISTS,
    SHAPE_PARAMETERS,
    TARGETS,
    component_parameters,
    members,
    parts,
    path_text,
    reachable,
    shape_nodes,
    target_classes,
)
from kg.ontology.triples import Index, Resource
from kg.validation.focus import Targets
from kg.validation.required import Requirement
from kg.validation.selects import Select, selects_of

PROPERTY, SPARQL, PATH = SH + "property", SH + "sparql", SH + "path"
DEPENDENT = (*(each for each in SHAPE_PARAMETERS if each != PROPERTY), *SHAPE_LISTS)
"""The terms that refer to shapes on which the result of a shape depends. Those in sh:property report their own."""

NAME = "urn:x-communique:shape:"
"""Prefix of the IRIs given to shapes without a name for the library, so that results distinguish them."""

_CLASSES = (OWL + "Class", RDFS + "Class")
_TYPE = RDF + "type"
_READ_ALSO = (RDFS + "subClassOf",)


@dataclass(frozen=True, slots=True)
class ShapesPlan:
    """Which engine applies which part of a shapes graph.

    Attributes:
        core: the shapes that the library applies, as N-Triples.
        paths: name of a shape -> its path, if that is more than a property.
        selects: the queries of the shapes.
        select_shapes: the shapes with these queries as N-Triples, in case the reference engine must run them.
        others: the shapes that the reference engine applies, as N-Triples, "" if there are none.
    """

    core: str
    paths: Mapping[str, str]
    selects: tuple[Select, ...]
    select_shapes: str
    others: str


def plan_of(triples: Sequence[ox.Triple], *, library: bool) -> ShapesPlan:
    """Return the plan for the shapes among *triples*. Without the *library*, the reference engine applies them all.

    Raises:
        ShapesError: SHACL does not allow a query.
    """
    index = Index(triples)
    targeted = dict.fromkeys(_targeted(index))
    slow = frozenset(_unsupported(index, targeted) if library else targeted)
    quick = frozenset(targeted) - slow
    querying = frozenset(shape for shape in quick if _has_query(index, [shape]))
    select_shapes = _needed(index, triples, querying, targeted)
    return ShapesPlan(
        core=_core_text(index, _needed(index, triples, quick, targeted), quick) if quick or not targeted else "",
        paths=dict(_longer_paths(index)),
        selects=tuple(selects_of(Index(select_shapes))) if querying else (),
        select_shapes=_text(select_shapes) if querying else "",
        others=_text(_needed(index, triples, slow, targeted)) if slow else "",
    )


def plan_text(plan: ShapesPlan) -> str:
    """Return *plan* as JSON."""
    return json.dumps(asdict(plan), ensure_ascii=False)


def parsed_plan(text: str) -> ShapesPlan:
    """Parse a plan written by `plan_text`."""
    plan = json.loads(text)
    selects = (
        Select(
            **{
                **each,
                "targets": _parsed_targets(each["targets"]),
                "pieces": tuple(each["pieces"]),
                "reads": None if each["reads"] is None else tuple(each["reads"]),
                "requires": tuple(Requirement(tuple(names), value) for names, value in each["requires"]),
            }
        )
        for each in plan["selects"]
    )
    return ShapesPlan(plan["core"], plan["paths"], tuple(selects), plan["select_shapes"], plan["others"])


def _parsed_targets(data: Mapping[str, Any]) -> Targets:
    named = {name: tuple(terms) for name, terms in data.items() if name != "values_of"}
    return Targets(**named, values_of=tuple((path, _parsed_targets(targets)) for path, targets in data["values_of"]))


def _targeted(index: Index) -> Iterator[Resource]:
    """Yield the shapes that have targets."""
    for shape in shape_nodes(index):
        if target_classes(index, shape) or any(index.values(shape, target) for target in TARGETS):
            yield shape


def _unsupported(index: Index, targeted: Iterable[Resource]) -> Iterator[Resource]:
    """Yield those of the shapes with targets that the library and the queries cannot apply."""
    custom = {index.text(parameter, PATH) for parameter in component_parameters(index)}
    for shape in targeted:
        if any(_is_unsupported(index, each, custom) for each in _with_nested(index, [shape])):
            yield shape


def _is_unsupported(index: Index, shape: Resource, custom: Iterable[str]) -> bool:
    has_longer_path = any(isinstance(path, ox.BlankNode) for path in index.values(shape, PATH))
    dependent = _parts(index, shape, (PROPERTY, *DEPENDENT) if has_longer_path else DEPENDENT)
    return _has_query(index, dependent) or any(index.values(shape, parameter) for parameter in custom)


def _has_query(index: Index, shapes: Iterable[Resource]) -> bool:
    return any(index.values(shape, SPARQL) for shape in _with_nested(index, shapes))


def _with_nested(index: Index, shapes: Iterable[Resource]) -> list[Resource]:
    """Return *shapes* and all shapes that they refer to, without duplicates."""
    return closure(shapes, lambda shape: _parts(index, shape, (PROPERTY, *DEPENDENT)))


def _parts(index: Index, shape: Resource, predicates: Iterable[str]) -> Iterator[Resource]:
    for predicate in predicates:
        for value in index.values(shape, predicate):
            yield from parts(index, predicate, value)


# -------- parts of a shapes graph


def _needed(
    index: Index, triples: Iterable[ox.Triple], shapes: frozenset[Resource], targeted: Mapping[Resource, None]
) -> list[ox.Triple]:
    """Return the *triples* that *shapes* need, without the target declarations of other shapes."""
    if len(shapes) == len(targeted):
        return list(triples)
    needed = reachable(index, shapes)
    return [
        t
        for t in triples
        if t.subject in needed and (t.subject in shapes or t.subject not in targeted or not _is_target(t))
    ]


def _is_target(triple: ox.Triple) -> bool:
    """Return whether *triple* declares a target. The type of a class that is also a shape does that, too."""
    kind = triple.object.value if isinstance(triple.object, ox.NamedNode) else ""
    return triple.predicate.value in TARGETS or (triple.predicate.value == _TYPE and kind in _CLASSES)


def _core_text(index: Index, triples: Iterable[ox.Triple], targeted: Iterable[Resource]) -> str:
    """Return the library's input. It does not recognize owl:Class, so classes that are shapes get explicit targets."""
    shapes = shape_nodes(index)
    ignored = _ignored_properties(index)
    names: dict[object, str] = {shape: f"<{NAME}{shape.value}>" for shape in shapes if isinstance(shape, ox.BlankNode)}
    read = [
        t
        for t in triples
        if t.predicate.value.startswith((SH, RDF)) or t.predicate.value in _READ_ALSO
        if t.predicate.value != SPARQL and not (t.predicate == IGNORED and t.subject in ignored)
    ]
    used = reachable(Index(read), (*shapes, *(t.subject for t in read if isinstance(t.subject, ox.NamedNode))))
    lines = [
        f"{names.get(t.subject) or t.subject} {t.predicate} {names.get(t.object) or t.object} .\n"
        for t in read
        if t.subject in used
    ]
    lines += [
        f"{names.get(shape) or shape} <{SH}targetClass> <{name}> .\n"
        for shape in targeted
        for name in target_classes(index, shape)
    ]
    lines += _ignored_lines({names.get(shape) or str(shape): values for shape, values in ignored.items()})
    return "".join(lines)


def _ignored_properties(index: Index) -> dict[Resource, set[str]]:
    """Return shape -> the terms that it ignores although it is closed."""
    lists = ((shape, index.values(shape, IGNORED.value)) for shape in shape_nodes(index))
    terms = ((shape, members(index, nodes[0])) for shape, nodes in lists if len(nodes) == 1)
    return {shape: set(map(str, values)) for shape, values in terms if values is not None}


def _ignored_lines(ignored: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield the lists of ignored properties, which share their ends: the library copies all cells at each call."""
    uses = Counter(chain.from_iterable(ignored.values()))
    cells: dict[tuple[str, ...], str] = {(): str(NIL)}
    for shape, values in ignored.items():
        ordered = sorted(values, key=lambda value: (uses[value], value))
        for start in reversed(range(len(ordered))):
            end = tuple(ordered[start:])
            if end not in cells:
                cells[end] = f"_:ignored{len(cells)}"
                yield f"{cells[end]} {FIRST} {end[0]} .\n{cells[end]} {REST} {cells[end[1:]]} .\n"
        yield f"{shape} {IGNORED} {cells[tuple(ordered)]} .\n"


def _longer_paths(index: Index) -> Iterator[tuple[str, str]]:
    for shape in shape_nodes(index):
        for path in index.values(shape, PATH):
            if isinstance(path, ox.BlankNode):
                yield shape.value, path_text(index, path)


def _text(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)
