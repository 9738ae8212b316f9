"""A build while the graph is served: no request fails, none sees half a graph, and the next ones see the new one."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from starlette.testclient import TestClient

from kg.core.errors import EndpointError
from kg.core.iri import graph_iri
from kg.pipeline.steps import build
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore
from kg.store.generations import Generation, current
from kg.store.manifest import GenerationDetails
from kg.store.publish import KEEP, publish
from kg.web import follower
from kg.web.app import application
from kg.web.site import Generations, Site, open_site
from kg.web.snapshot import Snapshot
from tests.serving import BASE, SETTINGS, client_of, server_of

pytestmark = pytest.mark.stress

NAMES = (
    f"SELECT ?n WHERE {{ GRAPH <{BASE}graph/registry> {{"
    f" <{BASE}person/mara-lind> <http://www.w3.org/2000/01/rdf-schema#label> ?n }} }}"
)
PATIENCE = 20.0
"""Seconds in which a new generation must be opened, also on a busy machine."""

PATHS = (
    "/",
    "/api/queries/who-met-whom?evidence=true",
    "/person/mara-lind.ttl",
    f"/sparql?query={quote(NAMES, safe='')}",
    "/reconcile?queries=" + quote(json.dumps({"q": {"query": "Mara Lind"}})),
)


def new_generation(project: Project, text: str) -> None:
    """Publish the current generation with one statement more, which is quicker than a build."""
    generation = current(project.build)
    assert generation
    with generation:
        registry = f"<{graph_iri(BASE, 'registry')}>"
        lines = generation.graph_lines()[registry]
        graphs = dict.fromkeys(generation.manifest.graphs)
    line = f'<{BASE}person/mara-lind> <http://www.w3.org/2000/01/rdf-schema#comment> "{text}" {registry} .'
    publish(project.build, {**graphs, registry: [*lines, line]}, GenerationDetails({}, {}))


def renamed(project: Project, before: str, after: str) -> None:
    file = project.data / "registry" / "people.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(f"{{en: {before}}}", f"{{en: {after}}}"), encoding="utf-8")
    build(project)


def requests(address: str, path: str, stop: threading.Event, seen: Counter[object], faults: list[object]) -> None:
    """Ask for *path* over and over on one connection until *stop*."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as link:
        while not stop.is_set():
            try:
                link.request("GET", path)
                response = link.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                faults.append((path, repr(error)))
                link.close()
                continue
            seen[path, response.status] += 1
            stop.wait(0.01)  # leave something for the builds
            if response.status != 200 or not _whole(path, body):
                faults.append((path, response.status, body[:200]))


def _whole(path: str, body: bytes) -> bool:
    if path.startswith("/api"):
        answer = json.loads(body)
        return answer["total"] == len(answer["rows"]) == len(answer["evidence"]) > 0
    if path.startswith("/sparql"):
        return len(json.loads(body)["results"]["bindings"]) == 1
    if path.startswith("/reconcile"):
        return bool(json.loads(body)["q"]["result"])
    return b"</html>" in body if path == "/" else body.rstrip().endswith(b".")


def comes(address: str, path: str, text: str) -> bool:
    """Ask for *path* until the answer has *text* in it; False if it still has not after PATIENCE.

    The first answers may be those of the generation before: a request that finds the newest one being opened, by
    another one or by the server's own watch, does not wait for it.
    """
    end = time.monotonic() + PATIENCE
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as link:
        while time.monotonic() < end:
            link.request("GET", path)
            if text in link.getresponse().read().decode():
                return True
            time.sleep(0.05)
    return False


