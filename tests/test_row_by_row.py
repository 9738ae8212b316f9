"""Oxigraph evaluates the later blocks of a canned question row by row, and gives the rows that it gives otherwise.

The rows of all canned questions are in tests/queries; these are the blocks for which the rows could differ.
"""

from __future__ import annotations

import re

import pytest
from pyoxigraph import QuerySolutions

from kg.planning.row_by_row import HEADER, row_by_row
from kg.store.embedded import EmbeddedStore, memory_store
from tests.questions import NAMES, question

PREFIX = "PREFIX e: <https://e.org/>\n"
LINES = [
    f"<https://e.org/{s}> <https://e.org/{p}> {o} <https://e.org/{g}> ."
    for s, p, o, g in (
        ("a", "p", "<https://e.org/b>", "g"),
        ("b", "q", "<https://e.org/c>", "g"),
        ("b", "q", "<https://e.org/d>", "h"),
        ("c", "r", "<https://e.org/a>", "g"),
        ("d", "r", "<https://e.org/b>", "h"),
        ("a", "n", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', "g"),
        ("c", "n", '"2"^^<http://www.w3.org/2001/XMLSchema#integer>', "g"),
        ("e", "p", "<https://e.org/f>", "g"),
        ("b", "p", "<https://e.org/b>", "h"),
    )
]

ROW_BY_ROW = (
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?b e:q ?c . ?c e:r ?d } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?b e:q ?c } FILTER (?g != ?h) }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?b e:q ?c . ?c e:n ?n FILTER (?n > 1) } }",
    "GRAPH ?g { ?a e:p ?b } BIND (?b AS ?e) GRAPH ?h { ?e e:q ?c . ?c e:r ?d }",
    "GRAPH ?g { ?a e:p ?b } { GRAPH ?g { ?b e:q ?c } } UNION { GRAPH e:h { ?b e:q ?c . ?c e:r ?d } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { SELECT ?b (COUNT(?c) AS ?n) { GRAPH ?h { ?b e:q ?c } } GROUP BY ?b }",
    "VALUES ?a { UNDEF } { GRAPH ?g { ?a e:p ?b } MINUS { GRAPH ?h { ?a e:n ?n } } } UNION { GRAPH ?g { ?b e:r ?a } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?b e:q ?c } OPTIONAL { GRAPH ?h { ?c e:n ?n } } }",
)
LEFT_ALONE = (
    "GRAPH ?g { ?a e:n ?n } OPTIONAL { GRAPH ?h { ?c e:n ?m FILTER (?m > ?n) } }",
    "GRAPH ?g { ?a e:n ?n } OPTIONAL { { GRAPH ?h { ?c e:n ?m } FILTER (?m > ?n) } }",
    "GRAPH ?g { ?a e:p ?b } { GRAPH ?h { ?c e:r ?d } FILTER (!BOUND(?b)) } UNION { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } { GRAPH ?h { ?c e:r ?d } BIND (?d AS ?b) } UNION { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } { GRAPH ?h { ?c e:r ?d } BIND (BOUND(?b) AS ?e) } UNION { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?c e:r ?d } OPTIONAL { GRAPH ?h { ?c e:r ?b } } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?c e:r ?d } MINUS { GRAPH ?h { ?c e:n ?b } } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?c e:r ?d } MINUS { GRAPH ?k { ?x e:n ?y } } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?c e:r ?d FILTER NOT EXISTS { ?b e:q ?d } } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { SELECT ?b ?c { GRAPH ?h { ?b e:q ?c } } ORDER BY ?c LIMIT 1 }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { SELECT (COUNT(?b) AS ?n) { GRAPH ?h { ?b e:q ?c } } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { SELECT ?b (COUNT(?a) AS ?n) { GRAPH ?h { ?b e:q ?a } } GROUP BY ?b }",
)
"""Blocks that look at a variable, or count a row, that only the rows before them have."""

EARLY = (
    "GRAPH ?g { ?a e:p ?b } FILTER (?a = e:a) OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } FILTER NOT EXISTS { GRAPH ?k { ?b e:q ?x } }"
    " GRAPH ?h { ?a ?y ?z } OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a ?p ?b } OPTIONAL { GRAPH ?h { ?b e:q ?c } } FILTER (!BOUND(?c)) BIND (COALESCE(?c, ?a) AS ?d)"
    " OPTIONAL { GRAPH ?h { ?d e:n ?n } }",
)
LATE = (
    "GRAPH ?g { ?a e:p ?b } FILTER (BOUND(?c)) OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } FILTER (BOUND(?c)) FILTER (?a = e:a) OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } FILTER (?d = e:b) OPTIONAL { GRAPH ?h { ?b e:q ?c } } BIND (?b AS ?d)",
    "GRAPH ?g { ?a e:p ?b } FILTER NOT EXISTS { GRAPH ?g { ?c e:n ?n } } OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?a e:q ?c } } FILTER (!BOUND(?c))"
    " OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
)
"""Conditions on what is bound only after them."""

