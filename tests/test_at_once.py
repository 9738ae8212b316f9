"""What a question needs of most things is read at once, with the same rows."""

from __future__ import annotations

import pytest

from kg.planning.at_once import at_once
from kg.store.embedded import EmbeddedStore, memory_store

LINES = [
    *(
        f"<https://e.org/f{k}> <https://e.org/about> <https://e.org/t{k % 4}> <https://e.org/g{k % 3}> ."
        for k in range(9)
    ),
    *(f"<https://e.org/f{k}> <https://e.org/by> <https://e.org/p{k % 2}> <https://e.org/g{k % 2}> ." for k in range(7)),
    *(f"<https://e.org/t{k}> <https://e.org/in> <https://e.org/t{k // 2}> <https://e.org/r> ." for k in range(4)),
    *(f'<https://e.org/t{k}> <https://e.org/name> "{k}" <https://e.org/r> .' for k in range(3)),
]
MANY = {"e.org/name": 900}
READ = (
    "GRAPH ?g { ?f e:about ?t ; e:by ?p }",
    "GRAPH ?g { ?f e:about ?t . ?f e:by ?p . } GRAPH e:r { ?t e:in ?u }",
    "VALUES ?f { UNDEF } GRAPH ?g { ?f e:about ?t } GRAPH e:r { ?t e:in ?u } FILTER (?t != ?u)",
    "{ GRAPH ?g { ?f e:about ?t ; e:by ?p } } UNION { GRAPH ?g { ?f e:by ?p } } OPTIONAL { GRAPH ?h { ?t e:name ?n } }",
    "{ SELECT ?t (COUNT(*) AS ?n) { GRAPH ?g { ?f e:about ?t ; e:by ?p } } GROUP BY ?t } GRAPH ?h { ?t e:name ?p }",
    "GRAPH ?g { ?f e:about ?t ; e:by ?p } GRAPH ?h { ?t e:name ?n }",
)
LEFT_ALONE = (
    "GRAPH ?g { ?f e:about ?t }",
    "GRAPH ?g { ?f ?p ?t ; e:by ?p }",
    "GRAPH ?g { ?f e:about/e:in ?t ; e:by ?p }",
    "GRAPH ?g { ?f e:about ?t , ?u ; e:by ?p }",
    "GRAPH ?g { e:f1 e:about ?t ; e:by ?p }",
    'GRAPH ?g { ?f e:about ?t ; e:name "1" }',
    "GRAPH ?g { ?f e:about ?t ; e:by ?p FILTER (?t != e:t1) }",
    "GRAPH ?g { _:f e:about ?t ; e:by ?p }",
    "VALUES ?t { e:t1 } GRAPH ?g { ?f e:about ?t ; e:by ?p }",
    "OPTIONAL { GRAPH ?g { ?f e:about ?t ; e:by ?p } }",
)
"""One pattern, patterns whose quads are not counted, or that are not read for all rows."""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return memory_store(LINES)


def size(pattern: str) -> int:
    return next((number for name, number in MANY.items() if name in pattern), 40)


def written(pattern: str) -> str:
    return f"PREFIX e: <https://e.org/>\nSELECT * {{ {pattern} }}"


@pytest.mark.parametrize("pattern", [*READ, *LEFT_ALONE])
def test_the_rows_are_the_same(store: EmbeddedStore, pattern: str) -> None:
    query = written(pattern)
    rows = store.select(query)
    columns = " ".join(f"?{name}" for name in rows.variables)
    same = store.select(at_once(query, size).replace("*", columns, 1))
    assert sorted(map(str, same.rows)) == sorted(map(str, rows.rows))


@pytest.mark.parametrize("pattern", READ)
def test_what_most_things_have_is_read_at_once(pattern: str) -> None:
    assert "{ SELECT ?f ?g ?t WHERE { GRAPH ?g { ?f e:about ?t } } }" in at_once(written(pattern), size)


@pytest.mark.parametrize("pattern", LEFT_ALONE)
def test_other_patterns_are_left_alone(pattern: str) -> None:
    assert at_once(written(pattern), size) == written(pattern)


def test_what_few_things_need_is_looked_up() -> None:
    query = at_once(written(READ[-1]), size)
    assert "LATERAL { GRAPH ?h { ?t e:name ?n } }" in query
    assert query.index("LATERAL") > query.rindex("SELECT")


def test_each_property_is_joined_with_one_that_is_read_before_it() -> None:
    sizes = {"e.org/in": 1, "e.org/by": 2, "e.org/about": 3}
    query = at_once(written(READ[1]), lambda quads: next(n for name, n in sizes.items() if name in quads))
    assert query.index("e:by") < query.index("e:about") < query.index("e:in")
