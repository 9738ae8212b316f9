"""A SPARQL endpoint -> answers in our types.

Queries and updates are sent as forms, as the protocol defines them, by kg/store/client.py, which alone handles
credentials, time limits, retries and errors.
https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import IO
from urllib.parse import urlencode

from kg.core.closing import Closing
from kg.core.errors import Failure, RemoteError, UsageError
from kg.core.model import Quad, Term
from kg.core.values import lexical
from kg.planning.guard import selected_variables
from kg.planning.rows import Rows
from kg.project.endpoint import Endpoint
from kg.store.answers import RESULTS, TRIPLES, boolean_of, rows_of, triples_of, unreadable
from kg.store.client import Client, Request
from kg.store.protocol import StoreAnswer, Triple
from kg.store.replies import Reply
from kg.store.spool import body_of, rewrite, spool
from kg.store.virtuoso import virtuoso_text

_ROW_LIMIT = "x-sparql-maxrows"  # Virtuoso cuts answers at this number of rows, and reports it only here
_SURELY_COMPLETE = 500  # number of triples up to which no store is expected to cut a graph
_SLOWEST = 200_000  # bytes a second that any server is expected to accept
_COUNT = re.compile('"([0-9]{1,15})"(?:\\^\\^<[^>]*>)?')
_ACCEPTED = {"SELECT": RESULTS, "ASK": RESULTS, "CONSTRUCT": TRIPLES[0], "DESCRIBE": TRIPLES[0], "INSERT": "*/*"}


class RemoteStore(Closing):
    """A remote triplestore that implements the protocol `Store`. Close it, or use it in a `with` block."""

    def __init__(self, endpoint: Endpoint, client: Client | None = None, seconds: float = 0.0) -> None:
        self.endpoint = endpoint
        self.client = client or Client(endpoint)
        self._seconds = seconds or endpoint.settings.timeout

    def within(self, seconds: float) -> RemoteStore:
        """Return the same store with the same connections and another time limit."""
        return RemoteStore(self.endpoint, self.client, seconds)

    def answer(self, query: str, form: str, limit: int | None = None) -> StoreAnswer:
        """Return the answer to a query of this *form*, with at most *limit* rows or triples. Raises as `select`."""
        if form == "ASK":
            return StoreAnswer(self.ask(query))
        if form == "SELECT":
            rows = self.select(query)
            cut = limit is not None and len(rows.rows) > limit
            return StoreAnswer(Rows(rows.variables, rows.rows[:limit]), cut)
        triples = self.construct(query)
        return StoreAnswer(triples[:limit], cut=limit is not None and len(triples) > limit)

    def select(self, query: str) -> Rows:
        """Return the rows of a SELECT query.

        Raises:
            UsageError: the server rejects the query.
            RemoteError: the server cannot be reached, failed, cut the answer, or returned that of another query.
        """
        reply = self._query(query, "SELECT")
        rows = rows_of(reply, self._what("query"), selected_variables(query))
        self._refuse_cut(reply, len(rows.rows))
        return rows

    def ask(self, query: str) -> bool:
        """Return the answer to an ASK query. Raises the same errors as `select`."""
        return boolean_of(self._query(query, "ASK"), self._what("query"))

    def construct(self, query: str) -> tuple[Triple, ...]:
        """Return the triples of a CONSTRUCT or DESCRIBE, sorted, without duplicates. Raises as `select`."""
        reply = self._query(query, "CONSTRUCT")
        triples = triples_of(reply, self._what("query"))
        self._refuse_cut(reply, len(triples))
        return triples

    def update(self, text: str, what: str = "update") -> None:
        """Run a SPARQL update.

        Raises:
            RemoteError: the server has no address for updates, or the update failed.
        """
        if not self.endpoint.update:
            problem = f"store {self.endpoint.shown}: it has no address for updates"
            raise RemoteError(Failure.READ_ONLY, problem, "set 'update' or 'kind' in kg.toml")
        self._send(text, "INSERT", what)

    def graphs(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, sorted by name."""
        return self.counts()

    def counts(self, restriction: str = "", prefix: str = "") -> Mapping[Term, int]:
        """Return named graph -> its number of quads, sorted.

        Args:
            restriction: SPARQL to put before the pattern of the graphs ?g, such as a VALUES block.
            prefix: the beginning of the graphs' IRIs. Filtered after counting: Oxigraph is nine times slower otherwise.
        """
        query = f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ {restriction} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
        if prefix:
            query = f'SELECT ?g ?n WHERE {{ {{ {query} }} FILTER (STRSTARTS(STR(?g), "{prefix}")) }}'
        return {str(g): self._count(n) for g, n in sorted(self.select(query).rows, key=str)}

    def count(self, query: str) -> int:
        """Return the number that a query with a single result returns. Raises the same errors as `select`."""
        rows = self.select(query).rows
        return self._count(rows[0][0] if rows else None)

    def _count(self, term: Term | None) -> int:
        if term is None or not (match := _COUNT.fullmatch(term)):
            raise unreadable(self._what("query"), f"it is {term or 'empty'} instead of a count")
        return int(match[1])

    def quads(self) -> Iterator[Quad]:
        """Yield every quad of every named graph, graph by graph."""
        for graph in self.graphs():
            yield from (Quad(*triple, graph) for triple in self.triples(graph))

    def triples(self, graph: Term) -> tuple[Triple, ...]:
        """Return the sorted triples of one graph, which are none if there is no such graph."""
        with self.graph_reply(graph) as reply:
            return triples_of(reply, self.graph_description(graph))

    def graph_description(self, graph: Term) -> str:
        """Return what a message about the content of a graph begins with."""
        return self._what(f"GET of {graph}")

    @contextmanager
    def graph_reply(self, graph: Term) -> Iterator[Reply]:
        """Provide one graph as the server writes it, in N-Triples or Turtle, with an empty body if it does not exist.

        A large one is in a temporary file. Raises the same errors as `select`.
        """
        with spool() as file:
            yield self._graph_reply(graph, file)

    def _graph_reply(self, graph: Term, file: IO[bytes]) -> Reply:
        """Return one graph in *file*.

        Uses the Graph Store Protocol where it is supported, since answers to queries may be cut. Its "not found" (404)
        is accepted only if a query finds no such graph either. Otherwise the address is wrong.
        """
        if not self.endpoint.graphs:
            reply = self._query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}", "CONSTRUCT", file)
            self._refuse_cut(reply, _lines_in(reply))
            return reply
        parameters, accepted = self._graph_parameter(graph), {"Accept": TRIPLES[0]}
        request = Request("GET", self.endpoint.graphs, f"GET of {graph}", parameters, accepted, into=file)
        try:
            reply = self.client.send(self._timed(request))
        except RemoteError as error:
            if error.failure is not Failure.NOT_FOUND:
                raise
            if not self.counts(values_of([graph])):
                return Reply(200, {"content-type": TRIPLES[0]})
            reply = self.client.send(self._timed(request))  # it may have been created between the two requests
        return self._complete(graph, reply, file) if self.endpoint.kind.cuts else reply

    def _complete(self, graph: Term, reply: Reply, file: IO[bytes]) -> Reply:
        """Return *reply* if it contains the complete graph, else request the graph page by page.

        Virtuoso returns at most ResultSetMaxRows triples of a graph and does not report that there are more.
        """
        received = _lines_in(reply)
        total = self.counts(values_of([graph])).get(graph, 0) if received >= _SURELY_COMPLETE else received
        if total <= received:
            return reply
        size = received - received % _SURELY_COMPLETE  # Virtuoso returns one more than its limit
        rewrite(file, (self._page(graph, size, offset) for offset in range(0, total, size)))
        return reply

    def _page(self, graph: Term, size: int, offset: int) -> bytes:
        inner = f"SELECT ?s ?p ?o WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }} LIMIT {size} OFFSET {offset}"
        return self._query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ {inner} }} }}", "CONSTRUCT").body

    def put_graph(self, graph: Term, pieces: Iterable[bytes]) -> None:
        """Replace one graph completely by N-Triples. Raises the same errors as `update`."""
        what, kind = f"PUT of {graph}", "application/n-triples"
        self._write("PUT", self.endpoint.graphs, what, self._graph_parameter(graph), kind, pieces)

    def delete_graph(self, graph: Term) -> None:
        """Remove one graph if it exists. Raises the same errors as `update`."""
        try:
            self._write("DELETE", self.endpoint.graphs, f"DELETE of {graph}", self._graph_parameter(graph))
        except RemoteError as error:
            if error.failure is not Failure.NOT_FOUND:
                raise

    def post_quads(self, body: bytes, what: str) -> None:
        """Add N-Quads to their graphs. Raises the same errors as `update`."""
        parameters = self.endpoint.kind.quads_query
        self._write("POST", self.endpoint.quads, what, parameters, "application/n-quads", (body,))

    def _write(
        self,
        method: str,
        url: str,
        what: str,
        parameters: Mapping[str, str],
        kind: str = "",
        pieces: Iterable[bytes] = (),
    ) -> None:
        """Send a request that changes graphs. Without a *kind* it has no body."""
        packed = bool(kind) and self.endpoint.gzip
        headers = {"Content-Type": kind} if kind else {}
        with body_of(pieces, packed=packed) as body:
            headers |= {"Content-Encoding": "gzip"} if packed else {}
            request = Request(method, url, what, parameters, headers, body if kind else None, writing=True)
            self.client.send(self._timed(request))

    def _graph_parameter(self, graph: Term) -> Mapping[str, str]:
        return {self.endpoint.kind.graph_parameter: lexical(graph)}

    def _timed(self, request: Request) -> Request:
        body = request.body or b""
        size = len(body) if isinstance(body, bytes) else body.seek(0, os.SEEK_END)
        return replace(request, seconds=self._seconds + size / _SLOWEST)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _query(self, query: str, form: str, into: IO[bytes] | None = None) -> Reply:
        try:
            return self._send(query, form, "query", into)
        except RemoteError as error:
            if error.failure is Failure.REFUSED:
                raise UsageError(error.message, "see the server's message about the query") from error
            raise

    def _send(self, text: str, form: str, what: str, into: IO[bytes] | None = None) -> Reply:
        """Send a query of the given form, or an update if the form is INSERT, and return the reply."""
        if self.endpoint.kind.plain_queries and form != "INSERT":
            text = virtuoso_text(text)
        writes = form == "INSERT"
        url, field = (self.endpoint.update, "update") if writes else (self.endpoint.query, "query")
        headers = {"Accept": _ACCEPTED[form], "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({field: text}).encode("ascii")
        request = Request("POST", url, what, {}, headers, body, writing=writes, into=into)
        return self.client.send(self._timed(request))

    def _refuse_cut(self, reply: Reply, count: int) -> None:
        limit = reply.headers.get(_ROW_LIMIT, "")
        if limit.isdecimal() and count >= int(limit):
            problem = f"store {self.endpoint.shown}: the server returns at most {limit} rows, and there may be more"
            raise RemoteError(Failure.TRUNCATED, problem, "raise ResultSetMaxRows in its settings, or narrow the query")

    def _what(self, request: str) -> str:
        return f"store {self.endpoint.shown}, {request}"


def _lines_in(reply: Reply) -> int:
    """Return the number of line ends in a body."""
    return sum(1 for _ in reply.stream)


def values_of(graphs: Iterable[Term]) -> str:
    """Return a VALUES block that restricts ?g to these graphs."""
    return f"VALUES ?g {{ {' '.join(graphs)} }}"
