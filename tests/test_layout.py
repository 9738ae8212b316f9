"""Which files a project is made of: whatever lies in its folders is read, passed over for a known reason, or told.

A case names a file, and what `kg check` finds at it: a code and words of its message, or nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.core.errors import Finding, InputError, Severity
from kg.pipeline.check import check
from kg.pipeline.report import Report
from kg.pipeline.steps import build
from kg.project.folders import is_passed_over, listing, name_of
from kg.project.layout import ARTICLES, ONTOLOGY, article_file, check_files, ontology_files, question_files, rule_files
from kg.project.settings import Project, load_project, shipped
from kg.project.sources import read_sources
from kg.render.findings import FINDING_FORMATS, render_findings
from kg.store.generations import current

BASE = Path(__file__).parent / "messages" / "project"
TEXT = "The director of the Harbour Authority, Mara Lind, received Jonas Thorsen of Noordhaven University on Thursday."
ARTICLE = (Path(__file__).parent / "messages" / "text-not-at-hand" / "case.yaml").read_text(encoding="utf-8")
NAMED, WITHHELD = "textFile: texts/tides.txt", ARTICLE
ARTICLE = ARTICLE.replace("textKind: Withheld", "textKind: Full").replace(NAMED, f"text: >\n    {TEXT}")
ENTITY = "osk-renner:\n  type: Person\n  name: Osk Renner\n"
QUESTION = "#+ question: What is there?\nSELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 1\n"
TURTLE = "<https://example.org/a> <https://example.org/b> <https://example.org/c> .\n"
SETTINGS = 'base = "https://example.org/layout/"\nontology = ["@kg", "ontology"]\nqueries = ["@kg", "queries"]\n'


def made_in(folder: Path) -> Project:
    root = folder / "project"
    shutil.copytree(BASE, root, ignore=shutil.ignore_patterns("build"))
    (root / "kg.toml").write_text(SETTINGS)
    for name in ("ontology/rules", "queries/checks"):
        (root / name).mkdir(parents=True)
    return load_project(root)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made_in(tmp_path)


def put(project: Project, name: str, content: str = "") -> Path:
    file = project.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def at(report: Report, path: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.place.path.startswith(path)]


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity.value, finding.code) for finding in findings]


# -------- read


def test_subfolders_are_read(project: Project) -> None:
    put(project, "data/articles/2031/05/study.yaml", ARTICLE)
    put(project, "data/registry/people/more.yaml", ENTITY)
    put(project, "queries/sub/anything.rq", QUESTION)
    put(project, "queries/checks/sub/odd.rq", "#+ code: KG-C900\n")
    ttl = put(project, "ontology/sub/more.ttl", TURTLE)
    rule = put(project, "ontology/rules/sub/more.rq", "CONSTRUCT {} WHERE {}")
    sources = read_sources(project)
    assert "study" in {source.stem for source in sources.articles}
    assert "data/registry/people/more.yaml" in {source.path for source in sources.registry}
    assert sources.unread == ()
    assert ttl in ontology_files(project.ontology)
    assert rule_files(project.ontology)["more"] == rule
    assert {"anything"} <= question_files(project).keys()
    assert {"odd"} <= check_files(project).keys()
    assert article_file(project, "study") == project.root / "data/articles/2031/05/study.yaml"


def test_what_lies_in_a_subfolder_is_in_the_graph(project: Project) -> None:
    put(project, "data/articles/2031/study.yaml", ARTICLE)
    put(project, "data/registry/people/more.yaml", ENTITY)
    outcome = build(project)
    assert f"<{project.base}article/study>" in outcome.manifest.graphs
    assert "data/articles/2031/study.yaml" in outcome.fresh
    generation = current(project.build)
    assert generation is not None
    with generation:
        assert any(line.startswith(f"<{project.base}person/osk-renner>") for line in generation.lines())


def test_links_to_files_and_to_folders_are_read(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "study.yaml").write_text(ARTICLE)
    (project.data / "articles" / "linked").symlink_to(tmp_path / "elsewhere")
    (project.data / "registry" / "more.yaml").symlink_to(put(project, "more.txt", ENTITY))
    report = check(project)
    assert [finding for finding in report.findings if finding.severity is Severity.ERROR] == []
    assert {"data/articles/linked/study.yaml", "data/registry/more.yaml"} <= report.texts.keys()


@pytest.mark.parametrize("path", ["data/articles/2031", "data/articles/2031/study.yaml", "data/articles", "."])
def test_a_path_of_a_check_stands_for_what_lies_there(
    project: Project, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(project, "data/articles/2031/study.yaml", ARTICLE.replace("holder: mara-lind", "holder: mara-lynd"))
    put(project, "data/articles/2031/other.yml", ARTICLE)
    monkeypatch.chdir(project.root)
    found = told(at(check(project, [path]), "data/articles/2031"))
    assert ("error", "KG-M007") in found
    assert (("error", "KG-Y014") in found) == (path != "data/articles/2031/study.yaml")


def test_a_linked_folder_is_checked_by_its_name_and_by_that_of_its_place(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "study.yaml").write_text(ARTICLE)
    (project.data / "articles" / "linked").symlink_to(tmp_path / "elsewhere")
    for place in (project.data / "articles" / "linked", project.data / "articles" / "linked" / "study.yaml"):
        assert (check(project, [str(place)]).checked, check(project, [str(place)]).findings) == (1, ())


def test_a_folder_without_a_mapping_is_not_found_to_be_in_order(project: Project) -> None:
    put(project, "queries/anything.rq", QUESTION)
    with pytest.raises(InputError, match="there is no mapping in "):
        check(project, [str(project.root / "queries")])


# -------- told

CASES = {
    "data/articles/third.YAML": ("error", "KG-Y014", "rename it to third.yaml"),
    "data/articles/third.yml": ("error", "KG-Y014", "rename it to third.yaml"),
    "data/articles/2031/third.YML": ("error", "KG-Y014", "rename it to third.yaml"),
    "data/articles/third": ("warning", "KG-Y014", "does not end in .yaml"),
    "data/articles/third.yaml.gz": ("warning", "KG-Y014", "does not end in .yaml"),
    "data/articles/gone.pins.json": ("warning", "KG-Y014", "put gone.yaml there"),
    "data/registry/sub/more.yml": ("error", "KG-Y014", "rename it to more.yaml"),
    "data/registry/people.csv": ("warning", "KG-Y014", "does not end in .yaml"),
    "data/links.tsv": ("error", "KG-Y014", "rename it to links.sssom.tsv"),
    "data/Links.SSSOM.tsv": ("error", "KG-Y014", "rename it to links.sssom.tsv"),
    "data/third.yaml": ("error", "KG-Y014", "move it to articles/ or registry/"),
    "data/other.csv": ("warning", "KG-Y014", "move it to another folder"),
    "queries/q.sparql": ("error", "KG-Y014", "rename it to q.rq"),
    "queries/Q.RQ": ("error", "KG-Y014", "rename it to Q.rq"),
    "queries/sub/q.txt": ("warning", "KG-Y014", "does not end in .rq"),
    "queries/checks/q.sparql": ("error", "KG-Y014", "rename it to q.rq"),
    "ontology/x.TTL": ("error", "KG-Y014", "rename it to x.ttl"),
    "ontology/x.owl": ("error", "KG-Y014", "convert it to .ttl"),
    "ontology/sub/x.jsonld": ("error", "KG-Y014", "convert it to .ttl"),
    "ontology/x.rq": ("warning", "KG-Y014", "does not end in .ttl"),
    "ontology/rules/x.ttl": ("warning", "KG-Y014", "does not end in .rq"),
    "ontology/rules/x.sparql": ("error", "KG-Y014", "rename it to x.rq"),
}


@pytest.fixture(scope="module")
def findings_of_cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, ...]:
    project = made_in(tmp_path_factory.mktemp("cases"))
    for name in CASES:
        put(project, name, "# words\n")
    return check(project).findings


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_read_is_told_with_a_remedy(findings_of_cases: tuple[Finding, ...], name: str) -> None:
    (finding,) = (finding for finding in findings_of_cases if finding.place.path == name)
    severity, code, words = CASES[name]
    assert (finding.severity.value, finding.code) == (severity, code)
    assert finding.message.startswith(f"{name} is not read: ")
    assert words in f"{finding.message}; {finding.fix}"


@pytest.mark.parametrize(("name", "severity"), [("article", "error"), ("Registry", "error"), ("raw", "warning")])
def test_a_folder_of_data_that_is_none_is_told_once(project: Project, name: str, severity: str) -> None:
    for number in range(3):
        put(project, f"data/{name}/{number}.yaml", ARTICLE)
    assert told(at(check(project), f"data/{name}")) == [(severity, "KG-Y014")]


def test_two_articles_of_one_name_are_told(project: Project) -> None:
    put(project, "data/articles/2030/study.yaml", ARTICLE)
    put(project, "data/articles/2031/study.yaml", ARTICLE)
    (finding,) = check(project).findings
    assert finding.place.path == "data/articles/2031/study.yaml"
    assert finding.message.endswith("is not read: 2030/study.yaml has the same name")


def test_two_questions_of_one_name_in_a_folder_are_told(project: Project) -> None:
    put(project, "queries/a/anything.rq", QUESTION)
    put(project, "queries/b/anything.rq", QUESTION)
    assert told(at(check(project), "queries/b/anything.rq")) == [("error", "KG-Y014")]


def test_files_of_the_registry_may_have_one_name_for_they_name_nothing(project: Project) -> None:
    put(project, "data/registry/a/people.yaml", ENTITY)
    put(project, "data/registry/b/people.yaml", ENTITY.replace("osk", "ada").replace("Osk", "Ada"))
    assert [finding for finding in check(project).findings if finding.code.startswith("KG-Y")] == []


def test_what_is_not_read_stops_a_build_and_a_new_one_is_seen(project: Project) -> None:
    assert build(project).changed
    put(project, "ontology/x.txt", "words")
    outcome = build(project)
    assert [finding.code for finding in outcome.report.findings if finding.code == "KG-Y014"] == ["KG-Y014"]
    put(project, "ontology/x.owl", "words")
    done = CliRunner().invoke(cli, ["-C", str(project.root), "build"])
    assert done.exit_code == 1


# -------- passed over


@pytest.mark.parametrize("folder", ["data", "data/articles", "data/registry", "ontology", "queries", "queries/checks"])
@pytest.mark.parametrize(
    "name", [".#a{}", "._a{}", "a{}~", "#a{}#", "a{}.swp", ".hidden/a{}", "README", "README.md", "notes.md", "~$a{}"]
)
def test_what_editors_and_people_leave_beside_files_is_passed_over(project: Project, folder: str, name: str) -> None:
    put(project, f"{folder}/{name.format(ENDINGS[folder])}", "\0 nothing that could be read")
    assert read_sources(project).unread == ()
    assert question_files(project).keys() == question_files(load_project(shipped("queries").parent)).keys()
    assert len(ontology_files(project.ontology)) == len(ontology_files([shipped("ontology")]))


def test_a_name_like_that_of_a_file_is_not_passed_over() -> None:
    assert [
        name for name in ("a.yaml", "readme.yaml", "a.bak", "a", "#a.yaml", "a.md.yaml") if is_passed_over(name)
    ] == []


def test_texts_that_articles_name_are_no_strangers(project: Project) -> None:
    for place in ("data/texts/tides.txt", "data/articles/tides.txt"):
        put(project, f"data/articles/study-{len(place)}.yaml", WITHHELD.replace(NAMED, f"textFile: {place}"))
        put(project, place, TEXT)
    assert read_sources(project).unread == ()
    put(project, "data/texts/listed.txt", TEXT)
    put(project, "data/articles/listed.yaml", WITHHELD.replace(NAMED, "textFile: [ 'data/texts/listed.txt' ]"))
    assert read_sources(project).unread == ()
    put(project, "data/texts/other.txt", TEXT)
    assert [finding.place.path for finding in read_sources(project).unread] == ["data/texts"]


# -------- what is no regular file, and names that are no text


def kg(project: Project, *arguments: str | Path, timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kg", "-C", str(project.root), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=timeout)


PLACES = ("data/articles/p.yaml", "data/registry/p.yaml", "data/links.sssom.tsv", "queries/p.rq", "ontology/p.ttl")
ODD = {
    "pipe": (os.mkfifo, "it is a pipe"),
    "folder": (os.mkdir, "it is a folder"),
    "dangling": (lambda path: path.symlink_to("nowhere"), "it is a broken link"),
    "loop": (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_regular_file_is_told_and_never_opened(project: Project, odd: str) -> None:
    for place in PLACES:
        ODD[odd][0](project.root / place)
    put(project, "data/articles/study.yaml", ARTICLE)
    findings = {finding.place.path: finding for finding in check(project).findings}
    assert set(PLACES) <= findings.keys()
    for place in PLACES:
        assert (findings[place].severity, findings[place].code) == (Severity.ERROR, "KG-Y000")
        assert findings[place].message == f"cannot read {place}: {ODD[odd][1]}"


def test_a_socket_is_told(project: Project) -> None:
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(project.data / "articles")  # the path of a socket is short
    try:
        server.bind("p.yaml")
    finally:
        os.chdir(here)
        server.close()
    (finding,) = check(project).findings
    assert finding.message == "cannot read data/articles/p.yaml: it is a socket"


def test_a_pipe_hangs_no_command(project: Project) -> None:
    for place in PLACES:
        os.mkfifo(project.root / place)
    assert kg(project, "build").returncode == 1
    assert kg(project, "query", "--list").returncode == 0
    assert kg(project, "schema").returncode == 0


def test_a_folder_that_leads_back_is_told_and_ends(project: Project) -> None:
    (project.data / "articles" / "again").symlink_to("..")
    found = at(check(project), "data/articles/again")
    assert ("error", "KG-Y000") in told(found)
    assert any("one of its parent folders" in finding.message for finding in found)


NAME = os.fsdecode(b"caf\xe9")


ENDINGS = {
    "data/articles": ".yaml",
    "data/registry": ".yaml",
    "data": ".yaml",
    "queries": ".rq",
    "queries/checks": ".rq",
    "ontology": ".ttl",
}


def test_a_name_that_is_no_text_is_a_finding_in_every_format(project: Project) -> None:
    for folder, ending in ENDINGS.items():
        put(project, f"{folder}/{NAME}{ending}", "words")
        (project.root / folder / f"{NAME}-folder").mkdir()
    report = check(project)
    odd = {finding.message for finding in report.findings if finding.code == "KG-Y000"}
    assert odd == {
        f"cannot read {folder}/caf\\xe9{end}: its name is not Unicode text"
        for folder, ending in ENDINGS.items()
        for end in (ending, "-folder")
    }
    for form in FINDING_FORMATS:
        assert b"caf" in render_findings(report.findings, form, report.texts.get).encode()


def test_a_name_that_is_no_text_stops_nothing_else(project: Project) -> None:
    put(project, f"queries/{NAME}.rq", QUESTION)
    put(project, f"ontology/{NAME}.ttl", "no turtle")
    assert kg(project, "query", "--list").returncode == 0
    done = kg(project, "check", project.root / f"queries/{NAME}.rq")
    assert b"a bug" not in done.stderr
    done = kg(project, "check", project.root / f"{NAME}-nothing.yaml")
    assert (done.returncode, b"caf\\xe9-nothing.yaml" in done.stderr) == (3, True)


def test_a_project_in_a_folder_whose_name_is_no_text_is_refused_by_its_name(project: Project) -> None:
    odd = project.root.rename(project.root.with_name(NAME))
    done = subprocess.run([sys.executable, "-m", "kg", "-C", odd, "check"], capture_output=True, check=False)
    assert done.returncode == 3
    assert b"not Unicode text" in done.stderr
    assert b"caf\\xe9" in done.stderr


def test_no_project_is_made_in_a_folder_whose_name_is_no_text(project: Project) -> None:
    done = kg(project, "init", project.root / NAME)
    assert (done.returncode, b"caf\\xe9" in done.stderr, (project.root / NAME).exists()) == (2, True, False)


def test_a_control_character_in_a_name_is_told(project: Project) -> None:
    put(project, "data/articles/a\x1b[31m.yaml", ARTICLE)
    done = kg(project, "check")
    assert (done.returncode, b"\x1b" in done.stdout) == (1, False)
    assert b"its name contains a control character" in done.stdout


def test_a_name_in_another_unicode_form_is_the_same_name(project: Project) -> None:
    put(project, "data/articles/cafe\u0301.yaml", ARTICLE)
    put(project, "queries/cafe\u0301.rq", QUESTION)
    assert at(check(project), "data/articles/caf") == []
    assert f"<{project.base}article/caf\u00e9>" in build(project).manifest.graphs
    assert "caf\u00e9" in question_files(project)
    put(project, "data/articles/caf\u00e9.yaml", ARTICLE)
    (finding,) = check(project).findings
    assert finding.message.endswith("has the same name")


# -------- what is named on the command line


def piped(content: bytes) -> int:
    read, written = os.pipe()
    os.write(written, content)
    os.close(written)
    return read


def test_a_pipe_that_is_named_is_checked(project: Project) -> None:
    for text, codes in ((ARTICLE, []), (ARTICLE.replace("holder: mara-lind", "holder: mara-lynd"), ["KG-M007"])):
        descriptor = piped(text.encode())
        report = check(project, [f"/dev/fd/{descriptor}"])
        os.close(descriptor)
        assert (report.checked, [finding.code for finding in report.findings]) == (1, codes)
        assert {finding.place.path for finding in report.findings} <= {f"/dev/fd/{descriptor}"}


def test_a_named_pipe_that_is_named_is_checked(project: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.yaml")
    with subprocess.Popen(["sh", "-c", f"cat > '{tmp_path}/p.yaml'"], stdin=subprocess.PIPE) as writer:
        assert writer.stdin is not None
        writer.stdin.write(ARTICLE.encode())
        writer.stdin.close()
        report = check(project, [str(tmp_path / "p.yaml")])
    assert (report.checked, report.findings) == (1, ())


# -------- one byte order mark

MARK = "\ufeff"


def test_a_byte_order_mark_is_skipped_everywhere(project: Project) -> None:
    put(project, "kg.toml", MARK + SETTINGS)
    put(project, "ontology/more.ttl", MARK + TURTLE)
    put(project, "queries/anything.rq", MARK + QUESTION)
    put(project, "data/articles/study.yaml", MARK + ARTICLE)
    put(project, "data/registry/more.yaml", MARK + ENTITY)
    head = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
    row = "kg:person/mara-lind\tskos:exactMatch\thttps://example.org/m\tsemapv:ManualMappingCuration\n"
    put(project, "data/links.sssom.tsv", MARK + head + row)
    put(project, "texts/tides.txt", MARK + TEXT)
    put(project, "data/articles/named.yaml", MARK + WITHHELD)
    read_again = load_project(project.root)
    assert [f for f in check(read_again).findings if f.severity is not Severity.INFO and f.code != "KG-C009"] == []
    assert "anything" in question_files(read_again)


# -------- the folders themselves


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert listing(tmp_path / "nowhere", ARTICLES).files == ()


def test_files_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/x.ttl", "a.ttl", "b.ttl", "a/x.ttl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [file.relative_to(tmp_path).as_posix() for file in listing(tmp_path, ONTOLOGY).files]
    assert found == ["a/x.ttl", "a.ttl", "b/x.ttl", "b.ttl"]


def test_the_name_of_a_file_is_in_form_nfc() -> None:
    assert name_of(Path("cafe\u0301.yaml")) == "caf\u00e9"


# -------- kg.toml


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ('licence = "CC-BY-4.0"', "licence is not an IRI: CC-BY-4.0"),
        ('base = "https://example.org/%zz/"', "base is not an IRI that ends in '/': https://example.org/%zz/"),
        ('base = "https:///"', "base is not an IRI that ends in '/': https:///"),
        ('base = "https://example.org/kg"', "base is not an IRI that ends in '/': https://example.org/kg"),
        ('build = ""', "build is empty"),
        ('data = " "', "data is empty"),
        ('ontology = ["@kg", ""]', "ontology is empty"),
        ('queries = ["a\\u0000b"]', "queries contains a NUL"),
        ("generations = 1", "generations is not a number from 2 to 1,000"),
        ("generations = true", "generations is not a number from 2 to 1,000"),
    ],
)
def test_a_setting_that_no_project_could_have_is_refused_at_its_line(
    tmp_path: Path, setting: str, problem: str
) -> None:
    (tmp_path / "kg.toml").write_text(f"# settings\n\n{setting}\n")
    with pytest.raises(InputError) as refused:
        load_project(tmp_path)
    assert refused.value.message == f"kg.toml:3: {problem}"
    assert refused.value.fix
