"""SPARQL for rdflib that is parsed once per text. pyshacl asks the same few queries of each node that it looks at.

https://rdflib.readthedocs.io/en/stable/plugins.html : a processor is named, and registered under its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rdflib import plugin
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor


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
        if isinstance(strOrQuery, str):
            strOrQuery = _prepared(strOrQuery, tuple((initNs or {}).items()), base)  # noqa: N806
        return super().query(strOrQuery, initBindings, base=base, DEBUG=DEBUG)


@lru_cache(maxsize=256)
def _prepared(text: str, namespaces: tuple[tuple[str, Any], ...], base: str | None) -> Query:
    return prepareQuery(text, dict(namespaces), base)


def parse_each_query_once() -> None:
    """From now on, in this process."""
    plugin.register("sparql", Processor, __name__, PreparedProcessor.__name__)
