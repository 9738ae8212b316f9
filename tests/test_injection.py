"""What a security tester tries: values that leave their place, requests that reach out, hide another or never end.

`SECURITY.md` says what is defended, and by which test.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner
from starlette.testclient import TestClient

from kg.bench.metadata import from_json_ld
from kg.cli import cli
from kg.core.errors import UsageError
from kg.ontology.load import load_vocabulary
from kg.planning.guard import refuse_unsafe, tokens
from kg.project.settings import Project, load_project
from kg.questions.graph import Graph
from kg.questions.memo import Memo
from kg.questions.query import all_queries, bound_text
from kg.questions.sparql import query_form
from kg.store.generations import current
from kg.validation.validate import project_shapes
from kg.web import connection, limits
from kg.web.public import public_url
from tests import harbour
from tests.serving import BASE, ROOT, SETTINGS, app_of, client_of

# -------- values through every parameter

VALUES = (
    '" } GRAPH ?g { ?s ?p ?o } #',
    "' } UNION { GRAPH ?g { ?s ?p ?o } } #",
    '""" } ; DROP ALL ; #',
    "'''",
    '\\" } SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } #',
    "\\u0022 } SERVICE <http://127.0.0.1:9/> {} #",
    "\\U00000022",
    "x\\",
    "x\n} #",
    "x\r#",
    "<http://127.0.0.1:9/>",
    "> } SERVICE <http://127.0.0.1:9/> {} <x:",
    "https://example.org/fiction/person/mara-lind> . ?x ?y ?z . <x:",
    "person/mara-lind> } #",
    "..%2f..%2fetc/passwd",
    '"^^<http://www.w3.org/2001/XMLSchema#string> } #',
    '"@en } #',
    "UNDEF } #",
    "?s",
    "_:b",
    "cq:name",
    "# param",
    "{{ 1000003*7 }}",
    "${jndi:ldap://127.0.0.1/x}",
    "\u02bc OR 1=1",
    "\uff02 } #",
    "\u2028}",
    "1; 2",
    "1e1)",
    "2031-01-01' #",
    "NaN",
    "\ud800",
    "%00",
)
"""Texts that try to leave a literal, an IRI, a number, a line, or the language that they are written in."""


@pytest.fixture(scope="module")
def graph(fiction: Project) -> Iterator[Graph]:
    generation = current(fiction.build)
    assert generation
    with generation, generation.store() as store:
        yield Graph(store, fiction.base, Memo())


def shape_of(text: str) -> list[str]:
    """Return the tokens of a query, with terms of data by their kind alone: what no value may change."""
    kinds = ("string", "iri", "name", "tag")
    return [token.kind if token.kind in kinds else token.text for token in tokens(text)]


def test_no_value_of_any_parameter_leaves_its_place(fiction: Project, graph: Graph) -> None:
    """Each value is refused, or fills the place that a plain value would fill."""
    queries, findings = all_queries(fiction)
    assert findings == ()
    tried = 0
    for query in queries:
        for param in query.params:
            for value in VALUES:
                tried += 1
                try:
                    text = bound_text(graph, query, {param.name: value})
                except UsageError:
                    continue
                assert param.type == "text", (query.name, param.name, value)
                plain = bound_text(graph, query, {param.name: "plain"})
                assert shape_of(text) == shape_of(plain), (query.name, param.name, value)
                assert query_form(tuple(tokens(text))) == query.form
    assert tried > 1000


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as opened:
        yield opened


ADDRESSES = (
    "/search",
    "/search.json",
    "/articles",
    "/network",
    "/timeline",
    "/quality",
    "/questions/figures",
    "/questions/who-met-whom",
    "/api/queries/figures",
    "/api/queries/who-met-whom",
    "/reconcile",
    "/reconcile/suggest/entity",
    "/reconcile/preview",
)
FIELDS = ("q", "kind", "from", "to", "page", "depth", "include", "indicator", "person", "queries", "extend", "prefix",
          "id", "limit", "format", "callback", "tag", "since")  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_value_in_an_address_is_a_fault_of_the_server_or_becomes_markup(client: TestClient, address: str) -> None:
    for value in (*VALUES, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)"):
        sent = value.encode("utf-8", "surrogatepass")
        answer = client.get(address, params=dict.fromkeys(FIELDS, sent))
        assert answer.status_code < 500, (value, answer.text)
        assert "<script>alert" not in answer.text or "json" in answer.headers["content-type"]
        assert "<img src=x" not in answer.text or "json" in answer.headers["content-type"]
        assert "7000021" not in answer.text


