"""A tie that rests on what no longer stands is not stated: its derivation alone is there, and says what displaced it.

Shown of every rule and of all facts of both projects: each of their articles is replaced by another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from kg.core.terms import TYPE, cq
from kg.core.values import lexical
from kg.ontology.load import load_vocabulary
from kg.pipeline.derive import derived_lines, ordered_rules
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.query import run
from kg.store.embedded import memory_store
from kg.web.pages.network import NetworkFilter, network_shown
from kg.web.pages.thing import thing_shown
from kg.web.snapshot import Snapshot
from tests.questions import PROJECTS, built_lines, project, question

TIES = (
    *("attended", "containedIn", "heldPostIn", "metWith"),
    *("metWithByPost", "partyTo", "represented", "subOrganizationOf"),
)
"""What is derived of people, bodies and places."""

OF_FACTS = {
    *("actsFor", "actsForByPost", "withinEvent", "datedThrough", "whenDating"),
    *("displacedBy", "latestReport", "latestStage", "sameStoryAs", "story"),
    *("comparableWith", "disagreesWith"),
}
"""What is derived of a fact itself, and stands or falls with it."""

OTHERS = {"independentSource", "sharesTextWith", "within"}
"""What is derived of articles, and the shorthand for a tie with itself included."""


@dataclass(frozen=True)
class Both:
    """The graph of a project, and the same with each article replaced by another."""

    sound: Graph
    gone: Graph


@pytest.fixture(scope="module", params=sorted(PROJECTS))
def both(request: pytest.FixtureRequest, built_project: Callable[[str], Project]) -> Both:
    source = built_project(request.param)
    derived = f" <{source.base}graph/derived> ."
    lines = built_lines(source)
    stated = [line for line in lines if not line.endswith(derived)]
    articles = sorted(line.partition(" ")[0] for line in stated if f" {TYPE} {cq('Article')} " in line)
    newer = [f"{old[:-1]}-new> {cq('supersedes')} {old} {old[:-1]}-new> ." for old in articles]
    made = [memory_store(stated), memory_store([*stated, *newer])]
    for store in made:
        derived_lines(store, ordered_rules(source.ontology), source.base, source.ontology)
    return Both(*(Graph(store, source.base) for store in made))


def stated(graph: Graph, name: str) -> set[tuple[str, str]]:
    """Return the ends of the statements with a derived property."""
    rows = graph.store.select(f"SELECT ?s ?o {{ GRAPH {graph.named('derived')} {{ ?s {cq(name)} ?o }} }}").rows
    return {(graph.id(s or ""), graph.id(o or "")) for s, o in rows}


def derivations(graph: Graph) -> Mapping[str, set[str]]:
    """Return name of a derived property -> the derivations of its statements."""
    found: dict[str, set[str]] = {}
    for derivation, prop in graph.store.select(
        f"SELECT ?d ?p {{ GRAPH ?g {{ ?d {cq('derivedPredicate')} ?p }} }}"
    ).rows:
        found.setdefault(lexical(prop or "").rpartition("#")[2], set()).add(graph.id(derivation or ""))
    return found


def test_every_derived_property_is_a_tie_or_is_derived_of_a_fact() -> None:
    rules = [file.read_text(encoding="utf-8") for file in ordered_rules(project().ontology)]
    named = {text.partition("#+ derives: ")[2].partition("\n")[0] for text in rules}
    assert named == {*TIES, *OF_FACTS, *OTHERS}
    assert named <= load_vocabulary(project().ontology).properties.keys()


def test_no_tie_rests_on_what_is_replaced_and_every_derivation_says_by_what(both: Both) -> None:
    assert sum(len(stated(both.sound, name)) for name in TIES) > 50
    assert [name for name in TIES if stated(both.gone, name)] == []
    before, after = derivations(both.sound), derivations(both.gone)
    direct = {derivation for name in TIES for derivation in before.get(name, ()) if "-through/" not in derivation}
    assert direct == {derivation for name in TIES for derivation in after.get(name, ())} | _by_post(direct)
    marked = {node for node, by in stated(both.gone, "displacedBy") if by.endswith("-new")}
    assert direct - _by_post(direct) <= marked


def _by_post(derivations: set[str]) -> set[str]:
    """Return those that rest on a post as well: where that no longer stands, nothing suggests them."""
    return {derivation for derivation in derivations if "-by-post/" in derivation}


@pytest.mark.parametrize("name", ["who-met-whom", "which-institutions-met", "hierarchy", "places-in-place"])
def test_what_the_articles_said_of_ties_comes_back_on_request(name: str, both: Both) -> None:
    rows = both.sound.store.select(
        f"SELECT ?s ?o {{ GRAPH ?g {{ ?d {cq('derivedSubject')} ?s ; {cq('derivedObject')} ?o ; {cq('byRule')} ?rule }}"
        " FILTER (!CONTAINS(?rule, '-through') && !CONTAINS(?rule, '-by-post')) }"
    ).rows
    of_one_report = {(both.sound.id(s or ""), both.sound.id(o or "")) for s, o in rows}
    expected = {pair for pair in _things(both.sound, name) if pair in of_one_report}
    assert _things(both.gone, name) == set()
    assert expected <= _things(both.gone, name, include="displaced")
    assert expected or both.sound.base.endswith("/genre/")  # which has few ties of people, bodies and places


def _things(graph: Graph, name: str, **arguments: str) -> set[tuple[str, ...]]:
    """Return the first two things of the project in each row of a question, as ids."""
    rows = run(graph, question(name), arguments).rows
    things = ([term for term in row if term and term.startswith(f"<{graph.base}")] for row in rows)
    return {tuple(graph.id(term) for term in row if "#" not in term)[:2] for row in things}


def test_pages_and_the_network_show_no_tie_of_what_is_replaced(both: Both) -> None:
    people = {person for person, _ in stated(both.sound, "heldPostIn")}
    assert people
    for graph, expected in ((both.sound, True), (both.gone, False)):
        snapshot = Snapshot(graph, "1")
        pages = [thing_shown(snapshot, f"<{graph.base}{person}>") for person in sorted(people)]
        assert [bool(page and page.derived) for page in pages] == [expected] * len(people)
        assert bool(network_shown(snapshot, NetworkFilter("all")).pairs) is expected


def test_who_succeeded_whom_marks_a_post_that_no_longer_stands(built_project: Callable[[str], Project]) -> None:
    source = built_project("fiction")
    lines = built_lines(source)
    [post] = {line.split(" ")[2] for line in lines if f" {cq('incoming')} " in line and "/station-opens/" in line}
    gone = f"{post} {cq('displacedBy')} <{source.base}article/exchange-talks> <{source.base}graph/derived> ."
    rows = run(Graph(memory_store([*lines, gone]), source.base), question("replaced-officials"), {})
    posts = {lexical(row[rows.variables.index("post")] or "") for row in rows.rows}
    assert posts == {
        "President, Noordhaven Exchange",
        "Director, Aldenburg Harbour Authority (no longer stands)",
    }
