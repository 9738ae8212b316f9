"""Clients that others wrote, asking a server that runs: SPARQLWrapper, through its public interface alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from SPARQLWrapper import GET, JSON, POST, TURTLE, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.project.settings import Project
from tests.serving import BASE, server_of

LABELS = "SELECT ?name { GRAPH ?g { ?person a cq:Person ; rdfs:label ?name } } ORDER BY ?name"
PREFIXES = "PREFIX cq: <https://w3id.org/communique/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "


@pytest.fixture(scope="module")
def address(fiction: Project) -> Iterator[str]:
    with server_of(fiction) as address:
        yield f"{address}/sparql"


def client(address: str, query: str, form: str, method: str = GET) -> SPARQLWrapper:
    wrapper = SPARQLWrapper(address, returnFormat=form)
    wrapper.setMethod(method)
    wrapper.setQuery(PREFIXES + query)
    return wrapper


@pytest.mark.parametrize("method", [GET, POST])
def test_a_table_is_read(address: str, method: str) -> None:
    found = client(address, LABELS, JSON, method).queryAndConvert()
    assert isinstance(found, dict)
    names = [row["name"]["value"] for row in found["results"]["bindings"]]
    assert (len(names), "Mara Lind" in names) == (14, True)


def test_a_truth_and_a_graph_are_read(address: str) -> None:
    person = f"<{BASE}person/mara-lind>"
    assert client(address, f"ASK {{ GRAPH ?g {{ {person} a cq:Person }} }}", JSON).queryAndConvert() == {
        "head": {},
        "boolean": True,
    }
    construct = f"CONSTRUCT {{ {person} rdfs:label ?name }} {{ GRAPH ?g {{ {person} rdfs:label ?name }} }}"
    assert b"Mara Lind" in bytes(client(address, construct, TURTLE, POST).queryAndConvert())


def test_a_query_with_a_fault_is_its_own_error(address: str) -> None:
    with pytest.raises(QueryBadFormed, match="the query is not SPARQL, line 1"):
        client(address, "SELECT ?s { ?s", JSON).queryAndConvert()
