"""A fact that another article contradicts is marked wherever it is read, and the mark leads to the disagreement."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from kg.project.settings import Project
from kg.questions.disagreements import contradicting
from kg.questions.graph import open_graph
from kg.web.pages import disagreements
from tests.pages import Html, faults
from tests.serving import BASE, client_of

DENIAL = "The company did not sign a contract for the ferry terminal"


@pytest.fixture(scope="module")
def client(fiction: Project) -> Iterator[TestClient]:
    with client_of(fiction) as made:
        yield made


def got(client: TestClient, address: str) -> Html:
    answer = client.get(address, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text[:500]
    return Html(answer.text)


def marks(client: TestClient, address: str) -> list[str]:
    """Return the text of each disagreement that a page shows, without its links."""
    page = got(client, address)
    assert faults(page) == []
    blocks = re.findall(r'<div class="correction"><p><span class="chip marked">disagreement</span>(.*?)</p>', page.text)
    return [re.sub("<[^>]+>", "", block).strip() for block in blocks]


FIGURES = "41.2 million tonnes here, 39.8 million tonnes there (cargo handled)"
TALK = "Skarholm here, Linmouth there (place)"


@pytest.mark.parametrize(
    ("address", "heading", "says"),
    [
        ("/article/harbour-study/cargo.html", "Otherwise in Three houses sign for a joint study of the tides", FIGURES),
        ("/article/harbour-study", "Otherwise in Three houses sign for a joint study of the tides", FIGURES),
        ("/browse/figures", "Otherwise in Three houses sign for a joint study of the tides", FIGURES),
        ("/facility/aldenburg-harbour.html", "Otherwise in Three houses sign", FIGURES),
        ("/article/ferry-terminal/talk.html", "Otherwise in Linmouth docks deny ferry contract", TALK),
        ("/article/ferry-terminal", "Otherwise in Linmouth docks deny ferry contract", TALK),
        ("/timeline", "Otherwise in Linmouth docks deny ferry contract", TALK),
        ("/browse/events", "Otherwise in Linmouth docks deny ferry contract", TALK),
        ("/person/nils-orre.html", "Otherwise in Linmouth docks deny ferry contract", TALK),
        ("/article/ferry-terminal/contract.html", "Denied in Linmouth docks deny ferry contract", DENIAL),
        ("/article/linmouth-denial", "Denies what is reported in Skarholm to have a new ferry terminal", "signed."),
        ("/browse/statements", "Denies what is reported in Skarholm to have a new ferry terminal", "signed."),
    ],
)
def test_a_disagreement_is_shown_where_a_fact_is_read(
    client: TestClient, address: str, heading: str, says: str
) -> None:
    assert any(mark.startswith(heading) and says in mark for mark in marks(client, address))


def test_each_side_of_a_disagreement_says_its_own_word_first(client: TestClient) -> None:
    assert any("39.8 million tonnes here, 41.2" in mark for mark in marks(client, "/article/tide-workshop/cargo.html"))


def test_the_mark_names_title_publisher_and_day_and_whether_the_other_still_stands(client: TestClient) -> None:
    [mark] = marks(client, "/article/linmouth-denial/denial.html")
    assert "Skarholm to have a new ferry terminal, Veldkirk Observer, 11 May 2032 no longer stands: Contract" in mark


def test_the_mark_leads_to_the_other_fact_and_to_the_words_of_both(client: TestClient) -> None:
    page = got(client, "/article/harbour-study/cargo.html").text
    assert 'disagreement</span> Otherwise in <a href="/article/tide-workshop/cargo">' in page
    [both] = set(re.findall('<a href="([^"]+)">Words of both articles</a>', page))
    words = got(client, f"{both}.html").text
    assert "Harbour authority and university to study tides together" in words
    assert "Three houses sign for a joint study of the tides" in words


def test_a_correction_is_not_also_a_disagreement(client: TestClient, fiction: Project) -> None:
    old, new = (f"<{BASE}article/{name}/contract>" for name in ("ferry-terminal-copy", "ferry-terminal-correction"))
    with open_graph(fiction) as graph:
        assert contradicting(graph, [old, new]) == {}
    assert marks(client, "/article/ferry-terminal-correction") == []
    assert "corrected</span>" in got(client, "/article/ferry-terminal-correction").text


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/", r'Holm receives Orre</bdi></a> <span class="chip">meeting</span>'),
        ("/map", "Holm receives Orre</bdi></a> <span[^>]*>[^<]*</span>"),
        ("/search?q=tonnes&within=fact", r"41\.2 million <mark>tonnes</mark>[^<]*</bdi></a>"),
    ],
)
def test_where_a_line_has_no_room_a_mark_leads_to_the_fact(client: TestClient, address: str, line: str) -> None:
    text = got(client, address).text
    assert re.search(rf'{line} <span class="chip marked">disagreement</span>', text, re.DOTALL)


def test_a_name_that_a_search_fits_says_so_too(client: TestClient) -> None:
    hints = [some["hint"] for some in client.get("/search.json?q=Holm receives").json()["results"]]
    assert all(hint.startswith("10 May 2032 · counted from “on Monday” · disagreement") for hint in hints)


def test_choices_of_one_name_say_which_article_each_is_from(client: TestClient) -> None:
    choices = client.get("/search.json?q=Holm receives").json()["results"]
    articles = {some["hint"].partition(" · in ")[2] for some in choices if some["label"] == "Holm receives Orre"}
    assert articles == {"New ferry terminal for Skarholm", "Skarholm to have a new ferry terminal"}
    assert [some["hint"].partition(" · in ")[2] for some in choices if some["label"] == "Orre receives Holm"] == [""]


@pytest.mark.parametrize(
    ("name", "at"),
    [("figures", "article/harbour-study/cargo"), ("statements", "article/linmouth-denial/denial")],
)
def test_a_row_of_an_answer_is_marked_too(client: TestClient, name: str, at: str) -> None:
    assert f'<a class="chip marked" href="/{at}">disagreement</a>' in got(client, f"/questions/{name}").text


def test_many_disagreements_of_one_fact_are_counted(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disagreements, "MOST", 1)
    page = got(client, "/article/linmouth-denial/talk.html").text
    assert 'href="/questions/disagreeing-articles?article=article/linmouth-denial">1 more disagreement</a>' in page
