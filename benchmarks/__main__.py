"""How fast is it, beside the alternatives? `python -m benchmarks [--runs N]`.

Every figure is the median of whole processes on this machine, in this run; ratios are what to compare.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import ROOT, make_corpus
from benchmarks.timing import Times, times
from benchmarks.words import word_checks

KG = str(Path(sys.executable).with_name("kg"))
RDFLIB_SCRIPT = """
import sys, rdflib
graph = rdflib.Dataset()
graph.parse(sys.argv[1], format="nquads")
print(len(list(graph.query(open(sys.argv[2]).read()))))
"""


def main() -> None:
    """Print one line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(f"{'what':58} {'CPU s':>7} {'wall s':>7} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name, found in measurements(Path(folder), options.runs):
            print(f"{name:58} {found.cpu:7.2f} {found.wall:7.2f} {found.peak:6.0f}", flush=True)


def measurements(folder: Path, runs: int) -> Iterator[tuple[str, Times]]:
    """Yield a name and its times, small things first."""
    small = make_corpus(folder, 3)
    yield "python -c pass", times([sys.executable, "-c", "pass"], small, runs=runs)
    yield "kg --help", times([KG, "--help"], small, runs=runs)
    yield from _checks(small, runs)
    yield from word_checks(runs)
    yield from _queries(small, runs)
    yield "kg build, nothing changed", times([KG, "build"], small, runs=runs)


def _checks(project: Path, runs: int) -> Iterator[tuple[str, Times]]:
    article = sorted((project / "data" / "articles").glob("*.yaml"))[0]
    text = article.read_text()
    count = iter(range(1, 1000))
    times([KG, "build"], project, runs=1)
    changed = times(
        [KG, "check", str(article)], project, runs=runs, before=lambda: _rewrite(article, f"{text}# {next(count)}\n")
    )
    yield "kg check of one changed article", changed
    yield "kg check of one unchanged article", times([KG, "check", str(article)], project, runs=runs)
    data, shapes = project / "article.ttl", project / "shapes.ttl"
    graph = f"article/{article.stem}"
    times([KG, "build"], project, runs=1)
    times([KG, "export", "--graph", graph, "-o", str(data)], project, runs=1)
    times([KG, "export", "--what", "shapes", "-o", str(shapes)], project, runs=1)
    pyshacl = [sys.executable, "-m", "pyshacl", "-s", str(shapes), "-e", str(ROOT / "ontology" / "core.ttl"), str(data)]
    yield "  instead: pyshacl alone on that article's graph", _whatever(pyshacl, project, runs)


def _whatever(command: list[str], project: Path, runs: int) -> Times:
    """Time a command whose exit code says something about the data."""
    return times(["sh", "-c", '"$@"; true', "sh", *command], project, runs=runs)


def _queries(project: Path, runs: int) -> Iterator[tuple[str, Times]]:
    times([KG, "build"], project, runs=1)
    yield "kg query who-met-whom", times([KG, "query", "who-met-whom"], project, runs=runs)
    script, query = project / "ask.py", project / "who-met-whom.rq"
    script.write_text(RDFLIB_SCRIPT)
    times([KG, "query", "who-met-whom", "--show", "-o", str(query)], project, runs=1)
    graph = str(project / "graph.nq")
    times([KG, "export", "-o", graph], project, runs=1)
    yield (
        "  instead: rdflib script that parses the graph and asks",
        times([sys.executable, str(script), graph, str(query)], project, runs=runs),
    )


def _rewrite(file: Path, text: str) -> None:
    file.write_text(text)


if __name__ == "__main__":
    main()
