"""The body of a server's reply -> answers in our types. Pure.

Servers are not trusted: a body that does not conform to the specification raises an error that names the problem.
https://www.w3.org/TR/sparql11-results-json/ ; https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.core.errors import Failure, RemoteError, UsageError
from kg.core.model import Term
from kg.core.values import XSD, escape
from kg.planning.rows import Rows
from kg.store.canonical import canonical_term
from kg.store.protocol import NO_TRIPLE_TERM, Triple
from kg.store.replies import Reply

RESULTS = "application/sparql-results+json"
TRIPLES = ("application/n-triples", "text/turtle")
"""Media types for triples. The first is requested, both are accepted."""

_VIRTUOSO_BOOLEAN = "__ASK_RETVAL"
_NOT_IN_IRI = frozenset('<>"{}|^`\\') | {chr(code) for code in range(0x21)}
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG = re.compile("[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_MALFORMED = (LookupError, TypeError, ValueError, AttributeError)
"""What reading JSON with an unexpected structure raises."""


def rows_of(reply: Reply, what: str, selected: Sequence[str] | None = None) -> Rows:
    """Return the rows in the JSON results of a SELECT.

    Args:
        reply: the server's reply.
        what: the request, for messages.
        selected: the variables of the query, in the order that the rows follow. None if they are unknown.

    Raises:
        RemoteError: the body is something else, incomplete, or lacks a variable.
    """
    document = _json(reply, what)
    try:
        given = tuple(str(name) for name in document["head"]["vars"])
        variables = given if selected is None else tuple(selected)
        rows = tuple(_row(variables, binding) for binding in document["results"]["bindings"])
    except _MALFORMED as error:
        raise malformed(reply, what, "it is not the result of a SELECT") from error
    if rows and not set(variables) <= set(given):
        raise malformed(reply, what, "it is the result of another query")
    return Rows(variables, rows)


def boolean_of(reply: Reply, what: str) -> bool:
    """Return the boolean in the JSON results of an ASK. Raises the same errors as `rows_of`."""
    document = _json(reply, what)
    try:
        truth = document.get("boolean", _virtuoso_boolean(document))
    except _MALFORMED:
        truth = None
    if not isinstance(truth, bool):
        raise malformed(reply, what, "it is not the result of an ASK")
    return truth


def _virtuoso_boolean(document: Mapping[str, Any]) -> bool | None:
    """Return the boolean that Virtuoso gives as one row, or no row, of a special variable. None if there is none."""
    if document.get("head", {}).get("vars") != [_VIRTUOSO_BOOLEAN]:
        return None
    rows = document.get("results", {}).get("bindings", [])
    return bool(rows) and rows[0].get(_VIRTUOSO_BOOLEAN, {}).get("value") == "1"


def triples_of(reply: Reply, what: str) -> tuple[Triple, ...]:
    """Return the triples of an N-Triples or Turtle body in canonical form, sorted, without duplicates.

    Raises the same errors as `rows_of`.
    """
    return tuple(sorted({Triple(s, p, canonical_term(o)) for s, p, o in written_triples(reply, what)}))


def written_triples(reply: Reply, what: str) -> Iterator[Triple]:
    """Yield the triples in N-Triples or Turtle, with literals as the server writes them. Raises as `rows_of`."""
    import pyoxigraph

    if reply.kind and reply.kind not in (*TRIPLES, "text/plain", "text/rdf+n3"):
        raise malformed(reply, what, f"it is '{reply.kind}' instead of triples")
    turtle = reply.kind in ("text/turtle", "text/rdf+n3")
    form = pyoxigraph.RdfFormat.TURTLE if turtle else pyoxigraph.RdfFormat.N_TRIPLES
    try:
        for quad in pyoxigraph.parse(reply.stream, format=form):
            if isinstance(quad.object, pyoxigraph.Triple):
                raise UsageError(*NO_TRIPLE_TERM)
            yield Triple(str(quad.subject), str(quad.predicate), str(quad.object))
    except (SyntaxError, ValueError) as error:
        raise malformed(reply, what, f"its triples do not parse: {error}") from error


def malformed(reply: Reply, what: str, why: str) -> RemoteError:
    """Return the error for a reply that does not contain what was requested."""
    begins = " ".join(reply.text[:200].split())[:80]
    return unreadable(what, f"{why}{f'; it begins with {begins!r}' if begins else '; it is empty'}")


def unreadable(what: str, why: str) -> RemoteError:
    """Return the error for an answer that does not contain what was requested."""
    message = f"{what}: the answer cannot be read: {why}"
    return RemoteError(Failure.MALFORMED, message, "check that the address is that of a SPARQL 1.1 endpoint")


def _json(reply: Reply, what: str) -> Mapping[str, Any]:
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise malformed(reply, what, "it is not JSON") from error
    if not isinstance(document, Mapping):
        raise malformed(reply, what, "it is not SPARQL results in JSON")
    return document


def _row(variables: tuple[str, ...], binding: Mapping[str, Mapping[str, str]]) -> tuple[Term | None, ...]:
    if not isinstance(binding, Mapping):
        raise TypeError(f"not a row: {binding!r}")
    return tuple(_term(binding[name]) if name in binding else None for name in variables)


def _term(binding: Mapping[str, str]) -> Term:
    """Return one RDF term. Virtuoso writes `typed-literal`, and language tags in any case."""
    value, kind = binding["value"], binding["type"]
    if kind != "triple" and (not isinstance(value, str) or _SURROGATE.search(value)):
        raise ValueError(f"not a valid string: {value!r}")
    if kind == "uri":
        if set(value) & _NOT_IN_IRI:
            raise ValueError(f"not an IRI: {value}")
        return f"<{value}>"
    if kind == "bnode":
        return f"_:{value}"
    if kind == "triple":
        raise UsageError(*NO_TRIPLE_TERM)
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"unknown type of term: {kind}")
    text, tag, datatype = f'"{escape(value)}"', binding.get("xml:lang", ""), binding.get("datatype", "")
    if not (tag == "" or _TAG.fullmatch(tag)) or set(datatype) & _NOT_IN_IRI:
        raise ValueError(f"not a literal: {binding}")
    if tag:
        return canonical_term(f"{text}@{tag}")
    return canonical_term(f"{text}^^<{datatype}>") if datatype not in ("", XSD + "string") else text
