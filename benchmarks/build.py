"""What a build costs beside the raw store and beside a script: `python -m benchmarks.build [--articles 100 1000]`.

At each size, on the same machine in the same run:

- the limit: Oxigraph's bulk load of the quads that the build publishes, which checks nothing;
- `kg build` from nothing in one process and in two, with one article changed, and with nothing changed;
- up to `--instead` articles, what one would write instead: a script that reads each file with PyYAML, makes an rdflib
  graph of as many triples, and validates it with pyshacl; and pyshacl over the whole graph.

CPU seconds of whole processes; compare the ratios. `--brief` leaves out two processes and the build before the measured
one, for large sizes: `python -m benchmarks.build --articles 100000 --brief --runs 1` writes some 60 GB at its peak into
the folder for temporary files (TMPDIR), 600 KB for each article. Each measurement also goes to standard error when it
is made.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import ROOT, make_corpus
from benchmarks.timing import Times, times

KG = str(Path(sys.executable).with_name("kg"))
RAW_LOAD = """
import sys, pyoxigraph
pyoxigraph.Store(sys.argv[2]).bulk_load(path=sys.argv[1], format=pyoxigraph.RdfFormat.N_QUADS)
"""
# the mapping itself is left out: the triples are those that kg made, so that both have as much to validate
SCRIPT = """
import pathlib, sys, pyshacl, rdflib, yaml
shapes, ontology = (rdflib.Graph().parse(file) for file in sys.argv[2:4])
parts = {}
for line in open(sys.argv[1], encoding="utf-8"):
    triple, _, graph = line.rstrip(" .\\n").rpartition(" ")
    parts.setdefault(graph, []).append(triple + " .")
for file in sorted(pathlib.Path("data/articles").glob("*.yaml")):
    yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    name = next(graph for graph in parts if graph.endswith("/" + file.stem + ">"))
    graph = rdflib.Graph().parse(data="\\n".join(parts[name]), format="nt")
    pyshacl.validate(graph, shacl_graph=shapes, ont_graph=ontology, advanced=True)
    graph.serialize(format="nt")
"""
WHOLE = """
import sys, pyshacl, rdflib
shapes, ontology = (rdflib.Graph().parse(file) for file in sys.argv[2:4])
graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
pyshacl.validate(graph, shacl_graph=shapes, ont_graph=ontology, advanced=True)
"""
_CURATED = re.compile(r"(?m)^curation: \{curator: \w+")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what was run, its times, and the times of the raw load of the same quads."""

    name: str
    times: Times
    raw: Times

    def __str__(self) -> str:
        """Return the row of the Markdown table."""
        ratio = self.times.cpu / self.raw.cpu
        return f"| {self.name} | {self.times.cpu:.2f} | {self.times.wall:.2f} | {self.times.peak:.0f} | {ratio:.1f} |"


def main() -> None:
    """Print a Markdown table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--instead", type=int, default=100, help="largest size at which the script is run")
    parser.add_argument("--brief", action="store_true", help="for large sizes: one full build, in one process")
    parser.add_argument("--runs", type=int, default=3, help="runs of the small measurements; a full build runs once")
    options = parser.parse_args()
    for articles in options.articles:
        with tempfile.TemporaryDirectory() as folder:
            project = make_corpus(Path(folder) / "corpus", articles)
            print(f"\n| {articles} articles | CPU s | wall s | MiB | CPU, relative to raw load |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for row in measurements(project, options.runs, script=articles <= options.instead, brief=options.brief):
                print(row, flush=True)


def measurements(project: Path, runs: int, *, script: bool, brief: bool) -> Iterator[Row]:
    """Yield the rows for one size: the raw load first, then the builds, then (with *script*) the alternatives."""
    graph, builds = project / "graph.nq", dict(_builds(project, runs, brief=brief))
    exported = _once([KG, "export", "-o", str(graph)], project)
    shutil.rmtree(project / "build")  # makes room for the raw store, which is as large
    raw = _once([sys.executable, "-c", RAW_LOAD, str(graph), str(project / "raw")], project)
    with graph.open(encoding="utf-8") as lines:
        quads = sum(1 for _ in lines)
    yield Row(f"raw bulk load of {quads:,} quads, nothing checked", raw, raw)
    yield from (Row(f"`kg build`{name}", each, raw) for name, each in builds.items())
    yield Row("`kg export` as N-Quads", exported, raw)
    if script:
        yield from _instead(project, graph, raw)


def _builds(project: Path, runs: int, *, brief: bool) -> Iterator[tuple[str, Times]]:
    measures = {
        " from nothing, two processes": lambda: _from_nothing(project, jobs=2),
        " from nothing, one process": lambda: _from_nothing(project, jobs=1),
        ", one article changed": lambda: _one_changed(project, runs),
        ", nothing changed": lambda: times([KG, "build"], project, runs=runs),
    }
    if brief:
        del measures[" from nothing, two processes"]
    for name, measure in measures.items():
        yield name, (measured := measure())
        print(f"kg build{name}: {measured}", file=sys.stderr, flush=True)


def _from_nothing(project: Path, jobs: int) -> Times:
    shutil.rmtree(project / "build", ignore_errors=True)
    return _once([KG, "build", "--jobs", str(jobs)], project)


def _instead(project: Path, graph: Path, raw: Times) -> Iterator[Row]:
    shapes = project / "shapes.ttl"
    _once([KG, "export", "--what", "shapes", "-o", str(shapes)], project)
    inputs = [str(graph), str(shapes), str(ROOT / "ontology" / "core.ttl")]
    yield Row("a script: PyYAML, rdflib, pyshacl, article by article", _once(_python(SCRIPT, inputs), project), raw)
    yield Row("pyshacl over the whole graph", _once(_python(WHOLE, inputs), project), raw)


def _python(script: str, arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", script, *arguments]


def _one_changed(project: Path, runs: int) -> Times:
    """Time a build after another curator was entered in one article."""
    article = sorted((project / "data" / "articles").glob("*.yaml"))[0]
    text, count = article.read_text(encoding="utf-8"), iter(range(1_000))

    def change() -> None:
        article.write_text(_CURATED.sub(f"curation: {{curator: c{next(count)}", text), encoding="utf-8")

    return times([KG, "build"], project, runs=runs, before=change)


def _once(command: list[str], project: Path) -> Times:
    return times(command, project, runs=1, warm_up=False)


if __name__ == "__main__":
    main()
