"""`kg serve` as a process: what one sender does costs others nothing, and it stops without leaving anything behind."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import anyio
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from kg.core.errors import EndpointError, KgError, UsageError
from kg.project.settings import Project, load_project
from kg.questions.query import bound_text
from kg.store.documents import StoppedError
from kg.store.isolation import DocumentRequest, Limits, Worker
from kg.web import connection, limits
from kg.web.canned import AT_ONCE, is_prepared
from kg.web.errors import BusyError
from kg.web.limits import RequestLimits, host_name
from kg.web.recent import Recent
from kg.web.site import open_site
from kg.web.slots import Slots
from kg.web.workers import Workers
from tests.serving import ROOT, SETTINGS, client_of, server_of

pytestmark = pytest.mark.stress

HOUR_LONG = (
    "SELECT (COUNT(*) AS ?n) WHERE { " + " ".join(f"GRAPH ?g{k} {{ ?s{k} ?p{k} ?o{k} }}" for k in range(4)) + " }"
)
TIMEOUT = 1.0  # a request that waited for an endless query would wait for as long
WORKERS = 2

JSON = "application/sparql-results+json"


@pytest.fixture(scope="module")
def server(fiction: Project) -> Iterator[str]:
    with server_of(fiction, "--timeout", str(TIMEOUT), "--workers", str(WORKERS)) as address:
        assert asked(address, "/sparql?query=ASK%7B%7D")[0] == 200
        yield address


def asked(address: str, path: str, method: str = "GET", **options: object) -> tuple[int, dict[str, str], bytes, float]:
    """Return status, head, body and seconds of one request."""
    start = time.monotonic()
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)) as link:
        link.request(method, path, **options)  # type: ignore[arg-type]
        with closing(link.getresponse()) as response:
            body = response.read()
    return response.status, {k.lower(): v for k, v in response.headers.items()}, body, time.monotonic() - start


def sparql(query: str) -> str:
    return f"/sparql?query={quote(query, safe='')}"


OTHERS = (
    "/",
    "/api/queries/who-met-whom",
    "/person/mara-lind.ttl",
    sparql("SELECT * WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 5"),
)


def answered_meanwhile(server: str) -> None:
    """Assert that each of the others is answered, and sooner than if it had waited for an endless query.

    The quickest of three counts, for the machine may be busy with something else.
    """
    answers = {path: [asked(server, path)[::3] for _ in range(3)] for path in OTHERS}
    assert {path: [code for code, _ in each] for path, each in answers.items()} == {path: [200] * 3 for path in OTHERS}
    assert {path: each for path, each in answers.items() if min(seconds for _, seconds in each) >= TIMEOUT} == {}


def test_an_hour_long_query_costs_one_worker_and_others_are_answered_meanwhile(server: str) -> None:
    for path in OTHERS:  # what a page needs of the whole graph is made before
        asked(server, path)
    with ThreadPoolExecutor() as pool:
        long: Future[tuple[int, dict[str, str], bytes, float]] = pool.submit(asked, server, sparql(HOUR_LONG))
        time.sleep(0.2)
        answered_meanwhile(server)
        status, head, body, seconds = long.result()
    assert (status, head["content-type"]) == (504, "text/plain; charset=utf-8")
    assert b"took longer than 1 s and was stopped" in body
    assert TIMEOUT <= seconds < TIMEOUT + 10


def test_whoever_goes_away_leaves_a_place_for_others(fiction: Project) -> None:
    with server_of(fiction, "--timeout", "30", "--workers", "1") as address:
        assert asked(address, "/sparql?query=ASK%7B%7D")[0] == 200
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), timeout=5) as link:
                link.sendall(f"GET {sparql(HOUR_LONG)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                time.sleep(0.5)
            status, _, _, seconds = asked(address, "/sparql?query=ASK%7B%7D")
            assert status == 200
            assert seconds < 15  # of the 30 that the query may take


def test_more_queries_than_there_are_places_for_are_told_to_come_again(server: str) -> None:
    with ThreadPoolExecutor(max_workers=20) as pool:
        flood = [pool.submit(asked, server, sparql(HOUR_LONG)) for _ in range(3 * WORKERS + 6)]
        time.sleep(0.3)
        canned = [asked(server, "/api/queries/who-met-whom") for _ in range(5)]
        found = [each.result() for each in flood]
    assert {each[0] for each in canned} == {200}
    assert min(each[3] for each in canned) < TIMEOUT
    assert {each[0] for each in found} == {503, 504}
    refused = [each for each in found if each[0] == 503]
    assert all(int(each[1]["retry-after"]) > 0 and b"busy" in each[2] for each in refused)
    assert min(each[3] for each in refused) < TIMEOUT
    assert asked(server, sparql("ASK {}"))[0] == 200


# -------- canned questions: the project's own, and yet a graph may be too large for one


ENDLESS = f"""#+ title: Endless
#+ question: How many pairs of pairs are there?
{HOUR_LONG}
"""
LARGE = """#+ title: Large
#+ question: Which statements stand beside one another?
SELECT * WHERE { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?t ?q ?r } } ORDER BY ?r ?o
"""


@pytest.fixture(scope="module")
def with_endless(fiction: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a question that takes an hour, and one that takes all memory."""
    root = Path(shutil.copytree(fiction.root, tmp_path_factory.mktemp("endless") / "fiction", symlinks=True))
    (root / "queries").mkdir()
    (root / "queries" / "endless.rq").write_text(ENDLESS, encoding="utf-8")
    (root / "queries" / "large.rq").write_text(LARGE, encoding="utf-8")
    settings = (root / "kg.toml").read_text(encoding="utf-8")
    settings = re.sub("(?m)^queries = .*$", f'queries = ["{ROOT}/queries", "queries"]', settings)
    (root / "kg.toml").write_text(settings, encoding="utf-8")
    return load_project(root)


