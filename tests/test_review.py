"""`kg review`: sentences with their facts, bare ones visibly bare, and what a reviewer has to decide.

`KG_WRITE_EXPECTED=1 pytest tests/test_review.py` writes tests/bench/review/ again; read what it changed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.bench.review import Review, review
from kg.bench.shown_review import review_json, review_markdown, review_text
from kg.cli import cli
from kg.core.errors import NotFoundError
from kg.project.settings import Project

EXPECTED = Path(__file__).parent / "bench" / "review"


@pytest.fixture(scope="module")
def station(fiction: Project) -> Review:
    return review(fiction, "tide-workshop-correction")


@pytest.mark.parametrize(
    ("name", "shown"), [("text", review_text), ("md", review_markdown), ("json", lambda each, _: review_json(each))]
)
def test_a_review_shows_sentences_facts_and_what_to_decide(station: Review, name: str, shown: object) -> None:
    assert callable(shown)
    file, text = EXPECTED / f"tide-workshop-correction.{name}", shown(station, False)
    if os.environ.get("KG_WRITE_EXPECTED"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_the_sentences_are_the_text_and_bare_ones_are_those_without_facts(station: Review) -> None:
    bare = [each for each in station.sentences if not each.facts]
    assert len(station.sentences) == station.count
    assert len(bare) == station.count - station.covered == 1
    assert not any(marked for marked, _ in bare[0].pieces)
    [line] = review_text(station, bare=True).splitlines()
    number, _, text = line.partition(". ")
    assert number == str(bare[0].number)
    assert f"\n{number}. (bare) {text}\n" in review_text(station, bare=False)


def test_the_reasons_of_a_curator_and_how_facts_stand_are_there_to_decide(fiction: Project) -> None:
    decide = review(fiction, "harbour-study").decide
    assert ("reading", "data-sharing: what still runs binds the two when the article appears") in decide
    assert ("standing", "joint-study: proposed") in decide


def test_a_withheld_text_is_not_shown_and_that_is_said(station: Review) -> None:
    withheld = replace(station, sentences=(), covered=station.count - 2)
    assert "its sentences cannot be shown" in review_text(withheld, bare=False)
    assert f"Bare are 2 of {station.count}." in review_text(withheld, bare=True)
    assert all(fact.sentence in review_text(withheld, bare=False) for fact in station.facts)


def test_a_retracted_article_has_nothing_to_cover(fiction: Project) -> None:
    retracted = review(fiction, "exchange-merger-rumour")
    assert (retracted.status, retracted.sentences, retracted.facts, retracted.coverage) == ("retracted", (), (), None)


@pytest.mark.parametrize(("least", "code"), [("87.5", 0), ("88", 1)])
def test_less_coverage_than_is_asked_for_fails(fiction: Project, least: str, code: int) -> None:
    arguments = ["-C", str(fiction.root), "review", "tide-workshop-correction", "--min-coverage", least]
    assert CliRunner().invoke(cli, arguments, standalone_mode=False).return_value == code


def test_an_unknown_article_is_refused_with_the_nearest(fiction: Project) -> None:
    with pytest.raises(NotFoundError, match="no article 'station-open'") as error:
        review(fiction, "station-open")
    assert "station-opens" in error.value.fix
