"""Rules across articles: each finds what it must on a small graph, and nothing in the two projects."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from kg.core.errors import InputError, Severity
from kg.core.terms import TYPE, cq
from kg.core.values import lang_literal, lexical
from kg.pipeline.changes import Changes
from kg.pipeline.check import check
from kg.pipeline.checks import Check, check_findings, elsewhere, read_check
from kg.pipeline.namesakes import namesakes
from kg.planning.guard import tokens
from kg.project.layout import check_files
from kg.project.settings import load_project
from kg.questions.sparql import columns
from kg.store.embedded import memory_store
from kg.store.lines import line_graph
from tests.second_store import RdflibStore

ROOT = Path(__file__).parent.parent
FICTION = Path(__file__).parent / "fiction"
GRAPHS = Path(__file__).parent / "checks"
BASE = "https://example.org/kg/"
FILES = tuple(check_files(load_project(ROOT)).values())
EXPECTED = {
    "after-what-came-later": ["article/two/visit"],
    "articles-correct-one-another": ["article/five", "article/itself", "article/one", "article/w1"],
    "bodies-are-part-of-one-another": ["article/one/department", "article/three/a"],
    "correction-of-no-fact": ["article/two"],
    "ended-before-it-was-signed": ["article/two/direct", "article/two/pact"],
    "entity-of-no-article": ["person/nobody"],
    "fact-of-a-withdrawn-article": ["article/three/merger", "article/three/new"],
    "facts-correct-one-another": ["article/five/d", "article/one/a", "article/three/c"],
    "occurred-after-its-article": ["article/one/fair", "article/one/twin", "article/one/visit"],
    "one-thing-at-two-times": ["article/one/meeting", "article/two/pact"],
    "one-thing-of-two-classes": ["article/two/talks"],
    "one-thing-twice-in-one-article": ["article/one/meeting", "article/three/accord"],
    "part-of-what-was-cancelled": ["article/two/visit"],
    "part-outside-its-whole": ["article/two/early", "article/two/late"],
    "places-contain-one-another": ["article/three/hall", "article/two/town"],
    "plan-without-a-report": ["article/one/workshop"],
    "post-goes-on-after-its-end": ["article/two/lind"],
    "project-of-two-bundles": ["article/one/cold-store"],
    "realizes-what-was-not-planned": ["article/two/opening"],
    "signed-at-what-did-not-occur": ["article/two/pact"],
    "stage-runs-back": ["article/three/data", "article/two/study"],
    "topics-are-wider-than-themselves": ["topic/sea"],
    "two-holders-of-one-post": ["article/seven/falk", "article/two/brandt"],
}
"""Check -> the nodes to mend in its graph; every graph holds some that the check must leave alone, too."""

each_check = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file: Path) -> Check:
    return read_check(file, file.name, ())


def graph_lines(file: Path) -> list[str]:
    return (GRAPHS / f"{file.stem}.nq").read_text(encoding="utf-8").splitlines()


def test_every_check_has_a_graph_and_every_graph_a_check() -> None:
    assert sorted(EXPECTED) == [file.stem for file in FILES] == sorted(file.stem for file in GRAPHS.glob("*.nq"))


def test_codes_are_well_formed_and_no_two_checks_share_one() -> None:
    codes = [read(file).code for file in FILES]
    assert [code for code in codes if not re.fullmatch(r"KG-C\d{3}", code)] == []
    assert len(set(codes)) == len(codes)


@each_check
def test_a_check_finds_exactly_the_nodes_to_mend(file: Path) -> None:
    rows = memory_store(graph_lines(file)).select(read(file).text).rows
    assert [lexical(row[0] or "").removeprefix(BASE) for row in rows] == EXPECTED[file.stem]


@each_check
def test_a_check_answers_the_same_on_both_engines(file: Path) -> None:
    text, lines = read(file).text, graph_lines(file)
    assert RdflibStore(lines).select(text) == memory_store(lines).select(text)


@each_check
def test_a_message_names_only_columns_of_the_check_and_says_what_to_do(file: Path) -> None:
    found = read(file)
    named = set(re.findall(r"\{(\w+)\}", found.message + found.fix))
    assert named <= set(columns(tuple(tokens(found.text))))
    assert found.fix


@each_check
def test_a_check_orders_its_rows(file: Path) -> None:
    assert "\nORDER BY " in read(file).text


@pytest.mark.parametrize("root", [ROOT, FICTION], ids=["articles", "fiction"])
def test_no_check_finds_anything_in_our_projects(root: Path) -> None:
    findings = check(load_project(root)).findings
    assert [finding for finding in findings if finding.code.startswith("KG-C")] == []
    assert [finding for finding in findings if finding.severity is not Severity.INFO] == []


def test_a_finding_of_a_check_points_at_the_line_of_the_node(tmp_path: Path) -> None:
    for folder in ("registry", "articles"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    settings = f'ontology = ["{ROOT.as_posix()}/ontology"]\nqueries = ["{ROOT.as_posix()}/queries"]\n'
    (tmp_path / "kg.toml").write_text(settings, encoding="utf-8")
    people = "one:\n  type: Person\n  name: Jan Vester\ntwo:\n  type: Person\n  name: Jan Vester\n"
    (tmp_path / "data" / "registry" / "people.yaml").write_text(people, encoding="utf-8")
    findings = [f for f in check(load_project(tmp_path)).findings if f.severity is Severity.WARNING]
    assert [(str(f.place).partition(":")[2], f.message) for f in findings] == [
        ("1:1", "'one' and 'two' have the same name and class")
    ]


def test_a_header_that_lacks_its_message_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text("#+ code: KG-C900\n#+ severity: error\nSELECT ?x { ?x ?p ?o }", encoding="utf-8")
    with pytest.raises(InputError, match="lacks message"):
        read_check(file, "mine.rq", ())


def test_a_header_with_an_unknown_severity_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text("#+ code: KG-C900\n#+ severity: fatal\n#+ message: No\nSELECT ?x { ?x ?p ?o }", encoding="utf-8")
    with pytest.raises(InputError, match="an unknown severity: fatal"):
        read_check(file, "mine.rq", ())


# -------- namesakes, which no query compares


def namesakes_of(*entities: tuple[str, str, str], apart: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """Return the messages on entities of the registry: id, class and name of each."""
    graph = f"<{BASE}graph/registry>"
    lines = [
        line
        for name, kind, text in entities
        for line in (
            f"<{BASE}x/{name}> {TYPE} {cq(kind)} {graph} .",
            f"<{BASE}x/{name}> {cq('name')} {lang_literal(text, 'en')} {graph} .",
        )
    ]
    lines += [f"<{BASE}x/{one}> {cq('distinctFrom')} <{BASE}x/{other}> {graph} ." for one, other in apart]
    return [finding.message for finding in namesakes(memory_store(lines), {})]


def test_names_that_look_the_same_are_the_same_name() -> None:
    same = "'a' and 'b' have names that look the same, and the same class"
    assert namesakes_of(("a", "Person", "Anna Berg"), ("b", "Person", "Anna Berg")) == [
        "'a' and 'b' have the same name and class"
    ]
    for name in ("Anna\u200b Berg", "Anna Be\xadrg", "Ａnna Berg", "anna  berg", "Anna\u2060 Berg"):
        assert namesakes_of(("a", "Person", "Anna Berg"), ("b", "Person", name)) == [same]


def test_only_namesakes_of_one_class_that_are_not_told_apart_are_found() -> None:
    assert namesakes_of(("a", "Person", "Lind"), ("b", "Place", "Lind"), ("c", "Person", "Lindh")) == []
    people = [(name, "Person", "Li Wei") for name in "abc"]
    assert namesakes_of(*people, apart=(("b", "a"), ("a", "c"))) == ["'b' and 'c' have the same name and class"]
    assert namesakes_of(*people, apart=(("b", "a"), ("a", "c"), ("c", "b"))) == []


def test_facts_of_articles_may_have_one_name() -> None:
    article, lines = f"<{BASE}article/one>", []
    for name in ("study", "study-2"):
        lines += [f"{article[:-1]}/{name}> {TYPE} {cq('Project')} {article} ."]
        lines += [f'{article[:-1]}/{name}> {cq("name")} "Study"@en {article} .']
    store = memory_store([*lines, f"{article} {TYPE} {cq('Article')} {article} ."])
    assert list(namesakes(store, {})) == []


def test_ten_thousand_of_one_name_are_not_compared_each_with_each() -> None:
    start = time.process_time()
    assert len(namesakes_of(*((f"p{k}", "Person", "Anna Lind") for k in range(10_000)))) == 9_999
    assert time.process_time() - start < 10


@pytest.mark.parametrize("file", [file for file in FILES if read(file).concern], ids=lambda file: file.stem)
def test_a_check_that_concerns_articles_finds_the_same_where_a_change_can_affect_it(file: Path) -> None:
    """Whichever line of its graph goes or comes."""
    check, lines = read(file), graph_lines(file)
    assert check.concern
    for line in lines:
        without = [each for each in lines if each != line]
        for before, after in ((lines, without), (without, lines)):
            changes, store = Changes(BASE, everywhere=f"<{BASE}article/" not in line_graph(line)), memory_store(after)
            changes.add([line])
            affected = check.concern.affected(changes, store)
            expected = set(check_findings(check, store, {}))
            if affected is not None:
                kept = elsewhere(check_findings(check, memory_store(before), {}), affected)
                assert {*kept, *(check_findings(check, store, {}, affected) if affected else ())} == expected, line