@pytest.fixture(scope="module")
def endless(with_endless: Project) -> Iterator[str]:
    """A server of that project."""
    with server_of(with_endless, "--question-timeout", "2") as address:
        yield address


def test_a_question_that_takes_too_long_is_stopped_and_others_are_answered_meanwhile(endless: str) -> None:
    with ThreadPoolExecutor() as pool:
        page = pool.submit(asked, endless, "/questions/endless")
        program = pool.submit(asked, endless, "/api/queries/endless")
        time.sleep(0.2)
        answered_meanwhile(endless)
        shown, told = page.result(), program.result()
    assert (shown[0], told[0], told[1]["content-type"]) == (504, 504, "application/problem+json")
    for body in (shown[2], told[2]):
        assert b"took longer than 2 s and was stopped" in body
    assert b"<h1>Endless</h1>" in shown[2]


def test_a_question_that_takes_too_much_memory_costs_its_process_only(fiction: Project) -> None:
    site = open_site(fiction, limits=Limits(seconds=30, memory=100 << 20))
    endless = replace(site.query("who-met-whom"), text=LARGE)
    with closing(site), site.snapshot() as snapshot:
        for _ in range(2):
            with pytest.raises(StoppedError, match="more than 100 MiB of memory"):
                site.canned.rows(snapshot, endless, LARGE)
        other = site.query("sources")
        assert site.canned.rows(snapshot, other, bound_text(snapshot.graph, other, {})).rows


def test_whoever_asks_the_same_waits_for_the_same_rows(fiction: Project) -> None:
    site = open_site(fiction)
    query = site.query("facts-by-kind")
    with closing(site), site.snapshot() as snapshot, ThreadPoolExecutor(8) as pool:
        text = bound_text(snapshot.graph, query, {})
        found = [each.result() for each in [pool.submit(site.canned.rows, snapshot, query, text) for _ in range(8)]]
    assert found[0].rows
    assert all(each is found[0] for each in found)
    with pytest.raises(EndpointError, match="closing"):
        site.canned.rows(replace(snapshot, rows=Recent(1)), query, text)


def test_questions_are_answered_beforehand_as_long_as_that_is_wanted(fiction: Project) -> None:
    site = open_site(fiction)
    queries = [site.query(name) for name in ("topics", "who-took-part", "sources")]
    with closing(site), site.snapshot() as snapshot:
        texts = [bound_text(snapshot.graph, query, {}) for query in (queries[0], queries[2])]
        site.canned.prepare(snapshot, queries, lambda: False)
        assert [snapshot.rows.get(text) for text in texts] == [None, None]
        site.canned.prepare(snapshot, queries, lambda: True)
        assert all(snapshot.rows.get(text) for text in texts)
        assert site.canned.rows(snapshot, queries[0], texts[0]) is snapshot.rows.get(texts[0])


