"""What one article takes, step by step, inside one process: `python -m benchmarks.article [--quads 1300] [--runs 20]`.

The article is the shipped one whose number of quads is nearest to the one that is asked for. Steps are timed in turn,
in CPU milliseconds, medians; the reference engine last, and a few times only.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml

from benchmarks.corpus import ROOT
from kg.mapping.documents import compile_article
from kg.mapping.read import read_yaml
from kg.mapping.scope import Scope
from kg.pipeline.compile import compile_project
from kg.pipeline.one_file import Workshop, compile_file, project_cache
from kg.project.settings import Project, load_project
from kg.project.sources import Source, read_sources
from kg.validation.engines import COMPILED, REFERENCE
from kg.validation.validate import load_shapes

Step = Callable[[], object]


def main() -> None:
    """Print one line for each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quads", type=int, default=1300)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as build:
        project = replace(load_project(ROOT), build=Path(build))
        source, scope, quads = _article(project, options.quads)
        print(f"{source.path}: {quads} quads")
        for name, milliseconds in _measured(_steps(project, source, scope), options.runs).items():
            print(f"{name:44} {milliseconds:8.1f} ms")


def _article(project: Project, quads: int) -> tuple[Source, Scope, int]:
    """Return the article whose graph is nearest to *quads*, with what its names stand for."""
    sources = read_sources(project)
    compiled = compile_project(project, sources)
    record = min(compiled.articles, key=lambda record: abs(len(record.lines) - quads))
    source = next(source for source in sources.articles if source.path == record.path)
    return source, compiled.scope, len(record.lines)


def _steps(project: Project, source: Source, scope: Scope) -> dict[str, Step]:
    tree, found = read_yaml(source.text, source.path)
    document = compile_article(tree, source.stem, source.path, found, scope)
    workshop = Workshop(project, scope.vocabulary, project_cache(project))
    shapes, reference = load_shapes(project.ontology), load_shapes(project.ontology, REFERENCE)
    nodes = document.source.nodes.keys()
    return {
        "events of libyaml, nothing made of them": lambda: list(yaml.parse(source.text, Loader=yaml.CBaseLoader)),
        "read": lambda: read_yaml(source.text, source.path),
        "compile, with the checks of words": lambda: compile_article(tree, source.stem, source.path, found, scope),
        f"validate, with the report ({COMPILED})": lambda: shapes.results(document.triples, about=nodes),
        "all of it, with findings and record": lambda: compile_file(workshop, scope, source, article=True),
        f"instead: validate with {REFERENCE}": lambda: reference.results(document.triples),
    }


def _measured(steps: dict[str, Step], runs: int) -> dict[str, float]:
    """Return the median of each step; they take turns, so that a slow moment of the machine meets all."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    gc.collect()
    gc.disable()
    for run in range(runs + 1):
        for name, step in steps.items():
            if name.startswith("instead") and run > 2:
                continue
            begun = time.process_time()
            step()
            if run:  # the first warms up
                times[name].append((time.process_time() - begun) * 1000)
    gc.enable()
    return {name: statistics.median(some) for name, some in times.items()}


if __name__ == "__main__":
    main()
