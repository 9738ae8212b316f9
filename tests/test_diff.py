"""`kg diff`: what differs between generations, git revisions and the files, in words; and that it writes nothing.

`KG_WRITE_EXPECTED=1 pytest tests/test_diff.py` writes tests/bench/diff/ again; read what it changed.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from kg.bench.diff import difference
from kg.bench.diff_sides import StateError
from kg.bench.difference import GraphDifference, NodeChange, nodes_in
from kg.bench.shown_diff import diff_json, diff_markdown, diff_text, node_words
from kg.cli import cli
from kg.core.errors import InputError, NotFoundError, UsageError
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.store.objects import Objects

EXPECTED = Path(__file__).parent / "bench" / "diff"
HARBOUR, TEN, PEOPLE = (
    "data/articles/harbour-study.yaml",
    "data/articles/ten-harbours.yaml",
    "data/registry/people.yaml",
)


@pytest.fixture
def project(project: Project) -> Project:
    """A copy of the fictional project, built, under git, with a branch `old` at its only commit."""
    (project.root / ".gitignore").write_text("build\n", encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["branch", "old"]):
        git(project.root, *arguments)
    return project


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def edit_much(project: Project) -> None:
    edit(project, HARBOUR, "The director of the", "The director general of the")
    edit(project, HARBOUR, "title: Director\n", "title: Director General\n")
    edit(project, HARBOUR, "research-vessel", "vessel")
    edit(project, HARBOUR, "side: Guest, presence: Invited", "side: Host, presence: Invited")
    path = project.root / HARBOUR
    text = path.read_text(encoding="utf-8")
    fact = "  old-harbour-in-aldenburg:\n    type: Containment\n    innerPlace: grey-mole\n    outerPlace: aldenburg\n"
    fact += "    quote: Grey Mole in the\n"
    path.write_text(text[: text.index("  station-purpose:")] + fact, encoding="utf-8")
    edit(project, PEOPLE, "name: {en: Ida Brandt", "name: {en: Ida Marie Brandt")
    links = project.data / "links.sssom.tsv"
    lines = links.read_text(encoding="utf-8").splitlines(keepends=True)
    links.write_text("".join(lines[:-1]), encoding="utf-8")


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(project.root), "diff", *arguments], standalone_mode=False)


def changes(compared: GraphDifference) -> list[NodeChange]:
    return nodes_in(compared.graphs)


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git/" not in path.as_posix())
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def is_as_expected(name: str, text: str) -> bool:
    file = EXPECTED / name
    if os.environ.get("KG_WRITE_EXPECTED"):
        file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8") == text


def test_the_difference_is_written_in_words_and_nothing_is_written_elsewhere(project: Project) -> None:
    edit_much(project)
    before = snapshot(project.root)
    compared = difference(project)
    assert snapshot(project.root) == before
    assert is_as_expected("fiction.txt", diff_text(compared, 3, verbose=False))
    assert is_as_expected("fiction-verbose.txt", diff_text(compared, 3, verbose=True))
    assert is_as_expected("fiction.md", diff_markdown(compared, 3, verbose=False))
    assert is_as_expected("fiction.json", diff_json(compared))


def test_two_generations_differ_as_the_files_did_and_the_other_way_round(project: Project) -> None:
    edit(project, HARBOUR, "side: Guest, presence: Invited", "side: Host, presence: Invited")
    files = difference(project)
    build(project)
    before = snapshot(project.root)
    generations, back = difference(project, "previous", "current"), difference(project, "2", "1", None)
    assert snapshot(project.root) == before
    assert generations.graphs == files.graphs
    assert generations.answers == files.answers
    [there], [here] = changes(generations), changes(back)
    assert there.values[0].before == here.values[0].after == ("guest",)
    assert there.place == f"{HARBOUR}:{line_of(project, HARBOUR, '  workshop:')}:3"


def line_of(project: Project, file: str, start: str) -> int:
    lines = (project.root / file).read_text(encoding="utf-8").split("\n")
    return next(n for n, line in enumerate(lines, 1) if line.startswith(start))


def test_a_revision_is_compiled_without_touching_the_files_or_the_index(project: Project) -> None:
    edit(project, HARBOUR, "side: Guest, presence: Invited", "side: Host, presence: Invited")
    git(project.root, "commit", "-qam", "two")
    edit(project, HARBOUR, "title: Director\n", "title: The Director\n")
    edit(project, HARBOUR, "The director of the", "The Director of the")
    git(project.root, "add", "-A")
    index, before = (project.root / ".git" / "index").read_bytes(), snapshot(project.root)
    compared = difference(project, "old", "HEAD", None)
    assert [node.id for node in changes(compared)] == ["article/harbour-study/workshop"]
    assert (project.root / ".git" / "index").read_bytes() == index
    assert snapshot(project.root) == before
    assert compared.before.startswith("old (")


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the name of each object is added whose lines are read from now on."""
    read: list[str] = []
    original = Objects.lines

    def lines(objects: Objects, name: str) -> list[str]:
        read.append(name)
        return original(objects, name)

    monkeypatch.setattr(Objects, "lines", lines)
    return read


