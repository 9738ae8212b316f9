"""Files compiled by workers, processes of this machine or a Dask cluster: the same bytes, whatever happens to them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import EndpointError, UsageError
from kg.core.processes import CHUNK, LocalProcesses, WorkerPool
from kg.mapping.record import Record, kept_record, parts_text
from kg.pipeline import across
from kg.pipeline import cluster as dask
from kg.pipeline.across import Across, SearchResult, Stated
from kg.pipeline.cluster import Cluster
from kg.pipeline.cluster_worker import SharedFile, differences, run_chunk, versions, worker_reply
from kg.pipeline.compile import compile_project
from kg.pipeline.packs import read_pack
from kg.pipeline.steps import build
from kg.pipeline.workers import workers_for
from kg.project.settings import Project, load_project
from kg.project.sources import read_sources
from kg.project.state import one_state
from kg.store.loading import Draft
from kg.store.objects import Objects, StoredLines
from tests import tasks
from tests.clusters import scheduler, until, workers
from tests.faulty import scripted
from tests.test_pipeline import FICTION, ROOT, dump

MANY = 2 * CHUNK + 3
PATIENCE = 20.0


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with more articles than one worker takes at once."""
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(FICTION / "data" / "registry", folder / "data" / "registry")
    (folder / "data" / "articles").mkdir()
    text = (FICTION / "data" / "articles" / "exchange-merger-rumour.yaml").read_text(encoding="utf-8")
    for number in range(MANY):
        (folder / "data" / "articles" / f"rumour-{number}.yaml").write_text(text, encoding="utf-8")
    (folder / "kg.toml").write_text(
        f'title = "Rumours"\nontology = ["{ROOT}/ontology"]\nqueries = ["{ROOT}/queries"]\n', encoding="utf-8"
    )
    build(load_project(folder))
    return folder


@pytest.fixture
def project(original: Path, tmp_path: Path) -> Project:
    """A copy of it, built."""
    shutil.copytree(original, tmp_path / "project", symlinks=True)
    return load_project(tmp_path / "project")


