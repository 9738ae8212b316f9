"""`kg --quiet` leaves out notices, and `kg build --format json` is one object."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import FindingsError, KgError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    ran(tmp_path, "init", str(tmp_path / "p"))
    return tmp_path / "p"


def ran(folder: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["-C", str(folder), *arguments], standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, KgError):
        raise result.exception
    return result


def test_an_option_of_kg_behind_the_command_is_refused_with_its_place(project: Path) -> None:
    with pytest.raises(click.NoSuchOption, match="it belongs before the command: kg -v draft"):
        ran(project, "draft", "harbour-study", "-v")
    with pytest.raises(click.NoSuchOption, match="No such option '--verbos'") as unknown:
        ran(project, "draft", "harbour-study", "--verbos")
    assert "before the command" not in unknown.value.message


def test_what_was_done_is_left_out(project: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "kg.tar")
    for arguments in (("check",), ("build",), ("build",), ("backup", "-o", archive), ("restore", archive)):
        assert ran(project, *arguments).stderr
        assert ran(project, "-q", *arguments).stderr == ""


def test_findings_and_results_are_not_left_out(project: Path) -> None:
    article = next((project / "data" / "articles").glob("*.yaml"))
    article.write_text(article.read_text().replace("type: ", "tipe: ", 1))
    assert "error[" in ran(project, "-q", "check").stdout
    failed = ran(project, "-q", "build")
    assert isinstance(failed.exception, FindingsError)
    assert "error[" in failed.stderr


def test_that_an_answer_was_cut_is_not_left_out(project: Path) -> None:
    ran(project, "build")
    query = "SELECT ?s { GRAPH ?g { ?s ?p ?o } }"
    assert "the answer is cut at 2 rows" in ran(project, "-q", "sparql", "--limit", "2", query).stderr
    assert "showing 1 of" in ran(project, "-q", "query", "facts-by-kind", "--limit", "1").stderr


def test_a_build_is_one_object_for_programs(project: Path) -> None:
    first, again = (json.loads(ran(project, "build", "--format", "json").stdout) for _ in range(2))
    assert (first["published"], first["generation"], again["published"]) == (True, 1, False)
    assert first["sha256"] == again["sha256"]
    assert first["compiled"] == first["files"]
    article = next((project / "data" / "articles").glob("*.yaml"))
    article.write_text(article.read_text().replace("type: ", "tipe: ", 1))
    failed = ran(project, "build", "--format", "json")
    assert isinstance(failed.exception, FindingsError)
    report = json.loads(failed.stdout)
    assert report["published"] is False
    assert report["summary"]["error"] == len([each for each in report["findings"] if each["severity"] == "error"]) > 0


def test_quiet_and_verbose_contradict_each_other(project: Path) -> None:
    result = CliRunner().invoke(cli, ["-q", "-v", "-C", str(project), "check"])
    assert result.exit_code == 2
