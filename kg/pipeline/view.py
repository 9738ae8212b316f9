"""A store with some named graphs hidden from queries. The queries are rewritten, and nothing is copied.

`GRAPH ?g { … }` becomes `GRAPH ?g { … } FILTER (?g NOT IN (…))`, which has the same effect as removing the graphs. A
dataset clause would do that, too, but makes Oxigraph search every other graph one by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kg.core.model import Term
from kg.planning.rows import Row
from kg.store.embedded import EmbeddedStore
from kg.store.protocol import StoreAnswer

if TYPE_CHECKING:
    import pyoxigraph

_TOKEN = re.compile(
    r"""\#[^\n]*|"{3}.*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|<[^<>"{}|^`\\\s]*>"""
    r"""|\bGRAPH\s+(?P<graph>[?$]\w+)\s*\{|[{}]""",
    re.DOTALL | re.IGNORECASE,
)


class View(EmbeddedStore):
    """Another store, with some graphs hidden from queries that do not name them."""

    def __init__(self, store: EmbeddedStore, hidden: Collection[Term]) -> None:
        super().__init__(None, path=store.path)  # the engine is the store's, and closed with it
        self._store = store
        self._hidden = frozenset(hidden)

    @property
    def engine(self) -> pyoxigraph.Store:
        """The engine of the store. Raises a ValueError if that is closed."""
        return self._store.engine

    def answer(self, query: str, limit: int | None = None) -> StoreAnswer:
        """Return the answer to a query as if the hidden graphs did not exist. Raises the same errors as any store."""
        return super().answer(without_graphs(query, self._hidden), limit)

    def each_row(self, query: str) -> Iterator[Row]:
        """Yield the rows of a SELECT query as if the hidden graphs were not there. Raises as for any store."""
        return super().each_row(without_graphs(query, self._hidden))

    def each_triple(self, query: str) -> Iterator[Row]:
        """Yield the triples of a CONSTRUCT as if the hidden graphs were not there. Raises as for any store."""
        return super().each_triple(without_graphs(query, self._hidden))


def without_graphs(query: str, hidden: Collection[Term]) -> str:
    """Return *query* with a filter after each pattern that matches in all graphs.

    >>> without_graphs("ASK { GRAPH ?g { ?s ?p ?o } }", ["<a:h>"])
    'ASK { GRAPH ?g { ?s ?p ?o } FILTER (?g NOT IN (<a:h>)) }'
    """
    return "".join(_rewritten(query, ", ".join(sorted(hidden)))) if hidden else query


def _rewritten(query: str, hidden: str) -> Iterator[str]:
    position, open_groups = 0, []
    for token in _TOKEN.finditer(query):
        yield query[position : token.end()]
        position = token.end()
        if token[0] == "{" or token["graph"]:
            open_groups.append(token["graph"])
        elif token[0] == "}" and open_groups and (graph := open_groups.pop()):
            yield f" FILTER ({graph} NOT IN ({hidden}))"
    yield query[position:]
