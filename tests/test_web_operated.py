"""The server as operators run it: below a public address, behind proxies, with health, numbers, logs and a password."""

from __future__ import annotations

import json
import logging
import re
from base64 import b64encode
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from kg.core.errors import UsageError
from kg.project.settings import Project
from kg.web.access import Access
from kg.web.app import application
from kg.web.logs import JsonFormatter
from kg.web.observed import METRICS
from kg.web.public import public_url, trusted_networks
from kg.web.site import Site, open_site
from tests.pages import Html
from tests.serving import SETTINGS

PUBLIC = public_url("https://kg.example.org/base/")
PROXY = ("10.0.0.7", 5000)
FORWARDED = {"x-forwarded-host": "kg.example.org", "x-forwarded-proto": "https", "x-forwarded-prefix": "/base"}
STARTS = ("/", "/person/mara-lind.html", "/questions/who-met-whom", "/article/harbour-study", "/ontology/class/Meeting",
          "/ontology/finding/KG-S0320", "/network", "/timeline", "/search?q=lind", "/sparql", "/quality")  # fmt: skip
FOLLOWED = 60


@pytest.fixture(scope="module")
def site(fiction: Project) -> Iterator[Site]:
    opened = open_site(fiction)
    yield opened
    opened.close()


def client_with(
    site: Site, address: str = "https://kg.example.org", client: tuple[str, int] = PROXY, **settings: object
) -> TestClient:
    app = application(site, replace(SETTINGS, hosts=None, **settings))
    return TestClient(app, base_url=address, client=client, follow_redirects=False)


@pytest.mark.parametrize("removed", [True, False], ids=["prefix removed by the proxy", "prefix kept"])
def test_every_link_of_every_page_is_below_the_public_address(site: Site, removed: bool) -> None:
    client = client_with(site, public=PUBLIC)
    waiting, seen = deque(f"/base{path}" for path in STARTS), set[str]()
    while waiting and len(seen) < FOLLOWED:
        path = waiting.popleft()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path.removeprefix("/base") if removed else path)
        if answer.status_code in (303, 307, 308):
            waiting.appendleft(urlsplit(urljoin(str(PUBLIC), answer.headers["location"])).path)
            assert answer.headers["location"].startswith(("/base/", str(PUBLIC))), path
            continue
        assert answer.status_code == 200, path
        assert "</base/" in answer.headers.get("link", "</base/"), path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Html(answer.text)
        links = [*page.links(), *(a["data-complete"] for _, a in page.elements if "data-complete" in a)]
        outside = [link for link in links if link.startswith("/") and not re.match("/base(/|$)", link)]
        assert not outside, path
        waiting += [link.partition("#")[0] for link in links if link.startswith("/base/")]
    assert len(seen) == FOLLOWED


def test_programs_are_told_the_public_address(site: Site) -> None:
    client = client_with(site, public=PUBLIC)
    assert client.get("/api/openapi.json").json()["servers"] == [{"url": "https://kg.example.org/base"}]
    assert client.get("/reconcile").json()["view"]["url"].startswith("https://kg.example.org/base/reconcile/view")
    assert "<https://kg.example.org/base/sparql>" in client.get("/api/queries.ttl").text
    assert "<https://kg.example.org/base/sparql>" in client.get("/sparql", headers={"accept": "text/turtle"}).text
    assert client.get("/search.json?q=lind").json()["results"][0]["at"].startswith("/base/")
    assert client.get("/person/mara-lind").headers["location"].startswith("/base/person/mara-lind.")


def test_a_trusted_proxy_gives_the_address_and_nobody_else_does(site: Site) -> None:
    trusted = {"proxies": trusted_networks(["10.0.0.0/24"])}
    inside = client_with(site, **trusted)
    assert (
        inside.get("/api/openapi.json", headers=FORWARDED).json()["servers"][0]["url"] == "https://kg.example.org/base"
    )
    chained = FORWARDED | {"x-forwarded-host": "evil.example, kg.example.org"}
    assert inside.get("/api/openapi.json", headers=chained).json()["servers"][0]["url"] == "https://kg.example.org/base"
    outside = client_with(site, "http://kg.local", ("192.0.2.1", 5000), **trusted)
    assert outside.get("/api/openapi.json", headers=FORWARDED).json()["servers"][0]["url"] == "http://kg.local"