def test_questions_for_which_there_is_no_time_beforehand_wait_for_a_reader(fiction: Project) -> None:
    site = open_site(fiction)
    query = site.query("topics")
    with closing(site), site.snapshot() as snapshot:
        text = bound_text(snapshot.graph, query, {})
        site.canned.prepare(snapshot, [query], lambda: True, seconds=0)
        assert is_prepared(snapshot)
        site.canned.prepare(snapshot, [query], lambda: True)  # as the server does whenever it looks for a new graph
        assert snapshot.rows.get(text) is None
        assert site.canned.answers_about(snapshot, query, "<https://example.org/fiction/topic/unknown>")
        assert site.canned.rows(snapshot, query, text).rows


def test_a_crash_costs_its_sender_only(server: str) -> None:
    crash = asked(
        server,
        "/sparql",
        "POST",
        body=f"SELECT ({'!' * 15000}true AS ?x) {{ }}",
        headers={"content-type": "application/sparql-query"},
    )
    assert (crash[0], b"crashed the engine" in crash[2]) == (422, True)
    braces = asked(server, sparql("SELECT * WHERE " + "{" * 1000 + "}" * 1000))
    assert (braces[0], b"nest deeper than 64 levels" in braces[2]) == (400, True)
    assert asked(server, OTHERS[3])[0] == 200


# -------- the head and the body of a request


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "localhost.evil"])
def test_on_loopback_other_names_are_not_answered(server: str, host: str) -> None:
    status, _, body, _ = asked(server, "/sparql?query=ASK%7B%7D", headers={"Host": host})
    assert (status, b"this server is not" in body) == (421, True)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8800", "[::1]:8800"])
def test_the_names_of_this_machine_are_answered(server: str, host: str) -> None:
    assert asked(server, "/sparql?query=ASK%7B%7D", headers={"Host": host})[0] == 200


def test_an_address_in_absolute_form_is_answered_by_the_host_it_names(server: str) -> None:
    assert asked(server, f"{server}/api/queries")[0] == 200
    assert asked(server, f"http://evil.example/{sparql('ASK {}')}")[0] == 421


def test_an_error_names_no_folder_of_this_machine(fiction: Project, tmp_path: Path) -> None:
    root = tmp_path / "moved"
    shutil.copytree(fiction.root, root, symlinks=True)
    with server_of(load_project(root)) as address:
        shutil.rmtree(root / "build")
        told = [asked(address, sparql(f"ASK {{}} # {k}")) for k in range(12)]  # spare workers have it open already
        assert [status for status, *_ in told if status != 200], told
        assert not [body for _, _, body, _ in told if str(tmp_path).encode() in body]


def test_the_name_in_a_host_header() -> None:
    assert [host_name(h) for h in ("a:1", "a", "[::1]", "[::1]:2", "a:b", ":1")] == [
        "a",
        "a",
        "[::1]",
        "[::1]",
        "a:b",
        "",
    ]


def test_what_is_too_long_or_too_large_is_refused(server: str) -> None:
    assert asked(server, "/sparql?query=" + "x" * 60_000)[0] == 414
    assert asked(server, "/" + "x" * 100_000)[0] in (400, 414, 431)
    form = {"content-type": "application/x-www-form-urlencoded"}
    large = b"query=" + b"x" * (limits.MOST_BODY + 1)
    assert asked(server, "/sparql", "POST", body=b"", headers={**form, "content-length": "99999999999"})[0] == 413
    status, _, body, _ = asked(server, "/sparql", "POST", body=iter([large]), headers=form, encode_chunked=True)
    assert (status, b"more than" in body) == (413, True)
    status, head, _, _ = asked(
        server, "/reconcile", "POST", body=b"", headers={**form, "content-length": "99999999999"}
    )
    assert (status, head["content-type"]) == (413, "application/problem+json")


def test_a_query_of_16_kb_fits_into_an_address(server: str) -> None:
    comment = "长" * 5_000
    assert asked(server, sparql(f"ASK {{}} #{comment}"))[0] == 200


def test_a_body_that_comes_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.05)
    sent: list[Message] = []

    async def never() -> Message:
        await anyio.sleep(5)
        return {"type": "http.disconnect"}

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(UsageError, match="too slowly"):
            await receive()
        await send({"type": "done"})

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(RequestLimits(app, None)(scope, never, keep))
    assert sent == [{"type": "done"}]


