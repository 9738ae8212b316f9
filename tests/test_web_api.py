"""The questions over HTTP, in process: what is asked, every format, what is wrong, and how they describe themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from kg.project.settings import Project, load_project
from kg.questions.query import all_queries, find_query
from kg.render.formats import formats_of
from kg.web.recent import Recent
from tests import harbour
from tests.serving import BASE, SETTINGS, app_of, client_of

MEETING = "/api/queries/who-took-part?meeting=harbour-study/meeting"
SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as found:
        yield found


def test_an_answer_has_columns_rows_and_labels(client: TestClient) -> None:
    answer = client.get(f"{MEETING}&side=Host").json()
    assert [column["name"] for column in answer["columns"]] == [
        "event",
        "participant",
        "side",
        "behalf",
        "post",
        "presence",
        "reportedAs",
        "accordingTo",
    ]
    assert answer["total"] == len(answer["rows"]) == 2  # at the meeting, and at the announcement within it
    assert answer["rows"][0]["participant"] == {
        "type": "uri",
        "value": f"{BASE}person/mara-lind",
        "id": "person/mara-lind",
        "label": "Mara Lind",
    }
    assert answer["rows"][0]["presence"] == {"type": "literal", "value": "present"}
    assert "evidence" not in answer


def test_evidence_stands_beside_the_rows(client: TestClient) -> None:
    answer = client.get(f"{MEETING}&evidence=true&limit=2").json()
    assert (len(answer["rows"]), len(answer["evidence"])) == (2, 2)
    assert answer["total"] > 2
    words = answer["evidence"][0][0]
    assert words["article"]["id"] == "article/harbour-study"
    assert words["quote"] in words["sentence"]


def test_a_parameter_may_come_several_times(client: TestClient) -> None:
    one, two = (client.get(f"{MEETING}{more}").json()["total"] for more in ("&side=Host", "&side=Host&side=guest"))
    assert 0 < one < two


READ = {
    "csv": lambda body: next(csv.reader(io.StringIO(body.decode()))),
    "tsv": lambda body: body.decode().splitlines()[0].split("\t"),
    "md": lambda body: body.decode().splitlines()[0].split(" | "),
    "xlsx": lambda body: ZipFile(io.BytesIO(body)).namelist(),
    "svg": lambda body: list(ElementTree.fromstring(body)),
    "json": lambda body: body.startswith(b"{"),
}


def test_every_format_over_http_is_read_by_these_tests() -> None:
    query = find_query(harbour.project(), "who-met-whom")
    assert {each.name for each in formats_of(query)} == READ.keys()


@pytest.mark.parametrize("kind", READ)
def test_an_answer_comes_in_every_format_by_name_and_by_type(client: TestClient, kind: str) -> None:
    by_name = client.get("/api/queries/who-met-whom", params={"format": kind})
    by_type = client.get(
        "/api/queries/who-met-whom", headers={"accept": by_name.headers["content-type"].partition(";")[0]}
    )
    assert by_name.status_code == 200
    assert READ[kind](by_name.content)
    assert by_type.headers["content-type"] == by_name.headers["content-type"]
    assert by_name.headers["content-disposition"] == f'inline; filename="who-met-whom.{kind}"'


def test_a_picture_may_have_its_own_style_and_nothing_else(client: TestClient) -> None:
    response = client.get("/api/queries/who-met-whom?format=svg")
    assert response.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_construct_comes_as_turtle(tmp_path: Path) -> None:
    project = harbour.built_project(tmp_path)
    constructs = [query.name for query in all_queries(project)[0] if query.form == "CONSTRUCT"]
    assert constructs
    with client_of(project) as client:
        for name in constructs:
            response = client.get(f"/api/queries/{name}?format=ttl")
            assert response.headers["content-type"] == "text/turtle; charset=utf-8"
            assert list(ox.parse(response.content, format=ox.RdfFormat.TURTLE))


def test_an_answer_that_the_client_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get(MEETING)
    again = client.get(MEETING, headers={"if-none-match": first.headers["etag"]})
    other = client.get(f"{MEETING}&side=Host", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)
    assert client.get(MEETING).content == first.content
    assert client.head(MEETING).headers["etag"] == first.headers["etag"]


WRONG = {
    "/api/queries/who-met-whon": (404, "there is no query 'who-met-whon'", "did you mean 'who-met-whom'"),
    "/api/queries/who-met-whom?persom=x": (400, "'who-met-whom' has no parameter 'persom'", "did you mean 'person'?"),
    "/api/queries/who-met-whom?person=": (400, "person: the value is missing", "leave the parameter out"),
    "/api/queries/who-met-whom?person=Nobody": (404, "person: nothing of type person is called 'Nobody'", ""),
    "/api/queries/who-met-whom?person=Jan Vester": (
        409,
        "person: 'Jan Vester' matches 2 things",
        "person/jan-vester-banker",
    ),
    "/api/queries/who-took-part": (400, "needs a value for 'meeting'", "name something of type Event"),
    f"{MEETING}&side=Hosts": (400, "the list 'side' has no entry 'Hosts'", "did you mean 'Host'?"),
    f"{MEETING}&meeting=x": (400, "takes one value, not 2", "run the question once for each"),
    f"{MEETING}&format=exe": (400, "there is no format 'exe'", "choose one of json, csv"),
    f"{MEETING}&limit=-1": (400, "limit: '-1' is not a number of rows", "for example"),
    f"{MEETING}&limit=1e9": (400, "is not a number of rows", ""),
    f"{MEETING}&evidence=yes": (400, "evidence: 'yes' is neither true nor false", ""),
    "/api/queries/unused-terms?evidence=true": (400, "have no evidence", ""),
    "/api/queries/what-an-institution-did?institution=Aldenburg&since=2031-02-30": (
        400,
        "since: '2031-02-30' is not a date",
        "",
    ),
    "/api/queries/figures?indicator=%00": (400, "indicator", ""),
    "/api/queries/who-met-whom?person=%FF": (400, "cannot be read", "UTF-8"),
    "/api/nothing": (404, "there is nothing at this address", ""),
}


def test_a_condition_is_looked_at_only_where_there_is_an_answer(client: TestClient) -> None:
    anything = {"if-none-match": "*"}
    assert client.get("/api/queries/who-took-part?bogus=1", headers=anything).status_code == 400
    full = client.get("/api/queries/who-met-whom")
    known = client.get("/api/queries/who-met-whom", headers=anything)
    assert known.status_code == 304
    assert {k: known.headers[k] for k in ("etag", "cache-control", "vary")} == {
        k: full.headers[k] for k in ("etag", "cache-control", "vary")
    }


def test_another_text_of_a_question_has_another_tag(fiction: Project, tmp_path: Path) -> None:
    tags = []
    for title in ("Reviewed", "Not reviewed"):
        (tmp_path / "unreviewed-articles.rq").write_text(
            f"#+ title: {title}\n#+ question: Which?\nASK {{}}\n", encoding="utf-8"
        )
        with client_of(replace(fiction, queries=(*fiction.queries, tmp_path))) as changed:
            tags.append(
                [changed.get(path).headers["etag"] for path in ("/api/queries", "/questions", "/api/openapi.json")]
            )
    assert not set(tags[0]) & set(tags[1])


def test_several_defaults_are_a_list_of_codes(client: TestClient) -> None:
    [told] = [q for q in client.get("/api/queries").json()["queries"] if q["name"] == "absent-or-invited"]
    [presence] = [param for param in told["parameters"] if param["name"] == "presence"]
    assert presence["default"] == ["Invited", "Absent"]
    plain = client.get("/api/queries/absent-or-invited").json()
    assert client.get("/api/queries/absent-or-invited", params={"presence": presence["default"]}).json() == plain
    for wrong in ("presence:Invited presence:Absent", "rubbish:Absent"):
        assert client.get("/api/queries/absent-or-invited", params={"presence": wrong}).status_code == 400
    assert client.get("/api/queries/absent-or-invited", params={"presence": "presence:Absent"}).status_code == 200


@pytest.mark.parametrize("path", WRONG)
def test_errors_are_problems_in_the_words_of_the_command_line(client: TestClient, path: str) -> None:
    status, detail, fix = WRONG[path]
    response = client.get(path)
    problem = response.json()
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert detail in problem["detail"]
    assert fix in problem.get("fix", "")


def test_other_methods_and_types_are_problems(client: TestClient) -> None:
    deleted = client.delete(MEETING)
    assert (deleted.status_code, deleted.headers["content-type"]) == (405, "application/problem+json")
    assert set(deleted.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert client.get(MEETING, headers={"accept": "image/png"}).status_code == 406


HOSTILE = [
    '" } DROP ALL #',
    "> } INSERT",
    "<script>alert(1)</script>",
    "\u202e",
    "' OR 1=1",
    "\\u0022",
    "../../etc/passwd",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["who-met-whom?person", "figures?indicator", "who-took-part?meeting"])
def test_hostile_values_are_terms_and_nothing_else(client: TestClient, name: str, text: str) -> None:
    path, _, param = name.partition("?")
    response = client.get(f"/api/queries/{path}", params={param: text})
    assert response.status_code in ((200,) if param == "indicator" else (404,))
    assert response.headers["x-content-type-options"] == "nosniff"


# -------- descriptions


def test_the_list_of_questions_has_them_all(client: TestClient, fiction: Project) -> None:
    listed = client.get("/api/queries").json()["queries"]
    assert [query["name"] for query in listed] == [query.name for query in all_queries(fiction)[0]]
    sides = next(q for q in listed if q["name"] == "who-took-part")["parameters"]
    assert {"Host", "Guest"} <= set(sides[1]["codes"])


def test_the_description_knows_codes_dates_and_what_must_be_given(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    meeting, side = paths["/api/queries/who-took-part"]["get"]["parameters"][:2]
    assert (meeting["required"], meeting["schema"]["type"]) == (True, "string")
    assert "Host" in side["schema"]["items"]["enum"]
    since = paths["/api/queries/what-an-institution-did"]["get"]["parameters"][1]
    assert since["schema"] == {"type": "string", "format": "date"}
    content = paths["/api/queries/who-met-whom"]["get"]["responses"]["200"]["content"]
    assert {"application/json", "text/csv", "image/svg+xml"} <= set(content)


def test_a_default_that_the_graph_has_is_told_and_need_not_be_given(tmp_path: Path) -> None:
    with client_of(harbour.built_project(tmp_path)) as client:
        paths = client.get("/api/openapi.json").json()["paths"]
    told = [p for path in paths.values() for p in path["get"].get("parameters", []) if "example" in p]
    assert told
    assert not any(param["required"] for param in told)


def test_each_question_is_published_as_a_query_that_runs(client: TestClient, fiction: Project) -> None:
    store = ox.Store()
    store.load(client.get("/api/queries.ttl").content, format=ox.RdfFormat.TURTLE)
    found = store.query(f"""PREFIX sh: <{SH}> PREFIX schema: <https://schema.org/>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT ?q ?text ?comment WHERE {{ ?q a sh:SPARQLExecutable, sh:SPARQLSelectExecutable ; rdfs:comment ?comment ;
          sh:select ?text ; sh:prefixes/sh:declare [ sh:prefix ?prefix ; sh:namespace ?space ] ;
          schema:target <http://testserver/sparql> ; schema:keywords ?tag }}""")
    texts = {row["q"].value: row["text"].value for row in found}
    assert len(texts) == len(all_queries(fiction)[0])
    assert all(name.startswith(f"{BASE}api/queries/") for name in texts)
    assert f"PREFIX graph: <{BASE}graph/>" in texts[f"{BASE}api/queries/who-met-whom"]
    empty = ox.Store()
    for text in texts.values():
        empty.query(text)
    asked = client.post("/sparql", data={"query": texts[f"{BASE}api/queries/who-met-whom"]}).json()
    assert len(asked["results"]["bindings"]) == client.get("/api/queries/who-met-whom").json()["total"]


