"""The body of a reply -> answers in our types. Pure.

A server's answer is somebody else's text: what is not what the specification says is an error that says so.
https://www.w3.org/TR/sparql11-results-json/ ; https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kg.core.errors import Failure, RemoteError, UsageError
from kg.core.model import Term
from kg.core.values import XSD, escape
from kg.store.canonical import canonical_term
from kg.store.protocol import NO_TRIPLE_TERM, Rows, Triple
from kg.store.replies import Reply

RESULTS = "application/sparql-results+json"
TRIPLES = ("application/n-triples", "text/turtle")
"""What we ask triples in: the first is asked for, both are understood."""

_VIRTUOSO_TRUTH = "__ASK_RETVAL"
_NOT_IN_IRI = frozenset('<>"{}|^`\\') | {chr(code) for code in range(0x21)}
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAG = re.compile("[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_ODD = (LookupError, TypeError, ValueError, AttributeError)
"""What comes of reading JSON that has another structure than it should have."""


def rows_of(reply: Reply, what: str, selected: Sequence[str] | None = None) -> Rows:
    """Return the rows in the JSON results of a SELECT.

    Args:
        reply: of the server.
        what: for messages.
        selected: the variables of the query, whose order the rows take; None if they are not known.

    Raises:
        RemoteError: it is something else, not whole, or lacks a variable.
    """
    document = _json(reply, what)
    try:
        given = tuple(str(name) for name in document["head"]["vars"])
        variables = given if selected is None else tuple(selected)
        rows = tuple(_row(variables, binding) for binding in document["results"]["bindings"])
    except _ODD as error:
        raise malformed(reply, what, "no rows of a SELECT") from error
    if rows and not set(variables) <= set(given):
        raise malformed(reply, what, "rows of another query")
    return Rows(variables, rows)


def truth_of(reply: Reply, what: str) -> bool:
    """Return the truth in the JSON results of an ASK. Raises as `rows_of`."""
    document = _json(reply, what)
    try:
        truth = document.get("boolean", _row_of_truth(document))
    except _ODD:
        truth = None
    if not isinstance(truth, bool):
        raise malformed(reply, what, "no truth of an ASK")
    return truth


def _row_of_truth(said: Mapping[str, Any]) -> bool | None:
    """Return the truth where Virtuoso answers an ASK with one row, or none, of a variable of its own."""
    if said.get("head", {}).get("vars") != [_VIRTUOSO_TRUTH]:
        return None
    rows = said.get("results", {}).get("bindings", [])
    return bool(rows) and rows[0].get(_VIRTUOSO_TRUTH, {}).get("value") == "1"


def triples_of(reply: Reply, what: str) -> tuple[Triple, ...]:
    """Return the triples in N-Triples or Turtle in the form in which we compare answers, sorted, each once.

    Raises as `rows_of`.
    """
    return tuple(sorted({Triple(s, p, canonical_term(o)) for s, p, o in written_triples(reply, what)}))


def written_triples(reply: Reply, what: str) -> set[Triple]:
    """Return the triples in N-Triples or Turtle, their literals as the server writes them. Raises as `rows_of`."""
    import pyoxigraph

    if reply.kind and reply.kind not in (*TRIPLES, "text/plain", "text/rdf+n3"):
        raise malformed(reply, what, f"'{reply.kind}' in place of triples")
    turtle = reply.kind in ("text/turtle", "text/rdf+n3")
    form = pyoxigraph.RdfFormat.TURTLE if turtle else pyoxigraph.RdfFormat.N_TRIPLES
    try:
        parsed = list(pyoxigraph.parse(reply.body, format=form))
    except (SyntaxError, ValueError) as error:
        raise malformed(reply, what, f"no triples: {error}") from error
    if any(isinstance(quad.object, pyoxigraph.Triple) for quad in parsed):
        raise UsageError(*NO_TRIPLE_TERM)
    return {Triple(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in parsed}


def malformed(reply: Reply, what: str, why: str) -> RemoteError:
    """Return the error for a reply that is not what was asked for."""
    begins = " ".join(reply.text[:200].split())[:80]
    return unreadable(what, f"{why}{f'; it begins with {begins!r}' if begins else '; it is empty'}")


def unreadable(what: str, why: str) -> RemoteError:
    """Return the error for an answer that is not what was asked for."""
    message = f"{what}: the answer cannot be read: {why}"
    return RemoteError(Failure.MALFORMED, message, "check that the address is that of a SPARQL 1.1 endpoint")


def _json(reply: Reply, what: str) -> Mapping[str, Any]:
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise malformed(reply, what, "no JSON") from error
    if not isinstance(said, Mapping):
        raise malformed(reply, what, "no JSON results")
    return said


def _row(variables: tuple[str, ...], binding: Mapping[str, Mapping[str, str]]) -> tuple[Term | None, ...]:
    if not isinstance(binding, Mapping):
        raise TypeError(f"no row: {binding!r}")
    return tuple(_term(binding[name]) if name in binding else None for name in variables)


def _term(said: Mapping[str, str]) -> Term:
    """Return one RDF term; Virtuoso writes `typed-literal`, and gives the language of a string in any case."""
    value, kind = said["value"], said["type"]
    if kind != "triple" and (not isinstance(value, str) or _SURROGATE.search(value)):
        raise ValueError(f"no text: {value!r}")
    if kind == "uri":
        if set(value) & _NOT_IN_IRI:
            raise ValueError(f"no IRI: {value}")
        return f"<{value}>"
    if kind == "bnode":
        return f"_:{value}"
    if kind == "triple":
        raise UsageError(*NO_TRIPLE_TERM)
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"a term of type {kind}")
    text, tag, datatype = f'"{escape(value)}"', said.get("xml:lang", ""), said.get("datatype", "")
    if not (tag == "" or _TAG.fullmatch(tag)) or set(datatype) & _NOT_IN_IRI:
        raise ValueError(f"no literal: {said}")
    if tag:
        return canonical_term(f"{text}@{tag}")
    return canonical_term(f"{text}^^<{datatype}>") if datatype not in ("", XSD + "string") else text
