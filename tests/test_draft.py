"""`kg draft`: what is proposed for a text, that nothing is asserted unasked, and that what is applied is checked.

A case is a text of tests/bench/draft, drafted for the fictional project; NAME.yaml is its draft. The language is
English, but for that of `zh` and `nl`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import FrozenInstanceError, replace
from itertools import chain
from pathlib import Path
from time import process_time

import pytest
from click.testing import CliRunner, Result

from kg.bench.apply import append, apply
from kg.bench.desk import Desk, open_desk
from kg.bench.draft import draft_of
from kg.bench.judge import judged
from kg.bench.proposal import ENTITY, FACT, ArticleDraft, Proposal
from kg.bench.shown_draft import draft_json, draft_yaml
from kg.cli import cli
from kg.core.errors import InputError, KgError, NotFoundError, UsageError
from kg.core.model import Span
from kg.mapping.edits import changed
from kg.mapping.texts import occurrences
from kg.mapping.yaml_changes import AddEntries
from kg.pipeline.check import check
from kg.project.settings import load_project
from kg.project.sources import Source
from tests.expected import expected

ROOT = Path(__file__).parent
CASES = sorted((ROOT / "bench" / "draft").glob("*.txt"))
BASE_LINE = 'base = "https://example.org/fiction/"\n'


@pytest.fixture(scope="module")
def desk() -> Desk:
    return open_desk(load_project(ROOT / "fiction"))


def mapping(text: str, language: str = "en", facts: str = "facts:\n") -> str:
    lines = "".join(f"    {line}\n" if line else "\n" for line in text.strip().split("\n"))
    head = f"article:\n  title: A case\n  published: 2031-05-10\n  language: {language}\n  textKind: Full\n"
    head += f"  text: |\n{lines}"
    return f"{head}curation: {{curator: jd, on: 2031-05-11, status: Draft}}\n{facts}"


def source(text: str, language: str = "en", facts: str = "facts:\n") -> Source:
    return Source("data/articles/case.yaml", "case", mapping(text, language, facts))


def draft(desk: Desk, text: str, language: str = "en", facts: str = "facts:\n") -> ArticleDraft:
    return draft_of(desk, source(text, language, facts))


def of_case(desk: Desk, file: Path) -> ArticleDraft:
    return draft(desk, file.read_text(encoding="utf-8"), file.stem if file.stem in ("zh", "nl") else "en")


# -------- what is proposed


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_this_text_is_drafted_so(desk: Desk, file: Path) -> None:
    found = of_case(desk, file)
    shown = draft_yaml(found) + "".join(f"#! {line}\n" for line in (*found.dropped, *found.remarks))
    assert shown == expected(file.with_suffix(".yaml"), shown)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_each_quote_stands_once_in_the_text_and_holds_nothing_more(desk: Desk, file: Path) -> None:
    text = file.read_text(encoding="utf-8").strip()
    for each in of_case(desk, file).proposals:
        if each.kind == FACT:
            assert len(occurrences(text, each.quote)) == 1
            assert 0 < each.score <= 1
            assert each.reason


def test_all_that_is_proposed_together_passes_the_checks(desk: Desk, tmp_path: Path) -> None:
    """Also new entities: a project with the drafts of all cases written into it has no error."""
    shutil.copytree(ROOT / "fiction" / "data", tmp_path / "data")
    (tmp_path / "kg.toml").write_text(BASE_LINE, encoding="utf-8")
    entities: dict[str, Proposal] = {}
    names = []
    for file in CASES:
        found = of_case(desk, file)
        entities |= {each.id: each for each in found.proposals if each.kind == ENTITY}
        facts = {each.id: each.tree for each in found.proposals if each.kind == FACT}
        language = file.stem if file.stem in ("zh", "nl") else "en"
        written = changed(
            mapping(file.read_text(encoding="utf-8"), language), [AddEntries(("facts",), facts)], file.name
        )
        names.append(tmp_path / "data" / "articles" / f"case-{file.stem}.yaml")
        names[-1].write_text(written, encoding="utf-8")
    registry = changed("", [AddEntries((), {name: each.tree for name, each in entities.items()})], "new.yaml")
    (tmp_path / "data" / "registry" / "new.yaml").write_text(registry, encoding="utf-8")
    report = check(load_project(tmp_path), list(map(str, names)))
    assert [str(finding) for finding in report.findings if finding.severity == "error"] == []


def test_a_hedge_asserts_nothing(desk: Desk) -> None:
    for text in (
        *("Mara Lind will meet Osk Renner.", "Mara Lind has not met Osk Renner."),
        *("Mara Lind hopes to visit Grey Mole.", "Mara Lind may have met Osk Renner."),
        "Mara Lind denied that she met Osk Renner.",
    ):
        assert not [each for each in draft(desk, text).proposals if "Occurred" in str(each.tree)], text


def test_what_the_article_says_already_is_not_proposed_again(desk: Desk) -> None:
    text = "The mayor of Aldenburg, Osk Renner, met Mara Lind."
    fact = "facts:\n  m: {type: Tenure, holder: osk-renner, title: Mayor, jurisdiction: aldenburg, quote: Osk}\n"
    found = draft(desk, text, facts=fact)
    assert [each.type for each in found.proposals] == ["Meeting"]
    assert found.remarks == ("1 proposal is already in the article",)


def test_ids_of_facts_that_are_there_are_not_taken(desk: Desk) -> None:
    fact = "facts:\n  meeting:\n    type: Group\n    description: x\n    quote: met\n"
    [proposal] = draft(desk, "Osk Renner met Mara Lind.", facts=fact).proposals
    assert proposal.id == "meeting-2"


def test_a_language_without_cues_says_so(desk: Desk) -> None:
    assert "no cues in 'zh'" in of_case(desk, ROOT / "bench" / "draft" / "zh.txt").remarks[0]
    assert "no words of its language" in of_case(desk, ROOT / "bench" / "draft" / "nl.txt").remarks[0]


def test_a_withheld_text_that_is_not_at_hand_is_named(desk: Desk) -> None:
    shown, withheld = "  textKind: Full\n  text: |\n    x\n", "  textKind: Withheld\n  textFile: texts/x.txt\n"
    text = mapping("x").replace(shown, withheld)
    with pytest.raises(InputError, match="there is no text to draft from") as caught:
        draft_of(desk, Source("data/articles/case.yaml", "case", text))
    assert "texts/x.txt" in caught.value.fix


def test_drafting_takes_time_in_proportion_to_the_text(desk: Desk) -> None:
    sentence = "Mara Lind, director of the Aldenburg Harbour Authority, met Osk Renner, the mayor, on Friday. "
    start = process_time()
    found = draft_of(desk, source("x").with_text(mapping(sentence * 40 + "Mara Lind, " * 400 + "met Osk Renner.")))
    assert process_time() - start < 20
    assert [each for each in found.proposals if each.kind != "date"] == []  # no words that occur once


def test_of_a_very_long_text_it_is_said_what_was_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.bench.draft.MOST_DRAFTED", 40)
    found = draft(desk, "Osk Renner met Mara Lind. Jonas Thorsen met Ida Brandt. It rained.")
    assert [each.id for each in found.proposals] == ["meeting"]
    assert found.remarks == ("the text is long; its last 2 sentences were not read",)


# -------- a project's own classes


SANCTION = """
@prefix cq: <https://w3id.org/communique/ontology#> .
@prefix rule: <https://w3id.org/communique/rule/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
cq:Sanction a owl:Class ; rdfs:subClassOf cq:Fact ; rdfs:label "sanction"@en ; skos:definition "A sanction."@en ;
    cq:cue "0.9 {imposer} [{aux}] imposed sanctions on {target} : CODES"@en .
