"""A run reads and parses each file once and sees one state of it; what is made of an ontology is kept, and sealed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pyoxigraph as ox
import pytest

import kg.mapping.read
from kg.core.errors import InputError
from kg.core.terms import TYPE, cq
from kg.ontology.load import load_vocabulary, project_vocabulary
from kg.ontology.triples import ontology_triples
from kg.ontology.versions import made_key
from kg.ontology.vocabulary import Vocabulary
from kg.ontology.vocabulary_json import parsed_vocabulary, vocabulary_text
from kg.pipeline.check import check
from kg.pipeline.steps import build
from kg.project.intact import sealed
from kg.project.settings import SETTINGS_FILE, Project
from kg.project.state import one_state
from kg.questions.graph import prefix_table, project_prefixes
from kg.validation.plan import parsed_plan, plan_of, plan_text
from kg.validation.validate import load_shapes, project_shapes

ONTOLOGY = Path(__file__).parent.parent / "ontology"
_opened: Counter[Path] = Counter()


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str):
        _opened[Path(arguments[0])] += 1


@pytest.fixture(scope="module", autouse=True)
def _watch() -> None:
    sys.addaudithook(_note)  # there is no way to take it away


@pytest.fixture
def anew(fiction: Project, tmp_path: Path) -> Project:
    """The fictional project, never built, with an ontology that no other test has read, and questions of its own."""
    ontology = copytree(ONTOLOGY, tmp_path / "ontology")
    with (ontology / "core.ttl").open("a", encoding="utf-8") as file:
        file.write(f"# {tmp_path}\n")
    queries = copytree(ONTOLOGY.parent / "queries", tmp_path / "queries")
    return replace(fiction, build=tmp_path / "build", ontology=(ontology,), queries=(queries,))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[object]]:
    """Count how often each text is parsed: YAML by the name of its file, Turtle by its content."""
    count: Counter[object] = Counter()
    compose, parse = kg.mapping.read._compose, ox.parse

    def composed(lines: Any, report: Any) -> Any:
        count[report.path] += 1
        return compose(lines, report)

    def read(content: Any, *arguments: Any, **named: Any) -> Any:
        count[content] += named.get("format") == ox.RdfFormat.TURTLE
        return parse(content, *arguments, **named)

    monkeypatch.setattr(kg.mapping.read, "_compose", composed)
    monkeypatch.setattr(ox, "parse", read)
    return count


@pytest.mark.parametrize("run", [check, build], ids=["check", "build"])
def test_a_run_opens_and_parses_each_file_once(run: Any, anew: Project, parsed: Counter[object]) -> None:
    _opened.clear()
    run(anew)
    assert _opened[anew.root / SETTINGS_FILE] == 0  # a project that exists has read them
    folders = (anew.data / "articles", anew.data / "registry", *anew.words, anew.queries[0] / "checks")
    files = {file for folder in folders for file in folder.rglob("*") if file.is_file()}
    files |= {file for folder in anew.ontology for file in folder.rglob("*") if file.suffix in (".ttl", ".rq")}
    assert len(files) > 100
    assert {file: _opened[file] for file in files if _opened[file] != 1} == {}
    questions = [*anew.queries[0].glob("*.rq")]
    assert {_opened[file] for file in questions} == {int(run is check)}  # a build answers none
    texts = [file for file in files if file.suffix in (".yaml", ".ttl")]
    names = {anew.shown(file) if file.suffix == ".yaml" else file.read_bytes() for file in texts}
    assert {name: parsed[name] for name in names if parsed[name] != 1} == {}


def test_a_run_sees_one_state_of_the_ontology_and_the_next_run_another(anew: Project) -> None:
    run = one_state(anew)
    before = load_vocabulary(run.ontology)
    file = anew.ontology[0] / "prefixes.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace(before.version, "9.9.9"), encoding="utf-8")
    assert load_vocabulary(run.ontology).version == before.version
    assert load_vocabulary(one_state(anew).ontology).version == "9.9.9"


# -------- what is kept


def test_all_of_a_vocabulary_and_of_a_plan_is_kept() -> None:
    vocabulary = load_vocabulary([ONTOLOGY])
    again = parsed_vocabulary(vocabulary_text(vocabulary))
    for field in fields(Vocabulary):
        assert repr(getattr(again, field.name)) == repr(getattr(vocabulary, field.name))  # types and order, too
    plan = plan_of(ontology_triples([ONTOLOGY]), library=True)
    assert plan.selects
    assert parsed_plan(plan_text(plan)) == plan


def kept_vocabulary(project: Project) -> Path:
    key = made_key(project.ontology, "vocabulary", by=("core", "words", "ontology"))
    return project.build / "cache" / key[:2] / f"{key}.txt"


def test_a_vocabulary_is_taken_from_the_build_folder_of_an_earlier_run(fiction: Project, tmp_path: Path) -> None:
    project = replace(fiction, build=tmp_path)
    other = replace(load_vocabulary(project.ontology), version="kept")
    file = kept_vocabulary(project)
    file.parent.mkdir(parents=True)
    file.write_bytes(sealed(vocabulary_text(other), file.stem))
    assert project_vocabulary(project).version == "kept"


@pytest.mark.parametrize("damage", ["changed", "cut", "of another", "folder", "link", "not text"])
def test_what_is_kept_and_was_changed_is_made_anew(fiction: Project, tmp_path: Path, damage: str) -> None:
    project = replace(fiction, build=tmp_path)
    vocabulary = load_vocabulary(project.ontology)
    file, content = kept_vocabulary(project), sealed(vocabulary_text(vocabulary), kept_vocabulary(project).stem)
    file.parent.mkdir(parents=True)
    match damage:
        case "folder":
            (file / "inside").mkdir(parents=True)
        case "link":
            file.symlink_to(tmp_path / "nowhere")
        case "not text":
            file.write_bytes(b"\xff\xfe")
        case _:
            changed = content.replace(b'"version": "', b'"version": "9')
            wrong = {
                "changed": changed,
                "cut": content[:-1],
                "of another": sealed(vocabulary_text(vocabulary), "other"),
            }
            file.write_bytes(wrong[damage])
    assert project_vocabulary(project) == vocabulary
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_no_error(fiction: Project, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    project = replace(fiction, build=tmp_path)
    assert project_vocabulary(project) == load_vocabulary(project.ontology)
    assert project_prefixes(project) == prefix_table(project.ontology)


def test_a_question_makes_no_build_folder(fiction: Project, tmp_path: Path) -> None:
    project = replace(fiction, build=tmp_path / "build")
    assert project_prefixes(project) == prefix_table(project.ontology)
    assert not project.build.exists()


def test_another_ontology_other_code_and_another_kind_are_kept_apart(anew: Project) -> None:
    keys = {
        made_key(anew.ontology, "vocabulary", by=("ontology",)),
        made_key(anew.ontology, "vocabulary", by=("ontology", "core")),
        made_key(anew.ontology, "prefixes", by=("ontology",)),
        made_key([ONTOLOGY], "vocabulary", by=("ontology",)),
    }
    assert len(keys) == 4


def test_an_unsound_ontology_is_never_kept(anew: Project) -> None:
    with (anew.ontology[0] / "core.ttl").open("a", encoding="utf-8") as file:
        file.write("cq:Undocumented a owl:Class .\n")
    for _ in range(2):
        with pytest.raises(InputError, match="Undocumented"):
            project_vocabulary(anew)
    assert not anew.build.exists()


def test_kept_shapes_find_what_shapes_find(anew: Project) -> None:
    statement = ("<https://example.org/tides/it>", TYPE, cq("Visit"))
    assert project_shapes(anew).results([statement]) == load_shapes(anew.ontology).results([statement]) != ()
    again = replace(anew, build=copytree(anew.build, anew.build.with_name("copy")))
    assert project_shapes(again).results([statement]) == load_shapes(anew.ontology).results([statement])


def test_a_second_build_folder_keeps_the_texts_that_were_made_for_the_first(
    fiction: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (replace(fiction, build=tmp_path / name) for name in ("one", "other"))
    found = check(one).findings
    monkeypatch.setattr("kg.validation.validate.plan_of", lambda *_, **__: pytest.fail("the shapes are planned again"))
    monkeypatch.setattr("kg.ontology.load.vocabulary_text", lambda _: pytest.fail("the vocabulary is written again"))
    assert check(other).findings == found
    texts = [{file.name: file.read_bytes() for file in (each.build / "cache").rglob("*.txt")} for each in (one, other)]
    assert texts[0] == texts[1] != {}
