"""How fast do graphs reach a triplestore, beside its own loader? `python -m benchmarks.loading [--articles N]`.

For each store on this machine (see tests/servers.py) and each way that it offers: quads a second while sending, and of
the whole `kg load`, in which each graph is read back and compared; and of the store's own bulk loader on the same file,
which compares nothing. Then the time of `kg load` when 10 articles have changed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.corpus import corpus_in
from kg.project.settings import Project
from kg.questions.graph import built
from kg.store.manifest import GenerationDetails
from kg.store.publish import publish
from tests.servers import (
    KINDS_TESTED,
    PASSWORD,
    USER,
    MissingServerError,
    Server,
    fuseki_jar,
    isql,
    java,
    oxigraph_binary,
    started,
)

KG = str(Path(sys.executable).with_name("kg"))
CHANGED = 10


def main() -> None:
    """Print one line for each way to each store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--stores", nargs="+", choices=KINDS_TESTED, default=KINDS_TESTED)
    parser.add_argument("--ways", nargs="+", default=("quads", "graphs", "update"))
    parser.add_argument("--corpus", type=Path, help="a folder to make the corpus in, or where an earlier run made it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = corpus_in(options.corpus or Path(folder) / "corpus", options.articles)
        with built(project) as generation:
            quads = generation.manifest.quads
            articles = sum("/article/" in graph for graph in generation.manifest.graphs)
        print(f"{articles} articles, {quads} quads")
        print(f"{'store, way':34} {'quads/s':>9} {'ratio':>6} {'with comparing':>15} {'ratio':>6}")
        for kind in options.stores:
            with suppress(MissingServerError):
                _measure(kind, project, Path(folder), quads, options.ways)


def _measure(kind: str, project: Project, folder: Path, quads: int, ways: Sequence[str]) -> None:
    graph = folder / "graph.nq"
    subprocess.run([KG, "-C", str(project.root), "export", "-o", str(graph)], check=True)
    own = quads / _OWN[kind](folder / f"{kind}-own", graph)
    print(f"{kind + ', its own loader':34} {own:9,.0f} {1:6.2f}", flush=True)
    for way in ways:
        with started(kind, folder / f"{kind}-{way}") as server:
            if way == "quads" and not server.endpoint.quads:
                continue
            wall, receipt = _load(project, server, way)
            sending, whole = receipt["sent"] / receipt["sending"], quads / wall
            figures = f"{sending:9,.0f} {sending / own:6.2f} {whole:15,.0f} {whole / own:6.2f}"
            print(f"{kind + ', ' + way:34} {figures}", flush=True)
            if way == ways[0] or way == "graphs":
                _measure_change(kind, project, server)


def _measure_change(kind: str, project: Project, server: Server) -> None:
    """Time a load after 10 articles have changed, and one of those 10 alone into an empty store's place."""
    with built(project) as generation:
        graphs = dict.fromkeys(generation.manifest.graphs)
        chosen = [graph for graph in graphs if "/article/" in graph][:CHANGED]
        lines = generation.graph_lines()
    mark = str(time.time_ns())
    changed = {g: [*lines[g], f'{g} <https://example.org/changed> "{mark}" {g} .'] for g in chosen}
    publish(project.build, graphs | changed, GenerationDetails({}, {}))
    wall, receipt = _load(project, server, "graphs")
    assert len([entry for entry in receipt["graphs"].values() if entry["done"] == "replaced"]) == CHANGED
    print(f"{f'{kind}, {CHANGED} articles changed':34} {wall:7.2f} s", flush=True)


def _load(project: Project, server: Server, way: str) -> tuple[float, dict[str, Mapping[str, Mapping[str, str]]]]:
    (project.root / "kg.toml").write_text(
        (project.root / "kg.toml").read_text().partition("[stores")[0]
        + f'[stores.store]\nurl = "{server.url}"\ntimeout = 600\n'
    )
    start = time.monotonic()
    done = subprocess.run(
        [KG, "-C", str(project.root), "load", "store", "--way", way],
        env={**os.environ, **server.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.monotonic() - start
    if done.returncode:
        raise RuntimeError(done.stderr)
    return wall, json.loads((project.build / "receipts" / "store.json").read_text())


def _timed(command: Sequence[str]) -> float:
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def _own_oxigraph(folder: Path, graph: Path) -> float:
    folder.mkdir()
    return _timed([oxigraph_binary(), "load", "--location", str(folder / "store"), "--file", str(graph)])


def _own_virtuoso(folder: Path, graph: Path) -> float:
    with started("virtuoso", folder) as server:
        beside = folder / "graph.nq"
        os.link(graph.resolve(), beside)
        port = (server.folder / "virtuoso.ini").read_text().partition("ServerPort=127.0.0.1:")[2].partition("\n")[0]
        text = f"ld_dir('{folder}', 'graph.nq', ''); rdf_loader_run(); checkpoint;"
        return _timed([isql(), port, USER, PASSWORD, f"exec={text}"])


def _own_fuseki(folder: Path, graph: Path) -> float:
    folder.mkdir()
    return _timed([java(), "-Xmx1g", "-cp", fuseki_jar(), "tdb2.tdbloader", "--loc", str(folder / "tdb"), str(graph)])


_OWN: Mapping[str, Callable[[Path, Path], float]] = {
    "oxigraph": _own_oxigraph,
    "virtuoso": _own_virtuoso,
    "fuseki": _own_fuseki,
}


if __name__ == "__main__":
    main()
