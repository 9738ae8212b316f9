"""What does a cluster cost, and what stays on one machine? `python -m benchmarks.cluster [--articles 400]`.

A Dask scheduler and two workers run on this machine. All figures are CPU times, by which a larger cluster can be
calculated; walls depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from benchmarks.corpus import make_corpus
from kg.core.processes import chunks_of
from kg.pipeline.cluster import Client, Cluster
from kg.pipeline.compile import compile_project
from kg.pipeline.steps import build
from kg.project.settings import load_project
from kg.project.sources import read_sources
from kg.project.state import one_state
from tests.clusters import scheduler, workers
from tests.tasks import doubled

T = TypeVar("T")
TASKS = 20_000


def main() -> None:
    """Print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=400)
    number = parser.parse_args().articles
    with (
        tempfile.TemporaryDirectory() as name,
        scheduler(Path(name)) as running,
        workers(running.address, Path(name), 2),
        Client(running.address, set_as_default=False) as client,
    ):
        client.wait_for_workers(2)
        folder = Path(name) / "corpus"
        folder.mkdir()
        _measure(folder, Cluster(running.address, folder), number)


def _measure(folder: Path, cluster: Cluster, number: int) -> None:
    calls = len(chunks_of(range(TASKS)))
    none = lambda: list(cluster.results(doubled, 2, range(TASKS)))  # noqa: E731 - one line of a table
    _, here, there, wall = _cost(none)
    print(f"{TASKS} tasks that do nothing, in {calls} calls: {1000 * wall / calls:.2f} ms of wall for each call;")
    print(f"  CPU for each call: {1000 * here / calls:.2f} ms here, {1000 * there / calls:.2f} ms elsewhere")

    project = one_state(load_project(make_corpus(folder, number)))
    sources, reading, _, _ = _cost(lambda: read_sources(project))
    compiled, alone, _, _ = _cost(lambda: compile_project(project, sources, full=True))
    quads = sum(len(record.lines) for record in compiled.articles) / number
    print(f"{number} articles of {quads:.0f} quads; CPU for each article, in ms:")
    _, here, there, _ = _cost(lambda: compile_project(project, sources, workers=cluster, full=True))
    _, rest, _, _ = _cost(lambda: build(project))
    for what, seconds in {
        "reading the files, here": reading,
        "compiling in one process": alone,
        "compiling by workers: here": here,
        "compiling by workers: there, with the scheduler": there,
        "across articles and publishing, here": rest,
    }.items():
        print(f"  {what:50} {1000 * seconds / number:8.1f}")
    print("bytes for each article:")
    for what, size in {
        "record, as a worker returns it": sum(len(pickle.dumps(record)) for record in compiled.articles),
        "names that all workers need": len(pickle.dumps(compiled.scope.facts)),
    }.items():
        print(f"  {what:50} {size / number:8.0f}")


def _cost(run: Callable[[], T]) -> tuple[T, float, float, float]:
    """Return a result, the CPU seconds that it took here and in the processes below, and the seconds of wall."""
    before, here, wall = _below(), time.process_time(), time.monotonic()
    result = run()
    return result, time.process_time() - here, _below() - before, time.monotonic() - wall


def _below() -> float:
    """Return the CPU seconds of all processes that we have started, and that still run."""
    return sum(sum(each.cpu_times()[:2]) for each in psutil.Process().children(recursive=True))


if __name__ == "__main__":
    main()
