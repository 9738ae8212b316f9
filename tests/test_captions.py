"""Every fact has a label and a summary, by the templates of the ontology, and says on whose word it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from kg.core.errors import InputError
from kg.core.model import Term
from kg.core.terms import FACT_CLASS, LABEL, TYPE, cq
from kg.core.values import lexical
from kg.ontology.load import load_vocabulary
from kg.ontology.templates import filled, names, parsed
from kg.project.settings import Project
from kg.questions.graph import Graph, open_graph
from tests.questions import PROJECTS, project
from tests.test_dating import FINE, PREFIXES, SANCTION, project_with

VALUES = {
    ("holder",): ["Mara Lind"],
    ("title",): ["Director"],
    ("stage",): ["signed"],
    ("party",): ["the port", "the town", "the state"],
    ("part", "participant"): ["Tomas Berg"],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{holder}", "Mara Lind"),
        ("{holder}: {title}[, {organization}]", "Mara Lind: Director"),
        ("{organization|title}", "Director"),
        ("{part/participant} spoke", "Tomas Berg spoke"),
        ("{party} agree", "the port, the town and the state agree"),
        ("{stage=Signed}Signed by {holder}", "Signed by Mara Lind"),
        ("{stage=Proposed}Proposed by {holder}\n{holder}", "Mara Lind"),
        ("{organization}", ""),
        ("{holder}[ of {organization}[ in {place}]]", "Mara Lind"),
    ],
)
def test_a_template_shows_the_first_alternative_that_is_complete(template: str, expected: str) -> None:
    assert (
        filled(template, lambda path: VALUES.get(tuple(path), []), lambda *pair: pair == ("stage", "Signed"))
        == expected
    )


@pytest.mark.parametrize("template", ["{holder", "holder}", "[{holder}", "{holder}]", "{}", "{a b}", "{a=}", "a\n\nb"])
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"closed|opened|opening|property|empty line"):
        parsed(template)


def test_a_template_names_its_properties() -> None:
    assert sorted(names("{a|b/c}[, {d=Code}]\n{e}")) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ('cq:labelTemplate "{nme}"@en', "cq:labelTemplate names a property that is not declared: nme"),
        ('cq:summaryTemplate "{name"@en', "cq:summaryTemplate: a brace or a bracket is not closed"),
        ('cq:datedBy "date imposd"', "cq:datedBy takes local names of properties, not 'date imposd'"),
        ("cq:pageSection cq:Fact", "cq:pageSection takes an entry of a code list"),
        (
            'cq:labelTemplate "{occurrence=Planed}"@en',
            "cq:labelTemplate asks for a code that 'occurrence' does not take: Planed",
        ),
        ('cq:datedBy "name"', "cq:datedBy names 'name', which does not lead to a time or a fact"),
        ('cq:datedFrom "partOf"', "cq:datedFrom names 'partOf', which does not lead to a time"),
        ('cq:datedBy "date", "inferredDate"', "cq:datedBy occurs twice; join the two into one text"),
        ("cq:summaryTemplate 5", "cq:summaryTemplate takes a text"),
        ('cq:sumaryTemplate "{name}"@en', "there is no property cq:sumaryTemplate"),
        ("cq:onTimeline true", "cq:onTimeline belongs to an entry of a code list"),
    ],
)
def test_a_faulty_annotation_is_refused_at_its_line(tmp_path: Path, annotation: str, message: str) -> None:
    term = f'cq:Sanction a owl:Class ; rdfs:label "s"@en ; skos:definition "S."@en ; {annotation} .'
    with pytest.raises(InputError) as error:
        project_with(tmp_path, {}, f"{PREFIXES}{term}\n")
    assert f"more.ttl:{PREFIXES.count(chr(10)) + 1}: cq:Sanction: {message}" in error.value.message


def test_a_code_that_a_template_asks_for_is_looked_for_in_the_larger_fact_too(graph: Graph) -> None:
    summaries = {graph.id(fact): lexical(texts[0]) for fact, texts in _values(graph, cq("summary")).items()}
    planned = {
        graph.id(fact) for fact, codes in _values(graph, cq("occurrence")).items() if codes[0].endswith("/Planned>")
    }
    assert all(summaries[fact].startswith("Planned: ") for fact in planned)
    parts = {
        part: text for part, text in summaries.items() for fact in planned if part.startswith(f"{fact}/participation")
    }
    assert all("to take part" in text for text in parts.values())


@pytest.mark.parametrize(
    ("kind", "codes", "sentence"),
    [
        ("Agreement", {"reportedAs": "Reported", "stage": "Proposed"}, "Pact (A): proposed"),
        ("Agreement", {"reportedAs": "Hoped", "stage": "Proposed"}, "Pact (A): hoped"),
        ("Agreement", {"reportedAs": "Expected", "stage": "Signed"}, "Pact (A): expected, signed"),
        ("Agreement", {"reportedAs": "Rumoured", "stage": "Signed"}, "Pact (A): rumoured, signed"),
        ("Agreement", {"reportedAs": "Denied", "stage": "Signed"}, "Pact (A): denied, signed"),
        ("Agreement", {"reportedAs": "Denied", "stage": "Denied"}, "Pact (A): denied"),
        ("Project", {"reportedAs": "Hoped"}, "Project: Pact (A), hoped"),
        ("Project", {"reportedAs": "Reported", "projectStage": "Planned"}, "Project: Pact (A), planned"),
        ("Meeting", {"reportedAs": "Rumoured", "occurrence": "Occurred"}, "Rumoured: Pact"),
        ("Meeting", {"reportedAs": "Denied", "occurrence": "Planned"}, "Denied: Pact"),
        ("Meeting", {"reportedAs": "Attributed", "occurrence": "Occurred"}, "Pact"),
        ("Participation", {"reportedAs": "Denied", "presence": "Present"}, "Denied: B took part"),
        ("Participation", {"reportedAs": "Rumoured"}, "Rumoured: B took part"),
    ],
)
def test_the_sentence_of_a_fact_asserts_nothing_that_its_article_does_not(
    kind: str, codes: Mapping[str, str], sentence: str
) -> None:
    shown = {
        "name": ["Pact"],
        "party": ["A"],
        "participant": ["B"],
        **{prop: [code.lower()] for prop, code in codes.items()},
    }
    template = load_vocabulary(project().ontology).class_of(cq(kind)).summary_template
    assert filled(template, lambda path: shown.get(path[0], []), lambda *pair: pair in codes.items()) == sentence


def test_what_says_nothing_to_call_it_by_is_called_by_its_class(tmp_path: Path) -> None:
    with open_graph(project_with(tmp_path, {"one": FINE}, SANCTION)) as graph:
        [(label, summary)] = graph.store.select(
            f"SELECT ?label ?summary {{ GRAPH ?g {{ ?fact {LABEL} ?label ; {cq('summary')} ?summary }} }}"
        ).rows
    assert (label, summary) == ('"sanction"', '"Sanction."')


@pytest.fixture(scope="module", params=sorted(PROJECTS))
def graph(request: pytest.FixtureRequest, built_project: Callable[[str], Project]) -> Iterator[Graph]:
    with open_graph(built_project(request.param)) as opened:
        yield opened


def test_every_fact_has_one_label_one_summary_and_one_standing(graph: Graph) -> None:
    facts = set(_values(graph, TYPE, _fact_classes()))
    assert len(facts) > 100
    for prop in (LABEL, cq("summary"), cq("reportedAs")):
        values = _values(graph, prop)
        assert {fact: len(values.get(fact, ())) for fact in facts} == dict.fromkeys(facts, 1), prop
    assert all(lexical(text).endswith((".", "?", "!")) for text in _summaries(graph, facts))


def test_who_says_so_is_named_of_attributed_facts_and_what_is_nested_in_them_alone(graph: Graph) -> None:
    named, attributed = set(_values(graph, cq("attributedTo"))), set(_values(graph, cq("accordingTo")))
    standing = _values(graph, cq("reportedAs"))
    inside = {fact for fact in standing if any(fact.startswith(f"{outer[:-1]}/") for outer in attributed)}
    assert named == attributed | inside
    assert all(not standing[fact][0].endswith("/Reported>") for fact in attributed)


def _fact_classes() -> frozenset[Term]:
    vocabulary = load_vocabulary(project().ontology)
    return frozenset(cq(name) for name, term in vocabulary.classes.items() if FACT_CLASS in term.ancestors)


def _summaries(graph: Graph, facts: set[Term]) -> list[Term]:
    return [text for fact, texts in _values(graph, cq("summary")).items() if fact in facts for text in texts]


def _values(graph: Graph, prop: Term, objects: frozenset[Term] = frozenset()) -> Mapping[Term, list[Term]]:
    values: dict[Term, list[Term]] = {}
    for subject, value in graph.store.select(f"SELECT ?s ?o {{ GRAPH ?g {{ ?s {prop} ?o }} }}").rows:
        if subject and value and (not objects or value in objects):
            values.setdefault(subject, []).append(value)
    return values
