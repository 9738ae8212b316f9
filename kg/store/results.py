"""Terms and rows -> the SPARQL results format in JSON. The only place that writes it. Pure.

https://www.w3.org/TR/sparql11-results-json/ ; triple terms and directions: https://www.w3.org/TR/sparql12-results-json/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from kg.core.model import Term
from kg.core.values import XSD, is_iri, lexical

JsonTerm: TypeAlias = dict[str, object]

TERM_TYPES = ("uri", "literal", "bnode")
"""The names of the kinds of RDF 1.1 terms in the format."""


def term_json(term: Term) -> JsonTerm:
    """Return a term in the format. A triple term (RDF 1.2) contains its parts.

    >>> term_json('"Hafen"@de')
    {'type': 'literal', 'value': 'Hafen', 'xml:lang': 'de'}
    """
    if term.startswith("_:"):
        return {"type": "bnode", "value": term[2:]}
    if term.startswith("<<("):
        return _triple_json(term)
    if is_iri(term):
        return {"type": "uri", "value": lexical(term)}
    literal: JsonTerm = {"type": "literal", "value": lexical(term)}
    tail = term[term.rindex('"') + 1 :]
    if tail.startswith("@"):
        literal["xml:lang"], _, direction = tail[1:].partition("--")
        if direction:
            literal["its:dir"] = direction
    elif tail not in ("", f"^^<{XSD}string>"):
        literal["datatype"] = tail[3:-1]
    return literal


def _triple_json(term: Term) -> JsonTerm:
    import pyoxigraph as ox

    (statement,) = ox.parse(f"<x:s> <x:p> {term} .", format=ox.RdfFormat.N_TRIPLES)
    triple = statement.object
    if not isinstance(triple, ox.Triple):
        raise ValueError(f"not a triple term: {term}")
    parts = {"subject": triple.subject, "predicate": triple.predicate, "object": triple.object}
    return {"type": "triple", "value": {name: term_json(str(part)) for name, part in parts.items()}}


def binding_json(variables: Sequence[str], row: Sequence[Term | None]) -> dict[str, JsonTerm]:
    """Return one row as variable -> term, without unbound variables."""
    return {name: term_json(term) for name, term in zip(variables, row, strict=True) if term is not None}


def rows_json(variables: Sequence[str], bindings: Iterable[str]) -> str:
    """Return the document for a SELECT, with one line per row. *bindings* are already serialized."""
    head, lines = json.dumps({"vars": variables}, ensure_ascii=False), ",\n".join(bindings)
    return f'{{"head": {head}, "results": {{"bindings": [\n{lines}\n]}}}}\n'


def boolean_json(truth: bool) -> str:
    """Return the document for an ASK."""
    return json.dumps({"head": {}, "boolean": truth}) + "\n"
