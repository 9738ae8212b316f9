"""Whom a fact names is called in its words: true references pass, exchanged ones are refused or told.

The articles of both projects stand in one project here, so that there are many entities to exchange one for.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from kg.core.errors import Finding, InputError, Severity
from kg.core.model import Node, Text, Value
from kg.core.terms import CQ, FACT_CLASS, cq
from kg.mapping import documents
from kg.mapping.mentions import ANOTHER_CALLED, NOT_CALLED, check_mentions
from kg.mapping.notes import Notes
from kg.mapping.scope import Scope, Target
from kg.ontology.load import load_vocabulary
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.check import check
from kg.pipeline.compile import compile_project
from kg.pipeline.report import Report
from kg.pipeline.steps import build
from kg.project.settings import load_project
from kg.project.sources import read_sources
from tests.test_messages import copy_of_base

ROOT = Path(__file__).parent.parent
PROJECTS = {"shipped": ROOT / "data", "fiction": ROOT / "tests" / "fiction" / "data"}
EXCHANGES = 200


@dataclass(frozen=True)
class Article:
    """What the check is given for one article."""

    nodes: tuple[Node, ...]
    text: Text
    language: str
    scope: Scope

    @cached_property
    def references(self) -> list[Reference]:
        return list(references(self))

    def findings(self, nodes: tuple[Node, ...] | None = None) -> list[Finding]:
        notes = Notes()
        check_mentions(self.nodes if nodes is None else nodes, self.text, self.language, self.scope, notes)
        return notes.findings


@dataclass(frozen=True)
class Reference:
    """A value that leads to an entity, and the way to it: numbers of nodes, then of the value."""

    article: Article
    path: tuple[int, ...]
    value: Value
    target: Target

    def exchanged(self, other: Target) -> list[Finding]:
        """Return what is found at its place when it leads to *other*."""
        nodes = _exchanged(self.article.nodes, self.path, other.term)
        return [found for found in self.article.findings(nodes) if found.place == self.value.place]


def _exchanged(nodes: tuple[Node, ...], path: tuple[int, ...], term: str) -> tuple[Node, ...]:
    first, *rest = path
    node = nodes[first]
    if len(rest) > 1:
        node = node._replace(nested=_exchanged(node.nested, tuple(rest), term))
    else:
        values = list(node.values)
        values[rest[0]] = values[rest[0]]._replace(object=term)
        node = node._replace(values=tuple(values))
    return (*nodes[:first], node, *nodes[first + 1 :])


def references(article: Article) -> Iterator[Reference]:
    def within(node: Node, path: tuple[int, ...]) -> Iterator[Reference]:
        inferred = {each.object for inner in node.nested if inner.type == cq("Inference") for each in inner.values}
        for number, value in enumerate(node.values):
            prop = article.scope.vocabulary.properties.get(value.predicate[1:-1].removeprefix(CQ))
            target = article.scope.entity(value.object)
            if prop and prop.in_words and target and not value.is_filled and value.predicate not in inferred:
                yield Reference(article, (*path, number), value, target)
        for number, inner in enumerate(node.nested):
            yield from within(inner, (*path, number))

    for number, node in enumerate(article.nodes):
        if article.scope.vocabulary.is_fact(node.type):
            yield from within(node, (number,))


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[Article]:
    root = tmp_path_factory.mktemp("both")
    (root / "kg.toml").write_text('base = "https://example.org/both/"\n', encoding="utf-8")
    for name, data in PROJECTS.items():
        shutil.copytree(data / "articles", root / "data" / "articles", dirs_exist_ok=True)
        (root / "data" / "registry").mkdir(exist_ok=True)
        for file in (data / "registry").glob("*.yaml"):
            shutil.copy(file, root / "data" / "registry" / f"{name}-{file.name}")
    project, caught = load_project(root), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "check_mentions", lambda *given: caught.append(given))
        compile_project(project, read_sources(project), full=True)
    found = [Article(tuple(nodes), text, language, scope) for nodes, text, language, scope, _ in caught if text]
    assert len(found) >= 9
    return found


@pytest.fixture(scope="module")
def all_references(articles: list[Article]) -> list[Reference]:
    found = [reference for article in articles for reference in article.references]
    assert len(found) > 500
    return found


# -------- the shipped and the fictional articles


def test_no_true_reference_is_refused(articles: list[Article]) -> None:
    assert [(str(found.place), found.message) for article in articles for found in article.findings()] == []


def test_references_exchanged_for_entities_that_the_article_does_not_name_are_refused(
    all_references: list[Reference],
) -> None:
    missed = [pair for pair in exchanges(all_references, _is_elsewhere) if not _is_refused(*pair)]
    assert len(missed) <= 0.05 * EXCHANGES, [(each.value.place, other.label) for each, other in missed]


def test_references_exchanged_within_an_article_are_told_where_the_quote_calls_only_the_right_one(
    all_references: list[Reference],
) -> None:
    pairs = list(exchanges(all_references, _is_alone_called))
    untold = [
        (str(each.value.place), each.target.label, other.label) for each, other in pairs if not each.exchanged(other)
    ]
    assert untold == []


def exchanges(
    found: list[Reference], fits: Callable[[Reference, Target], bool], seed: int = 11
) -> Iterator[tuple[Reference, Target]]:
    """Yield references with another entity of their class, at random."""
    rng, made = random.Random(seed), 0
    while made < EXCHANGES:
        reference = rng.choice(found)
        others = [each for each in reference.article.scope.registry.values() if _may_replace(reference, each)]
        other = rng.choice(others) if others else None
        if other and fits(reference, other):
            made += 1
            yield reference, other


def _may_replace(reference: Reference, other: Target) -> bool:
    return other.class_name == reference.target.class_name and other.term != reference.target.term


def _is_refused(reference: Reference, other: Target) -> bool:
    return any(found.code == NOT_CALLED for found in reference.exchanged(other))


def _is_elsewhere(reference: Reference, other: Target) -> bool:
    """Tell whether no fact of the article names *other*."""
    return other.term not in {each.target.term for each in reference.article.references}


def _is_alone_called(reference: Reference, other: Target) -> bool:
    """Tell whether the article names *other*, the quotes of the node do not, and the fact has its target but once."""
    if _is_elsewhere(reference, other):
        return False
    fact = reference.article.nodes[reference.path[0]]
    alone = [each for each in reference.article.references if each.path[0] == reference.path[0]]
    node = _node_at(fact, reference.path[1:-1])
    quotes = [reference.article.text.value[span.start : span.end] for span, _ in node.evidence]
    return (
        [each.target.term for each in alone].count(reference.target.term) == 1
        and any(_plainly_calls(quote, reference.target) for quote in quotes)
        and not any(_may_call(quote, other) for quote in quotes)
    )


def _node_at(node: Node, path: tuple[int, ...]) -> Node:
    return _node_at(node.nested[path[0]], path[1:]) if path else node


def _plainly_calls(quote: str, target: Target) -> bool:
    return any(f" {name} " in f" {' '.join(quote.split())} " for name in target.names)


def _may_call(quote: str, target: Target) -> bool:
    """Tell whether a quote has a word of a name, however it is meant."""
    return any(word in quote for name in target.names for word in name.split() if len(word) > 3 or word[:1].isupper())


# -------- what is accepted besides


def test_a_reason_stands_in_for_a_name(tmp_path: Path) -> None:
    article = STATEMENT.replace("speaker: jonas-thorsen", "speaker: tide-university")
    assert codes(tmp_path / "a", article) == {NOT_CALLED}
    assert codes(tmp_path / "b", f"{article}    inferred: {{speaker: He speaks for it}}\n") == set()


def test_that_another_is_called_can_be_acknowledged(tmp_path: Path) -> None:
    article = STATEMENT.replace("quote: Thorsen proposed", "quote: Mara Lind knew that he proposed it")
    assert codes(tmp_path / "a", article) == {ANOTHER_CALLED}
    assert codes(tmp_path / "b", f"{article}    accept: {{{ANOTHER_CALLED}: he is Thorsen}}\n") == set()


@pytest.mark.parametrize("name", ["null", '""', "' '", "[]"])
def test_an_entity_without_a_name_is_told_where_it_is_defined_alone(tmp_path: Path, name: str) -> None:
    registry = f"nobody:\n  type: Person\n  name: {name}\n"
    article = STATEMENT.replace("speaker: jonas-thorsen", "speaker: nobody")
    assert NOT_CALLED not in codes(tmp_path, article, registry)
    assert "KG-M014" in {found.code for found in check(load_project(tmp_path / "project")).findings}


def test_a_surname_will_do_while_nobody_else_has_it(tmp_path: Path) -> None:
    folder = copy_of_base(tmp_path / "project")
    (folder / "data" / "articles" / "statement.yaml").write_text(STATEMENT, encoding="utf-8")
    build(load_project(folder))
    other = folder / "data" / "registry" / "more.yaml"
    other.write_text("karl-thorsen:\n  type: Person\n  name: Karl Thorsen\n", encoding="utf-8")
    found = check(load_project(folder), [str(folder / "data" / "articles")]).findings
    assert [each.message for each in found if each.severity is Severity.ERROR] == [
        "'speaker': the text has 'Thorsen' on its own, which may mean jonas-thorsen or karl-thorsen"
    ]


def test_a_name_that_the_article_reports_will_do_elsewhere_and_not_for_itself(tmp_path: Path) -> None:
    naming = """\
  name:
    type: Naming
    named: tide-university
    nameText: the Pride of the North
    nameKind: Former
    quote: the Pride of the North
  other:
    type: SpeechAct
    speaker: tide-university
    modality: Stated
    paraphrase: It is old
    quote: the Pride of the North is old
