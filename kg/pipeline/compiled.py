"""Shapes -> what applies them fast: SHACL Core by the `shacl` library, SPARQL constraints by `kg/pipeline/selects.py`.

What these two cannot apply, the reference applies: shapes whose conformance depends on a query in a shape inside them,
constraint components of one's own, and what the library refuses or is not there for. So nothing is passed over.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.core.model import Term
from kg.core.terms import OWL, RDF, RDFS, SH
from kg.core.values import escape, lexical
from kg.ontology.shapes import (
    SHAPE_LISTS,
    SHAPE_PARAMETERS,
    TARGETS,
    component_parameters,
    parts,
    path_text,
    shape_nodes,
    target_classes,
)
from kg.ontology.triples import Index, Resource
from kg.pipeline.data import Data, Validator
from kg.pipeline.reference import reference
from kg.pipeline.selects import selects
from kg.pipeline.violations import Result, ShapesError

if TYPE_CHECKING:
    import shacl

LIBRARY = "shacl"
PROPERTY, SPARQL, PATH = SH + "property", SH + "sparql", SH + "path"
JUDGED = (*(each for each in SHAPE_PARAMETERS if each != PROPERTY), *SHAPE_LISTS)
"""What refers to shapes on whose verdict that of a shape depends; those in sh:property have results of their own."""

_CLASSES = (OWL + "Class", RDFS + "Class")
_TYPE, _TARGET_CLASS = ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "targetClass")
_NAME = "urn:x-communique:shape:"


def compiled(triples: Sequence[ox.Triple]) -> Validator:
    """Return what applies the shapes among *triples*.

    Raises:
        ShapesError: a query that is no constraint, or shapes that neither the library nor the reference can apply.
    """
    index = Index(triples)
    aimed = frozenset(_aimed(index))
    slow = frozenset(_beyond(index, aimed)) if find_spec(LIBRARY) else aimed
    asking = frozenset(shape for shape in aimed - slow if _asks(index, [shape]))
    asked = _for(triples, asking, aimed)
    validators = [_core(_for(triples, aimed - slow, aimed)), selects(Index(asked), cache(lambda: reference(asked)))]
    if slow:
        validators.append(reference(_for(triples, slow, aimed)))
    return lambda data: chain.from_iterable(validate(data) for validate in validators)


# -------- what is for whom


def _aimed(index: Index) -> Iterator[Resource]:
    """Yield the shapes that have targets."""
    for shape in shape_nodes(index):
        if target_classes(index, shape) or any(index.values(shape, target) for target in TARGETS):
            yield shape


def _beyond(index: Index, aimed: Iterable[Resource]) -> Iterator[Resource]:
    """Yield those of the shapes with targets that are not for the compiled engine."""
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
    found = list(dict.fromkeys(shapes))
    for shape in found:
        found += [part for part in _parts(index, shape, (PROPERTY, *JUDGED)) if part not in found]
    return found


def _parts(index: Index, shape: Resource, predicates: Iterable[str]) -> Iterator[Resource]:
    for predicate in predicates:
        for value in index.values(shape, predicate):
            yield from parts(index, predicate, value)


def _for(triples: Iterable[ox.Triple], shapes: frozenset[Resource], aimed: frozenset[Resource]) -> list[ox.Triple]:
    """Return *triples* without the targets of all shapes but these; that of a class that is a shape is its type."""
    return [t for t in triples if t.subject in shapes or t.subject not in aimed or not _is_target(t)]


def _is_target(triple: ox.Triple) -> bool:
    kind = triple.object.value if isinstance(triple.object, ox.NamedNode) else ""
    return triple.predicate.value in TARGETS or (triple.predicate == _TYPE and kind in _CLASSES)


# -------- SHACL Core


def _core(triples: Sequence[ox.Triple]) -> Validator:
    """Return what applies the shapes among *triples*, their queries left out, with the library.

    What it refuses is not refused here: the reference says whether it is SHACL. If its results are bounded it starts
    no threads; a worker process that is forked from this one would wait for those for ever.
    """
    index = Index(triples)
    written = [triple for triple in triples if triple.predicate.value != SPARQL]
    written += [  # the library knows rdfs:Class alone
        ox.Triple(shape, _TARGET_CLASS, ox.NamedNode(name))
        for shape in _aimed(index)
        for name in target_classes(index, shape)
    ]
    named = {f"_:{shape.value}": shape for shape in shape_nodes(index) if isinstance(shape, ox.BlankNode)}
    try:
        shapes = _library_shapes(written, named.keys())
    except (ImportError, ValueError):
        return reference(written)

    def validate(data: Data) -> Iterator[Result]:
        try:
            report = shapes.validate_text(data.text, format="nt", max_results=sys.maxsize)
        except ValueError as error:
            raise ShapesError(error) from error
        return (_result(index, result) for result in report.results)

    return validate


def _library_shapes(triples: Iterable[ox.Triple], nameless: Iterable[str]) -> shacl.Shapes:
    """Return *triples* compiled; *nameless* shapes get names, so that results tell them apart."""
    import shacl

    names = {node: f"<{_NAME}{node[2:]}>" for node in nameless}
    terms = ((str(t.subject), str(t.predicate), str(t.object)) for t in triples)
    lines = (f"{names.get(s, s)} {p} {names.get(o, o)} .\n" for s, p, o in terms)
    return shacl.Shapes.from_text("".join(lines), format="nt")


def _result(index: Index, found: shacl.Result) -> Result:
    name = (found.source_shape or "").removeprefix("<").removesuffix(">")
    node = ox.BlankNode(name.removeprefix(_NAME)) if name.startswith(_NAME) else ox.NamedNode(name)
    path = found.path or ""
    return Result(
        focus=found.focus_node,
        path=path if path.startswith("<") or not path else path_text(index, index.values(node, PATH)[0]),
        value=_as_ours(found.value) if found.value else "",
        shape=node.value,
        component=found.component_iri.removeprefix(SH),
        severity=found.severity_iri.removeprefix(SH),
        message=found.message or "",
    )


def _as_ours(term: Term) -> Term:
    """Return a term with the characters of a literal escaped as we do it."""
    if not term.startswith('"'):
        return term
    return f'"{escape(lexical(term))}"{term[term.rindex(chr(34)) + 1 :]}'
