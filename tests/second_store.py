"""rdflib's engine over quads in memory -> the same answers as the embedded store. No I/O.

A second opinion for tests: a canned query must give equal `Rows` on both.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn, TypeVar

from kg.core.errors import EndpointError, UsageError
from kg.core.model import Quad, Term
from kg.core.values import XSD, datatype, escape, is_iri, language, lexical
from kg.planning.guard import error_at, tokens
from kg.planning.rows import Rows
from kg.store.canonical import canonical_term
from kg.store.lines import line_quad
from kg.store.protocol import Triple

if TYPE_CHECKING:
    import rdflib
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result
    from rdflib.term import Node

_T = TypeVar("_T")
_TEXT_OF = re.compile(r"STR\((\?\w+)\)")


class RdflibStore:
    """rdflib over a `Dataset` whose default graph is empty; see the protocol `Store`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._dataset = _dataset(lines)

    def select(self, query: str) -> Rows:
        """Return the rows of a SELECT query."""

        def rows(result: Result) -> Rows:
            variables = result.vars or []
            found = tuple(
                tuple(None if row.get(v) is None else _text(row[v]) for v in variables) for row in result.bindings
            )
            return Rows(tuple(str(v) for v in variables), found)

        return self._asked(query, ("SELECT",), rows)

    def ask(self, query: str) -> bool:
        """Return the truth of an ASK query."""
        return self._asked(query, ("ASK",), lambda result: bool(result.askAnswer))

    def construct(self, query: str) -> tuple[Triple, ...]:
        """Return the triples of a CONSTRUCT or DESCRIBE, sorted, each once."""

        def triples(result: Result) -> tuple[Triple, ...]:
            return tuple(sorted({Triple(_text(s), _text(p), _text(o)) for s, p, o in result.graph or ()}))

        return self._asked(query, ("CONSTRUCT", "DESCRIBE"), triples)

    def graphs(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, sorted by name."""
        counts: dict[Term, int] = {}
        for quad in self.quads():
            counts[quad.graph] = counts.get(quad.graph, 0) + 1
        return dict(sorted(counts.items()))

    def quads(self) -> Iterator[Quad]:
        """Return every quad, in no order."""
        for s, p, o, g in self._dataset.quads():
            if g is not None:
                yield Quad(_text(s), _text(p), _text(o), _text(g))

    def close(self) -> None:
        """Do nothing: there are no files."""

    def _asked(self, query: str, forms: tuple[str, ...], read: Callable[[Result], _T]) -> _T:
        _refuse_remote(query)
        prepared = _prepared(query)  # else rdflib declares prefixes of its own
        try:
            with warnings.catch_warnings():  # rdflib calls what it has deprecated itself
                warnings.simplefilter("ignore", DeprecationWarning)
                result = self._dataset.query(prepared)
                return read(result) if result.type in forms else _wrong_form(forms)
        except (UsageError, MemoryError):
            raise
        except Exception as error:  # rdflib has no class of its own for what goes wrong in a query
            raise EndpointError(f"rdflib could not answer: {type(error).__name__}: {error}") from error


def _prepared(query: str) -> Query:
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql import prepareQuery

    try:
        return prepareQuery(_without_errors_in_order(query))
    except ParseBaseException as error:
        place = f"line {error.lineno}, column {error.column}"
        raise UsageError(f"the query is not SPARQL, {place}: {error.msg}") from error
    except Exception as error:  # it raises plain Exception for an unknown prefix
        raise UsageError(f"the query is not SPARQL: {error}") from error


def _without_errors_in_order(query: str) -> str:
    """Return *query* with "" for the text of what is unbound, after ORDER BY; rdflib cannot sort by an error."""
    before, order_by, keys = query.rpartition("ORDER BY")
    return before + order_by + _TEXT_OF.sub(r'COALESCE(STR(\1), "")', keys) if order_by else query


def _refuse_remote(query: str) -> None:
    """Refuse a query that would make rdflib open a file or an address."""
    for token in tokens(query):
        if token.kind == "word" and token.text.upper() in ("SERVICE", "LOAD", "FROM"):
            raise error_at(query, token.start, f"{token.text} is not allowed", "name graphs with GRAPH")


def _wrong_form(forms: tuple[str, ...]) -> NoReturn:
    raise UsageError(f"the query is not a {' or '.join(forms)}", f"write it as {forms[0]}")


def _dataset(lines: Iterable[str]) -> rdflib.Dataset:
    import rdflib

    dataset = rdflib.Dataset(default_union=False)
    for graph, group in groupby(sorted(map(line_quad, lines), key=lambda quad: quad.graph), lambda quad: quad.graph):
        context = dataset.graph(rdflib.URIRef(graph[1:-1]))
        dataset.addN((_node(s), _node(p), _node(o), context) for s, p, o, _ in group)
    return dataset


def _node(term: Term) -> rdflib.URIRef | rdflib.Literal:
    """Return the term of rdflib, its lexical form as it is."""
    import rdflib

    if is_iri(term):
        return rdflib.URIRef(term[1:-1])
    tag = language(term)
    if tag:
        return rdflib.Literal(lexical(term), lang=tag)
    kind = datatype(term)
    if kind == XSD + "string":
        return rdflib.Literal(lexical(term))
    return rdflib.Literal(lexical(term), datatype=rdflib.URIRef(str(kind)), normalize=False)


def _text(node: Node) -> Term:
    """Return a term of rdflib as canonical N-Triples."""
    import rdflib

    if isinstance(node, rdflib.Literal):
        kind = f"^^<{node.datatype}>" if node.datatype and str(node.datatype) != XSD + "string" else ""
        return canonical_term(f'"{escape(str(node))}"' + (f"@{node.language}" if node.language else kind))
    return f"_:{node}" if isinstance(node, rdflib.BNode) else f"<{node}>"
