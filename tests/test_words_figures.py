"""What the words of a figure say, language by language: the cases are the rows of tests/words/figures.*.tsv."""

from __future__ import annotations

import random

import pytest

from kg.core.values import XSD, lexical, literal
from kg.ontology.load import load_vocabulary
from kg.words.dates import Today, date_readings
from kg.words.figures import BETWEEN, MAGNITUDE, Figure, UnclearFigureError, figures_in
from kg.words.language import Language
from kg.words.measures import COMPARATORS
from kg.words.numerals import ordinal
from kg.words.reading import UnclearError, Way
from tests.wording import ROOT, figures_of, rows, shipped_languages

CASES = [("en", *row) for row in rows("figures.en.tsv")] + [("zh", *row) for row in rows("figures.zh.tsv")]


def shown(figure: Figure) -> str:
    """Return a figure as the files have it."""
    upper = f"..{figure.upper:f}" if figure.upper is not None else ""
    money = f"{{{','.join(sorted(figure.currencies))}}}" if figure.currencies else ""
    unit = f"[{figure.unit}]" if figure.unit else ""
    return " ".join(filter(None, ["/".join(figure.comparators), f"{figure.lower:f}{upper}", money, unit]))


def meaning(words: str, language: str) -> str:
    try:
        return " | ".join(map(shown, figures_of(words, language)))
    except UnclearFigureError as error:
        return f"? {error}"


@pytest.mark.parametrize(("language", "words", "expected"), CASES, ids=lambda value: value[:24])
def test_words_say_this(language: str, words: str, expected: str) -> None:
    assert meaning(words, language) == expected


def test_every_comparator_of_the_ontology_can_be_in_words() -> None:
    said = {
        code
        for _, words, expected in CASES
        if not expected.startswith("?")
        for code in expected.split(" ")[0].split("/")
    }
    assert said == {*COMPARATORS, BETWEEN, MAGNITUDE}
    assert set(load_vocabulary([ROOT / "ontology"]).codes["Comparator"]) == said


def languages() -> list[Language]:
    return [shipped_languages().language(tag) for tag in shipped_languages().files]


def test_every_currency_of_the_tables_is_an_entry_of_the_ontology_and_the_other_way_round() -> None:
    codes = {code for language in languages() for code in language.section("figures").words("currency_codes")}
    sets = {code for language in languages() for key in language.section("currencies").groups() for code in key.split()}
    known = set(load_vocabulary([ROOT / "ontology"]).codes["Currency"])
    assert sets <= codes
    assert codes == known


def test_amounts_are_canonical_decimals() -> None:
    for language, words, expected in CASES:
        if not expected.startswith("?"):
            for figure in figures_of(words, language):
                assert lexical(literal(f"{figure.lower:f}", XSD + "decimal")) == f"{figure.lower:f}"


@pytest.mark.parametrize(
    ("words", "language", "number"),
    [
        ("18th", "en", 18),
        ("the 18th", "en", None),
        ("twelfth", "en", 12),
        ("twenty-first", "en", 21),
        ("one hundred and third", "en", 103),
        ("five first", "en", None),
        ("12", "en", None),
        ("第十", "zh", 10),
        ("第18", "zh", 18),
    ],
)
def test_an_ordinal_is_a_number(words: str, language: str, number: int | None) -> None:
    assert ordinal(words, shipped_languages().language(language)) == number


def test_figures_are_found_in_a_text() -> None:
    text = "Of 12 projects worth $400m it built over 2,100 boats by 2030."
    found = [text[span.start : span.end] for span, _ in figures_in(text, shipped_languages().language("en"))]
    assert found == ["12 projects worth", "$400m", "over 2,100 boats by", "2030"]


@pytest.mark.parametrize("seed", range(50))
def test_random_words_are_read_or_refused_but_never_break(seed: int) -> None:
    chance = random.Random(seed)
    words = [
        *"over 12 4,00,000 million $ bn - to of the and half a May 9th last week early 2024 ( ) ~ , 多 亿 月".split(),
        "\ud800",
    ]
    refusals = []
    for _ in range(60):
        text = chance.choice(["", " "]).join(chance.choice(words) for _ in range(chance.randint(0, 9)))
        for language in languages():
            try:
                figures_of(text, language.tag)
            except UnclearFigureError as refusal:
                refusals.append(str(refusal))
            try:
                date_readings(text, language, Today(), Way.EITHER)
            except UnclearError as refusal:
                refusals.append(str(refusal))
    assert all(refusals)
    assert refusals


@pytest.mark.parametrize("words", ["million " * 5000, "1,000" * 3000, "a " * 9000, "- " * 9000, "9" * 9000])
def test_very_long_words_are_refused_at_once(words: str) -> None:
    assert meaning(words, "en") == "? they are too long for a figure"
