"""Findings -> text, JSON, SARIF, GitHub commands, JUnit XML. Each case is a folder: the input and what is expected."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from kg.core.errors import Finding, Place, Severity
from kg.render.findings import FINDING_FORMATS, render_findings
from kg.render.snippet import WIDTH, snippet

FOLDER = Path(__file__).parent / "findings"
EXTENSIONS = {"text": "txt", "json": "json", "sarif": "sarif", "github": "github", "junit": "xml"}


def cases() -> list[Path]:
    folders = sorted(folder for folder in FOLDER.iterdir() if folder.is_dir())
    assert folders, f"no case in {FOLDER}"
    return folders


def findings_of(case: Path) -> list[Finding]:
    return [
        Finding(
            Place(row["path"], row["line"], row["column"], row["length"]),
            Severity(row["severity"]),
            row["code"],
            row["message"],
            row["fix"],
            row["focus"],
        )
        for row in json.loads((case / "findings.json").read_text(encoding="utf-8"))
    ]


def rendered(case: Path, name: str, findings: list[Finding] | None = None) -> str:
    def source(path: str) -> str | None:
        file = case / path
        return file.read_bytes().decode() if file.exists() else None

    return render_findings(findings_of(case) if findings is None else findings, name, source)


@pytest.mark.parametrize("name", FINDING_FORMATS)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_findings_are_written_exactly_like_this(case: Path, name: str) -> None:
    expected = (case / f"expected.{EXTENSIONS[name]}").read_bytes().decode()
    assert rendered(case, name) == expected


@pytest.mark.parametrize("name", FINDING_FORMATS)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_order_and_repetition_of_findings_change_nothing(case: Path, name: str) -> None:
    findings = findings_of(case) * 2
    random.Random(1).shuffle(findings)
    assert rendered(case, name, findings) == rendered(case, name)


@pytest.mark.parametrize("name", FINDING_FORMATS)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_no_control_sequence_of_the_input_gets_through(case: Path, name: str) -> None:
    written = rendered(case, name)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe]", written)
    assert written.encode().decode() == written


def test_colour_surrounds_words_and_changes_none() -> None:
    findings = findings_of(FOLDER / "several-files-and-severities")
    coloured = render_findings(findings, "text", lambda _: "a: b\nc: d\n", colour=True)
    plain = render_findings(findings, "text", lambda _: "a: b\nc: d\n")
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;34m", "\x1b[0m"} == set(
        re.findall(r"\x1b\[[0-9;]*m", coloured)
    )


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="no format 'html'"):
        render_findings([], "html", lambda _: None)


@pytest.mark.parametrize("length", [1, 7, 250])
@pytest.mark.parametrize("column", [1, 2, 60, 61, 99, 100, 101, 149, 150, 151, 200])
@pytest.mark.parametrize("line", ["x" * 150, "港" * 150, "a港\t" * 50, "x" * 100, "e\u0301" * 75, ""])
def test_a_caret_stands_under_its_character_and_no_line_is_too_long(line: str, column: int, length: int) -> None:
    shown, carets = snippet(line, Place("a.yaml", 1, column, length))
    assert len(carets.strip()) >= 1
    assert display_width(shown) <= WIDTH + 2
    assert len(carets) <= display_width(shown) + 1
    if column <= len(line):
        assert line[column - 1].replace("\t", " ") in characters_at(shown, len(carets) - len(carets.lstrip()))


def display_width(text: str) -> int:
    return sum(2 if char == "港" else 0 if char == "\u0301" else 1 for char in text)


def characters_at(text: str, column: int) -> str:
    """The character shown in this column, behind combining marks that take none."""
    return "".join(char for index, char in enumerate(text) if display_width(text[:index]) == column)


def sarif(case: Path) -> dict[str, Any]:
    document = json.loads(rendered(case, "sarif"))
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_sarif_has_all_that_version_2_1_0_requires(case: Path) -> None:
    document = sarif(case)
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "kg"
    assert run["columnKind"] == "unicodeCodePoints"
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(run["results"]) == len(set(findings_of(case)))
    for result in run["results"]:
        check_result(result, rules)


def check_result(result: dict[str, Any], rules: list[str]) -> None:
    assert rules[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note")
    assert result["message"]["text"]
    (location,) = result["locations"]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
    region = location["physicalLocation"]["region"]
    assert region["startLine"] >= 1
    assert 1 <= region["startColumn"] < region["endColumn"]
    assert all(logical["fullyQualifiedName"] for logical in location.get("logicalLocations", []))
    assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["findingHash/v1"])


def fingerprints(findings: list[Finding], text: str) -> list[str]:
    document = json.loads(render_findings(findings, "sarif", lambda _: text))
    return [result["partialFingerprints"]["findingHash/v1"] for result in document["runs"][0]["results"]]


def test_fingerprints_are_distinct_and_stay_when_lines_are_added_above() -> None:
    def found(line: int) -> list[Finding]:
        return [Finding(Place("a.yaml", line, column), Severity.ERROR, "KG-M001", "no") for column in (1, 4)]

    before, after = fingerprints(found(1), "a: b\n"), fingerprints(found(3), "# new\n\n  a: b\n")
    assert before == after
    assert len(set(before)) == 2
    assert fingerprints(found(1), "c: d\n") != before


def test_sarif_rules_are_described_by_their_titles() -> None:
    finding = Finding(Place("a.yaml"), Severity.ERROR, "KG-M001", "no")
    document = json.loads(render_findings([finding], "sarif", lambda _: None, titles={"KG-M001": "A key is unknown"}))
    assert document["runs"][0]["tool"]["driver"]["rules"] == [
        {"id": "KG-M001", "shortDescription": {"text": "A key is unknown"}}
    ]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_workflow_command_is_one_line_whose_properties_are_escaped(case: Path) -> None:
    lines = rendered(case, "github").splitlines()
    assert len(lines) == len(set(findings_of(case)))
    for line in lines:
        assert re.fullmatch(
            r"::(?:error|warning|notice) file=[^:,\r\n]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=[\w-]+::.+",
            line,
        )
        assert re.sub("%(?:25|0A|0D|3A|2C)", "", line).count("%") == 0


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_junit_is_well_formed_and_its_counts_add_up(case: Path) -> None:
    root = ElementTree.fromstring(rendered(case, "junit"))
    expected = set(findings_of(case))
    assert root.tag == "testsuites"
    assert {suite.get("name") for suite in root} == {finding.place.path for finding in expected}
    for element in [root, *root]:
        assert int(element.get("tests", "")) == len(list(element.iter("testcase")))
        assert int(element.get("failures", "")) == len(list(element.iter("failure")))
    assert len(list(root.iter("failure"))) == sum(finding.severity is Severity.ERROR for finding in expected)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_json_holds_every_field_of_every_finding(case: Path) -> None:
    document = json.loads(rendered(case, "json"))
    assert document["version"] == 1
    assert sum(document["summary"].values()) == len(document["findings"]) == len(set(findings_of(case)))
    assert all(
        set(row) == {"path", "line", "column", "length", "severity", "code", "message", "fix", "focus"}
        for row in document["findings"]
    )
