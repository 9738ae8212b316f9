"""The hooks for pre-commit, by the real tool, and the workflow of docs/how-to/check-in-ci.md, step by step in bash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from kg.cli import cli
from kg.project.git import place_in_repository
from tests.test_draft import BASE_LINE
from tests.test_draft import ROOT as TESTS

ROOT = TESTS.parent
PAGE = ROOT / "docs" / "how-to" / "check-in-ci.md"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
WRONG = "harbour-study.yaml"


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


def project(folder: Path) -> Path:
    shutil.copytree(TESTS / "fiction" / "data", folder / "data")
    (folder / "kg.toml").write_text(BASE_LINE, encoding="utf-8")
    (folder / ".gitignore").write_text("build/\n", encoding="utf-8")
    return folder


def break_article(folder: Path) -> None:
    file = folder / "data" / "articles" / WRONG
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("organization: aldenburg-harbour-authority", "organization: aldenburg-harbour-authorty", 1),
        encoding="utf-8",
    )


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a folder before the path, with the `kg` of this environment in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kg").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kg "$@"\n', encoding="utf-8")
    (folder / "kg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


# -------- pre-commit


@pytest.fixture
def hooked(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001
    """Return a repository with the hooks in place, and a project in its folder `news`."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    source, folder = tmp_path / "source", tmp_path / "repository"
    source.mkdir()
    shutil.copy(HOOKS, source)
    for each in (source, folder):
        each.mkdir(exist_ok=True)
        git(each, "init", "-q", "-b", "main")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "hooks")
    project(folder / "news")
    commit = subprocess.run(["git", "-C", source, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    entries = {
        "kg-check": "kg -C news check",
        "kg-check-articles": "kg -C news check",
        "kg-fix": "kg -C news check --fix",
    }
    hooks = [{"id": name, "entry": entry, "language": "system"} for name, entry in entries.items()]
    config = {"repos": [{"repo": str(source), "rev": commit.stdout.strip(), "hooks": hooks}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    return folder


def run_hook(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", "run", name, "--verbose", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_hooks_stop_a_commit_with_errors_and_only_where_they_have_something_to_check(hooked: Path) -> None:
    (hooked / "notes.txt").write_text("x", encoding="utf-8")
    git(hooked, "add", "-A")
    idle = run_hook(hooked, "kg-check")
    assert (idle.returncode, "Skipped" in idle.stdout) == (0, True)
    break_article(hooked / "news")
    git(hooked, "add", "-A")
    for name in ("kg-check", "kg-check-articles"):
        stopped = run_hook(hooked, name)
        assert stopped.returncode == 1, stopped.stdout
        assert "no entity called 'aldenburg-harbour-authorty'" in stopped.stdout
    fixed = run_hook(hooked, "kg-fix")  # by what the check kept in the cache
    assert "files were modified by this hook" in fixed.stdout
    assert "harbour-authorty" not in (hooked / "news" / "data" / "articles" / WRONG).read_text(encoding="utf-8")
    git(hooked, "add", "-A")
    assert run_hook(hooked, "kg-check").returncode == 0


def test_the_hooks_are_those_of_the_page_and_run_commands_that_there_are() -> None:
    hooks = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert {hook["id"] for hook in hooks} == set(re.findall(r"^\| `(kg-[a-z-]+)` \|", page, re.MULTILINE))
    assert {hook["language"] for hook in hooks} == {"python"}
    for hook in hooks:
        assert hook["entry"].startswith("kg check")
        assert re.search(hook["files"], "news/data/articles/x.yaml")
        assert re.search(hook["files"], "data/articles/x.yaml")
        assert not re.search(hook["files"], "metadata/articles/x.yaml")


# -------- GitHub Actions


def steps() -> list[dict[str, Any]]:
    """Return the steps of the workflow on the page."""
    workflows = [
        yaml.safe_load(text) for text in re.findall(r"```yaml\n(name: .*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    ]
    [workflow] = workflows
    found: list[dict[str, Any]] = workflow["jobs"]["check"]["steps"]
    return found


def run_steps(folder: Path, commands: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
    """Run commands as a runner does (`bash -e {0}`), until one fails."""
    summary = folder.parent / "summary.md"
    environment = {**os.environ, "GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary)}
    done: list[subprocess.CompletedProcess[str]] = []
    for command in commands:
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        done.append(subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False))
        if done[-1].returncode:
            break
    return done


def commands(place: str = "") -> list[str]:
    every = [step["run"] for step in steps() if "run" in step]
    return [command.replace("kg ", f"kg -C {place} ", 1) if place else command for command in every]


@pytest.fixture
def checked_out(tmp_path: Path, path: Path) -> Path:
    """Return a clone as the workflow has it, at a branch of which main is the base; installing does nothing."""
    (path / "pip").write_text('#!/bin/sh\n[ "$1 $2" = "install communique-kg" ]\n', encoding="utf-8")
    (path / "pip").chmod(0o755)
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    project(origin)
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "all")
    git(tmp_path, "clone", "-q", str(origin), "clone")
    return tmp_path / "clone"


def test_the_workflow_passes_and_says_what_a_change_means(checked_out: Path) -> None:
    file = checked_out / "data" / "articles" / "charter-grows.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("Skarn joins shore power charter", "Skarn joins the charter"), encoding="utf-8")
    done = run_steps(checked_out, commands())
    assert [each.returncode for each in done] == [0] * 4, done[-1]
    assert all(line.startswith("::") for line in done[1].stdout.splitlines())
    summary = (checked_out.parent / "summary.md").read_text(encoding="utf-8")
    assert "Skarn joins the charter" in summary


def test_the_workflow_stops_at_errors_with_annotations_at_their_lines(checked_out: Path) -> None:
    break_article(checked_out)
    done = run_steps(checked_out, commands())
    assert [each.returncode for each in done] == [0, 1]
    assert f"::error file=data/articles/{WRONG},line=" in done[1].stdout


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_annotations_have_paths_from_the_top_of_the_repository(tmp_path: Path, form: str) -> None:
    (tmp_path / ".git").mkdir()
    news = project(tmp_path / "desk" / "news")
    break_article(news)
    article = str(news / "data" / "articles" / WRONG)
    done = CliRunner().invoke(cli, ["-C", str(news), "check", "--format", form, article])
    paths = re.findall(r"(?:file=|\"uri\": \")([^,\"]+)", done.stdout)
    assert f"desk/news/data/articles/{WRONG}" in paths
    assert all((tmp_path / path).is_file() for path in paths)


def test_the_place_in_a_repository_is_seen_without_git(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert place_in_repository(tmp_path / "a" / "b") == ""
    (tmp_path / ".git").write_text("gitdir: elsewhere", encoding="utf-8")
    assert place_in_repository(tmp_path / "a" / "b") == "a/b/"
    assert place_in_repository(tmp_path) == ""