# -------- a cluster


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("dask")
    with scheduler(folder) as found, workers(found.address, folder, 2):
        with dask.Client(found.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield found.address


@pytest.fixture
def cluster(address: str, tmp_path: Path) -> Cluster:
    return Cluster(address, tmp_path, PATIENCE)


def made(project: Project) -> dict[str, bytes]:
    """Return what a build has made of the files: records and objects, each by its name."""
    objects = {file.name: file.read_bytes() for file in (project.build / "objects").rglob("*.gz")}
    packs = [read_pack(file) for file in (project.build / "cache" / "records").iterdir()]
    records = {key: pack.record(key, Objects(project.build)) for pack in packs for key in pack.records}
    return objects | {key: _written(record) for key, record in records.items()}


def _written(record: Record) -> bytes:
    assert isinstance(record.lines, StoredLines)
    rest = kept_record(record, record.lines.summary, hash)
    return f"{rest} {parts_text(record.parts.read())}".encode()


def of_project(project: Project, address: str) -> WorkerPool:
    found = workers_for(project, cluster=address)
    assert found
    return found


# -------- the same bytes


def test_two_processes_make_the_same_bytes_as_one(project: Project) -> None:
    again = replace(project, build=project.root / "again")
    outcome = build(again, workers=LocalProcesses(2))
    assert len(outcome.fresh) > MANY
    assert dump(again.build) == dump(project.build)
    assert made(again) == made(project)


def test_a_second_processor_loads_the_store_while_one_searches(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, searches = Event(), Event()
    loaded = across._loaded

    def held(project: Project, stated: Stated, *, compact: bool) -> Draft:
        loading.set()
        assert searches.wait(60)
        return loaded(project, stated, compact=compact)

    def searching(self: Across) -> SearchResult:
        assert loading.wait(60)
        searches.set()
        return search(self)

    search = Across.search
    monkeypatch.setattr(across, "_loaded", held)
    monkeypatch.setattr(Across, "search", searching)
    again = replace(project, build=project.root / "again")
    build(again, workers=LocalProcesses(2))
    assert dump(again.build) == dump(project.build)
    assert not list((again.build / "generations").glob(".*"))


def test_a_store_that_cannot_be_loaded_is_an_error_and_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Draft:
        raise EndpointError("no room")

    monkeypatch.setattr(Draft, "bring", full)
    again = replace(project, build=project.root / "again")
    with pytest.raises(EndpointError, match="no room"):
        build(again, workers=LocalProcesses(2))
    assert not list((again.build / "generations").glob(".*"))


@pytest.mark.cluster
def test_a_cluster_makes_the_same_bytes_as_one_process(project: Project, address: str) -> None:
    again = replace(project, build=project.root / "again")
    outcome = build(again, workers=of_project(again, address))
    assert len(outcome.fresh) > MANY
    assert dump(again.build) == dump(project.build)
    assert made(again) == made(project)


@pytest.mark.cluster
def test_a_cluster_compiles_what_a_change_asks_for_and_nothing_else(project: Project, address: str) -> None:
    pool = Counting(of_project(project, address))
    assert build(project, workers=pool).fresh == ()
    edited(project, CHUNK)
    assert len(build(project, workers=pool).fresh) == CHUNK
    assert pool.tasks == []  # too few to send them anywhere
    edited(project, CHUNK + 1)
    outcome = build(project, workers=pool)
    assert len(outcome.fresh) == CHUNK + 1
    assert [*map(str, pool.tasks)] == sorted(outcome.fresh)
    again = replace(project, build=project.root / "again")
    assert build(again).manifest.sha256 == outcome.manifest.sha256


def edited(project: Project, number: int) -> None:
    """Change that many articles."""
    for file in sorted((project.data / "articles").glob("*.yaml"))[:number]:
        file.write_text(file.read_text(encoding="utf-8") + f"# {number}\n", encoding="utf-8")


class Counting:
    """A pool that remembers the tasks that it was given."""

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool
        self.tasks: list[object] = []

    def results(
        self, run: Callable[[Any, Any], Any], common: object, given: Sequence[object]
    ) -> Generator[tuple[int, Any], None, None]:
        self.tasks += given
        return self.pool.results(run, common, given)


# -------- one interface


@pytest.fixture(params=["processes", pytest.param("cluster", marks=pytest.mark.cluster)])
def pool(request: pytest.FixtureRequest, tmp_path: Path) -> WorkerPool:
    if request.param == "processes":
        return LocalProcesses(2)
    return Cluster(request.getfixturevalue("address"), tmp_path, PATIENCE)


def test_each_task_has_its_result_from_another_process(pool: WorkerPool) -> None:
    results = dict(pool.results(tasks.doubled, 2, range(10 * CHUNK)))
    assert {number: double for number, (double, _) in results.items()} == {k: 2 * k for k in range(10 * CHUNK)}
    assert os.getpid() not in {process for _, process in results.values()}


def test_an_exception_of_a_task_is_raised_here(pool: WorkerPool) -> None:
    with pytest.raises(ZeroDivisionError):
        list(pool.results(tasks.broken, None, range(MANY)))


def test_a_task_that_ends_its_workers_is_an_error_and_no_bug(pool: WorkerPool) -> None:
    with pytest.raises(EndpointError, match="worker") as caught:
        list(pool.results(tasks.deadly, 40, range(MANY)))
    assert "memory" in caught.value.fix


def test_a_file_that_changed_after_it_was_read_is_compiled_as_it_was_read(project: Project, pool: WorkerPool) -> None:
    again = one_state(replace(project, build=project.root / "again"))
    sources = read_sources(again)
    last = project.data / "articles" / "rumour-7.yaml"
    last.write_text(last.read_text(encoding="utf-8").replace("two exchanges", "3 exchanges"), encoding="utf-8")
    compiled = compile_project(again, sources, workers=pool)
    alone = compile_project(replace(again, build=project.root / "alone"), sources)
    assert [list(record.lines) for record in compiled.articles] == [list(record.lines) for record in alone.articles]


def test_a_worker_that_reads_other_files_is_reported_with_its_machine(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(project, CHUNK + 1)
    monkeypatch.setattr("kg.pipeline.by_workers._worker_record", elsewhere)
    with pytest.raises(EndpointError, match=r"rumour-\d+\.yaml has another content for the worker on far-away"):
        build(project, workers=LocalProcesses(2))


def elsewhere(*_: object) -> str:
    """What a worker replies that reads another file: the name of its machine."""
    return "far-away"


# -------- workers that end


@pytest.mark.cluster
def test_the_tasks_of_a_worker_that_ends_run_on_another_one(cluster: Cluster, tmp_path: Path) -> None:
    results = dict(cluster.results(tasks.deadly_once, tmp_path / "flag", range(MANY)))
    assert results == {k: k for k in range(MANY)}
    assert (tmp_path / "flag").exists()


@pytest.mark.cluster
def test_a_task_that_ends_one_worker_after_the_other_is_named_and_others_run(cluster: Cluster) -> None:
    results = cluster.results(tasks.deadly, 40, [f"article-{k}" if k != 40 else 40 for k in range(MANY)])
    reached = []
    with pytest.raises(EndpointError, match="2 workers in a row ended while one of them compiled 40") as caught:
        reached.extend(number for number, _ in results)
    assert len({*range(CHUNK), *range(2 * CHUNK, MANY)} & {*reached}) >= CHUNK  # some may be lost with the worker
    assert "kg check 40" in caught.value.fix


@pytest.mark.cluster
def test_without_a_worker_a_build_ends_after_a_while(tmp_path: Path) -> None:
    with scheduler(tmp_path) as found, pytest.raises(EndpointError, match="has had no worker for 1 s") as caught:
        list(Cluster(found.address, tmp_path, 1.0).results(tasks.doubled, 2, range(3)))
    assert f"dask worker {found.address}" in caught.value.fix


@pytest.mark.cluster
def test_a_scheduler_that_goes_away_ends_the_build(tmp_path: Path) -> None:
    with scheduler(tmp_path) as found, workers(found.address, tmp_path):
        results = Cluster(found.address, tmp_path, PATIENCE).results(tasks.slow, tmp_path, range(20 * CHUNK))
        next(results)
        found.process.kill()
        with pytest.raises(EndpointError, match="the connection to the scheduler at tcp://127"):
            list(results)
    assert not (tmp_path / "tasks").exists()


@pytest.mark.cluster
def test_closing_the_results_stops_the_tasks(cluster: Cluster, tmp_path: Path) -> None:
    results = cluster.results(tasks.slow, tmp_path, range(40 * CHUNK))
    next(results)
    results.close()
    time.sleep(0.2)
    done = len(list(tmp_path.glob("[0-9]*")))
    time.sleep(0.5)
    assert len(list(tmp_path.glob("[0-9]*"))) == done < 40 * CHUNK


# -------- workers that cannot take part


def test_what_differs_between_machines_is_named_with_both_versions() -> None:
    ours = dict(versions())
    assert differences(ours, ours) == ""
    theirs = ours | {"Python": "3.10", "rapidfuzz": "", "communique-kg": "0.0.9", "kg's files": "0123"}
    reported = differences(theirs, ours)
    assert f"Python 3.10 (here {ours['Python']})" in reported
    assert f"no rapidfuzz (here {ours['rapidfuzz']})" in reported
    assert "communique-kg 0.0.9 (here" in reported
    assert "kg's files 0123 (here " in reported


def test_the_versions_cover_every_library_that_a_file_passes_through() -> None:
    ours = versions()
    assert {"pyyaml", "pyoxigraph", "shacl", "rapidfuzz", "rdflib", "pyshacl"} <= {*ours}
    assert all(version for name, version in ours.items() if name != "communique-kg"), ours


@pytest.mark.cluster
def test_workers_with_another_version_and_without_kg_are_named(tmp_path: Path) -> None:
    older, without = tmp_path / "older", tmp_path / "without"
    (older / "rapidfuzz-0.1.dist-info").mkdir(parents=True)
    (without / "kg").mkdir(parents=True)
    (without / "kg" / "__init__.py").write_text("raise ModuleNotFoundError('no kg here')\n", encoding="utf-8")
    paths = [os.pathsep.join([str(each), str(ROOT)]) for each in (older, without)]
    with (
        scheduler(tmp_path) as found,
        workers(found.address, tmp_path, PYTHONPATH=paths[0]),
        workers(found.address, tmp_path, PYTHONPATH=paths[1]),
        dask.Client(found.address, set_as_default=False) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        with pytest.raises(EndpointError, match="cannot take part in this build") as caught:
            list(Cluster(found.address, tmp_path, PATIENCE).results(tasks.doubled, 2, range(3)))
    lines = caught.value.message.splitlines()[1:]
    assert len(lines) == 2
    assert all(line.strip().startswith("tcp://127.0.0.1:") for line in lines)
    assert f"has rapidfuzz 0.1 (here {versions()['rapidfuzz']})" in caught.value.message
    assert f"cannot run kg's code, and has Python {sys.version_info[0]}.{sys.version_info[1]}" in caught.value.message
    assert "no kg here" in caught.value.message


def shared_by(folder: Path) -> SharedFile:
    folder.mkdir(exist_ok=True)
    (folder / "file").write_bytes(b"x")
    return SharedFile(folder / "file", sha256(b"x").hexdigest(), tuple(versions().items()))


def test_a_worker_that_sees_another_folder_or_none_says_so(tmp_path: Path) -> None:
    shared = shared_by(tmp_path)
    assert dask._heard(shared, worker_reply(shared), {}) == ""
    shared.file.write_bytes(b"y")
    assert "sees another" in dask._heard(shared, worker_reply(shared), {})
    shared.file.unlink()
    assert "does not see the files of this machine in" in dask._heard(shared, worker_reply(shared), {})


def test_a_worker_that_writes_elsewhere_or_not_at_all_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = shared_by(tmp_path)
    assert "writes to another" in dask._heard(shared, ("", ".kg-1-00000000"), {})

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("kg.pipeline.cluster_worker.put", refuse)
    assert "cannot write in" in dask._heard(shared, worker_reply(shared), {})


@pytest.mark.cluster
def test_a_cluster_that_sees_another_folder_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "SharedFile", lambda file, _, had: SharedFile(file.with_name("elsewhere"), "0", had))
    with pytest.raises(EndpointError, match="does not see the files of this machine") as caught:
        list(cluster.results(tasks.doubled, 2, range(3)))
    assert "mount the project's folder at the same path" in caught.value.fix


def test_a_worker_that_comes_later_is_looked_at_too(tmp_path: Path) -> None:
    shared = replace(shared_by(tmp_path), versions=(("Python", "2.7"),))
    with pytest.raises(EndpointError, match=r"the worker on .* has Python"):
        run_chunk(shared, tasks.doubled, [1])


# -------- the command


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(project.root), "build", *arguments])


@pytest.mark.cluster
def test_the_command_builds_on_a_cluster(project: Project, address: str) -> None:
    done = run(project, "--full", "--cluster", address)
    assert done.exit_code == 0, done.output
    assert f"{MANY + 5} files compiled" in done.stderr


@pytest.mark.cluster
def test_where_no_scheduler_is_the_command_ends_with_the_code_of_endpoints(project: Project) -> None:
    edited(project, MANY)
    with pytest.raises(EndpointError, match=r"no Dask scheduler answers at 127\.0\.0\.1:9") as caught:
        build(project, workers=Cluster("127.0.0.1:9", project.build, 0.5))
    assert caught.value.exit_code == 4
    with scripted((200, {}, b"a web page")) as server, pytest.raises(EndpointError, match="no Dask scheduler answers"):
        build(project, workers=Cluster(server.url.removeprefix("http://").strip("/"), project.build, 1.0))
    assert dump(project.build)  # what was there is there


@pytest.mark.parametrize("given", ["somewhere", "http://host/path", "tcp://host", "host:port"])
def test_what_is_no_address_is_refused(project: Project, given: str) -> None:
    with pytest.raises(UsageError, match="not the address of a scheduler"):
        workers_for(project, cluster=given)


def test_processes_and_a_cluster_exclude_each_other(project: Project) -> None:
    with pytest.raises(UsageError, match="processes of this machine or a cluster"):
        workers_for(project, 2, "tcp://host:8786")


def test_without_the_extra_the_command_says_what_to_install(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "kg.pipeline.cluster")
    with pytest.raises(UsageError, match="a cluster needs the extra 'cluster'") as caught:
        workers_for(project, cluster="tcp://host:8786")
    assert caught.value.fix == "pip install 'communique-kg[cluster]'"


def interrupted_build(project: Project, address: str) -> tuple[int, bytes]:
    """Interrupt a build on a cluster as soon as it has tasks; return its code and what it says."""
    code = "from kg.cli import main; main()"
    command = [sys.executable, "-c", code, "-C", str(project.root), "build", "--full", "--cluster", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    shared = project.build / "cache" / "tasks"
    try:
        until(lambda: process.poll() is not None or (shared.is_dir() and any(shared.iterdir())))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, errors


@pytest.mark.cluster
def test_an_interrupted_build_leaves_no_task_and_the_generation_as_it_was(project: Project, address: str) -> None:
    for _ in range(10):  # on a busy machine, a build may be complete before it is interrupted
        before = dump(project.build)
        returncode, errors = interrupted_build(project, address)
        if returncode:
            break
    assert returncode == 130
    assert b"interrupted" in errors
    assert b"Traceback" not in errors
    assert not (project.build / "cache" / "tasks").exists()
    assert dump(project.build) == before
    with dask.Client(address, set_as_default=False) as client:
        until(lambda: not client.processing() or not any(client.processing().values()))
