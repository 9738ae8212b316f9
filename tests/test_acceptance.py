"""What curators answer for: accepted findings, inferred values, readings, and the status of single facts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from kg.cli import cli
from kg.core.errors import Finding, Place, Severity
from kg.core.model import Acceptance, Term
from kg.core.terms import CODE, CQ, SH
from kg.pipeline.acceptance import Codes, settled
from kg.pipeline.check import check
from kg.pipeline.report import Report
from kg.pipeline.steps import build
from kg.project.files import write_whole
from kg.project.settings import Project, load_project
from kg.questions.graph import open_graph
from kg.questions.query import all_queries, run
from kg.store.generations import current
from kg.web.app import application
from kg.web.site import open_site
from tests.test_messages import copy_of_base

ARTICLE = """\
article:
  title: Harbour authority receives the university
  publisher: gazette
  published: 2031-05-02
  language: en
  textKind: Full
  text: The director, Mara Lind, received Jonas Thorsen on Thursday.
  {article}
curation: {{curator: jd, on: 2031-05-03, status: Reviewed}}
facts:
  director:
    type: Tenure
    holder: mara-lind
    title: Director
    quote: The director, Mara Lind
    {director}
  meeting:
    type: Meeting
    name: Reception
    date: {{asWritten: on Thursday, edtf: 2031-05-01, method: WeekdayFromPublication}}
    occurrence: Occurred
    participation:
      - {{participant: mara-lind, side: Host, capacity: director{participant}}}
    quote: Mara Lind, received Jonas Thorsen on Thursday
    {meeting}
