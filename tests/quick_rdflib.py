"""rdflib, the second opinion of the tests, without two costs that change no answer.

- pyshacl asks the same few queries of each node that it looks at, and rdflib parses the text each time. A processor of
  queries is a plugin: https://rdflib.readthedocs.io/en/stable/plugins.html
- rdflib hashes a solution by the exclusive or of its names and values, so that all solutions in which two values are
  the same collide, and a join compares each with each.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from rdflib import plugin
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import FrozenDict, Query
from rdflib.query import Processor


@cache
def quicken_rdflib() -> None:
    """From now on, in this process."""
    plugin.register("sparql", Processor, __name__, PreparedProcessor.__name__)
    FrozenDict.__hash__ = _hash  # type: ignore[method-assign]
    FrozenDict.__eq__ = _equal  # type: ignore[method-assign]


class PreparedProcessor(SPARQLProcessor):
    """rdflib's own processor, which remembers what it has parsed."""

    def query(
        self,
        strOrQuery: str | Query,  # noqa: N803 - names of the base class
        initBindings: Mapping[str, Any] | None = None,  # noqa: N803
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        base: str | None = None,
        DEBUG: bool = False,  # noqa: N803
    ) -> Mapping[str, Any]:
        query = strOrQuery
        if isinstance(query, str):
            query = _prepared(query, tuple((initNs or {}).items()), base)
        return super().query(query, initBindings, base=base, DEBUG=DEBUG)


@lru_cache(maxsize=256)
def _prepared(text: str, namespaces: tuple[tuple[str, Any], ...], base: str | None) -> Query:
    return prepareQuery(text, dict(namespaces), base)


def _hash(solution: FrozenDict) -> int:
    if solution._hash is None:
        solution._hash = hash(frozenset(solution._d.items()))
    return solution._hash


def _equal(solution: FrozenDict, other: object) -> bool:
    return solution._d == other._d if isinstance(other, FrozenDict) else NotImplemented
