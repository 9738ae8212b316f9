"""The small graph of tests/query, for the tests of queries, answers and explanations."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pyoxigraph

from kg.project.settings import Project, load_project
from kg.questions.graph import Graph
from kg.store.embedded import memory_store

FOLDER = Path(__file__).parent / "query"
BASE = "https://example.org/kg/"


def lines() -> list[str]:
    """Return the graph as N-Quads lines."""
    quads = pyoxigraph.parse(path=str(FOLDER / "graph.trig"), format=pyoxigraph.RdfFormat.TRIG)
    return sorted(f"{quad} ." for quad in quads)


def graph() -> Graph:
    """Return the graph in a store in memory."""
    return Graph(memory_store(lines()), BASE)


def project() -> Project:
    """Return the project with its questions; it has not been built."""
    return load_project(FOLDER)


def built_project(folder: Path) -> Project:
    """Return a copy of the project in *folder*, with the graph published as its first generation."""
    from kg.store.lines import graph_lines, line_quad
    from kg.store.manifest import GenerationDetails
    from kg.store.publish import publish

    copytree(FOLDER, folder, dirs_exist_ok=True)
    found = load_project(folder)
    publish(found.build, graph_lines(map(line_quad, lines())), GenerationDetails({}, {}))
    return found


def iri(path: str) -> str:
    """Return the term of a thing below the base."""
    return f"<{BASE}{path}>"
