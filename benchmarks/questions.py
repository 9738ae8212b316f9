"""How does the time of a question grow with the graph? `python -m benchmarks.questions [--articles 1000 10000]`.

Every canned question is asked on corpora of two sizes, each time in a process of its own with limits on time and
memory: with the arguments of its fictional case (see tests/questions.py), and without any where none is needed.
'growth' is the ratio of the times to the ratio of the sizes, so that 1 is linear; times below 10 ms count as 10 ms.
What grows most comes first. Answers grow too, and disagreements are between pairs of articles.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.corpus import ROOT, corpus_in
from kg.core.terms import TYPE, cq
from kg.project.settings import Project, load_project
from kg.questions.graph import Graph, built, open_graph
from kg.questions.query import bound_text, find_query, run_text
from tests.questions import NAMES, case, question

Arguments = Mapping[str, Sequence[str]]
LEAST = 0.01
"""Shorter times, in seconds, tell nothing about growth."""


@dataclass(frozen=True, slots=True)
class Run:
    """One question on one corpus; *problem* tells why it has no time."""

    seconds: float = 0.0
    rows: int = 0
    mebibytes: int = 0
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.problem:>24}" if self.problem else f"{self.rows:8} {self.seconds:8.3f} {self.mebibytes:6}"


def main() -> None:
    """Print one line for each question, with and without arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs=2, default=(1000, 10_000), help="of the two corpora")
    parser.add_argument("--corpus", type=Path, nargs=2, help="folders to make them in, or where an earlier run did")
    parser.add_argument("--questions", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--seconds", type=float, default=60.0, help="the most for one question")
    parser.add_argument("--gibibytes", type=float, default=8.0, help="the most for one question")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        folder, name, arguments = options.one
        print(json.dumps(_measured(Path(folder), name, json.loads(arguments), options.gibibytes)))
        return
    with tempfile.TemporaryDirectory() as made:
        folders = options.corpus or [Path(made) / str(articles) for articles in options.articles]
        limits = (options.seconds, options.gibibytes)
        sizes = [_articles(corpus_in(*each)) for each in zip(folders, options.articles, strict=True)]
        heads = " ".join(f"{'rows':>8} {'s':>8} {'MiB':>6}" for _ in sizes)
        print(f"{sizes[0]} and {sizes[1]} articles\n{'question':32} {heads} {'growth':>6}")
        found = []
        for name in options.questions:
            for label, arguments in _asked(name):
                runs = [_run(folder, name, arguments, *limits) for folder in folders]
                found.append((_growth(runs, sizes), label, runs))
        for growth, label, runs in sorted(found, key=lambda line: (-line[0], line[1])):
            print(f"{label:32} {runs[0]} {runs[1]} {growth:6.2f}")


def _articles(project: Project) -> int:
    with built(project) as generation:
        return sum("/article/" in graph for graph in generation.manifest.graphs)


def _asked(name: str) -> Iterator[tuple[str, Arguments]]:
    """Return what is asked of a question: what it is called in the table, and the arguments."""
    arguments = case(name, "fiction").arguments
    if not any(param.required or (param.is_entity and not param.optional) for param in question(name).params):
        yield name, {}
    if arguments:
        yield f"{name} {' '.join(arguments)}", arguments


def _run(folder: Path, name: str, arguments: Arguments, seconds: float, gibibytes: float) -> Run:
    one = ("--one", str(folder), name, json.dumps(arguments), "--gibibytes", str(gibibytes))
    command = [sys.executable, "-m", "benchmarks.questions", *one]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return Run(problem=f"over {seconds:g} s")
    if done.returncode:
        return Run(problem=(done.stderr.strip().splitlines() or ["out of memory"])[-1][:24])
    return Run(*json.loads(done.stdout))


def _growth(runs: Sequence[Run], sizes: Sequence[int]) -> float:
    if any(run.problem for run in runs):
        return float("inf")
    small, large = (max(run.seconds, LEAST) for run in runs)
    return large / small / (sizes[1] / sizes[0])


# -------- in a process of its own


def _measured(folder: Path, name: str, arguments: Arguments, gibibytes: float) -> tuple[float, int, int]:
    """Ask one question; return its seconds, its rows, and by how many MiB the process grew."""
    most = int(gibibytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    project = replace(load_project(folder), queries=(ROOT / "queries",))
    query = find_query(project, name)
    with open_graph(project) as graph:
        text = bound_text(graph, query, _of_copies(graph, arguments))
        before, start = _memory(), time.perf_counter()
        rows = run_text(graph, query, text).rows
        return time.perf_counter() - start, len(rows), _memory() - before


def _of_copies(graph: Graph, arguments: Arguments) -> Arguments:
    """Return the arguments with the first copy of each article in the place of the fictional one."""
    rows = graph.store.select(f"SELECT ?article WHERE {{ GRAPH ?article {{ ?article {TYPE} {cq('Article')} }} }}").rows
    numbers: dict[str, int] = {}
    for (article,) in rows:
        name, _, number = (article or "").rpartition("/")[2][:-1].rpartition("-")
        numbers[name] = min(int(number), numbers.get(name, int(number)))

    def copy(found: re.Match[str]) -> str:
        return f"{found[0]}-{numbers[found[1]]}" if found[1] in numbers else found[0]

    return {key: [re.sub("article/([a-z0-9-]+)", copy, text) for text in texts] for key, texts in arguments.items()}


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
