"""Communiqué: curated news about meetings -> a validated, evidence-locked knowledge graph.

>>> import kg                                                     # doctest: +SKIP
>>> kg.check(".").ok                                              # doctest: +SKIP
>>> kg.build(".")                                                 # doctest: +SKIP
>>> graph = kg.open(".")                                          # doctest: +SKIP
>>> graph.query("who-took-part", meeting="harbour-study/meeting") # doctest: +SKIP

Importing this loads nothing else; each function loads what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kg.core.errors import (
        AmbiguousError,
        EndpointError,
        FindingsError,
        InputError,
        KgError,
        NotFoundError,
        UsageError,
    )
    from kg.notebook.answer import Answer
    from kg.notebook.opened import Given, OpenProject
    from kg.notebook.runs import BuildSummary
    from kg.notebook.views import CheckResult, Explained, Questions

    __version__: str

__all__ = [
    "AmbiguousError",
    "Answer",
    "BuildSummary",
    "CheckResult",
    "EndpointError",
    "Explained",
    "FindingsError",
    "InputError",
    "KgError",
    "NotFoundError",
    "OpenProject",
    "Questions",
    "UsageError",
    "__version__",
    "build",
    "check",
    "explain",
    "open",
    "query",
    "sparql",
]

_HOMES = {
    "kg.core.errors": {name for name in __all__ if name.endswith("Error")},
    "kg.notebook.answer": {"Answer"},
    "kg.notebook.opened": {"OpenProject"},
    "kg.notebook.runs": {"BuildSummary"},
    "kg.notebook.views": {"CheckResult", "Explained", "Questions"},
}
"""Module -> the names that it has for this one."""


def __getattr__(name: str) -> object:
    """Return a name from another module, which is imported on first use."""
    from importlib import import_module
    from importlib.metadata import version

    if name == "__version__":
        return version("communique-kg")
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'kg' has no attribute '{name}'")


def check(folder: str | Path = ".", paths: str | Path | Sequence[str | Path] = (), *, jobs: int = 1) -> CheckResult:
    """Return every problem of a project, or of the files and folders *paths* in it, as `kg check` finds them.

    Args:
        folder: of the project, or one below it.
        paths: the files or folders to check. If empty, everything is checked, including the checks across articles.
        jobs: how many processes to use.

    Raises:
        InputError: there is no project, a path has nothing to check, or the ontology cannot be used.
    """
    from kg.notebook.runs import checked

    return checked(folder, paths, jobs)


def build(folder: str | Path = ".", *, full: bool = False, jobs: int = 1, cluster: str = "") -> BuildSummary:
    """Check, compile and publish a project, as `kg build` does; nothing is published unless everything may be.

    Args:
        folder: of the project, or one below it.
        full: trust neither the cache nor the current generation.
        jobs: how many processes to use.
        cluster: the address of a Dask scheduler, whose workers compile, or "".

    Raises:
        FindingsError: there are errors; the text has them. The current generation stays as it was.
        InputError: there is no project, or the ontology or a rule cannot be used.
        EndpointError: another build is running, the cluster cannot be used, or the disk refuses.
    """
    from kg.notebook.runs import built

    return built(folder, full, jobs, cluster)


def open(folder: str | Path = ".", endpoint: str = "") -> OpenProject:  # noqa: A001
    """Open the project of *folder*, or of the nearest folder above that holds a kg.toml, to ask it questions.

    They go to its current generation, or to the store *endpoint*: a name in kg.toml or an address.

    Raises:
        InputError: there is none, or it has not been built.
        UsageError: there is no store of that name.
        EndpointError: the store does not answer.
    """
    from kg.notebook.opened import open_project

    return open_project(folder, endpoint)


def query(
    name: str, *, folder: str | Path = ".", endpoint: str = "", **arguments: Given | Sequence[Given] | None
) -> Answer:
    """Return the answer to one question; to ask several, `open` the project once. See `OpenProject.query`."""
    with open(folder, endpoint) as opened:
        return opened.query(name, **arguments)


def sparql(text: str, *, folder: str | Path = ".", endpoint: str = "", timeout: float = 30.0) -> Answer:
    """Return the answer to one SPARQL query. See `OpenProject.sparql`."""
    with open(folder, endpoint) as opened:
        return opened.sparql(text, timeout)


def explain(thing: str, *, folder: str | Path = ".", endpoint: str = "") -> Explained:
    """Return what the graph says of one thing. See `OpenProject.explain`."""
    with open(folder, endpoint) as opened:
        return opened.explain(thing)
