"""The text of a SPARQL query -> the predicates that its answer can depend on. No I/O.

If all predicates of a query are constants, its answer changes only if a triple with one of them is added or removed. In
case of doubt, a query depends on everything. https://www.w3.org/TR/sparql11-query/#rQueryUnit
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kg.core.model import Term
from kg.core.terms import TYPE

_TOKEN = re.compile(
    r"""\#[^\n]*|(?P<text>"{3}.*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<iri><[^<>"{}|^`\\\s]*>)"""
    r"""|(?P<variable>[?$]\w+)|(?P<name>[^\W\d_][\w.-]*:[\w.-]*|:[\w.-]+)|(?P<word>@?[^\W\d]\w*|[0-9.]+)|(?P<sign>\S)""",
    re.DOTALL,
)
_CLAUSE = re.compile(r"\bSELECT\b[^{]*|\bVALUES\s*\([^)]*\)|\b(?:ORDER|GROUP)\s+BY\b[^{}]*", re.IGNORECASE)
"""Parts of a query in which consecutive variables are not triples."""

_VALUES = re.compile(r"\bVALUES\s*(?:\([^)]*\)|[?$]\w+)", re.IGNORECASE)
_STARTS = re.compile(r"PREFIX\s+([\w.-]*:)\s*(<[^>]*>)", re.IGNORECASE)
_VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"})
_TERMS = frozenset({"text", "iri", "variable", "name"})
Token = tuple[str, str]


@lru_cache(maxsize=512)
def predicates_read(text: str) -> frozenset[Term] | None:
    """Return all constant IRIs of a query, including its predicates. None if it may read any triple.

    >>> sorted(predicates_read("PREFIX a: <a:> SELECT ?s ?o WHERE { GRAPH ?g { ?s a a:T ; a:p/<a:q>+ ?o } }"))[0]
    '<a:T>'
    >>> predicates_read("SELECT ?s WHERE { ?s ?p ?o }") is None
    True
    """
    prefixes = {name: iri[1:-1] for name, iri in _STARTS.findall(text)}
    body = _CLAUSE.sub(" ", _STARTS.sub(" ", _uncommented(text)))
    tokens = _tokens(body)
    if _is_open(tokens, frozenset(re.findall(r"[?$]\w+", " ".join(_VALUES.findall(text))))):
        return None
    iris = {TYPE} if ("word", "a") in tokens else set()
    for kind, token in tokens:
        if kind == "iri":
            iris.add(token)
        elif kind == "name":
            prefix, _, local = token.partition(":")
            iris.add(f"<{prefixes.get(f'{prefix}:', '')}{local.rstrip('.')}>")
    return frozenset(iris)


def _uncommented(text: str) -> str:
    return _TOKEN.sub(lambda match: " " if match[0].startswith("#") else match[0], text)


def _tokens(text: str) -> Sequence[Token]:
    return [(match.lastgroup, match[0]) for match in _TOKEN.finditer(text) if match.lastgroup]


def _is_open(tokens: Sequence[Token], bound: frozenset[str]) -> bool:
    """Return whether a predicate may be a variable or excluded, or something depends on more than the data.

    *bound* are variables whose values the query gives. A name is assumed to mean the same throughout the query.
    """
    padded = [("", ""), *tokens, ("", ""), ("", "")]
    for before, this, after, later in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        if this[0] == "variable" and this[1] not in bound and _is_term(after) and _ends_subject(before, later):
            return True
        if this[1] == "!" and (after[0] in ("iri", "name") or after[1] in ("a", "^", "(")):
            return True
        if this[0] == "word" and this[1].upper() in _VOLATILE:
            return True
    return False


def _is_term(token: Token) -> bool:
    return token[0] in _TERMS or token == ("word", "a")


def _ends_subject(token: Token, later: Token) -> bool:
    """Return whether a predicate can follow *token*. *later*, two after it, ends the triple if it is an object.

    A bracket before a variable may end a filter, so that the variable is a subject.
    """
    if token[1] in (")", "]"):
        return later[1] in (".", ";", ",", "}", "]", "")
    return _is_term(token) or token[1] == ";"
