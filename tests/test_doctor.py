"""`kg doctor`: what is here, what is missing, and what is at fault."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.project import machine
from kg.project.machine import State
from tests import harbour

Row = Mapping[str, str]


def examined(folder: Path) -> tuple[int, dict[str, Row]]:
    """Return the exit code, and what was seen by its name."""
    result = CliRunner().invoke(cli, ["-C", str(folder), "doctor", "--format", "json"], standalone_mode=False)
    assert result.exception is None
    return int(result.return_value), {each["what"]: each for each in json.loads(result.stdout)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return harbour.built_project(tmp_path).root


def test_everything_is_looked_at(folder: Path) -> None:
    code, seen = examined(folder)
    assert code == 0
    assert {"kg", "python", "packages", "java", "disk", "build folder"} <= {*seen}
    assert {"extra serve", "extra pandas", "extra reason"} <= {*seen}
    assert "extra dev" not in seen
    assert seen["packages"]["detail"].count("rdflib ") == 1
    assert seen["generation"]["detail"] == "1, read and compared"


def test_a_folder_without_a_project_is_a_fault(tmp_path: Path) -> None:
    code, seen = examined(tmp_path)
    assert (code, seen["project"]["state"]) == (1, State.FAULT)
    assert seen["project"]["fix"]
    assert "disk" not in seen


def test_an_extra_that_is_not_installed_is_missing_and_no_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = machine.version

    def without_pandas(name: str) -> str:
        if name == "pandas":
            raise machine.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(machine, "version", without_pandas)
    code, seen = examined(folder)
    assert code == 0
    assert (seen["extra pandas"]["state"], seen["extra pandas"]["detail"]) == (State.MISSING, "not installed: pandas")
    assert seen["extra pandas"]["fix"] == "pip install 'communique-kg[pandas]'"


def test_a_package_of_a_version_that_does_not_fit_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = machine.version
    monkeypatch.setattr(machine, "version", lambda name: "0.1" if name == "rdflib" else installed(name))
    code, seen = examined(folder)
    assert (code, seen["packages"]["state"]) == (1, State.FAULT)
    assert seen["packages"]["detail"] == "versions that do not fit: rdflib 0.1"


def test_a_full_disk_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")(2**30, 2**30, 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    code, seen = examined(folder)
    assert (code, seen["disk"]["detail"]) == (1, "1 MiB free, a build may need 200 MiB")
    assert "199 MiB more" in seen["disk"]["fix"]


def test_a_build_folder_that_is_a_file_is_a_fault(folder: Path) -> None:
    shutil.rmtree(folder / "build")
    (folder / "build").write_text("")
    code, seen = examined(folder)
    assert seen["generation"]["state"] != State.OK
    assert code == 1


def test_a_damaged_generation_is_a_fault(folder: Path) -> None:
    victim = next((folder / "build" / "objects").rglob("*.gz"))
    victim.write_bytes(victim.read_bytes()[:-1])
    code, seen = examined(folder)
    assert (code, seen["generation"]["state"]) == (1, State.FAULT)
    assert seen["generation"]["fix"]


def test_a_store_that_does_not_answer_is_a_fault(folder: Path) -> None:
    settings = folder / "kg.toml"
    settings.write_text(settings.read_text() + '\n[stores.far]\nurl = "http://127.0.0.1:9/"\n')
    code, seen = examined(folder)
    assert (code, seen["store far"]["state"]) == (1, State.FAULT)