cq:imposer a owl:ObjectProperty ; rdfs:label "imposer"@en ; skos:definition "Who."@en ; rdfs:range cq:Actor .
cq:target a owl:ObjectProperty ; rdfs:label "target"@en ; skos:definition "On whom."@en ; rdfs:range cq:Actor .
cq:imposed a owl:ObjectProperty ; rdfs:label "imposed"@en ; skos:definition "When."@en ; rdfs:range cq:TimeExpression .
rule:MY-S1 a sh:NodeShape ; sh:targetClass cq:Sanction ; sh:closed true ; sh:message "No such key"@en ;
    cq:remedy "x"@en ;
    sh:property rule:MY-S2, rule:MY-S3, rule:MY-S4 .
rule:MY-S2 a sh:PropertyShape ; sh:path cq:imposer ; sh:class cq:Actor ; sh:minCount 1 ; sh:message "Say who"@en .
rule:MY-S3 a sh:PropertyShape ; sh:path cq:target ; sh:class cq:Actor ; sh:minCount 1 ; sh:message "Say whom"@en .
rule:MY-S4 a sh:PropertyShape ; sh:path cq:imposed ; sh:class cq:TimeExpression ; sh:message "Say when"@en .
"""


def own_project(folder: Path, cue: str = "imposed=@date", ontology: str = SANCTION) -> Desk:
    (folder / "data").mkdir()
    shutil.copytree(ROOT / "fiction" / "data" / "registry", folder / "data" / "registry")
    (folder / "data" / "articles").mkdir()
    (folder / "ontology").mkdir()
    (folder / "ontology" / "own.ttl").write_text(ontology.replace("CODES", cue), encoding="utf-8")
    (folder / "kg.toml").write_text(f"{BASE_LINE}ontology = ['@kg', 'ontology']\n", encoding="utf-8")
    return open_desk(load_project(folder))


def test_a_class_that_a_project_adds_is_drafted_by_its_cues(tmp_path: Path) -> None:
    found = draft(own_project(tmp_path), "Aldenburg has imposed sanctions on the Skarn Harbour Board on 3 May.")
    [proposal] = found.proposals
    assert proposal.tree == {
        "type": "Sanction",
        "imposer": "aldenburg",
        "target": "skarn-harbour-board",
        "imposed": {"asWritten": "on 3 May", "edtf": "2031-05-03"},  # nothing says which way it counts
        "quote": "Aldenburg has imposed sanctions on the Skarn Harbour Board on 3 May",
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{imposer}", "{imposter}", "it names 'imposter', which is not a key of Sanction: did you mean 'imposer'"),
        ("{imposer}", "{imposer.holder}", "it names 'imposer.holder', but there are no nodes inside 'imposer'"),
        ("CODES", "imposed=Yes", "it gives 'imposed=Yes', which is not a code of Sanction: 'imposed' takes no code"),
        ("CODES", "imposer=@date.x", "it gives 'imposer=@date.x', which is not a code of Sanction"),
        ("[{aux}]", "[{aux}", "cq:cue '0.9 {imposer} [{aux} imposed"),
        ("{target}", "{target:titel}", "of the kind 'titel', which there is not: did you mean 'title'?"),
        ("0.9 {", "1.9 {", "how sure it is goes from 0 to 1, and is not 1.9"),
        ('CODES"@en', 'CODES"', "cq:cue does not say of which language its words are"),
        ("cq:cue", 'cq:nameCue "Bank"@en ; cq:cue', "cq:nameCue stands at a class that is none of entities"),
    ],
)
def test_a_faulty_cue_is_reported_where_its_class_stands(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """All in one run, also when no article is drafted; a second run has not forgotten it."""
    with pytest.raises(InputError) as refused:
        own_project(tmp_path, "imposed=@date", SANCTION.replace(old, new))
    head, *lines = refused.value.message.split("\n  ")
    assert head == "the ontology has errors:"
    assert [
        line for line in lines if line.startswith(f"{tmp_path}/ontology/own.ttl:8: cq:Sanction: ") and problem in line
    ]
    with pytest.raises(InputError, match="the ontology has errors"):
        check(load_project(tmp_path), [])


def test_each_class_with_a_faulty_cue_is_named(tmp_path: Path) -> None:
    more = 'cq:Place cq:nameCue "Port,"@en ; cq:cue "x"@en .\n'
    with pytest.raises(InputError) as refused:
        own_project(tmp_path, "imposed=Yes", SANCTION + more)
    assert "cq:Sanction: cq:cue '0.9 {imposer}" in refused.value.message
    assert "cq:Place: cq:cue stands at a class that is none of facts: move it to one" in refused.value.message
    assert "cq:Place: cq:nameCue 'Port,': nothing stands between two commas, or beside one" in refused.value.message


# -------- the compiler judges


def test_what_the_compiler_refuses_is_dropped_with_its_reason_and_what_needs_it(desk: Desk) -> None:
    post = {"type": "Tenure", "holder": "nobody", "title": "X", "quote": "Lind"}
    group = {"type": "Group", "description": "x", "quote": "left"}
    wrong = Proposal("a", FACT, post, "Lind", Span(0, 4), 1, "")
    needing = Proposal("b", FACT, group, "left", Span(5, 9), 1, "", "m-7", ("a",))
    right = replace(needing, id="c", needs=())
    found = judged([wrong, needing, right], source("Lind left."), desk)
    assert [each.id for each in found.accepted] == ["c"]
    assert "there is no entity called 'nobody'" in found.dropped[0]


def test_errors_of_other_blocks_are_not_those_of_a_proposal(desk: Desk) -> None:
    text = mapping("Osk Renner met Mara Lind.")
    head, curation = text.split("curation:")
    wrong = f"facts:\n{head}curation:{curation.replace('facts:', '').replace('Draft', 'Draught')}"
    found = draft_of(desk, Source("data/articles/case.yaml", "case", wrong))
    assert [each.id for each in found.proposals] == ["meeting"]
    assert found.dropped == ()


def test_a_cue_belongs_to_a_class(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cq:cue belongs to a class"):
        own_project(tmp_path, ontology=SANCTION + 'cq:imposer cq:cue "x"@en .\n')


def test_a_proposal_is_a_value_and_a_draft_is_json(desk: Desk) -> None:
    found = draft(desk, "Osk Renner met Mara Lind on Friday.")
    with pytest.raises(FrozenInstanceError):
        found.proposals[0].score = 1  # type: ignore[misc]
    [read] = json.loads(draft_json(found))["proposals"]
    assert read["source"] == "rules"
    assert read["tree"]["participation"][1] == {"participant": "mara-lind"}
    assert (read["start"], read["end"]) == (0, 34)


# -------- applying


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "fiction" / "data" / "registry", tmp_path / "data" / "registry")
    (tmp_path / "data" / "articles").mkdir()
    (tmp_path / "kg.toml").write_text(BASE_LINE, encoding="utf-8")
    return tmp_path


TEXT = (
    "The mayor of Aldenburg, Osk Renner, met Ms Ada Brook, president of the Tarn Water Board, on Friday. "
    "He said that it rained."
)


def write(folder: Path, text: str) -> Path:
    file = folder / "data" / "articles" / "case.yaml"
    file.write_bytes(text.encode())
    return file


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), "draft", *arguments])


def test_a_draft_writes_nothing(folder: Path) -> None:
    before = write(folder, mapping(TEXT)).read_bytes()
    registry = {file: file.read_bytes() for file in (folder / "data" / "registry").iterdir()}
    shown = run(folder, "case")
    assert "osk-renner-mayor" in shown.stdout
    assert all(line.startswith("#") for line in shown.stdout.splitlines())
    assert (folder / "data" / "articles" / "case.yaml").read_bytes() == before
    assert {file: file.read_bytes() for file in (folder / "data" / "registry").iterdir()} == registry


def test_what_is_chosen_is_applied_with_what_it_needs_and_nothing_else(folder: Path) -> None:
    file = write(folder, mapping(TEXT, facts="# a note\nfacts:   # mine\n  # first\n"))
    before = file.read_text(encoding="utf-8")
    done = run(folder, "case", "--apply", "ada-brook-president")
    assert done.exit_code == 0, done.output
    assert "with what they need: " in done.stderr
    after = file.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert "ada-brook-president:" in after
    assert "meeting" not in after
    people = (folder / "data" / "registry" / "people.yaml").read_text(encoding="utf-8")
    assert people.startswith((ROOT / "fiction/data/registry/people.yaml").read_text(encoding="utf-8"))
    assert people.endswith("ada-brook:\n  type: Person\n  name: Ada Brook\n")
    assert "tarn-water-board" in (folder / "data" / "registry" / "organizations.yaml").read_text(encoding="utf-8")
    assert [each for each in check(load_project(folder), [str(file)]).findings if each.severity == "error"] == []


def test_a_fact_among_other_blocks_is_added_to_the_facts(folder: Path) -> None:
    text = mapping(TEXT)
    head, curation = text.split("curation:")
    facts = "facts:\n    x:\n        type: Group\n        description: x\n        quote: it rained\n"
    file = write(folder, f"{facts}{head}curation:{curation.replace('facts:', '')}")
    done = run(folder, str(file), "--apply", "osk-renner-mayor")
    assert done.exit_code == 0, done.output
    assert "        quote: it rained\n    osk-renner-mayor:\n        type: Tenure\n" in file.read_text(encoding="utf-8")


def test_line_ends_and_the_rest_of_the_file_stay(folder: Path) -> None:
    file = write(folder, mapping(TEXT).replace("\n", "\r\n").rstrip())
    before = file.read_bytes()
    assert run(folder, "case", "--apply", "osk-renner-mayor").exit_code == 0
    after = file.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")


def test_a_draft_may_be_appended_as_comments(folder: Path) -> None:
    file = write(folder, mapping(TEXT))
    before = file.read_text(encoding="utf-8")
    assert run(folder, "case", "--append", "--least", "0.9").exit_code == 0
    added = file.read_text(encoding="utf-8").removeprefix(before)
    assert all(line.startswith("  #") for line in added.splitlines())
    assert "osk-renner-mayor" in added
    assert "statement" not in added  # by a pronoun, less sure


@pytest.mark.parametrize(
    ("arguments", "kind", "problem"),
    [
        (("case", "--apply", "meating"), NotFoundError, "there is no proposal 'meating'"),
        (("cases",), NotFoundError, "there is no article 'cases'"),
    ],
)
def test_what_is_not_there_is_refused(
    folder: Path, arguments: tuple[str, ...], kind: type[KgError], problem: str
) -> None:
    write(folder, mapping(TEXT))
    refused = run(folder, *arguments)
    assert isinstance(refused.exception, kind)
    assert problem in str(refused.exception)


def test_a_date_alone_is_no_fact(folder: Path) -> None:
    file = write(folder, mapping("On Friday it rained."))
    before = file.read_bytes()
    refused = run(folder, "case", "--apply", "date-1")
    assert isinstance(refused.exception, UsageError)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("facts", "added"),
    [
        ("facts: {}\n", "facts:\n  meeting:\n    type: Meeting\n"),
        ("facts: {a: {type: Group}}\n", "facts: {a: {type: Group}, meeting: {type: Meeting, "),
    ],
)
def test_facts_in_braces_get_more(folder: Path, facts: str, added: str) -> None:
    file = write(folder, mapping("Osk Renner met Mara Lind.", facts=facts))
    assert run(folder, "case", "--apply", "meeting").exit_code == 0
    assert added in file.read_text(encoding="utf-8")


def test_comments_are_not_put_into_braces(folder: Path) -> None:
    file = write(folder, mapping("Osk Renner met Mara Lind.", facts="facts: {a: {type: Group}}\n"))
    before = file.read_bytes()
    refused = run(folder, "case", "--append")
    assert isinstance(refused.exception, InputError)
    assert str(refused.exception).startswith("data/articles/case.yaml: 'facts' is in braces")
    assert file.read_bytes() == before


def test_a_file_that_changes_while_it_is_drafted_is_left_alone(folder: Path) -> None:
    """Neither is another file of the same change written."""
    file = write(folder, mapping(TEXT))
    registry = (folder / "data" / "registry" / "people.yaml").read_bytes()
    opened = open_desk(load_project(folder))
    [source] = opened.sources.articles
    drafted = draft_of(opened, source)
    file.write_text(source.text + "# mine\n", encoding="utf-8")
    with pytest.raises(InputError, match="has been changed in the meantime"):
        apply(drafted, ["ada-brook-president"], source, opened)
    with pytest.raises(InputError, match="has been changed in the meantime"):
        append("# x\n", source, opened.project)
    assert file.read_text(encoding="utf-8") == source.text + "# mine\n"
    assert (folder / "data" / "registry" / "people.yaml").read_bytes() == registry


def test_a_file_of_the_registry_is_made_where_there_is_none(folder: Path) -> None:
    for file in chain((folder / "data" / "registry").iterdir()):
        file.unlink()
    write(folder, mapping("Ms Ada Brook met Mr Jo Field."))
    done = run(folder, "case", "--apply", "meeting")
    assert done.exit_code == 0, done.output
    assert (folder / "data" / "registry" / "person.yaml").read_text(encoding="utf-8").count("Person") == 2
