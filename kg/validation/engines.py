"""Shapes + data, both as triples -> validation results, by the chosen engine. No I/O.

Two engines share one interface: the compiled one, and the reference that the tests compare it with.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from kg.core.installed import installed_version
from kg.core.model import Term
from kg.validation.data import Data, Statement, Validator
from kg.validation.violations import Result, ShapesError

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.validation.plan import ShapesPlan

__all__ = ["COMPILED", "ENGINES", "REFERENCE", "Result", "Shapes", "ShapesError", "Statement", "engine_versions"]

COMPILED, REFERENCE = "shacl", "pyshacl"
ENGINES = (COMPILED, REFERENCE)
"""The Python distributions that can apply shapes. The first is the default."""


class Shapes:
    """A compiled shapes graph that can be applied to many data graphs."""

    def __init__(
        self,
        shapes: Iterable[ox.Triple] | ShapesPlan,
        background: Mapping[Term, Iterable[Statement]] = MappingProxyType({}),
        engine: str = COMPILED,
    ) -> None:
        """Compile a shapes graph.

        Args:
            shapes: the triples of the shapes graph, or the plan made from them for the compiled engine.
            background: term -> statements to add to the data wherever that term is an object.
            engine: one of `ENGINES`.

        Raises:
            ShapesError: the engine cannot apply the shapes.
        """
        self._background = background
        self._validate = _validator(shapes, engine)

    def results(self, data: Iterable[Statement], about: Set[Term] | None = None) -> tuple[Result, ...]:
        """Validate *data* as one graph and return the sorted results.

        Args:
            data: the statements, which may be repeated.
            about: the focus nodes whose results are returned, None for all.

        Raises:
            ShapesError: the engine cannot apply the shapes.
        """
        results = self._validate(self._completed(data, about))
        needed = (result for result in results if about is None or result.focus in about)
        return tuple(sorted(needed, key=lambda r: (r.focus, r.shape, r.path, r.value, r.component)))

    def _completed(self, data: Iterable[Statement], about: Set[Term] | None) -> Data:
        stated = tuple(data)
        known = {value for _, _, value in stated} & self._background.keys()
        added = dict.fromkeys(chain.from_iterable(self._background[term] for term in known))
        return Data((*stated, *added), about)


def _validator(shapes: Iterable[ox.Triple] | ShapesPlan, engine: str) -> Validator:
    from kg.validation.compiled import compiled, has_library
    from kg.validation.plan import ShapesPlan, plan_of
    from kg.validation.reference import reference

    if isinstance(shapes, ShapesPlan):
        return compiled(shapes)
    return reference(shapes) if engine == REFERENCE else compiled(plan_of(tuple(shapes), library=has_library()))


def engine_versions() -> tuple[str, ...]:
    """Return the versions of all engines, with "" for one that is not installed."""
    return tuple(map(installed_version, ENGINES))
