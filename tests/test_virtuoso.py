"""Questions as they are written out for Virtuoso: the same rows on an engine that needs none of it."""

from __future__ import annotations

import re

import pytest

from kg.questions.query import bound_text, run_text
from kg.store.virtuoso import virtuoso_text
from tests.test_queries import NAMES, Build, case, question
from tests.test_queries import graphs as graphs  # a fixture

PATH = re.compile(r"[\w:]+[*+]\s+[?\w]")


@pytest.mark.parametrize("name", NAMES)
def test_a_question_written_out_gives_the_same_rows(name: str, graphs: Build) -> None:
    wanted = case(name, "fiction")
    graph, query = graphs[wanted.graph].oxigraph, question(name)
    text = bound_text(graph, query, wanted.arguments)
    assert run_text(graph, query, virtuoso_text(text)) == run_text(graph, query, text)


@pytest.mark.parametrize("name", NAMES)
def test_a_path_of_any_length_stands_alone_in_its_block(name: str) -> None:
    """Else it is not written out. A path of several properties is left: it starts from each event once."""
    body = re.sub(r"^#\+.*$", "", virtuoso_text(question(name).text), flags=re.MULTILINE)
    assert not PATH.search(body)


def test_other_queries_come_back_as_they_are() -> None:
    text = "SELECT ?s { GRAPH ?g { ?s ?p ?o . ?s <http://example.org/p>* ?o } }"
    assert virtuoso_text(text) == text


def test_what_must_be_absent_is_looked_for() -> None:
    text = "SELECT ?s { ?s a ?c FILTER NOT EXISTS { GRAPH graph:derived { ?s cq:displacedBy ?other } } }"
    assert virtuoso_text(text) == (
        "SELECT ?s { ?s a ?c OPTIONAL { GRAPH graph:derived { ?s cq:displacedBy ?other } } FILTER (!BOUND(?other)) }"
    )


def test_a_value_that_stands_elsewhere_too_is_left() -> None:
    text = "SELECT ?s { ?s cq:about ?other FILTER NOT EXISTS { GRAPH graph:derived { ?s cq:displacedBy ?other } } }"
    assert virtuoso_text(text) == text