"""
    found = check_of(tmp_path, STATEMENT + naming).findings
    assert [(each.code, each.place.line) for each in found] == [(NOT_CALLED, STATEMENT.count("\n") + 3)]


LONGER = """\
article:
  title: A report about the tides
  publisher: gazette
  published: 2031-05-02
  language: en
  textKind: Full
  text: {text}
curation: {{curator: jd, on: 2031-05-03, status: Draft}}
facts:
  statement:
    type: SpeechAct
    speaker: {speaker}
    modality: Stated
    paraphrase: The tides are high
    aboutEntity: [{about}]
    quote: {text}
"""


@pytest.mark.parametrize(
    ("text", "speaker", "about", "found"),
    [
        ("The Aldenburg Gazette said that tides are high.", "gazette", "aldenburg", set()),
        ("Mara Lind told the Aldenburg Gazette that tides are high.", "mara-lind", "aldenburg", {"KG-W022"}),
        ("Mara Lind told the Aldenburg Gazette that tides are high.", "mara-lind", "aldenburg, gazette", set()),
        ("Mara Lind told the Aldenburg Gazette that tides in Aldenburg are high.", "mara-lind", "aldenburg", set()),
        ("Mara Lind told the Mara Lind Foundation that tides are high.", "mara-lind", "aldenburg", {NOT_CALLED}),
        ("Tide Station Park said that tides are high, a station said.", "park", "tide-station", set()),
        ("Near Tide Station Park tides are high, Mara Lind said.", "mara-lind", "tide-station", {"KG-W022"}),
    ],
)
def test_a_name_within_a_longer_one_is_called_only_beside_it(
    text: str, speaker: str, about: str, found: set[str], tmp_path: Path
) -> None:
    more = "park:\n  type: Company\n  name: {en: Tide Station Park}\n"
    article = LONGER.format(text=text, speaker=speaker, about=about)
    assert codes(tmp_path, article, more) == found


def test_a_longer_name_that_comes_into_the_registry_is_seen_in_an_article_that_was_checked_before(
    tmp_path: Path,
) -> None:
    folder = copy_of_base(tmp_path / "project")
    text = "Near Tide Station Park tides are high, Mara Lind said."
    article = LONGER.format(text=text, speaker="mara-lind", about="tide-station")
    (folder / "data/articles/statement.yaml").write_text(article, encoding="utf-8")
    assert check(load_project(folder)).findings == ()
    more = "park:\n  type: Company\n  name: {en: Tide Station Park}\n"
    (folder / "data/registry/more.yaml").write_text(more, encoding="utf-8")
    assert "KG-W022" in {found.code for found in check(load_project(folder)).findings}


STATEMENT = """\
article:
  title: A study of the tides
  publisher: gazette
  published: 2031-05-02
  language: en
  textKind: Full
  text: >-
    Thorsen proposed a joint study of the tides. Mara Lind knew that he proposed it.
    They say that the Pride of the North is old.
