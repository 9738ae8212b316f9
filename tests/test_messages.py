"""What `kg check` says, word for word. A case is a folder of tests/messages: files with a fault, and expected.txt.

The first line of a file says what the case is about. `case.yaml` becomes an article named as its folder (with
`pins.json` beside it), `registry.yaml`, `links.sssom.tsv` and others parts of the project's data. After a change of
wording, `KG_WRITE_EXPECTED=1 pytest tests/test_messages.py` writes what is printed now. Read what it changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from kg.pipeline.check import check
from kg.pipeline.chosen import STANDARD_INPUT
from kg.pipeline.report import Report
from kg.project.files import MAX_BYTES
from kg.project.settings import load_project
from kg.render.findings import render_findings
from tests.expected import expected

FOLDER = Path(__file__).parent / "messages"
BASE = FOLDER / "project"
PLACES = {
    "case.yaml": "data/articles/{case}.yaml",
    "pins.json": "data/articles/{case}.pins.json",
    "registry.yaml": "data/registry/{case}.yaml",
    "links.sssom.tsv": "data/links.sssom.tsv",
    "case.yml": "data/articles/{case}.yml",
    "links.tsv": "data/links.tsv",
    "notes.txt": "data/articles/notes.txt",
}
TOO_LARGE = FOLDER / "too-large" / "expected.txt"


def cases() -> list[Path]:
    folders = sorted(folder for folder in FOLDER.iterdir() if folder not in (BASE, TOO_LARGE.parent))
    assert len(folders) >= 45, f"cases are missing in {FOLDER}"
    return folders


def is_alone(case: Path) -> bool:
    """An article alone disturbs no other one, so that all of these are checked in one project."""
    return [file.name for file in case.iterdir() if file.name != "expected.txt"] == ["case.yaml"]


def put_into(project: Path, case: Path) -> None:
    for name, place in PLACES.items():
        if (case / name).exists():
            shutil.copy(case / name, project / place.format(case=case.name))


def copy_of_base(folder: Path) -> Path:
    return Path(shutil.copytree(BASE, folder, ignore=shutil.ignore_patterns("build")))


def rendered(report: Report, path: str | None = None) -> str:
    findings = [finding for finding in report.findings if path is None or finding.place.path == path]
    return render_findings(findings, "text", report.texts.get)


def messages(folder: Path) -> Mapping[str, str]:
    """Return case -> what is printed for it, made in *folder*."""
    together = copy_of_base(folder / "together")
    alone = [case for case in cases() if is_alone(case)]
    for case in alone:
        put_into(together, case)
    report = check(load_project(together), [str(together / "data/articles")])
    found = {case.name: rendered(report, PLACES["case.yaml"].format(case=case.name)) for case in alone}
    for case in cases():
        if case not in alone:
            project = copy_of_base(folder / case.name)
            put_into(project, case)
            found[case.name] = rendered(check(load_project(project)))
    return found


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return messages(tmp_path_factory.mktemp("messages"))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_fault_is_told_exactly_like_this(case: Path, printed: Mapping[str, str]) -> None:
    assert printed[case.name] == expected(case / "expected.txt", printed[case.name])


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_case_says_in_its_first_line_what_it_is_about(case: Path) -> None:
    files = [file for file in case.iterdir() if file.name != "expected.txt"]
    assert files
    assert {file.name for file in files} <= PLACES.keys()
    assert all(file.read_bytes().startswith(b"# ") for file in files if file.name != "pins.json")


def test_every_case_has_a_finding(printed: Mapping[str, str]) -> None:
    assert [name for name, text in printed.items() if not text] == []


def test_the_project_of_the_cases_has_no_fault_itself(tmp_path: Path) -> None:
    assert check(load_project(copy_of_base(tmp_path / "base"))).findings == ()


def too_large(folder: Path) -> str:
    return rendered(check(load_project(copy_of_base(folder)), standard_input="# " + "x" * MAX_BYTES))


def test_a_text_that_is_too_large_is_told_exactly_like_this(tmp_path: Path) -> None:
    written = too_large(tmp_path / "base")
    assert written == expected(TOO_LARGE, written)
    assert STANDARD_INPUT in written
