"""`kg check` as a command: exit codes, where files come from, formats, and no traceback whatever the input is."""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import TypeAlias
from xml.etree import ElementTree

import click
import pytest

from kg.cli import COMMANDS, cli, main, variable_of
from kg.cli.watch import keep_checking
from kg.core.errors import NotFoundError, UsageError
from kg.pipeline.cache import Cache
from kg.pipeline.check import check
from kg.pipeline.one_file import project_cache
from kg.pipeline.report import Report
from kg.project.git import changed_files
from kg.project.settings import Project, load_project
from kg.render.findings import render_findings
from tests.test_messages import FOLDER, copy_of_base

FICTION = Path(__file__).parent / "fiction"
KG = [sys.executable, "-c", "from kg.cli import main; main()"]
ONE_FAULT = FOLDER / "key-misspelt" / "case.yaml"
WARNING_ALONE = "warning[KG-S0141]"

Kg: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


def kg_process(*arguments: object, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `kg` in a process of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("KG_")}
    done = subprocess.run(
        [*KG, *map(str, arguments)], input=stdin, capture_output=True, cwd=cwd, env=own, check=False, timeout=60
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def kg(monkeypatch: pytest.MonkeyPatch) -> Kg:
    """Run `kg` in this process, as from a shell: arguments, standard streams, environment, exit code."""

    def run(
        *arguments: object, stdin: bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        words = list(map(str, arguments))
        streams = {name: io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for name in ("stdout", "stderr")}
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["kg", *words])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            if cwd:
                patch.chdir(cwd)
            with pytest.raises(SystemExit) as ended:
                main()
        said = [stream.detach().getvalue().decode() for stream in streams.values()]
        return subprocess.CompletedProcess(words, int(str(ended.value.code or 0)), *said)

    return run


@pytest.fixture(scope="module")
def checked_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that has been checked once, so that what is in its cache need not be checked again."""
    folder = copy_of_base(tmp_path_factory.mktemp("checked") / "project")
    assert check(load_project(folder)).findings == ()
    return folder


@pytest.fixture
def project(checked_project: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checked_project, tmp_path / "project"))


def add(project: Path, name: str, case: str) -> Path:
    return Path(shutil.copy(FOLDER / case / "case.yaml", project / "data" / "articles" / f"{name}.yaml"))


# -------- exit codes


def test_no_findings_are_0_with_nothing_on_standard_output(kg: Kg, project: Path) -> None:
    done = kg("-C", project, "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2 files, no findings\n")


def test_findings_are_1_and_go_to_standard_output(kg: Kg, project: Path) -> None:
    add(project, "study", "key-misspelt")
    done = kg("-C", project, "check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("error[KG-M003]: a post has no key 'holdr'\n")
    assert done.stdout.endswith("1 error in 1 file\n")


@pytest.mark.parametrize("arguments", [["check", "--fromat", "json"], ["check", "--format", "xml"], ["chekc"]])
def test_a_wrong_call_is_2_with_a_hint_on_standard_error(kg: Kg, project: Path, arguments: list[str]) -> None:
    done = kg("-C", project, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_an_unknown_code_is_2(kg: Kg, project: Path) -> None:
    done = kg("-C", project, "check", "--explain-code", "KG-M07")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean KG-M017 or KG-M007?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "no-such.yaml"], "there is no file no-such.yaml"),
        (["check", "-o", "no-such-folder/out.txt"], "cannot write no-such-folder/out.txt"),
    ],
)
def test_unreadable_input_is_3_with_message_and_help_on_standard_error(
    kg: Kg, project: Path, arguments: list[str], message: str
) -> None:
    done = kg(*arguments, cwd=project)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"error: {message}")
    assert "\n  = help: " in done.stderr


def test_no_project_is_3(kg: Kg, tmp_path: Path) -> None:
    done = kg("check", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no kg.toml in" in done.stderr


@pytest.mark.parametrize(
    "settings",
    ["base = 5", "colour = 'red'", "base = ", "ontology = ['nowhere']", "data = 'away'", "base = " + "[" * 100_000],
    ids=lambda text: text[:25],
)
def test_a_wrong_setting_is_3_and_names_the_file_or_folder(kg: Kg, project: Path, settings: str) -> None:
    (project / "kg.toml").write_text(settings, encoding="utf-8")
    done = kg("check", cwd=project)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: ")
    assert "kg.toml" in done.stderr


@pytest.mark.parametrize(("mildest", "code"), [("error", 0), ("warning", 1), ("info", 1)])
def test_fail_on_names_the_mildest_severity_that_counts(kg: Kg, project: Path, mildest: str, code: int) -> None:
    file = project / "data" / "articles" / "last-year.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "participant: jonas-thorsen" not in line), encoding="utf-8")
    done = kg("-C", project, "check", "--fail-on", mildest)
    assert done.returncode == code
    assert done.stdout.startswith(WARNING_ALONE)


# -------- formats


def parsed(form: str, text: str) -> object:
    match form:
        case "json" | "sarif":
            return json.loads(text)
        case "junit":
            return ElementTree.fromstring(text)
        case "github":
            return [line for line in text.splitlines() if line.startswith("::error file=")]
    return [line for line in text.splitlines() if line.startswith("error[KG-")]


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_every_format_can_be_read_with_findings_and_without(kg: Kg, project: Path, form: str) -> None:
    assert parsed(form, kg("-C", project, "check", "--format", form).stdout) is not None if form != "text" else True
    add(project, "study", "many-faults")
    done = kg("-C", project, "check", "--format", form)
    assert done.returncode == 1
    assert parsed(form, done.stdout)


def test_sarif_tells_what_its_codes_are_about(kg: Kg, project: Path) -> None:
    add(project, "study", "many-faults")
    run = json.loads(kg("-C", project, "check", "--format", "sarif").stdout)["runs"][0]
    titles = {rule["id"]: rule["shortDescription"]["text"] for rule in run["tool"]["driver"]["rules"]}
    assert titles["KG-M003"] == "A key that this type does not have"
    assert titles["KG-S0121"].startswith("Name the one person")


def test_the_findings_can_go_to_a_file(kg: Kg, project: Path, tmp_path: Path) -> None:
    add(project, "study", "key-misspelt")
    done = kg("-C", project, "check", "-o", tmp_path / "out.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").startswith("error[KG-M003]")


def test_nothing_is_coloured_in_a_pipe(kg: Kg, project: Path) -> None:
    add(project, "study", "many-faults")
    assert "\x1b" not in kg("-C", project, "check").stdout
    failed = kg("-C", project, "check", "no-such.yaml")
    assert "\x1b" not in failed.stderr


# -------- where files come from


def test_standard_input_is_one_article(kg: Kg, project: Path) -> None:
    done = kg("-C", project, "check", "-", stdin=ONE_FAULT.read_bytes())
    assert done.returncode == 1
    assert "--> <stdin>:16:5\n" in done.stdout
    assert "holdr: mara-lind" in done.stdout


def test_a_path_is_a_file_of_the_project_or_from_elsewhere(kg: Kg, project: Path, tmp_path: Path) -> None:
    inside = add(project, "study", "key-misspelt")
    add(project, "other", "code-misspelt")
    outside = Path(shutil.copy(ONE_FAULT, tmp_path / "draft.yaml"))
    done = kg("check", inside.relative_to(project), cwd=project)
    assert "--> data/articles/study.yaml:16:5" in done.stdout
    assert "1 error in 1 file" in done.stdout
    done = kg("check", outside, cwd=project)
    assert f"--> {outside.as_posix()}:16:5" in done.stdout
    assert "1 error in 1 file" in done.stdout


def test_a_path_is_a_folder_and_several_may_be_named(kg: Kg, project: Path) -> None:
    add(project, "study", "key-misspelt")
    add(project, "other", "key-misspelt")
    assert "2 errors in 2 files" in kg("check", "data/articles", cwd=project).stdout
    assert (
        "2 errors in 2 files" in kg("check", "data/articles/study.yaml", "data/articles/other.yaml", cwd=project).stdout
    )


def test_a_file_of_the_registry_is_checked_as_that(kg: Kg, project: Path) -> None:
    shutil.copy(FOLDER / "registry-rules" / "registry.yaml", project / "data" / "registry" / "more.yaml")
    done = kg("check", "data/registry/more.yaml", cwd=project)
    assert done.returncode == 1
    assert "error[KG-S0001]" in done.stdout


def test_a_folder_without_mappings_has_no_findings_of_other_folders(kg: Kg, project: Path) -> None:
    add(project, "study", "key-misspelt")
    (project / "drafts").mkdir()
    done = kg("check", "drafts", cwd=project)
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is no mapping in drafts" in done.stderr


def test_options_can_come_from_the_environment(kg: Kg, project: Path) -> None:
    add(project, "study", "key-misspelt")
    done = kg("check", env={"KG_PROJECT": str(project), "KG_CHECK_FORMAT": "json"})
    assert done.returncode == 1
    assert json.loads(done.stdout)["summary"]["error"] == 1


def test_the_variable_for_debugging_shows_a_traceback_as_the_option_does(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["kg", "-C", str(project), "query", "no-such-question"])
    monkeypatch.setenv("KG_DEBUG", "0")
    with pytest.raises(SystemExit):
        main()
    monkeypatch.setenv("KG_DEBUG", "1")
    with pytest.raises(NotFoundError):
        main()


# -------- what one run leaves for the next


def people(project: Path, text: str) -> None:
    (project / "data" / "registry" / "people.yaml").write_text(text, encoding="utf-8")


def tenure_of_the_mayor(project: Path) -> Path:
    file = add(project, "study", "key-misspelt")
    text = file.read_text(encoding="utf-8").replace("holdr: mara-lind", "holder: osk-renner")
    text = text.replace("Mara Lind", "Osk Renner")
    file.write_text(text, encoding="utf-8")
    return file


RENNER = "osk-renner:\n  type: Person\n  name: {en: Osk Renner}\n"


@pytest.mark.parametrize("fault", [RENNER.replace("Person", "Peron"), RENNER.replace("  type", "\ttype")])
def test_a_name_that_had_a_fault_where_it_is_defined_is_looked_up_again(kg: Kg, project: Path, fault: str) -> None:
    article = tenure_of_the_mayor(project)
    for text, told in [
        (RENNER, ""),
        (fault, "people.yaml:2:"),
        (
            "ida-brandt:\n  type: Person\n  name: {en: Ida Brandt}\n",
            "error[KG-M007]: there is no entity called 'osk-renner'",
        ),
        (fault, "people.yaml:2:"),
        (RENNER, ""),
    ]:
        people(project, text)
        said = kg("-C", project, "check").stdout
        assert (told in said) if told else said == ""
        assert said.count("error[") == bool(told)
    assert kg("-C", project, "check", article).stdout == ""


def test_a_registry_that_is_no_yaml_is_told_when_one_article_is_checked(kg: Kg, project: Path) -> None:
    article = tenure_of_the_mayor(project)
    people(project, RENNER.replace("  type", "\ttype"))
    done = kg("-C", project, "check", article)
    assert done.returncode == 1
    assert done.stdout.startswith("error[KG-Y002]")
    assert "1 error in 1 file" in done.stdout


def test_links_of_entities_with_a_fault_have_none_themselves(kg: Kg, project: Path) -> None:
    columns = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
    row = "kg:person/osk-renner\tskos:exactMatch\thttps://example.org/renner\tsemapv:ManualMappingCuration\n"
    (project / "data" / "links.sssom.tsv").write_text(columns + row, encoding="utf-8")
    tenure_of_the_mayor(project)
    people(project, RENNER.replace("Person", "Peron"))
    said = kg("-C", project, "check").stdout
    assert (said.count("error["), "KG-M005" in said) == (1, True)
    people(project, RENNER)
    assert kg("-C", project, "check").stdout == ""
    (project / "data" / "registry" / "people.yaml").unlink()
    assert "error[KG-L004]" in kg("-C", project, "check", "data/links.sssom.tsv", cwd=project).stdout


# -------- the pages of codes


def test_a_code_has_a_page(kg: Kg, project: Path) -> None:
    done = kg("-C", project, "check", "--explain-code", "kg-m007")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("KG-M007: A name that refers to nothing\n\n")
    assert "\nWhat to do\n" in done.stdout


def test_a_code_of_our_own_has_a_page_outside_of_projects(kg: Kg, tmp_path: Path) -> None:
    assert kg("check", "--explain-code", "KG-Y001", cwd=tmp_path).returncode == 0


# -------- input that nobody expects

HOSTILE = {
    "empty": b"",
    "nul": b"article:\0",
    "not-utf-8": b"article: \xff\xfe\n",
    "utf-16": "article:\n".encode("utf-16"),
    "surrogate": b'title: "\\ud800"\n',
    "binary": bytes(range(256)) * 20,
    "only-brackets": b"[" * 100_000,
    "only-braces": b"{" * 50_000,
    "deep-lists": b"- " * 5_000,
    "one-line": b"a" * 2_000_000,
    "bomb": b"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n" * 3,
    "dots": b"article: {published: ..}\ncuration: {}\nfacts: {..: {type: Tenure, holder: ..}}\n",
    "dots-nested": b"facts: {m: {type: Meeting, participation: [{participant: ..}, {participant: .}]}}\n",
    "slashes": b"facts: {m: {type: Meeting, after: [/, //, a/, /b, a/b/c, '']}}\n",
    "long-id": b"facts: {" + b"x" * 5_000 + b": {type: Tenure}}\n",
    "long-words": b"article: {text: a b c}\nfacts: {m: {type: Tenure, quote: '" + b"a b c " * 20_000 + b"'}}\n",
    "long-number": b"facts: {m: {type: QuotedStatistic, value: " + b"9" * 10_000 + b" tonnes}}\n",
    "types": b"article: {type: Fact}\ncuration: {type: Article}\nfacts: {m: {type: Code}, o: {type: Side}}",
    "invisible": "facts: {\u200b: {type: Tenure}, \u202e: {type: \u202eTenure}}\n".encode(),
    "control": b'article: {title: "\\x1b[31mred\\x07"}\n',
    "format-directive": b"article: {title: '{0} %s {title}'}\nfacts: {'{0}': {type: '%d'}}\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gives_findings_and_no_traceback(project: Path, name: str) -> None:
    file = project / "data" / "articles" / f"{name}.yaml"
    file.write_bytes(HOSTILE[name])
    started = time.process_time()
    report = check(load_project(project), [str(file)])
    assert time.process_time() - started < 20
    assert report.fails()
    written = render_findings(report.findings, "text", report.texts.get)
    assert len(written) < 200_000
    assert "\x1b" not in written


@pytest.mark.parametrize("name", ["not-utf-8", "dots-nested"])
def test_hostile_input_gets_no_traceback_of_the_command(project: Path, name: str) -> None:
    (project / "data" / "registry" / "odd.yaml").write_bytes(HOSTILE[name])
    for done in (kg_process("-C", project, "check"), kg_process("-C", project, "check", "-", stdin=HOSTILE[name])):
        assert "Traceback" not in done.stderr
        assert "a bug in kg" not in done.stderr
        assert done.returncode in (1, 3)


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_file_that_cannot_be_opened_is_a_finding(command: str, kg: Kg, project: Path) -> None:
    (project / "data" / "articles" / "study.yaml").symlink_to("study.yaml")
    done = kg("-C", project, command)
    assert done.returncode == 1
    assert "error[KG-Y000]: cannot read data/articles/study.yaml: " in done.stdout + done.stderr


def test_a_folder_named_like_a_mapping_is_a_finding(kg: Kg, project: Path) -> None:
    (project / "data" / "articles" / "folder.yaml").mkdir()
    done = kg("-C", project, "check")
    assert done.returncode == 1
    assert "error[KG-Y000]: cannot read data/articles/folder.yaml" in done.stdout


# -------- random damage

PIECES = (
    *(
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "- ",
        "\n",
        "\t",
        '"',
        "'",
        "&a ",
        "*a",
        "!!int ",
        "#",
        "|",
        ">",
        "?",
        "..",
        "/",
        "\0",
    ),
    *(
        "null",
        "type: ",
        "quote: ",
        "Meeting",
        "Host",
        "mara-lind",
        "\u2028",
        "\ufeff",
        "\u0301",
        "9999999999",
        "2031-13-45",
    ),
)


def damaged(text: str, dice: random.Random) -> str:
    for _ in range(dice.randint(1, 6)):
        start = dice.randrange(len(text))
        end = min(start + dice.choice([0, 1, 1, 3, 20, 200]), len(text))
        piece = dice.choice([*PIECES, "", text[start:end] * 2, text[-end:][:40]])
        text = text[:start] + piece + text[end:]
    return text


def drafts(folder: Path, number: int) -> Iterator[Path]:
    dice = random.Random(20310502)
    originals = [file.read_text(encoding="utf-8") for file in sorted((FICTION / "data" / "articles").glob("*.yaml"))]
    for count in range(number):
        file = folder / f"draft-{count}.yaml"
        file.write_text(damaged(shortened(dice.choice(originals), dice), dice), encoding="utf-8", errors="replace")
        yield file


def shortened(text: str, dice: random.Random) -> str:
    """Return an article with three of its facts; a long one takes long to validate."""
    head, *facts = re.split(r"(?m)^(?=  [a-z][a-z-]*:$)", text)
    return "".join([head, *dice.sample(facts, min(3, len(facts)))])


def test_damaged_files_give_findings_and_no_traceback(tmp_path: Path) -> None:
    project = Path(shutil.copytree(FICTION, tmp_path / "fiction", ignore=shutil.ignore_patterns("build")))
    (project / "kg.toml").write_text('base = "https://example.org/fiction/"\n', encoding="utf-8")
    folder = tmp_path / "drafts"
    folder.mkdir()
    files = list(drafts(folder, 300))
    report = check(load_project(project), [str(folder)])
    assert report.checked == len(files)
    assert len({finding.place.path for finding in report.findings}) > 200
    for finding in report.findings:
        lines = report.texts.get(finding.place.path, "").split("\n")
        assert 1 <= finding.place.line <= max(len(lines), 1)
        assert finding.message


# -------- watching


def test_watching_prints_again_after_a_change(project: Path) -> None:
    file = add(project, "study", "key-misspelt")
    command = [*KG, "-C", str(project), "check", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        output = watching.stdout
        assert output
        said: list[str] = []
        reader = Thread(target=lambda: said.extend(iter(output.readline, "")))
        reader.start()
        try:
            wait_for(lambda: "1 error in 1 file\n" in said)
            file.write_text(file.read_text(encoding="utf-8").replace("title: D", "titel: D"), encoding="utf-8")
            wait_for(lambda: "2 errors in 1 file\n" in said)
        finally:
            watching.terminate()
            reader.join()


def wait_for(happened: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.05)


class StopWatchingError(Exception):
    pass


def test_where_a_check_takes_its_time_what_was_saved_is_shown_first(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = add(project, "study", "key-misspelt")
    monkeypatch.setattr("kg.cli.watch.QUICK", 0.0)
    checked: list[list[str]] = []

    def check_and_note(_: Project, paths: Sequence[str], cache: Cache) -> Report:
        checked.append([*paths])
        return Report((), {}, len(cache.memory or ()))

    def show(*_: object) -> None:
        if len(checked) == 1:
            file.write_text(file.read_text(encoding="utf-8") + "# saved\n", encoding="utf-8")
        elif len(checked) == 3:
            (project / "kg.toml").write_text('title = "New"\n', encoding="utf-8")
        elif len(checked) == 4:
            raise StopWatchingError

    with pytest.raises(StopWatchingError):
        keep_checking(load_project(project), [], check_and_note, show)
    assert checked == [[], [str(file)], [], []]


def test_unchanged_records_stay_in_memory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = load_project(project)
    cache = project_cache(opened)
    cache.memory = {}
    check(opened, cache=cache)
    assert cache.memory
    monkeypatch.setattr("kg.pipeline.packs.parsed_record", lambda *_: pytest.fail("read from the disk again"))
    assert check(opened, cache=cache).findings == check(opened, cache=cache).findings


# -------- against git


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_what_differs_from_a_revision_is_checked_alone(project: Path, kg: Kg) -> None:
    add(project, "old", "key-misspelt")
    assert "this is not a git repository" in kg("-C", project, "check", "--changed").stderr
    for arguments in (["init"], ["add", "-A"], ["commit", "-m", "first"], ["tag", "first"]):
        git(project, *arguments)
    assert kg("-C", project, "check", "--changed").returncode == 0
    add(project, "new", "key-misspelt")
    found = kg("-C", project, "check", "--changed", "--format", "json")
    assert {each["path"] for each in json.loads(found.stdout)["findings"]} == {"data/articles/new.yaml"}
    git(project, "add", "-A")
    git(project, "commit", "-m", "second")
    assert "no article differs from HEAD" in kg("-C", project, "check", "--changed").stderr
    assert "data/articles/new.yaml" in kg("-C", project, "check", "--changed=first").stdout
    (project / "data/articles/new.yaml").unlink()
    gone = kg("-C", project, "check", "--changed")
    assert "data/articles/new.yaml concerns all articles: everything is checked" in gone.stderr
    assert "data/articles/old.yaml" in gone.stdout


def test_an_unknown_revision_is_refused(project: Path, kg: Kg) -> None:
    git(project, "init")
    refused = kg("-C", project, "check", "--changed=nothing")
    assert refused.returncode == 2
    assert "there is no git revision 'nothing'" in refused.stderr
    with pytest.raises(UsageError, match="there is no git revision '--output=x'"):
        changed_files(project, "--output=x")
    assert kg("-C", project, "check", "--changed=HEAD", "data").returncode == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_its_environment_variable(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command
    options = [option for option in command.params if isinstance(option, click.Option)]
    named = {option.name for option in options if option.envvar != variable_of(name, option)}
    assert named == ({"url", "send_withheld"} if name == "draft" else set())  # what leaves the machine is asked for


def test_the_commands_are_listed_with_what_they_do(kg: Kg) -> None:
    listed = " ".join(kg("--help").stdout.split())
    assert [about for _, about in COMMANDS.values() if about not in listed] == []
