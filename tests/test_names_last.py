"""Rows are grouped before names are looked up, with the same answer."""

from __future__ import annotations

import pytest

from kg.core.terms import LABEL
from kg.planning.names_last import names_last
from kg.store.embedded import EmbeddedStore, memory_store

LINES = [
    *(f"<https://e.org/f{k}> <https://e.org/about> <https://e.org/t{k % 4}> <https://e.org/g> ." for k in range(12)),
    *(f"<https://e.org/f{k}> <https://e.org/by> <https://e.org/p{k % 2}> <https://e.org/g> ." for k in range(5)),
    *(f'<https://e.org/t{k}> {LABEL} "{name}" <https://e.org/r> .' for k, name in enumerate(("d", "b", "b"))),
    f'<https://e.org/t0> {LABEL} "another" <https://e.org/r> .',
    f'<https://e.org/p0> {LABEL} "p" <https://e.org/r> .',
]
ABOUT = "GRAPH ?g { ?f e:about ?t }"
NAME = f"OPTIONAL {{ GRAPH ?_1 {{ ?t {LABEL} ?name }} }}"
BY = (
    "OPTIONAL { GRAPH ?g { ?f e:by ?by } } BIND (COALESCE(?by, e:none) AS ?_by)"
    f" OPTIONAL {{ GRAPH ?_2 {{ ?_by {LABEL} ?byName }} }}"
)
COUNT = "(COUNT(?f) AS ?n) (IRI(MIN(STR(?f))) AS ?first)"
HAVING = "HAVING (COUNT(?f) > 0)"
LAST = (
    f"SELECT ?t ?name {COUNT} {{ {ABOUT} {NAME} }} GROUP BY ?t ?name {HAVING}",
    f"SELECT ?t ?name ?by ?byName {COUNT} {{ {ABOUT} {BY} {NAME} }} GROUP BY ?t ?name ?by ?byName {HAVING}",
)
AS_IT_IS = (
    f"SELECT ?name {COUNT} {{ {ABOUT} {NAME} }} GROUP BY ?name {HAVING}",
    f"SELECT ?t ?name {COUNT} {{ {ABOUT} {NAME} FILTER (?name != 'd') }} GROUP BY ?t ?name {HAVING}",
    f"SELECT ?t ?name (COUNT(?name) AS ?n) {{ {ABOUT} {NAME} }} GROUP BY ?t ?name {HAVING}",
    f"SELECT ?t ?name {COUNT} {{ {ABOUT} {NAME} }} GROUP BY ?t ?name HAVING (COUNT(?name) > 0)",
    f"SELECT ?t ?name {COUNT} {{ {ABOUT} {NAME} }} GROUP BY ?t ?name {HAVING} LIMIT 2",
    f"SELECT ?t ?name {{ {ABOUT} {NAME} }}",
)
PREFIX = "PREFIX e: <https://e.org/>\n"


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return memory_store(LINES)


def rows(store: EmbeddedStore, query: str) -> list[str]:
    return sorted(map(str, store.select(query).rows))


@pytest.mark.parametrize("query", LAST)
def test_what_follows_from_a_group_is_looked_up_after_it(store: EmbeddedStore, query: str) -> None:
    last = names_last(PREFIX + query)
    assert last.index("GROUP BY") < last.index("?_1")
    assert rows(store, last) == rows(store, PREFIX + query)


@pytest.mark.parametrize("query", AS_IT_IS)
def test_a_name_that_decides_groups_stays_where_it_is(query: str) -> None:
    assert names_last(PREFIX + query) == PREFIX + query


def test_the_order_stays_last() -> None:
    assert names_last(f"{PREFIX}{LAST[0]}\nORDER BY STR(?name)").endswith("\nORDER BY STR(?name)")
