"""The SPARQL endpoint, in process: every way to ask, every format, every refusal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kg.project.settings import Project
from kg.render.formats import GRAPHS, HTML, RESULTS
from kg.store.isolation import DocumentRequest, Limits
from kg.web.errors import HttpError
from kg.web.negotiation import accepted, named
from kg.web.protocol import post_operation
from kg.web.service_description import SD
from kg.web.untrusted_queries import forwarded
from tests import harbour
from tests.serving import BASE, client_of

ARTICLE = f"{BASE}article/harbour-study"
REGISTRY = f"{BASE}graph/registry"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
LABEL = f"SELECT ?l WHERE {{ GRAPH ?g {{ <{BASE}person/mara-lind> <http://www.w3.org/2000/01/rdf-schema#label> ?l }} }}"
GRAPH = f"CONSTRUCT {{ <x:s> <x:p> ?l }} {LABEL.removeprefix('SELECT ?l ')}"


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as found:
        yield found


def number(client: TestClient, query: str, **fields: object) -> int:
    response = client.get("/sparql", params={"query": query, **fields})
    assert response.status_code == 200, response.text
    return int(response.json()["results"]["bindings"][0]["n"]["value"])


# -------- operations


def test_three_ways_to_send_a_query_give_one_answer(client: TestClient) -> None:
    direct = {"content-type": "application/sparql-query"}
    answers = [
        client.get("/sparql", params={"query": LABEL}),
        client.post("/sparql", data={"query": LABEL}),
        client.post("/sparql", content=LABEL, headers=direct),
        client.post("/sparql", content=LABEL, headers={"content-type": "application/sparql-query; charset=UTF-8"}),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["results"]["bindings"] == [{"l": {"type": "literal", "value": "Mara Lind"}}]


def test_the_graphs_of_the_request_stand_in_place_of_those_of_the_query(client: TestClient) -> None:
    both = number(client, COUNT, **{"default-graph-uri": [ARTICLE, REGISTRY]})
    one = number(client, COUNT, **{"default-graph-uri": ARTICLE})
    assert 0 < one < both
    assert (
        number(
            client, f"SELECT (COUNT(*) AS ?n) FROM <{REGISTRY}> WHERE {{ ?s ?p ?o }}", **{"default-graph-uri": ARTICLE}
        )
        == one
    )
    assert number(client, COUNT_NAMED, **{"default-graph-uri": ARTICLE}) == 0
    assert number(client, COUNT_NAMED, **{"named-graph-uri": [ARTICLE, REGISTRY]}) == 2
    assert (
        number(
            client, f"SELECT (COUNT(*) AS ?n) FROM <{REGISTRY}> WHERE {{ ?s ?p ?o }}", **{"named-graph-uri": ARTICLE}
        )
        == 0
    )
    assert number(client, COUNT) == 0
    posted = client.post(
        f"/sparql?default-graph-uri={ARTICLE}", content=COUNT, headers={"content-type": "application/sparql-query"}
    )
    assert int(posted.json()["results"]["bindings"][0]["n"]["value"]) == one


def test_a_foreign_graph_is_empty_and_nothing_is_fetched(client: TestClient) -> None:
    assert number(client, "SELECT (COUNT(*) AS ?n) FROM <http://127.0.0.1:1/x> WHERE { ?s ?p ?o }") == 0
    assert number(client, COUNT, **{"default-graph-uri": "http://127.0.0.1:1/x"}) == 0
    assert number(client, COUNT, **{"default-graph-uri": "file:///etc/passwd"}) == 0


# -------- formats

READERS = {
    "json": lambda body: json.loads(body)["results"]["bindings"][0]["l"]["value"],
    "xml": lambda body: ElementTree.fromstring(body).find(".//{*}literal").text,  # type: ignore[union-attr]
    "csv": lambda body: list(csv.reader(io.StringIO(body.decode())))[1][0],
    "tsv": lambda body: body.decode().splitlines()[1].strip('"'),
}


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.name)
def test_rows_come_in_every_format(client: TestClient, kind: object) -> None:
    by_name = client.get("/sparql", params={"query": LABEL, "format": kind.name})
    by_type = client.get("/sparql", params={"query": LABEL}, headers={"accept": f"{kind.media}, */*;q=0.1"})
    assert by_name.headers["content-type"].partition(";")[0] == kind.media
    assert by_name.content == by_type.content
    assert READERS[kind.name](by_name.content) == "Mara Lind"
    truth = client.get("/sparql", params={"query": "ASK {}", "format": kind.name})
    assert truth.status_code == 200
    assert b"true" in truth.content


@pytest.mark.parametrize("kind", GRAPHS, ids=lambda kind: kind.name)
def test_graphs_come_in_every_format(client: TestClient, kind: object) -> None:
    by_name = client.get("/sparql", params={"query": GRAPH, "format": kind.name})
    by_type = client.get("/sparql", params={"query": GRAPH}, headers={"accept": kind.media})
    assert by_name.headers["content-type"].partition(";")[0] == kind.media
    assert by_name.content == by_type.content
    quads = list(ox.parse(by_name.content, format=ox.RdfFormat.from_media_type(kind.media)))
    assert [str(quad.object) for quad in quads] == ['"Mara Lind"']


def test_a_description_is_a_graph(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": f"DESCRIBE <{BASE}person/mara-lind>"})
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"


def test_head_gives_the_head_alone(client: TestClient) -> None:
    response = client.head("/sparql", params={"query": LABEL})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "application/sparql-results+json"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.9", "xml"),
        ("application/*;q=0.5, text/tab-separated-values", "tsv"),
        ("application/sparql-results+json;q=0, */*", "xml"),
        ("application/sparql-results+xml;q=nonsense, text/csv;q=0.1", "csv"),
        ("TEXT/CSV", "csv"),
        ("application/json", "json"),
        ("image/png", None),
        (",;,", "json"),
    ],
)
def test_the_best_of_the_accepted_types_is_chosen(header: str, expected: str | None) -> None:
    found = accepted(header, RESULTS)
    assert (found.name if found else None) == expected


@given(st.text())
def test_no_accept_header_is_an_error(header: str) -> None:
    accepted(header, (*RESULTS, HTML))
    named(header, GRAPHS)


# -------- relative IRIs


def test_a_relative_iri_is_resolved_against_the_base_of_the_project(client: TestClient) -> None:
    made = client.get("/sparql", params={"query": "CONSTRUCT { <s> <p> 1 } WHERE {}", "format": "nt"})
    assert made.text == f'<{BASE}s> <{BASE}p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    ours = client.get("/sparql", params={"query": "ASK { GRAPH ?g { <person/mara-lind> ?p ?o } }", "format": "csv"})
    assert ours.text == "true"
    own = "BASE <https://example.org/x/> CONSTRUCT { <s> <p> <o> } WHERE {}"
    assert "<https://example.org/x/s>" in client.get("/sparql", params={"query": own, "format": "nt"}).text


# -------- refusals

SOME = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 2"
TWICE = {"query": [LABEL, LABEL]}
REFUSED = {
    "no query": ({"query": ""}, 400, "there is no query"),
    "two queries": (TWICE, 400, "there are 2 queries"),
    "an update": ({"update": "DROP ALL"}, 400, "updates are not supported"),
    "an update as a query": ({"query": "DROP ALL"}, 400, "'DROP' is not allowed"),
    "nothing of SPARQL": ({"query": "SELECT * WHERE { ?s"}, 400, "the query is not SPARQL, line 1"),
    "SERVICE": (
        {"query": "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"},
        400,
        "may not call other servers",
    ),
    "LOAD": ({"query": "LOAD <file:///etc/passwd>"}, 400, "may not call other servers"),
    "1,000 braces": ({"query": "SELECT * WHERE " + "{" * 1000 + "}" * 1000}, 400, "nest deeper than 64"),
    "what crashes the engine": ({"query": f"SELECT ({'!' * 14220}true AS ?x) {{ }}"}, 422, "crashed the engine"),
    "too many rows": ({"query": "SELECT * { GRAPH ?g { ?s ?p ?o } }"}, 422, "more than 1000 rows"),
    "too long": ({"query": f"SELECT * {{ }} #{'x' * 17000}"}, 400, "at most 16384"),
    "a graph that is no IRI": ({"query": LABEL, "default-graph-uri": "a b"}, 400, "is not an absolute IRI"),
    "a format of graphs": ({"query": LABEL, "format": "ttl"}, 400, "there is no format 'ttl' for this answer"),
    "an unknown function": ({"query": "SELECT (<http://x/f>(1) AS ?x) {}"}, 400, "there is no function <http://x/f>"),
    "an unknown function in a pattern": ({"query": "ASK { FILTER(<f>(1)) }"}, 400, f"there is no function <{BASE}f>"),
    "a NUL": ({"query": "SELECT * { \0 }"}, 400, ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_told_in_plain_words(client: TestClient, name: str) -> None:
    fields, status, words = REFUSED[name]
    response = client.post("/sparql", data=fields)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert words in response.text


def test_two_queries_in_one_request_are_refused_wherever_they_stand(client: TestClient) -> None:
    for body, kind in (({"query": LABEL}, {}), ("ASK {}", {"content-type": "application/sparql-query"})):
        sent = {"data": body} if isinstance(body, dict) else {"content": body}
        response = client.post("/sparql", params={"query": "ASK {}"}, headers=kind, **sent)
        assert (response.status_code, "there are 2 queries" in response.text) == (400, True)


def test_names_of_formats_that_clients_send_are_known(client: TestClient) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 3"
    for name, media in {"rdf+xml": "application/rdf+xml", "n3": "text/turtle", "json": "application/ld+json"}.items():
        response = client.get("/sparql", params={"query": query, "format": name})
        assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, media)


def test_a_byte_order_mark_is_no_part_of_a_query(client: TestClient) -> None:
    response = client.post("/sparql", content="\ufeffASK {}", headers={"content-type": "application/sparql-query"})
    assert response.json()["boolean"] is True


def test_the_page_for_queries_depends_on_what_is_accepted(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": LABEL}, headers={"accept": "text/html"})
    assert (response.headers["vary"], response.headers["content-type"].partition(";")[0]) == ("Accept", "text/html")


def test_types_that_cannot_be_given_are_not_acceptable(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": LABEL}, headers={"accept": "image/png"})
    assert response.status_code == 406
    assert "application/sparql-results+json" in response.text


@pytest.mark.parametrize("kind", ["text/plain", "application/sparql-update", "", "multipart/form-data; boundary=x"])
def test_bodies_of_other_types_are_not_supported(client: TestClient, kind: str) -> None:
    response = client.post("/sparql", content=LABEL, headers={"content-type": kind} if kind else {})
    assert response.status_code == 415
    assert "application/sparql-query" in response.headers["accept-post"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/sparql")
    assert response.status_code == 405
    assert {"GET", "HEAD", "POST"} == set(response.headers["allow"].split(", "))


def test_a_body_that_is_no_text_is_refused() -> None:
    for kind, body in (("application/sparql-query", b"\xff"), ("application/x-www-form-urlencoded", b"query=%FF")):
        with pytest.raises(HttpError, match=r"UTF-8|form"):
            post_operation(kind, [], body)
    with pytest.raises(HttpError, match="utf-16"):
        post_operation("application/sparql-query; charset=utf-16", [], b"")


HOSTILE = ["<script>alert(1)</script>", "\"\\'\n\r\t", "\u202eevil\u2066", "]]>", "\ufeff", "=1+1", "a,b;c\td"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.name)
def test_hostile_texts_come_back_unchanged(client: TestClient, kind: object, text: str) -> None:
    body = {"query": f"SELECT ({ox.Literal(text)} AS ?x) {{}}", "format": kind.name}
    response = client.post("/sparql", data=body)
    assert response.headers["x-content-type-options"] == "nosniff"
    if kind.name == "csv":
        assert next(csv.reader(io.StringIO(response.content.decode().partition("\r\n")[2], newline="")))[0] == text
        return
    read = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.from_media_type(kind.media))
    assert [row[0].value for row in read] == [text]


def test_what_a_format_cannot_hold_is_an_error_and_no_broken_answer(client: TestClient) -> None:
    for query, kind in (
        ('SELECT ("\\u0001" AS ?x) {}', "xml"),
        ('CONSTRUCT { <x:s> <x:p> "\\u0001" } {}', "rdfxml"),
        ("CONSTRUCT { <x:s> <x:1> 1 } {}", "rdfxml"),
        ("CONSTRUCT { <x:s> <x:p> <<( <x:a> <x:b> 1 )>> } {}", "jsonld"),
    ):
        response = client.post("/sparql", data={"query": query, "format": kind})
        assert (response.status_code, response.headers["content-type"]) == (400, "text/plain; charset=utf-8"), kind


# -------- the service's description


def test_the_service_describes_itself(client: TestClient) -> None:
    response = client.get("/sparql")
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    store = ox.Store()
    store.load(response.content, format=ox.RdfFormat.TURTLE)
    asked = f"""PREFIX sd: <{SD}> PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?name ?n WHERE {{ ?service a sd:Service ; sd:endpoint <http://testserver/sparql> ;
        sd:supportedLanguage sd:SPARQL11Query ; sd:resultFormat <http://www.w3.org/ns/formats/Turtle> ;
        sd:defaultDataset/sd:namedGraph [ sd:name ?name ; sd:graph/void:triples ?n ] }}"""
    graphs = {row["name"].value: int(row["n"].value) for row in store.query(asked)}
    assert graphs[ARTICLE] == number(client, COUNT, **{"default-graph-uri": ARTICLE})
    assert len(graphs) == number(client, COUNT_NAMED)


def test_the_description_is_known_by_its_tag(client: TestClient) -> None:
    first = client.get("/sparql", headers={"accept": "application/ld+json"})
    again = client.get("/sparql", headers={"accept": "application/ld+json", "if-none-match": first.headers["etag"]})
    other = client.get("/sparql", headers={"accept": "text/turtle", "if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content, other.status_code) == (200, 304, b"", 200)


# -------- a graph on another server

JSON, XML, TURTLE = RESULTS[0].media, RESULTS[1].media, GRAPHS[0].media


@pytest.mark.parametrize(
    ("query", "media"),
    [("ASK {}", JSON), ("SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s LIMIT 2", XML), (SOME, TURTLE)],
)
def test_queries_to_a_graph_elsewhere_are_forwarded(query: str, media: str) -> None:
    store = harbour.graph().store
    assert forwarded(store, DocumentRequest(query, media, {}), Limits())


def test_a_graph_elsewhere_stands_behind_the_same_guard() -> None:
    from kg.core.errors import KgError

    store = harbour.graph().store
    everything = "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }"
    for request, limits in (
        (DocumentRequest("SELECT * { SERVICE <x:y> {} }", JSON, {}), Limits()),
        (DocumentRequest(everything, JSON, {}), Limits(rows=2)),
        (DocumentRequest(everything, JSON, {}), Limits(size=10)),
        (DocumentRequest(everything, TURTLE, {}), Limits()),
        (DocumentRequest("ASK {}", JSON, {}, ("x:g",), ()), Limits()),
        (DocumentRequest("ASK { FILTER(<x:f>(1)) }", JSON, {}), Limits()),
    ):
        with pytest.raises(KgError):
            forwarded(store, request, limits)


def test_a_graph_elsewhere_has_the_same_base() -> None:
    request = DocumentRequest("CONSTRUCT { <s> <p> 1 } WHERE {}", TURTLE, {}, base="https://example.org/kg/")
    assert b"<https://example.org/kg/s>" in forwarded(harbour.graph().store, request, Limits())
