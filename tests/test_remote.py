"""Answers and failures of triplestores behind HTTP: each failure has its name, and exit code 4."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from errno import ENOSPC
from json import dumps
from pathlib import Path

import pytest
import trustme

from kg.core.errors import EndpointError, Failure, RemoteError, UsageError
from kg.core.values import XSD
from kg.planning.rows import Rows
from kg.project.endpoint import Endpoint, StoreSettings, address_settings, endpoint
from kg.project.store_kinds import KINDS
from kg.store.answers import RESULTS
from kg.store.canonical import canonical_term
from kg.store.client import AGENT, Client, Request
from kg.store.credentials import Credentials
from kg.store.embedded import memory_store
from kg.store.probe import probed
from kg.store.protocol import Store
from kg.store.remote import RemoteStore
from kg.store.spool import body_of, spool
from kg.transfer.lease import Holding, _left
from tests.faulty import cutting, scripted
from tests.servers import PASSWORD, USER, Server, isql, running
from tests.transfers import Loading, articles, loading

CASES = Path(__file__).parent / "store"
LINES = (CASES / "graph.nq").read_text(encoding="utf-8").splitlines()
ANYTHING = "SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 1"
NO_ROWS = b'{"head":{"vars":["g","s","p","o"]},"results":{"bindings":[]}}'
OK = (200, {"Content-Type": RESULTS}, NO_ROWS)


def place(url: str, kind: str = "sparql", **settings: object) -> Endpoint:
    return endpoint(StoreSettings("s", url, kind, **settings), KINDS[kind])  # type: ignore[arg-type]


def opened(
    where: Endpoint, known: Credentials | None = None, seconds: float = 5.0, pauses: list[float] | None = None
) -> RemoteStore:
    """Open a store whose pauses between attempts are noted, not waited for."""
    noted = pauses if pauses is not None else []
    return RemoteStore(where, Client(where, known or Credentials(), noted.append), seconds)


def failure(store: RemoteStore, query: str = ANYTHING) -> RemoteError:
    with store, pytest.raises(RemoteError) as caught:
        store.select(query)
    assert caught.value.exit_code == 4
    assert store.endpoint.settings.url in caught.value.message
    return caught.value


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("oxigraph", tmp_path_factory.mktemp("oxigraph")) as server:
        with opened(server.endpoint) as store:
            store.post_quads("".join(f"{line}\n" for line in LINES).encode(), "test data")
        yield server


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("virtuoso", tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


# -------- answers


def expected_rows(case: Path) -> Rows:
    variables, *rows = (line.split("\t") for line in case.with_suffix(".tsv").read_text(encoding="utf-8").splitlines())
    return Rows(tuple(variables), tuple(tuple(cell or None for cell in row) for row in rows))


@pytest.mark.parametrize("case", sorted((CASES / "answers").glob("*.rq")), ids=lambda case: case.stem)
def test_a_server_gives_the_rows_that_the_engine_gives(case: Path, oxigraph: Server) -> None:
    with opened(oxigraph.endpoint) as store:
        assert store.select(case.read_text(encoding="utf-8")) == expected_rows(case)


def test_all_of_the_protocol_gives_what_the_embedded_store_gives(oxigraph: Server) -> None:
    with opened(oxigraph.endpoint) as remote, memory_store(LINES) as own:
        stores: tuple[Store, Store] = (remote, own)
        assert len({store.ask("ASK { GRAPH ?g { ?s ?p ?o } }") for store in stores}) == 1
        texts = [store.construct("CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }") for store in stores]
        assert texts[0] == texts[1]
        assert dict(remote.graphs()) == dict(own.graphs())
        assert sorted(map(str, remote.quads())) == LINES


def test_a_query_that_is_none_is_the_askers_mistake(oxigraph: Server) -> None:
    with opened(oxigraph.endpoint) as store, pytest.raises(UsageError, match="it refused the request"):
        store.select("SELECT WHERE nothing")


def test_we_say_who_we_are_and_ask_by_post_for_json() -> None:
    with scripted(OK) as server, opened(place(server.url)) as store:
        assert store.select(ANYTHING).rows == ()
        head = server.heads[0]
        assert head["user-agent"] == AGENT
        assert AGENT.startswith("communique-kg/")
        assert head["accept"] == RESULTS
        assert server.bodies[0].startswith(b"query=SELECT")


# -------- who we are


@pytest.mark.parametrize(
    ("known", "auth", "sent"),
    [
        (Credentials("me", "pässword"), "basic", "Basic bWU6cMOkc3N3b3Jk"),
        (Credentials(token="t0ken"), "basic", "Bearer t0ken"),
        (Credentials(token="t0ken"), "bearer", "Bearer t0ken"),
        (Credentials("me", "x"), "none", None),
        (Credentials(), "basic", None),
    ],
)
def test_credentials_are_sent_as_the_store_wants_them(known: Credentials, auth: str, sent: str | None) -> None:
    with scripted(OK) as server, opened(place(server.url, auth=auth), known) as store:
        store.select(ANYTHING)
        assert server.heads[0].get("authorization") == sent


def test_a_netrc_file_is_read_by_us_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login u password p\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    with scripted(OK) as server, opened(place(server.url)) as store:
        store.select(ANYTHING)
        assert "authorization" not in server.heads[0]
    with scripted(OK) as server, RemoteStore(place(server.url)) as store:
        store.select(ANYTHING)
        assert server.heads[0]["authorization"] == "Basic dTpw"


# -------- failures by name


def test_nobody_listens() -> None:
    assert failure(opened(place("http://127.0.0.1:9"))).failure is Failure.UNREACHABLE


def test_a_dead_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:secret@127.0.0.1:9")
    error = failure(opened(place("http://triples.example.org/")))
    assert error.failure is Failure.UNREACHABLE
    assert "cannot connect through the proxy 127.0.0.1:9: " in error.message
    assert "no_proxy" in error.fix
    assert "secret" not in error.message + error.fix


@pytest.mark.parametrize("value", ["foo bar", "http://", "socks5://127.0.0.1:9"])
def test_a_proxy_that_is_no_address_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", value)
    error = failure(opened(place("http://triples.example.org/")))
    assert error.failure is Failure.UNREACHABLE
    assert f"through the proxy {value.removeprefix('socks5://')}: " in error.message


def test_a_proxy_that_asks_who_we_are() -> None:
    with scripted((407, {}, b"")) as server:
        error = failure(opened(place(server.url)))
    assert error.failure is Failure.UNAUTHORIZED
    assert "http_proxy" in error.fix


@pytest.mark.parametrize("host", ["x..y", "x" * 64 + ".example"])
def test_a_host_that_no_name_server_could_know_is_refused(host: str) -> None:
    assert failure(opened(place(f"http://{host}"))).failure is Failure.UNREACHABLE


def test_a_user_whose_name_no_header_can_carry_is_refused() -> None:
    with scripted((401, {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'}, b"")) as server:
        error = failure(opened(place(server.url, auth="digest"), Credentials("zł€", "p")))
    assert (error.failure, "credentials" in error.fix) == (Failure.UNREACHABLE, True)


def test_no_such_host() -> None:
    assert failure(opened(place("http://no-such-host.invalid/"))).failure is Failure.UNREACHABLE


def test_a_certificate_that_nobody_vouches_for() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with scripted(OK, tls=context) as server:
        error = failure(opened(place(server.url)))
    assert error.failure is Failure.UNTRUSTED
    assert "REQUESTS_CA_BUNDLE" in error.fix


def test_a_certificate_whose_issuer_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, authority = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with scripted(OK, tls=context) as server, opened(place(server.url)) as store:
        assert store.select(ANYTHING).rows == ()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    with scripted(OK) as other, scripted((status, {"Location": other.url}, b"")) as server:
        error = failure(opened(place(server.url), Credentials("me", "secret")))
        assert (error.failure, other.heads) == (Failure.REDIRECTED, [])
        assert other.url in error.message


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("text/html", b"<h1>Welcome to our portal</h1>", "it is not JSON"),
        (RESULTS, NO_ROWS[:20], "it is not JSON"),
        (RESULTS, b"", "it is not JSON"),
        (RESULTS, b'{"head":{},"results":{}}', "it is not the result of a SELECT"),
        (RESULTS, b"[1]", "it is not SPARQL results in JSON"),
        (
            RESULTS,
            b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"a b"}}]}}',
            "it is not the result",
        ),
        (
            RESULTS,
            b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"odd","value":"a"}}]}}',
            "it is not the result",
        ),
    ],
)
def test_an_answer_that_is_none(kind: str, body: bytes, why: str) -> None:
    with scripted((200, {"Content-Type": kind}, body)) as server:
        error = failure(opened(place(server.url)))
    assert error.failure is Failure.MALFORMED
    assert why in error.message


ROW = {"g": {"type": "uri", "value": "urn:g"}, "n": {"type": "literal", "value": "3"}}


def rows_reply(variables: list[str], *rows: Mapping[str, object]) -> tuple[int, Mapping[str, str], bytes]:
    return 200, {"Content-Type": RESULTS}, dumps({"head": {"vars": variables}, "results": {"bindings": rows}}).encode()


def test_rows_come_in_the_order_of_the_query_whatever_the_order_of_the_server() -> None:
    with scripted(rows_reply(["more", "n", "g"], ROW)) as server, opened(place(server.url)) as store:
        assert store.select("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").rows == (("<urn:g>", '"3"'),)


@pytest.mark.parametrize("variables", [["g"], [], ["x", "y"]], ids=str)
def test_rows_that_lack_a_variable_of_the_query_are_no_answer(variables: list[str]) -> None:
    with scripted(rows_reply(variables, ROW)) as server:
        error = failure(opened(place(server.url)), "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    assert (error.failure, "it is the result of another query" in error.message) == (Failure.MALFORMED, True)


@pytest.mark.parametrize("count", ["-5", "many", "", "8.0", "1e3", "9" * 5000, "٣"], ids=lambda text: text[:9])
def test_a_count_that_is_none_is_no_answer(count: str) -> None:
    number = {"type": "literal", "value": count, "datatype": "http://www.w3.org/2001/XMLSchema#string"}
    with scripted(rows_reply(["g", "n"], ROW | {"n": number})) as server, opened(place(server.url)) as store:
        for ask in (store.graphs, lambda: store.count("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")):
            with pytest.raises(RemoteError, match="instead of a count") as caught:
                ask()
            assert caught.value.failure is Failure.MALFORMED


@pytest.mark.parametrize("now", ["soon", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_is_none_is_no_answer(now: str) -> None:
    told = rows_reply(["now"], {"now": {"type": "literal", "value": now}})
    with scripted(told) as server, opened(place(server.url)) as store:
        with pytest.raises(RemoteError, match=r"for NOW\(\)"):
            Holding(store, "https://e.org/")._end()
        assert _left('"2031-05-02T12:30:00"', f'"{now}"') <= 0


HOSTILE_TERMS = (
    {"type": "literal", "value": "x", "xml:lang": "en us"},
    {"type": "literal", "value": "x", "datatype": "urn:a> <urn:b"},
    {"type": "literal", "value": "\ud800"},
    {"type": "uri", "value": ["urn:a"]},
    {"type": "literal", "value": 5},
)


@pytest.mark.parametrize("term", HOSTILE_TERMS, ids=str)
def test_what_is_no_term_is_no_answer(term: Mapping[str, object]) -> None:
    with scripted(rows_reply(["g"], {"g": term})) as server:
        assert failure(opened(place(server.url)), "SELECT ?g { ?g ?p ?o }").failure is Failure.MALFORMED


def test_a_text_that_only_claims_to_be_a_number_keeps_its_escapes() -> None:
    assert canonical_term('"a\\"b\\n"^^<http://www.w3.org/2001/XMLSchema#integer>').startswith('"a\\"b\\n"^^')


@pytest.mark.parametrize(
    "body",
    [
        b'{"head":5}',
        b'{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":{"x":1}}}',
        b"[" * 100_000,
        b'{"head":{}}',
    ],
    ids=lambda body: body[:30].decode(),
)
def test_a_truth_that_is_none_is_no_answer(body: bytes) -> None:
    with scripted((200, {"Content-Type": RESULTS}, body)) as server, opened(place(server.url)) as store:
        for ask in (lambda: store.ask("ASK {}"), lambda: store.select(ANYTHING)):
            with pytest.raises(RemoteError) as caught:
                ask()
            assert caught.value.failure is Failure.MALFORMED


def test_triples_that_are_none() -> None:
    with scripted((200, {"Content-Type": "text/turtle"}, b"<a> <b")) as server, opened(place(server.url)) as store:
        with pytest.raises(RemoteError) as caught:
            store.construct("CONSTRUCT WHERE { ?s ?p ?o }")
        assert caught.value.failure is Failure.MALFORMED


def test_an_answer_shorter_than_announced() -> None:
    with scripted((200, {"Content-Type": RESULTS, "Content-Length": "999"}, NO_ROWS)) as server:
        assert failure(opened(place(server.url), seconds=1)).failure in (Failure.CUT, Failure.TIMEOUT)


def test_no_answer_at_all() -> None:
    pauses: list[float] = []
    with scripted((0, {}, b"")) as server:
        assert failure(opened(place(server.url), pauses=pauses)).failure is Failure.CUT
    assert pauses == [0.25, 0.5, 1.0]


def test_what_goes_into_a_file_has_no_size_limit_and_nothing_of_an_earlier_attempt() -> None:
    body = b"<a:s> <a:p> <a:o> .\n" * 9
    whole = (200, {"Content-Type": "application/n-triples"}, body)
    cut = (200, {"Content-Length": str(len(body) + 1), "Connection": "close"}, body)
    with scripted(cut, whole) as server, opened(place(server.url)) as store, spool() as file:
        sent = Request("GET", server.url, "a graph", {}, {}, most=10)
        reply = store.client.send(replace(sent, into=file))
        assert (reply.body, reply.stream.read()) == (b"", body)
        assert len(server.bodies) == 2
        with pytest.raises(RemoteError, match="more than 0 MiB"):
            store.client.send(sent)
    with scripted((400, {}, b"no such graph")) as server, opened(place(server.url)) as store, spool() as file:
        with pytest.raises(RemoteError, match="no such graph"):
            store.client.send(Request("GET", server.url, "a graph", {}, {}, into=file))
        assert file.tell() == 0


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_body_in_a_file_is_sent_with_its_length_and_again_after_a_failure(
    packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.spool.IN_MEMORY", 10)
    lines = [f"<a:s> <a:p> <a:o{n}> .\n".encode() for n in range(99)]
    with scripted((503, {}, b""), (204, {}, b"")) as server:
        where = place(server.url, kind="oxigraph", gzip=packed)
        with opened(where) as store:
            store.put_graph("<a:g>", iter(lines))
        first, second = server.bodies
        assert first == second
        assert (gzip.decompress(second) if packed else second) == b"".join(lines)
        assert [head["content-length"] for head in server.heads] == [str(len(second))] * 2


def test_a_server_may_take_its_time_to_accept_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.store.client.CONNECTING", 0.1)
    body = b"<a:s> <a:p> <a:o> .\n" * 500_000

    def accept_late(listener: socket.socket) -> int:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            time.sleep(0.5)
            head = list(iter(stream.readline, b"\r\n"))
            length = next(int(line.split()[1]) for line in head if line.lower().startswith(b"content-length:"))
            received = stream.read(length)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            return len(received)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(accept_late, listener)
        where = place(f"http://127.0.0.1:{listener.getsockname()[1]}", kind="oxigraph")
        with opened(where) as store:
            store.put_graph("<a:g>", [body])
        assert accepted.result(5) == len(body)


def test_a_body_for_which_there_is_no_room_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", full)
    with pytest.raises(EndpointError, match="No space left") as caught, body_of([b"x"], packed=False):
        pytest.fail("there is a body")
    assert "TMPDIR" in caught.value.fix


def test_an_answer_that_never_ends() -> None:
    with scripted(OK, wait=20) as server:
        error = failure(opened(place(server.url), seconds=0.5))
    assert error.failure is Failure.TIMEOUT


def test_a_real_server_that_takes_too_long(oxigraph: Server) -> None:
    product = " ".join(f"GRAPH ?g{k} {{ ?s{k} ?p{k} ?o{k} }}" for k in range(6))
    error = failure(opened(oxigraph.endpoint, seconds=1), f"SELECT (COUNT(*) AS ?n) {{ {product} }}")
    assert error.failure is Failure.TIMEOUT
    assert "no complete answer within 1 s" in error.message


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (401, b"", Failure.UNAUTHORIZED),
        (403, b"", Failure.FORBIDDEN),
        (404, b"no data set", Failure.NOT_FOUND),
        (413, b"", Failure.TOO_LARGE),
        (429, b"", Failure.BUSY),
        (503, b"", Failure.BUSY),
        (504, b"", Failure.TIMEOUT),
        (507, b"", Failure.FULL),
        (500, b"IO error: No space left on device", Failure.FULL),
        (500, b"Virtuoso 40001 Error SR172: Transaction deadlocked", Failure.BUSY),
        (500, b"Virtuoso 42000 Error SR186: No permission to execute procedure", Failure.FORBIDDEN),
        (500, b"a bug", Failure.FAILED),
    ],
)
def test_what_a_server_says_has_a_name(status: int, body: bytes, wanted: Failure) -> None:
    with scripted((status, {"Content-Type": "text/plain"}, body)) as server:
        error = failure(opened(place(server.url)))
    assert error.failure is wanted
    assert f"HTTP {status}" in error.message
    assert body.decode() in error.message


def test_a_body_that_is_too_large_says_what_to_set() -> None:
    page = b"<h1>413 Request Entity Too Large</h1>"
    with (
        scripted((413, {}, page)) as server,
        opened(place(server.url, "oxigraph")) as store,
        pytest.raises(RemoteError) as caught,
    ):
        store.post_quads(b"<urn:s> <urn:p> <urn:o> <urn:g> .", "POST of 1 graphs")
    assert "it does not accept requests of that size (HTTP 413)" in caught.value.message
    assert all(remedy in caught.value.fix for remedy in ("client_max_body_size", "--way update", "gzip = true"))


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_at_an_address_is_not_found_and_not_an_empty_store(status: int, tmp_path: Path) -> None:
    with scripted((status, {"Server": "Oxigraph/0.5"}, b"")) as server:
        (tmp_path / "kg.toml").write_text("ontology = []\n")
        result = Loading(tmp_path, "", {}).kg("stores", server.url)
        with pytest.raises(RemoteError) as caught:
            probed(address_settings(server.url))
    assert result.exit_code == 4
    assert "\tnot-found\t" in result.stdout
    assert "there is nothing at that address" in result.stderr
    assert caught.value.failure is Failure.NOT_FOUND


def test_a_wrong_address_for_graphs_is_not_found_and_not_an_empty_graph(oxigraph: Server) -> None:
    graph = next(iter({line.split()[-2] for line in LINES}))
    with opened(replace(oxigraph.endpoint, graphs=f"{oxigraph.url}/nothing")) as store:
        with pytest.raises(RemoteError) as caught:
            store.triples(graph)
        assert caught.value.failure is Failure.NOT_FOUND
        assert store.triples("<urn:no-such-graph>") == ()


def test_a_store_that_refuses_our_queries_is_listed_all_the_same(tmp_path: Path) -> None:
    with scripted((200, {}, b""), (200, {}, b""), (400, {}, b"what?")) as server:
        (tmp_path / "kg.toml").write_text("ontology = []\n")
        result = Loading(tmp_path, "", {}).kg("stores", server.url)
    assert (result.exit_code, "\trefused\t" in result.stdout) == (4, True)


def test_what_is_refused_for_the_moment_is_tried_again() -> None:
    pauses: list[float] = []
    busy = (503, {"Retry-After": "3"}, b"")
    with scripted(busy, busy, OK) as server, opened(place(server.url), pauses=pauses) as store:
        assert store.select(ANYTHING).rows == ()
    assert pauses == [3.0, 3.0]


def test_rows_that_a_server_cut_are_no_answer() -> None:
    row = b'{"g":{"type":"uri","value":"urn:g"}}'
    body = b'{"head":{"vars":["g"]},"results":{"bindings":[' + b",".join([row] * 3) + b"]}}"
    with scripted((200, {"Content-Type": RESULTS, "X-SPARQL-MaxRows": "3"}, body)) as server:
        assert failure(opened(place(server.url))).failure is Failure.TRUNCATED


# -------- failures of writing, on real servers


def write(store: RemoteStore) -> RemoteError:
    with store, pytest.raises(RemoteError) as caught:
        store.update("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> <urn:o> } }")
    return caught.value


def test_a_read_only_oxigraph(tmp_path: Path) -> None:
    with running("oxigraph", tmp_path / "first"):
        pass
    with running("oxigraph", tmp_path / "first", "serve-read-only") as server:
        assert write(opened(server.endpoint)).failure is Failure.READ_ONLY
        project = loading(tmp_path / "p", server, "read-only")
        project.publish(articles(1))
        result = project.kg("load", "store")
        assert result.exit_code == 4
        assert isinstance(result.exception, RemoteError)
        assert result.exception.failure is Failure.READ_ONLY
        assert project.receipt()["error"]["failure"] == "read-only"


def test_a_read_only_fuseki(tmp_path: Path) -> None:
    with running("fuseki", tmp_path, "read-only") as server:
        assert write(opened(server.endpoint)).failure in (Failure.READ_ONLY, Failure.NOT_FOUND)


def test_a_store_without_an_address_for_updates() -> None:
    error = write(opened(place("http://127.0.0.1:9")))
    assert error.failure is Failure.READ_ONLY
    assert "kind" in error.fix


def test_virtuoso_does_not_know_us(virtuoso: Server) -> None:
    assert write(opened(virtuoso.endpoint)).failure is Failure.UNAUTHORIZED
    assert write(opened(virtuoso.endpoint, Credentials(USER, "wrong"))).failure is Failure.UNAUTHORIZED


def test_virtuoso_knows_us_and_does_not_let_us_write(virtuoso: Server) -> None:
    port = (virtuoso.folder / "virtuoso.ini").read_text().partition("ServerPort=127.0.0.1:")[2].partition("\n")[0]
    commands = "DB.DBA.USER_CREATE('reader', 'reader'); GRANT SPARQL_SELECT TO \"reader\";"
    subprocess.run([isql(), port, USER, PASSWORD, f"exec={commands}"], check=True, capture_output=True, timeout=60)
    assert write(opened(virtuoso.endpoint, Credentials("reader", "reader"))).failure is Failure.FORBIDDEN


def test_the_disk_of_the_server_is_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here; it needs root")
    try:
        with running("oxigraph", disk) as server:
            project = loading(tmp_path / "p", server, "full")
            project.publish(articles(80))
            result = project.kg("load", "store", "--way", "graphs")
            assert isinstance(result.exception, RemoteError)
            assert result.exception.failure is Failure.FULL
            assert result.exit_code == 4
            assert project.receipt()["outcome"] == "broken-off"
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_cut_connection_in_the_middle_of_a_body(oxigraph: Server) -> None:
    with cutting(oxigraph.url) as proxy:
        where = replace(oxigraph.endpoint, quads=f"{proxy.url}/store")
        proxy.budget = 30_000
        body = f'<urn:s> <urn:p> "{"x" * 100_000}" <urn:g> .\n'.encode()
        with opened(where) as store, pytest.raises(RemoteError) as caught:
            store.post_quads(body, "test")
        assert caught.value.failure in (Failure.CUT, Failure.UNREACHABLE)
        assert proxy.cuts


# -------- the commands


def test_the_commands_ask_another_store(oxigraph: Server, tmp_path: Path) -> None:
    project = loading(tmp_path, oxigraph, "commands")
    (tmp_path / "queries").mkdir()
    project.publish({"article/a": [f'<{{base}}x> <http://www.w3.org/2000/01/rdf-schema#label> "5"^^<{XSD}integer>']})
    project.load()
    query = 'SELECT ?s ?o { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), "https://example.org/commands/a")) }'
    for options in (["--endpoint", "store"], ["--endpoint", oxigraph.url], []):
        result = project.kg("sparql", query, "--format", "tsv", *options)
        assert (result.exit_code, result.stdout) == (0, "s\to\nx\t5\n")
    told = project.kg("explain", "x", "--endpoint", "store")
    assert told.exit_code == 0
    assert told.stdout == project.kg("explain", "x").stdout


@pytest.mark.parametrize(
    "text", ["SELECT * { SERVICE <http://x> { ?s ?p ?o } }", "DELETE WHERE { ?s ?p ?o }", "LOAD <http://x> #{"]
)
def test_another_store_is_sent_nothing_that_reaches_out_or_writes(text: str, tmp_path: Path) -> None:
    with scripted(OK) as server:
        (tmp_path / "kg.toml").write_text(f'ontology = []\n[stores.s]\nurl = "{server.url}"\n')
        result = Loading(tmp_path, "", {}).kg("sparql", text, "--endpoint", "s")
        assert isinstance(result.exception, UsageError)
        assert set(server.bodies) == {b""}  # GET alone: the questions what it is, and no more
