"""A plan of shapes -> a validator: the `shacl` library, SPARQL queries, and the reference engine for the rest. No I/O.

The reference engine also applies what the library refuses, and everything if it is not installed. Nothing is skipped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.core.model import Term
from kg.core.terms import SH
from kg.core.values import escape, lexical
from kg.validation.data import Data, Validator
from kg.validation.plan import NAME, ShapesPlan
from kg.validation.reference import reference
from kg.validation.selects import selects
from kg.validation.violations import Result, ShapesError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import shacl

LIBRARY = "shacl"


def has_library() -> bool:
    """Return whether the library for SHACL Core is installed. For some systems, there is no wheel."""
    return find_spec(LIBRARY) is not None


def compiled(plan: ShapesPlan) -> Validator:
    """Return a validator that applies the shapes of *plan*.

    Calling it raises a ShapesError if the reference engine cannot apply its part of the shapes.
    """
    validators = [
        *([_core(plan)] if plan.core else []),
        *([selects(plan.selects, cache(lambda: _reference_validator(plan.select_shapes)))] if plan.selects else []),
        *([_reference_validator(plan.others)] if plan.others else []),
    ]
    return lambda data: chain.from_iterable(validate(data) for validate in validators)


def _reference_validator(text: str) -> Validator:
    parsed = ox.parse(text, format=ox.RdfFormat.N_TRIPLES, rename_blank_nodes=False)
    return reference(quad.triple for quad in parsed)


def _core(plan: ShapesPlan) -> Validator:
    """Return a validator for SHACL Core.

    Shapes that the library refuses are applied by the reference engine, which decides whether they are valid SHACL. A
    limit on its results keeps the library from starting threads, for which a forked worker process would wait for ever.
    """
    import shacl

    try:
        shapes = shacl.Shapes.from_text(plan.core, format="nt")
    except ValueError:
        validate_slowly = _reference_validator(plan.core)
        return lambda data: (replace(result, shape=result.shape.removeprefix(NAME)) for result in validate_slowly(data))

    def validate(data: Data) -> Iterator[Result]:
        try:
            report = shapes.validate_text(data.text, format="nt", max_results=sys.maxsize)
        except ValueError as error:
            raise ShapesError(error) from error
        return (_result(plan.paths, result) for result in report.results)

    return validate


def _result(paths: Mapping[str, str], result: shacl.Result) -> Result:
    shape = (result.source_shape or "").removeprefix("<").removesuffix(">").removeprefix(NAME)
    path = result.path or ""
    return Result(
        focus=result.focus_node,
        path=path if path.startswith("<") or not path else paths[shape],
        value=_normalized(result.value) if result.value else "",
        shape=shape,
        component=result.component_iri.removeprefix(SH),
        severity=result.severity_iri.removeprefix(SH),
        message=result.message or "",
    )


def _normalized(term: Term) -> Term:
    """Return a term with our own escaping of the characters of a literal."""
    if not term.startswith('"'):
        return term
    return f'"{escape(lexical(term))}"{term[term.rindex(chr(34)) + 1 :]}'
