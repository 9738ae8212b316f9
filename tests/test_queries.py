"""Every canned question on the three articles, on the invented ones and where it has no answer; on two engines.

The cases are those of tests/questions.py. When a question or the data changed on purpose,
`KG_WRITE_EXPECTED=1 pytest tests/test_queries.py` writes the rows that are found now below their first lines; read what
it changed. A new case starts as its first lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pytest

from kg.planning.guard import tokens
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.query import all_queries, bound_text, evidence, run, run_text, shown
from kg.questions.question import Query
from kg.questions.sparql import subselects
from kg.store.embedded import memory_store
from tests.expected import expected
from tests.questions import (
    CASES,
    FOLDER,
    GRAPHS,
    NAMES,
    OPTIONAL,
    REQUIRED,
    Case,
    all_lines,
    case,
    project,
    question,
    table,
)
from tests.quick_rdflib import quicken_rdflib
from tests.second_store import RdflibStore


@dataclass(frozen=True)
class Graphs:
    """One graph in both engines; in rdflib where it is asked for."""

    lines: Sequence[str]
    base: str

    @cached_property
    def oxigraph(self) -> Graph:
        return Graph(memory_store(self.lines), self.base)

    @cached_property
    def rdflib(self) -> Graph:
        quicken_rdflib()
        return Graph(RdflibStore(self.lines), self.base)


Build = Mapping[str, Graphs]


@pytest.fixture(scope="module")
def graphs(built_project: Callable[[str], Project]) -> Build:
    lines, base = all_lines(built_project)
    return {name: Graphs(lines[name], base[name]) for name in GRAPHS}


# -------- files


@pytest.mark.parametrize("name", NAMES)
def test_a_question_runs_unchanged_as_plain_sparql(name: str) -> None:
    from rdflib.plugins.sparql import prepareQuery

    prepareQuery(question(name).text)
    memory_store(()).answer(question(name).text)


@pytest.mark.parametrize("name", NAMES)
def test_no_parameter_stands_in_a_subselect(name: str) -> None:
    pieces = tuple(tokens(question(name).text))
    inside = {
        piece.text[1:]
        for start, end in subselects(pieces)
        for piece in pieces
        if piece.kind == "variable" and start < piece.start < end
    }
    assert not inside & {param.name for param in question(name).params}


def test_every_question_can_be_used_and_there_are_at_least_thirty() -> None:
    queries, findings = all_queries(project())
    assert findings == ()
    assert len(queries) >= 30


def test_no_case_is_left_of_a_question_that_is_gone() -> None:
    assert sorted(folder.name for folder in FOLDER.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_a_real_an_invented_and_an_empty_case(name: str) -> None:
    kinds = {file.name.removesuffix(".tsv") for file in (FOLDER / name).iterdir()}
    assert set(REQUIRED) <= kinds <= {*REQUIRED, *OPTIONAL}
    named = sorted(kinds - {"empty"})
    assert [case(name, kind).graph for kind in named] == named


# -------- answers

ELSEWHERE = {("links", "other"), ("corrections", "outsideAddress")}
"""Columns with addresses in other registries and on the web."""


@pytest.mark.parametrize("name", NAMES)
def test_a_thing_in_an_answer_has_its_name_beside_it(name: str) -> None:
    """In the expected rows, an id of a thing or a code stands only in a column that has its label as well."""
    for kind in (kind for each, kind in CASES if each == name):
        head, *rows = (line.split("\t") for line in case(name, kind).rows.splitlines())
        bare = {
            column
            for k, column in enumerate(head)
            if f"{column}Label" not in head and (name, column) not in ELSEWHERE
            if any(re.fullmatch(r"[a-z]+/[\w./-]+|[a-zA-Z]+:[A-Z]\w*|https?:.+", row[k]) for row in rows)
        }
        assert bare == set()


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_question_gives_the_expected_rows(name: str, kind: str, graphs: Build) -> None:
    wanted = case(name, kind)
    graph, query = graphs[wanted.graph].oxigraph, question(name)
    rows = run_text(graph, query, asked_text(wanted, graph, query))
    found = table(shown(query, rows), graph.base)
    assert wanted.head + found == expected(FOLDER / name / f"{kind}.tsv", wanted.head + found)
    assert kind != "empty" or rows.rows == ()


@pytest.mark.second_opinion
@pytest.mark.parametrize(("name", "kind"), [each for each in CASES if case(*each).graph not in ("real", "none")])
def test_rdflib_gives_the_same_rows(name: str, kind: str, graphs: Build) -> None:
    wanted = case(name, kind)
    both, query = graphs[wanted.graph], question(name)
    text = asked_text(wanted, both.oxigraph, query)
    assert run_text(both.rdflib, query, text) == run_text(both.oxigraph, query, text)


def asked_text(wanted: Case, graph: Graph, query: Query) -> str:
    """Return the query of a case with its arguments; as its file has it for the graph that has nothing."""
    return query.text if wanted.graph == "nothing" else bound_text(graph, query, wanted.arguments)


def test_projects_at_a_stage_are_at_that_stage(graphs: Build) -> None:
    graph, query = graphs["genre"].oxigraph, question("projects")
    everything = table(run(graph, query, {}), graph.base).splitlines()
    planned = table(run(graph, query, {"stage": "Planned"}), graph.base).splitlines()
    assert planned == [line for line in everything if "projectStage:Planned" in line or line == everything[0]]
    assert 1 < len(planned) < len(everything)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_an_answer_in_one_of_the_graphs(name: str, graphs: Build) -> None:
    answers = [case(name, kind) for each, kind in CASES if each == name and kind != "empty"]
    assert any(run(graphs[wanted.graph].oxigraph, question(name), wanted.arguments).rows for wanted in answers)


@pytest.mark.parametrize(("name", "kind"), [each for each in CASES if each[1] != "empty"])
def test_every_row_from_an_article_rests_on_words(name: str, kind: str, graphs: Build) -> None:
    """A row of the registry, which names no article and no fact, rests on the curator alone."""
    wanted = case(name, kind)
    graph, query = graphs[wanted.graph].oxigraph, question(name)
    rows = run(graph, query, wanted.arguments)
    columns = [rows.variables.index(column) for column in query.evidence]
    behind = evidence(graph, query, rows)
    bare = [row for row, words in zip(rows.rows, behind, strict=True) if not words and any(row[k] for k in columns)]
    assert bare == []
    assert not (query.evidence and rows.rows) or any(behind)
