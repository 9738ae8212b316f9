"""What articles of this genre say can be said: `tests/genre` says each thing once, in invented articles.

`tests/genre/facts.tsv` lists every fact with its section, its label, its sentence and its date.
`KG_WRITE_EXPECTED=1 pytest tests/test_genre.py` writes what is found now; read what it changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.core.errors import Severity
from kg.core.terms import CQ, FACT_CLASS, LABEL, cq
from kg.core.values import lexical
from kg.ontology.load import load_vocabulary
from kg.pipeline.check import check
from kg.project.settings import Project, load_project
from kg.questions.graph import Graph, open_graph
from tests.expected import expected
from tests.questions import PROJECTS, built_lines

GENRE = Path(__file__).parent / "genre"
FACTS = GENRE / "facts.tsv"


@pytest.fixture(scope="module")
def genre(built_project: Callable[[str], Project]) -> Project:
    return built_project("genre")


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
    assert found == expected(FACTS, found)


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


WRITTEN_BY_KG = {"Dating", "Extent", "Inclusion", "PageSection", "ReportedAs"}
"""Code lists whose entries no mapping names."""


def test_every_key_class_and_code_is_used_in_an_article_of_ours(built_project: Callable[[str], Project]) -> None:
    """A term that nothing uses is one that nobody has tried to say."""
    vocabulary = load_vocabulary(load_project(GENRE).ontology)
    lines = [line for name in PROJECTS for line in built_lines(built_project(name))]
    used = {iri for line in lines if not line.endswith("graph/ontology> .") for iri in re.findall("<([^>]+)>", line)}
    keys = {key.iri for of_class in vocabulary.keys.values() for key in of_class.values()}
    classes = {CQ + name for name, term in vocabulary.classes.items() if vocabulary.keys[name] and not term.abstract}
    lists = [entries for kind, entries in vocabulary.codes.items() if kind not in {"Currency", *WRITTEN_BY_KG}]
    codes = {code.iri for entries in lists for code in entries.values()}
    assert sorted((keys | classes | codes) - used) == []


def test_the_list_of_what_to_write_names_terms_alone() -> None:
    vocabulary = load_vocabulary(load_project(GENRE).ontology)
    codes = {name for entries in vocabulary.codes.values() for name in entries}
    known = {*vocabulary.classes, *vocabulary.properties, *codes} - {each.name for each in vocabulary.replacements}
    lines = (GENRE.parents[1] / "docs" / "how-to" / "what-to-write.md").read_text(encoding="utf-8").splitlines()
    named = {word for line in lines if line.startswith("| ") for word in re.findall("`([^`]+)`", line.split("|")[2])}
    assert len(named) > 80
    assert sorted(named - known) == []