VALUE = "VALUES ?x { e:b }  #+ param x\n"
RESTRICTED = (
    "GRAPH ?g { ?a e:p ?b } FILTER (!BOUND(?x) || ?x = ?b)",
    "GRAPH ?g { ?a ?y ?b } FILTER (!BOUND(?x) || ?a = ?x || ?b = ?x) OPTIONAL { GRAPH ?h { ?b e:q ?c } }",
    "GRAPH ?g { ?a ?y ?b } GRAPH ?h { ?c ?z ?a } FILTER (!BOUND(?x) || ?x = ?c || ?x = ?b)",
    "GRAPH ?g { ?a e:q ?b } GRAPH ?h { ?b e:r ?c } FILTER (!BOUND(?x) || EXISTS { GRAPH ?k { ?c e:p ?x } })",
    "VALUES ?y { e:p e:q } GRAPH ?g { ?a ?y ?b }"
    " FILTER (!BOUND(?x) || EXISTS { GRAPH ?k { ?x ?z ?c } GRAPH ?g { ?a ?w ?c } })",
    "{ SELECT ?a ?b (COUNT(?y) AS ?c) { GRAPH ?g { ?a ?y ?b } } GROUP BY ?a ?b }"
    " FILTER (!BOUND(?x) || ?a = ?x || ?b = ?x)",
)
UNRESTRICTED = (
    "GRAPH ?g { ?a e:p ?b } OPTIONAL { GRAPH ?h { ?b e:q ?c } } FILTER (!BOUND(?x) || ?x = ?c)",
    "GRAPH ?g { ?a e:p ?b } FILTER (!BOUND(?x) || ?x != ?b)",
    "GRAPH ?g { ?a e:p ?b } FILTER (!BOUND(?x) || (BOUND(?b) && ?x = ?b))",
    "GRAPH ?g { ?a e:p ?b } FILTER (!BOUND(?x) || EXISTS { GRAPH ?h { ?x e:q ?y } })",
    "GRAPH ?g { ?a e:p ?b } FILTER (!BOUND(?x) || EXISTS { GRAPH ?h { ?x e:q ?y FILTER (?y != ?b) } })",
    "GRAPH ?g { ?a e:p ?b } FILTER (!BOUND(?x) || NOT EXISTS { GRAPH ?h { ?b e:q ?x } })",
    "GRAPH ?g { ?a e:p ?x } FILTER (!BOUND(?x) || ?x = ?a)",
    "GRAPH ?g { ?a e:p ?b OPTIONAL { ?b e:q ?c } } FILTER (!BOUND(?x) || ?x = ?b)",
)
"""Conditions on what not every row has, or that are no comparison of an argument."""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return memory_store(LINES)


def rows(store: EmbeddedStore, query: str) -> list[str]:
    result = store.engine.query(query)
    assert isinstance(result, QuerySolutions)
    return sorted(map(str, result))


@pytest.mark.parametrize("pattern", [*ROW_BY_ROW, *LEFT_ALONE, *EARLY, *LATE])
def test_the_rows_are_the_same(store: EmbeddedStore, pattern: str) -> None:
    query = f"{PREFIX}SELECT * {{ {pattern} }}"
    assert rows(store, row_by_row(query)) == rows(store, query)


@pytest.mark.parametrize("value", ["e:b", "e:c", "e:a e:b", "UNDEF", '"b"'])
@pytest.mark.parametrize("form", ["SELECT DISTINCT ?a ?b ?c ?g", "SELECT ?a ?b ?c ?g"])
@pytest.mark.parametrize("pattern", [*RESTRICTED, *UNRESTRICTED])
def test_the_rows_for_an_argument_are_the_same(store: EmbeddedStore, pattern: str, form: str, value: str) -> None:
    query = f"{PREFIX}{form} {{\n{VALUE.replace('e:b', value)}{pattern}\n}}"
    assert rows(store, row_by_row(query)) == rows(store, query)


@pytest.mark.parametrize("pattern", RESTRICTED)
def test_an_argument_is_looked_up_before_all_else(pattern: str) -> None:
    query = row_by_row(f"SELECT DISTINCT ?a ?b {{\n{VALUE}{pattern}\n}}")
    assert "!BOUND(?x)" not in query
    assert re.search(r"param x\n *(VALUES[^}]*}\s*)?LATERAL", query)


@pytest.mark.parametrize("pattern", UNRESTRICTED)
def test_another_condition_stays_a_condition(pattern: str) -> None:
    assert "FILTER (!BOUND(?x)" in row_by_row(f"SELECT DISTINCT ?a ?b {{\n{VALUE}{pattern}\n}}")


@pytest.mark.parametrize("pattern", RESTRICTED)
def test_without_an_argument_there_is_no_condition(pattern: str) -> None:
    assert "FILTER" not in row_by_row(f"SELECT ?a ?b {{\n{VALUE.replace('e:b', 'UNDEF')}{pattern}\n}}")


