"""`kg check --originals`: digests against their originals. A case is a folder: a digest, originals/ and expected.txt.

The first line of digest.yaml says what the case is about; SHA256 in it stands for the hash of the first file of
originals/. `KG_WRITE_EXPECTED=1 pytest tests/test_originals.py` writes what is printed now. Read what it changed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import InputError, Severity
from kg.core.model import Span
from kg.mapping.places import Placed
from kg.mapping.read import Scalar, Table, read_yaml
from kg.mapping.tables import value_of
from kg.mapping.texts import normal_text
from kg.pipeline.catalogue import OF_DIGESTS, own_pages
from kg.pipeline.check import check
from kg.pipeline.originals import read_folder
from kg.pipeline.report import Report
from kg.project.settings import load_project
from kg.render.findings import render_findings
from tests.expected import expected
from tests.test_messages import copy_of_base

FOLDER = Path(__file__).parent / "originals"
CASES = sorted(folder for folder in FOLDER.iterdir() if folder.is_dir())
NOTHING_FOUND = {"other-spelling", "accepted"}


def put(case: Path, project: Path) -> Path:
    """Put a case into a project, and return its folder of originals."""
    folder = Path(shutil.copytree(case / "originals", project / "texts" / case.name))
    first = sorted(file for file in folder.rglob("*") if file.is_file())[0]
    text = (case / "digest.yaml").read_text(encoding="utf-8")
    written = text.replace("SHA256", sha256(first.read_bytes()).hexdigest())
    (project / "data" / "articles" / f"{case.name}.yaml").write_text(written, encoding="utf-8")
    return folder


def compared(case: Path, folder: Path) -> Report:
    project = copy_of_base(folder / case.name)
    originals = put(case, project)
    return check(load_project(project), [str(project / f"data/articles/{case.name}.yaml")], originals=originals)


def printed(report: Report, folder: Path) -> str:
    text = render_findings(report.findings, "text", report.texts.get)
    return f"{text}{report.digests}\n".replace(f"{folder}/", "")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Report, str]]:
    folder = tmp_path_factory.mktemp("originals")
    found = {case.name: compared(case, folder) for case in CASES}
    return {name: (report, printed(report, folder / name)) for name, report in found.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_digest_against_its_original_is_reported_exactly_like_this(
    case: Path, reports: Mapping[str, tuple[Report, str]]
) -> None:
    report, text = reports[case.name]
    assert text == expected(case / "expected.txt", text)
    assert bool(report.findings) == (case.name not in NOTHING_FOUND)


def test_what_a_curator_accepts_is_counted_and_not_idle_without_the_originals(
    reports: Mapping[str, tuple[Report, str]], tmp_path: Path
) -> None:
    assert {each.finding.code for each in reports["accepted"][0].acknowledged} == {"KG-O014", "KG-O015"}
    project = copy_of_base(tmp_path / "base")
    put(FOLDER / "accepted", project)
    assert check(load_project(project)).findings == ()


def test_every_code_of_originals_has_a_golden_message() -> None:
    expected = "".join((case / "expected.txt").read_text(encoding="utf-8") for case in CASES)
    assert [code for code in own_pages() if code.startswith(OF_DIGESTS) and f"[{code}]" not in expected] == []


def test_a_wrong_value_never_hides_behind_a_remark(reports: Mapping[str, tuple[Report, str]]) -> None:
    found = [finding for finding in reports["wrong-values"][0].findings if finding.code < "KG-O015"]
    assert {finding.severity for finding in found} == {Severity.WARNING}
    assert {finding.code for finding in found} == {"KG-O011", "KG-O012", "KG-O013", "KG-O014"}


# -------- the places

WRITTEN = {
    "literal": ("text: |\n  One day, two\n    boats came.\n", "two\n  boats", (2, 12, 3)),
    "folded": ("text: >- # a remark\n  One day,\n\n  two boats came.\n", "two boats", (4, 3, 9)),
    "plain": ("text: One day,\n  two boats came.\n", "two boats", (2, 3, 9)),
    "single": ("text: 'It''s one''s day; two\n  boats came.'\n", "two boats", (1, 26, 3)),
    "double": ('text: "One day,\n  two boats came."\n', "two boats", (2, 3, 9)),
    "with an escape": ('text: "One \\x64ay, two boats came."\n', "two boats", (1, 7, 29)),
    "in another Unicode form": ("text: Cafe\u0301, two boats came.\n", "two boats", (1, 7, 22)),
}


@pytest.mark.parametrize("style", WRITTEN)
def test_words_of_a_text_have_their_place_in_the_file_however_it_is_written(style: str) -> None:
    written, words, place = WRITTEN[style]
    tree, _ = read_yaml(written, "a.yaml")
    assert isinstance(tree, Table)
    scalar = value_of(tree, "text")
    assert isinstance(scalar, Scalar)
    text = normal_text(scalar.text, shown=True).value
    start = text.index(words)
    found = Placed(text, scalar, written.split("\n")).place(Span(start, start + len(words)))
    assert (found.line, found.column, found.length) == place


# -------- the folder


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text", encoding="utf-8")
    for name, why in (("nowhere", "there is no folder"), ("file", "is not a folder")):
        with pytest.raises(InputError, match=why):
            read_folder(tmp_path / name)


def test_what_below_it_cannot_be_read_may_be_an_original_and_is_reported(tmp_path: Path) -> None:
    project = copy_of_base(tmp_path / "base")
    originals = put(FOLDER / "no-file", project)
    (originals / "gone.txt").symlink_to("nothing")
    os.mkfifo(originals / "pipe")
    found = check(load_project(project), originals=originals).findings
    unread = {finding.place.path: finding.message for finding in found if finding.code == "KG-O004"}
    assert unread.keys() == {"texts/no-file/gone.txt", "texts/no-file/pipe"}
    assert "a broken link" in unread["texts/no-file/gone.txt"]
    assert "a pipe" in unread["texts/no-file/pipe"]


# -------- the command


def run(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(project), "check", *arguments], standalone_mode=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = copy_of_base(tmp_path / "base")
    for name in ("wrong-values", "no-file"):
        put(FOLDER / name, folder)
    (folder / "data/articles/torn.yaml").write_text("article: [\n", encoding="utf-8")
    return folder


def test_the_summary_counts_what_was_compared_and_what_was_not(project: Path) -> None:
    result = run(project, "--originals", str(project / "texts"))
    counts = "1 digest compared with its original, 1 not compared, 1 article is not a digest, 1 article cannot be read"
    assert counts in result.stderr.splitlines()


def test_an_article_that_is_named_and_no_digest_is_not_passed_over_in_silence(project: Path) -> None:
    path = str(project / "data/articles/last-year.yaml")
    result = run(project, path, "--format", "json", "--originals", str(project / "texts"))
    assert "0 digests compared with their originals, 1 article is not a digest" in result.stderr.splitlines()
    assert json.loads(result.stdout)["findings"] == []


def test_a_wrong_value_fails_where_warnings_do(project: Path) -> None:
    path = str(project / "data/articles/wrong-values.yaml")
    texts = str(project / "texts")
    assert run(project, path, "--originals", texts).return_value == 0
    assert run(project, path, "--originals", texts, "--fail-on", "warning").return_value == 1
    assert run(project, path, "--fail-on", "warning").return_value == 0


def test_a_missing_folder_is_an_error_of_input(project: Path) -> None:
    error = run(project, "--originals", str(project / "nowhere")).exception
    assert isinstance(error, InputError)
    assert error.exit_code == 3
