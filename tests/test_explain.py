"""`explain`: what the graph says of a thing, in which words, and as what other things know it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kg.questions.described import Mention, Statement
from kg.questions.explain import Explanation, explain
from kg.questions.graph import Graph
from kg.questions.lookup import find
from kg.render.cells import Look
from kg.render.explanation import explanation_json, explanation_text
from kg.render.terminal import cells_wide
from tests import harbour

MEETING = "article/harbour-study/meeting"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return harbour.graph()


def told(graph: Graph, name: str) -> Explanation:
    return explain(graph, find(graph, name))


def labels(statements: tuple[Statement, ...], name: str) -> list[str]:
    return [value.text for statement in statements if statement.label == name for value in statement.values]


def test_a_person_is_told_with_names_and_by_whom_they_are_named(graph: Graph) -> None:
    mara = told(graph, "Mara Lind")
    assert (mara.id, mara.label, mara.types) == ("person/mara-lind", "Mara Lind", ("person",))
    assert labels(mara.statements, "name") == ["Mara Lind", "玛拉·林德"]
    assert labels(mara.incoming, "holder") == ["Director"]
    assert labels(mara.incoming, "participant") == [
        "Harbour authority receives the university › participation/mara-lind"
    ]
    assert {harbour.iri("graph/registry"), harbour.iri("graph/derived")} <= set(mara.graphs)


def test_a_person_without_words_has_those_of_the_facts_that_name_them(graph: Graph) -> None:
    mara = told(graph, "Mara Lind")
    assert not mara.own_words
    assert [words.sentence for words in mara.words] == ["Director Mara Lind received José Almeida on Thursday."]


def test_a_fact_is_told_with_what_is_nested_in_it(graph: Graph) -> None:
    meeting = told(graph, "harbour-study/meeting")
    (participation,) = [s for s in meeting.statements if s.label == "participation"]
    assert [labels(value.inside, "participant") for value in participation.values] == [
        ["José Almeida"],
        ["Li Wei"],
        ["Mara Lind"],
    ]
    assert meeting.own_words
    assert [words.quote for words in meeting.words] == ["Mara Lind received José Almeida", ""]


def test_a_derived_node_names_where_it_came_from(graph: Graph) -> None:
    derived = told(graph, "derived/2")
    assert [value.text for value in derived.derived_from] == [
        "Harbour authority receives the university › participation/li-wei-chemist",
        "1",
    ]
    assert len(derived.words) == 2


def test_an_article_lists_its_facts(graph: Graph) -> None:
    article = told(graph, "Tides to be studied")
    assert [fact.text for fact in article.facts] == [
        "Chair of chemistry",
        "depth at low tide",
        "Director",
        "Harbour authority receives the university",
        "ships a year",
    ]
    assert told(graph, "Mara Lind").facts == ()


def test_the_text_tells_words_within_their_sentence(graph: Graph) -> None:
    text = explanation_text(told(graph, MEETING), Look(harbour.BASE, width=70))
    assert text.startswith("Harbour authority receives the university\nmeeting · article/harbour-study/meeting\n")
    assert "    · participant: Mara Lind; side: host\n" in text
    assert (
        "  “Director Mara Lind received José Almeida on Thursday.”\n    words: “Mara Lind received José Almeida”\n"
        in text
    )
    assert "Tides to be studied, Aldenburg Gazette, 2 May 2031" in text
    assert max(cells_wide(line) for line in text.splitlines()) <= 70
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ["Mara Lind", MEETING, "harbour-study", "derived/2", "noordhaven-university", "ships"])
def test_the_json_holds_all_of_it(graph: Graph, name: str) -> None:
    found = told(graph, name)
    document = json.loads(explanation_json(found))
    assert document["iri"] == found.iri[1:-1]
    assert document["id"] == found.id
    assert len(document["statements"]) == len(found.statements)
    assert [words["sentence"] for words in document["words"]] == [words.sentence for words in found.words]
    explanation_text(found, Look(harbour.BASE, width=30, colour=True))


def test_the_json_keeps_languages_and_datatypes(graph: Graph) -> None:
    document = json.loads(explanation_json(told(graph, "Mara Lind")))
    (names,) = [s["values"] for s in document["statements"] if s["label"] == "name"]
    assert {"value": "玛拉·林德", "language": "zh-hans"} in names


def test_words_stay_on_their_line_whatever_line_ends_they_hold(graph: Graph) -> None:
    assert "“Li Wei is a pilot of the port.”" in explanation_text(told(graph, "pilots/pilot"), Look(harbour.BASE))


def test_what_holds_both_ways_is_told_once(graph: Graph) -> None:
    mara = told(graph, "Mara Lind")
    assert labels(mara.statements, "metWith") == ["José Almeida", "Li Wei"]
    assert labels(mara.incoming, "metWith") == []


def test_words_that_may_not_be_shown_are_told_as_such(graph: Graph) -> None:
    assert "(the text may not be shown)" in explanation_text(told(graph, "ships"), Look(harbour.BASE))


def test_a_long_name_of_a_nested_node_is_wrapped_and_not_cut(graph: Graph) -> None:
    name = " ".join(f"word{k}" for k in range(30))
    two = tuple(Mention(text, f'"{text}"') for text in ("one", "two"))
    nested = Mention(name, f"<{harbour.BASE}a/b>", inside=(Statement("<p>", "parts", two),))
    shown = replace(told(graph, MEETING), statements=(Statement("<q>", "with", (nested,)),))
    text = explanation_text(shown, Look(harbour.BASE, width=60))
    assert name in " ".join(text.split())
    assert max(map(cells_wide, text.splitlines())) <= 60