def test_builds_while_serving_are_picked_up_and_no_request_fails(project: Project) -> None:
    stop, seen, faults = threading.Event(), Counter[object](), list[object]()
    with server_of(project, "--workers", "2") as address:
        threads = [threading.Thread(target=requests, args=(address, path, stop, seen, faults)) for path in PATHS]
        for thread in threads:
            thread.start()
        try:
            renamed(project, "Mara Lind", "Mara Linde")
            for number in range(KEEP + 2):  # so many that the first ones are removed
                new_generation(project, str(number))
            renamed(project, "Mara Linde", "Mara Lindqvist")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        for path in ("/person/mara-lind.ttl", PATHS[3]):
            assert comes(address, path, "Mara Lindqvist"), path
    assert faults == []
    assert {status for _, status in seen} == {200}  # type: ignore[misc]
    assert {path for path, _ in seen} == set(PATHS)  # type: ignore[misc]


def test_a_generation_that_nobody_asks_for_is_let_go(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "POLL_INTERVAL", 0.05)
    first = project.build / "generations" / "000001"
    with client_of(project) as client:
        assert client.get("/sparql?query=ASK%7B%7D").status_code == 200
        end, texts = time.monotonic() + PATIENCE, map(str, count())
        for text in islice(texts, KEEP + 1):
            new_generation(project, text)
        while first.exists() and time.monotonic() < end:
            time.sleep(0.05)
            new_generation(project, next(texts))
        assert not first.exists()


def test_a_store_that_was_replaced_at_its_place_is_not_answered_from_a_spare_worker(project: Project) -> None:
    with client_of(project) as client:
        assert "Mara Lind" in client.get(PATHS[3]).text
        time.sleep(0.5)  # for spare workers to stand ready
        project.build.rename(project.build.with_name("gone"))  # at once: workers may write there
        renamed(project, "Mara Lind", "Mara Linde")
        assert '"Mara Linde"' in client.get(PATHS[3]).text


# -------- the generations themselves


def version(site: Site) -> str:
    with site.snapshot() as snapshot:
        return snapshot.version


def number(snapshot: Snapshot) -> int:
    assert snapshot.manifest
    return snapshot.manifest.number


def test_a_request_sees_one_generation_from_its_beginning_to_its_end(project: Project) -> None:
    site = open_site(project)
    with closing(site), site.snapshot() as old:
        for text in map(str, range(KEEP + 1)):
            new_generation(project, text)
            with site.snapshot() as new:
                assert number(new) > number(old)
        assert len(old.graph.store.graphs()) == len(new.graph.store.graphs())
        assert list((project.build / "generations").glob("000001"))
        assert not list((project.build / "generations").glob("000002"))


