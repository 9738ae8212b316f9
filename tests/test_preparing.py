"""What a server prepares of a whole graph: nothing is read twice, nothing is kept that only led to something else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from kg.core.model import Term, Triple
from kg.core.terms import ATTRIBUTED, DERIVATION, REPORTED, cq
from kg.core.values import lexical
from kg.planning.rows import Rows
from kg.project.settings import Project
from kg.questions.fulltext import Found, FullText
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.when import all_days, dates_of, days_by_fact
from kg.store.embedded import EmbeddedStore
from kg.web import pages
from kg.web.pages import facts_naming
from kg.web.pages.brief import thing_in_brief
from kg.web.pages.catalogue import catalogue
from kg.web.pages.derived import ties
from kg.web.pages.lexicon import lexicon
from kg.web.pages.matching import Matching
from kg.web.pages.network import displaced_ties, encounters
from kg.web.pages.page_queries import is_reported
from kg.web.pages.reported import reported_facts
from kg.web.pages.stories import stories
from kg.web.pages.thing import thing_shown
from kg.web.site import Site, open_site


@pytest.fixture(scope="module")
def site(fiction: Project) -> Iterator[Site]:
    opened = open_site(fiction)
    yield opened
    opened.close()


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SELECT queries that the store is asked from now on."""
    return recorded(monkeypatch)


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of the SELECT queries that the store is asked from now on."""
    texts: list[str] = []
    select = EmbeddedStore.select

    def noted(store: EmbeddedStore, query: str) -> Rows:
        texts.append(query)
        return select(store, query)

    monkeypatch.setattr(EmbeddedStore, "select", noted)
    return texts


@pytest.fixture(scope="module")
def while_prepared(site: Site) -> list[str]:
    """The queries with which all is prepared but the answers to questions, which have processes of their own."""
    with pytest.MonkeyPatch.context() as monkeypatch, site.snapshot() as snapshot:
        for slow in ("ontology_pages", "compile_templates"):  # they read no graph
            monkeypatch.setattr(pages, slow, lambda *_: None)
        texts = recorded(monkeypatch)
        for make in pages.needed(site):
            make(snapshot)
    return texts


def test_preparing_asks_no_query_twice(while_prepared: list[str]) -> None:
    assert {query: times for query, times in Counter(while_prepared).items() if times > 1} == {}
    assert len(while_prepared) > 50


@pytest.mark.usefixtures("while_prepared")
def test_what_is_read_only_to_make_lists_is_released(site: Site) -> None:
    with site.snapshot() as snapshot:
        assert [snapshot.memo.made(key) for key in ("reported facts", "all labels")] == [None, None]
        assert snapshot.memo.made("catalogue")


@pytest.mark.usefixtures("while_prepared")
def test_what_no_longer_stands_is_prepared_with_the_rest(site: Site, queries: list[str]) -> None:
    with site.snapshot() as snapshot:
        assert stories(snapshot, include=True).by_story.keys() > stories(snapshot).by_story.keys()
        assert len(encounters(snapshot, include=True)) >= len(encounters(snapshot))
        displaced_ties(snapshot)
    assert queries == []


def test_stories_that_are_the_same_with_and_without_what_no_longer_stands_are_kept_once(site: Site) -> None:
    with site.snapshot() as snapshot:
        every, standing = stories(snapshot, include=True).by_story, stories(snapshot).by_story
        displaced = reported_facts(snapshot).displaced
    for story, entry in standing.items():
        reports = {every[story].fact, *every[story].others}
        assert (entry is every[story]) == (not reports & displaced), story
        assert not {entry.fact, *entry.others} & displaced


def test_a_list_holds_four_bytes_for_each_value_of_a_member(site: Site) -> None:
    with site.snapshot() as snapshot:
        numbers = [
            some for each in catalogue(snapshot).values() for f in each.facets.values() for some in f.values.values()
        ]
    assert {memoryview(some).itemsize for some in numbers} == {4}
    assert all(list(some) == sorted(set(some)) for some in numbers)


def test_codes_of_parts_of_facts_are_not_read_for_lists(while_prepared: list[str]) -> None:
    assert not [query for query in while_prepared if cq("function") in query]
    assert [query for query in while_prepared if cq("modality") in query]


def test_how_facts_are_reported_is_read_only_where_it_is_not_simply_so(site: Site, while_prepared: list[str]) -> None:
    assert not [query for query in while_prepared if f"{cq('reportedAs')} {REPORTED}" in query]
    with site.snapshot() as snapshot:
        facts = reported_facts(snapshot)
        codes = dict(snapshot.graph.every_value(cq("reportedAs")))
    assert {fact: facts.how_reported(fact) for fact in facts.classes} == {fact: codes[fact] for fact in facts.classes}
    assert ATTRIBUTED in facts.reported_as.values()
    assert REPORTED not in facts.reported_as.values()


def test_no_relation_of_derivations_is_searched_for_reports(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Term] = []

    def noted(graph: Graph, prop: Term) -> bool:
        asked.append(prop)
        return is_reported(graph, prop)

    monkeypatch.setattr(facts_naming, "is_reported", noted)
    with site.snapshot() as snapshot:
        snapshot.memo.forget("relations")
        used = facts_naming.used_relations(snapshot)
        assert used == [prop for prop in lexicon(snapshot).relations if is_reported(snapshot.graph, prop)]
    assert used
    assert not DERIVATION.intersection(asked)


def test_a_thing_in_brief_says_what_its_page_says(site: Site) -> None:
    with site.snapshot() as snapshot:
        for thing in entity_names(snapshot.graph).things:
            brief, shown = thing_in_brief(snapshot, thing.term), thing_shown(snapshot, thing.term)
            assert brief
            assert shown
            assert (brief.label, brief.kind) == (shown.label, shown.kind)
            assert (brief.introduction, brief.headings) == (shown.introduction, shown.headings)
        assert thing_in_brief(snapshot, f"<{snapshot.graph.base}person/nobody>") is None


def test_the_days_of_some_facts_are_those_of_their_dates(site: Site) -> None:
    with site.snapshot() as snapshot:
        facts = list(reported_facts(snapshot).classes)
        dates, days = dates_of(snapshot.graph, facts), days_by_fact(snapshot.graph, facts)
        every = all_days(snapshot.graph)
    expected = {fact: (date.earliest, date.latest) for fact, date in dates.items() if date.order}
    assert {fact: (each.earliest, each.latest) for fact, each in days.items()} == expected
    assert {fact: every[fact] for fact in days} == days


def test_ties_have_the_first_and_the_last_of_their_derivations(site: Site) -> None:
    with site.snapshot() as snapshot:
        expected = {t: (min(names), max(names)) for t, names in _derivations(snapshot.graph).items()}
        known = {triple: (lexical(nodes[0]), lexical(nodes[-1])) for triple, nodes in ties(snapshot).items()}
    assert known == expected
    assert any(first != last for first, last in known.values())


def _derivations(graph: Graph) -> dict[Triple, list[str]]:
    """Return tie between things of the registry -> the names of its derivations that stand."""
    ends = f"?d {cq('derivedSubject')} ?s ; {cq('derivedPredicate')} ?p ; {cq('derivedObject')} ?o"
    rows = graph.store.select(f"SELECT ?s ?p ?o ?d {{ GRAPH {graph.named('derived')} {{ {ends} }} }}").rows
    displaced = {
        node for (node,) in graph.store.select(f"SELECT ?d {{ GRAPH ?g {{ ?d {cq('displacedBy')} ?by }} }}").rows
    }
    found: defaultdict[Triple, list[str]] = defaultdict(list)
    for s, p, o, d in rows:
        if s and p and o and d and d not in displaced and not graph.article_of(s) and not graph.article_of(o):
            found[s, p, o].append(lexical(d))
    return dict(found)


def test_members_match_all_filters_and_are_counted_for_each_value() -> None:
    every, some = Matching(5, []), Matching(5, [[0, 1, 3], [1, 3, 4]])
    assert (every.is_all, every.total, every.count([2, 4])) == (True, 5, 2)
    assert (some.is_all, some.total, some.count([0, 1, 2])) == (False, 2, 1)
    assert (some.among([3, 2, 1]), some.without([3]), Matching(5, [[]]).total) == ([3, 1], [1], 0)


def test_equally_good_sentences_come_by_their_terms_and_then_as_they_stand() -> None:
    rows = [(kind, term, f"a quay {k}") for kind in reversed(Found) for term in ("<c>", "<a>", "<b>") for k in (2, 1)]
    index = FullText(rows)
    for kind in Found:
        hits = index.search("quay", kind, 10)
        assert hits.total == 6
        assert [(hit.term, "".join(text for _, text in hit.pieces)[-1]) for hit in hits.best] == [
            (term, k) for term in ("<a>", "<b>", "<c>") for k in "21"
        ]
        later = index.search("quay", kind, 2, 4)
        assert [hit.term for hit in later.best] == ["<c>", "<c>"]