def test_the_same_files_have_no_difference_and_no_graph_is_read(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(project, anew=True)
    read = reads(monkeypatch)
    assert difference(project, "1", "2").is_empty
    assert read == []
    assert run(project, "1", "2", "--exit-code").return_value == 0


def test_only_the_graphs_that_differ_are_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(project, HARBOUR, "paraphrase: The two sides should buy", "paraphrase: They should buy")
    build(project)
    read = reads(monkeypatch)
    difference(project, "1", "2", None)
    assert len(read) <= 4 * 2  # the article, and what may follow from it: derived, validation, dataset


def test_renamed_ids_are_reported_once_wherever_they_are_named(project: Project) -> None:
    for file in sorted(project.data.rglob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("mara-lind", "mara-linden").replace("charter-grows", "charter-widens"), "utf-8")
    articles = project.data / "articles"
    (articles / "charter-grows.yaml").rename(articles / "charter-widens.yaml")
    edit(project, HARBOUR, "research-vessel", "vessel")
    compared = difference(project)
    renamed = {(node.how, node.former_id, node.id) for node in changes(compared)}
    assert renamed == {
        ("renamed", "article/charter-grows", "article/charter-widens"),
        ("renamed", "person/mara-lind", "person/mara-linden"),
        ("renamed", "article/harbour-study/research-vessel", "article/harbour-study/vessel"),
    }
    assert compared.answers
    assert compared.answers.changed == ()
    assert compared.derived == ()


def test_a_fact_with_another_id_and_other_content_is_removed_and_added(project: Project) -> None:
    edit(project, HARBOUR, "research-vessel", "vessel")
    edit(project, HARBOUR, "name: Joint purchase of a research vessel", "name: Joint purchase of one vessel")
    hows = {(node.how, node.id.rpartition("/")[2]) for node in changes(difference(project, questions=None))}
    assert {("added", "vessel"), ("removed", "research-vessel")} <= hows


def test_another_name_in_the_registry_is_one_change_and_sentences_with_it_are_apart(project: Project) -> None:
    edit(project, PEOPLE, "name: {en: Mara Lind", "name: {en: Mara Elin Lind")
    compared = difference(project, questions=None)
    by_how = {how: [node for node in changes(compared) if node.how == how] for how in ("changed", "reworded")}
    assert [node.id for node in by_how["changed"]] == ["person/mara-lind"]
    assert len(by_how["reworded"]) > 5
    assert "only with other names in the sentence (-v lists them)" in diff_text(compared, 3, verbose=False)


def test_text_before_the_facts_moves_their_words_and_changes_nothing_else(project: Project) -> None:
    edit(project, HARBOUR, "  text: |\n", "  text: |\n    News from the estuary.\n\n")
    compared = difference(project, questions=None)
    assert [node.id for node in changes(compared)] == ["article/harbour-study"]


def test_a_term_of_the_ontology_is_shown_with_what_differs(project: Project) -> None:
    copytree(project.ontology[0], project.root / "ontology")
    settings = project.root / "kg.toml"
    kept = [line for line in settings.read_text(encoding="utf-8").split("\n") if not line.startswith("ontology")]
    settings.write_text("\n".join(['ontology = ["ontology"]', *kept]), encoding="utf-8")
    edit(project, "ontology/official.ttl", "Who holds the post.", "Who holds the office.")
    compared = difference(load_project(project.root), questions=None)
    [graph] = compared.graphs
    assert graph.id == "ontology"
    assert [node_words(node) for node in graph.nodes] == [
        "Term “holder” [https://w3id.org/communique/ontology#holder]:"
        " definition Who holds the post. -> Who holds the office."
    ]


def retract(project: Project) -> None:
    edit(project, TEN, "status: Draft", "status: Retracted, retractionReason: it was invented")
    path = project.root / TEN
    path.write_text(path.read_text(encoding="utf-8").partition("facts:\n")[0], encoding="utf-8")


def test_a_retracted_article_loses_its_facts_and_keeps_its_reason(project: Project) -> None:
    retract(project)
    compared = difference(project, questions=None)
    removed = [node for node in changes(compared) if node.how == "removed"]
    [article] = [node for node in changes(compared) if node.how != "removed"]
    assert len(removed) > 10
    assert all(node.id.startswith("article/ten-harbours/") for node in removed)
    assert article.id == "article/ten-harbours"
    assert ("it was invented",) in [value.after for value in article.values]
    assert {tie.how for tie in compared.derived} == {"removed"}


def test_only_the_questions_that_are_named_are_put_with_their_defaults(project: Project) -> None:
    edit(project, HARBOUR, "side: Guest, presence: Invited", "side: Host, presence: Invited")
    compared = difference(project, questions=("term-usage", "in-numbers"))
    assert compared.answers
    assert [answer.name for answer in compared.answers.changed] == ["term-usage"]
    assert compared.answers.compared == 2
    with pytest.raises(NotFoundError, match="no query 'in-number'"):
        difference(project, questions=("in-number",))


def test_rows_are_bounded_and_the_others_counted_but_in_json(project: Project) -> None:
    retract(project)
    few = run(project, "--rows", "1", "--exit-code")
    assert few.return_value == 1, few.output
    assert "    - and " in few.stdout
    answers = json.loads(run(project, "--format", "json").stdout)["answers"]["changed"]
    assert max(len(answer["removed"]) for answer in answers) > 1
    assert run(project, "--no-questions").return_value == 0


def test_a_name_of_two_states_is_refused_until_it_is_said_which(project: Project) -> None:
    git(project.root, "tag", "1")
    git(project.root, "branch", "current")
    for name in ("1", "current"):
        with pytest.raises(UsageError, match=f"'{name}' is both a generation and a git revision") as error:
            difference(project, name)
        assert error.value.fix == f"write generation:{name} or git:{name}"
    assert difference(project, "generation:1", "git:1", None).is_empty


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("7", "'7' is neither a generation nor a git revision"),
        ("git:nowhere", "there is no git revision 'nowhere'"),
        ("--", "'--' is neither a generation"),
        ("generation:current~1", "is neither a generation"),
        ("previous", "there is no generation before 1"),
    ],
)
def test_a_name_of_no_state_is_refused(project: Project, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        difference(project, name)


def test_errors_in_the_files_are_shown_and_say_which_state_has_them(project: Project) -> None:
    edit(project, HARBOUR, "holder: mara-lind", "holder: mara-lynd")
    with pytest.raises(StateError, match="the working tree has the errors above") as error:
        difference(project)
    assert [finding.place.path for finding in error.value.report.findings] == [HARBOUR]
    result = run(project)
    assert "did you mean 'mara-lind'" in result.stderr
    assert isinstance(result.exception, StateError)
    assert result.exception.exit_code == 1


def test_a_project_without_git_or_without_a_build_says_what_is_missing(fiction: Project, tmp_path: Path) -> None:
    copytree(fiction.data, tmp_path / "data")
    (tmp_path / "kg.toml").write_text((fiction.root / "kg.toml").read_text(encoding="utf-8"), encoding="utf-8")
    plain = load_project(tmp_path)
    with pytest.raises(InputError, match="nothing has been published yet"):
        difference(plain)
    with pytest.raises(UsageError, match="there is no git revision 'HEAD'"):
        difference(plain, "git:HEAD")
    assert not plain.build.exists()


def test_a_revision_without_the_project_says_so(project: Project) -> None:
    git(project.root, "rm", "-q", "--cached", "kg.toml")
    git(project.root, "commit", "-qm", "none")
    with pytest.raises(InputError, match=r"^HEAD .* has no such project"):
        difference(project, "HEAD")


def test_markdown_of_hostile_names_is_text(project: Project) -> None:
    edit(project, PEOPLE, "name: {en: Mara Lind", "name: {en: 'Mara <b>|@everyone` Lind'")
    shown = diff_markdown(difference(project, questions=None), 3, verbose=True)
    assert "<b>" not in shown.replace("\\<b\\>", "")
    assert "@everyone" not in shown
