"""An untrusted query -> a document, from a worker process or the server that holds the graph. Thin.

https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.planning.guard import refuse_unsafe, relative_iri, tokens
from kg.questions.sparql import query_form
from kg.store.documents import (
    StoppedError,
    boolean_document,
    engine_triples,
    is_of_graphs,
    rows_document,
    triples_document,
)
from kg.store.isolation import DocumentRequest, Limits
from kg.store.protocol import Store
from kg.web.errors import HttpError
from kg.web.slots import Slots
from kg.web.snapshot import Snapshot
from kg.web.workers import Stop, Workers


@dataclass(frozen=True, slots=True)
class UntrustedQueries:
    """Where untrusted queries run.

    Attributes:
        workers: for a graph on this machine.
        places: for a graph on another server, which sets its own time limit.
    """

    workers: Workers
    places: Slots

    def document(self, snapshot: Snapshot, request: DocumentRequest, stop: Stop | None = None) -> bytes:
        """Return the complete answer to a query. *stop* ends it if it runs in a worker.

        Raises:
            UsageError: the query is refused, does not parse, or its answer does not fit the format.
            EndpointError: a limit stopped it, the engine failed, or too many other queries are running.
        """
        if snapshot.store_path is not None:
            return self.workers.document(snapshot.store_path, request, stop)
        with self.places.one():
            return forwarded(snapshot.graph.store, request, self.workers.limits)


def forwarded(store: Store, request: DocumentRequest, limits: Limits) -> bytes:
    """Return the answer of a store on another server, with the same guard and the same limits on the answer."""
    refuse_unsafe(request.query)
    if request.default_graphs is not None:
        raise HttpError(501, "this graph is on another server: its graphs cannot be chosen here", "use FROM or GRAPH")
    form = query_form(tuple(tokens(request.query)))
    if is_of_graphs(request.media) != (form in ("CONSTRUCT", "DESCRIBE")):
        raise HttpError(406, f"the answer to this query cannot be written as {request.media}", "choose another format")
    query = _with_base(request)
    if form in ("CONSTRUCT", "DESCRIBE"):
        triples = store.construct(query)
        _refuse_many(len(triples), limits)
        return _sized(triples_document(engine_triples(triples), request.media, request.prefixes), limits)
    if form == "ASK":
        return boolean_document(store.ask(query), request.media)
    rows = store.select(query)
    _refuse_many(len(rows.rows), limits)
    return rows_document(rows.variables, rows.rows, request.media, limits.size)


def _with_base(request: DocumentRequest) -> str:
    """Return the query with our base if it has relative IRIs, which a server would resolve against its own address."""
    is_relative = request.base and relative_iri(request.query)
    return f"BASE <{request.base}>\n{request.query}" if is_relative else request.query


def _refuse_many(number: int, limits: Limits) -> None:
    if number > limits.rows:
        raise StoppedError(f"the answer has more than {limits.rows} rows", "end the query with LIMIT", "rows")


def _sized(body: bytes, limits: Limits) -> bytes:
    if len(body) > limits.size:
        raise StoppedError("the answer is too large to send", "end the query with LIMIT", "size")
    return body
