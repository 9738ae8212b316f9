"""The README's examples, executed: every `console` block in a copy of the project, every file block where it says.

A block ```console holds commands after `$ ` and what they print; a line `...` stands for any lines. A block that begins
with a comment `# file: NAME` is written to that file. Blocks that set up an environment are run by `.ci/run` instead.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import running

EXAMPLE_STORE = "http://localhost:7878"
ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"\A# file: (\S+)( \(added\))?\n")
PARTS = ("data", "ontology", "queries", "kg.toml", "docs")


@dataclass(frozen=True, slots=True)
class Example:
    """A command and what it must print, or a file and its content."""

    command: str
    expected: str


def examples(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in BLOCK.finditer(text)]


def commands(block: str) -> list[Example]:
    found: list[Example] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            rest, _, expected = expected.partition("\n")
            command = f"{command[:-1]} {rest.removeprefix('> ').strip()}"
        found.append(Example(command, expected.strip("\n")))
    return found


def as_pattern(expected: str) -> str:
    """Turn an expected text into a pattern in which `...` stands for any text."""
    escaped = re.sub(r"([*?\[])", r"[\1]", expected)
    return escaped.replace("...", "*")


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("KG_")} | {"PATH": path, "COLUMNS": "100"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.strip("\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part)
        elif source.exists():
            shutil.copy(source, folder / part)
    return folder


@pytest.fixture(scope="module")
def readme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The README, with the address of a server that runs in place of that of its example."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert EXAMPLE_STORE in text
    with running("oxigraph", tmp_path_factory.mktemp("store")) as server:
        yield text.replace(EXAMPLE_STORE, server.url)


@pytest.mark.servers
def test_every_example_of_the_readme_prints_what_it_says(project: Path, readme: str) -> None:
    executed = 0
    for language, block in examples(readme):
        named = FILE.match(block)
        if named:
            target = project / named[1]
            before = target.read_text(encoding="utf-8") if named[2] else ""
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(before + block[named.end() :], encoding="utf-8")
        elif language == "console" and "venv" not in block:
            for example in commands(block):
                printed = run(example.command, project)
                assert fnmatch.fnmatchcase(printed, as_pattern(example.expected)), (
                    f"$ {example.command}\nprinted:\n{printed}\nexpected:\n{example.expected}"
                )
                executed += 1
        elif language == "python":
            printed = run(f"python - <<'PY'\n{block}\nPY", project)
            assert "Traceback" not in printed, printed
            executed += 1
    assert executed >= 10


def test_the_set_up_commands_are_those_that_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "tests.all --everything" in script
    assert "-e '.[dev]'" in script


def test_the_readme_has_no_placeholder() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"^[A-Z]{3,}$|TODO|TBD", text, re.MULTILINE)
