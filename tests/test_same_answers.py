"""Every canned question gives the same rows, in the same order, on every triplestore, whatever its default graph is.

The stores are real servers; what they must answer is what the embedded store answers (tests/test_queries.py compares
that with the expected rows). Explanations, names and completion go through the same stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from kg.planning.rows import Rows
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
from tests.servers import Server, running

pytestmark = pytest.mark.servers

STORES = {
    "oxigraph": ("oxigraph", (), ""),
    "oxigraph-union": ("oxigraph", ("--union-default-graph",), ""),
    "virtuoso": ("virtuoso", (), ""),
    "fuseki": ("fuseki", (), ""),
    "fuseki-union": ("fuseki", (), "/union"),
}
"""Name -> kind of server, options, and data set; Virtuoso's default graph is always the union of all."""


Answer: TypeAlias = tuple[str, Rows, Sequence[object]]


def answered(graph: Graph, name: str, kind: str) -> Answer:
    """Return the text, the rows and the evidence of a case in a graph."""
    asked, query = case(name, kind), question(name)
    text = query.text if asked.graph == "nothing" else bound_text(graph, query, asked.arguments)
    rows = run_text(graph, query, text)
    return text, rows, evidence(graph, query, rows) if query.evidence else ()


class Own:
    """One graph in the embedded engine, and its answers, which are made once for all stores."""

    def __init__(self, lines: Sequence[str], base: str) -> None:
        self.graph = Graph(memory_store(lines), base)
        self._answers: dict[tuple[str, str], Answer] = {}

    def answer(self, name: str, kind: str) -> Answer:
        """Return the text, the rows and the evidence of a case."""
        if (name, kind) not in self._answers:
            self._answers[name, kind] = answered(self.graph, name, kind)
        return self._answers[name, kind]


@dataclass(frozen=True)
class Pair:
    """One graph in a server and in the embedded engine."""

    remote: Graph
    embedded: Own

    @property
    def own(self) -> Graph:
        return self.embedded.graph


class Servers:
    """Servers that are started when they are first asked for, and hold one graph of GRAPHS at a time."""

    def __init__(self, folder: Path, built_project: Callable[[str], Project], stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._lines, self._bases = all_lines(built_project)
        self._own: dict[str, Own] = {}
        self._running: dict[tuple[str, tuple[str, ...]], Server] = {}
        self._open: dict[str, RemoteStore] = {}
        self._held: dict[str, tuple[str, Pair]] = {}

    def pair(self, name: str, graph: str) -> Pair:
        """Return a graph, and nothing else, in a server; together with the same in the embedded engine."""
        if self._held.get(name, ("", None))[0] != graph:
            store = self._store(name)
            way_to(store, "graphs").remove([old for old in store.graphs() if "example.org" in old or "w3id.org" in old])
            way_to(store, "graphs").add(list(graph_lines(map(line_quad, self._lines[graph])).items()))
            base = self._bases[graph]
            if graph not in self._own:
                self._own[graph] = Own(self._lines[graph], base)
            self._held[name] = (graph, Pair(Graph(store, base), self._own[graph]))
        return self._held[name][1]

    def _store(self, name: str) -> RemoteStore:
        if name not in self._open:
            kind, options, dataset = STORES[name]
            if (kind, options) not in self._running:
                self._running[kind, options] = self._stack.enter_context(running(kind, self._folder / name, *options))
            server = self._running[kind, options].of(dataset)
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
    """Return (store, graph), question, case: those of one graph together, so that it is loaded once.

    What a default graph does to a question shows in the graph with the most answers.
    """
    return [
        ((store, graph), name, kind)
        for store in STORES
        for graph in (("fiction",) if "union" in store else GRAPHS)
        for name, kind in CASES
        if case(name, kind).graph == graph
    ]


def shown(each: str | tuple[str, str]) -> str:
    return each if isinstance(each, str) else "-".join(each)


@pytest.mark.parametrize(("pair", "name", "kind"), by_graph(), indirect=["pair"], ids=shown)
def test_a_question_gives_the_same_rows_everywhere(pair: Pair, name: str, kind: str) -> None:
    assert answered(pair.remote, name, kind) == pair.embedded.answer(name, kind)


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
