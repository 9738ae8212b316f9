"""Two compared: what they share and where they differ, each with evidence, by names as people type them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import combinations

import pytest
from starlette.testclient import TestClient

from kg.core.terms import cq
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.web.pages import compare
from kg.web.pages.compare import SideBySide, compared, naming_both
from kg.web.pages.derived import relations_of_ties
from kg.web.pages.page_queries import naming_in
from kg.web.pages.tie_queries import ties_with
from kg.web.site import open_site
from kg.web.snapshot import Snapshot
from tests.pages import Html
from tests.serving import BASE, client_of

MARA, IDA = f"<{BASE}person/mara-lind>", f"<{BASE}person/ida-brandt>"
HARBOUR, UNIVERSITY = (
    f"<{BASE}organization/{name}>" for name in ("aldenburg-harbour-authority", "noordhaven-university")
)


@pytest.fixture(scope="module")
def snapshot(fiction: Project) -> Iterator[Snapshot]:
    site = open_site(fiction)
    with site.snapshot() as shown:
        yield shown
    site.close()


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as made:
        yield made


def shown(snapshot: Snapshot, one: str, other: str) -> SideBySide:
    comparison = compared(snapshot, one, other)
    assert comparison
    return comparison


def facts_with(snapshot: Snapshot, term: str) -> set[str]:
    """Return the standing facts that name a thing, read another way: by SPARQL over all articles."""
    graph = snapshot.graph
    rows = graph.store.select(
        f"SELECT DISTINCT ?s WHERE {{ GRAPH ?g {{ ?s ?p {term} }} FILTER (?g != {graph.named('derived')})"
        " FILTER (!CONTAINS(STR(?s), '/evidence/')) }"
    ).rows
    gone = graph.store.select(f"SELECT ?f WHERE {{ GRAPH ?g {{ ?f {cq('displacedBy')} ?by }} }}").rows
    return {graph.fact_of(node) for (node,) in rows if node} - {fact for (fact,) in gone if fact} - {""}


@pytest.mark.parametrize(("one", "other"), [(MARA, IDA), (HARBOUR, UNIVERSITY)])
def test_the_facts_that_name_both_are_all_there_each_with_evidence(snapshot: Snapshot, one: str, other: str) -> None:
    comparison = shown(snapshot, one, other)
    lines = [line for section in comparison.facts for line in section.lines]
    expected = facts_with(snapshot, one) & facts_with(snapshot, other)
    assert expected
    assert sum(section.total for section in comparison.facts) == len(expected)
    assert {line.reading.fact for line in lines} <= expected
    assert all(line.words for line in lines)


def test_relations_are_with_each_other_shared_or_of_one_alone_each_with_evidence(snapshot: Snapshot) -> None:
    comparison = shown(snapshot, MARA, IDA)
    assert [(each.one.term, each.relation, each.other.term) for each in comparison.between] == [(MARA, "met with", IDA)]
    shared = {(tie.relation, tie.end.term) for tie in comparison.ties}
    assert {("held a post in", HARBOUR), ("represented", HARBOUR)} <= shared
    own = [{(line.relation, line.other.term) for group in groups for line in group.lines} for groups in comparison.own]
    assert ("represented", UNIVERSITY) in own[1]
    assert not own[0] & own[1]
    assert not shared & (own[0] | own[1])
    every = [*comparison.between, *(derived for tie in comparison.ties for derived in (tie.one, tie.other))]
    assert all(each.words for each in every)
    assert all(line.words for groups in comparison.own for group in groups for line in group.lines)


def test_of_any_two_things_all_facts_that_name_both_are_known(snapshot: Snapshot) -> None:
    things = [thing.term for thing in entity_names(snapshot.graph).things]
    named = {thing: facts_with(snapshot, thing) for thing in things}
    for one, other in combinations(things, 2):
        both = [fact for facts in naming_both(snapshot, one, other).values() for fact in facts]
        assert sorted(both) == sorted(named[one] & named[other])


def test_a_comparison_reads_references_only_in_the_articles_of_the_facts_it_shows(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(graph: Graph, articles: Sequence[str], things: Sequence[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
        read.extend(articles)
        return naming_in(graph, articles, things)

    monkeypatch.setattr(compare, "naming_in", noted)
    monkeypatch.setattr(compare, "FIRST", 1)
    comparison = shown(snapshot, MARA, IDA)
    assert max(section.total for section in comparison.facts) > 1
    assert len(read) == len(comparison.facts)
    assert all(len(section.lines) == 1 for section in comparison.facts)


def test_a_derivation_is_no_relation_of_what_it_is_about(snapshot: Snapshot) -> None:
    place = f"<{BASE}place/aldenburg>"
    triples = ties_with(snapshot.graph, relations_of_ties(snapshot), place, 1000)
    assert triples
    assert not any("/derived/" in end for s, _, o in triples for end in (s, o))


def test_the_other_way_round_the_sides_change_places_and_nothing_else(snapshot: Snapshot) -> None:
    one, other = shown(snapshot, MARA, IDA), shown(snapshot, IDA, MARA)
    assert one.own == other.own[::-1]
    assert {tie.end.term for tie in one.ties} == {tie.end.term for tie in other.ties}
    assert [section.total for section in one.facts] == [section.total for section in other.facts]


def test_what_is_not_read_is_said(snapshot: Snapshot, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shown(snapshot, MARA, IDA).is_cut
    monkeypatch.setattr(compare, "MOST_TIES", 3)
    assert shown(snapshot, MARA, IDA).is_cut
    assert "not all were read" in client.get("/compare?one=person/mara-lind&other=person/greta-holm").text


def test_names_are_typed_as_they_are_and_a_wrong_one_is_answered_at_its_field(client: TestClient) -> None:
    page = client.get("/compare", params={"one": "Mara Lind", "other": "ida brandt"})
    assert page.status_code == 200
    assert "<bdi>Mara Lind</bdi> and <bdi>Ida Brandt</bdi>" in page.text
    assert "/compare?one=person%2Fmara-lind&other=person%2Fida-brandt" in unescape(page.text)
    wrong = client.get("/compare", params={"one": "Mara Lind", "other": "Idda Brant"})
    assert wrong.status_code == 400
    assert 'id="field-other-fault"' in wrong.text
    assert "ida-brandt" in wrong.text
    same = client.get("/compare", params={"one": "Mara Lind", "other": "person/mara-lind"})
    assert same.status_code == 400
    assert "Both names mean the same" in same.text


def test_two_that_share_nothing_are_told_so(client: TestClient) -> None:
    page = client.get("/compare", params={"one": "Greta Holm", "other": "Bram Oost"})
    assert "No fact names both" in page.text


def test_the_page_of_a_thing_leads_to_its_comparison(client: TestClient) -> None:
    links = set(Html(client.get("/person/mara-lind.html").text).links())
    assert "/compare?one=person/mara-lind" in links
