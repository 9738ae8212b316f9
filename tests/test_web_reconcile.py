"""The reconciliation service: what it gives is what its specification says, and whom a name means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from kg.project.settings import Project
from kg.web.pages.frame import environment
from tests.serving import BASE, SETTINGS, client_of

SCHEMAS = Path(__file__).parent / "reconciliation"


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as found:
        yield found


def checked(value: object, name: str) -> object:
    """Return *value* after it was compared with the schema of that name."""
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text())).validate(value)
    return value


def asked(client: TestClient, **queries: object) -> dict[str, list[dict[str, object]]]:
    checked(queries, "query-batch")
    response = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert response.status_code == 200, response.text
    checked(response.json(), "result-batch")
    return {key: found["result"] for key, found in response.json().items()}


def ids(found: list[dict[str, object]]) -> list[object]:
    return [candidate["id"] for candidate in found]


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.json")), ids=lambda file: file.stem)
def test_the_schemas_are_schemas(schema: Path) -> None:
    Draft202012Validator.check_schema(json.loads(schema.read_text()))


def test_the_manifest_tells_what_there_is(client: TestClient) -> None:
    manifest = client.get("/reconcile").json()
    checked(manifest, "manifest")
    assert manifest["identifierSpace"] == BASE
    assert {"id": "Person", "name": "person"} in manifest["defaultTypes"]


def test_what_the_manifest_names_is_there(client: TestClient) -> None:
    manifest = client.get("/reconcile").json()
    for kind, entry in manifest["suggest"].items():
        found = checked(
            client.get(entry["service_url"] + entry["service_path"], params={"prefix": "p"}).json(), "suggest"
        )
        first = found["result"][0]["id"]
        flyout = client.get(entry["flyout_service_url"] + entry["flyout_service_path"].replace("${id}", first)).json()
        assert checked(flyout, "flyout")["id"] == first, kind
    for template in (manifest["preview"]["url"], manifest["view"]["url"]):
        assert client.get(template.replace("{{id}}", "person%2Fmara-lind")).status_code in (200, 303)
    proposing = manifest["extend"]["propose_properties"]
    address = proposing["service_url"] + proposing["service_path"]
    assert checked(client.get(address, params={"type": "Place", "limit": 3}).json(), "properties")["limit"] == 3


def test_a_name_in_any_script_and_an_id_mean_their_entity(client: TestClient) -> None:
    queries = {
        "a": "Mara Lind",
        "b": "陆云舟",
        "c": "Ελένη Θαράκη",
        "d": "person/mara-lind",
        "e": f"{BASE}person/mara-lind",
    }
    found = asked(client, **{key: {"query": text} for key, text in queries.items()})
    best = {key: (result[0]["id"], result[0]["match"]) for key, result in found.items()}
    assert best == {
        "a": ("person/mara-lind", True),
        "b": ("person/lu-yunzhou", True),
        "c": ("person/eleni-tharaki", True),
        "d": ("person/mara-lind", True),
        "e": ("person/mara-lind", True),
    }


def test_namesakes_are_both_proposed_and_neither_is_chosen(client: TestClient) -> None:
    found = asked(client, q={"query": "Jan Vester", "type": "Person"})["q"]
    assert ids(found)[:2] == ["person/jan-vester-banker", "person/jan-vester-pilot"]
    assert [candidate["match"] for candidate in found[:2]] == [False, False]
    assert found[0]["description"] == "chairman of the Aldenburg Stock Exchange"


def test_a_name_that_is_spelt_another_way_is_proposed_and_not_chosen(client: TestClient) -> None:
    best = asked(client, q={"query": "Mara Lynd"})["q"][0]
    assert (best["id"], best["match"]) == ("person/mara-lind", False)
    assert 50 < best["score"] < 97


def test_what_is_null_is_not_given(client: TestClient) -> None:
    query = {"query": "Mara Lind", "type": None, "properties": None, "limit": None}
    found = client.post("/reconcile", data={"queries": json.dumps({"a": query})}).json()
    assert found["a"]["result"] == asked(client, a={"query": "Mara Lind"})["a"]


def test_an_empty_cell_is_nobody_and_spoils_no_batch(client: TestClient) -> None:
    found = asked(client, a={"query": " "}, b={"query": "Mara Lind"})
    assert found["a"] == []
    assert ids(found["b"])[0] == "person/mara-lind"


def test_types_and_limits_hold(client: TestClient) -> None:
    found = asked(client, a={"query": "Aldenburg", "type": ["Place"]}, b={"query": "Aldenburg", "limit": 1})
    assert {kind["id"] for candidate in found["a"] for kind in candidate["type"]} <= {"Place", "City"}
    assert len(found["b"]) == 1


def test_properties_tell_candidates_apart(client: TestClient) -> None:
    body = {"pid": "distinctFrom", "v": {"id": "person/jan-vester-pilot"}}
    found = asked(client, q={"query": "Jan Vester", "properties": [body]}, p={"properties": [body]})
    assert (found["q"][0]["id"], found["q"][0]["match"]) == ("person/jan-vester-banker", True)
    assert ids(found["p"]) == ["person/jan-vester-banker"]


def test_columns_can_be_added(client: TestClient) -> None:
    query = {"ids": ["person/mara-lind", "person/jan-vester-pilot", "person/none"], "properties": []}
    query["properties"] = [{"id": "disambiguation"}, {"id": "distinctFrom"}, {"id": "purpose"}]
    checked(query, "extend-query")
    found = checked(client.get("/reconcile", params={"extend": json.dumps(query)}).json(), "extend-response")
    pilot = found["rows"]["person/jan-vester-pilot"]
    assert pilot["disambiguation"] == [{"str": "pilot, chairman of Ald Estuary Pilots"}]
    assert pilot["distinctFrom"] == [{"id": "person/jan-vester-banker", "name": "Jan Vester"}]
    assert found["rows"]["person/none"] == {"disambiguation": [], "distinctFrom": [], "purpose": []}


def test_suggestions_go_on_after_the_cursor(client: TestClient) -> None:
    first = client.get("/reconcile/suggest/entity", params={"prefix": "a"}).json()["result"]
    rest = client.get("/reconcile/suggest/entity", params={"prefix": "a", "cursor": 2}).json()["result"]
    assert first[2:] == rest[: len(first) - 2]


WRONG = {
    "no JSON": ({"queries": "{"}, 400),
    "a list": ({"queries": "[]"}, 400),
    "no query": ({"queries": '{"q": {}}'}, 400),
    "a query that is a number": ({"queries": '{"q": 1}'}, 400),
    "a limit below one": ({"queries": '{"q": {"query": "x", "limit": 0}}'}, 400),
    "a limit that is no number": ({"queries": '{"q": {"query": "x", "limit": NaN}}'}, 400),
    "half a surrogate pair": ({"queries": '{"\\ud800": {"query": "Mara Lind"}}'}, 400),
    "half a surrogate pair in an id": ({"extend": '{"ids": ["\\ud800"], "properties": [{"id": "\\udc00"}]}'}, 400),
    "too many properties": (
        {"extend": json.dumps({"ids": ["person/mara-lind"], "properties": [{"id": f"p{k}"} for k in range(101)]})},
        413,
    ),
    "nested too deep": ({"queries": "[" * 100_000}, 400),
    "too many": ({"queries": json.dumps({str(k): {"query": "x"} for k in range(51)})}, 413),
    "a property without a value": ({"queries": '{"q": {"query": "x", "properties": [{"pid": "name"}]}}'}, 400),
    "properties that are no list": ({"queries": '{"q": {"query": "x", "properties": {}}}'}, 400),
    "a type that is a number": ({"queries": '{"q": {"query": "x", "type": [1]}}'}, 400),
    "no extension": ({"extend": "{}"}, 400),
    "an added column that is a number": ({"extend": '{"ids": ["person/mara-lind"], "properties": [1]}'}, 400),
    "an added column that nobody knows": (
        {"extend": '{"ids": ["person/mara-lind"], "properties": [{"id": "nonsense"}]}'},
        400,
    ),
    "a property that nobody knows": (
        {"queries": '{"q": {"query": "x", "properties": [{"pid": "nonsense", "v": "y"}]}}'},
        400,
    ),
    "JSONP": ({"callback": "alert"}, 400),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_query_is_a_problem(client: TestClient, name: str) -> None:
    fields, status = WRONG[name]
    response = client.post("/reconcile", data=fields)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_a_body_that_is_no_form_is_a_problem(client: TestClient) -> None:
    response = client.post("/reconcile", content=b"{}", headers={"content-type": "application/json"})
    assert (response.status_code, response.headers["accept-post"]) == (415, "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("address", "status"),
    {
        "/reconcile/suggest/none?prefix=a": 404,
        "/reconcile/suggest/entity?prefix=a&cursor=x": 400,
        "/reconcile/preview?id=none": 404,
        "/reconcile/flyout/type?id=none": 404,
        "/reconcile/flyout/entity?id=none": 404,
        "/reconcile/properties?type=Person&limit=x": 400,
    }.items(),
)
def test_what_is_not_known_is_a_problem(client: TestClient, address: str, status: int) -> None:
    response = client.get(address)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["title"]


def test_a_value_of_a_property_may_be_anything_that_json_has(client: TestClient) -> None:
    values = [1, True, None, {"x": 1}, {"id": "person/mara-lind"}, "Mara"]
    queries = {"q": {"query": "Mara Lind", "properties": [{"pid": "name", "v": values}]}}  # more than the schema allows
    response = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert response.json()["q"]["result"][0]["id"] == "person/mara-lind"


def test_a_preview_may_be_framed_on_this_machine_and_escapes(client: TestClient) -> None:
    response = client.get("/reconcile/preview", params={"id": "person/jan-vester-banker"})
    policy = response.headers["content-security-policy"]
    assert "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*" in policy
    assert "default-src 'none'" in policy
    assert "Jan Vester" in response.text
    shown = {"name": "<script>", "kind": "<b>", "hint": "'\"><img>", "others": ["\u202e"], "id": "&"}
    for template in ("preview.html", "card.html"):
        html = environment().get_template(template).render(**shown)
        assert not any(hostile in html for hostile in ("<script>", "<b>", "<img>", "\u202e"))


def test_pages_of_another_origin_may_ask_when_the_server_says_so(fiction: Project) -> None:
    from dataclasses import replace

    head = {"origin": "https://refine.example"}
    with client_of(fiction, replace(SETTINGS, cors="https://refine.example")) as client:
        assert client.get("/reconcile", headers=head).headers["access-control-allow-origin"] == head["origin"]
        asks = {**head, "access-control-request-method": "POST"}
        assert client.options("/sparql", headers=asks).status_code == 200
        other = client.get("/reconcile", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
    with client_of(fiction) as client:
        assert "access-control-allow-origin" not in client.get("/reconcile", headers=head).headers


def test_openrefine_registers_reconciles_and_extends(fiction: Project) -> None:
    """The calls of OpenRefine 3.8, in its order: the manifest from its page, everything else from its server."""
    page = {"origin": "http://127.0.0.1:3333", "accept": "application/json, text/javascript, */*; q=0.01"}
    server = {"user-agent": "OpenRefine/3.8.2 [TRUNK]", "accept": "*/*", "accept-encoding": "gzip, deflate"}
    with client_of(fiction, replace(SETTINGS, cors="http://127.0.0.1:3333")) as client:
        registered = client.get("/reconcile", headers=page)
        assert registered.headers["access-control-allow-origin"] == "http://127.0.0.1:3333"
        service = registered.json()
        names = {f"q{k}": {"query": name, "limit": 3} for k, name in enumerate(("Mara Lind", "Aldenburg", "Nobody"))}
        guessed = client.post("/reconcile", data={"queries": json.dumps(names)}, headers=server).json()
        kind = guessed["q0"]["result"][0]["type"][0]["id"]
        typed = {key: {**query, "type": kind, "type_strict": "should"} for key, query in names.items()}
        results = client.post("/reconcile", data={"queries": json.dumps(typed)}, headers=server).json()
        best = results["q0"]["result"][0]
        assert (best["name"], best["match"]) == ("Mara Lind", True)
        suggest = service["suggest"]["entity"]
        choices = client.get(suggest["service_path"], params={"prefix": "mara"}, headers=page)
        assert choices.headers["access-control-allow-origin"]
        assert best["id"] in [each["id"] for each in choices.json()["result"]]
        proposed = client.get(
            service["extend"]["propose_properties"]["service_path"], params={"type": kind, "limit": 6}
        )
        column = proposed.json()["properties"][0]["id"]
        extend = {"ids": [best["id"]], "properties": [{"id": column}]}
        rows = client.post("/reconcile", data={"extend": json.dumps(extend)}, headers=server).json()["rows"]
        assert rows[best["id"]][column]
        shown = client.get(service["view"]["url"].replace("{{id}}", best["id"]).partition("testserver")[2])
        assert shown.status_code == 303
