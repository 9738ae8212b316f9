"""What is in deploy/: files that name what is there, and commands that kg understands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from kg.cli import cli
from kg.cli.serve import command as serve

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def options_of(command: list[str]) -> None:
    """Parse the arguments of `kg serve` as kg does; a wrong one raises."""
    assert command[0] == "serve"
    serve.make_context("serve", command[1:], parent=cli.make_context("kg", ["serve"]))


def test_the_container_copies_what_is_there_and_runs_what_kg_understands() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert all(
        (ROOT / source).exists() for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE) if "--" not in source
    )
    extras = re.search(r"/source\[([a-z,]+)\]", text)
    known = re.findall(r"^([a-z]+) = \[", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert extras
    assert {*extras[1].split(",")} <= {*known}
    command = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert command
    options_of(json.loads(command[1]))
    assert "/readyz" in text
    assert re.search(r"^USER kg$", text, re.MULTILINE)


def test_the_services_of_compose_are_built_from_the_container() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for service in services.values():
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert "ports" not in services["fuseki"]  # it has no password
    assert services["kg"]["ports"] == ["127.0.0.1:8800:8800"]


def test_fuseki_is_the_release_that_the_tests_use() -> None:
    release = re.search(r"jena-fuseki-server:([0-9.]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert release
    assert (DEPLOY / "Containerfile.fuseki").read_text(encoding="utf-8").count(f"server-{release[1]}.jar") == 1


def test_the_unit_runs_what_kg_understands() -> None:
    unit = (DEPLOY / "kg.service").read_text(encoding="utf-8")
    start = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert start
    options_of(shlex.split(start[1])[1:])


def test_the_unit_is_one_that_systemd_accepts(tmp_path: Path) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    unit = (DEPLOY / "kg.service").read_text(encoding="utf-8")
    (tmp_path / "kg.service").write_text(unit.replace("/opt/kg/bin/kg", "/bin/true"), encoding="utf-8")
    result = subprocess.run([verifier, "verify", tmp_path / "kg.service"], capture_output=True, text=True, check=False)
    own = [line for line in result.stderr.splitlines() if "kg.service" in line]
    assert own == []