curation: {curator: jd, on: 2031-05-03, status: Draft}
facts:
  lind:
    type: SpeechAct
    speaker: mara-lind
    modality: Stated
    paraphrase: She knew it
    quote: Mara Lind knew
  statement:
    type: SpeechAct
    modality: Proposed
    paraphrase: A study of the tides
    speaker: jonas-thorsen
    quote: Thorsen proposed
"""


def check_of(folder: Path, article: str, registry: str = "") -> Report:
    project = copy_of_base(folder / "project")
    if registry:
        (project / "data" / "registry" / "more.yaml").write_text(registry, encoding="utf-8")
    (project / "data" / "articles" / "statement.yaml").write_text(article, encoding="utf-8")
    return check(load_project(project), [str(project / "data" / "articles" / "statement.yaml")])


def codes(folder: Path, article: str, registry: str = "") -> set[str]:
    return {found.code for found in check_of(folder, article, registry).findings}


# -------- the ontology


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary([ROOT / "ontology"])


def test_keys_under_which_things_with_names_may_stand_are_called_in_words(vocabulary: Vocabulary) -> None:
    classes = [name for name in vocabulary.classes if vocabulary.is_a(name, FACT_CLASS)]
    found = {key.name for name in classes for key in vocabulary.keys[name].values() if _in_words(vocabulary, key.name)}
    assert {"participant", "speaker", "party", "holder", "member", "place", "venue", "aboutEntity", "about"} <= found
    assert not {"eventTopic", "statementTopic", "capacity", "accordingTo", "signedAt", "side", "name"} & found


def test_a_key_of_ones_own_names_unless_the_ontology_says_that_it_need_not(tmp_path: Path) -> None:
    own = f"{PREFIXES}{PATRON}"
    assert _in_words(_with(tmp_path / "a", own.replace("HERE", "")), "patron")
    assert not _in_words(_with(tmp_path / "b", own.replace("HERE", "; cq:calledInWords false")), "patron")


PATRON = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rule: <https://w3id.org/communique/rule/> .
cq:patron a owl:ObjectProperty ; rdfs:label "patron"@en ; skos:definition "Who pays."@en HERE .
cq:PatronShape a sh:NodeShape ; sh:targetClass cq:Conference ; sh:property rule:KG-S8001 .
rule:KG-S8001 a sh:PropertyShape ; sh:path cq:patron ; sh:class cq:Agent ; sh:message "Name who pays"@en .
"""


