"""What the words of a date mean, language by language: the cases are the rows of tests/words/dates.*.tsv."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kg.core.edtf import date_bounds
from kg.core.values import EDTF, literal
from kg.words.date_words import RELATIONS
from kg.words.dates import Today, dates_in
from kg.words.reading import UnclearError, Way
from tests.wording import dates_of, rows, shipped_languages

CASES = [("en", *row) for row in rows("dates.en.tsv")] + [("zh", *row) for row in rows("dates.zh.tsv")]


def meaning(words: str, language: str, published: str, way: str) -> str:
    """Return the dates that words mean, or why none can be computed, as the files have it."""
    try:
        return " | ".join(f"{found.edtf} {found.method}" for found in dates_of(words, language, published, way))
    except UnclearError as error:
        return f"? {error}"


@pytest.mark.parametrize(("language", "words", "published", "way", "expected"), CASES, ids=lambda value: value[:24])
def test_words_mean_this(language: str, words: str, published: str, way: str, expected: str) -> None:
    assert meaning(words, language, published, way) == expected


def test_every_form_of_a_date_that_is_computed_is_edtf() -> None:
    forms = [
        form
        for language, words, published, way, expected in CASES
        if not expected.startswith("?")
        for found in dates_of(words, language, published, way)
        for form, _ in found.accepted
    ]
    assert len(forms) > 200
    for form in forms:
        assert literal(form, EDTF)


@pytest.mark.parametrize("way", [Way.BACK, Way.AHEAD])
def test_what_occurred_is_never_wholly_after_the_publication_and_what_is_planned_never_wholly_before(way: Way) -> None:
    """Words that say themselves which way they point are left out."""
    pointing = "last next this ago yesterday tomorrow today earlier later week year past until till by to no".split()
    plain = [row[1] for row in CASES if row[0] == "en" and set(row[1].lower().split()).isdisjoint(pointing)]
    checked = 0
    for published in (date(2031, 1, 1) + timedelta(days=37 * k) for k in range(11)):
        for words in plain:
            if meaning(words, "en", published.isoformat(), way.value).startswith(("?", "since")) or "20" in words:
                continue
            for found in dates_of(words, "en", published.isoformat(), way.value):
                bounds = date_bounds(found.edtf)
                if found.method == "Explicit" or bounds is None or words.lower().startswith(("since", "ever since")):
                    continue
                checked += 1
                assert bounds[0] <= published if way is Way.BACK else bounds[1] >= published, (words, published, found)
    assert checked > 300


def test_a_publication_on_one_of_several_days_leaves_open_what_depends_on_it() -> None:
    assert [found.edtf for found in dates_of("on 9 February", "en", "2031-05-01/2031-05-31", "back")] == ["2031-02-09"]
    assert [found.edtf for found in dates_of("on 9 May", "en", "2031-05-01/2031-05-31", "back")] == [
        "2030-05-09",
        "2031-05-09",
    ]
    assert len(dates_of("yesterday", "en", "2031-05-01/2031-05-31", "back")) == 2


@pytest.mark.parametrize(
    ("words", "also"),
    [
        ("on 9 February", "XXXX-02-09"),
        ("since 2024", "2024/.."),
        ("until 2035", "../2035"),
        ("until the end of 2036", "2036-12"),
        ("at the end of 2036", "2036-12-31"),
    ],
)
def test_some_dates_may_be_written_in_another_form_that_says_the_same(words: str, also: str) -> None:
    [found] = dates_of(words, "en", "2031-05-02", "back")
    assert also in [form for form, _ in found.also]


def test_every_relation_stands_in_a_case() -> None:
    forms = {"at": "on Thursday", "since": "since 2024", "from": "from 1 June", "until": "until 2035", "by": "by 2040"}
    forms |= {"about": "about 2003", "span": "from 3 to 5 March", "ending": "on Friday, at the end of the two-day"}
    forms |= {"beginning": "on Wednesday, at the start of the three-day"}
    assert set(forms) == set(RELATIONS)
    assert set(forms.values()) <= {row[1] for row in CASES}


def test_dates_are_found_in_a_text_and_names_of_people_are_not() -> None:
    text = (
        "Jan Vester and May Lind met on Monday; on 9 February 2017, and from 3 to 5 March, April Quist did the first."
    )
    today = Today(date(2031, 5, 2), date(2031, 5, 2))
    found = dates_in(text, shipped_languages().language("en"), today, Way.BACK)
    assert [text[span.start : span.end] for span, _ in found] == [
        "on Monday",
        "on 9 February 2017",
        "from 3 to 5 March",
    ]
