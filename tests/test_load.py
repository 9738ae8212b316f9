"""`kg load` on real triplestores: whole, provable, no more than needed, and mended by running again."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph
import pytest
from click import BadParameter

from kg.cli.load import _receipt_file
from kg.core.errors import EndpointError, Failure, InputError, KgError, RemoteError, UsageError
from kg.core.values import XSD
from kg.project.endpoint import StoreSettings
from kg.project.settings import load_project
from kg.store.answers import triples_of
from kg.store.client import Client
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects
from kg.store.remote import RemoteStore
from kg.store.replies import Reply
from kg.transfer import lease
from kg.transfer.difference import difference
from kg.transfer.ledger import Checked, LedgerEntry, entries, ledger_graph, states
from tests.faulty import cutting
from tests.servers import KINDS_TESTED, Server, running
from tests.transfers import Loading, articles, changing, loading

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", params=KINDS_TESTED)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


WHOLE_PAUSE = lease.PAUSE


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a lease back at once: in these tests nobody else takes one, but where WHOLE_PAUSE is set again."""
    monkeypatch.setattr(lease, "PAUSE", 0.02)


@pytest.fixture
def project(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Loading:
    """A project of its own for each test, so that all share one server."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return loading(tmp_path, server, name)


@pytest.fixture
def store(server: Server, project: Loading) -> Iterator[RemoteStore]:
    from kg.store.credentials import credentials

    known = credentials(server.settings, project.environment)
    with RemoteStore(server.endpoint, Client(server.endpoint, known)) as found:
        yield found


def held(store: RemoteStore, base: str) -> dict[str, list[str]]:
    """Return what a store holds of a project, without the ledger, by SPARQL: not the way in which loads compare."""
    rows = store.select(f'SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{base}")) }}').rows
    found: dict[str, list[str]] = {}
    for g, s, p, o in rows:
        if g != ledger_graph(base):
            found.setdefault(str(g), []).append(f"{s} {p} {o} {g} .")
    return {graph: sorted(lines) for graph, lines in found.items()}


def state(project: Loading) -> dict[str, Any]:
    """Return what `kg stores` reports of the store."""
    states = json.loads(project.kg("stores", "--format", "json").stdout)
    assert [each["name"] for each in states] == ["embedded", "store"]
    found: dict[str, Any] = states[1]
    return found


def done(receipt: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = receipt["totals"]["done"]
    return found


# -------- whole, and provably


def test_a_load_brings_every_triple_and_says_how_it_knows(project: Loading, store: RemoteStore) -> None:
    graphs = articles(3) | {"graph/registry": ['<{base}x> <https://example.org/name> "X"']}
    manifest = project.publish(graphs)
    receipt = project.load()
    assert held(store, project.base) == dict(project.lines(graphs))
    assert receipt["outcome"] == "whole"
    assert receipt["store"]["kind"] == store.endpoint.kind.name
    assert receipt["source"] == {"generation": 1, "sha256": manifest.sha256}
    assert receipt["totals"] == {"quads": manifest.quads, "done": {"added": 4}, "compared": 4}
    counted = {f"<{graph}>": (entry["quads"], entry["sha256"]) for graph, entry in receipt["graphs"].items()}
    assert counted == {graph: (summary.quads, summary.sha256) for graph, summary in manifest.graphs.items()}
    assert {entry["checked"] for entry in receipt["graphs"].values()} <= {"content", "value"}


def test_the_hash_in_a_receipt_is_that_of_rdfc_1_0(project: Loading) -> None:
    project.publish(articles(1))
    graph, entry = next(iter(project.load()["graphs"].items()))
    lines = dict(project.lines(articles(1)))[f"<{graph}>"]
    dataset = pyoxigraph.Dataset(pyoxigraph.parse("\n".join(lines).encode(), format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    canonical = "".join(f"{line}\n" for line in sorted(f"{quad} ." for quad in dataset))
    assert sha256(canonical.encode()).hexdigest() == entry["sha256"]


def test_graphs_of_others_are_left_alone(project: Loading, store: RemoteStore) -> None:
    other = f"<https://other.example/{project.base.split('/')[-2]}>"
    store.update(f"INSERT DATA {{ GRAPH {other} {{ <urn:a> <urn:b> <urn:c> }} }}")
    project.publish(articles(2))
    project.load()
    project.publish(articles(1))
    project.load("--verify")
    assert store.triples(other) == (("<urn:a>", "<urn:b>", "<urn:c>"),)


def test_loading_again_sends_nothing(project: Loading) -> None:
    project.publish(articles(2))
    project.load()
    receipt = project.load()
    assert (receipt["sent"], done(receipt)) == (0, {"unchanged": 2})
    assert receipt["totals"]["compared"] == 0
    assert {entry["checked"] for entry in receipt["graphs"].values()} == {"counted, not compared"}
    assert {entry["earlier"] for entry in receipt["graphs"].values()} <= {"content", "value"}


def test_only_what_changed_travels_and_what_is_gone_goes(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(4))
    project.load()
    second = articles(2) | articles(1, first=2, word="second") | articles(1, first=9)
    manifest = project.publish(second)
    receipt = project.load("--remove")
    size = manifest.graphs[f"<{project.base}article/a2>"].quads
    assert done(receipt) == {"unchanged": 2, "replaced": 1, "added": 1, "removed": 1}
    assert receipt["sent"] == 2 * size
    assert receipt["removed"] == [f"{project.base}article/a3"]
    assert held(store, project.base) == dict(project.lines(second))


def test_a_large_graph_is_patched(project: Loading, store: RemoteStore) -> None:
    def large(word: str) -> dict[str, list[str]]:
        return {
            "graph/derived": [
                f'<{{base}}s{n}> <https://example.org/p> "{word if n < 30 else "same"} {n}"' for n in range(6000)
            ]
        }

    project.publish(large("first"))
    project.load()
    project.publish(large("second"))
    receipt = project.load()
    assert (done(receipt), receipt["sent"]) == ({"patched": 1}, 60)
    assert next(iter(receipt["graphs"].values()))["checked"] == "patch"
    assert held_count(store, project.base) == 6000
    assert done(project.load("--verify")) == {"unchanged": 1}


def test_a_graph_larger_than_an_answer_may_be_is_read_back_whole(project: Loading, store: RemoteStore) -> None:
    large = [f'<{{base}}s{n // 3}> <https://example.org/p{n % 3}> "{n}"' for n in range(23_456)]
    project.publish({"graph/derived": large})
    assert done(project.load()) == {"added": 1}
    assert len(store.triples(f"<{project.base}graph/derived>")) == len(large)


def held_count(store: RemoteStore, base: str) -> int:
    return store.graphs().get(f"<{base}graph/derived>", 0)


@pytest.mark.parametrize("way", ["quads", "graphs", "update"])
def test_every_way_that_a_store_offers_brings_the_same(way: str, project: Loading, store: RemoteStore) -> None:
    project.publish(articles(3))
    offered = {"quads": store.endpoint.quads, "graphs": store.endpoint.graphs, "update": store.endpoint.update}
    result = project.kg("load", "store", "--way", way)
    if offered[way]:
        assert result.exit_code == 0
        assert project.receipt()["way"] == way
        assert held(store, project.base) == dict(project.lines(articles(3)))
        assert done(project.load("--verify")) == {"unchanged": 3}
    else:
        assert isinstance(result.exception, RemoteError)
        assert result.exception.failure is Failure.REFUSED


@pytest.mark.parametrize("way", ["quads", "graphs", "update"])
def test_every_way_replaces_values_of_each_datatype_and_leaves_nothing_behind(
    way: str, project: Loading, store: RemoteStore
) -> None:
    if way == "quads" and not store.endpoint.quads:
        assert store.endpoint.kind.name == "virtuoso"
        return
    for step in (0, 1, 2):
        manifest = project.publish(changing(step))
        receipt = project.load("--way", way, "--remove")
        assert (receipt["outcome"], receipt["way"]) == ("whole", way)
        if (store.endpoint.kind.name, way) != ("virtuoso", "graphs"):  # whose PUT makes large integers decimals
            assert receipt["sent"] == manifest.quads
        assert held(store, project.base) == dict(project.lines(changing(step)))
    assert state(project)["health"] == "current"
    assert done(project.load("--verify")) == {"unchanged": 2}


def test_a_patch_replaces_values_of_each_datatype_and_leaves_nothing_behind(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.transfer.load.SMALL", 100)
    for step, expected in enumerate(("added", "patched", "patched")):
        project.publish(changing(step, padding=100))
        receipt = project.load("--remove")
        assert receipt["graphs"][f"{project.base}article/a"]["done"] == expected
        graph = f"<{project.base}article/a>"
        lines = {f"{s} {p} {o} {graph} ." for s, p, o in store.triples(graph)}
        assert lines == set(dict(project.lines(changing(step, padding=100)))[graph])
    assert done(project.load("--verify")) == {"unchanged": 2}


def test_compressed_bodies_are_understood(server: Server, tmp_path: Path) -> None:
    if not server.endpoint.kind.gzip:
        assert server.kind == "virtuoso"
        return
    project = loading(tmp_path, server, f"gzip-{server.kind}", "gzip = true")
    project.publish(articles(2))
    assert done(project.load()) == {"added": 2}
    assert done(project.load("--way", "graphs", "--verify")) == {"unchanged": 2}


# -------- dry runs, tampering, what stands there already


def test_a_dry_run_tells_and_does_nothing(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(2))
    result = project.kg("load", "store", "--dry-run")
    assert result.exit_code == 0
    assert "2 to add (42 quads)" in result.stderr
    assert f"to add: {project.base}article/a1" in result.stderr
    assert held(store, project.base) == {}
    assert store.triples(ledger_graph(project.base)) == ()
    assert not (project.folder / "build" / "receipts").exists()


def test_what_was_cleared_deleted_or_added_is_found_by_counting_and_mended(
    project: Loading, store: RemoteStore
) -> None:
    project.publish(articles(4))
    project.load()
    store.update(f"CLEAR GRAPH <{project.base}article/a0>")
    store.update(f"DELETE WHERE {{ GRAPH <{project.base}article/a1> {{ ?s <https://example.org/of> ?o }} }}")
    store.update(f"INSERT DATA {{ GRAPH <{project.base}article/a2> {{ <urn:a> <urn:b> <urn:c> }} }}")
    assert (state(project)["health"], state(project)["behind"]) == ("altered", 3)
    result = project.kg("load", "store")
    for name, count in (("a0", 0), ("a1", 20), ("a2", 22)):
        line = f"altered since the load: {project.base}article/{name}: 21 triples then, {count} now\n"
        assert line in result.stderr
    assert done(project.receipt()) == {"unchanged": 1, "added": 1, "replaced": 2}
    assert state(project)["health"] == "current"
    assert held(store, project.base) == dict(project.lines(articles(4)))


def test_a_store_that_was_emptied_is_filled_again(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(2))
    project.load()
    for graph in (f"{project.base}article/a0", f"{project.base}article/a1"):
        store.update(f"CLEAR GRAPH <{graph}>")
    assert (state(project)["health"], state(project)["graphs"]) == ("altered", 0)
    assert done(project.load()) == {"added": 2}
    assert held(store, project.base) == dict(project.lines(articles(2)))


def test_verifying_finds_and_mends_what_was_altered_in_place(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(3))
    project.load()
    graph = f"<{project.base}article/a1>"
    old, new = (f"GRAPH {graph} {{ ?s <https://example.org/of> {value} }}" for value in ("?o", "<urn:other>"))
    store.update(f"DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {old} }}")
    assert done(project.load()) == {"unchanged": 3}
    assert state(project)["checked"] == "counted, not compared"
    receipt = project.load("--verify")
    assert (done(receipt), receipt["totals"]["compared"]) == ({"unchanged": 2, "replaced": 1}, 3)
    assert held(store, project.base) == dict(project.lines(articles(3)))


def test_what_another_program_loaded_is_found_right_or_replaced(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(3))
    lines = dict(project.lines(articles(3)))
    right, wrong = f"<{project.base}article/a0>", f"<{project.base}article/a1>"
    for graph, kept in ((right, lines[right]), (wrong, lines[wrong][:-2])):
        triples = "".join(line[: -len(graph) - 2] + ".\n" for line in kept)
        store.update(f"INSERT DATA {{ GRAPH {graph} {{ {triples} }} }}")
    assert done(project.load()) == {"found": 1, "replaced": 1, "added": 1}
    assert held(store, project.base) == lines


# -------- what a checkout lacks, and what is not ours


def test_what_a_checkout_lacks_is_kept_until_somebody_wants_it_removed(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(3))
    project.load()
    project.publish(articles(1))
    result = project.kg("load", "store")
    assert result.exit_code == 0
    assert "kept: 2 graphs of earlier loads not in the project any more; 'kg load store --remove'" in result.stderr
    names = [f"{project.base}article/a1", f"{project.base}article/a2"]
    assert all(f"\n    {name}" in result.stderr for name in names)
    assert (project.receipt()["kept"], project.receipt()["outcome"]) == (names, "whole")
    assert held(store, project.base) == dict(project.lines(articles(3)))
    known = state(project)
    assert (known["health"], known["surplus"], known["behind"]) == ("surplus", 2, 0)
    assert "2 graphs with this project's base, not in the current generation" in project.kg("stores").stderr
    assert "2 to remove" in project.kg("load", "store", "--remove", "--dry-run").stderr
    receipt = project.load("--remove")
    assert (receipt["removed"], receipt["kept"]) == (names, [])
    assert held(store, project.base) == dict(project.lines(articles(1)))
    assert state(project)["health"] == "current"


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("n\n", 2), ("\n", 2)])
def test_on_a_terminal_we_ask_before_we_remove(
    answer: str, left: int, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server.kind != "oxigraph":
        return  # asking does not depend on the store
    project = loading(tmp_path, server, f"asking-{left}-{len(answer)}")
    project.publish(articles(2))
    project.load()
    project.publish(articles(1))
    monkeypatch.setattr("kg.cli.load._on_terminal", lambda: True)
    result = project.kg("load", "store", given=answer)
    assert f"any more:\n    {project.base}article/a1\n" in result.stderr
    assert (state(project)["graphs"], result.exit_code) == (left, 0)


def test_no_graph_is_dropped_because_a_ledger_names_it(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(1))
    project.load()
    others = [f"<https://other.example{urlsplit(project.base).path}g>", f"<{project.base}nested/article/a>"]
    by_hand = f"<{project.base}graph/notes>"
    ledger = ledger_graph(project.base)
    for graph in (*others, by_hand):
        store.update(f"INSERT DATA {{ GRAPH {graph} {{ <urn:a> <urn:b> <urn:c> }} }}")
    for graph in others:
        entry = f'{graph} <https://schema.org/creativeWorkStatus> "Incomplete"'
        store.update(f"INSERT DATA {{ GRAPH {ledger} {{ {entry} }} }}")
    receipt = project.load("--remove")
    assert (receipt["removed"], receipt["unknown"]) == ([], [by_hand[1:-1]])
    for graph in (*others, by_hand):
        assert store.triples(graph) == (("<urn:a>", "<urn:b>", "<urn:c>"),)
    assert {triple.subject for triple in store.triples(ledger)} == {f"<{project.base}article/a0>"}
    assert (state(project)["health"], state(project)["surplus"]) == ("surplus", 1)


WRONG = (
    '<https://schema.org/sha256> "0000"',
    f'<http://rdfs.org/ns/void#triples> "5"^^<{XSD}integer>',
    '<http://rdfs.org/ns/void#triples> "many"',
    "<http://rdfs.org/ns/void#triples> <urn:x>",
    '<https://schema.org/creativeWorkStatus> "Incomplete"',
    "<urn:odd> <urn:entry>",
)


def test_a_wrong_or_doubled_entry_in_the_ledger_heals_by_the_next_load(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(len(WRONG)))
    project.load()
    ledger = ledger_graph(project.base)
    before = store.triples(ledger)
    for k, entry in enumerate(WRONG):
        store.update(f"INSERT DATA {{ GRAPH {ledger} {{ <{project.base}article/a{k}> {entry} }} }}")
    assert (state(project)["health"], state(project)["behind"]) == ("incomplete", len(WRONG))
    receipt = project.load()
    assert (done(receipt), receipt["sent"]) == ({"found": len(WRONG)}, 0)
    assert store.triples(ledger) == before
    assert state(project)["health"] == "current"


def test_a_lost_ledger_is_written_again_by_comparing(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(2))
    project.load()
    store.update(f"DROP SILENT GRAPH {ledger_graph(project.base)}")
    assert state(project)["health"] == "behind"
    receipt = project.load()
    assert (done(receipt), receipt["sent"]) == ({"found": 2}, 0)
    assert state(project)["health"] == "current"


# -------- two loads at once


def test_of_two_loads_at_once_one_waits_and_both_are_whole(server: Server, tmp_path: Path) -> None:
    name = f"two-{server.kind}"
    one, other = loading(tmp_path / "p", server, name), loading(tmp_path / "q", server, name)
    one.publish(articles(8, word="one"))
    other.publish(articles(6, word="other"))
    command = [sys.executable, "-c", "from kg.cli import main; main()", "-C"]
    running = [
        subprocess.Popen(
            [*command, str(each.folder), "load", "store", "--way", "update"],
            env=os.environ | dict(server.environment),
            stderr=subprocess.PIPE,
            text=True,
        )
        for each in (one, other)
    ]
    messages = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], messages
    states = [state(each)["health"] for each in (one, other)]
    assert states in (["current", "behind"], ["behind", "surplus"]), messages
    assert sum("another load is running, by " in message for message in messages) <= 1
    for each in (one, other, one):
        each.load()
        assert state(each)["health"] in ("current", "surplus")


def test_a_load_tells_who_is_loading_and_leaves_all_as_it_is(project: Loading, store: RemoteStore) -> None:
    project.publish(articles(1))
    with lease.held(store, project.base, 0, print):
        result = project.kg("load", "store", "--wait", "0")
        assert isinstance(result.exception, RemoteError)
        assert (result.exit_code, result.exception.failure) == (4, Failure.BUSY)
        assert f"another load is running, by {lease.loader()}" in result.exception.message
        assert state(project)["loading"] == lease.loader()
        assert held(store, project.base) == {}
        assert project.receipt()["error"]["failure"] == "busy"
    assert state(project)["loading"] == ""
    assert project.load("--wait", "0")["outcome"] == "whole"


def test_of_many_that_take_a_lease_at_once_one_holds_it(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "PAUSE", WHOLE_PAUSE)
    for _ in range(3):
        takers = [lease.Holding(store, project.base) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(lease.Holding.take, takers)) <= 1
        for taker in takers:
            taker.release()
    assert lease.leases(store, project.base) == ()


def test_the_lease_of_a_load_that_was_killed_expires(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.transfer.lease.SECONDS", 2.0)
    killed = lease.Holding(store, project.base)
    assert killed.take()
    time.sleep(3)
    assert [each.live for each in lease.leases(store, project.base)] == [True]  # it is renewed
    killed._ended.set()
    project.publish(articles(1))
    assert project.load()["outcome"] == "whole"
    assert lease.leases(store, project.base) == ()
    with pytest.raises(RemoteError, match="another load may have begun"):
        killed.check()


def test_a_load_that_is_interrupted_while_it_takes_the_lease_leaves_none(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kg.transfer.lease.time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lease.Holding(store, project.base).take()
    assert lease.leases(store, project.base) == ()


def test_what_is_no_lease_in_the_place_of_one_blocks_nobody(project: Loading, store: RemoteStore) -> None:
    odd = (
        '_:a {expires} "9999-01-01T00:00:00"',
        '_:b {expires} "soon"',
        "<urn:c> {expires} _:d",
        "<urn:e> {expires} 5",
    )
    noted = " . ".join(each.format(expires=lease._EXPIRES) for each in odd)
    store.update(f"INSERT {{ GRAPH {ledger_graph(project.base)} {{ {noted} }} }} WHERE {{}}")
    assert len(lease.leases(store, project.base)) == len(odd)
    project.publish(articles(1))
    assert project.load("--wait", "0")["outcome"] == "whole"
    assert lease.leases(store, project.base) == ()


def test_a_load_whose_lease_was_taken_stops(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.transfer.lease.SECONDS", 1.0)
    mine = lease.Holding(store, project.base)
    assert mine.take()
    mine.check()
    store.update(f"DELETE WHERE {{ GRAPH {ledger_graph(project.base)} {{ {mine.name} ?p ?o }} }}")
    time.sleep(0.8)
    with pytest.raises(RemoteError, match="another load may have begun"):
        mine.check()


# -------- broken off


def test_a_cut_connection_is_an_error_and_running_again_mends_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.transfer.lease.SECONDS", 2.0)  # that of the load that was cut off must expire
    with cutting(server.url) as proxy:
        project = loading(tmp_path, server, f"cut-{server.kind}", f'kind = "{server.kind}"', url=proxy.url)
        project.publish(articles(12))
        proxy.budget = 150_000  # enough for the ledger and a part of the graphs
        result = project.kg("load", "store", "--way", "graphs")
        assert result.exit_code == 4
        assert isinstance(result.exception, RemoteError)
        assert result.exception.failure in (Failure.CUT, Failure.UNREACHABLE)
        assert proxy.cuts
        receipt = project.receipt()
        assert receipt["outcome"] == "broken-off"
        assert receipt["error"]["failure"] == str(result.exception.failure)
        assert len(receipt["graphs"]) < 12
        proxy.budget = None
        states = {state["name"]: state for state in json.loads(project.kg("stores", "--format", "json").stdout)}
        assert states["store"]["health"] == "incomplete"
        assert project.load()["outcome"] == "whole"
        assert project.load()["sent"] == 0
        assert done(project.load("--verify")) == {"unchanged": 12}


def test_what_was_lost_on_the_way_is_sent_again(server: Server, tmp_path: Path) -> None:
    with cutting(server.url) as proxy:
        project = loading(tmp_path, server, f"lost-{server.kind}", f'kind = "{server.kind}"', url=proxy.url)
        project.publish(articles(6))
        proxy.budget = 60_000

        def restore(*_: object) -> None:
            proxy.budget = None

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("kg.store.client.Client.__init__.__defaults__", (None, restore, "store"))
            assert project.load("--way", "graphs")["outcome"] == "whole"
        assert proxy.cuts


# -------- stores


def test_stores_tells_whether_a_store_is_current(project: Loading) -> None:
    manifest = project.publish(articles(2))
    assert (state(project)["health"], state(project)["behind"]) == ("empty", 2)
    project.load()
    current = state(project)
    assert (current["health"], current["graphs"], current["quads"]) == ("current", 2, manifest.quads)
    project.publish(articles(3))
    assert (state(project)["health"], state(project)["behind"]) == ("behind", 1)


def test_a_store_that_does_not_answer_is_listed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text('[stores.gone]\nurl = "http://127.0.0.1:9"\n')
    project = Loading(tmp_path, "", {})
    result = project.kg("stores", "--format", "tsv")
    assert result.exit_code == 4
    assert "gone\t\tunreachable\t" in result.stdout
    assert "store 'gone' (http://127.0.0.1:9), first query: cannot connect" in result.stderr


def test_a_store_that_cannot_count_all_graphs_in_one_answer_is_asked_for_each(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = RemoteStore.counts

    def cut(self: RemoteStore, restriction: str = "", prefix: str = "") -> Mapping[str, int]:
        if prefix:
            raise RemoteError(Failure.TRUNCATED, "the server gives at most 10000 rows")
        return counts(self, restriction)

    monkeypatch.setattr(RemoteStore, "counts", cut)
    project.publish(articles(3))
    project.load()
    store.update(f"CLEAR GRAPH <{project.base}article/a1>")
    assert (state(project)["health"], state(project)["graphs"]) == ("altered", 2)
    assert done(project.load()) == {"unchanged": 2, "added": 1}


# -------- dumps


@pytest.mark.parametrize("name", ["dump.nq", "dump.nq.gz", "dump.trig"])
def test_a_dump_is_loaded(name: str, project: Loading, store: RemoteStore, tmp_path: Path) -> None:
    lines = dict(project.lines(articles(3)))
    file = tmp_path / name
    quads = [line for graph in lines.values() for line in graph]
    if name.endswith(".trig"):
        parsed = pyoxigraph.parse("\n".join(quads).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
        file.write_bytes(pyoxigraph.serialize(parsed, format=pyoxigraph.RdfFormat.TRIG) or b"")
    else:
        data = "".join(f"{line}\n" for line in [quads[0], *reversed(quads)]).encode()
        file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    receipt = project.load("--from", str(file))
    assert receipt["source"]["file"] == str(file)
    assert held(store, project.base) == lines


BAD_DUMPS = {
    "blank.nq": ("_:b <urn:p> <urn:o> <{base}article/a> .", "there is a blank node"),
    "default.nq": ("<urn:s> <urn:p> <urn:o> .", "a triple is not in a named graph"),
    "foreign.nq": ("<urn:s> <urn:p> <urn:o> <https://other.example/g> .", "a graph does not belong to this project"),
    "broken.nq": ("<urn:s> <urn:p> <urn:o", "broken.nq: "),
    "short.nq.gz": ("", "cannot read"),
    "empty.nq": ("# nothing\n", "it contains no quads"),
    "what.txt": ("<?xml version='1.0'?>", "what.txt: "),
}


@pytest.mark.parametrize("name", BAD_DUMPS)
def test_a_dump_that_cannot_be_loaded_is_refused_before_anything_is_sent(
    name: str, project: Loading, store: RemoteStore, tmp_path: Path
) -> None:
    text, problem = BAD_DUMPS[name]
    content = gzip.compress(b"# a comment\n" * 99)[:-9] if name.endswith(".gz") else text.encode()
    (tmp_path / name).write_bytes(content.replace(b"{base}", project.base.encode()))
    result = project.kg("load", "store", "--from", str(tmp_path / name))
    assert result.exit_code == 3
    assert isinstance(result.exception, InputError)
    assert problem in result.exception.message
    assert store.triples(ledger_graph(project.base)) == ()


@pytest.mark.parametrize("name", ["dump", "dump.nq", "dump.trig"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_dump_may_begin_with_a_byte_order_mark_and_come_through_a_pipe(
    name: str, packed: bool, project: Loading, store: RemoteStore, tmp_path: Path
) -> None:
    lines = dict(project.lines(articles(2)))
    graph, quads = next(iter(lines.items()))
    text = "".join(f"{line}\n" for line in quads)
    if name.endswith("trig"):
        text = f"# a comment\n{graph} {{\n" + "".join(f"{line[: -len(graph) - 2]}.\n" for line in quads) + "}\n"
    content = b"\xef\xbb\xbf" + text.encode()
    content = gzip.compress(content) if packed else content
    pipe = tmp_path / name
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pipe.write_bytes, content)
        receipt = project.load("--from", str(pipe))
    assert receipt["source"] == {"file": str(pipe), "sha256": sha256(content).hexdigest()}
    assert held(store, project.base) == {graph: quads}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_dump_is_read_from_standard_input(packed: bool, project: Loading, store: RemoteStore) -> None:
    lines = dict(project.lines(articles(2)))
    content = "".join(f"{line}\n" for graph in lines.values() for line in graph).encode()
    content = gzip.compress(content) if packed else content
    result = project.kg("load", "store", "--from", "-", given=content)
    assert result.exit_code == 0
    assert project.receipt()["source"] == {"file": "-", "sha256": sha256(content).hexdigest()}
    assert held(store, project.base) == lines
    broken = project.kg("load", "store", "--from", "-", given="<urn:s> <urn:p> <urn:o> <urn:g> .")
    assert isinstance(broken.exception, InputError)
    assert broken.exception.message == "standard input: a graph does not belong to this project: <urn:g>"


def test_the_ledger_in_a_dump_of_a_whole_store_is_left_out(
    project: Loading, store: RemoteStore, tmp_path: Path
) -> None:
    lines = dict(project.lines(articles(1)))
    ledger = ledger_graph(project.base)
    entry = f'<{project.base}article/z> <https://schema.org/creativeWorkStatus> "Incomplete" {ledger} .'
    (tmp_path / "dump.nq").write_text("\n".join((*next(iter(lines.values())), entry)), encoding="utf-8")
    project.load("--from", str(tmp_path / "dump.nq"))
    assert {triple.subject for triple in store.triples(ledger)} == set(lines)


# -------- literals that come back otherwise


def dumped(project: Loading, *values: str) -> tuple[str, str]:
    """Return the graph and the file of a dump with these values."""
    graph, file = f"{project.base}article/a", project.folder / "dump.nq"
    file.write_text("".join(f"<urn:s> <urn:p{k}> {value} <{graph}> .\n" for k, value in enumerate(values)))
    return graph, str(file)


def test_a_literal_in_another_form_is_reported_and_strictly_an_error_also_on_a_later_run(
    project: Loading,
) -> None:
    graph, file = dumped(project, f'"01.500"^^<{XSD}decimal>', f'"1"^^<{XSD}boolean>')
    receipt = project.load("--from", file)
    assert receipt["rewritten"]["the store writes a decimal in another form"] == 1
    assert receipt["graphs"][graph]["checked"] == "value"
    later = project.load("--from", file)
    assert (later["graphs"][graph]["checked"], later["graphs"][graph]["earlier"]) == ("counted, not compared", "value")
    for _ in range(2):
        result = project.kg("load", "store", "--from", file, "--strict")
        assert isinstance(result.exception, EndpointError)
        assert f"{graph}: the store writes a decimal in another form (1)" in result.exception.message
        assert result.exception.fix == "see the examples in the receipt; their values are right"
        receipt = project.receipt()
        assert (receipt["sent"], receipt["outcome"]) == (0, "differs")
        assert receipt["differences"][graph]["examples"]
    assert done(project.load("--from", file)) == {"unchanged": 1}


def test_strictly_a_patched_graph_is_compared_too(project: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.transfer.load.SMALL", 100)
    for step in (0, 1):
        project.publish(changing(step, padding=100))
        receipt = project.load()
    graph = f"{project.base}article/a"
    assert receipt["graphs"][graph]["checked"] == "patch"
    for expected in ("unchanged", "patched"):
        result = project.kg("load", "store", "--strict")
        receipt = project.receipt()
        assert receipt["graphs"][graph]["done"] == expected
        assert receipt["graphs"][graph]["checked"] == ("value" if result.exit_code else "content")
        assert (result.exit_code == 4) == bool(receipt["rewritten"])
        project.publish(changing(2, padding=100))


def test_a_number_that_was_cut_is_not_reported_as_one_in_another_form(project: Loading) -> None:
    graph, file = dumped(project, f'"3.14159265358979323846264338327950288"^^<{XSD}decimal>')
    result = project.kg("load", "store", "--from", file)
    if project.receipt()["store"]["kind"] != "virtuoso":
        assert (result.exit_code, project.receipt()["rewritten"]) == (0, {})
        return
    assert isinstance(result.exception, EndpointError)
    assert f"{graph}: the store changes the value of a decimal (1)" in result.exception.message
    assert project.receipt()["rewritten"] == {}
    assert project.kg("load", "store", "--from", file).exit_code == 4


# -------- receipts


def test_each_address_has_a_receipt_of_its_own(server: Server, tmp_path: Path) -> None:
    project = loading(tmp_path, server, f"receipts-{server.kind}")
    project.publish(articles(1))
    (tmp_path / "kg.toml").write_text(f'base = "{project.base}"\nontology = []\nqueries = []\n', encoding="utf-8")
    environment = {name.replace("_STORE_STORE_", "_STORE_"): value for name, value in project.environment.items()}
    project = Loading(tmp_path, project.base, environment)
    assert project.kg("load", server.url).exit_code == 0
    nothing = f"{server.url}/nothing"
    for command in ("load", "stores"):
        result = project.kg(command, nothing)
        assert result.exit_code == 4
        assert "there is nothing at that address" in (str(result.exception) + result.stderr)
    assert json.loads(project.kg("stores", nothing, "--format", "json").stdout)[0]["failure"] == "not-found"
    receipts = [json.loads(file.read_text("utf-8")) for file in (tmp_path / "build" / "receipts").iterdir()]
    assert [receipt["store"]["url"] for receipt in receipts] == [server.url]


def test_addresses_on_one_host_have_receipts_of_different_names(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("")
    project = load_project(tmp_path)
    addresses = ("http://h:1/a", "http://h:1/b", "https://h:1/a", "http://h:1", "http://h:1/a/b", "http://[::1]:1/a-b")
    files = {_receipt_file(project, StoreSettings("", url)) for url in addresses}
    assert len(files) == len(addresses)
    assert _receipt_file(project, StoreSettings("", "http://h:1/")) in files


BAD_RECEIPTS = ("kg.toml/receipt.json", "x" * 300, "/proc/nothing/receipt.json", "loop.json", "build/receipts")


@pytest.mark.parametrize("place", BAD_RECEIPTS, ids=["in a file", "too long", "no folder", "loop", "default"])
def test_a_receipt_that_cannot_be_written_is_reported_before_anything_is_sent(
    place: str, project: Loading, store: RemoteStore
) -> None:
    project.publish(articles(1))
    (project.folder / "loop.json").symlink_to("loop.json")
    if place == "build/receipts":  # the default, taken by a folder
        (project.folder / place / "store.json").mkdir(parents=True)
    named = () if place == "build/receipts" else ("--receipt", str(project.folder / place))
    result = project.kg("load", "store", *named)
    assert isinstance(result.exception, InputError)
    assert result.exception.message.startswith("the receipt cannot be written to ")
    assert result.exception.fix == "name another file with --receipt; nothing has been sent"
    assert store.triples(ledger_graph(project.base)) == ()
    assert (project.folder / "loop.json").is_symlink()


def test_a_receipt_may_have_the_longest_name_and_no_empty_one(project: Loading) -> None:
    project.publish(articles(1))
    longest = project.folder / ("r" * 255)
    assert project.kg("load", "store", "--receipt", str(longest)).exit_code == 0
    assert json.loads(longest.read_text("utf-8"))["outcome"] == "whole"
    with pytest.raises(BadParameter, match="it is empty"):
        project.kg("load", "store", "--receipt", "")


def test_a_receipt_goes_to_standard_output_for_a_hyphen(project: Loading) -> None:
    project.publish(articles(1))
    result = project.kg("load", "store", "--receipt", "-")
    assert json.loads(result.stdout)["totals"]["done"] == {"added": 1}
    assert "; receipt: standard output\n" in result.stderr
    assert not list((project.folder).glob("-*"))


# -------- little at a time


@pytest.mark.parametrize("way", ["quads", "graphs", "update"])
def test_a_graph_larger_than_what_is_kept_in_memory_arrives_whole_and_is_compared(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    way = "graphs" if way == "quads" and not store.endpoint.quads else way
    monkeypatch.setattr("kg.transfer.ways.PORTION", 7)
    monkeypatch.setattr("kg.transfer.load.BATCH", 20)
    monkeypatch.setattr("kg.store.spool.IN_MEMORY", 100)
    monkeypatch.setattr("kg.store.ordered.OrderedLines.__init__.__defaults__", (300,))
    graphs = articles(3) | changing(0, padding=50)
    project.publish(graphs)
    result = project.kg("load", "store", "--way", way)
    assert result.exit_code == 0, result.stderr
    assert held(store, project.base) == dict(project.lines(graphs))
    assert project.load("--verify")["totals"]["compared"] == len(graphs)


def test_nothing_of_a_damaged_object_is_sent(
    project: Loading, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.transfer.ways.PORTION", 1)
    manifest = project.publish(articles(2))
    damaged = max(manifest.graphs)
    file = Objects(project.folder / "build" / "objects").path(manifest.graphs[damaged].sha256)
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"first", b"forst"), mtime=0))
    result = project.kg("load", "store")
    assert isinstance(result.exception, InputError)
    assert "was changed" in result.exception.message
    assert "forst" not in str(held(store, project.base))


SENT = (
    f'<a:s> <a:form> "1.50"^^<{XSD}decimal> <a:g> .',
    '<a:s> <a:lost> "x" <a:g> .',
    '<a:s> <a:same> "x" <a:g> .',
    f'<a:t> <a:value> "3.14159"^^<{XSD}decimal> <a:g> .',
)
BACK = (
    f'<a:s> <a:form> "1.5"^^<{XSD}decimal> <a:g> .',
    "<a:s> <a:more> <a:o> <a:g> .",
    '<a:s> <a:same> "x" <a:g> .',
    f'<a:t> <a:value> "3.14"^^<{XSD}decimal> <a:g> .',
)


def test_what_differs_is_counted_by_reason_and_shown() -> None:
    differing = difference(SENT, BACK)
    assert (differing.missing, differing.extra, differing.same_values) == (3, 3, False)
    assert differing.reasons == {
        "the store writes a decimal in another form": 1,
        "a triple is missing": 1,
        "there is a triple that was not sent": 1,
        "the store changes the value of a decimal": 1,
    }
    assert differing.examples == (*(f"- {SENT[k]}" for k in (0, 1, 3)), *(f"+ {BACK[k]}" for k in (0, 1, 3)))


@pytest.mark.parametrize(
    ("sent", "back", "same"),
    [
        (SENT[:1], BACK[:1], True),
        (SENT, SENT, True),
        (SENT[:1], (), False),
        ((), BACK[:1], False),
        (SENT[:1], (f'<a:s> <a:from> "1.5"^^<{XSD}decimal> <a:g> .',), False),
        ((f'<a:s> <a:p> "1.50"^^<{XSD}decimal> <a:g> .',), (f'<a:s> <a:p> "1.5"^^<{XSD}double> <a:g> .',), False),
        ([f'<a:s> <a:p> "{n}"^^<{XSD}decimal> <a:g> .' for n in ("1.50", "10.0")],
         [f'<a:s> <a:p> "{n}"^^<{XSD}decimal> <a:g> .' for n in ("1.5", "10")], True),
        ([f'<a:s> <a:p> "{n}"^^<{XSD}decimal> <a:g> .' for n in ("1.50", "10.0")],
         [f'<a:s> <a:p> "{n}"^^<{XSD}decimal> <a:g> .' for n in ("1.5", "1.500")], False),
    ],
)  # fmt: skip
def test_graphs_have_the_same_values_only_if_each_literal_has(
    sent: Sequence[str], back: Sequence[str], same: bool
) -> None:
    assert difference(sent, back).same_values is same


# -------- the ledger

OLDER = f"""
<https://e.org/article/a> <https://schema.org/sha256> "{"3f" * 32}" .
<https://e.org/article/a> <http://rdfs.org/ns/void#triples> "21"^^<{XSD}integer> .
<https://e.org/article/a> <https://schema.org/measurementMethod> "content" .
<https://e.org/article/b> <https://schema.org/creativeWorkStatus> "Incomplete" .
"""
"""A ledger as kg has written it since its first loads."""


def test_a_ledger_that_an_earlier_version_wrote_is_understood_and_written_the_same() -> None:
    triples = triples_of(Reply(200, {"content-type": "application/n-triples"}, OLDER.encode()), "ledger")
    known = states(triples, "https://e.org/")
    a, b = "<https://e.org/article/a>", "<https://e.org/article/b>"
    assert known == {a: LedgerEntry(GraphSummary(21, "3f" * 32), Checked.CONTENT), b: None}
    assert {triple for graph, each in known.items() for triple in entries(graph, each)} == set(triples)


@pytest.mark.parametrize("line", range(3))
def test_an_entry_in_another_form_is_no_claim(line: int) -> None:
    lines = OLDER.strip().splitlines()
    more = f'{" ".join(lines[line].split(" ")[:2])} "other" .'
    for changed in ([*lines[:line], *lines[line + 1 :]], [*lines, more]):
        reply = Reply(200, {"content-type": "application/n-triples"}, "\n".join(changed).encode())
        assert set(states(triples_of(reply, "ledger"), "https://e.org/").values()) == {None}


# -------- usage


def test_our_own_store_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("")
    result = Loading(tmp_path, "", {}).kg("load")
    assert isinstance(result.exception, UsageError)
    assert result.exception.message == "the project's own store is filled by 'kg build'"


def test_an_unknown_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("")
    result = Loading(tmp_path, "", {}).kg("load", "company")
    assert isinstance(result.exception, KgError)
    assert result.exit_code == 2