def test_one_question_is_published_alone(client: TestClient) -> None:
    response = client.get("/api/queries/who-met-whom.ttl")
    subjects = {quad.subject for quad in ox.parse(response.content, format=ox.RdfFormat.TURTLE)}
    assert ox.NamedNode(f"{BASE}api/queries/who-met-whom") in subjects
    assert client.get("/api/queries/none.ttl").status_code == 404


# -------- a server without a graph that it could open; what is kept


def test_the_last_answers_are_kept_and_the_oldest_go() -> None:
    recent = Recent[str](most=20)
    for name in "abcdef":
        recent.keep(name, name.upper(), 4)
        assert recent.get("a") == "A"
    assert [name for name in "abcdef" if recent.get(name)] == ["a", "c", "d", "e", "f"]
    recent.keep("large", "L", 6)  # more than a quarter of all
    assert recent.get("large") is None
    assert recent.get("a") == "A"


def test_a_question_that_cannot_be_asked_of_this_graph_is_told(tmp_path: Path) -> None:
    from kg.store.manifest import GenerationDetails
    from kg.store.publish import publish

    (tmp_path / "kg.toml").write_text(f'base = "{BASE}"\n', encoding="utf-8")
    project = load_project(tmp_path)
    graph = f"<{BASE}graph/x>"
    publish(project.build, {graph: [f"{graph} <x:p> <x:o> {graph} ."]}, GenerationDetails({}, {}))
    with TestClient(app_of(project, SETTINGS)) as client:
        response = client.get("/api/queries/who-met-whom?person=x")
        assert (response.status_code, "has no class" in response.json()["detail"]) == (400, True)
        assert client.get("/reconcile").status_code == 400
