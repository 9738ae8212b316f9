"""The fictional project, copied many times over: a project of any size, for measurements."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.questions.graph import built
from kg.store.manifest import GenerationDetails
from kg.store.publish import publish

ROOT = Path(__file__).parent.parent
FICTION = ROOT / "tests" / "fiction"
_ARTICLE = re.compile(r"(?<=/fiction)/article/([a-z0-9-]+)")


def make_corpus(target: Path, articles: int) -> Path:
    """Write a project with *articles* articles to *target* and return it; each a fictional one, renamed."""
    shutil.copytree(FICTION / "data" / "registry", target / "data" / "registry")
    (target / "data" / "articles").mkdir()
    settings = f'title = "A corpus"\nontology = ["{ROOT}/ontology"]\nqueries = ["{ROOT}/queries"]\n'
    (target / "kg.toml").write_text(settings)
    originals = [file for file in sorted((FICTION / "data" / "articles").glob("*.yaml")) if _stands_alone(file)]
    for number in range(articles):
        original = originals[number % len(originals)]
        (target / "data" / "articles" / f"{original.stem}-{number}.yaml").write_text(original.read_text())
    return target


def corpus_in(folder: Path, articles: int) -> Project:
    """Return the corpus that an earlier run published in *folder*, else a new one."""
    if (folder / "build" / "current").exists():
        return load_project(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return publish_corpus(folder, articles)


def publish_corpus(target: Path, articles: int) -> Project:
    """Write a project whose current generation holds *articles* articles, without compiling each; return it.

    They are the fictional ones under other names; what was derived from them, and what describes them, is copied with
    them, so that each graph has the size that a build would give it.
    """
    copied = replace(load_project(FICTION), build=target / "fiction")
    build(copied)
    with built(copied) as generation:
        graphs = generation.graph_lines()
    shared = {graph: lines for graph, lines in graphs.items() if "/article/" not in graph}
    originals = [graph for graph in graphs if graph not in shared]
    names = {graph.rpartition("/")[2][:-1]: k for k, graph in enumerate(originals)}
    for number in range(articles):
        graph = originals[number % len(originals)]
        copy = _copy(number // len(originals), names)
        shared[copy(graph)] = [copy(line) for line in graphs[graph]]
    derived = f"<{copied.base}graph/derived>"
    rounds = [_copy(k, names) for k in range(max(articles // len(originals), 1))]
    shared[derived] = [copy(line) for copy in rounds for line in graphs[derived]]
    (target / "kg.toml").write_text(
        f'base = "{copied.base}"\nontology = ["{ROOT}/ontology"]\nqueries = ["{ROOT}/queries"]\n', encoding="utf-8"
    )
    project = load_project(target)
    publish(project.build, shared, GenerationDetails({}, {}))
    return project


def _copy(number: int, names: Mapping[str, int]) -> Callable[[str], str]:
    """Return what gives the articles in a line the names of one copy of them all."""
    new = {name: f"{name}-{number * len(names) + k}" for name, k in names.items()}
    return lambda line: _ARTICLE.sub(lambda found: f"/article/{new[found[1]]}", line)


def _stands_alone(file: Path) -> bool:
    """Whether the article names no other one, so that a copy of it is valid beside the others."""
    return not re.search(r"(?:corrects|supersedes): |: [a-z0-9-]+/[a-z0-9-]+", file.read_text())