"""
ONE_SIDE = "accept: {KG-S0141: the article names one side only}"
NO_BODY = "accept: {KG-S0320: the article names no body}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load_project(copy_of_base(tmp_path / "project"))


def with_article(project: Project, **lines: str) -> Project:
    """Return *project* with the article and these lines in it; a place without one stays empty."""
    places = dict.fromkeys(("article", "director", "meeting", "participant"), "") | lines
    write_whole(project.root / "data/articles/visit.yaml", ARTICLE.format(**places))
    return project


def codes(report: Report) -> list[str]:
    return sorted(finding.code for finding in report.findings)


def acknowledged(report: Report) -> Mapping[str, str]:
    return {each.finding.code: each.reason for each in report.acknowledged}


def selected(project: Project, query: str) -> list[tuple[Term | None, ...]]:
    """Return the rows of *query* on the generation that is current."""
    generation = current(project.build)
    assert generation is not None
    with generation:
        return list(generation.store().select(query).rows)


# -------- accept


def test_what_is_not_accepted_stays_open(project: Project) -> None:
    assert codes(check(with_article(project))) == ["KG-S0141", "KG-S0320"]


def test_an_accepted_finding_is_acknowledged_and_not_reported_again(project: Project) -> None:
    report = check(with_article(project, meeting=ONE_SIDE, director=NO_BODY))
    assert report.findings == ()
    assert acknowledged(report) == {
        "KG-S0141": '"the article names one side only"@en',
        "KG-S0320": '"the article names no body"@en',
    }


def test_it_is_the_same_from_the_cache_and_for_one_file(project: Project) -> None:
    build(with_article(project, meeting=ONE_SIDE, director=NO_BODY))
    for report in (check(project), check(project, [str(project.root / "data/articles/visit.yaml")])):
        assert (report.findings, len(report.acknowledged)) == ((), 2)


def test_a_fact_does_not_answer_for_another_nor_the_article_for_its_facts(project: Project) -> None:
    assert codes(check(with_article(project, director=ONE_SIDE, article=NO_BODY))) == [
        *("KG-M025", "KG-M025"),
        *("KG-S0141", "KG-S0320"),
    ]


def test_a_build_keeps_what_is_acknowledged_beside_the_results_with_its_reason(project: Project) -> None:
    outcome = build(with_article(project, meeting=ONE_SIDE, director=NO_BODY))
    assert (outcome.report.findings, len(outcome.report.acknowledged)) == ((), 2)
    rows = selected(
        project,
        f"SELECT ?code ?reason WHERE {{ GRAPH ?graph {{ ?report <{CQ}acknowledges> ?result ; <{SH}conforms> true ."
        f" ?result <{SH}sourceShape> ?code ; <{CQ}reason> ?reason }} }}",
    )
    assert {str(code)[-9:-1]: reason for code, reason in rows} == acknowledged(outcome.report)
    assert selected(project, f"SELECT ?result WHERE {{ GRAPH ?graph {{ ?report <{SH}result> ?result }} }}") == []


def test_what_is_acknowledged_is_counted_by_the_command_and_shown_with_its_reason_on_the_pages(
    project: Project,
) -> None:
    written = with_article(project, meeting=ONE_SIDE + "\n    reading: it was held", director=NO_BODY)
    done = CliRunner().invoke(cli, ["-C", str(project.root), "check"])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[1] == "2 findings acknowledged, 1 fact by a curator's reading"
    build(written)
    with TestClient(application(open_site(project))) as client:
        assert "<b>2</b> accepted findings" in client.get("/quality").text
        page = client.get("/questions/accepted-findings?code=KG-S0141").text
    assert "the article names one side only" in page
    assert "the article names no body" not in page
    with open_graph(project) as graph:
        question = next(query for query in all_queries(project)[0] if query.name == "findings")
        assert run(graph, question, {}).rows == ()


def test_a_finding_across_articles_is_accepted_where_it_points_and_waits_where_only_one_file_is_checked(
    project: Project,
) -> None:
    registry = project.root / "data/registry/more.yaml"
    accept = "accept: {KG-C009: articles on her are to come}"
    write_whole(registry, f"ada-noon: {{type: Person, name: Ada Noon, {accept}}}\n")
    assert list(acknowledged(check(project))) == ["KG-C009"]
    assert codes(check(project, [str(registry)])) == []
    write_whole(registry, "ada-noon: {type: Person, name: Ada Noon}\n")
    assert codes(check(project)) == ["KG-C009"]


NODE = "<https://example.org/fact>"


def finding(code: str, severity: Severity = Severity.WARNING, focus: str = NODE[1:-1]) -> Finding:
    return Finding(Place("a.yaml", 1), severity, code, "it is so", "", focus)


def accepted(code: str, *nodes: str) -> Acceptance:
    return Acceptance(code, '"so it is"@en', Place("a.yaml", 2), (NODE, *nodes))


KNOWN = Codes(
    {"KG-S1": Severity.WARNING, "KG-S2": Severity.ERROR, "KG-M1": None, "KG-C1": Severity.INFO}, frozenset({"KG-C1"})
)


@pytest.mark.parametrize(
    ("findings", "code", "left"),
    [
        pytest.param([finding("KG-S1")], "KG-S1", [], id="it arises"),
        pytest.param([finding("KG-S1", focus="")], "KG-S1", ["KG-S1", "KG-M025"], id="on no node"),
        pytest.param([finding("KG-S2", Severity.ERROR)], "KG-S2", ["KG-S2", "KG-M024"], id="an error"),
        pytest.param([], "KG-S2", ["KG-M024"], id="an error that does not arise"),
        pytest.param([finding("KG-M1", Severity.ERROR)], "KG-M1", ["KG-M1", "KG-M024"], id="an error by its finding"),
        pytest.param([], "KG-S9", ["KG-M023"], id="unknown"),
        pytest.param([], "KG-S1", ["KG-M025"], id="idle"),
        pytest.param([], "KG-C1", [], id="of a check that was not applied"),
        pytest.param([finding("KG-M1", Severity.ERROR)], "KG-S1", ["KG-M1"], id="perhaps hidden by an error"),
    ],
)
def test_what_is_accepted_is_settled(findings: list[Finding], code: str, left: list[str]) -> None:
    assert [each.code for each in settled(findings, [accepted(code)], KNOWN).open] == left


# -------- inferred, reading, status


def test_reasons_of_the_curator_are_data_of_the_fact_and_counted(project: Project) -> None:
    written = with_article(
        project,
        participant=", inferred: {participant: there is one director}",
        meeting="reading: it was held\n    status: Draft\n    " + ONE_SIDE,
        director=NO_BODY,
    )
    assert check(written).reasoned == {"reading": 1, "inferred": 1}
    build(written)
    rows = selected(
        project,
        f"SELECT ?reading ?status ?inference ?property ?reason WHERE {{ GRAPH ?article {{ ?fact <{CQ}reading>"
        f" ?reading ; <{CQ}status> ?status ; <{CQ}participation> ?part . ?part <{CQ}inferred> ?inference ."
        f" ?inference <{CQ}inferredProperty> ?property ; <{CQ}reason> ?reason }} }}",
    )
    part = f"{project.base}article/visit/meeting/participation/mara-lind"
    assert rows == [
        (
            '"it was held"@en',
            f"<{CODE}reviewStatus/Draft>",
            f"<{part}/inferred/participant>",
            f"<{CQ}participant>",
            '"there is one director"@en',
        )
    ]


@pytest.mark.parametrize(("own", "status"), [("", "Draft"), (", status: Reviewed", "Reviewed")])
def test_what_is_nested_in_a_draft_is_one_unless_it_says_more(own: str, status: str, project: Project) -> None:
    build(with_article(project, participant=own, meeting="status: Draft\n    " + ONE_SIDE, director=NO_BODY))
    rows = selected(project, f"SELECT ?node ?status WHERE {{ GRAPH ?article {{ ?node <{CQ}status> ?status }} }}")
    found = {str(node).rpartition("/visit/")[2]: code for node, code in rows}
    assert found["meeting>"] == f"<{CODE}reviewStatus/Draft>"
    assert found["meeting/participation/mara-lind>"] == f"<{CODE}reviewStatus/{status}>"


def test_a_nested_node_stays_the_same_one_when_a_reason_is_given_for_it() -> None:
    from kg.mapping.read import read_yaml
    from kg.mapping.tables import content_lines

    bare, reasoned = (
        read_yaml(f"a: {{party: x{more}}}\n", "a.yaml")[0]
        for more in ("", ", accept: {KG-S0141: so it is}, inferred: {party: it is}, reading: so, status: Draft")
    )
    assert bare is not None
    assert reasoned is not None
    assert list(content_lines(bare)) == list(content_lines(reasoned))
