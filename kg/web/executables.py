"""Questions -> SPARQL queries as data that other tools can read and run. Pure.

The form is that of https://github.com/sib-swiss/sparql-examples ;
https://www.w3.org/TR/shacl/#sparql-prefixes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from kg.core.iri import path_segment
from kg.core.terms import RDF, RDFS, SCHEMA, SH, XSD
from kg.export.nested import nested_turtle
from kg.planning.guard import tokens
from kg.questions.query import default_text
from kg.questions.question import Query
from kg.questions.sparql import declared_prefixes

_FORMS = {
    "SELECT": ("SPARQLSelectExecutable", "select"),
    "ASK": ("SPARQLAskExecutable", "ask"),
    "CONSTRUCT": ("SPARQLConstructExecutable", "construct"),
}


def executables(queries: Iterable[Query], base: str, endpoint: str, prefixes: Mapping[str, str]) -> str:
    """Return the questions as Turtle, with their defaults filled in, for the SPARQL service at *endpoint*."""
    triples = [triple for query in queries for triple in _triples(query, base, endpoint)]
    used = {"sh": SH, "schema": SCHEMA, "rdfs": RDFS, "xsd": XSD}
    return nested_turtle(triples, {**prefixes, **used})


def _triples(query: Query, base: str, endpoint: str) -> Iterator[ox.Triple]:
    node = ox.NamedNode(f"{base}api/queries/{path_segment(query.name)}")
    kind, text = _FORMS.get(query.form, ("", ""))
    if not kind:  # SHACL has no term for DESCRIBE
        return
    yield ox.Triple(node, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{SH}SPARQLExecutable"))
    yield ox.Triple(node, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{SH}{kind}"))
    yield ox.Triple(node, ox.NamedNode(f"{RDFS}label"), ox.Literal(query.title, language="en"))
    yield ox.Triple(node, ox.NamedNode(f"{RDFS}comment"), ox.Literal(query.question, language="en"))
    whole = default_text(query, base)
    yield from _prefixes(whole, node)
    yield ox.Triple(node, ox.NamedNode(f"{SH}{text}"), ox.Literal(whole))
    yield ox.Triple(node, ox.NamedNode(f"{SCHEMA}target"), ox.NamedNode(endpoint))
    for tag in query.tags:
        yield ox.Triple(node, ox.NamedNode(f"{SCHEMA}keywords"), ox.Literal(tag))


def _prefixes(text: str, node: ox.NamedNode) -> Iterator[ox.Triple]:
    """Yield the prefixes of a query as sh:prefixes. The text also declares them."""
    holder = ox.NamedNode(f"{node.value}#prefixes")
    yield ox.Triple(node, ox.NamedNode(f"{SH}prefixes"), holder)
    for prefix, namespace in declared_prefixes(tuple(tokens(text))).items():
        declaration = ox.BlankNode()
        yield ox.Triple(holder, ox.NamedNode(f"{SH}declare"), declaration)
        yield ox.Triple(declaration, ox.NamedNode(f"{SH}prefix"), ox.Literal(prefix))
        space = ox.Literal(namespace, datatype=ox.NamedNode(f"{XSD}anyURI"))
        yield ox.Triple(declaration, ox.NamedNode(f"{SH}namespace"), space)