# -------- nothing is fetched


class _Listener(HTTPServer):
    requests: list[str]


@pytest.fixture
def listener() -> Iterator[_Listener]:
    """Give a server that notes who asks it for anything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.requests.append(self.path)  # type: ignore[attr-defined]
            self.send_error(404)

        do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with _Listener(("127.0.0.1", 0), Handler) as server:
        server.requests = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


REACHING_OUT = (
    "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?u {{ <{url}> }} SERVICE ?u {{ ?s ?p ?o }} }}",
    "PREFIX SERVICE: <{url}> SELECT * {{ SERVICE SERVICE: {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE <{url}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ sErViCe<{url}>{{?s ?p ?o}} }}",
    "SELECT * {{ #\nSERVICE #\n<{url}> {{ ?s ?p ?o }} }}",
    "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "LOAD <{url}>",
    "LOAD SILENT <{url}> INTO GRAPH <x:g>",
    "BASE <{url}> SELECT * FROM <x> {{ ?s ?p ?o }}",
    "DESCRIBE <{url}>",
    "ASK {{}} ; LOAD <{url}>",
)


def test_no_query_reaches_another_server(client: TestClient, listener: _Listener) -> None:
    url = f"http://127.0.0.1:{listener.server_port}/x"
    for template in REACHING_OUT:
        answer = client.post("/sparql", data={"query": template.format(url=url)})
        assert answer.status_code in (200, 400), template
        empty = answer.status_code == 400 or "127.0.0.1" not in answer.text
        assert empty, template
    client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }", "default-graph-uri": url})
    assert listener.requests == []


def test_guard_refuses_what_reaches_out_before_any_engine_sees_it() -> None:
    for template in REACHING_OUT:
        query = template.format(url="http://127.0.0.1:9/")
        if not query.startswith(("DESCRIBE", "BASE")) and " FROM " not in query:
            with pytest.raises(UsageError):
                refuse_unsafe(query)


def test_imports_of_an_ontology_are_never_fetched(tmp_path: Path, listener: _Listener) -> None:
    url = f"http://127.0.0.1:{listener.server_port}/x"
    root = tmp_path / "project"
    (root / "data" / "articles").mkdir(parents=True)
    (root / "ontology").mkdir()
    (root / "kg.toml").write_text('ontology = ["@kg", "ontology"]\nbase = "https://example.org/x/"\n', encoding="utf-8")
    prefix = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
    statement = f"<https://example.org/mine> a owl:Ontology ; owl:imports <{url}> ."
    (root / "ontology" / "mine.ttl").write_text(f"{prefix}\n{statement}\n", encoding="utf-8")
    project = load_project(root)
    assert load_vocabulary(project.ontology)
    assert project_shapes(project)
    assert listener.requests == []


def test_a_remote_context_of_json_ld_is_never_fetched(tmp_path: Path, listener: _Listener) -> None:
    url = f"http://127.0.0.1:{listener.server_port}/x"
    dump = tmp_path / "dump.jsonld"
    dump.write_text(json.dumps({"@context": url, "@id": f"{BASE}article/a", "name": "x"}), encoding="utf-8")
    result = CliRunner().invoke(cli, ["-C", str(harbour.FOLDER), "load", "http://127.0.0.1:9/", "--from", str(dump)])
    assert result.exit_code != 0
    assert from_json_ld([dump.read_text(encoding="utf-8")], "the page")
    assert listener.requests == []


# -------- requests that hide another


def exchange(address: tuple[str, int], sent: bytes) -> bytes:
    """Return all that a server answers to *sent* until it closes the connection."""
    with socket.create_connection(address, timeout=5) as link:
        link.sendall(sent)
        answer = b""
        while part := link.recv(65536):
            answer += part
    return answer


@pytest.fixture(scope="module")
def address(fiction: Project) -> Iterator[tuple[str, int]]:
    """Run the application behind our protocol, in a thread."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        app = app_of(fiction, replace(SETTINGS, hosts=frozenset({"x"})))
        config = uvicorn.Config(app, http=connection.PatientProtocol, ws="none", log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()
        server.should_exit = True
        thread.join()


HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b"0\r\n\r\n" + HIDDEN
HEAD = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length : 5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\nTransfer-Encoding: chunked\r\n",
        b"Host: y\r\nContent-Length: 0\r\n",
    ],
)
def test_a_request_with_two_readings_is_refused_and_the_connection_closed(
    address: tuple[str, int], lengths: bytes
) -> None:
    answer = exchange(address, HEAD + lengths + b"\r\n" + BODY)
    assert answer[9:12] in (b"400", b"501"), answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()


