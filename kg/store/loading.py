"""Objects -> an Oxigraph store on disk, written in a folder that nobody reads yet.

Figures behind the choices: one bulk load 70,000 to 130,000 quads a second; a checkpoint of an existing store is hard
links and takes milliseconds; compaction of half a million quads takes 2 s, so a small change goes without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from kg.core.model import Term
from kg.store.folder import sync
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects

_MANY_FILES = 60  # table files after which queries slow down and compaction pays


def write_store(path: Path, objects: Objects, graphs: Mapping[Term, GraphSummary]) -> None:
    """Write a new store in *path* with *graphs*. Raises as `Objects.data`."""
    import pyoxigraph

    engine = pyoxigraph.Store(str(path))
    engine.bulk_load(objects.stream(graphs), format=pyoxigraph.RdfFormat.N_QUADS)
    engine.optimize()
    engine.flush()
    del engine  # closes the files
    _sync_all(path)


def write_changed_store(
    path: Path, base: Path, dropped: Iterable[Term], objects: Objects, added: Mapping[Term, GraphSummary]
) -> None:
    """Write a store in *path*: that of the folder *base* without the graphs *dropped*, with the graphs *added*.

    Files that do not change are hard links to those of *base*. Raises as `Objects.data`.
    """
    import pyoxigraph

    pyoxigraph.Store.read_only(str(base)).backup(str(path))
    engine = pyoxigraph.Store(str(path))
    for graph in dropped:
        engine.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))
    engine.bulk_load(objects.stream(added), format=pyoxigraph.RdfFormat.N_QUADS)
    if sum(1 for _ in path.glob("*.sst")) > _MANY_FILES:
        engine.optimize()
    engine.flush()
    del engine
    _sync_all(path)


def _sync_all(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync(path)
