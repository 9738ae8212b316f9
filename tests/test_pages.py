"""A page of the answer to a canned question is the same rows as in the whole answer, and knows how many there are.

The rows of all questions are in tests/queries; the patterns here are those for which a page could differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from kg.core.errors import UsageError
from kg.planning.pages import Counts, PageReader, page_plan
from kg.planning.row_by_row import HEADER
from kg.planning.rows import AnswerPage, Rows
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.query import bound_text, run_page
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.isolation import Limits
from kg.store.persistent_worker import PersistentWorker
from tests.questions import NAMES, PROJECTS, built_lines, case, has_case, question
from tests.second_store import RdflibStore

PREFIX = f"{HEADER} Which?\nPREFIX e: <https://e.org/>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
PREFIX += "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
LINES = [
    *(
        f"<https://e.org/f{k}> <https://e.org/about> <https://e.org/t{k % 4}> <https://e.org/g{k % 3}> ."
        for k in range(12)
    ),
    *(f'<https://e.org/f{k}> <https://e.org/size> "{k % 5}"^^<{INTEGER}> <https://e.org/g{k % 3}> .' for k in range(9)),
    *(f'<https://e.org/t{k}> <{LABEL}> "{name}"@en <https://e.org/r> .' for k, name in enumerate(("d", "b", "b"))),
    *(f'<https://e.org/f{k}> <https://e.org/word> "{word}" <https://e.org/g0> .' for k in (0, 3) for word in "xy"),
    *(f"<https://e.org/f{k}> <https://e.org/by> <https://e.org/p{k % 2}> <https://e.org/g{k % 3}> ." for k in range(7)),
    *(f'<https://e.org/p{k}> <https://e.org/name> "{k}" <https://e.org/r> .' for k in range(2)),
    *(f"<https://e.org/t{k}> <https://e.org/in> _:b <https://e.org/r> ." for k in range(4)),
]
ABOUT = "GRAPH ?g { ?f e:about ?t }"
NAME = "OPTIONAL { GRAPH ?_1 { ?t rdfs:label ?name } }"
SIZE = "OPTIONAL { GRAPH ?g { ?f e:size ?size } }"
WORD = "OPTIONAL { GRAPH ?g { ?f e:word ?word } }"
BY = "OPTIONAL { GRAPH ?g { ?f e:by ?by } }"
COUNT = "OPTIONAL { SELECT ?t (COUNT(DISTINCT ?other) AS ?n) { GRAPH ?h { ?other e:about ?t } } GROUP BY ?t }"
BIGGER = "OPTIONAL { SELECT ?t (COUNT(?other) AS ?n) { GRAPH ?h { ?other e:about ?t ; e:size ?m } } GROUP BY ?t }"
IN_PARTS = (
    f"SELECT DISTINCT ?f ?t ?name ?size {{ {ABOUT} {NAME} {SIZE} }} ORDER BY STR(?name) ?t ?f",
    f"SELECT ?f ?t ?name ?size {{ {ABOUT} {NAME} {SIZE} }} ORDER BY DESC(?f)",
    f"SELECT ?f ?byName ?t ?name {{ {ABOUT} {BY} BIND (COALESCE(?by, e:nobody) AS ?_by)"
    f" OPTIONAL {{ GRAPH ?_2 {{ ?_by e:name ?byName }} }} {NAME} }} ORDER BY ?f",
    f"SELECT ?f ?word ?name {{ {ABOUT} {WORD} {NAME} }} ORDER BY ?f ?word",
    f"SELECT ?f ?name {{ {ABOUT} {NAME} MINUS {{ GRAPH ?k {{ ?f e:size 1 }} }} }} ORDER BY (?f != ?f) ?f",
    f"SELECT ?f ?size ?name {{ {ABOUT} {SIZE} {NAME} MINUS {{ GRAPH ?k {{ ?other e:size ?size }} }} }} ORDER BY ?f",
    f"SELECT ?f ?who ?name {{ {ABOUT} {NAME} BIND (COALESCE(?by, e:no) AS ?who) GRAPH ?g {{ ?f e:by ?by }} }}"
    " ORDER BY ?f",
    f"SELECT ?f ?g ?size {{ {ABOUT} {SIZE} GRAPH ?g {{ ?f e:by ?who }} }} ORDER BY ?g ?f",
    f"SELECT ?f ?size ?n {{ {ABOUT} {SIZE} {COUNT} }} ORDER BY (!BOUND(?size)) DESC(?size) ?f",
    f"SELECT DISTINCT ?t ?f ?by ?shown {{ {ABOUT} {BY} {BIGGER} BIND (COALESCE(?n, 0) AS ?shown) }} ORDER BY ?by ?f",
    f"SELECT ?f ?word ?n ?name {{ {ABOUT} {WORD} {NAME} {BIGGER} }} ORDER BY ?f ?n ?word",
    f"SELECT DISTINCT ?f ?t ?size ?name ?word {{ {ABOUT} {SIZE} {NAME} {WORD} }} ORDER BY ?t ?size ?f ?word",
    f"SELECT ?f ?t ?name {{ {{ {ABOUT} }} UNION {{ GRAPH ?g {{ ?f e:by ?t }} }} {NAME} }} ORDER BY ?f STR(?name) ?t",
    f"SELECT ?f ?size {{ {ABOUT} {SIZE} {NAME} }} ORDER BY STR(?name) ?f",
    f"SELECT DISTINCT ?f ?by ?byName {{ {ABOUT} {BY} BIND (COALESCE(?by, rdf:nil) AS ?_by)"
    f" OPTIONAL {{ GRAPH ?_2 {{ ?_by rdfs:label ?byName }} }} }} ORDER BY STR(?byName) ?f",
    f"SELECT ?f ?t ?size {{ {ABOUT} {SIZE.replace('} }', '} FILTER (?size > 1) }')} }} ORDER BY ?f",
    f"SELECT DISTINCT ?f ?g ?t ?big {{ {ABOUT} OPTIONAL {{ GRAPH ?g {{ ?f e:about|e:by ?t . BIND (true AS ?yes) }} }}"
    " BIND (COALESCE(?yes, false) AS ?big) } ORDER BY ?f",
    f"SELECT ?t ?name (COUNT(?f) AS ?n) {{ {ABOUT} {NAME} }} GROUP BY ?t ?name HAVING (COUNT(?f) > 0)"
    " ORDER BY STR(?name) ?t",
)
AS_A_WHOLE = (
    f"SELECT DISTINCT ?t ?name ?size {{ {ABOUT} {NAME} {SIZE} }} ORDER BY (!BOUND(?size)) ?size ?t",
    f"SELECT ?f ?size ?name {{ {ABOUT} {SIZE} {NAME} FILTER (!BOUND(?size) || ?size > 1) }}"
    " ORDER BY ?size STR(?name) ?f",
    f"SELECT ?t (COUNT(?f) AS ?n) {{ {ABOUT} {NAME} }} GROUP BY ?t ?name ORDER BY ?t",
    f"SELECT ?f ?name {{ {ABOUT} {NAME} }} ORDER BY ?f LIMIT 5",
    f"SELECT * {{ {ABOUT} {NAME} }} ORDER BY ?f",
    f"SELECT ?f ?name {{ {ABOUT} {NAME} }}",
    f"SELECT ?f ?name (1 AS ?one) {{ {ABOUT} {NAME} }} ORDER BY ?f",
    f"SELECT ?f ?t {{ {ABOUT} GRAPH ?g {{ ?f e:by ?by }} }} ORDER BY ?f",
    f"SELECT ?f ?word {{ {ABOUT} {WORD} }} ORDER BY ?f",
    f"SELECT DISTINCT ?t ?size {{ {ABOUT} {SIZE} }} ORDER BY ?t ?size",
    f"SELECT DISTINCT ?f ?name {{ {ABOUT} {WORD} {NAME} }} ORDER BY ?f",
    f"SELECT ?f ?name ?size {{ {ABOUT} {NAME} {SIZE} FILTER (?size > 1 && ?name != '') }} ORDER BY ?f",
    f"SELECT ?f ?where ?name {{ {ABOUT} GRAPH e:r {{ ?t e:in ?where }} {NAME} }} ORDER BY ?f",
    f"SELECT ?f ?n {{ {ABOUT} {COUNT} }} ORDER BY ?n ?f",
    f"SELECT ?f ?n {{ {ABOUT} {COUNT} FILTER (?n > 1) }} ORDER BY ?f",
    f"SELECT DISTINCT ?f ?n {{ {ABOUT} {COUNT} }} ORDER BY ?f",
    f"SELECT ?f ?n {{ {ABOUT} {COUNT.replace('?other', '?f')} }} ORDER BY ?f",
    f"SELECT ?f ?n {{ {ABOUT} {BY} {COUNT.replace('?t', '?by')} }} ORDER BY ?f",
    f"SELECT ?f ?u {{ {ABOUT} OPTIONAL {{ SELECT ?t ?u {{ GRAPH ?h {{ ?u e:about ?t }} }} }} }} ORDER BY ?f",
    f"SELECT ?f ?id ?name {{ {ABOUT} {NAME} BIND (RAND() > 2 AS ?id) }} ORDER BY ?f",
)
"""The first patterns do not bind what rows are sorted by first, nothing is only looked up or counted, something has two
values, or rows are not simply columns in an order."""


@pytest.fixture(scope="module")
def graphs(built_project: Callable[[str], Project]) -> Mapping[str, Graph]:
    projects = {name: built_project(name) for name in PROJECTS}
    return {name: Graph(memory_store(built_lines(each)), each.base) for name, each in projects.items()}


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return memory_store(LINES)


@pytest.fixture(autouse=True)
def no_answer_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.planning.pages.FEW", 0)


def pages(store: EmbeddedStore, query: str, total: int) -> Iterator[tuple[int, int, AnswerPage]]:
    """Yield some pages at the beginning, in the middle, at the end and after it, if they need not the whole."""
    for start, most in ((0, 3), (2, 4), (total // 2, 5), (max(total - 2, 0), 4), (total + 3, 2), (0, total + 9)):
        page = store.page(query, start, most)
        if page is not None:
            yield start, most, page


def in_the_whole(rows: Rows, start: int, most: int) -> Rows:
    return Rows(rows.variables, rows.rows[start : start + most])


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name in NAMES for kind in PROJECTS if has_case(name, kind)]
)
def test_a_page_of_a_question_has_the_rows_of_the_whole_answer(
    name: str, kind: str, graphs: Mapping[str, Graph]
) -> None:
    graph, query, every = graphs[kind], question(name), case(name, kind).arguments
    for arguments in (every, {}):
        try:
            text = bound_text(graph, query, arguments)
        except UsageError:  # it needs them
            continue
        assert isinstance(graph.store, EmbeddedStore)
        whole = graph.store.select(text)
        for start, most, page in pages(graph.store, text, len(whole.rows)):
            assert page.part(start, most) == in_the_whole(whole, start, most)
            assert page.total == len(whole.rows)


@pytest.mark.parametrize("pattern", [*IN_PARTS, *AS_A_WHOLE])
def test_a_page_has_the_rows_of_the_whole_answer(store: EmbeddedStore, pattern: str) -> None:
    whole = store.select(PREFIX + pattern)
    for start, most, page in pages(store, PREFIX + pattern, len(whole.rows)):
        assert page.part(start, most) == in_the_whole(whole, start, most)
        assert page.total == len(whole.rows)


@pytest.mark.parametrize("pattern", IN_PARTS)
def test_what_is_only_looked_up_is_evaluated_for_the_page_alone(store: EmbeddedStore, pattern: str) -> None:
    page = store.page(PREFIX + pattern, 0, 2)
    assert page is not None
    assert len(page.rows.rows) == 2 < page.total


@pytest.mark.parametrize("pattern", AS_A_WHOLE)
def test_where_the_rows_could_differ_the_whole_answer_is_evaluated(store: EmbeddedStore, pattern: str) -> None:
    assert store.page(PREFIX + pattern, 0, 2) is None


def test_pages_of_many_questions_are_evaluated_alone() -> None:
    assert sum(page_plan(question(name).text) is not None for name in NAMES) > 20
    assert all(page_plan(question(name).text) for name in ("coverage", "event-sequence"))


def test_rows_are_counted_without_what_only_decides_their_order() -> None:
    plan = page_plan(f"{PREFIX}SELECT ?t ?f ?size ?name {{ {ABOUT} {SIZE} {NAME} }} ORDER BY ?t ?size ?f")
    assert plan is not None
    assert "e:size" not in plan.counting()
    assert "e:size" in plan.early()


def test_properties_are_read_at_once_unless_there_is_an_argument(store: EmbeddedStore) -> None:
    queries = list[str]()

    def select(query: str, limit: int | None = None) -> Rows:
        queries.append(query)
        rows = store.select(query)
        return Rows(rows.variables, rows.rows[:limit])

    for value, is_read in (("UNDEF", True), ("e:t1", False)):
        group = f"VALUES ?t {{ {value} }}  #+ param t\n GRAPH ?g {{ ?f e:about ?t ; e:by ?by }} {NAME} {SIZE}"
        page = PageReader(select, Counts()).page(f"{PREFIX}SELECT ?f ?by ?name ?size {{ {group} }} ORDER BY ?f", 0, 1)
        assert page is not None
        assert any("{ SELECT ?by ?f ?g WHERE {" in query for query in queries) == is_read
        queries.clear()


def test_a_page_that_ends_between_rows_that_are_equal_in_order_needs_the_whole(store: EmbeddedStore) -> None:
    query = f"{PREFIX}SELECT ?f ?t ?name {{ {ABOUT} {NAME} }} ORDER BY ?t"
    ends = [k for k in range(1, 13) if store.page(query, 0, k) is not None]
    assert ends == [3, 6, 9, 12]


def test_a_short_answer_is_evaluated_at_once(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.planning.pages.FEW", 12)
    page = store.page(PREFIX + IN_PARTS[1], 4, 2)
    assert page is not None
    assert page.is_all
    assert page.part(4, 2) == in_the_whole(store.select(PREFIX + IN_PARTS[1]), 4, 2)


def test_a_process_answers_with_a_page_and_its_place(tmp_path: Path) -> None:
    about = "<https://e.org/about> <https://e.org/t1> <https://e.org/g>"
    facts = "".join(f"<https://e.org/f{k:03}> {about} .\n" for k in range(600))
    engine = Store(str(tmp_path / "store"))
    engine.load(facts.encode(), format=RdfFormat.N_QUADS)
    del engine
    with PersistentWorker(tmp_path / "store") as worker:
        page = worker.ask_page(PREFIX + IN_PARTS[1], 510, 2, Limits())
        assert (page.start, page.total, [row[0] for row in page.rows.rows]) == (
            510,
            600,
            ["<https://e.org/f089>", "<https://e.org/f088>"],
        )
        assert worker.ask_page(PREFIX + AS_A_WHOLE[-1], 510, 2, Limits()).is_all


def test_a_page_of_another_store_is_part_of_the_whole() -> None:
    query = question("sources")
    graph = Graph(RdflibStore(()), "https://e.org/")
    assert run_page(graph, query, query.text, 0, 5) == AnswerPage(Rows(query.columns, ()), 0, 0)
