"""Citing and passing on what a page shows: its words, its article, the version of the graph, addresses that work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from kg.project.settings import Project
from kg.render.citation import Citation
from tests.serving import BASE, client_of

COPIED = re.compile("<(?:p|code) data-copied>(.*?)</(?:p|code)>", re.DOTALL)
SAVED = re.compile('data-save="([^"]*)" data-label="([^"]*)" data-kind="([^"]*)"')


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as made:
        yield made


def copied(client: TestClient, address: str) -> list[str]:
    """Return the citation, the BibTeX entry and the addresses that a page offers."""
    response = client.get(address, headers={"accept": "text/html"})
    assert response.status_code == 200, response.text[:300]
    return [unescape(text) for text in COPIED.findall(response.text)][:4]


def test_a_fact_is_cited_in_our_words_with_its_article_and_the_version_of_the_graph(client: TestClient) -> None:
    citation, bibtex, iri, link = copied(client, "/article/harbour-study/meeting.html")
    assert iri == f"{BASE}article/harbour-study/meeting"
    assert link == "http://testserver/article/harbour-study/meeting"
    assert citation.startswith("Harbour authority receives Noordhaven University")
    assert "[our words; 1 May 2031" in citation
    assert "According to: " in citation
    assert f"In: News of the Ald estuary, generation 1. {iri}" in citation
    assert bibtex.startswith("@misc{harbour-study-meeting,\n  title = {")
    assert f"url = {{{iri}}}" in bibtex


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/article/exchange-talks/merger.html", "denied"),
        ("/article/tide-workshop/attendance.html", "no longer stands"),
    ],
)
def test_what_is_not_simply_so_is_cited_as_what_it_is(client: TestClient, address: str, kept: str) -> None:
    assert kept in copied(client, address)[0]


def test_a_person_has_a_permalink_and_an_article_is_cited_as_itself(client: TestClient) -> None:
    citation, _, iri, link = copied(client, "/person/mara-lind.html")
    assert citation == f"Mara Lind (person). In: News of the Ald estuary, generation 1. {iri}"
    assert (iri, link) == (f"{BASE}person/mara-lind", "http://testserver/person/mara-lind")
    citation, *_ = copied(client, "/article/harbour-study")
    assert citation.startswith(
        "Harbour authority and university to study tides together, Aldenburg Gazette, 2 May 2031"
    )
    assert "[text, and facts from it]. In: News of the Ald estuary" in citation


@pytest.mark.parametrize(
    "address",
    ["/article/harbour-study", "/article/harbour-study/meeting.html", "/person/mara-lind.html", "/search?q=tides"],
)
def test_days_are_in_words_where_an_article_is_cited(client: TestClient, address: str) -> None:
    text = client.get(address, headers={"accept": "text/html"}).text
    assert "Aldenburg Gazette" in text
    assert not re.search(r">[^<]*\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b", text)


def test_an_answer_is_cited_with_what_was_asked_and_a_link_that_asks_it_again(client: TestClient) -> None:
    citation, bibtex, link, *_ = copied(client, "/questions/who-met-whom?person=person/mara-lind")
    assert link == "http://testserver/questions/who-met-whom?person=person/mara-lind"
    assert re.match(r"Who met whom: Which people met, and how often\? \[.*Mara Lind\] [0-9]+ rows\. In: News", citation)
    assert citation.endswith(link)
    assert client.get(link).status_code == 200
    assert "url = {http://testserver/questions/who-met-whom" in bibtex


@pytest.mark.parametrize(
    ("address", "at", "kind"),
    [
        ("/person/mara-lind.html", "/person/mara-lind", "person"),
        ("/article/harbour-study/meeting.html", "/article/harbour-study/meeting", "meeting"),
        ("/article/harbour-study", "/article/harbour-study", "article"),
        ("/questions/figures", "/questions/figures", "answer"),
        ("/browse/agreements?stage=Signed", "/browse/agreements?stage=Signed", "list"),
        (
            "/compare?one=mara-lind&other=Ida+Brandt",
            "/compare?one=person%2Fmara-lind&other=person%2Fida-brandt",
            "comparison",
        ),
    ],
)
def test_each_kind_of_page_can_be_saved_under_an_address_that_works(
    client: TestClient, address: str, at: str, kind: str
) -> None:
    text = client.get(address, headers={"accept": "text/html"}).text
    [(saved, label, what)] = SAVED.findall(text)
    assert unescape(saved) == at
    assert label
    assert what == kind
    assert client.get(unescape(saved), headers={"accept": "text/html"}).status_code in (200, 303)


def test_words_that_mean_something_to_bibtex_are_escaped() -> None:
    citation = Citation("50% of {A & B}_1 #2 \\ ~", "", "News", "", "https://a.example/{x}")
    assert citation.bibtex.splitlines()[1] == (
        r"  title = {50\% of \{A \& B\}\_1 \#2 \textbackslash{} \textasciitilde{}},"
    )
    assert "url = {https://a.example/%7Bx%7D}" in citation.bibtex
    assert citation.text == "50% of {A & B}_1 #2 \\ ~. In: News. https://a.example/{x}"