def test_a_connection_whose_request_does_not_come_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(app, http=connection.PatientProtocol, ws="none", lifespan="off", log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            for begun in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "):
                with socket.create_connection(listener.getsockname(), timeout=5) as link:
                    link.sendall(begun)
                    assert link.recv(100) == b"", begun
            with socket.create_connection(listener.getsockname(), timeout=5) as link:
                link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert link.recv(100).startswith(b"HTTP/1.1 204")
                link.sendall(b"GET / HTTP/1.1\r\n")
                assert link.recv(100) == b""
        finally:
            server.should_exit = True
            thread.join()


# -------- workers and places


@pytest.fixture
def workers() -> Iterator[Workers]:
    with closing(Workers(Limits(seconds=5, memory=48 << 20, rows=50, size=50_000), 2, 1, patience=0.2)) as found:
        yield found


def store_of(project: Project) -> Path:
    return project.build / "current" / "store"


def test_limits_on_memory_rows_and_size_hold_for_documents(fiction: Project, workers: Workers) -> None:
    join = "SELECT * WHERE { GRAPH ?a { ?b ?c ?d } GRAPH ?e { ?f ?g ?h } } ORDER BY ?b ?f ?h ?d LIMIT 5"
    many = "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 51"
    wide = f"SELECT ?s ?p ?x WHERE {{ GRAPH ?g {{ ?s ?p ?o }} BIND (CONCAT('{'x' * 2000}', STR(?o)) AS ?x) }} LIMIT 50"
    for query, media, limit in (
        (join, JSON, "memory"),
        (many, JSON, "rows"),
        (wide, JSON, "size"),
        (wide.replace("SELECT ?s ?p ?x", "CONSTRUCT { ?s ?p ?x }"), "text/turtle", "size"),
    ):
        with pytest.raises(StoppedError) as caught:
            workers.document(store_of(fiction), DocumentRequest(query, media, {}))
        assert caught.value.limit == limit, query


def test_a_spare_worker_that_died_is_replaced(fiction: Project, workers: Workers) -> None:
    workers.prepare(store_of(fiction))
    end = time.monotonic() + 10
    while len(workers._pool._idle) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    for spare in workers._pool._idle:
        spare.kill()
        spare._process.wait()
    assert workers.document(store_of(fiction), DocumentRequest("ASK {}", "text/csv", {})) == b"true"


def test_a_store_that_is_not_there_is_an_error_and_no_hang(tmp_path: Path, workers: Workers) -> None:
    workers.prepare(tmp_path / "none")
    with pytest.raises(KgError):
        workers.document(tmp_path / "none", DocumentRequest("ASK {}", "text/csv", {}))


def test_the_processes_for_questions_are_started_ahead_and_those_that_ended_are_replaced(fiction: Project) -> None:
    with closing(open_site(fiction)) as site, site.snapshot() as snapshot:
        for _ in range(2):
            site.canned.start(snapshot)
            first, *others = site.canned._pool._idle
            assert len(others) == AT_ONCE - 1
        first.kill()
        first._process.wait()
        site.canned.start(snapshot)
        assert [each.alive for each in site.canned._pool._idle] == [True] * AT_ONCE


def test_closing_ends_a_query_at_work(fiction: Project) -> None:
    workers = Workers(Limits(seconds=60), 1, 0)
    with ThreadPoolExecutor() as pool:
        long = pool.submit(workers.document, store_of(fiction), DocumentRequest(HOUR_LONG, JSON, {}))
        time.sleep(0.5)
        workers.close()
        with pytest.raises(EndpointError):
            long.result(timeout=5)
    workers.close()


def test_a_worker_says_when_it_is_ready_and_when_it_cannot_be(fiction: Project, tmp_path: Path) -> None:
    with Worker(store_of(fiction)) as worker:
        assert worker.ready(10)
    with Worker(tmp_path) as worker:
        assert not worker.ready(10)
    with Worker(store_of(fiction)) as worker:
        assert not worker.ready(0.0)


def test_places_have_a_short_queue() -> None:
    places = Slots(1, 1, patience=1)
    with places.one():
        with pytest.raises(BusyError), places.one():
            pass
        with ThreadPoolExecutor() as pool:

            def waits() -> None:
                with places.one():
                    pass

            waiting = pool.submit(waits)
            time.sleep(0.02)
            start = time.monotonic()
            with pytest.raises(BusyError), places.one():
                pass
            assert time.monotonic() - start < 0.5
            with pytest.raises(BusyError):
                waiting.result()
    with places.one():
        pass


def test_canned_questions_have_a_bound_too(fiction: Project) -> None:
    with client_of(fiction, replace(SETTINGS, canned=0, patience=0.01)) as client:
        response = client.get("/api/queries/who-met-whom")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")


# -------- start and stop


def workers_of(parent: int) -> list[int]:
    """Return the processes of workers that *parent* started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                command, status = (folder / "cmdline").read_bytes(), (folder / "stat").read_text()
            except OSError:
                continue
            if b"kg.store.worker" in command and int(status.rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
    return found


def gone(processes: list[int]) -> bool:
    end = time.monotonic() + 5
    while any(
        Path(f"/proc/{each}/cmdline").exists() and Path(f"/proc/{each}/cmdline").read_bytes() for each in processes
    ):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_whoever_waits_for_a_question_is_told_that_it_stops(with_endless: Project) -> None:
    main = [sys.executable, "-c", "from kg.cli import main; main()", "-C", str(with_endless.root)]
    process = subprocess.Popen([*main, "serve", "--port", "0"], stderr=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stderr
    address = process.stderr.readline().split(" at ")[1].split("/ ")[0]
    with ThreadPoolExecutor() as pool:
        long = pool.submit(asked, address, "/api/queries/endless")
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        status, _, body, _ = long.result()
    _, said = process.communicate(timeout=15)
    assert (status, b"the server is stopping" in body) == (503, True)
    assert "Traceback" not in said
    assert process.returncode == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda sign: sign.name)
def test_it_stops_with_all_its_workers_also_during_a_query(fiction: Project, sign: signal.Signals) -> None:
    command = [sys.executable, "-c", "from kg.cli import main; main()", "-C", str(fiction.root)]
    options = ["serve", "--port", "0", "--timeout", "1" if sign is signal.SIGKILL else "30", "--workers", "1"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stderr
    address = process.stderr.readline().split(" at ")[1].split("/ ")[0]
    with ThreadPoolExecutor() as pool:
        long = pool.submit(asked, address, sparql(HOUR_LONG))
        time.sleep(0.7)
        children = workers_of(process.pid)
        assert children
        process.send_signal(sign)
        code = process.wait(timeout=15)
        assert gone(children)
        if sign is signal.SIGKILL:
            with pytest.raises((OSError, http.client.HTTPException)):
                long.result()
        else:
            status, _, body, _ = long.result()
            assert (status, b"the server is stopping" in body) == (503, True)
    said = process.stderr.read()
    process.stderr.close()
    assert "Traceback" not in said
    assert code == (-signal.SIGKILL if sign is signal.SIGKILL else 0)


def ran(fiction: Project, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    main = f"import sys\n{code}\nfrom kg.cli import main\nmain()"
    command = [sys.executable, "-c", main, "-C", str(fiction.root), "serve", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=20, env={**os.environ, "NO_COLOR": "1"}
    )


def test_a_port_in_use_is_told(fiction: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ran(fiction, "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (4, "")
    assert "cannot listen on 127.0.0.1" in done.stderr
    assert "choose another --port" in done.stderr


def test_a_missing_extra_is_told(fiction: Project) -> None:
    done = ran(fiction, code="sys.modules['uvicorn'] = None")
    assert done.returncode == 2
    assert "serving needs the extra 'serve'" in done.stderr


def test_an_address_that_is_not_ours_and_an_origin_that_is_none_are_told(fiction: Project) -> None:
    assert ran(fiction, "--host", "192.0.2.1").returncode == 4
    assert ran(fiction, "--cors", "https://example.org/path").returncode == 2


def test_a_project_that_was_not_built_is_told(tmp_path: Path, fiction: Project) -> None:
    (tmp_path / "kg.toml").write_text("")
    done = ran(replace(fiction, root=tmp_path), "--port", "0")
    assert done.returncode == 3
    assert "run 'kg build'" in done.stderr


def test_off_loopback_there_is_a_warning_and_any_name_is_answered(fiction: Project) -> None:
    command = [sys.executable, "-c", "from kg.cli import main; main()", "-v", "-C", str(fiction.root)]
    process = subprocess.Popen(
        [*command, "serve", "--port", "0", "--host", "0.0.0.0"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert process.stderr
    warning, said = process.stderr.readline(), process.stderr.readline()
    port = said.split("/ ")[0].rpartition(":")[2]
    try:
        found = asked(f"http://127.0.0.1:{port}", "/person/mara-lind.nt", headers={"Host": "kg.example"})
    finally:
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=15)
    assert found[0] == 200
    assert "warning: 0.0.0.0 is not a loopback address" in warning
    assert "127.0.0.1 GET /person/mara-lind.nt 200" in out + rest
