"""The quality of a graph: each number is counted another way, on the three articles and on the fictional project."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from kg.cli import cli
from kg.core.errors import Severity
from kg.core.model import Span
from kg.core.terms import CQ, TYPE
from kg.docs.gather import documentation
from kg.mapping.sentences import sentences
from kg.mapping.texts import touched
from kg.pipeline.steps import check
from kg.project.settings import DEFAULT_BASE, Project, load_project
from kg.quality.articles import articles, inferred
from kg.quality.coverage import Coverage, coverage
from kg.quality.found import RecordedFinding, ValidationReport, report
from kg.quality.places import Places
from kg.quality.terms import term_uses
from kg.quality.usage import usage, uses_of
from kg.questions.graph import Graph, open_graph
from kg.questions.query import all_queries, run
from kg.store.embedded import memory_store
from kg.web.app import application
from kg.web.pages.quality import AT_ONCE, CARE, piece
from kg.web.site import open_site
from tests.dumps import dump
from tests.pages import Html, faults

ROOT = Path(__file__).parent.parent


@dataclass
class Case:
    """A built project: its graph, and its quads as another reader of the dump has them."""

    project: Project
    graph: Graph
    quads: list[ox.Quad]

    @property
    def facts(self) -> list[ox.Quad]:
        """What no ontology says."""
        return [quad for quad in self.quads if not str(quad.graph_name).endswith("graph/ontology>")]


@pytest.fixture(scope="module", params=["three articles", "fiction"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("quality") / "project"
    source = ROOT if request.param == "three articles" else ROOT / "tests" / "fiction"
    shutil.copytree(source / "data", folder / "data")
    base = tomllib.loads((source / "kg.toml").read_text(encoding="utf-8")).get("base", DEFAULT_BASE)
    (folder / "kg.toml").write_text(f'base = "{base}"\n', encoding="utf-8")
    done = CliRunner().invoke(cli, ["-C", str(folder), "build"])
    assert done.exit_code == 0, done.output
    project = load_project(folder)
    quads = list(ox.parse(dump(project.build), format=ox.RdfFormat.N_QUADS))
    with open_graph(project) as graph:
        yield Case(project, graph, quads)


@pytest.fixture(scope="module")
def served(case: Case) -> Iterator[TestClient]:
    with TestClient(application(open_site(case.project))) as client:
        yield client


# -------- findings


def test_findings_are_those_that_a_check_reports_at_its_places(case: Case) -> None:
    checked = check(case.project, []).findings
    found = report(case.graph)
    assert Counter((f.code, f.severity, f.message, f.node) for f in found.findings) == Counter(
        (f.code, str(f.severity), f.message, f"<{f.focus}>") for f in checked
    )
    places = Places(case.project).places(found.findings)
    assert Counter((f.code, str(places[f])) for f in found.findings) == Counter((f.code, str(f.place)) for f in checked)
    assert found.conforms == (not checked)
    assert found.by_severity == {str(s): sum(f.severity is s for f in checked) for s in Severity}
    assert sum(found.by_article.values()) == sum(found.by_code.values()) == len(checked)


def test_a_finding_belongs_to_the_article_of_its_node(case: Case) -> None:
    for finding in report(case.graph).findings:
        if finding.article:
            assert (case.project.data / "articles" / f"{finding.article}.yaml").is_file()
            assert f"/article/{finding.article}" in finding.node


def test_a_file_that_has_changed_is_told_without_a_line(case: Case) -> None:
    found = [finding for finding in report(case.graph).findings if finding.article][:1]
    for finding in found:
        file = case.project.data / "articles" / f"{finding.article}.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(f"{text}# later\n", encoding="utf-8")
        try:
            assert Places(case.project).places(found)[finding].line == 1
        finally:
            file.write_text(text, encoding="utf-8")


def test_a_graph_without_a_report_does_not_conform() -> None:
    nothing = report(Graph(memory_store([]), "https://example.org/"))
    assert (nothing.is_there, nothing.conforms, nothing.findings) == (False, False, ())
    assert ValidationReport(True, ()).conforms


# -------- articles


def test_facts_of_articles_are_nodes_of_a_class_of_facts_with_words(case: Case) -> None:
    counted: dict[str, set[str]] = defaultdict(set)
    kinds = case.graph.subclasses("Fact")
    facts = {str(q.subject) for q in case.facts if f"<{q.predicate.value}>" == TYPE and str(q.object) in kinds}
    for quad in case.facts:
        if quad.predicate.value == CQ + "evidence" and str(quad.subject) in facts:
            counted[str(quad.graph_name)].add(str(quad.subject))
    listed = articles(case.graph)
    found = {row.term: row.facts for row in listed.rows if row.status != "Retracted"}
    assert found == {name: len(nodes) for name, nodes in counted.items()}
    assert [row.facts for row in listed.rows if row.status == "Retracted"] in ([], [0])
    assert listed.facts == sum(map(len, counted.values()))
    files = {file.stem for file in (case.project.data / "articles").glob("*.yaml")}
    assert {row.id for row in listed.rows} == files
    assert [row.label for row in listed.rows] == sorted((row.label for row in listed.rows), key=str.casefold)


def test_review_statuses_are_those_of_the_mappings(case: Case) -> None:
    written = Counter(
        re.search(r"status: (\w+)", file.read_text(encoding="utf-8"))[1]  # type: ignore[index]
        for file in (case.project.data / "articles").glob("*.yaml")
    )
    assert articles(case.graph).by_status == dict(sorted(written.items()))


def test_inferred_dates_are_those_of_the_question(case: Case) -> None:
    query = next(query for query in all_queries(case.project)[0] if query.name == "inferred-dates")
    for method, number in inferred(case.graph).items():
        rows = run(case.graph, query, {"method": [method]}).rows
        assert rows
        methods = [
            q for q in case.facts if q.predicate.value == CQ + "method" and q.object.value.endswith(f"/{method}")
        ]
        assert number == len({str(quad.subject) for quad in methods})
    assert "Explicit" not in inferred(case.graph)


# -------- sentences


def covered_by_the_graph(case: Case, article: str) -> set[str]:
    """Return the sentences that the graph itself tells, each stretch cut into its sentences."""
    told = [q.object.value for q in case.facts if q.predicate.value == CQ + "sentence" and str(q.graph_name) == article]
    return {stretch[part.start : part.end] for stretch in told for part in sentences(stretch)}


def test_covered_sentences_are_those_that_the_graph_tells(case: Case) -> None:
    for row in articles(case.graph).rows:
        found = coverage(case.project, case.graph, row.term)
        if row.status == "Retracted":
            assert (found.why, found.share) == ("it has no text", None)
            assert (row.covered, row.sentences) == (0, None)
            continue
        assert found.why == ""
        by_graph = covered_by_the_graph(case, row.term)
        if by_graph:
            assert {s.text for s in found.sentences if s.covered} == by_graph
            assert not {s.text for s in found.sentences if not s.covered} & by_graph
        assert found.share == found.covered / len(found.sentences)
        assert (row.covered, row.sentences) == (found.covered, len(found.sentences))


def test_a_text_that_has_changed_or_is_not_at_hand_is_not_judged(case: Case) -> None:
    row = next(row for row in articles(case.graph).rows if row.facts)
    file = case.project.data / "articles" / f"{row.id}.yaml"
    text = file.read_text(encoding="utf-8")
    try:
        file.write_text(text.replace("  text: |\n", "  text: |\n    Something new.\n"), encoding="utf-8")
        assert coverage(case.project, case.graph, row.term).why == "its text has changed since the last build"
        file.unlink()
        assert coverage(case.project, case.graph, row.term) == Coverage((), why="its text is not at hand")
    finally:
        file.write_text(text, encoding="utf-8")
    outside = f"<{case.project.base}article/../../etc/passwd>"
    assert coverage(case.project, case.graph, outside).sentences == ()


@pytest.mark.parametrize(
    ("text", "spans", "covered"),
    [
        ("One. Two.", [], [False, False]),
        ("One. Two.", [Span(0, 9)], [True, True]),
        ("One. Two.", [Span(3, 4)], [True, False]),
        ("One. Two.", [Span(4, 5)], [False, False]),  # the space between
        ("今天会面。明天签约。", [Span(5, 7)], [False, True]),
        ("", [], []),
    ],
)
def test_a_sentence_is_covered_when_evidence_touches_it(text: str, spans: list[Span], covered: list[bool]) -> None:
    assert [is_covered for _, is_covered in touched(sentences(text), spans)] == covered


# -------- terms


def test_uses_are_those_counted_in_the_dump(case: Case) -> None:
    counted = usage(case.graph)
    properties = Counter(q.predicate.value.removeprefix(CQ) for q in case.facts if q.predicate.value.startswith(CQ))
    assert counted.properties == properties
    typed = [q.object.value for q in case.facts if str(q.predicate) == TYPE]
    assert counted.classes == Counter(name.removeprefix(CQ) for name in typed if name.startswith(CQ))
    told = documentation(case.project)
    codes = {code.iri for doc in told.classes.values() for code in doc.codes}
    values = Counter(q.object.value for q in case.facts if isinstance(q.object, ox.NamedNode))
    assert counted.codes == {iri: values[iri] for iri in codes if values[iri]}


def test_uses_of_some_terms_are_the_same_whether_all_were_counted_or_not(case: Case) -> None:
    told, counted = documentation(case.project), usage(case.graph)
    places = {
        "class": [doc.iri for doc in told.classes.values()],
        "property": [doc.iri for doc in told.properties.values()],
        "code": [code.iri for doc in told.classes.values() for code in doc.codes],
    }
    for place, terms in places.items():
        few = uses_of(case.graph, terms, place)
        assert {term: few.get(term, 0) for term in terms} == counted.of(terms, place)
        assert any(few.values())


def test_unused_terms_are_those_of_the_question(case: Case) -> None:
    query = next(query for query in all_queries(case.project)[0] if query.name == "unused-terms")
    rows = run(case.graph, query, {}).rows
    asked = {(row[0], row[1]) for row in rows}
    uses = term_uses(documentation(case.project), usage(case.graph))
    told = {(f'"{t.kind}"', f"<{CQ}{t.name}>") for t in uses.unused if t.kind in ("class", "property")}
    assert told == asked
    assert {kind: sum(pair) for kind, pair in uses.numbers().items()} == Counter(
        t.kind for t in (*uses.used, *uses.unused)
    )
    every = [*uses.used, *uses.unused]
    assert len(every) == len({(term.kind, term.name, term.entry) for term in every})
    assert [term.uses for term in uses.used] == sorted((term.uses for term in uses.used), reverse=True)


# -------- pages


def test_pages_are_well_formed_and_tell_the_numbers(case: Case, served: TestClient) -> None:
    listed, found = articles(case.graph), report(case.graph)
    first = listed.rows[0]
    for path in ("", "/findings", "/articles", f"/articles/{first.id}", "/terms"):
        answer = served.get(f"/quality{path}")
        assert answer.status_code == 200
        assert faults(Html(answer.text)) == []
    page = served.get("/quality").text
    assert f"<b>{listed.facts}</b>" in page
    for severity, number in found.by_severity.items():
        assert f'severity={severity}"><b>{number}</b>' in page
    shares = [coverage(case.project, case.graph, row.term) for row in listed.rows]
    total, covered = sum(len(c.sentences) for c in shares), sum(c.covered for c in shares)
    assert f"{covered} of {total} sentences" in page
    for query in all_queries(case.project)[0]:
        if query.name in CARE:
            number = len(run(case.graph, query, {}).rows)
            assert f'/questions/{query.name}">{number} row' in page
    told = served.get(f"/quality/articles/{first.id}").text
    assert all(s.text.partition("&")[0].partition("'")[0] in told for s in shares[0].sentences if not s.covered)


def test_findings_are_listed_by_rule_severity_and_article(case: Case, served: TestClient) -> None:
    found = report(case.graph)
    for key, table in (("code", found.by_code), ("severity", found.by_severity), ("article", found.by_article)):
        for value, number in table.items():
            if value:
                page = served.get("/quality/findings", params={key: value}).text
                assert f"{number} finding" in page
                assert page.count('class="chip weight-') == min(number, AT_ONCE)
    assert "Nothing was found" in served.get("/quality/findings", params={"code": "<script>"}).text


def test_links_lead_to_pages_of_ours(served: TestClient) -> None:
    for path in ("/quality", "/quality/terms", "/quality/findings", "/quality/articles"):
        for address in Html(served.get(path).text).links():
            if address.startswith(("/ontology", "/quality")):
                place, _, anchor = address.partition("#")
                answer = served.get(place)
                assert answer.status_code == 200, address
                assert not anchor or anchor in Html(answer.text).ids, address


def test_what_is_not_there_is_not_found(served: TestClient) -> None:
    assert served.get("/quality/articles/none").status_code == 404
    assert served.get("/quality/none").status_code == 404


class Asked:
    """As much of a request as a list reads."""

    def __init__(self, query: str) -> None:
        self.query_params = QueryParams(query)
        self.url = type("Url", (), {"path": "/quality/findings"})()


@pytest.mark.parametrize(
    ("query", "number", "first", "before", "after"),
    [
        ("", 1, 0, "", "/quality/findings?page=2"),
        ("page=2", 2, AT_ONCE, "/quality/findings?page=1", "/quality/findings?page=3"),
        ("page=3&code=KG", 3, 2 * AT_ONCE, "/quality/findings?code=KG&page=2", ""),
        ("page=99", 3, 2 * AT_ONCE, "/quality/findings?page=2", ""),
        ("page=0", 1, 0, "", "/quality/findings?page=2"),
        ("page=-1", 1, 0, "", "/quality/findings?page=2"),
        ("page=²", 1, 0, "", "/quality/findings?page=2"),
        (f"page={'9' * 5000}", 1, 0, "", "/quality/findings?page=2"),
    ],
)
def test_a_long_list_comes_in_pages(query: str, number: int, first: int, before: str, after: str) -> None:
    some = piece(range(2 * AT_ONCE + 1), Asked(query))  # type: ignore[arg-type]
    assert (some.number, some.last, some.total, some.rows[0]) == (number, 3, 2 * AT_ONCE + 1, first)
    assert (some.before, some.after) == (before, after)


def test_a_list_of_nothing_is_one_page() -> None:
    none: list[RecordedFinding] = []
    some = piece(none, Asked("page=4"))  # type: ignore[arg-type]
    assert (some.number, some.last, some.total, list(some.rows), some.before, some.after) == (1, 1, 0, [], "", "")
