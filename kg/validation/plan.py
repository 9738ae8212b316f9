"""Shapes -> which engine applies which part of them, as values that can be kept between runs. No I/O.

The `shacl` library applies SHACL Core, `kg/validation/selects.py` queries. What these two cannot apply is for the
reference: shapes whose verdict depends on a query in a shape inside them, and constraint components of one's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from kg.core.relations import closure
from kg.core.terms import OWL, RDF, RDFS, SH
from kg.ontology.shapes import (
    SHAPE_LISTS,
    SHAPE_PARAMETERS,
    TARGETS,
    component_parameters,
    parts,
    path_text,
    reachable,
    shape_nodes,
    target_classes,
)
from kg.ontology.triples import Index, Resource
from kg.validation.focus import Aim
from kg.validation.selects import Select, selects_of

PROPERTY, SPARQL, PATH = SH + "property", SH + "sparql", SH + "path"
JUDGED = (*(each for each in SHAPE_PARAMETERS if each != PROPERTY), *SHAPE_LISTS)
"""What refers to shapes on whose verdict that of a shape depends; those in sh:property have results of their own."""

NAME = "urn:x-communique:shape:"
"""Prefix of the IRIs given to nameless shapes for the library, so that results distinguish them."""

_CLASSES = (OWL + "Class", RDFS + "Class")
_TYPE = RDF + "type"
_READ_BESIDE = (RDFS + "subClassOf",)


@dataclass(frozen=True, slots=True)
class ShapesPlan:
    """Which engine applies which part of a shapes graph.

    Attributes:
        core: what the library applies, as N-Triples.
        paths: name of a shape -> its path, where that is more than a property.
        selects: queries of shapes.
        asked: what the reference reads to ask these queries, as N-Triples.
        others: what the reference applies, as N-Triples; "" for nothing.
    """

    core: str
    paths: Mapping[str, str]
    selects: tuple[Select, ...]
    asked: str
    others: str


def plan_of(triples: Sequence[ox.Triple], *, library: bool) -> ShapesPlan:
    """Return who applies the shapes among *triples*; all is for the reference if there is no *library*.

    Raises:
        ShapesError: a query is none that SHACL allows.
    """
    index = Index(triples)
    aimed = dict.fromkeys(_aimed(index))
    slow = frozenset(_beyond(index, aimed) if library else aimed)
    quick = frozenset(aimed) - slow
    asking = frozenset(shape for shape in quick if _asks(index, [shape]))
    asked = _for(index, triples, asking, aimed)
    return ShapesPlan(
        core=_core_text(index, _for(index, triples, quick, aimed), quick) if quick or not aimed else "",
        paths=dict(_longer_paths(index)),
        selects=tuple(selects_of(Index(asked))) if asking else (),
        asked=_text(asked) if asking else "",
        others=_text(_for(index, triples, slow, aimed)) if slow else "",
    )


def plan_text(plan: ShapesPlan) -> str:
    """Return *plan* as JSON."""
    return json.dumps(asdict(plan), ensure_ascii=False)


def parsed_plan(text: str) -> ShapesPlan:
    """Return the plan in *text*, as `plan_text` wrote it."""
    kept = json.loads(text)
    selects = (
        Select(**{**each, "aim": _parsed_aim(each["aim"]), "pieces": tuple(each["pieces"])}) for each in kept["selects"]
    )
    return ShapesPlan(kept["core"], kept["paths"], tuple(selects), kept["asked"], kept["others"])


def _parsed_aim(kept: Mapping[str, Any]) -> Aim:
    named = {name: tuple(terms) for name, terms in kept.items() if name != "values_of"}
    return Aim(**named, values_of=tuple((path, _parsed_aim(aim)) for path, aim in kept["values_of"]))


def _aimed(index: Index) -> Iterator[Resource]:
    """Yield the shapes that have targets."""
    for shape in shape_nodes(index):
        if target_classes(index, shape) or any(index.values(shape, target) for target in TARGETS):
            yield shape


def _beyond(index: Index, aimed: Iterable[Resource]) -> Iterator[Resource]:
    """Yield those of the shapes with targets that are not for the library and the queries."""
    own = {index.text(parameter, PATH) for parameter in component_parameters(index)}
    for shape in aimed:
        if any(_is_beyond(index, each, own) for each in _within(index, [shape])):
            yield shape


def _is_beyond(index: Index, shape: Resource, own: Iterable[str]) -> bool:
    has_longer_path = any(isinstance(path, ox.BlankNode) for path in index.values(shape, PATH))
    dependent = _parts(index, shape, (PROPERTY, *JUDGED) if has_longer_path else JUDGED)
    return _asks(index, dependent) or any(index.values(shape, parameter) for parameter in own)


def _asks(index: Index, shapes: Iterable[Resource]) -> bool:
    return any(index.values(shape, SPARQL) for shape in _within(index, shapes))


def _within(index: Index, shapes: Iterable[Resource]) -> list[Resource]:
    """Return *shapes* and all shapes that they refer to, each once."""
    return closure(shapes, lambda shape: _parts(index, shape, (PROPERTY, *JUDGED)))


def _parts(index: Index, shape: Resource, predicates: Iterable[str]) -> Iterator[Resource]:
    for predicate in predicates:
        for value in index.values(shape, predicate):
            yield from parts(index, predicate, value)


# -------- parts of a shapes graph


def _for(
    index: Index, triples: Iterable[ox.Triple], shapes: frozenset[Resource], aimed: Mapping[Resource, None]
) -> list[ox.Triple]:
    """Return what *shapes* need of *triples*: of the other shapes with targets, these are left out."""
    if len(shapes) == len(aimed):
        return list(triples)
    needed = reachable(index, shapes)
    return [
        t
        for t in triples
        if t.subject in needed and (t.subject in shapes or t.subject not in aimed or not _is_target(t))
    ]


def _is_target(triple: ox.Triple) -> bool:
    """Return whether *triple* aims a shape at something; a class that is a shape is aimed by its type."""
    kind = triple.object.value if isinstance(triple.object, ox.NamedNode) else ""
    return triple.predicate.value in TARGETS or (triple.predicate.value == _TYPE and kind in _CLASSES)


def _core_text(index: Index, triples: Iterable[ox.Triple], aimed: Iterable[Resource]) -> str:
    """Return what the library reads. It takes no owl:Class for a class, so the classes that are shapes get targets."""
    names: dict[object, str] = {
        shape: f"<{NAME}{shape.value}>" for shape in shape_nodes(index) if isinstance(shape, ox.BlankNode)
    }
    read = [t for t in triples if t.predicate.value.startswith((SH, RDF)) or t.predicate.value in _READ_BESIDE]
    lines = [
        f"{names.get(t.subject) or t.subject} {t.predicate} {names.get(t.object) or t.object} .\n"
        for t in read
        if t.predicate.value != SPARQL
    ]
    lines += [
        f"{names.get(shape) or shape} <{SH}targetClass> <{name}> .\n"
        for shape in aimed
        for name in target_classes(index, shape)
    ]
    return "".join(lines)


def _longer_paths(index: Index) -> Iterator[tuple[str, str]]:
    for shape in shape_nodes(index):
        for path in index.values(shape, PATH):
            if isinstance(path, ox.BlankNode):
                yield shape.value, path_text(index, path)


def _text(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)
