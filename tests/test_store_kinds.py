"""A kind of store is described in one place, and everything that knows kinds of stores follows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import kg.project.store_kinds
from kg.project.store_kinds import ANY, KINDS, LOADERS, PRESETS, recognized
from tests.servers import KINDS_TESTED

MODULE = Path(kg.project.store_kinds.__file__)
DOCS = (Path(__file__).parent.parent / "docs/how-to/load-a-triplestore.md").read_text(encoding="utf-8")
NEW_KIND = """
    StoreKind(
        "triplex", "Triplex", query="/q", update="/u", sign=("x-triplex", ""),
        loader=BulkLoader("triplex-load", "Triplex", "triplex load {file}"), example="http://localhost:9",
    ),
"""
FOLLOWERS = """
import json, sys, types
module = types.ModuleType("kg.project.store_kinds")
sys.modules[module.__name__] = module
exec(compile(sys.stdin.read(), "store_kinds.py", "exec"), module.__dict__)

from click.testing import CliRunner
from kg.cli import cli
from kg.export.loaders import load_command
from kg.project.endpoint import endpoint, store_settings
from kg.store.probe import recognized
from pathlib import Path

settings = store_settings("ours", {"url": "http://h/db", "kind": "triplex"})
print(json.dumps({
    "preset": endpoint(settings, module.KINDS["triplex"]).update,
    "probed": recognized({"x-triplex": "5"}).name,
    "loader": load_command("triplex-load", Path("/tmp/graph.nq"))[0],
    "help": [CliRunner().invoke(cli, [name, "--help"]).output for name in ("export", "stores")],
}))
"""

HEADS = {
    "oxigraph": {"server": "oxigraph/0.5.13", "content-type": "application/sparql-results+json"},
    "virtuoso": {"server": "Virtuoso/07.20.3240 (Linux) x86_64-pc-linux-gnu", "accept-ranges": "bytes"},
    "fuseki": {"server": "Apache Jena Fuseki", "fuseki-request-id": "4"},
    "sparql": {"server": "nginx"},
}
"""Kind -> headers of its answers."""


def test_a_new_kind_is_written_in_one_file_and_everything_follows() -> None:
    source = MODULE.read_text(encoding="utf-8")
    changed = source.replace("PRESETS: tuple[StoreKind, ...] = (", f"PRESETS: tuple[StoreKind, ...] = ({NEW_KIND}", 1)
    assert changed != source
    done = subprocess.run([sys.executable, "-c", FOLLOWERS], input=changed, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["preset"], found["probed"]) == ("http://h/db/u", "triplex")
    assert found["loader"] == "triplex load /tmp/graph.nq"
    export_help, stores_help = found["help"]
    assert "triplex-load" in export_help
    assert "triplex" in stores_help


def test_no_two_kinds_share_a_name() -> None:
    assert list(KINDS.values()) == list(PRESETS)


def test_a_store_is_recognized_by_the_headers_of_its_answers() -> None:
    assert {kind: recognized(headers).name for kind, headers in HEADS.items()} == {kind: kind for kind in HEADS}
    assert {name for name, kind in KINDS.items() if kind.sign} == set(HEADS) - {ANY.name}


def test_only_its_own_module_names_a_kind_to_decide_by_it() -> None:
    decides = re.compile(rf"""(kind|name)\s*(==|!=|in)\s*\(?["']({"|".join(KINDS)})["']""")
    package = MODULE.parent.parent
    files = [file for file in package.rglob("*.py") if file != MODULE]
    assert files
    assert [str(file) for file in files if decides.search(file.read_text(encoding="utf-8"))] == []


def test_the_documentation_lists_the_kinds_as_they_are() -> None:
    section = DOCS.partition("\n## Presets\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert [row[:3] for row in rows] == [[f"`{k.name}`", k.title, f"`{k.example}`"] for k in KINDS.values()]
    assert [row[3] == "yes" for row in rows] == [kind.tested for kind in KINDS.values()]


def test_the_documentation_lists_the_loaders_as_they_are() -> None:
    (sentence,) = re.findall(r"prints the command that loads it, for ([^.]*)\.", DOCS)
    assert re.findall("`([a-z0-9]+)`", sentence) == list(LOADERS)


def test_what_is_called_tested_is_what_the_tests_start() -> None:
    assert {name for name, kind in KINDS.items() if kind.tested} == set(KINDS_TESTED)
