"""The stores' own bulk loaders take what `kg export --for` writes, and `kg load` finds it right."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from kg.core.errors import UsageError
from kg.project.store_kinds import LOADERS
from tests.servers import BRIEF_JAVA, PASSWORD, USER, Server, fuseki_jar, isql, java, oxigraph_binary, running
from tests.transfers import Loading, articles, loading

pytestmark = pytest.mark.servers

COUNT = 5


def exported(folder: Path, store: str, server: Server | None = None) -> tuple[Loading, Path, str]:
    """Return a project, the file that it was exported to, and the command that `kg` prints."""
    at = server or Server("oxigraph", "http://127.0.0.1:9", folder, 0)
    project = loading(folder / "project", at, f"bulk-{store}")
    project.publish(articles(COUNT))
    file = folder / "graph.nq.gz"
    result = project.kg("export", "--for", store, "-o", str(file))
    assert result.exit_code == 0
    return project, file, result.stdout.strip()


def run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def served(project: Loading, server: Server) -> dict[str, int]:
    """Load from the project to the server, whatever kg.toml says, and return what was done."""
    (project.folder / "kg.toml").write_text(
        (project.folder / "kg.toml").read_text().replace("http://127.0.0.1:9", server.url)
    )
    found: dict[str, int] = Loading(project.folder, project.base, server.environment).load()["totals"]["done"]
    return found


def test_oxigraphs_loader(tmp_path: Path) -> None:
    with running("oxigraph", tmp_path / "server"):
        pass  # is it on this machine?
    project, _, command = exported(tmp_path, "oxigraph")
    store = tmp_path / "server" / "store"
    program, *options = command.replace("STORE", str(store)).split()
    assert program == "oxigraph"
    run([oxigraph_binary(), *options])
    with running("oxigraph", tmp_path / "server") as server:
        assert served(project, server) == {"found": COUNT}


def test_virtuosos_loader(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    with running("virtuoso", folder) as server:
        project, file, command = exported(folder, "virtuoso", server)
        assert command == (
            f"isql 1111 dba PASSWORD exec=\"ld_dir('{file.parent}', '{file.name}', ''); rdf_loader_run(); checkpoint;\""
        )
        port = (folder / "virtuoso.ini").read_text().partition("ServerPort=127.0.0.1:")[2].partition("\n")[0]
        run([isql(), port, USER, PASSWORD, f"exec={command.split(chr(34))[1]}"])
        assert served(project, server) == {"found": COUNT}


def test_jenas_loader(tmp_path: Path) -> None:
    with running("fuseki", tmp_path / "server"):
        pass  # is it on this machine?
    project, _, command = exported(tmp_path, "jena")
    program, *options = command.replace("STORE", str(tmp_path / "server" / "tdb")).split()
    run([java(), *BRIEF_JAVA, "-cp", fuseki_jar(), program, *options])
    with running("fuseki", tmp_path / "server") as server:
        assert served(project, server) == {"found": COUNT}


@pytest.mark.parametrize("store", LOADERS)
def test_every_loader_has_a_command_that_names_the_file(store: str, tmp_path: Path) -> None:
    _, file, command = exported(tmp_path, store)
    assert file.name in command
    assert str(file.parent) in command


@pytest.mark.parametrize(
    "options", [[], ["-o", "graph.ttl"], ["-o", "graph.nq", "--what", "shapes"], ["-o", "graph.nq", "--graph", "x"]]
)
def test_a_loader_takes_the_whole_graph_as_a_file_of_n_quads(options: list[str], tmp_path: Path) -> None:
    project, _, _ = exported(tmp_path, "jena")
    assert isinstance(project.kg("export", "--for", "jena", *options).exception, UsageError)
