"""Dates, amounts, currencies and comparators changed to plausible other ones: how many of them are refused.

The texts are generated, with what they mean known beforehand, and those of our articles. What is refused is counted
kind by kind; of what is unchanged, nothing is refused.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from kg.core.errors import Finding
from kg.core.values import is_iri, lexical
from kg.mapping.documents import compile_article
from kg.mapping.outline import outline
from kg.mapping.read import read_yaml
from kg.mapping.scope import Scope
from kg.mapping.targets import article_target, fact_targets, registry_targets
from kg.ontology.load import load_vocabulary
from kg.project.settings import load_project
from kg.project.sources import read_sources
from kg.words.load import load_languages
from tests.wording import ROOT

LEAST = {"date": 0.98, "amount": 0.98, "comparator": 0.98, "currency": 0.95}
PROJECTS = (ROOT, ROOT / "tests" / "fiction")


def scope_of(folder: Path) -> Scope:
    """Return what the files of a project define."""
    project = load_project(folder)
    vocabulary, sources = load_vocabulary(project.ontology), read_sources(project)
    trees = {source.stem: read_yaml(source.text, source.path)[0] for source in sources.articles}
    outlines = [outline(read_yaml(source.text, source.path)[0], article=False) for source in sources.registry]
    return Scope(
        base=project.base,
        vocabulary=vocabulary,
        registry=registry_targets(outlines, project.base, vocabulary),
        facts={
            f"{stem}/{name}": target
            for stem, tree in trees.items()
            for name, target in fact_targets(outline(tree, article=True), stem, project.base, vocabulary).items()
        },
        articles={stem: article_target(stem, project.base) for stem in trees},
        languages=load_languages(project),
    )


@pytest.fixture(scope="module")
def scope() -> Scope:
    return scope_of(ROOT)


def refusals(scope: Scope, name: str, text: str) -> list[Finding]:
    """Return the findings on words in a mapping."""
    tree, found = read_yaml(text, f"{name}.yaml")
    document = compile_article(tree, name, f"{name}.yaml", found, scope)
    return [finding for finding in document.findings if finding.code.startswith(("KG-W00", "KG-W01"))]


# -------- generated texts


@dataclass(frozen=True)
class Fact:
    """A date or a figure with what it says, by key."""

    words: str
    keys: Mapping[str, str]
    is_planned: bool = False

    def lines(self, name: str) -> str:
        """Return the fact as a mapping has it, in three lines."""
        keys = ", ".join(f'{key}: "{value}"' for key, value in {"asWritten": self.words, **self.keys}.items())
        if "edtf" in self.keys:
            occurrence = "Planned" if self.is_planned else "Occurred"
            head = f"type: Visit, name: {name}, occurrence: {occurrence}, date: {{{keys}}}"
        else:
            head = f"type: QuotedStatistic, indicator: {name}, about: shanghai, value: {{{keys}}}"
        return f'  {name}: {{{head}, quote: "{self.quote(name)}"}}'

    def quote(self, name: str) -> str:
        return f"as {name} has it, {self.words} was what counted"


def article(facts: list[Fact], published: date) -> str:
    text = "\n".join(f"    {fact.quote(f'n{k}')}." for k, fact in enumerate(facts))
    lines = "\n".join(fact.lines(f"n{k}") for k, fact in enumerate(facts))
    head = f"article:\n  title: T\n  published: {published}\n  language: en\n  textKind: Full\n  text: |\n{text}\n"
    return f"{head}curation: {{curator: jd, on: 2040-01-01, status: Draft}}\nfacts:\n{lines}\n"


def refused(scope: Scope, facts: list[Fact], published: date) -> set[int]:
    """Return the numbers of the facts that are refused, each by the line where it stands."""
    text = article(facts, published)
    first = text.split("\n").index("facts:") + 2
    return {finding.place.line - first for finding in refusals(scope, "generated", text)}


PUBLISHED = date(2031, 5, 14)
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def dated(words: str, edtf: str, method: str, is_planned: bool = False) -> Fact:
    return Fact(words, {"edtf": edtf, "method": method}, is_planned)


def dates(dice: random.Random) -> Iterator[Fact]:
    """Yield dates in the forms of news, with what they mean by construction."""
    for distance in [*range(0, 360, 9), *range(1, 7)]:
        for is_planned in (False, True):
            day = PUBLISHED + timedelta(days=distance if is_planned else -distance)
            month, weekday = MONTHS[day.month - 1], WEEKDAYS[day.weekday()]
            yearless = dice.choice(
                [f"on {day.day} {month}", f"{month} {day.day}", f"on {weekday}, {month[:3]} {day.day}"]
            )
            yield dated(yearless, day.isoformat(), "YearFromPublication", is_planned)
            in_full = dice.choice([f"on {day.day} {month} {day.year}", f"on {month} {day.day}, {day.year}"])
            yield dated(in_full, day.isoformat(), "Explicit", is_planned)
            if distance < 7:
                yield dated(
                    dice.choice([f"on {weekday}", weekday]), day.isoformat(), "WeekdayFromPublication", is_planned
                )
            if distance % 31 == 0 and day.month != PUBLISHED.month:
                yield dated(f"in {month}", day.isoformat()[:7], "YearFromPublication", is_planned)
                yield dated(f"in {month} {day.year}", day.isoformat()[:7], "Explicit", is_planned)
    yield from (dated(f"in {year}", str(year), "Explicit") for year in (2003, 2017, 2024))
    yield from (dated(f"in mid-{year}", f"[{year}-05..{year}-08]", "Explicit") for year in (2024, 2027))
    yield from (dated(f"in the {year}s", f"{year // 10}X", "Explicit") for year in (1990, 2020))
    yield dated("yesterday", "2031-05-13", "DayFromPublication")
    yield dated("last month", "2031-04", "DayFromPublication")
    yield dated("from 3 to 5 March", "2031-03-03/2031-03-05", "YearFromPublication")
    yield dated("the first quarter of 2030", "2030-33", "Explicit")


def other_dates(fact: Fact) -> Iterator[Fact]:
    """Yield a date with a slip that a curator makes: a day, a week, a month, a year off, day and month exchanged."""
    edtf = fact.keys["edtf"]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", edtf):
        day = date.fromisoformat(edtf)
        slips = [day + timedelta(days=days) for days in (1, -1, 7, -7, 30, -30, 365, -365)]
        if day.day <= 12 and day.day != day.month:
            slips.append(day.replace(month=day.day, day=day.month))
        texts = [slip.isoformat() for slip in slips] + [edtf[:7], edtf[:4]]
    else:
        texts = [year_moved(edtf, step) for step in (1, -1)] if "/" not in edtf else []
    for text in texts:
        yield replace(fact, keys={**fact.keys, "edtf": text})


def year_moved(edtf: str, step: int) -> str:
    """Return a date a year, or a decade, off; one whose year is not given, a day off."""
    if edtf.startswith("XXXX"):
        return f"{edtf[:-2]}{int(edtf[-2:]) + step:02}"
    year = re.match(r"\[?(\d+)", edtf)
    assert year
    return edtf.replace(year[1], str(int(year[1]) + step))


SCALES = {"": 1, " thousand": 10**3, " million": 10**6, "m": 10**6, " billion": 10**9, "bn": 10**9, " trillion": 10**12}
COMPARATORS = {
    "": "EqualTo",
    "over ": "MoreThan",
    "more than ": "MoreThan",
    "at least ": "AtLeast",
    "less than ": "LessThan",
    "up to ": "AtMost",
    "about ": "About",
    "some ": "About",
    "nearly ": "LessThan",
    "no more than ": "AtMost",
}
MONEY = {
    " yuan": "CNY",
    " euros": "EUR",
    " yen": "JPY",
    " Swiss francs": "CHF",
    " Indian rupees": "INR",
    " US dollars": "USD",
}
SIGNS = {"€": "EUR", "£": "GBP", "US$": "USD", "HK$": "HKD", "RMB ": "CNY", "₹": "INR"}


def figures(dice: random.Random) -> Iterator[Fact]:
    """Yield figures in the forms of news, with what they say by construction."""
    for number in range(160):
        digits = dice.choice(
            [
                str(dice.randint(2, 99)),
                f"{dice.randint(1, 90)}.{dice.randint(1, 9)}",
                f"{dice.randint(1, 9)},{dice.randint(100, 999)}",
            ]
        )
        scale = dice.choice(list(SCALES)) if "," not in digits else ""
        amount = Decimal(digits.replace(",", "")) * SCALES[scale]
        words, comparator = dice.choice(list(COMPARATORS.items()))
        amounts = {"comparator": comparator, "amount": f"{amount.normalize():f}"}
        if number % 3 == 0:
            name, code = dice.choice(list(MONEY.items()))
            yield Fact(f"{words}{digits}{scale}{name}", {**amounts, "currency": code})
        elif number % 3 == 1:
            sign, code = dice.choice(list(SIGNS.items()))
            yield Fact(f"{words}{sign}{digits}{scale}", {**amounts, "currency": code})
        else:
            yield Fact(f"{words}{digits}{scale} boats", {**amounts, "unit": "boats"})


def other_amounts(fact: Fact) -> Iterator[Fact]:
    """Yield an amount with a slip: a scale lost or another one, a digit wrong."""
    amount = Decimal(fact.keys["amount"])
    for other in (
        amount * 10,
        amount * 1000,
        amount / 1000,
        amount * 100,
        amount + 1,
        amount * Decimal("1.1"),
        amount * 2,
    ):
        yield replace(fact, keys={**fact.keys, "amount": f"{other.normalize():f}"})


def other_comparators(fact: Fact) -> Iterator[Fact]:
    """Yield every other comparator; "nearly" may also be About."""
    same = {fact.keys["comparator"], *(["About"] if fact.words.startswith("nearly") else [])}
    for other in sorted(set(COMPARATORS.values()) - same):
        yield replace(fact, keys={**fact.keys, "comparator": other})


def other_currencies(fact: Fact) -> Iterator[Fact]:
    if "currency" in fact.keys:
        for other in sorted({*MONEY.values(), *SIGNS.values()} - {fact.keys["currency"]}):
            yield replace(fact, keys={**fact.keys, "currency": other})


def generated(kind: str) -> tuple[list[Fact], list[Fact]]:
    """Return facts as they are, and with what *kind* names changed."""
    dice = random.Random(11)
    facts = list(dates(dice) if kind == "date" else figures(dice))
    change = {
        "date": other_dates,
        "amount": other_amounts,
        "comparator": other_comparators,
        "currency": other_currencies,
    }
    return facts, [other for fact in facts for other in change[kind](fact)]


@pytest.mark.parametrize("kind", ["date", "amount"])
def test_nothing_is_refused_unchanged(kind: str, scope: Scope) -> None:
    facts, _ = generated(kind)
    assert len(facts) >= 100
    assert [facts[number] for number in refused(scope, facts, PUBLISHED)] == []


@pytest.mark.parametrize("kind", LEAST)
def test_most_of_what_is_changed_is_refused(kind: str, scope: Scope) -> None:
    _, others = generated(kind)
    found = refused(scope, others, PUBLISHED)
    assert len(others) >= 100
    accepted = [others[number] for number in range(len(others)) if number not in found]
    assert len(found) / len(others) >= LEAST[kind], accepted[:10]


# -------- our own articles


@dataclass(frozen=True)
class Site:
    """Where a date or a figure stands in a mapping, in one line, and all that it says."""

    start: int
    end: int
    line: int
    said: Mapping[str, str]


def in_full(text: str, places: list[Site]) -> str:
    """Return a mapping with all that some dates and figures say."""
    for site in sorted(places, key=lambda site: -site.start):
        keys = ", ".join(f'{key}: "{value}"' for key, value in site.said.items())
        text = f"{text[: site.start]}{{{keys}}}{text[site.end :]}"
    return text


def sites(scope: Scope, name: str, text: str) -> Iterator[Site]:
    """Yield the dates and the figures of a mapping that rest on words."""
    tree, found = read_yaml(text, name)
    document = compile_article(tree, name, name, found, scope)
    lines = text.split("\n")
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for subject, predicate, term in document.triples:
        key = predicate.rpartition("#")[2][:-1]
        if key in ("asWritten", "edtf", "method", *FIGURE_KEYS):
            value = lexical(term)
            said[subject][key] = value.rpartition("/")[2] if is_iri(term) else value
    for term, keys in said.items():
        place = document.source.nodes[term]
        start = sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1
        stands_in_one_line = text[start : start + place.length].count("{") == text[start : start + place.length].count(
            "}"
        )
        if "asWritten" in keys and stands_in_one_line and keys.get("method") != "Curator":
            yield Site(start, start + place.length, place.line, keys)


FIGURE_KEYS = ("comparator", "amount", "lowerAmount", "upperAmount", "currency", "unit")


def changed(key: str, value: str) -> Iterator[str]:
    match key if value else "":
        case "edtf":
            others = [fact.keys["edtf"] for fact in other_dates(dated("", value, ""))]
            yield from others[:: max(len(others) // 3, 1)]
        case "amount":
            yield from (f"{Decimal(value) * factor:f}" for factor in (10, Decimal("0.001"), Decimal("1.05")))
        case "comparator":
            yield from sorted(set(COMPARATORS.values()) - {value})[:2]
        case "currency":
            yield from sorted({"USD", "EUR", "INR"} - {value})[:2]


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_nothing_in_our_articles_is_refused_and_what_is_changed_in_them_is(folder: Path) -> None:
    scope, counts, accepted = scope_of(folder), Counter[str](), []
    for source in read_sources(load_project(folder)).articles:
        places = list(sites(scope, source.stem, source.text))
        assert refusals(scope, source.stem, source.text) == []
        assert refusals(scope, source.stem, in_full(source.text, places)) == []
        for key, number in product(("edtf", "amount", "comparator", "currency"), range(3)):
            mutants = [
                replace(site, said={**site.said, key: others[number]})
                for site in places
                if number < len(others := list(changed(key, site.said.get(key, ""))))
            ]
            found = {each.place.line for each in refusals(scope, source.stem, in_full(source.text, mutants))}
            counts[key] += len(mutants)
            accepted += [(source.stem, key, dict(site.said)) for site in mutants if site.line not in found]
    assert sum(counts.values()) > 20
    assert len(accepted) <= 0.02 * sum(counts.values()), accepted
