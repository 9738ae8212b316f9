"""What checking takes grows with the file, whatever is large in it; what is shown is bounded, and the cut is stated."""

from __future__ import annotations

import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.hostile import CASES, Files, article, facts, quoted, write_project
from kg.core.errors import Finding, Place, Severity
from kg.core.likeness import LONGEST, nearest
from kg.core.normal import MOST_MARKS, normal, too_many_marks
from kg.mapping.texts import LONGEST_SENTENCES, MOST_OCCURRENCES, occurrences
from kg.pipeline.check import check
from kg.pipeline.one_file import MOST_FAULTS
from kg.pipeline.report import Report
from kg.project.settings import load_project
from kg.render.findings import MOST_OF_A_FILE, MOST_SHOWN, render_findings
from tests.harbour import built_project

SMALL, LARGE = 20_000, 80_000
"""Bytes, more or less: four times as many take four times as long, not sixteen times."""

MOST_GROWTH = 10
UNMEASURABLE = 0.1
"""Seconds that anything may take."""

KG = [sys.executable, "-c", "from kg.cli import main; main()"]


def checked(folder: Path, files: Files) -> Report:
    return check(load_project(write_project(folder, files)))


def kg(project: Path, *arguments: str, seconds: int = 60) -> subprocess.CompletedProcess[str]:
    """Run `kg` with so many seconds of CPU."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    return subprocess.run(
        [*KG, "-C", str(project), *arguments], capture_output=True, text=True, check=False, preexec_fn=limit
    )


# -------- time


def cpu_seconds(folder: Path, files: Files) -> float:
    project = load_project(write_project(folder, files))
    start = time.process_time()
    report = check(project)
    render_findings(report.findings, "text", report.texts.get)
    return time.process_time() - start


@pytest.fixture(scope="module")
def fixed_seconds(tmp_path_factory: pytest.TempPathFactory) -> float:
    """What a check takes for a small file, once all modules are loaded."""
    return min(cpu_seconds(tmp_path_factory.mktemp("small"), quoted("A text.", "text")) for _ in range(2))


@pytest.mark.stress
@pytest.mark.parametrize("name", CASES)
def test_the_time_of_a_check_grows_as_the_file_does(tmp_path: Path, name: str, fixed_seconds: float) -> None:
    small = cpu_seconds(tmp_path / "small", CASES[name](SMALL)) - fixed_seconds
    large = cpu_seconds(tmp_path / "large", CASES[name](LARGE)) - fixed_seconds
    assert large < MOST_GROWTH * max(small, UNMEASURABLE)


@pytest.mark.stress
def test_a_process_checks_all_kinds_of_large_files_in_seconds(tmp_path: Path) -> None:
    """Together 5 MB; before, most of them took a minute alone."""
    together: dict[str, str] = {}
    for number, files in enumerate(CASES.values()):
        some = files(160_000)
        together |= {path.replace("/", f"/{number}-", 1): text for path, text in some.items() if len(some) < 3}
    done = kg(write_project(tmp_path, together), "check", "data/articles", seconds=60)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr


# -------- what is shown


@pytest.fixture(scope="module")
def three_thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {**facts(3000, "type: Meetin, quote: text"), **article(facts="  F: {type: Meeting}", name="z")}
    return write_project(tmp_path_factory.mktemp("many"), files)


def test_of_thousands_of_findings_the_first_of_each_file_are_shown_and_the_rest_is_counted(
    three_thousand: Path,
) -> None:
    done = kg(three_thousand, "check")
    total = int(re.findall(r"^([\d,]+) errors", done.stdout, re.MULTILINE)[-1].replace(",", ""))
    shown = len(re.findall(r"^\w+\[KG-", done.stdout, re.MULTILINE))
    assert done.returncode == 1
    assert total > 3000
    assert done.stdout.count("--> data/articles/x.yaml") == MOST_OF_A_FILE
    assert "--> data/articles/z.yaml" in done.stdout
    assert f"; {total - shown:,} are not shown: 'kg check --all' shows them\n" in done.stdout


def test_all_findings_are_shown_on_request(three_thousand: Path) -> None:
    done = kg(three_thousand, "check", "--all")
    assert done.stdout.count("error[KG-M005]") == 3000
    assert "not shown" not in done.stdout


@pytest.mark.parametrize("form", ["json", "sarif", "github", "junit"])
def test_the_formats_for_machines_hold_every_finding(three_thousand: Path, form: str) -> None:
    done = kg(three_thousand, "check", "--format", form)
    assert done.stdout.count("there is no type 'Meetin'") >= 3000
    if form == "json":
        document = json.loads(done.stdout)
        assert document["summary"]["error"] == len(document["findings"])


def test_a_build_shows_as_much_as_a_check(three_thousand: Path) -> None:
    done = kg(three_thousand, "build")
    assert done.returncode == 1
    assert done.stderr.count("--> data/articles/x.yaml") == MOST_OF_A_FILE
    assert "'kg check --all' shows them" in done.stderr


def test_errors_are_shown_before_what_is_less_grave() -> None:
    """An error in the last file is not lost behind hundreds of remarks on the first ones."""
    remarks = [Finding(Place(f"a{k}.yaml"), Severity.INFO, "KG-C009", "nobody names it") for k in range(MOST_SHOWN + 9)]
    error = Finding(Place("z.yaml"), Severity.ERROR, "KG-M005", "the one error")
    written = render_findings([*remarks, error], "text", lambda _: None)
    assert "the one error" in written
    assert len(re.findall(r"^\w+\[KG-", written, re.MULTILINE)) == MOST_SHOWN


def test_a_message_of_a_million_letters_is_shown_by_its_ends(tmp_path: Path) -> None:
    report = checked(tmp_path, article(facts=f"  f: {{type: Meeting, quote: text, place: {'a' * 1_000_000}}}"))
    written = render_findings(report.findings, "text", report.texts.get)
    assert "there is no entity called 'aaa" in written
    assert len(written) < 20_000


def test_a_file_with_very_many_faults_says_that_no_rule_was_applied(tmp_path: Path) -> None:
    report = checked(tmp_path, facts(MOST_FAULTS + 5, "type: Meeting, titel: x, quote: text"))
    codes = {finding.code for finding in report.findings}
    assert "KG-M021" in codes
    assert not any(code.startswith("KG-S") for code in codes)


def test_very_many_unknown_keys_are_counted_in_one_finding(tmp_path: Path) -> None:
    keys = "".join(f"    k{n}: v\n" for n in range(1000))
    report = checked(tmp_path, article(facts="  f:\n    type: Meeting\n    quote: text\n" + keys))
    unknown = [finding for finding in report.findings if finding.code == "KG-M003" and "meeting" in finding.message]
    assert len(unknown) == 101
    assert unknown[-1].message == "a meeting has no key 'k100', nor the 899 that follow"


# -------- what these rest on


@pytest.mark.parametrize(
    ("text", "quote", "spans"),
    [
        ("one  two three", "one two", [(0, 8)]),
        ("  one\n\n two", "one two", [(2, 11)]),
        ("one two", " two\n", [(4, 7)]),
        ("aaa", "aa", [(0, 2), (1, 3)]),
        ("a  a  a", "a a", [(0, 4), (3, 7)]),
        ("one", "", []),
        ("one", "two", []),
        ("caf\u00e9 x", "cafe\u0301", [(0, 4)]),
    ],
)
def test_a_quote_stands_where_its_words_do_whatever_white_space_there_is(
    text: str, quote: str, spans: list[tuple[int, int]]
) -> None:
    assert [(span.start, span.end) for span in occurrences(text, quote)] == spans


def test_a_quote_is_found_as_by_its_definition_as_a_pattern() -> None:
    dice = random.Random(20310502)
    for _ in range(3000):
        text, quote = ("".join(dice.choices("ab  \n", k=dice.randint(0, size))) for size in (40, 6))
        pattern = r"\s+".join(quote.split())
        found = re.finditer(f"(?=({pattern}))", text) if pattern else ()
        assert [(s.start, s.end) for s in occurrences(text, quote)] == [match.span(1) for match in found]


def test_a_quote_that_occurs_everywhere_is_counted_up_to_a_bound(tmp_path: Path) -> None:
    assert len(occurrences("a " * 5000, "a")) == MOST_OCCURRENCES
    report = checked(tmp_path, quoted("a " * 5000, "a"))
    assert [f.message for f in report.findings if f.code == "KG-E002"] == [
        "the quoted words occur 100 times or more in the text"
    ]


def test_a_text_without_sentences_is_not_repeated_for_each_quote(tmp_path: Path) -> None:
    text = " ".join(f"w{k}" for k in range(LONGEST_SENTENCES))
    files = quoted(text, *(f"w{k} w{k + 1}" for k in range(0, 60, 2)))
    project = load_project(write_project(tmp_path, files))
    assert len(check(project).texts["data/articles/x.yaml"]) > LONGEST_SENTENCES
    kept = sum(file.stat().st_size for file in (project.build / "cache").rglob("*.pack"))
    assert kept < 10 * len(text)


MARKS: Mapping[str, int | None] = {
    "e" + "\u0301" * MOST_MARKS: None,
    "ab" + "\u0301" * (MOST_MARKS + 1): 2,
    "a" + "\u200b" * 100: None,
    "\u200b" * 40 + "\u0323" * 31: 40,
    "a" * 1000: None,
    "\u0e01\u0e48" * 100: None,
}


@pytest.mark.parametrize("text", MARKS, ids=ascii)
def test_a_row_of_marks_that_no_language_has_is_seen(text: str) -> None:
    assert too_many_marks(text) == MARKS[text]


def test_only_text_with_such_a_row_is_left_as_it_is() -> None:
    assert normal("e\u0301") == "\xe9"
    assert normal("e" + "\u0301\u0323" * 200_000)[:2] == "e\u0301"


def test_a_text_file_with_such_a_row_is_refused(tmp_path: Path) -> None:
    files = article()
    files = {path: text.replace("  text: |\n    A text.", "  textFile: texts/x.txt") for path, text in files.items()}
    project = write_project(tmp_path, files)
    (project / "texts").mkdir()
    (project / "texts" / "x.txt").write_text("a" + "\u0301\u0323" * 100_000, encoding="utf-8")
    found = check(load_project(project)).findings
    assert any("combining marks in a row" in finding.message for finding in found)


def test_a_word_of_any_length_is_compared_with_any_number_of_names_in_no_time() -> None:
    known = [f"aldenburg{k}" for k in range(60_000)]
    start = time.process_time()
    assert nearest("aldenburg9999x", known)[0] == "aldenburg9999"
    assert nearest("a" * (LONGEST + 1), ["a" * (LONGEST + 1)]) == ()
    assert nearest("a" * 1_000_000, known) == ()
    assert time.process_time() - start < 2


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_project(tmp_path_factory.mktemp("built")).root


@pytest.mark.parametrize(
    "arguments", [["query", "{}"], ["query", "who-met-whom", "--param", "person={}"], ["explain", "{}"]]
)
def test_a_question_or_value_with_a_very_long_name_is_refused_at_once(built: Path, arguments: list[str]) -> None:
    done = kg(built, *(word.replace("{}", "e\u0301\u0323" * 20_000) for word in arguments), seconds=10)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 5000
