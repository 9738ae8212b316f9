"""The pages of the explorer without a browser: what they show, that they are sound HTML, that nothing breaks them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from kg.core.model import Term
from kg.core.terms import ATTRIBUTED, CODE, TYPE, cq
from kg.core.values import lexical
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.lookup import all_names, entity_names
from kg.questions.query import run
from kg.questions.reading import FactReading, readings
from kg.questions.spans import Stretch, paragraphs
from kg.questions.standing import DENIED, PROPOSED, stage_reached
from kg.questions.when import COUNTED, INFERRED, FactTime
from kg.web.pages import posts
from kg.web.pages.article import article_shown
from kg.web.pages.browse import browsed
from kg.web.pages.catalogue import catalogue
from kg.web.pages.home import home
from kg.web.pages.lexicon import lexicon
from kg.web.pages.network import MOST_EVENTS, NetworkFilter, encounters, network_shown
from kg.web.pages.page_queries import pointing_at
from kg.web.pages.paging import Paging
from kg.web.pages.posts import post_reports, posts_of
from kg.web.pages.stories import stories
from kg.web.pages.tabular import happenings, in_order, sheet
from kg.web.pages.thing import thing_shown
from kg.web.pages.things import questions_about
from kg.web.pages.timeline import TimelineFilter, timeline_shown
from kg.web.pages.undated import places_after
from kg.web.site import Site, open_site
from kg.web.snapshot import Snapshot
from tests.hostile import WITHHELD, hostile_project
from tests.pages import Html, faults
from tests.questions import question
from tests.serving import BASE, client_of

PAGES = (
    *("/browse", "/browse/people", "/browse/events?group=kind", "/browse/agreements?stage=Signed&from=1", "/data"),
    *("/browse/agreements?stage=Nothing", "/browse/statements?group=nothing"),
    *("/", "/articles", "/search?q=lind", "/search?q=zzz", "/search", "/search?q=million&within=text", "/questions"),
    *("/network", "/network?kind=all", "/network?since=2099-01-01", "/map", "/map?since=2099-01-01"),
    *("/compare", "/compare?one=person/mara-lind", "/compare?one=person/mara-lind&other=person/jonas-thorsen"),
    *("/timeline", "/timeline?kind=posts&from=1", "/timeline?since=2099-01-01", "/sparql", "/sparql?query=ASK%7B%7D"),
    *("/questions/who-took-part", "/questions/who-met-whom", "/questions/agreements-by-stage?stage=Signed&sort=-2"),
    *("/person/mara-lind.html", "/organization/aldenburg-harbour-authority.html", "/place/aldenburg.html"),
    *("/person/mara-lind.html?section=statements", "/article/harbour-study/meeting.html"),
    *("/article/harbour-study", "/article/tide-workshop", "/article/ten-harbours", "/article/exchange-merger-rumour"),
)  # fmt: skip


def term(path: str) -> Term:
    return f"<{BASE}{path}>"


@pytest.fixture(scope="module")
def site(fiction: Project) -> Iterator[Site]:
    opened = open_site(fiction)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def snapshot(site: Site) -> Iterator[Snapshot]:
    with site.snapshot() as shown:
        yield shown


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as made:
        yield made


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with client_of(hostile_project(tmp_path_factory.mktemp("hostile"))) as made:
        yield made


def got(client: TestClient, address: str, status: int = 200) -> Html:
    answer = client.get(address, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    return Html(answer.text)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sound_html_and_loads_nothing_from_elsewhere(client: TestClient, address: str) -> None:
    status = 410 if "rumour" in address else 200
    assert faults(got(client, address, status)) == []


@pytest.mark.parametrize("address", [a for a in PAGES if "exchange-merger" not in a])
def test_hostile_names_are_text_on_every_page(hostile: TestClient, address: str) -> None:
    page = got(hostile, address)
    assert faults(page) == []
    assert not any(attributes.get("src") == "x" for attributes in page.all("img"))
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", page.text)
    assert not any("document.title" in attributes.get("src", "") for attributes in page.all("script"))


def test_hostile_names_are_seen_as_they_are_but_turn_nothing_round(hostile: TestClient) -> None:
    page = got(hostile, "/person/mara-lind.html")
    assert "&lt;script&gt;document.title=&#39;taken&#39;&lt;/script&gt;" in page.text
    assert "\ufffdgnirts\ufffd" in page.text
    assert "{{ 7*7 }}" in page.text
    choices = hostile.get("/search.json?q=mara").json()["results"]
    assert "\ufffdgnirts" in choices[0]["label"]


def test_what_is_typed_comes_back_as_text(client: TestClient) -> None:
    for address in ("/search?q=", "/questions/statements?speaker=", "/sparql?query=", "/network?topic="):
        page = Html(
            client.get(
                f"{address}%3C/textarea%3E%3Cscript%3Ex%3C/script%3E%22%27", headers={"accept": "text/html"}
            ).text
        )
        assert [a for a in page.all("script") if not a.get("src", "").startswith("/static/")] == []


def test_a_withheld_text_is_not_shown_and_its_facts_are(hostile: TestClient) -> None:
    page = got(hostile, f"/{WITHHELD}")
    assert "may not be shown" in page.text
    assert not page.all("blockquote")
    assert 'class="span' not in page.text
    assert page.text.count('id="fact-') > 5


def test_the_pages_carry_the_strict_policy_and_only_the_editor_more(client: TestClient) -> None:
    for address in ("/", "/person/mara-lind.html", "/network", "/questions/figures"):
        assert "unsafe" not in client.get(address).headers["content-security-policy"]
    policy = client.get("/sparql", headers={"accept": "text/html"}).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert policy.count("unsafe") == 1


# home, search


def test_home_tells_counts_period_build_and_state(snapshot: Snapshot, client: TestClient) -> None:
    shown = home(snapshot)
    assert shown.article_count == 12
    assert shown.generation == 1
    assert shown.period
    assert [e.reading.order for e in shown.recent] == sorted([e.reading.order for e in shown.recent], reverse=True)
    page = got(client, "/")
    assert "Last build: generation 1" in page.text
    assert {"/questions/who-took-part", "/articles", "/browse/people", "/browse/figures"} <= set(page.links())


def test_a_figure_is_found_in_facts_and_in_the_texts_of_articles(client: TestClient) -> None:
    page = got(client, "/search?q=%2218.5+million%22")
    assert {"facts", "texts"} <= page.ids
    assert "<mark>18.5 million</mark>" in page.text
    alone = got(client, "/search?q=million&within=text")
    assert "facts" not in alone.ids
    assert '<a href="?q=million">All results</a>' in alone.text


def results(client: TestClient, address: str) -> dict[str, list[str]]:
    """Return kind of result -> the texts of its results, without tags."""
    parts = re.split('<h2 id="(names|facts|texts)">', got(client, address).text)
    return {
        kind: [" ".join(re.sub("<[^>]+>", " ", item).split()) for item in re.findall("<li.*?</li>", part, re.DOTALL)]
        for kind, part in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_what_several_articles_report_in_the_same_words_is_one_result(client: TestClient) -> None:
    found = results(client, "/search?q=ferry+terminal")
    [signing] = [text for text in found["names"] if text.startswith("Signing of the ferry")]
    assert "on May 10” · also in New ferry terminal for Skarholm (no longer stands); Skarholm to have a" in signing
    [sentence] = [text for text in found["texts"] if "SKARHOLM, May 11" in text]
    assert re.search("New ferry terminal for Skarholm ?, Aldenburg Gazette.* · also in Skarholm to have", sentence)
    [fact] = [text for text in results(client, "/search?q=terminal&within=fact")["facts"] if "Signing" in text]
    assert re.match("Signing of the ferry terminal ?contract. 10 May 2032", fact)
    assert fact.count("also in") == 1


def test_a_fact_among_the_names_is_no_second_result_unless_its_sentence_says_more(client: TestClient) -> None:
    found = results(client, "/search?q=receives")
    assert len(found["names"]) == 4
    assert "facts" not in found
    found = results(client, "/search?q=ferry")
    assert not any(text.startswith("Signing") for text in found["facts"])
    assert sum(text.startswith("Contract for a ferry terminal in Skarholm (") for text in found["facts"]) == 2
    assert not any("signed. signed" in text for text in found["facts"])


def test_the_words_of_a_withheld_text_are_not_found(client: TestClient, hostile: TestClient) -> None:
    for shown, count in ((client, 1), (hostile, 0)):
        page = got(shown, "/search?q=workshop+tides&within=text")
        assert len({link for link in page.links() if link == f"/{WITHHELD}"}) == count


def test_a_name_is_found_in_any_script_case_and_order(snapshot: Snapshot) -> None:
    names = all_names(snapshot.graph)

    def first(typed: str) -> str:
        found = names.fitting(typed, 3)
        return found[0].thing.id if found else ""

    assert first("mara lind") == first("LIND, Mara") == first("Mará") == "person/mara-lind"
    greek = next(name for thing in names.things for name in thing.names if re.search("[α-ω]", name))
    assert greek in [found.name for found in names.fitting(greek[:5], 5)]
    assert names.fitting("   ", 3) == []


def test_choices_keep_to_a_class(client: TestClient) -> None:
    kinds = {c["id"].split("/")[0] for c in client.get("/search.json?q=a&type=Organization").json()["results"]}
    assert kinds == {"organization"}
    assert client.get("/search.json?q=a&type=Nonsense", headers={"accept": "text/html"}).status_code == 400


def test_a_name_that_is_misspelt_is_proposed_where_nothing_fits(client: TestClient) -> None:
    near = client.get("/search.json?q=Mara+Lynd").json()
    assert (near["near"], near["results"][0]["id"]) == (True, "person/mara-lind")
    assert client.get("/search.json?q=Mara+Lynd&type=Place").json()["results"] == []
    assert client.get("/search.json?q=Mara+Lind").json()["near"] is False
    page = got(client, "/search?q=Mara+Lynd").text
    assert "Did you mean" in page
    assert 'href="/person/mara-lind"' in page
    assert "Did you mean" not in got(client, "/search?q=qqqq").text


# lists to browse


def test_the_counts_of_home_are_those_of_the_lists(snapshot: Snapshot, client: TestClient) -> None:
    collections = catalogue(snapshot)
    assert [collection.section.key for collection in home(snapshot).collections][:3] == ["people", "bodies", "places"]
    for key, collection in collections.items():
        page = got(client, f"/browse/{key}")
        assert f"<b>{len(collection.members):,} {collection.section.title.lower()}</b>" in page.text
    reported = {node for collection in collections.values() if collection.reports for node in collection.members}
    assert reported == {fact for fact in facts_of(snapshot) if snapshot.graph.fact_of(fact) == fact}


def facts_of(snapshot: Snapshot) -> set[Term]:
    classes = " ".join(lexicon(snapshot).below("Fact"))
    pattern = f"VALUES ?class {{ {classes} }} GRAPH ?article {{ ?fact {TYPE} ?class ; {cq('reportedAs')} ?how }}"
    return {fact for (fact,) in snapshot.graph.store.select(f"SELECT ?fact {{ {pattern} }}").rows if fact}


def test_each_choice_leads_to_as_many_as_it_counts(snapshot: Snapshot) -> None:
    for collection in catalogue(snapshot).values():
        for some in browsed(snapshot, collection, {}).filters:
            for choice in some.choices:
                chosen = dict(parse_qsl(choice.state))
                assert browsed(snapshot, collection, chosen).paging.total == choice.count, (
                    collection.section.key,
                    choice,
                )


def test_a_filter_with_many_values_shows_the_most_frequent(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = catalogue(snapshot)["agreements"]
    every = browsed(snapshot, collection, {}).filters[1]
    monkeypatch.setattr("kg.web.pages.browse.MOST_CHOICES", 2)
    few = browsed(snapshot, collection, {}).filters[1]
    assert few.choices == every.choices[:2]
    assert (few.further, every.further) == (len(every.choices) - 2, 0)
    rarest = dict(parse_qsl(every.choices[-1].state))
    again = next(some for some in browsed(snapshot, collection, rarest).filters if some.title == every.title)
    assert [choice.text for choice in again.choices if choice.chosen] == [every.choices[-1].text]


def test_filters_add_up_and_a_chosen_one_shows_its_other_values(snapshot: Snapshot) -> None:
    collection = catalogue(snapshot)["agreements"]
    stages = {choice.text: choice for choice in browsed(snapshot, collection, {}).filters[1].choices}
    chosen = browsed(snapshot, collection, {"stage": "Signed"})
    again = next(some for some in chosen.filters if some.title == "Stage")
    assert {choice.text: choice.count for choice in again.choices} == {k: c.count for k, c in stages.items()}
    assert [choice.state for choice in again.choices if choice.chosen] == [""]
    year = next(some for some in chosen.filters if some.title == "Year")
    assert sum(choice.count for choice in year.choices) == chosen.paging.total


def test_agreements_are_grouped_by_stage_events_by_year_and_as_asked(snapshot: Snapshot) -> None:
    collections = catalogue(snapshot)
    stages = [group.title for group in browsed(snapshot, collections["agreements"], {}).groups]
    assert stages.index("Signed") < stages.index("Proposed")
    years = [group.title for group in browsed(snapshot, collections["events"], {}).groups]
    assert years == [*sorted((year for year in years if year.isdigit()), reverse=True), "No date"]
    assert [group.title for group in browsed(snapshot, collections["events"], {}, "").groups] == [""]


def test_what_is_only_expected_or_hoped_for_is_raised_and_not_proposed(
    built_project: Callable[[str], Project],
) -> None:
    opened = open_site(built_project("real"))
    with opened.snapshot() as known:
        every = browsed(known, catalogue(known)["agreements"], {})
        raised = browsed(known, catalogue(known)["agreements"], {"stage": "raised"})
    opened.close()
    groups = {group.title: group.rows for group in every.groups}
    assert "Proposed" not in groups
    assert {row.reading.standing for row in groups["Raised, not agreed"] if row.reading} == {"expected", "hoped for"}
    assert not any("proposed" in row.reading.beyond_name for row in groups["Raised, not agreed"] if row.reading)
    assert [group.rows for group in raised.groups] == [groups["Raised, not agreed"]]
    [stages] = [some for some in every.filters if some.title == "Stage"]
    assert {choice.state for choice in stages.choices} >= {"stage=raised", "stage=Signed"}
    assert stage_reached(PROPOSED, ATTRIBUTED) == PROPOSED
    assert stage_reached(f"<{CODE}stage/Signed>", f"<{CODE}reportedAs/Denied>") == DENIED
    assert stage_reached(PROPOSED, f"<{CODE}reportedAs/Rumoured>") == f"<{CODE}reportedAs/Rumoured>"


def test_an_unknown_value_says_that_nothing_matches_and_how_to_go_on(client: TestClient) -> None:
    page = got(client, "/browse/agreements?stage=Nothing")
    assert "matches all the filters" in page.text
    assert "/browse/agreements" in list(page.links())
    assert client.get("/browse/nothing").status_code == 404


def test_a_list_of_people_tells_their_posts(client: TestClient) -> None:
    assert re.search(
        "Mara Lind</bdi></a><p class=.summary.><bdi>[^<]*, [^<]*</bdi>", got(client, "/browse/people").text
    )


# things


def test_a_persons_page_has_posts_events_and_statements_with_words(snapshot: Snapshot) -> None:
    shown = thing_shown(snapshot, term("person/mara-lind"))
    assert shown
    sections = {section.key: section for section in shown.sections}
    assert {"posts", "events", "statements"} <= sections.keys()
    assert all(line.words for section in shown.sections for line in section.lines)
    meeting = next(
        line for line in sections["events"].lines if line.reading.fact == term("article/harbour-study/meeting")
    )
    details = {
        detail.label: [value.text for value in detail.values] for part in meeting.parts for detail in part.details
    }
    assert details["side"] == ["host"]
    assert details["capacity"] == ["Director, Aldenburg Harbour Authority"]


def test_a_persons_page_says_first_who_they_are_and_what_they_last_did(snapshot: Snapshot, client: TestClient) -> None:
    shown = thing_shown(snapshot, term("person/mara-lind"))
    assert shown
    assert shown.introduction
    latest = shown.introduction.latest
    assert latest
    assert latest.order == max(
        line.reading.order for part in shown.sections if part.key == "events" for line in part.lines
        if line.reading.state.endswith("/Occurred>")
    )  # fmt: skip
    page = got(client, "/person/mara-lind.html").text
    head = page[: page.index("</header>", page.index("<h1>"))]
    assert "Director, Aldenburg Harbour Authority" in head
    assert f'Latest event: <a href="/{snapshot.graph.id(latest.fact)}">' in head
    assert thing_shown(snapshot, term("place/aldenburg")).introduction is None  # type: ignore[union-attr]


def test_the_lines_of_a_post_do_not_repeat_its_name_nor_its_date(snapshot: Snapshot) -> None:
    shown = thing_shown(snapshot, term("person/mara-lind"))
    assert shown
    posts = next(section for section in shown.sections if section.key == "posts").lines
    director = next(line for line in posts if line.reading.label == "Director, Aldenburg Harbour Authority")
    assert director.reading.when
    assert director.parts == ()
    assert {detail.label for detail in director.details}.isdisjoint({"holder", "organization", "title"})
    assert director.reading.when.source not in {value.term for each in director.details for value in each.values}


def test_the_modality_of_a_statement_stays_beside_its_words(snapshot: Snapshot) -> None:
    shown = thing_shown(snapshot, term("person/mara-lind"))
    assert shown
    lines = next(section for section in shown.sections if section.key == "statements").lines
    assert all("type of statement" in {detail.label for detail in line.details} for line in lines)


@pytest.mark.parametrize(
    ("days", "written", "dating", "shown"),
    [
        ("9 February 2017 (uncertain)", "on Feb 9", INFERRED, "9 February 2017 · year inferred"),
        ("2024 to 2029", "", INFERRED, "2024 to 2029 · inferred"),
        ("May 2031", "in May", INFERRED, "May 2031 · inferred"),
        ("19 October 2023", "Thursday", COUNTED, "19 October 2023 · counted from “Thursday”"),
        ("9 February 2017 (uncertain)", "about 9 February 2017", "", "9 February 2017 (uncertain)"),
    ],
)
def test_a_date_says_how_it_is_known(days: str, written: str, dating: str, shown: str) -> None:
    assert FactTime("2017-02-09", "2017-02-09", dating, "", "", days, written).text == shown


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("article/harbour-study/cost-statement", "between 7,000,000,000 and 9,000,000,000 euro"),
        ("article/harbour-study/joint-study", "2,400,000 euro"),
    ],
)
def test_a_range_reads_as_a_sentence_does(client: TestClient, path: str, words: str) -> None:
    text = got(client, f"/{path}.html").text
    assert words in text
    assert not re.search("between [0-9,]+–", text)


def test_a_sentence_drops_the_name_that_it_begins_with() -> None:
    def beyond(summary: str, standing: str = "") -> str:
        return FactReading("", "", "Bond Connect", summary, standing=standing).beyond_name

    assert beyond("Bond Connect (Both markets): proposed.", "proposed") == "Both markets"
    assert beyond("Bond Connect (Both markets): 21 yuan.") == "Both markets; 21 yuan"
    assert beyond("Bond Connect: existing mechanism.", "existing mechanism") == beyond("Bond Connect.") == ""
    assert beyond("Ida Moss said (stated): Bond Connect.") == "Ida Moss said (stated)"
    assert beyond("Ida Moss said: Bond Connect works.") == "Ida Moss said: Bond Connect works."


def test_what_was_derived_stands_apart_with_the_words_it_comes_from(snapshot: Snapshot) -> None:
    shown = thing_shown(snapshot, term("person/mara-lind"))
    assert shown
    met = [derived for derived in shown.derived if derived.relation == "met with"]
    assert met
    assert all(derived.words for derived in met)
    assert not any("/derived/" in line.reading.fact for section in shown.sections for line in section.lines)


def test_an_events_page_tells_its_participants_each_with_words(snapshot: Snapshot) -> None:
    shown = thing_shown(snapshot, term("article/harbour-study/meeting"))
    assert shown
    titles = {part.title.text for part in shown.parts if part.title}
    assert "Mara Lind" in titles
    assert all(part.words for part in shown.parts if part.title)
    assert shown.source
    assert shown.source.iri == term("article/harbour-study")


def test_what_no_other_page_is_about_is_shown_by_its_statements(snapshot: Snapshot, client: TestClient) -> None:
    rows = snapshot.graph.store.select(
        f"SELECT ?d WHERE {{ GRAPH ?g {{ ?d {cq('derivedPredicate')} {cq('attended')} }} }} ORDER BY ?d LIMIT 1"
    ).rows
    derivation = str(rows[0][0])
    page = got(client, f"/{snapshot.graph.id(derivation)}.html").text
    assert re.search(r"<h1><bdi>[^<]+ attended [^<]+</bdi></h1>", page)
    assert "<dt>derived object</dt>" in page
    assert '<summary>Evidence<span class="unseen"> for: ' in page
    assert re.search(r"Dataset · [0-9,]+ statements", got(client, "/graph/registry.html").text)


def test_a_section_goes_on_from_page_to_page(snapshot: Snapshot) -> None:
    whole = thing_shown(snapshot, term("organization/aldenburg-harbour-authority"), "events")
    assert whole
    total = whole.sections[0].paging.total
    later = thing_shown(snapshot, term("organization/aldenburg-harbour-authority"), "events", start=total - 1)
    assert later
    assert len(later.sections[0].lines) == 1
    assert (later.sections[0].paging.after, later.sections[0].paging.start) == (None, total - 1)
    assert len(whole.sections) == 1


@pytest.mark.parametrize("path", ["person/nobody", "article/none", "article/harbour-study/none"])
def test_what_the_graph_does_not_know_has_no_page(snapshot: Snapshot, path: str) -> None:
    assert thing_shown(snapshot, term(path)) is None
    assert article_shown(snapshot, term(path)) is None


# articles


def test_the_navigation_of_a_page_has_the_headings_of_its_lists(client: TestClient) -> None:
    page = client.get("/person/mara-lind.html").text
    [navigation] = re.findall(r'<nav class="jump".*?</nav>', page, re.DOTALL)
    entries = re.findall(r'<a href="#(.+?)">(.+?)</a> <small>(.+?)</small>', navigation)
    assert entries == re.findall(r'<h2 id="(.+?)">([^<]+) <small>(.+?)</small></h2>', page)
    assert len(entries) > 2
    assert entries[-1][0] == "derived"


def test_overlapping_stretches_become_pieces_that_know_all_their_facts() -> None:
    [(sentence, other)] = paragraphs("They met on Thursday. Nobody sang.", [Stretch(0, 8, "a"), Stretch(5, 20, "b")])
    assert [(piece.text, piece.keys) for piece in sentence.pieces] == [
        ("They ", ("a",)),
        ("met", ("a", "b")),
        (" on Thursday", ("b",)),
        (". ", ()),
    ]
    assert sentence.covered
    assert not other.covered


def test_pieces_together_are_the_text() -> None:
    text = "One. “Two!” 三。四？\nFive\n\n Six… and seven."
    marks = [Stretch(k, k + 7, str(k)) for k in range(0, len(text) - 7, 3)]
    told = "".join(piece.text for paragraph in paragraphs(text, marks) for s in paragraph for piece in s.pieces)
    assert "".join(told.split()) == "".join(text.split())
    assert len(paragraphs(text, marks)) == 2


def test_an_outlet_leads_to_its_articles_newest_first(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    text = got(client, "/organization/estuary-wire.html").text
    part = text[text.index('<h2 id="articles">Articles <small>4</small>') :]
    titles = re.findall('<a href="/(article/[a-z-]+)"><bdi>', part)[:4]
    assert titles == [
        f"article/{name}" for name in ("charter-grows", "linmouth-denial", "ten-harbours", "exchange-talks")
    ]
    assert "as publisher" in part
    assert '<li><a href="#articles">Articles</a> <small>4</small></li>' in text
    monkeypatch.setattr("kg.web.pages.thing.FIRST", 1)
    assert (
        'href="/articles?of=organization/noordhaven-courier">All 3 articles</a>'
        in got(client, "/organization/noordhaven-courier.html").text
    )


def test_the_articles_of_an_outlet_are_a_list_of_their_own(client: TestClient) -> None:
    page = got(client, "/articles?of=organization/estuary-wire")
    assert faults(page) == []
    assert "Articles of or about <bdi>Estuary Wire</bdi>" in page.text
    assert page.text.count('<li class="line">') == 4
    assert got(client, "/articles?of=person/mara-lind").text.count("No article names it so.") == 1
    assert "nobody-at-all" in got(client, "/articles?of=nobody-at-all", 404).text


def test_a_topic_leads_to_the_articles_on_it(client: TestClient) -> None:
    assert "as article topic" in got(client, "/topic/harbours.html").text


@pytest.mark.parametrize(
    ("address", "reads"),
    [
        ("/article/exchange-talks/merger.html", "denies</span> this agreement"),
        ("/article/exchange-talks/merger.html", "about entity</span> this agreement"),
        ("/organization/aldenburg-exchange.html", "party</span> this exchange"),
        ("/article/exchange-talks/joint-index.html", "proposes</span> this agreement"),
    ],
)
def test_how_a_fact_names_the_thing_of_its_page_is_a_phrase(client: TestClient, address: str, reads: str) -> None:
    text = got(client, address).text
    assert reads in text
    assert "<li><b>" not in text


def test_a_denial_is_not_denied_a_second_time(client: TestClient) -> None:
    text = got(client, "/article/linmouth-denial/denial.html").text
    assert re.search(r"type of statement</dt><dd>\s*<bdi>denial", text)
    assert "said in a denial" in text
    for address in ("/browse/statements", "/questions/statements", "/article/linmouth-denial"):
        assert not re.search(
            r"(modality|type of statement)[^a-z]*(</?[a-z]+[^>]*>\s*)*denied", got(client, address).text
        )


def test_an_articles_page_has_every_fact_and_its_span(snapshot: Snapshot) -> None:
    shown = article_shown(snapshot, term("article/harbour-study"))
    assert shown
    facts = {line.reading.fact for group in shown.facts for line in group.lines}
    keys = {
        key
        for paragraph in shown.paragraphs
        for sentence in paragraph
        for piece in sentence.pieces
        for key in piece.keys
    }
    assert keys == facts
    every = [sentence for paragraph in shown.paragraphs for sentence in paragraph]
    assert (shown.covered, shown.sentences) == (sum(sentence.covered for sentence in every), len(every))
    assert shown.fact_count > len(facts)
    assert shown.curation


@pytest.mark.parametrize("address", ["/article/ferry-terminal/talk.html", "/person/nils-orre.html"])
def test_a_post_that_no_longer_stands_is_marked_where_somebody_acted_in_it(client: TestClient, address: str) -> None:
    text = client.get(address).text
    assert re.search(r"capacity.{0,300}President, Linmouth Docks Company – no longer stands", text, re.DOTALL)


def test_an_answer_marks_a_post_that_no_longer_stands(site: Site, snapshot: Snapshot) -> None:
    rows = run(snapshot.graph, site.query("who-took-part"), {"meeting": "article/ferry-terminal/talk"})
    who, post = rows.variables.index("participantLabel"), rows.variables.index("post")
    posts = {lexical(row[who] or ""): lexical(row[post] or "") for row in rows.rows}
    assert posts == {
        "Nils Orre": "President, Linmouth Docks Company (no longer stands)",
        "Greta Holm": "Director, Skarholm Port Authority",
    }


@pytest.mark.parametrize("address", ["/browse/posts", "/person/nils-orre.html", "/article/linmouth-denial"])
def test_a_post_that_is_only_attested_on_a_day_does_not_seem_to_begin_then(client: TestClient, address: str) -> None:
    text = got(client, address).text
    assert re.search(r"Chairman, Linmouth Docks Company.{0,1200}as of 10 May 2032", text, re.DOTALL)


def test_each_date_in_the_list_of_posts_says_what_it_is(client: TestClient) -> None:
    dates = re.findall(r"<small>([^<]*\b20\d\d\b[^<]*)</small>", got(client, "/browse/posts").text)
    assert {date.split()[0] for date in dates} == {"as", "from", "2024"}
    assert [date for date in dates if date.startswith("2024 to")] == [
        "2024 to 29 February 2032 · counted from its words"
    ]


def test_the_introduction_of_a_person_has_one_preposition_before_a_date(client: TestClient) -> None:
    text = got(client, "/person/ida-brandt.html").text
    assert re.search(r'<p class="who">.*?<small>from March 2032', text, re.DOTALL)


def test_a_correction_is_told_on_both_articles(client: TestClient) -> None:
    assert "This article corrects" in got(client, "/article/tide-workshop-correction").text
    assert "Corrected by" in got(client, "/article/tide-workshop").text


# questions


def test_every_question_has_a_form_and_an_answer_or_says_what_it_needs(site: Site, client: TestClient) -> None:
    for query in site.queries:
        page = got(client, f"/questions/{query.name}")
        assert faults(page) == [], query.name
        names = {a["name"] for tag in ("input", "select") for a in page.all(tag) if "name" in a}
        assert {param.name for param in query.params} <= names


def test_a_question_keeps_its_state_in_every_link(client: TestClient) -> None:
    page = got(client, "/questions/statements?speaker=Mara+Lind&modality=Stated&modality=Willing")
    links = list(page.links())
    assert "/api/queries/statements?speaker=Mara+Lind&modality=Stated&modality=Willing&format=csv" in links
    assert any(link.startswith("?speaker=Mara+Lind&modality=Stated&modality=Willing&sort=") for link in links)
    checked = [a["value"] for a in page.all("input") if "checked" in a]
    assert checked == ["Stated", "Willing"]
    assert "kg query statements --speaker &#39;Mara Lind&#39; --modality Stated --modality Willing" in page.text


@pytest.mark.parametrize(
    ("address", "field", "told"),
    [
        ("statements?speaker=Mara+Lnd", "speaker", "did you mean &#39;Mara Lind&#39;"),
        ("what-an-institution-did?institution=person/mara-lind&since=May", "since", "write a full date"),
    ],
)
def test_a_fault_stands_at_its_field(client: TestClient, address: str, field: str, told: str) -> None:
    page = got(client, f"/questions/{address}", 400)
    [wrong] = [a for a in page.all("input") if a.get("aria-invalid")]
    assert wrong["name"] == field
    assert wrong["aria-describedby"] in page.ids
    assert told in page.text


def test_a_name_that_fits_several_things_leads_to_each(client: TestClient) -> None:
    page = client.get("/questions/what-an-institution-did", params={"institution": "Jan Vester", "since": "2031-01-01"})
    assert page.status_code == 400
    links = [at for at in Html(page.text).links() if "jan-vester" in at]
    assert len(links) == 2
    for at in links:
        assert "since=2031-01-01" in at
        assert client.get(f"/questions/what-an-institution-did{at}").status_code == 200


def test_columns_without_a_value_are_left_out_and_the_others_keep_their_numbers(client: TestClient) -> None:
    text = got(client, "/questions/agreements-of?body=organization/aldenburg-harbour-authority&stage=Proposed").text
    told = re.search(r"Empty columns hidden: ([a-z, ]+)\.", text)
    assert told
    assert not [title for title in told[1].split(", ") if f">{title}<" in text]
    for number, title in re.findall(r'sort=-?(\d+)">([a-z ]+)<', text):
        page = got(
            client,
            f"/questions/agreements-of?body=organization/aldenburg-harbour-authority&stage=Proposed&sort={number}",
        ).text
        assert re.search(f'aria-sort="ascending"><a href="[^"]*">{title}<', page), title


def test_numbers_of_different_things_have_no_bars(client: TestClient) -> None:
    assert '<svg class="bar"' not in got(client, "/questions/figures").text
    assert '<svg class="bar"' in got(client, "/questions/coverage").text


def test_questions_whose_answers_do_not_name_a_thing_stand_apart(site: Site, snapshot: Snapshot) -> None:
    shown = thing_shown(snapshot, term("person/mara-lind"))
    assert shown
    site.canned.prepare(snapshot, site.queries, lambda: True)
    told = {asking.at.partition("?")[0].rpartition("/")[2]: asking for asking in questions_about(site, snapshot, shown)}
    assert not told["posts-of-person"].empty
    assert "person=person%2Fmara-lind" in told["replaced-officials"].at
    assert any(asking.empty for asking in told.values())
    for name, asking in told.items():
        query = site.query(name)
        if asking.empty:
            field = asking.at.partition("?")[2].partition("=")[0]
            assert run(snapshot.graph, query, {field: [shown.id]}).rows == (), name


def test_an_unknown_question_is_not_found(client: TestClient) -> None:
    assert "did you mean" in got(client, "/questions/who-took-parts", 404).text


# network, timeline


def test_the_network_keeps_to_kind_period_and_topic(snapshot: Snapshot) -> None:
    people = network_shown(snapshot, NetworkFilter())
    assert people.total > 3
    assert all(pair.one.id.startswith("person/") for pair in people.pairs)
    assert [len(pair.events) for pair in people.pairs] == sorted((len(p.events) for p in people.pairs), reverse=True)
    assert network_shown(snapshot, NetworkFilter(until="2000-01-01")).total == 0
    assert network_shown(snapshot, NetworkFilter("all")).total > people.total
    met = {encounter.story for encounter in encounters(snapshot)}
    entry = next(entry for story, entry in stories(snapshot).by_story.items() if story in met and entry.topics)
    assert network_shown(snapshot, NetworkFilter(topic=next(iter(entry.topics)))).total >= 1
    assert len({(e.one, e.other, e.story) for e in encounters(snapshot)}) == len(encounters(snapshot))


def test_the_network_counts_as_its_question_does(built_project: Callable[[str], Project]) -> None:
    opened = open_site(built_project("real"))
    with opened.snapshot() as known:
        shown = network_shown(known, NetworkFilter())
        rows = run(known.graph, question("who-met-whom"), {}).rows
    opened.close()
    counted = {(pair.one.term, pair.other.term): (len(pair.events), len(pair.by_post)) for pair in shown.pairs}
    expected = defaultdict[tuple[Term, Term], list[int]](lambda: [0, 0])
    for one, _, tie, _, other, _, meetings, *_ in rows:
        assert one
        assert other
        assert meetings
        expected[one, other][0] += int(lexical(meetings))
        expected[one, other][1] += int(lexical(meetings)) if tie == cq("metWithByPost") else 0
    assert {pair: tuple(numbers) for pair, numbers in expected.items()} == counted
    assert {pair.is_by_post for pair in shown.pairs} == {True, False}


@pytest.mark.parametrize("path", ["/network", "/timeline"])
def test_a_period_that_makes_no_sense_is_told(client: TestClient, path: str) -> None:
    assert "“abc”: write a day as year-month-day" in got(client, f"{path}?since=abc").text
    assert "The period ends before it begins." in got(client, f"{path}?since=2032-01-01&until=2031-01-01").text
    assert "notice bad" not in got(client, f"{path}?since=2031-01-01&until=2032-01-01").text


def test_a_page_of_the_network_reads_only_what_it_shows(snapshot: Snapshot) -> None:
    page, file = (network_shown(snapshot, NetworkFilter("all"), with_facts=whole) for whole in (False, True))
    assert [(bond.one, bond.relation, bond.other) for bond in page.bonds] == [
        (bond.one, bond.relation, bond.other) for bond in file.bonds
    ]
    assert not any(bond.facts for bond in page.bonds)
    assert max(len(pair.events) for pair in page.pairs) > 0
    for pair in page.pairs:
        assert [event.fact for event in pair.newest] == [event.fact for event in pair.events[:MOST_EVENTS]]
        assert [event.order for event in pair.events] == sorted((event.order for event in pair.events), reverse=True)


def test_the_posts_of_a_person_are_those_that_stand_each_by_its_latest_report(snapshot: Snapshot) -> None:
    people = [thing.term for thing in entity_names(snapshot.graph).things if thing.id.startswith("person/")]
    for person in people:
        named = pointing_at(snapshot.graph, person, 10_000)
        reports = readings(snapshot.graph, sorted(node for node, prop in named if prop == cq("holder"))).values()
        standing = sorted((post for post in reports if not post.displaced_by), key=lambda post: post.label)
        latest: dict[str, FactReading] = {}
        for post in sorted(standing, key=lambda post: post.order, reverse=True):
            latest.setdefault(post.label, post)
        assert posts_of(snapshot, person, 3) == (tuple(latest.values())[:3], len(latest))
        assert tuple(post_reports(snapshot).get(person, ())) == tuple(latest)
    assert any(len(posts_of(snapshot, person, 3)[0]) > 1 for person in people)


def test_the_page_of_a_person_reads_only_the_posts_that_it_shows(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = max(post_reports(snapshot), key=lambda person: len(post_reports(snapshot)[person]))
    read: list[list[Term]] = []

    def noted(_: Graph, facts: Iterable[Term]) -> dict[Term, FactReading]:
        read.append(list(facts))
        return {}

    monkeypatch.setattr(posts, "readings", noted)
    assert posts_of(snapshot, person, 1)[1] > 1
    assert [len(facts) for facts in read] == [1]


def test_a_pair_of_the_network_shows_words_about_both(snapshot: Snapshot) -> None:
    for pair in network_shown(snapshot, NetworkFilter("people", "", "", "", "")).pairs:
        said = " ".join(words.sentence for words in pair.words)
        assert all(any(part in said for part in end.label.split()) for end in (pair.one, pair.other)), pair


def test_the_timeline_is_in_the_order_of_time_and_keeps_to_its_filters(snapshot: Snapshot) -> None:
    every = tuple(known.key for known in lexicon(snapshot).sections if known.on_timeline)
    shown = timeline_shown(snapshot, TimelineFilter(every))
    days = [told.reading.order for told in shown.entries if told.reading.order]
    assert days == sorted(days, reverse=True)
    assert shown.paging.total == len(stories(snapshot).entries)
    posts = timeline_shown(snapshot, TimelineFilter(("posts",)))
    assert {told.section for told in posts.entries} == {"posts"}
    assert timeline_shown(snapshot, TimelineFilter(("events",), since="2099-01-01")).paging.total == 0


def test_what_has_no_date_is_listed_apart_in_the_order_of_its_article(snapshot: Snapshot, client: TestClient) -> None:
    every = tuple(known.key for known in lexicon(snapshot).sections if known.on_timeline)
    entries = stories(snapshot).entries
    undated = [entry for entry in entries if not entry.order]
    shown = [timeline_shown(snapshot, TimelineFilter(every), start) for start in range(0, len(entries), 60)]
    assert [fact for part in shown for group in part.groups for fact in group.facts] == [e.fact for e in undated]
    for part in shown:
        for group in part.groups:
            starts = [entry.place.start for fact in group.facts for entry in undated if entry.fact == fact]
            assert starts == sorted(starts)
            assert not group.after or group.after.order
    happened = [entry.fact for entry in undated if entry.occurred]
    page = got(client, "/")
    assert {f"/{snapshot.graph.id(fact)}" for fact in happened[:12]} <= set(page.links())
    assert "undated" in page.ids


def test_an_event_after_a_dated_one_stands_after_it() -> None:
    meeting, visit, report = (f"<https://a.example/article/x/{name}>" for name in ("meeting", "visit", "report"))
    places = places_after([(report, visit), (visit, meeting)], {meeting})
    assert (places(report), places(visit), places("<https://a.example/article/x/other>")) == (meeting, meeting, "")


def test_a_period_says_what_it_leaves_out_and_leads_there(snapshot: Snapshot, client: TestClient) -> None:
    every = tuple(known.key for known in lexicon(snapshot).sections if known.on_timeline)
    shown = timeline_shown(snapshot, TimelineFilter(every, "2031-01-01", "2031-12-31"))
    out = shown.left_out
    assert out.earlier
    assert out.undated
    assert shown.paging.total + out.earlier + out.later + out.undated == len(stories(snapshot).entries)
    page = got(client, "/timeline?since=2031-01-01&until=2031-12-31")
    assert f"{out.earlier} earlier ({out.earlier_years})" in page.text
    assert {"?until=2031-01-01", "/timeline#undated", "/timeline"} <= set(page.links())
    assert "Outside this period" not in got(client, "/timeline").text


@pytest.mark.parametrize(
    "address",
    ["/browse/figures", "/article/tide-workshop-correction/attendance.html", "/article/tide-workshop-correction"],
)
def test_a_corrected_figure_stands_beside_the_old_one_with_who_and_when(client: TestClient, address: str) -> None:
    page = got(client, address).text
    old, new = (f"<bdi>Online workshop on tides: people taking part, {n}.</bdi>" for n in ("410 people", "140"))
    assert f"<s>{old}</s> {new}" in page
    assert re.search("Corrected by <a href=[^>]+><bdi>Noordhaven Courier</bdi></a>, <bdi>16 June 2031</bdi>", page)


@pytest.mark.parametrize("address", ["/network.svg", "/network.svg?kind=all", "/network.svg?kind=none&since=soon"])
def test_the_network_is_a_picture_too(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")
    assert response.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "Mara Lind" in response.text


def test_the_lists_of_the_network_say_all_that_its_picture_says(client: TestClient) -> None:
    text = got(client, "/network").text
    picture, lists = text[text.index("<figure") : text.index("</figure>")], unescape(text[text.index("</figure>") :])
    links = set(re.findall(r'<a href="(/[^"]+)"', picture))
    assert {link.split("/")[1] for link in links} >= {"person", "organization"}
    assert all(f'href="{link}"' in lists for link in links)
    assert all(f'id="{row}"' in lists for row in re.findall('href="#(pair-[0-9]+)"', picture))
    ties = [unescape(tie) for tie in re.findall("<g><title>([^<]+)</title>", picture)]
    rows = [re.findall("<bdi>([^<]+)</bdi>", row) for row in re.findall("<li>.*?</li>", lists)]
    assert ties
    assert [
        tie for tie in ties if not any(row and tie.startswith(row[0]) and tie.endswith(row[-1]) for row in rows)
    ] == []
    for shape in ("circle class", 'path class="body"', 'class="met"', 'class="post"'):
        assert shape in picture


@pytest.mark.parametrize(
    ("address", "around"),
    [
        ("/person/mara-lind.html", "organization/aldenburg-harbour-authority"),
        ("/organization/aldenburg-harbour-authority.html", "person/mara-lind"),
    ],
)
def test_what_is_around_a_thing_is_drawn_without_a_script(client: TestClient, address: str, around: str) -> None:
    text = got(client, address).text
    picture = text[text.index('<figure class="ties-figure">') : text.index("</figure>")]
    assert f'<a href="/{around}">' in picture
    assert 'class="met"' in picture
    assert "network.js" not in text
    assert min(float(size) for size in re.findall('font-size="([0-9.]+)"', picture)) >= 11


def test_the_network_is_drawn_the_same_at_each_visit(client: TestClient) -> None:
    assert got(client, "/network").text == got(client, "/network").text
    assert client.get("/network.svg?kind=all").content == client.get("/network.svg?kind=all").content


def test_the_network_as_graphml_is_what_the_page_shows(client: TestClient, snapshot: Snapshot) -> None:
    shown = network_shown(snapshot, NetworkFilter(), with_facts=True)
    response = client.get("/network.graphml")
    assert response.headers["content-type"] == "application/graphml+xml"
    root = ElementTree.fromstring(response.content)
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert {f"<{node.get('id')}>" for node in root.iter(f"{space}node")} == {end.term for end in shown.ends}
    edges = [{data.get("key"): data.text for data in edge} for edge in root.iter(f"{space}edge")]
    met = [edge for edge in edges if edge["relation"] in ("metWith", "metWithByPost")]
    assert len(edges) == len(met) + len(shown.bonds)
    assert sum(int(edge["weight"] or 0) for edge in met) == sum(len(pair.events) for pair in shown.pairs)
    assert all("earliest" in edge for edge in met if edge.get("latest"))
    posts = [bond for bond in shown.bonds if bond.kind == "post"]
    assert all(bond.facts for bond in posts)
    days = {(bond.relation, *bond.days) for bond in posts}
    assert any(first for _, first, _ in days)
    assert days <= {(edge["relation"], edge.get("earliest", ""), edge.get("latest", "")) for edge in edges}


@pytest.mark.parametrize("address", ["/person/%FF", "/person/%ED%A0%80", "/article/x%0Ay", "/%00"])
def test_an_address_that_is_no_text_is_nowhere(client: TestClient, address: str) -> None:
    response = client.get(address, headers={"accept": "text/html"})
    assert (response.status_code, "Page not found" in response.text) == (404, True)


@pytest.mark.parametrize("address", ["/articles", "/timeline", "/questions/coverage", "/person/mara-lind.html"])
def test_a_page_beyond_the_end_of_a_list_shows_its_last_row(client: TestClient, address: str) -> None:
    section = "&section=events" if "person" in address else ""
    page = got(client, f"{address}?from=99999{section}").text
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page
    assert "100,000" not in page
    assert "100000" not in page


def test_rows_are_sorted_by_what_is_read_and_numbers_by_size() -> None:
    from kg.planning.rows import Rows
    from kg.render.cells import Look

    number = '"{}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    rows = Rows(("who", "n"), tuple((f'"{who}"', number.format(n)) for who, n in (("b", 9), ("a", 10), ("C", 2))))
    look, query = Look("https://x/"), question("unused-terms")
    b, a, c = rows.rows
    assert in_order(rows, query, look, 1, True).rows == (a, b, c)
    assert in_order(rows, query, look, 0, False).rows == (a, b, c)
    assert in_order(rows, query, look, 7, False).rows == in_order(rows, query, look, None, False).rows == rows.rows
    assert [row.cells[1].share for row in sheet(rows, look, None, (None, False), Paging.of(0, 3, 3)).rows] == [
        90,
        100,
        20,
    ]
    assert happenings(rows, rows, Look("https://x/"), ()) == ()


def test_a_question_that_hides_its_days_has_a_timeline_of_them(client: TestClient) -> None:
    page = client.get("/questions/posts-of-person?person=person/mara-lind").text
    assert {"2031-05-01", "2031-11-20"} <= set(re.findall(r'data-first="([^"]*)"', page))
    assert "<th>earliest" not in page


@pytest.mark.parametrize("name", ["facts-by-kind", "unused-terms"])
def test_classes_and_properties_lead_to_their_pages(client: TestClient, name: str) -> None:
    table = client.get(f"/questions/{name}").text.partition("<table")[2].partition("</table>")[0]
    found = sorted({link["href"] for link in Html(table).all("a") if link["href"].startswith("/ontology")})
    assert len(found) > 5
    assert {path: client.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_a_long_answer_comes_in_pages_and_keeps_its_order(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    total = len(client.get("/api/queries/facts-by-kind").json()["rows"])
    for module in ("questions", "tabular"):
        monkeypatch.setattr(f"kg.web.pages.{module}.PER_PAGE", 20)
    seen: list[str] = []
    address, pages = "?sort=-1", 0
    while address:
        text = client.get(f"/questions/facts-by-kind{address}").text
        seen += [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<tbody>\s*<tr><td[^>]*>(.*?)</td>", text)]
        address = next((link["href"] for link in Html(text).all("a") if link.get("rel") == "next"), "")
        pages += 1
    assert (len(seen), pages) == (total, -(-total // 20))
    assert seen == sorted(seen, key=str.casefold, reverse=True)
    last = client.get("/questions/facts-by-kind?from=99999").text
    assert "Previous rows" in last
    assert "Next rows" not in last


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("figures", "Aldenburg harbour: 41.2 million tonnes"),
        ("statements", "Aldenburg Gazette: The two exchanges are to merge"),
        ("agreements-by-stage", "Joint index of shipping shares: The exchanges announce a joint index"),
        ("event-sequence", "Signing of the cross-listing agreement"),
        ("sources", "Aldenburg exchange denies merger"),
    ],
)
def test_a_chart_shows_the_figures_and_facts_that_its_rows_name(client: TestClient, name: str, shown: str) -> None:
    labels = re.findall('data-label="([^"]*)" data-first', client.get(f"/questions/{name}").text)
    assert shown in map(unescape, labels)


def test_a_table_is_cards_where_the_window_is_too_narrow_for_its_columns(client: TestClient) -> None:
    media = {
        name: re.findall('cards.css[^>]*media="([^"]*)"', client.get(f"/questions/{name}").text)
        for name in ("who-met-whom", "figures", "statements")
    }
    assert media == {
        "who-met-whom": ["screen and (max-width: 46rem)"],
        "figures": ["all"],
        "statements": ["print, (max-width: 75rem)"],
    }


def test_rows_with_days_stand_on_a_timeline(client: TestClient) -> None:
    page = got(client, "/questions/what-an-institution-did?institution=organization/aldenburg-harbour-authority")
    days = [(a["data-first"], a["data-last"]) for a in page.all("data") if "data-first" in a]
    assert ("2031-05-01", "2031-05-01") in days
    assert all(first <= last for first, last in days)


def test_nothing_vendored_is_kept_in_the_repository() -> None:
    ignored = (Path(__file__).parent.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"node_modules/", "kg/web/static/vendor/"} <= set(ignored)
    lock = (Path(__file__).parent.parent / "javascript" / "package-lock.json").read_text(encoding="utf-8")
    assert set(re.findall(r'"resolved": "https?://([^/"]+)', lock)) <= {"registry.npmjs.org"}