def _with(folder: Path, text: str) -> Vocabulary:
    folder.mkdir()
    (folder / "more.ttl").write_text(text, encoding="utf-8")
    return load_vocabulary([ROOT / "ontology", folder])


def _in_words(vocabulary: Vocabulary, name: str) -> bool:
    return vocabulary.properties[name].in_words


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ('cq:Ship a owl:Class ; cq:calledAs "boat"', "cq:calledAs takes person, body or place, not 'boat'"),
        ('cq:sails a owl:ObjectProperty ; cq:calledAs "body"', "cq:calledAs belongs to a class"),
        ("cq:sails a owl:DatatypeProperty ; cq:calledInWords true", "cq:calledInWords belongs to an object property"),
        ('cq:sails a owl:ObjectProperty ; cq:calledInWords "yes"', "cq:calledInWords takes true or false, not 'yes'"),
    ],
)
def test_a_faulty_annotation_is_refused(tmp_path: Path, term: str, message: str) -> None:
    text = f'{PREFIXES}{term} ; rdfs:label "s"@en ; skos:definition "S."@en .\n'
    with pytest.raises(InputError) as error:
        _with(tmp_path / "ontology", text)
    assert message in error.value.message


PREFIXES = """\
@prefix cq: <https://w3id.org/communique/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
