"""A plan of shapes -> what applies them: the `shacl` library, queries, and the reference for what is left. No I/O.

What the library refuses, or is not there for, the reference applies too. So nothing is passed over.
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
    """Return whether the library for SHACL Core is installed; it has no wheel for some systems."""
    return find_spec(LIBRARY) is not None


def compiled(plan: ShapesPlan) -> Validator:
    """Return what applies the shapes of *plan*.

    Raises:
        ShapesError: when they are applied, if the reference cannot apply what is left for it.
    """
    validators = [
        *([_core(plan)] if plan.core else []),
        *([selects(plan.selects, cache(lambda: _slowly(plan.asked)))] if plan.selects else []),
        *([_slowly(plan.others)] if plan.others else []),
    ]
    return lambda data: chain.from_iterable(validate(data) for validate in validators)


def _slowly(text: str) -> Validator:
    parsed = ox.parse(text, format=ox.RdfFormat.N_TRIPLES, rename_blank_nodes=False)
    return reference(quad.triple for quad in parsed)


def _core(plan: ShapesPlan) -> Validator:
    """Return what applies SHACL Core.

    The reference says whether what the library refuses is SHACL. If its results are bounded, the library starts no
    threads; a worker process that is forked from this one would wait for those for ever.
    """
    import shacl

    try:
        shapes = shacl.Shapes.from_text(plan.core, format="nt")
    except ValueError:
        slowly = _slowly(plan.core)
        return lambda data: (replace(found, shape=found.shape.removeprefix(NAME)) for found in slowly(data))

    def validate(data: Data) -> Iterator[Result]:
        try:
            report = shapes.validate_text(data.text, format="nt", max_results=sys.maxsize)
        except ValueError as error:
            raise ShapesError(error) from error
        return (_result(plan.paths, result) for result in report.results)

    return validate


def _result(paths: Mapping[str, str], found: shacl.Result) -> Result:
    shape = (found.source_shape or "").removeprefix("<").removesuffix(">").removeprefix(NAME)
    path = found.path or ""
    return Result(
        focus=found.focus_node,
        path=path if path.startswith("<") or not path else paths[shape],
        value=_as_ours(found.value) if found.value else "",
        shape=shape,
        component=found.component_iri.removeprefix(SH),
        severity=found.severity_iri.removeprefix(SH),
        message=found.message or "",
    )


def _as_ours(term: Term) -> Term:
    """Return a term with the characters of a literal escaped as we do it."""
    if not term.startswith('"'):
        return term
    return f'"{escape(lexical(term))}"{term[term.rindex(chr(34)) + 1 :]}'