@pytest.mark.parametrize(
    "header",
    [{"x-forwarded-host": "a b"}, {"x-forwarded-host": "a/b"}, {"x-forwarded-proto": "javascript"},
     {"x-forwarded-prefix": "//evil.example"}, {"x-forwarded-prefix": "/a/../b"}, {"x-forwarded-prefix": "/<x>"}],
    ids=str,
)  # fmt: skip
def test_a_header_of_a_proxy_that_is_no_address_is_refused(site: Site, header: dict[str, str]) -> None:
    client = client_with(site, proxies=trusted_networks(["10.0.0.7"]))
    assert client.get("/", headers=FORWARDED | header).status_code == 400


@pytest.mark.parametrize(
    "text",
    ["kg.example.org", "ftp://kg.example.org/", "https://", "https://u:p@kg.example.org/", "https://kg.example.org/?q",
     "https://kg.example.org/a b", "https://kg.example.org//a", "https://kg.example.org:99999/", "https://[::zz]/"],
)  # fmt: skip
def test_what_is_no_public_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not such an address"):
        public_url(text)


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(UsageError, match="--proxy"):
        trusted_networks(["nginx"])


def test_the_host_of_a_request_is_checked_but_not_that_of_a_probe(site: Site) -> None:
    app = application(site, replace(SETTINGS, hosts=frozenset({PUBLIC.host}), public=PUBLIC))
    other = TestClient(app, base_url="http://10.1.2.3:8800")
    assert [other.get(path).status_code for path in ("/", "/healthz", "/readyz")] == [421, 200, 200]
    assert TestClient(app, base_url="https://kg.example.org").get("/").status_code == 200


def test_ready_says_which_graph_is_served_and_why_there_is_none(site: Site, fiction: Project) -> None:
    with site.snapshot() as snapshot:
        assert client_with(site).get("/readyz").json() == {"status": "ok", "graph": snapshot.version}
    closed = open_site(fiction)
    client = client_with(closed)
    closed.close()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert client.get("/healthz").status_code == 200
    assert "kg_graph_available 0.0" in client.get(METRICS).text


def test_requests_and_the_graph_are_counted(site: Site) -> None:
    client = client_with(site)
    for path in ("/questions", "/person/mara-lind.html", "/person/tor-vik.html", "/no/such/thing"):
        client.get(path)
    text = client.get(METRICS).text
    assert 'kg_http_requests_total{method="GET",section="/questions",status="200"} 1.0' in text
    assert 'kg_http_requests_total{method="GET",section="/thing",status="404"}' in text
    assert re.search(r'kg_http_request_duration_seconds_count\{section="/thing"\} 3\.0', text)
    assert re.search(r"kg_graph_quads [1-9]", text)
    assert re.search(r"kg_graph_generation [1-9]", text)


def test_each_request_has_an_id_which_a_trusted_proxy_may_give(site: Site) -> None:
    client = client_with(site, proxies=trusted_networks(["10.0.0.7"]))
    first, second = (client.get("/healthz").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert client.get("/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/healthz", headers={"x-request-id": "a b<"}).headers["x-request-id"] != "a b<"
    assert client_with(site).get("/healthz", headers={"x-request-id": "abc-1"}).headers["x-request-id"] != "abc-1"


def test_a_request_is_one_line_of_json_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    client = client_with(site, proxies=trusted_networks(["10.0.0.7"]))
    with caplog.at_level(logging.INFO, "kg.web.access"):
        answer = client.get("/questions\u2028%0A", headers={"x-forwarded-for": "198.51.100.9"})
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name == "kg.web.access"]
    assert len(lines) == 1
    assert "\n" not in lines[0]
    line = json.loads(lines[0])
    assert line["request"] == answer.headers["x-request-id"]
    assert {"client": "198.51.100.9", "method": "GET", "status": 404}.items() <= line.items()


@pytest.mark.parametrize(
    ("access", "header", "status"),
    [
        (Access(), "", 200),
        (Access(token="s3cret"), "", 401),
        (Access(token="s3cret"), "Bearer s3cret", 200),
        (Access(token="s3cret"), "bearer  s3cret", 200),
        (Access(token="s3cret"), "Bearer s3cre", 401),
        (Access(token="s3cret"), "Basic s3cret", 401),
        (Access(login="ann:pass"), f"Basic {b64encode(b'ann:pass').decode()}", 200),
        (Access(login="ann:pass"), f"Basic {b64encode(b'ann:wrong').decode()}", 401),
        (Access(token="s3cret", login="ann:pass"), "Bearer s3cret", 200),
    ],
)
def test_readers_need_a_token_or_a_password_if_there_is_one(
    site: Site, access: Access, header: str, status: int
) -> None:
    client = client_with(site, access=access)
    answer = client.get("/questions", headers={"authorization": header} if header else {})
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert client.get("/healthz").status_code == 200
    assert client.get(METRICS).status_code == (401 if access.credentials else 200)