def test_two_plain_requests_on_one_connection_are_answered(address: tuple[str, int]) -> None:
    last = HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert exchange(address, HIDDEN + last).count(b"HTTP/1.1 200") == 2


# -------- paths and names


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/static/..%5c..%5cetc%5cpasswd",
        "/static/%252e%252e/etc/passwd",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/ontology/../../etc/passwd",
        "/ontology/%2e%2e/%2e%2e/kg.toml",
        "/api/queries/..%2f..%2fkg.toml",
        "/questions/..%2f..%2fkg",
        "/article/..%2f..%2fkg.toml",
        "/article/%00",
        "/../kg.toml",
        "/.git/config",
        "/kg.toml",
        "/data/articles/harbour-study.yaml",
        "/build/current",
    ],
)
def test_no_path_leads_to_a_file(address: tuple[str, int], path: str) -> None:
    answer = exchange(address, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    status = int(answer[9:12])
    assert 300 <= status < 500, answer[:200]
    assert b"root:" not in answer
    assert b"curator" not in answer
    assert b"base =" not in answer


@pytest.fixture(scope="module")
def public_client(fiction: Project) -> Iterator[TestClient]:
    public = public_url("https://kg.example.org/base/")
    with client_of(fiction, replace(SETTINGS, public=public, hosts=frozenset({public.host}))) as client:
        yield client


@pytest.mark.parametrize("host", ["evil.example", "kg.example.org.evil.example", "evil.example:443", "localhost", ""])
def test_below_a_public_address_only_its_name_is_answered(public_client: TestClient, host: str) -> None:
    """A page of another site that points its name at this server (rebinding) gets nothing."""
    assert public_client.get("/base/", headers={"host": host}).status_code == 421
    assert public_client.get("/base/", headers={"host": "KG.example.org:443"}).status_code == 200
    names = {"host": "kg.example.org", "x-forwarded-host": host or "evil.example"}
    named = public_client.get("/base/", headers=names)
    assert (named.status_code, "evil.example" in named.text) == (200, False)


def test_hosts_follow_the_public_address() -> None:
    assert public_url("https://KG.example.org:8443/").host == "kg.example.org"


# -------- slow clients


def test_one_that_sends_byte_by_byte_is_cut_off_and_others_are_answered(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.5)
    with socket.create_connection(address, timeout=5) as slow:
        slow.sendall(b"GET / HT")
        assert b" 200 " in exchange(address, HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        slow.sendall(b"TP/1.1\r\nHost: x\r\n")
        assert slow.recv(100) == b""


def test_a_body_that_never_ends_is_cut_off(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    answer = exchange(address, HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nASK{}\r\n")
    assert answer[9:12] == b"408"


def test_what_defends_us_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`((?:tests|kg)/[\w./-]+)`", text))
    assert {name for name in names if not (ROOT / name).exists()} == set()
    assert len(names) > 10
