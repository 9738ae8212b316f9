"""What a question leaves out is supplied: labels, dates, standing, parameters and prefixes.

A case is a file of `tests/query/short`; beside it, as `.whole`, the query that it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from kg.core.terms import CODE, CQ, RDFS
from kg.core.values import lexical
from kg.planning.guard import tokens
from kg.questions.columns import COLUMNS, Short
from kg.questions.graph import Graph, prefix_table
from kg.questions.query import all_queries, bound_text, run
from kg.questions.queryfile import read_query
from kg.questions.question import Query
from kg.questions.sparql import bound_variables, where_group
from kg.store.embedded import memory_store
from tests.questions import ROOT, project

SHORT = Path(__file__).parent / "query" / "short"
CASES = sorted(SHORT.glob("*.rq"))
BASE = "https://example.org/kg/"
ARTICLE = f"<{BASE}article/a>"


@cache
def prefixes() -> Mapping[str, str]:
    return prefix_table([ROOT / "ontology"])


def query_of(text: str) -> Query:
    query, findings = read_query("q", text, "q.rq", prefixes())
    assert findings == ()
    assert query is not None
    return query


def graph(*said: tuple[str, str, str, str]) -> Graph:
    """Return a graph of quads whose terms are local names of facts, terms of ours, codes, or literals."""
    return Graph(memory_store(f"{_term(s)} {_term(p)} {_term(o)} {g} ." for s, p, o, g in said), BASE)


def _term(name: str) -> str:
    if name.startswith(("<", '"')):
        return name
    if name == "label":
        return f"<{RDFS}label>"
    return f"<{CQ}{name[3:]}>" if name.startswith("cq:") else f"<{BASE}article/a/{name}>"


def texts(found: Graph, query: Query) -> list[tuple[str, ...]]:
    return [tuple(lexical(term) if term else "" for term in row) for row in run(found, query, {}).rows]


# -------- text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_short_question_stands_for_exactly_this_one(case: Path) -> None:
    whole = query_of(case.read_text(encoding="utf-8")).text
    assert whole == case.with_suffix(".whole").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_whole_question_stands_for_itself(case: Path) -> None:
    whole = query_of(case.read_text(encoding="utf-8")).text
    assert query_of(whole).text == whole


def test_every_whole_question_binds_its_columns_and_stands_for_itself() -> None:
    for query in all_queries(project())[0]:
        if query.form == "SELECT":
            assert Short(query.text).unbound == (), query.name
        assert query_of(query.text).text == query.text, query.name


def test_what_a_project_fills_in_is_all_that_differs_between_projects() -> None:
    query = query_of("#+ question: What?\nSELECT ?x ?xLabel { GRAPH graph:derived { ?x cq:story ?y } }")
    found = bound_text(graph(), query, {})
    assert "PREFIX graph: <https://example.org/kg/graph/>  #+ graphs" in found
    assert found.replace(BASE, "https://w3id.org/communique/") == query.text


def test_a_question_is_no_longer_than_its_answer_needs() -> None:
    """What every question would repeat is in none: a line of this kind has an owner."""
    repeated = (
        "whenEarliest ?earliest",
        "reportedAsLabel }",
        "articleLabel }",
        "datingLabel }",
        "#+ graph ",
        "PREFIX ",
    )
    two_owners = {"replaced-officials"}  # the date is that of the change, or of the beginning of the post
    for query in all_queries(project())[0]:
        found = [words for words in repeated if words in query.source and query.name not in two_owners]
        assert found == [], query.name


# -------- which variables are bound


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("SELECT ?a { GRAPH ?g { ?a ?p (?b ?c) } }", "a b c g p"),
        ("SELECT (STR(?a) AS ?b) { ?s ?p ?o }", "b o p s"),
        ("SELECT ?n { VALUES (?a ?b) { (1 2) } BIND (?z + 1 AS ?n) FILTER (?y > ?x && STR(?w) = 'v') }", "a b n"),
        ("SELECT ?a { ?a ?p ?b FILTER NOT EXISTS { ?a ?p ?c BIND (1 AS ?d) } MINUS { ?e ?p ?b } }", "a b p"),
        ("SELECT ?a { { SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b } GROUP BY ?a } }", "a n"),
        ("SELECT ?a { { SELECT * { ?a ?p ?b } } }", "a b p"),
        ("SELECT ?y (COUNT(?a) AS ?n) { ?a ?p ?d } GROUP BY (YEAR(?d) AS ?y) HAVING (?h > 1)", "a d n p y"),
        ("SELECT ?a ?b { ?a ?p ?o } VALUES ?b { 1 }", "a b o p"),
        ("SELECT ?a { ?a ?p ?o FILTER (EXISTS { ?a ?q ?c }) } ORDER BY ?d (!BOUND(?e))", "a o p"),
    ],
)
def test_what_a_pattern_binds_is_told_from_what_is_only_read(text: str, variables: str) -> None:
    assert " ".join(sorted(bound_variables(tuple(tokens(text))).all)) == variables


def test_only_what_stands_in_every_row_needs_no_guard() -> None:
    text = (
        "SELECT ?a { VALUES ?v { UNDEF } GRAPH ?g { ?a ?p ?b FILTER (?f > 1) } OPTIONAL { GRAPH ?h { ?a ?p ?c } }"
        " { GRAPH ?g { ?d ?p ?a } } UNION { GRAPH ?g { ?a ?p ?e } } }"
    )
    assert bound_variables(tuple(tokens(text))).always == {"a", "b", "g", "p"}


def test_the_group_of_a_query_is_found_behind_expressions_with_groups() -> None:
    text = "SELECT (EXISTS { ?a ?b ?c } AS ?x) WHERE { ?s ?p ?o { ?q ?r ?t } } VALUES ?z { 1 }"
    start, end = where_group(tuple(tokens(text)))
    assert text[start:end] == " ?s ?p ?o { ?q ?r ?t } "


# -------- rows


def test_a_label_is_empty_where_there_is_nothing_to_be_called() -> None:
    found = graph(
        ("part", "cq:participant", "mara", ARTICLE),
        ("part", "cq:onBehalfOf", "port", ARTICLE),
        ("other", "cq:participant", "li", ARTICLE),
        ("mara", "label", '"Mara Lind"', f"<{BASE}graph/registry>"),
        ("port", "label", '"Port"', f"<{BASE}graph/registry>"),
    )
    rows = texts(found, query_of((SHORT / "labels.rq").read_text(encoding="utf-8")))
    assert [(row[1], row[3]) for row in rows] == [("", ""), ("Mara Lind", "Port")]


def test_a_fact_has_its_date_its_word_and_its_article_and_is_left_out_when_displaced() -> None:
    reported, stated = f"<{CODE}reportedAs/Attributed>", f"<{CODE}dating/Stated>"
    said = [
        triple
        for fact in ("pact", "wrong")
        for triple in (
            (fact, "cq:stage", f"<{CODE}stage/Signed>", ARTICLE),
            (fact, "label", f'"{fact}"', ARTICLE),
            (fact, "cq:reportedAs", reported, ARTICLE),
            (fact, "cq:attributedTo", '"Li Wei"', ARTICLE),
            (fact, "cq:whenDating", stated, f"<{BASE}graph/derived>"),
            (fact, "cq:whenEarliest", '"2031-05-01"', f"<{BASE}graph/derived>"),
        )
    ]
    found = graph(
        *said,
        (ARTICLE, "label", '"An article"', ARTICLE),
        (stated, "label", '"stated"', f"<{BASE}graph/ontology>"),
        ("wrong", "cq:displacedBy", "pact", f"<{BASE}graph/derived>"),
    )
    query = query_of((SHORT / "fact.rq").read_text(encoding="utf-8"))
    row = dict(zip(query.columns, texts(found, query)[0], strict=True))
    assert [
        row[name] for name in ("pactLabel", "earliest", "latest", "datingLabel", "accordingTo", "articleLabel")
    ] == [
        "pact",
        "2031-05-01",
        "",
        "stated",
        "Li Wei",
        "An article",
    ]
    assert len(texts(found, query)) == 1


def test_a_users_word_for_a_column_goes_before_ours() -> None:
    text = '#+ question: What?\nSELECT ?x ?xLabel { GRAPH ?g { ?x cq:stage ?s } BIND ("mine" AS ?xLabel) }'
    found = graph(("x", "cq:stage", "s", ARTICLE), ("x", "label", '"theirs"', ARTICLE))
    assert texts(found, query_of(text))[0][1] == "mine"


def test_every_column_that_is_supplied_is_described() -> None:
    told = (ROOT / "docs" / "explanation" / "reading-layer.md").read_text(encoding="utf-8")
    for name in COLUMNS:
        assert f"?{name}`" in told or f"?x{name[0].upper()}{name[1:]}`" in told, name


def test_the_question_keeps_the_file_as_it_is_written() -> None:
    text = (SHORT / "labels.rq").read_text(encoding="utf-8")
    assert query_of(text).source == text
    assert replace(query_of(text), text="").source == text
