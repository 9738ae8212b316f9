"""Every code of a finding has a page, and a case that shows it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from kg.core.errors import UsageError
from kg.mapping.read import YAML_CODES
from kg.ontology.load import load_vocabulary
from kg.pipeline.catalogue import all_pages, families, own_pages, page_of, page_text, titles
from kg.pipeline.checks import read_check
from kg.project.layout import check_files
from kg.project.settings import Project, load_project
from kg.questions.question import QUERY_CODES

ROOT = Path(__file__).parent.parent
TESTS = Path(__file__).parent
CODE = re.compile(r"KG-[A-Z][0-9]{3,4}")


def project() -> Project:
    return load_project(ROOT)


def codes_in_the_source() -> set[str]:
    files = [*(ROOT / "kg").rglob("*.py"), *(ROOT / "queries" / "checks").glob("*.rq")]
    raised = {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}
    assert len(raised) > 50
    return raised - {"KG-S0412"}  # an example in docstrings


def shown_codes() -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in TESTS.rglob("expected.txt")]
    texts += [file.read_text(encoding="utf-8") for file in TESTS.rglob("*.py")]
    return {code for text in texts for code in CODE.findall(text)}


def test_every_code_that_the_source_raises_has_a_page() -> None:
    assert sorted(codes_in_the_source() - all_pages(project()).keys()) == []


def test_every_letter_of_a_code_has_a_family_and_every_family_a_code() -> None:
    assert {code.removeprefix("KG-")[0] for code in all_pages(project())} == families().keys()


def test_every_page_is_about_a_code_that_the_source_raises() -> None:
    assert sorted(own_pages().keys() - codes_in_the_source()) == []


def test_every_code_of_a_file_of_data_has_a_golden_message() -> None:
    expected = {code for file in (TESTS / "messages").rglob("expected.txt") for code in CODE.findall(file.read_text())}
    raised = {code for code in codes_in_the_source() if code[3] in "YMELH"}
    assert sorted(raised - expected) == []


def test_every_code_of_reasoning_is_in_a_test() -> None:
    assert sorted({code for code in codes_in_the_source() if code[3] == "R"} - shown_codes()) == []


def test_every_check_across_articles_has_a_case_and_a_code_of_its_own() -> None:
    files = check_files(project()).values()
    assert sorted({file.stem for file in files} - {case.stem for case in (TESTS / "checks").iterdir()}) == []
    codes = [read_check(file, file.name, ()).code for file in files]
    assert sorted(set(codes)) == sorted(codes)


def test_every_rule_has_a_page_and_a_case() -> None:
    rules = {rule.id for rule in load_vocabulary(project().ontology).rules.values()}
    assert rules
    assert rules <= all_pages(project()).keys()
    assert sorted(rules - {case.name for case in (TESTS / "shapes").iterdir()}) == []


def test_at_least_twelve_rules_are_told_at_a_line_of_a_mapping() -> None:
    expected = [file.read_text(encoding="utf-8") for file in (TESTS / "messages").rglob("expected.txt")]
    assert len({code for text in expected for code in CODE.findall(text) if code.startswith("KG-S")}) >= 12


@pytest.mark.parametrize("code", own_pages())
def test_a_page_tells_what_it_means_and_what_to_do(code: str) -> None:
    page = own_pages()[code]
    assert page.title
    assert not page.title.endswith(".")
    assert page.meaning.endswith((".", "!"))
    assert page.remedy.endswith(".")
    written = page_text(page)
    assert written.startswith(f"{code}: {page.title}\n\n")
    assert written.endswith("\n")
    prose = [line for line in written.split("\n")[1:] if line not in page.example.split("\n")]
    assert all(len(line) <= 100 for line in prose)


def test_a_code_has_one_title_wherever_it_is_told() -> None:
    told = {code: page.title for code, page in own_pages().items()}
    assert {**told, **YAML_CODES, **QUERY_CODES} == told


def test_the_pages_stand_in_order() -> None:
    text = (ROOT / "kg/pipeline/codes.toml").read_text(encoding="utf-8")
    by_family: dict[str, list[str]] = {}
    for code in tomllib.loads(text):
        by_family.setdefault(code[:4], []).append(code)
    assert all(codes == sorted(codes) for codes in by_family.values())


@pytest.mark.parametrize("written", ["KG-M007", "kg-m007", " KG-M007 "])
def test_a_code_may_be_written_in_any_case(written: str) -> None:
    assert page_of(written, project).code == "KG-M007"


def test_a_rule_of_the_project_has_a_page() -> None:
    page = page_of("KG-S0122", project)
    assert "'side'" in page.meaning
    assert page.remedy


def test_an_unknown_code_proposes_the_nearest() -> None:
    with pytest.raises(UsageError) as refused:
        page_of("KG-M099", project)
    assert "KG-M009" in refused.value.fix


def test_titles_are_those_of_the_codes_asked_for() -> None:
    assert dict(titles(["KG-M007", "KG-S0122", "KG-X1"], project())) == {
        "KG-M007": "A name that refers to nothing",
        "KG-S0122": "Give the side once: Host, Guest or Unspecified",
    }


def test_own_pages_need_no_project() -> None:
    def no_project() -> Project:
        raise AssertionError("asked for the project")

    assert [page_of(code, no_project).code for code in own_pages()] == list(own_pages())
