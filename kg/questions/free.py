"""An untrusted query -> its answer, within limits. Reads a store.

A project's own store answers in a separate process. Other stores are sent nothing that writes or accesses the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.core.errors import UsageError
from kg.planning.guard import refuse_unsafe, tokens
from kg.questions.graph import Graph
from kg.questions.sparql import query_form
from kg.store.embedded import EmbeddedStore
from kg.store.isolation import Limits, isolated_answer
from kg.store.protocol import StoreAnswer

if TYPE_CHECKING:
    from kg.store.remote import RemoteStore


def free_answer(graph: Graph, text: str, limits: Limits) -> StoreAnswer:
    """Return the answer to the query *text*, which declares its prefixes.

    Raises:
        UsageError: the query is refused or does not parse.
        EndpointError: it exceeded the time or memory limit, or the server failed.
    """
    store = graph.store
    if isinstance(store, EmbeddedStore):
        if store.path is None:
            raise ValueError("a store in memory has no folder that a separate process could open")
        return isolated_answer(store.path, text, limits)
    return _sent(store, text, limits)  # type: ignore[arg-type]


def _sent(store: RemoteStore, text: str, limits: Limits) -> StoreAnswer:
    refuse_unsafe(text)
    form = query_form(tuple(tokens(text)))
    if not form:
        raise UsageError("the query has no SELECT, ASK, CONSTRUCT or DESCRIBE", "write it as one of these")
    return store.within(limits.seconds).answer(text, form, limits.rows)
