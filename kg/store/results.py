"""Terms and rows <-> the SPARQL results format in JSON: the one place that writes it. Pure.

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
"""What a term of RDF 1.1 is called there."""


def term_json(term: Term) -> JsonTerm:
    """Return a term as the format has it; a triple term (RDF 1.2) holds its parts.

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
        raise ValueError(f"no triple term: {term}")
    parts = {"subject": triple.subject, "predicate": triple.predicate, "object": triple.object}
    return {"type": "triple", "value": {name: term_json(str(part)) for name, part in parts.items()}}


def binding_json(variables: Sequence[str], row: Sequence[Term | None]) -> dict[str, JsonTerm]:
    """Return one row: variable -> term, without those that are unbound."""
    return {name: term_json(term) for name, term in zip(variables, row, strict=True) if term is not None}


def rows_json(variables: Sequence[str], bindings: Iterable[str]) -> str:
    """Return the document of a SELECT, one line for each row; *bindings* are written already."""
    head, lines = json.dumps({"vars": variables}, ensure_ascii=False), ",\n".join(bindings)
    return f'{{"head": {head}, "results": {{"bindings": [\n{lines}\n]}}}}\n'


def truth_json(truth: bool) -> str:
    """Return the document of an ASK."""
    return json.dumps({"head": {}, "boolean": truth}) + "\n"
