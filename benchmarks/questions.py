"""How does the time of a question grow with the graph? `python -m benchmarks.questions [--articles 1000 10000]`.

Every canned question is asked on corpora of two sizes, each time in a process of its own with limits on time and
memory: with the arguments of its fictional case (see tests/questions.py), without any where none is needed, and about
the thing of the registry that most articles name ("busiest"). Times are CPU seconds of that process, which other work
on the machine hardly changes: of the first page of 100 rows with the number of all, once what a process learns about
its store is known, and of the whole answer. 'growth' is the ratio of the times of the whole answer to the ratio of the
sizes, so that 1 is linear; times below 10 ms count as 10 ms.
What grows most comes first. Answers grow too, and disagreements are between pairs of articles.
With one size (`--articles 300`) there is no growth, and the slowest question comes first.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from benchmarks.corpus import ROOT, corpus_in
from kg.core.terms import TYPE, cq
from kg.project.settings import Project, load_project
from kg.questions.graph import Graph, built, open_graph
from kg.questions.lookup import things_of
from kg.questions.query import bound_text, find_query, run_page, run_text
from tests.questions import NAMES, case, question

Arguments = Mapping[str, Sequence[str]]
PAGE = 100
"""The rows of a page."""

LEAST = 0.01
"""Shorter times, in seconds, tell nothing about growth."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one question may take: CPU seconds, GiB of address space."""

    seconds: float
    gibibytes: float


@dataclass(frozen=True, slots=True)
class Run:
    """One question on one corpus; *problem* tells why it has no time."""

    page: float = 0.0
    seconds: float = 0.0
    rows: int = 0
    mebibytes: int = 0
    problem: str = ""

    def __str__(self) -> str:
        return (
            f"{self.problem:>32}"
            if self.problem
            else f"{self.rows:8} {self.page:7.3f} {self.seconds:8.3f} {self.mebibytes:6}"
        )


def main() -> None:
    """Print one line for each question, with and without arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=(1000, 10_000), help="of one corpus or two")
    parser.add_argument("--corpus", type=Path, nargs="+", help="folders to make them in, or where an earlier run did")
    parser.add_argument("--questions", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--seconds", type=float, default=60.0, help="of CPU, the most for one question")
    parser.add_argument("--gibibytes", type=float, default=8.0, help="the most for one question")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    limits = Limits(options.seconds, options.gibibytes)
    if options.one:
        folder, name, arguments = options.one
        print(json.dumps(_measured(Path(folder), name, json.loads(arguments), limits)))
        return
    if len(options.articles) > 2 or len(options.corpus or options.articles) != len(options.articles):
        parser.error("give one size or two, and a folder for each size if any")
    with tempfile.TemporaryDirectory() as made:
        folders = options.corpus or [Path(made) / str(articles) for articles in options.articles]
        sizes = [_articles(corpus_in(*each)) for each in zip(folders, options.articles, strict=True)]
        heads = " ".join(f"{'rows':>8} {'page s':>7} {'whole s':>8} {'MiB':>6}" for _ in sizes)
        print(f"{' and '.join(map(str, sizes))} articles\n{'question':48} {heads}{' growth' * (len(sizes) - 1)}")
        lines, busiest = [], _busiest(folders[0])
        for name in options.questions:
            for label, arguments in (*_asked(name), *_about_busiest(name, busiest)):
                lines.append((label, [_run(folder, name, arguments, limits) for folder in folders]))
        for label, runs in sorted(lines, key=lambda line: (-_rank(line[1], sizes), line[0])):
            growth = f" {_growth(runs, sizes):6.2f}" if len(runs) > 1 else ""
            print(f"{label:48} {' '.join(map(str, runs))}{growth}")


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


def _about_busiest(name: str, busiest: Callable[[str], str]) -> Iterator[tuple[str, Arguments]]:
    """Return what is asked of a question about things that many articles name, one parameter at a time."""
    params = question(name).params
    for param in params:
        if param.is_entity and not any(other.required for other in params if other != param):
            thing = busiest(param.type)
            if thing:
                yield f"{name} {param.name}: {thing.partition('/')[2]}", {param.name: [thing]}


def _busiest(folder: Path) -> Callable[[str], str]:
    """Return what gives the id of the thing of a class that most triples name, "" if the registry has none."""

    @cache
    def busiest(class_name: str) -> str:
        with open_graph(load_project(folder)) as graph:
            things = " ".join(each.term for each in things_of(graph, class_name) if not graph.article_of(each.term))
            rows = graph.store.select(
                f"SELECT ?thing (COUNT(*) AS ?n) WHERE {{ VALUES ?thing {{ {things} }} GRAPH ?g {{ ?s ?p ?thing }} }}"
                " GROUP BY ?thing ORDER BY DESC(?n) ?thing LIMIT 1"
            ).rows
            return graph.id(rows[0][0]) if rows and rows[0][0] else ""

    return busiest


def _run(folder: Path, name: str, arguments: Arguments, limits: Limits) -> Run:
    most = ("--seconds", str(limits.seconds), "--gibibytes", str(limits.gibibytes))
    command = [sys.executable, "-m", "benchmarks.questions", "--one", str(folder), name, json.dumps(arguments), *most]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode == -signal.SIGXCPU:
        return Run(problem=f"over {limits.seconds:g} s")
    if done.returncode:
        return Run(problem=(done.stderr.strip().splitlines() or ["out of memory"])[-1][:24])
    return Run(*json.loads(done.stdout))


def _rank(runs: Sequence[Run], sizes: Sequence[int]) -> float:
    """Return the growth, or with one size the seconds."""
    if len(runs) > 1:
        return _growth(runs, sizes)
    return float("inf") if runs[0].problem else runs[0].seconds


def _growth(runs: Sequence[Run], sizes: Sequence[int]) -> float:
    if any(run.problem for run in runs):
        return float("inf")
    small, large = (max(run.seconds, LEAST) for run in runs)
    return large / small / (sizes[1] / sizes[0])


# -------- in a process of its own


def _measured(folder: Path, name: str, arguments: Arguments, limits: Limits) -> tuple[float, float, int, int]:
    """Ask one question; return the CPU seconds of a page and of all, its rows, and by how many MiB the process grew."""
    most = int(limits.gibibytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    project = replace(load_project(folder), queries=(ROOT / "queries",))
    query = find_query(project, name)
    with open_graph(project) as graph:
        text = bound_text(graph, query, _of_copies(graph, arguments))
        before, start = _memory(), time.process_time()
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(start + limits.seconds), hard))
        run_page(graph, query, text, 0, PAGE)
        learnt = time.process_time()
        run_page(graph, query, text, 0, PAGE)
        paged = time.process_time()
        rows = run_text(graph, query, text).rows
        return paged - learnt, time.process_time() - paged, len(rows), _memory() - before


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
