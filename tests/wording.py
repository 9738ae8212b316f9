"""What tests of words share: the shipped languages, and what a figure's words say by key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from kg.project.settings import load_project
from kg.words.dates import Today, date_readings
from kg.words.figures import Figure, figures
from kg.words.language import Languages
from kg.words.load import load_languages
from kg.words.reading import Readings, Way

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "words"


@cache
def shipped_languages() -> Languages:
    return load_languages(load_project(ROOT))


def rows(name: str) -> list[list[str]]:
    """Return the rows of a file of cases, without its first line."""
    first, *lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert first.startswith("# ")
    return [line.split("\t") for line in lines if line]


def dates_of(words: str, language: str, published: str, way: str) -> Readings:
    """Return what *words* mean in an article published on a day, on one of two ("…/…"), or "" if it is not known."""
    days = [date.fromisoformat(day) for day in published.split("/") if day]
    today = Today(days[0], days[-1]) if days else Today()
    return date_readings(words, shipped_languages().language(language), today, Way(way))


def figures_of(words: str, language: str = "en") -> tuple[Figure, ...]:
    return figures(words, shipped_languages().language(language))


def quantity(words: str) -> Mapping[str, str]:
    """Return the keys and values of a figure whose words leave nothing open."""
    [figure, *_] = figures_of(words)
    single = figure.upper is None
    amounts = {"amount": figure.lower} if single else {"lowerAmount": figure.lower, "upperAmount": figure.upper}
    money = {"currency": next(iter(figure.currencies))} if figure.currencies else {}
    return {
        "comparator": figure.comparators[0],
        **{key: f"{amount:f}" for key, amount in amounts.items()},
        **money,
        **({"unit": figure.unit} if figure.unit else {}),
    }
