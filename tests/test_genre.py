"""What articles of this genre say can be said: `tests/genre` says each thing once, in invented articles.

`tests/genre/facts.tsv` lists every fact with its section, its label, its sentence and its date.
`KG_WRITE_EXPECTED=1 pytest tests/test_genre.py` writes what is found now; read what it changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import Severity
from kg.ontology.load import load_vocabulary
from kg.pipeline import build, check
from kg.project import Project, load_project
from kg.questions.graph import Graph, open_graph
from kg.terms import CQ, FACT_CLASS, LABEL, cq
from kg.values import lexical

GENRE = Path(__file__).parent / "genre"
FACTS = GENRE / "facts.tsv"


@pytest.fixture(scope="module")
def genre(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = replace(load_project(GENRE), build=tmp_path_factory.mktemp("genre"))
    build(made)
    return made


@pytest.fixture(scope="module")
def graph(genre: Project) -> Iterator[Graph]:
    with open_graph(genre) as opened:
        yield opened


def test_nothing_that_the_articles_say_is_a_finding_but_what_they_leave_unsaid(genre: Project) -> None:
    """The one names no proposer, the other one side of a meeting: neither is an error, and nobody is invented."""
    findings = check(genre).findings
    assert [finding.code for finding in findings] == ["KG-S0432", "KG-S0141"]
    assert {finding.severity for finding in findings} == {Severity.WARNING}


def test_every_fact_has_the_expected_section_label_sentence_and_date(graph: Graph) -> None:
    found = "\n".join(("fact\tclass\tsection\tlabel\tsentence\tdate", *_facts(graph))) + "\n"
    if os.environ.get("KG_WRITE_EXPECTED"):
        FACTS.write_text(found, encoding="utf-8")
    assert found == FACTS.read_text(encoding="utf-8")


def _facts(graph: Graph) -> list[str]:
    vocabulary = load_vocabulary(load_project(GENRE).ontology)
    rows = graph.store.select(f"""SELECT ?fact ?class ?label ?sentence ?date {{
        GRAPH ?article {{ ?fact a ?class ; {LABEL} ?label ; {cq("summary")} ?sentence }}
        OPTIONAL {{ GRAPH ?dated {{ ?fact {cq("whenText")} ?date }} }}
    }} ORDER BY ?fact""").rows
    sections = _sections(graph)
    lines = []
    for fact, kind, *texts in rows:
        assert fact
        assert kind
        term = vocabulary.class_of(kind)
        assert FACT_CLASS in term.ancestors
        section = next(sections[name] for name in term.ancestors if name in sections)
        name = lexical(fact).removeprefix(graph.base + "article/")
        lines.append("\t".join((name, term.name, section, *(lexical(text) if text else "" for text in texts))))
    return lines


def _sections(graph: Graph) -> dict[str, str]:
    rows = graph.store.select(
        f"SELECT ?class ?name {{ GRAPH ?ontology {{ ?class {cq('pageSection')} ?section . ?section {LABEL} ?name }} }}"
    ).rows
    return {lexical(kind).removeprefix(CQ): lexical(name) for kind, name in rows if kind and name}
