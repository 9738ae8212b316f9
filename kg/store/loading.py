"""N-Quads -> an Oxigraph store on disk, written in a folder that nobody reads yet.

Figures behind the choices: one bulk load 70,000 to 130,000 quads a second; a checkpoint of an existing store is hard
links and takes milliseconds; compaction of half a million quads takes 2 s, so a small change goes without.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kg.core.model import Term
from kg.store.folder import sync

_MANY_FILES = 60  # table files after which queries slow down and compaction pays


def write_store(path: Path, graph_file: Path) -> None:
    """Write a new store in *path* with the quads of an N-Quads file."""
    import pyoxigraph

    engine = pyoxigraph.Store(str(path))
    engine.bulk_load(path=str(graph_file), format=pyoxigraph.RdfFormat.N_QUADS)
    engine.optimize()
    engine.flush()
    del engine  # closes the files
    _sync_all(path)


def write_changed_store(path: Path, base: Path, dropped: Iterable[Term], added: Iterable[str]) -> None:
    """Write a store in *path*: that of the folder *base* without the graphs *dropped*, with the lines *added*.

    Files that do not change are hard links to those of *base*.
    """
    import pyoxigraph

    pyoxigraph.Store.read_only(str(base)).backup(str(path))
    engine = pyoxigraph.Store(str(path))
    for graph in dropped:
        engine.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))
    engine.bulk_load("".join(f"{line}\n" for line in added).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    if sum(1 for _ in path.glob("*.sst")) > _MANY_FILES:
        engine.optimize()
    engine.flush()
    del engine
    _sync_all(path)


def _sync_all(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync(path)
