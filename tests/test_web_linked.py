"""Linked data, in process: what each address stands for, and the document about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from kg.project.settings import Project, load_project
from kg.store.lines import graph_lines, line_quad
from kg.store.manifest import GenerationDetails
from kg.store.publish import publish
from tests.dumps import dump
from tests.serving import BASE, client_of

RDF = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
PROTEGE = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"
PERSON = "/person/mara-lind"
ARTICLE = "/article/harbour-study"
RETRACTED = "/article/exchange-merger-rumour"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as found:
        yield found


def read(content: bytes, media: str) -> set[tuple[str, str, str]]:
    quads = ox.parse(content, format=ox.RdfFormat.from_media_type(media.partition(";")[0]))
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


@pytest.mark.parametrize(("accept", "ending"), [(BROWSER, "html"), ("*/*", "html"), *((t, e) for e, t in RDF.items())])
def test_a_person_is_no_document_and_leads_to_one(client: TestClient, accept: str, ending: str) -> None:
    response = client.get(PERSON, headers={"accept": accept})
    assert (response.status_code, response.headers["location"]) == (303, f"{PERSON}.{ending}")
    assert response.headers["vary"] == "Accept"
    assert f'<{PERSON}.ttl>; rel="describedby"; type="text/turtle"' in response.headers["link"]
    assert client.get(response.headers["location"]).status_code == 200


@pytest.mark.parametrize("ending", RDF)
def test_the_document_about_a_thing_tells_what_it_is_and_who_speaks_of_it(client: TestClient, ending: str) -> None:
    response = client.get(f"{PERSON}.{ending}")
    assert response.headers["content-type"].partition(";")[0] == RDF[ending]
    assert f'<{PERSON}>; rel="describes"' in response.headers["link"]
    told = read(response.content, response.headers["content-type"])
    node = f"<{BASE}person/mara-lind>"
    assert (node, "<http://www.w3.org/2000/01/rdf-schema#label>", '"Mara Lind"') in told
    assert any(o == node for _, _, o in told)


def test_all_formats_tell_the_same(client: TestClient) -> None:
    first, *others = [read(client.get(f"{PERSON}.{ending}").content, media) for ending, media in RDF.items()]
    assert [first == other for other in others] == [True] * 5


@pytest.mark.parametrize("ending", ["trig", "nq"])
def test_formats_with_graphs_keep_the_graph_of_each_statement(client: TestClient, ending: str) -> None:
    quads = set(ox.parse(client.get(f"{PERSON}.{ending}").content, format=ox.RdfFormat.from_extension(ending)))
    everything = set(ox.parse(client.get(f"{PERSON}.nq").content, format=ox.RdfFormat.N_QUADS))
    graphs = {str(quad.graph_name) for quad in quads}
    assert quads == everything
    assert {f"<{BASE}graph/registry>", f"<{BASE}article/harbour-study>"} <= graphs
    article = client.get(f"{ARTICLE}.{ending}").content
    assert {str(q.graph_name) for q in ox.parse(article, format=ox.RdfFormat.from_extension(ending))} == {
        f"<{BASE}article/harbour-study>"
    }


@pytest.mark.parametrize("path", ["/ontology", PERSON, ARTICLE, "/dataset"])
def test_an_ontology_editor_gets_rdf_xml(client: TestClient, path: str) -> None:
    response = client.get(path, headers={"accept": PROTEGE}, follow_redirects=True)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/rdf+xml")
    assert read(response.content, "application/rdf+xml")


def test_the_ontology_is_the_same_in_every_format_and_has_an_address_in_each(client: TestClient) -> None:
    formats = {"ttl": ox.RdfFormat.TURTLE, "rdf": ox.RdfFormat.RDF_XML, "jsonld": ox.RdfFormat.JSON_LD}
    graphs = {}
    for ending, form in formats.items():
        response = client.get(f"/ontology.{ending}", headers={"accept": BROWSER})
        assert response.headers["content-type"].partition(";")[0] == RDF[ending]
        assert response.content == client.get("/ontology", headers={"accept": RDF[ending]}).content
        graphs[ending] = ox.Dataset(ox.parse(response.content, format=form))
        graphs[ending].canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert graphs["ttl"] == graphs["rdf"] == graphs["jsonld"]
    assert (
        client.get("/ontology", headers={"accept": "text/turtle"}).content
        == client.get("/ontology/ontology.ttl").content
    )
    assert '</ontology.rdf>; rel="alternate"; type="application/rdf+xml"' in client.get("/ontology").headers["link"]


def test_json_ld_has_a_context_of_the_prefixes_it_uses(client: TestClient) -> None:
    document = client.get(f"{PERSON}.jsonld").json()
    assert document["@context"]["cq"] == "https://w3id.org/communique/ontology#"
    (person,) = [node for node in document["@graph"] if node["@id"] == f"{BASE}person/mara-lind"]
    assert (person["@type"], person["rdfs:label"]) == ("cq:Person", "Mara Lind")


@pytest.mark.parametrize("accept", RDF.values())
def test_an_article_is_a_document_and_holds_all_its_graph(client: TestClient, accept: str) -> None:
    response = client.get(ARTICLE, headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-location"].startswith(f"{ARTICLE}.")
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{BASE}article/harbour-study> {{ ?s ?p ?o }} }}"
    graph = client.post("/sparql", data={"query": query, "format": "nt"})
    assert read(response.content, accept) == read(graph.content, "application/n-triples")


def test_a_fact_of_an_article_is_no_document(client: TestClient) -> None:
    response = client.get(f"{ARTICLE}/meeting", headers={"accept": "text/turtle"})
    assert (response.status_code, response.headers["location"]) == (303, f"{ARTICLE}/meeting.ttl")
    told = read(client.get(f"{ARTICLE}/meeting.ttl").content, "text/turtle")
    assert any(s.startswith(f"<{BASE}article/harbour-study/meeting/participation/") for s, _, _ in told)


@pytest.mark.parametrize("path", ["/graph/dataset", "/dataset", "/graph/registry", "/graph/derived", "/graph/ontology"])
def test_a_graph_has_a_page_too(client: TestClient, path: str) -> None:
    response = client.get(path, headers={"accept": BROWSER})
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'href="{path}.ttl"' in response.text
    assert client.get(f"{path}.ttl").status_code == 200


def test_whatever_the_graph_names_by_our_base_has_a_page(client: TestClient, fiction: Project) -> None:
    quads = ox.parse(dump(fiction.build), format=ox.RdfFormat.N_QUADS)
    derived = sorted({str(q.subject) for q in quads if "/derived/" in str(q.subject) or "/dataset" in str(q.subject)})
    assert len(derived) > 50
    for iri in derived[::7]:
        path = iri[1:-1].removeprefix(BASE)
        response = client.get(f"/{path}", headers={"accept": BROWSER}, follow_redirects=True)
        assert response.status_code == 200, iri


def test_needless_encoding_names_the_same_thing(client: TestClient) -> None:
    assert client.get("/person/mara%2Dlind.ttl").status_code == 200
    assert client.get("/person/mara%2Flind.ttl").status_code == 404


def test_what_is_unknown_is_not_found(client: TestClient) -> None:
    for path in (
        "/person/nobody",
        "/person/nobody.ttl",
        "/x",
        "/person/%zz",
        "/%3Cscript%3E",
        "/person/a%20b",
        "/%E2%80%AE",
    ):
        assert client.get(path, headers={"accept": "text/turtle"}).status_code == 404, path


@pytest.mark.parametrize("accept", [BROWSER, "text/turtle"])
def test_a_retracted_article_is_gone_and_its_tombstone_tells_why(client: TestClient, accept: str) -> None:
    response = client.get(RETRACTED, headers={"accept": accept})
    assert response.status_code == 410
    assert response.headers["content-type"].partition(";")[0] == accept.partition(",")[0]
    if accept == "text/turtle":
        assert b"both exchanges deny it" in response.content
    assert client.get(f"{RETRACTED}/merger").status_code == 410
    assert client.get(f"{RETRACTED}.ttl").status_code == 410


def test_types_that_cannot_be_given_are_not_acceptable(client: TestClient) -> None:
    assert client.get(PERSON, headers={"accept": "image/png"}).status_code == 406
    assert client.get(ARTICLE, headers={"accept": "image/png"}).status_code == 406


def test_a_document_that_the_client_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get(f"{PERSON}.ttl")
    tag = first.headers["etag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(f"{PERSON}.ttl", headers={"if-none-match": header})
        assert (again.status_code, again.content) == (304, b""), header
    assert client.get(f"{PERSON}.nt", headers={"if-none-match": tag}).status_code == 200


def test_the_data_set_is_described_where_crawlers_look(client: TestClient) -> None:
    response = client.get("/.well-known/void", headers={"accept": "text/turtle"}, follow_redirects=True)
    assert [each.status_code for each in response.history] == [303]
    told = read(response.content, "text/turtle")
    assert (
        f"<{BASE}dataset>",
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
        "<http://rdfs.org/ns/void#Dataset>",
    ) in told


def test_the_description_of_the_data_set_leads_to_its_endpoint_and_to_its_whole_content(
    client: TestClient, fiction: Project
) -> None:
    described = read(client.get("/dataset.nt").content, "application/n-triples")
    values = {
        name: sorted(
            o[1:-1] for s, p, o in described if (s, p) == (f"<{BASE}dataset>", f"<http://rdfs.org/ns/void#{name}>")
        )
        for name in ("sparqlEndpoint", "dataDump")
    }
    assert client.get(values["sparqlEndpoint"][0], params={"query": "ASK {}"}).status_code == 200
    files = [client.get(address) for address in values["dataDump"]]
    assert [file.status_code for file in files] == [200] * len(files)
    quads = {quad for file in files for quad in ox.parse(file.content, format=ox.RdfFormat.N_QUADS)}
    everything = set(ox.parse(dump(fiction.build), format=ox.RdfFormat.N_QUADS))
    left_out = {str(quad.graph_name) for quad in everything - quads}
    assert left_out == {f"<{BASE}article/exchange-merger-rumour>"}
    added = {quad.predicate.value for quad in quads - everything}
    assert added <= {"http://rdfs.org/ns/void#sparqlEndpoint", "http://rdfs.org/ns/void#dataDump"}


def test_names_in_every_script_and_hostile_labels_are_served(tmp_path: Path) -> None:
    hostile = ['"<script>alert(1)</script>"', '"\\"quoted\\" \\\\ \\n\\r line"', '"\u202eright to left"@ar']
    things = ["person/李伟", "person/café%2F6", "person/mara.ttl"]
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    lines = [f"<{BASE}{thing}> {label} {text} <{BASE}graph/registry> ." for thing in things for text in hostile]
    (tmp_path / "kg.toml").write_text(f'base = "{BASE}"\n', encoding="utf-8")
    project = load_project(tmp_path)
    publish(project.build, graph_lines(map(line_quad, sorted(lines))), GenerationDetails({}, {}))
    with client_of(project) as client:
        for thing in things:
            path = f"/{quote(thing, safe='/%')}"
            response = client.get(path, headers={"accept": "application/n-triples"})
            assert response.status_code == 303, thing
            document = client.get(response.headers["location"])
            assert {o for _, _, o in read(document.content, "application/n-triples")} == set(hostile)
            page = client.get(f"{path}.html")
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "\u202e" not in page.text


def test_the_ontology_is_a_page_for_people_and_a_graph_for_programs(client: TestClient) -> None:
    for _ in range(2):
        assert client.get("/ontology", headers={"accept": BROWSER}).headers["content-type"].startswith("text/html")
        response = client.get("/ontology", headers={"accept": "text/turtle"})
    told = read(response.content, response.headers["content-type"])
    named = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<http://www.w3.org/2002/07/owl#Class>"
    assert ("<https://w3id.org/communique/ontology#Meeting>", *named) in told


def test_pages_have_a_tag_and_are_not_sent_again(client: TestClient) -> None:
    first = client.get("/", headers={"accept": BROWSER})
    again = client.get("/", headers={"accept": BROWSER, "if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get("/").content == first.content
    assert "etag" not in client.get("/person/nobody").headers
