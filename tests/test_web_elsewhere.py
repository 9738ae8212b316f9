"""`kg serve --endpoint`: the same pages and answers from a graph in a triplestore on another server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from kg.project.settings import Project
from kg.store.client import Client
from kg.store.credentials import credentials
from kg.store.generations import current
from kg.store.remote import RemoteStore
from kg.transfer.ways import way_to
from kg.web.app import application
from kg.web.elsewhere import Elsewhere
from kg.web.site import open_site
from tests.servers import KINDS_TESTED, Server, running
from tests.serving import BASE, SETTINGS, client_of, server_of

pytestmark = pytest.mark.servers

PAGES = (
    "/questions/who-took-part",
    "/questions/statements",
    "/person/mara-lind.html",
    "/organization/aldenburg-exchange.html",
    "/article/harbour-study.html",
    "/article/harbour-study/meeting.html",
    "/person/mara-lind.nq",
    "/organization/aldenburg-exchange.ttl",
    "/network",
    "/network.graphml",
    "/timeline",
    "/search?q=lind",
)
ANSWERS = (
    "/api/queries/who-met-whom?format=csv",
    "/api/queries/statements?format=json&evidence=true",
    "/api/queries/figures?format=tsv",
)


def filled(server: Server, project: Project) -> RemoteStore:
    """Return the server's store with the project's graphs in it."""
    store = RemoteStore(server.endpoint, Client(server.endpoint, credentials(server.settings, server.environment)))
    generation = current(project.build)
    assert generation
    with generation, generation.store() as own:
        way_to(store, "graphs").add([(graph, sorted(own.graph_lines(graph))) for graph in generation.manifest.graphs])
    return store


@pytest.fixture(scope="module", params=KINDS_TESTED)
def store(
    request: pytest.FixtureRequest, fiction: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RemoteStore]:
    with running(request.param, tmp_path_factory.mktemp(request.param)) as server, filled(server, fiction) as found:
        yield found


@pytest.fixture(scope="module")
def clients(store: RemoteStore, fiction: Project) -> Iterator[tuple[TestClient, TestClient]]:
    """Clients of the graph elsewhere, and of the same graph here."""
    site = open_site(fiction, Elsewhere(fiction, store))
    with TestClient(application(site, SETTINGS), follow_redirects=True) as there, client_of(fiction) as here:
        here.follow_redirects = True
        yield there, here


def comparable(text: str) -> str:
    """Return a page without what names a generation, or tells what changed since one, and without what is to be asked:
    nothing is asked beforehand of a server elsewhere, so that its pages do not know which questions have no answer."""
    text = re.sub(r'(?s)<section aria-labelledby="ask">.*?</section>', "", text)
    text = re.sub(r'<link rel="alternate" type="application/atom[^>]*>', "", text)
    text = re.sub(r'<p class="small">[^<]*<a href="/feed/.*?</p>|(?<=>)[^<>]*<a href="/feed/.*?</a>', "", text)
    return re.sub(r"(?i)(, )?generation \d+|[0-9a-f]{16}", "", text)


@pytest.mark.parametrize("address", [*PAGES, *ANSWERS])
def test_a_page_is_the_same_wherever_the_graph_is(address: str, clients: tuple[TestClient, TestClient]) -> None:
    there, here = (client.get(address) for client in clients)
    assert (there.status_code, here.status_code) == (200, 200)
    assert comparable(there.text) == comparable(here.text)


@pytest.mark.parametrize("address", ["/", "/quality", "/sparql"])
def test_pages_about_the_whole_graph_are_shown(address: str, clients: tuple[TestClient, TestClient]) -> None:
    assert clients[0].get(address, headers={"accept": "text/html"}).status_code == 200


def test_a_strangers_query_is_answered(clients: tuple[TestClient, TestClient]) -> None:
    query = f"SELECT ?p ?o WHERE {{ GRAPH ?g {{ <{BASE}person/mara-lind> ?p ?o }} }} ORDER BY ?p STR(?o)"
    answers = [client.get("/sparql", params={"query": query, "format": "csv"}).text for client in clients]
    assert answers[0] == answers[1]
    assert "Mara Lind" in answers[0]


@pytest.mark.parametrize("query", ["DELETE WHERE { ?s ?p ?o }", "SELECT * { SERVICE <http://x> { ?s ?p ?o } }"])
def test_a_strangers_query_that_writes_or_reaches_out_is_refused(
    query: str, clients: tuple[TestClient, TestClient]
) -> None:
    assert clients[0].get("/sparql", params={"query": query}).status_code == 400


def test_another_version_in_the_store_is_seen(fiction: Project, tmp_path: Path) -> None:
    with running("oxigraph", tmp_path) as server, filled(server, fiction) as store:
        now = [0.0]
        source = Elsewhere(fiction, store, lambda: now[0])
        before = next(source.snapshot())
        dataset = f"<{BASE}graph/dataset>"
        store.update(
            f"DELETE WHERE {{ GRAPH {dataset} {{ <{BASE}dataset> <http://www.w3.org/2002/07/owl#versionInfo> ?v }} }}"
        )
        assert next(source.snapshot()) is before
        now[0] = 10.0
        after = next(source.snapshot())
        assert (after.version, after.memo is before.memo) == ("unknown", False)


def test_the_command_serves_a_store(fiction: Project, tmp_path: Path) -> None:
    with (
        running("oxigraph", tmp_path) as server,
        filled(server, fiction),
        server_of(fiction, "--endpoint", server.url) as address,
    ):
        response = httpx2.get(f"{address}/person/mara-lind.html", timeout=30)
        assert response.status_code == 200
        assert "Mara Lind" in response.text
