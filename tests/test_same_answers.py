"""Every canned question gives the same rows, in the same order, on every triplestore, whatever its default graph is.

The stores are real servers; what they must answer is what the embedded store answers (tests/test_queries.py compares
that with the expected rows). Explanations, names and completion go through the same stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.project.settings import Project
from kg.questions.explain import explain
from kg.questions.graph import Graph
from kg.questions.lookup import find, things_of
from kg.questions.query import bound_text, evidence, run_text
from kg.store.client import Client
from kg.store.credentials import credentials
from kg.store.embedded import memory_store
from kg.store.lines import graph_lines, line_quad
from kg.store.remote import RemoteStore
from kg.transfer.ways import way_to
from tests.questions import CASES, GRAPHS, all_lines, case, question
from tests.servers import running

pytestmark = pytest.mark.servers

STORES = {
    "oxigraph": ("oxigraph", ()),
    "oxigraph-union": ("oxigraph", ("--union-default-graph",)),
    "virtuoso": ("virtuoso", ()),
    "fuseki": ("fuseki", ()),
    "fuseki-union": ("fuseki", ("--set=tdb2:unionDefaultGraph=true",)),
}
"""Name -> kind of server, and options; Virtuoso's default graph is always the union of all."""


@dataclass(frozen=True)
class Pair:
    """One graph in a server and in the embedded engine."""

    remote: Graph
    own: Graph


class Servers:
    """Servers that are started when they are first asked for, and hold one graph of GRAPHS at a time."""

    def __init__(self, folder: Path, built_project: Callable[[str], Project], stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._lines, self._bases = all_lines(built_project)
        self._open: dict[str, RemoteStore] = {}
        self._held: dict[str, tuple[str, Pair]] = {}

    def pair(self, name: str, graph: str) -> Pair:
        """Return a graph, and nothing else, in a server; together with the same in the embedded engine."""
        if self._held.get(name, ("", None))[0] != graph:
            store = self._store(name)
            way_to(store, "graphs").remove([old for old in store.graphs() if "example.org" in old or "w3id.org" in old])
            way_to(store, "graphs").add(list(graph_lines(map(line_quad, self._lines[graph])).items()))
            base, own = self._bases[graph], memory_store(self._lines[graph])
            self._held[name] = (graph, Pair(Graph(store, base), Graph(own, base)))
        return self._held[name][1]

    def _store(self, name: str) -> RemoteStore:
        if name not in self._open:
            kind, options = STORES[name]
            server = self._stack.enter_context(running(kind, self._folder / name, *options))
            client = Client(server.endpoint, credentials(server.settings, server.environment))
            self._open[name] = self._stack.enter_context(RemoteStore(server.endpoint, client))
        return self._open[name]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, built_project: Callable[[str], Project]) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(tmp_path_factory.mktemp("servers"), built_project, stack)


@pytest.fixture
def pair(request: pytest.FixtureRequest, servers: Servers) -> Pair:
    return servers.pair(*request.param)


def by_graph() -> list[tuple[tuple[str, str], str, str]]:
    """Return (store, graph), question, case: those of one graph together, so that it is loaded once."""
    return [
        ((store, graph), name, kind)
        for store in STORES
        for graph in GRAPHS
        for name, kind in CASES
        if case(name, kind).graph == graph
    ]


def shown(each: str | tuple[str, str]) -> str:
    return each if isinstance(each, str) else "-".join(each)


@pytest.mark.parametrize(("pair", "name", "kind"), by_graph(), indirect=["pair"], ids=shown)
def test_a_question_gives_the_same_rows_everywhere(pair: Pair, name: str, kind: str) -> None:
    wanted, query = case(name, kind), question(name)
    own = query.text if wanted.graph == "nothing" else bound_text(pair.own, query, wanted.arguments)
    text = query.text if wanted.graph == "nothing" else bound_text(pair.remote, query, wanted.arguments)
    assert text == own
    rows = run_text(pair.own, query, text)
    assert run_text(pair.remote, query, text) == rows
    if query.evidence:
        assert evidence(pair.remote, query, rows) == evidence(pair.own, query, rows)


THINGS = ("mara-lind", "harbour-study", "harbour-study/meeting", "Aldenburg Stock Exchange")


@pytest.mark.parametrize("pair", [(store, "fiction") for store in STORES], indirect=True, ids=STORES)
@pytest.mark.parametrize("typed", THINGS)
def test_a_thing_is_found_and_explained_the_same_everywhere(pair: Pair, typed: str) -> None:
    thing = find(pair.own, typed)
    assert find(pair.remote, typed) == thing
    assert explain(pair.remote, thing) == explain(pair.own, thing)


@pytest.mark.parametrize("pair", [(store, "fiction") for store in STORES], indirect=True, ids=STORES)
def test_a_person_is_found_by_a_name_in_another_script_everywhere(pair: Pair) -> None:
    assert find(pair.remote, "Ελένη Θαράκη", "Person") == find(pair.own, "eleni-tharaki", "Person")


@pytest.mark.parametrize("pair", [(store, "fiction") for store in STORES], indirect=True, ids=STORES)
@pytest.mark.parametrize("kind", ["Person", "Agent", "Event"])
def test_names_are_completed_the_same_everywhere(pair: Pair, kind: str) -> None:
    assert things_of(pair.remote, kind) == things_of(pair.own, kind)
