"""The quality of a graph: each number that a question gives is counted another way, on two projects."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from kg.cli import cli
from kg.core.errors import Finding, Place, Severity
from kg.core.model import Span
from kg.core.terms import CODE, CQ, RULE, SH, TYPE, cq
from kg.core.values import lexical
from kg.docs.gather import documentation
from kg.docs.model import ClassDoc, Documentation
from kg.mapping.sentences import sentences
from kg.mapping.texts import touched
from kg.pipeline.check import check
from kg.pipeline.dataset import report_lines
from kg.project.settings import DEFAULT_BASE, Project, load_project
from kg.questions.graph import Graph, open_graph
from kg.questions.query import find_query, run
from kg.store.embedded import memory_store
from kg.store.lines import line_quad
from kg.web.app import application
from kg.web.pages.page_queries import findings_by, uses_of
from kg.web.pages.quality import FIRST, TAG, quality_first
from kg.web.site import open_site
from kg.web.snapshot import Snapshot
from tests.dumps import dump
from tests.pages import Html, faults

ROOT = Path(__file__).parent.parent
Row = dict[str, str]


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

    def rows(self, name: str, **arguments: str) -> list[Row]:
        """Return the rows of a question as texts."""
        found = run(self.graph, find_query(self.project, name), arguments)
        return [
            {column: lexical(term) if term else "" for column, term in zip(found.variables, row, strict=True)}
            for row in found.rows
        ]


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
    rows = case.rows("findings")
    assert Counter((r["rule"], r["severity"], r["message"], r["node"], r["place"]) for r in rows) == Counter(
        (RULE + f.code, str(f.severity), f.message, f.focus, str(f.place)) for f in checked
    )
    by_rule = Counter(row["rule"] for row in rows)
    assert {r["rule"]: int(r["findings"]) for r in case.rows("findings-by-rule") if r["findings"] != "0"} == by_rule
    for rule, number in by_rule.items():
        code = rule.removeprefix(RULE)
        assert [row["rule"] for row in case.rows("findings", code=code)] == [rule] * number
        assert findings_by(case.graph, f"<{rule}>") == number


def test_what_is_accepted_is_no_finding_but_has_its_reason(case: Case) -> None:
    accepted = case.rows("accepted-findings")
    reports = [quad for quad in case.quads if quad.predicate.value == CQ + "acknowledges"]
    assert len(accepted) == len(reports)
    assert all(row["reason"] and row["place"] for row in accepted)
    open_ones = {(row["rule"], row["node"]) for row in case.rows("findings")}
    assert not open_ones & {(row["rule"], row["node"]) for row in accepted}
    counted = {row["rule"]: int(row["accepted"]) for row in case.rows("findings-by-rule") if row["accepted"] != "0"}
    assert counted == Counter(row["rule"] for row in accepted)


def test_a_place_outside_the_project_is_not_published() -> None:
    inside = Finding(Place("data/a.yaml", 3, 5), Severity.WARNING, "KG-S0001", "wrong", focus="https://a.example/x")
    outside = replace(inside, place=Place("/home/somebody/a.yaml"), message="wrong too")
    quads = list(map(line_quad, report_lines([inside, outside], [], "https://a.example/")))
    assert [quad.object for quad in quads if quad.predicate == cq("fileLocation")] == ['"data/a.yaml:3:5"']
    assert sum(quad.predicate == f"<{SH}result>" for quad in quads) == 2


# -------- articles


def test_facts_of_articles_are_nodes_of_a_class_of_facts_with_words(case: Case) -> None:
    counted: dict[str, set[str]] = defaultdict(set)
    kinds = case.graph.subclasses("Fact")
    facts = {str(q.subject) for q in case.facts if f"<{q.predicate.value}>" == TYPE and str(q.object) in kinds}
    for quad in case.facts:
        if quad.predicate.value == CQ + "evidence" and str(quad.subject) in facts:
            counted[str(quad.graph_name)[1:-1]].add(str(quad.subject))
    rows = case.rows("coverage")
    assert {r["article"]: int(r["facts"]) for r in rows if int(r["facts"])} == {a: len(f) for a, f in counted.items()}
    files = {file.stem for file in (case.project.data / "articles").glob("*.yaml")}
    assert sorted(row["article"].rpartition("/")[2] for row in rows) == sorted(files)
    [in_all] = [row for row in case.rows("in-numbers") if row["measure"] == "facts"]
    assert int(in_all["number"]) == sum(map(len, counted.values()))


def test_review_statuses_are_those_of_the_mappings(case: Case) -> None:
    written = Counter(
        re.search(r"status: (\w+)", file.read_text(encoding="utf-8"))[1]  # type: ignore[index]
        for file in (case.project.data / "articles").glob("*.yaml")
    )
    assert Counter(row["state"].rpartition("/")[2] for row in case.rows("coverage")) == written
    assert {len(case.rows("coverage", status=status)) - n for status, n in written.items()} == {0}


def test_findings_of_articles_are_counted_with_their_article(case: Case) -> None:
    about = Counter(lexical(case.graph.article_of(f"<{row['node']}>") or '""') for row in case.rows("findings"))
    del about[""]
    assert {r["article"]: int(r["findings"]) for r in case.rows("coverage") if r["findings"] != "0"} == about


def test_dates_by_method_are_those_that_the_question_about_them_lists(case: Case) -> None:
    for row in case.rows("dates-by-method"):
        method = row["method"].rpartition("/")[2]
        times = {str(q.subject) for q in case.facts if q.object.value == f"{CODE}dateMethod/{method}"}
        assert int(row["dates"]) == len(times)
        assert row["meaning"]
        assert case.rows("inferred-dates", method=method)
        assert method != "Explicit"


# -------- sentences


def covered_by_the_graph(case: Case, article: str) -> set[str]:
    """Return the sentences that the graph itself tells, each stretch cut into its sentences."""
    told = [q.object.value for q in case.facts if q.predicate.value == CQ + "sentence"]
    names = [str(q.graph_name)[1:-1] for q in case.facts if q.predicate.value == CQ + "sentence"]
    mine = [stretch for stretch, name in zip(told, names, strict=True) if name == article]
    return {stretch[part.start : part.end] for stretch in mine for part in sentences(stretch)}


def test_sentences_are_those_of_the_text_and_covered_those_of_the_evidence(case: Case) -> None:
    texts = {str(q.subject)[1:-1]: q.object.value for q in case.facts if q.predicate.value == CQ + "text"}
    assert texts
    for row in case.rows("coverage"):
        text = texts.get(row["article"], "")
        assert int(row["sentences"]) == len(sentences(text))
        assert int(row["uncovered"]) == int(row["sentences"]) - int(row["covered"])
        if text:
            folded = {" ".join(text[part.start : part.end].split()) for part in sentences(text)}
            resting = {" ".join(sentence.split()) for sentence in covered_by_the_graph(case, row["article"])}
            assert int(row["covered"]) == len(folded & resting)


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

SORTS = ("class", "property", "code")


def test_uses_are_those_counted_in_the_dump(case: Case) -> None:
    told = documentation(case.project)
    properties = Counter(q.predicate.value for q in case.facts if q.predicate.value.startswith(CQ))
    typed = Counter(q.object.value for q in case.facts if str(q.predicate) == TYPE)
    classes = {
        doc.iri: sum(typed[other.iri] for other in told.classes.values() if doc in (other, *lineage(told, other)))
        for doc in told.classes.values()
        if not doc.abstract
    }
    codes = {code.iri for doc in told.classes.values() for code in doc.codes}
    values = Counter(q.object.value for q in case.facts if isinstance(q.object, ox.NamedNode))
    rows = case.rows("term-usage")
    by_sort = {sort: {r["term"]: int(r["uses"]) for r in rows if r["sort"] == sort} for sort in SORTS}
    assert by_sort["property"] == properties
    assert by_sort["class"] == {iri: number for iri, number in classes.items() if number}
    assert by_sort["code"] == {iri: values[iri] for iri in codes if values[iri]}
    assert uses_of(case.graph, properties, "property") == properties
    assert uses_of(case.graph, by_sort["code"], "code") == by_sort["code"]
    assert uses_of(case.graph, [cq("Event")[1:-1]], "class").get(CQ + "Event", 0) == typed[CQ + "Event"]


def lineage(told: Documentation, doc: ClassDoc) -> Sequence[ClassDoc]:
    """Return the classes above one."""
    return [told.classes[name] for name in doc.lineage if name in told.classes]


def test_a_term_is_used_or_unused_and_none_is_both(case: Case) -> None:
    told = documentation(case.project)
    used = {row["term"] for row in case.rows("term-usage")}
    unused = {row["term"] for row in case.rows("unused-terms")}
    kinds = {doc.iri for doc in told.classes.values() if not (doc.abstract or doc.is_code_list)}
    terms = {doc.iri for doc in told.properties.values()} | {c.iri for doc in told.classes.values() for c in doc.codes}
    assert not used & unused
    assert {iri for iri in kinds | terms if iri.rpartition("#")[2] not in told.replaced} == used | unused


# -------- pages


def test_the_page_has_the_first_rows_of_each_question_about_quality(case: Case, served: TestClient) -> None:
    page = served.get("/quality")
    assert (page.status_code, faults(Html(page.text))) == (200, [])
    site = open_site(case.project)
    tagged = [query for query in site.queries if TAG in query.tags]
    site.close()
    assert len(tagged) >= 8
    for query in tagged:
        rows = run(case.graph, query, {}).rows
        section = page.text.partition(f'<section aria-labelledby="{query.name}">')[2].partition("</section>")[0]
        assert f"{len(rows)} row" in section
        assert section.count("<tr>") == min(len(rows), FIRST) + bool(rows)
        assert (f"All {len(rows)} rows" in section) == (len(rows) > FIRST)
    for row in case.rows("in-numbers"):
        assert f'<li><a href="/questions/{row["question"]}"><b>{row["number"]}' in page.text


def test_links_lead_to_pages_of_ours(served: TestClient) -> None:
    for path in ("/quality", "/questions/findings", "/questions/accepted-findings", "/questions/coverage"):
        for address in Html(served.get(path).text).links():
            if address.startswith(("/ontology", "/quality", "/questions", "/article")):
                assert served.get(address.partition("#")[0]).status_code in (200, 410), address  # 410: retracted


def test_a_page_of_a_rule_leads_to_its_findings(case: Case, served: TestClient) -> None:
    for row in case.rows("findings-by-rule"):
        code = row["ruleLabel"]
        page = served.get(f"/ontology/finding/{code}").text
        assert (f'/questions/findings?code={code}">{row["findings"]} finding' in page) == (row["findings"] != "0")


def test_what_is_accepted_is_no_finding_on_the_first_page_and_on_that_of_its_article(
    case: Case, served: TestClient
) -> None:
    words = {"info": "remark", "warning": "warning"}
    counted = Counter(words[row["severity"]] for row in case.rows("findings"))
    first = served.get("/").text
    for word in words.values():
        assert (f"{counted[word]} {word}" in first) == bool(counted[word])
        assert bool(counted[word]) == (re.search(rf"[0-9] {word}", first) is not None)
    for row in case.rows("accepted-findings"):
        article = case.graph.article_of(f"<{row['node']}>")[1:-1].removeprefix(case.project.base)
        assert row["ruleLabel"] not in served.get(f"/{article}.html").text


def test_what_is_not_there_is_not_found(served: TestClient) -> None:
    assert served.get("/quality/none").status_code == 404


class Nothing:
    """A graph with no quads."""

    def __init__(self, base: str) -> None:
        self._graph = Graph(memory_store([]), base)

    def snapshot(self) -> Iterator[Snapshot]:
        yield Snapshot(self._graph, "1")

    def close(self) -> None:
        """Let go of nothing."""


def test_a_graph_without_a_report_says_so(case: Case) -> None:
    with closing(open_site(case.project, Nothing(case.project.base))) as site:
        page = TestClient(application(site)).get("/quality").text
    assert "This graph has no validation report." in page
    assert page.count('<p class="empty">None.</p>') > 1


QUESTION = """\
#+ question: What is this?
#+ tags: [own, quality]
#+ params: {thing: {type: Entity, required: true}}
SELECT ?thing ?kind WHERE { GRAPH ?graph { ?thing a ?kind } }
"""


def test_a_question_of_ones_own_is_on_the_page_by_its_tag(case: Case) -> None:
    folder = case.project.root / "queries"
    folder.mkdir(exist_ok=True)
    own, numbers = folder / "mine.rq", folder / "in-numbers.rq"
    own.write_text(QUESTION, encoding="utf-8")
    numbers.write_text("#+ question: How many?\nSELECT ?a WHERE { GRAPH ?graph { ?a ?b ?c } }\n", encoding="utf-8")
    try:
        with closing(open_site(replace(case.project, queries=(folder,)))) as site:
            page = TestClient(application(site)).get("/quality")
    finally:
        shutil.rmtree(folder)
    assert (page.status_code, faults(Html(page.text))) == (200, [])
    assert "What is this?" in page.text
    assert "needs a value" in page.text
    assert 'class="counts"' not in page.text


def test_with_many_articles_the_page_shows_only_answers_made_beforehand(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.web.pages.quality.MOST_ARTICLES", 0)
    with closing(open_site(case.project)) as site, site.snapshot() as snapshot:
        client = TestClient(application(site))  # without its life cycle nothing is asked in the background
        own = [query for query in site.queries if TAG in query.tags]
        assert client.get("/quality").text.count("ask it on its own page") == len(own)
        assert {query.name for query in quality_first(site.queries)[: len(own)]} <= {
            "in-numbers",
            *(q.name for q in own),
        }
        site.canned.prepare(snapshot, quality_first(site.queries), lambda: True)
        assert "ask it on its own page" not in client.get("/quality").text
