"""Bundles beside their parts: a number is a range by its comparator, and a rule speaks only when no reading is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.model import Quad
from kg.ontology.load import load_vocabulary
from kg.quantities import quantity
from kg.terms import CODE, RULE, TYPE, cq
from kg.validate import Shapes

ONTOLOGY = Path(__file__).parent.parent / "ontology"
LINES = (Path(__file__).parent / "bundles.tsv").read_text(encoding="utf-8").splitlines()
CASES = [line.split("\t") for line in LINES if not line.startswith("#")]
GRAPH = "<https://example.org/bundles>"
COMPARATORS = ("EqualTo", "MoreThan", "AtLeast", "LessThan", "AtMost", "About", "Between")


def node(*names: object) -> str:
    return f"{GRAPH[:-1]}/{'/'.join(map(str, names))}>"


def value(subject: str, key: str, written: str) -> Iterator[Quad]:
    """Yield the quantity that *written* says, as the value of *key*."""
    said, it = quantity(written), f"{subject[:-1]}/{key}>"
    yield Quad(subject, cq(key), it, GRAPH)
    yield Quad(it, TYPE, cq("Quantity"), GRAPH)
    yield Quad(it, cq("comparator"), f"<{CODE}comparator/{said['comparator']}>", GRAPH)
    for amount in said.keys() & {"amount", "lowerAmount", "upperAmount"}:
        yield Quad(it, cq(amount), f'"{said[amount]}"^^<http://www.w3.org/2001/XMLSchema#decimal>', GRAPH)
    if "currency" in said:
        yield Quad(it, cq("currency"), f"<{CODE}currency/{said['currency']}>", GRAPH)


def bundle(number: int, whole: str, parts: str) -> Iterator[Quad]:
    """Yield a bundle with *parts*: what each is worth, or how many they are."""
    it = node(number)
    yield Quad(it, TYPE, cq("ProjectBundle"), GRAPH)
    yield from value(it, "memberCount" if parts.isdigit() else "value", whole)
    worth = [""] * int(parts) if parts.isdigit() else parts.split("; ")
    for k, written in enumerate(worth):
        yield Quad(it, cq("part"), node(number, k), GRAPH)
        yield Quad(node(number, k), TYPE, cq("Project"), GRAPH)
        yield from value(node(number, k), "value", written) if written else ()


@pytest.fixture(scope="module")
def refused() -> set[tuple[str, str]]:
    """Return rule and bundle of all cases that a rule on bundles refuses."""
    quads = [quad for k, (whole, parts, _) in enumerate(CASES) for quad in bundle(k, whole, parts)]
    results = Shapes([ONTOLOGY], load_vocabulary([ONTOLOGY])).results(quads)
    return {(r.shape.removeprefix(RULE), r.focus) for r in results if r.shape in (f"{RULE}KG-S0435", f"{RULE}KG-S0436")}


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[" / ".join(case[:2]) for case in CASES])
def test_a_bundle_is_refused_only_when_no_reading_of_its_numbers_is_true(
    number: int, case: list[str], refused: set[tuple[str, str]]
) -> None:
    rule = "KG-S0436" if case[1].isdigit() else "KG-S0435"
    assert {name for name, focus in refused if focus == node(number)} == ({rule} if case[2] == "cannot be" else set())


@pytest.mark.parametrize("comparator", COMPARATORS)
@pytest.mark.parametrize("side", ["whole", "part", "count"])
def test_every_comparator_stands_in_a_case_that_may_be_true_and_if_it_has_a_bound_in_one_that_cannot(
    comparator: str, side: str
) -> None:
    verdicts = set()
    for whole, parts, verdict in CASES:
        if parts.isdigit() == (side == "count"):
            written = parts.split("; ") if side == "part" else [whole]
            verdicts |= {verdict for text in written if quantity(text)["comparator"] == comparator}
    unbounded = side != "part" and comparator in ("MoreThan", "AtLeast")
    assert verdicts == ({"may be"} if unbounded else {"may be", "cannot be"})


def test_all_comparators_of_the_ontology_are_in_the_cases() -> None:
    assert set(load_vocabulary([ONTOLOGY]).codes["Comparator"]) == set(COMPARATORS)
