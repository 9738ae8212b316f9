"""Rows are in the order that the engine gives them, whoever sorts them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.core.terms import XSD
from kg.planning.row_by_row import HEADER
from kg.planning.row_order import in_order, with_sort_columns, without_order
from kg.store.embedded import EmbeddedStore, memory_store

PREFIX = "PREFIX e: <https://e.org/>\n"
PATTERN = "?s e:p ?p ; e:l ?l OPTIONAL { ?s e:d ?d } OPTIONAL { ?s e:n ?n }"
QUERY = f"{PREFIX}SELECT ?s ?p ?l ?d ?n {{ GRAPH ?g {{ {PATTERN} }} }}"

SORTED_HERE = (
    "?s",
    "?p ?s",
    "DESC(?p) ASC(?s)",
    "STR(?l) ?s",
    "?d ?s",
    "DESC(?d) STR(?s)",
    "?n DESC(?s)",
    "DESC(?n) ?s",
    "(!BOUND(?d)) ?d ?s",
    "(?s != ?p) STR(?p) ?s",
)
LEFT_TO_THE_ENGINE = ("?l ?s", "?other ?s", "(?n != ?d) ?s", "?s LIMIT 3", "LCASE(STR(?s))", "?s OFFSET 2")


def lines() -> Iterator[str]:
    def line(number: int, name: str, value: str) -> str:
        return f"<https://e.org/s{number}> <https://e.org/{name}> {value} <https://e.org/g> ."

    for k in range(40):
        yield line(k, "p", f"<https://e.org/a{'/b' if k % 3 else ''}{'-x' if k % 2 else ''}>")
        yield line(k, "l", f'"T\u00e9{k % 7} \\"x\\""{"@en" if k % 5 == 0 else ""}')
        if k % 4:
            yield line(k, "d", f'"20{10 + k % 9}-01-0{1 + k % 8}"^^<{XSD}date>')
            half = k % 2 == 1
            yield line(k, "n", f'"{k * 7 % 11}{".5" if half else ""}"^^<{XSD}{"decimal" if half else "integer"}>')


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return memory_store(lines())


@pytest.mark.parametrize("conditions", [*SORTED_HERE, *LEFT_TO_THE_ENGINE])
def test_the_order_is_that_of_the_engine(store: EmbeddedStore, conditions: str) -> None:
    query = f"{QUERY} ORDER BY {conditions}"
    by_engine = [tuple(None if term is None else str(term) for term in row) for row in store.engine.query(query)]
    assert list(store.select(query).rows) == by_engine


@pytest.mark.parametrize("conditions", SORTED_HERE)
def test_simple_conditions_need_no_engine(store: EmbeddedStore, conditions: str) -> None:
    simple = without_order(f"{QUERY}\nORDER BY {conditions}\n")
    assert simple
    assert in_order(store.select(simple[0]), simple[1]) is not None


@pytest.mark.parametrize("conditions", LEFT_TO_THE_ENGINE)
def test_other_conditions_are_left_to_the_engine(store: EmbeddedStore, conditions: str) -> None:
    simple = without_order(f"{QUERY} ORDER BY {conditions}")
    assert simple is None or in_order(store.select(simple[0]), simple[1]) is None


def test_a_query_that_the_engine_must_order_is_not_run_in_another_way_first() -> None:
    assert without_order("SELECT ?s { ?s ?p ?l } ORDER BY (?s != ?p)") is None
    assert without_order("SELECT (STR(?l) AS ?text) { ?s ?p ?l } ORDER BY ?text") is not None
    assert without_order("SELECT * { ?s ?p ?l } ORDER BY (?s != ?p)") is not None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?a { ?a ?b ?c # } ORDER BY ?a",
        'SELECT ?a { ?a ?b "} ORDER BY ?a',
        "SELECT ?a { { SELECT ?a { ?a ?b ?c } ORDER BY ?a } }",
        "SELECT ?a { ?a ?b ?c }",
    ],
)
def test_an_order_that_may_not_be_the_last_clause_is_left_alone(query: str) -> None:
    assert without_order(query) is None


def test_a_cut_answer_has_the_first_rows(store: EmbeddedStore) -> None:
    answer = store.answer(f"{QUERY} ORDER BY DESC(?s)", 3)
    assert answer.cut
    assert answer.value == store.select(f"{QUERY} ORDER BY DESC(?s) LIMIT 3")


def test_a_canned_question_may_be_sorted_by_what_it_does_not_select(store: EmbeddedStore) -> None:
    query = f"{HEADER} Which?\n{PREFIX}SELECT ?p {{ GRAPH ?g {{ ?s e:p ?p ; e:l ?l }} }} ORDER BY STR(?l) ?s"
    assert with_sort_columns(query) == query.replace("SELECT ?p", "SELECT ?p ?l ?s")
    assert store.select(query).variables == ("p",)
    assert store.select(query).rows == tuple(row[:1] for row in store.select(with_sort_columns(query)).rows)


@pytest.mark.parametrize("select", ["DISTINCT ?p", "(?p AS ?q)", "*", "?p (1 AS ?q)"])
def test_other_selections_are_left_as_they_are(select: str) -> None:
    query = f"SELECT {select} {{ ?s ?p ?l }} ORDER BY ?l"
    assert with_sort_columns(query) == query