def test_a_literal_is_compared_by_its_value() -> None:
    assert "FILTER" in row_by_row(f"SELECT ?a {{\n{VALUE.replace('e:b', chr(34) * 2)}{RESTRICTED[0]}\n}}")


@pytest.mark.parametrize("pattern", ROW_BY_ROW)
def test_a_block_is_evaluated_for_each_row(pattern: str) -> None:
    assert "LATERAL" in row_by_row(f"SELECT * {{ {pattern} }}")


@pytest.mark.parametrize("pattern", LEFT_ALONE)
def test_a_block_that_looks_outside_is_left_alone(pattern: str) -> None:
    _, _, rest = row_by_row(f"SELECT * {{ {pattern} }}").partition("} ")
    assert rest
    assert not rest.startswith("LATERAL")


@pytest.mark.parametrize("pattern", EARLY)
def test_a_condition_is_checked_before_the_rest_is_looked_up(pattern: str) -> None:
    assert row_by_row(f"SELECT * {{ {pattern} }}").startswith("SELECT * { {\n")


@pytest.mark.parametrize("pattern", LATE)
def test_a_condition_on_what_comes_after_it_stays_where_it_is(pattern: str) -> None:
    assert row_by_row(f"SELECT * {{ {pattern} }}").startswith("SELECT * { GRAPH")


@pytest.mark.parametrize("form", ["CONSTRUCT { ?a e:x ?c }", "ASK", "DESCRIBE ?a"])
def test_other_forms_are_left_alone(form: str) -> None:
    query = f"{PREFIX}{form} WHERE {{ {ROW_BY_ROW[0]} }}"
    assert row_by_row(query) == query


def test_a_query_that_calls_a_server_is_left_alone() -> None:
    query = f"{PREFIX}SELECT * {{ {ROW_BY_ROW[0]} SERVICE e:s {{ }} }}"
    assert row_by_row(query) == query


def test_every_question_can_be_evaluated_row_by_row() -> None:
    assert all(HEADER in question(name).text for name in NAMES)


def test_the_values_of_parameters_stay_as_they_are() -> None:
    line = '  VALUES ?b { "a } b" "c { d" }  #+ param b'
    query = f"SELECT * {{\n{line}\n  GRAPH ?g {{ ?a e:p ?b }}\n  OPTIONAL {{ GRAPH ?h {{ ?b e:q ?c }} }}\n}}"
    assert row_by_row(query).split("\n") == [
        "SELECT * {",
        line,
        "  GRAPH ?g { ?a e:p ?b }",
        "  LATERAL { OPTIONAL { GRAPH ?h { ?b e:q ?c } } }",
        "}",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_optional_block_of_a_question_follows_its_rows(name: str) -> None:
    query = row_by_row(question(name).text)
    others = [found.start() for found in re.finditer("OPTIONAL", query) if query[: found.start()][-10:] != "LATERAL { "]
    assert [query[place : place + 40] for place in others] == []


@pytest.mark.parametrize("name", ["signed-values", "signed-value-by-place"])
def test_the_value_of_an_agreement_is_looked_up_for_each(name: str) -> None:
    _, _, rest = row_by_row(question(name).text).partition("AS ?agreement)")
    assert "LATERAL" in rest
    assert re.findall(r"^  (?:GRAPH|\{).*", rest, re.MULTILINE) == []


def test_what_must_not_exist_is_read_once_for_the_whole_graph() -> None:
    query = "SELECT ?a {{\nVALUES ?a {{ {} }}  #+ param a\n GRAPH ?g {{ ?a e:p ?b }} FILTER NOT EXISTS {{ {} }} }}"
    assert "MINUS { GRAPH ?h { ?a e:by ?c } }" in row_by_row(query.format("UNDEF", "GRAPH ?h { ?a e:by ?c }"))
    assert "MINUS" not in row_by_row(query.format("<https://e.org/a>", "GRAPH ?h { ?a e:by ?c }"))
    for other in ("GRAPH ?g { ?a e:by ?c }", "GRAPH ?h { ?d e:by ?c }", "GRAPH ?h { ?a e:by ?b }", "?a e:by ?c"):
        assert "MINUS" not in row_by_row(query.format("UNDEF", other))


def test_groups_are_restricted_to_the_values_of_an_argument() -> None:
    counted = "{ SELECT ?a (COUNT(?b) AS ?n) { GRAPH ?g { ?a e:p ?b } } GROUP BY ?a }"
    assert f"LATERAL {{ {counted} }}" in row_by_row(f"SELECT ?a ?n {{ VALUES ?a {{ e:a }} {counted} }}")
    assert "LATERAL" not in row_by_row(f"SELECT ?a ?n {{ VALUES ?b {{ e:a }} {counted} }}")
    assert "LATERAL" not in row_by_row(f"SELECT ?a ?n {{ VALUES ?c {{ e:a }} {counted} }}")