def test_whoever_comes_while_a_generation_is_opened_is_answered_from_the_one_before(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, opening, go_on = open_site(project), threading.Event(), threading.Event()
    original = Generation.store

    def slow(generation: Generation) -> EmbeddedStore:
        opening.set()
        assert go_on.wait(PATIENCE)
        return original(generation)

    with closing(site):
        before = version(site)
        new_generation(project, "new")
        monkeypatch.setattr(Generation, "store", slow)
        first = threading.Thread(target=version, args=(site,))
        first.start()
        assert opening.wait(PATIENCE)
        assert version(site) == before
        go_on.set()
        first.join()
        assert version(site) != before


def test_a_large_generation_is_prepared_before_it_is_served_once_somebody_follows(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.web.site.LARGE", 10)
    site, seen = open_site(project), list[tuple[str, str]]()
    with closing(site):
        first = version(site)
        new_generation(project, "not followed")
        second = version(site)
        assert second != first
        site.source.renew(lambda _: pytest.fail("there is no newer one"))
        new_generation(project, "followed")
        assert version(site) == second
        site.source.renew(lambda newer: seen.append((newer.version, version(site))))
        third = version(site)
        assert seen == [(third, second)]
        new_generation(project, "cannot be prepared")
        site.source.renew(_unable)
        assert version(site) == third
        monkeypatch.setattr("kg.web.site.LARGE", 1_000_000)
        new_generation(project, "not large")
        assert version(site) not in (first, second, third)


def _unable(_: Snapshot) -> None:
    raise EndpointError("it cannot be prepared")


def test_a_large_generation_has_all_that_its_pages_need_when_it_is_first_seen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.web.site.LARGE", 10)
    monkeypatch.setattr(follower, "POLL_INTERVAL", 0.05)
    site = open_site(project)
    with TestClient(application(site, replace(SETTINGS, ahead=True))):
        assert soon(lambda: lists_of(site)[1])  # so the first has been prepared
        first = version(site)
        new_generation(project, "new")
        assert soon(lambda: lists_of(site)[0] != first)
        assert lists_of(site)[1]


def test_a_bug_while_preparing_does_not_keep_later_generations_from_being_served(
    project: Project, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kg.web.site.LARGE", 10)
    monkeypatch.setattr(follower, "POLL_INTERVAL", 0.05)
    monkeypatch.setattr("kg.web.pages.needed", lambda _: [lambda _: 1 / 0])
    site = open_site(project)
    with TestClient(application(site, replace(SETTINGS, ahead=True))):
        assert soon(lambda: "not all is prepared" in caplog.text)
        first = version(site)
        new_generation(project, "new")
        new_generation(project, "newer")
        assert soon(lambda: version(site) != first)


def lists_of(site: Site) -> tuple[str, bool]:
    """Return the version of the graph that is served, and whether its lists have been made."""
    with site.snapshot() as snapshot:
        return snapshot.version, snapshot.memo.made("catalogue") is not None


def soon(is_so: Callable[[], bool]) -> bool:
    """Wait until *is_so*, but not longer than PATIENCE. Return whether it is."""
    end = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return is_so()


def _storeless(folder: Path) -> None:
    shutil.rmtree(folder / "store")


def _emptied(folder: Path) -> None:
    for file in (folder / "store").iterdir():
        file.write_bytes(b"")


def _unsealed(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


@pytest.mark.parametrize("damage", [_storeless, _emptied, _unsealed])
def test_a_damaged_generation_is_passed_over_until_there_is_a_sound_one(
    project: Project, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    site = open_site(project)
    with closing(site):
        before = version(site)
        new_generation(project, "new")
        damage((project.build / "current").resolve())
        assert [version(site) for _ in range(3)] == [before] * 3
        assert len([r for r in caplog.records if "cannot be opened" in r.message]) == 1
        build(project, full=True)
        assert version(site) != before


def test_a_build_folder_that_was_removed_does_no_harm_and_a_new_one_is_picked_up(project: Project) -> None:
    site = open_site(project)
    with closing(site):
        before = version(site)
        shutil.rmtree(project.build)
        assert version(site) == before
        (project.build).mkdir()
        (project.build / "current").symlink_to("current")  # a link to itself
        assert version(site) == before
        (project.build / "current").unlink()
        renamed(project, "Mara Lind", "Mara Linde")
        after = version(site)
        assert after != before
        assert after.startswith("1-")  # the numbers begin again


def test_after_it_was_closed_nothing_is_given(project: Project) -> None:
    source = Generations(project)
    for _ in range(2):
        source.close()
    with pytest.raises(EndpointError, match="closing"):
        next(source.snapshot())


def test_what_is_remembered_is_made_once_and_may_remember_more(project: Project) -> None:
    site, made = open_site(project), list[str]()

    def outer(_: object) -> str:
        made.append("outer")
        return f"outer of {snapshot.remembered('inner', lambda _: made.append('inner') or 'inner')}"

    with closing(site), site.snapshot() as snapshot:
        threads = [threading.Thread(target=snapshot.remembered, args=("outer", outer)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert snapshot.remembered("outer", outer) == "outer of inner"
    assert made == ["outer", "inner"]


def test_a_question_that_cannot_be_used_is_told_and_the_others_are_served(
    project: Project, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.rq").write_text("#+ title: [\nASK {}\n", encoding="utf-8")
    with closing(open_site(replace(project, queries=(*project.queries, tmp_path)))) as site:
        assert [record.message for record in caplog.records if "broken.rq:1:12" in record.message]
        assert "broken" not in {query.name for query in site.queries}
        assert site.query("who-met-whom")
