"""Numbers are ranges by their comparators: bundles beside their parts, figures beside figures, and sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from time import process_time

import pytest

from kg.core.errors import Place
from kg.core.model import Quad, Value
from kg.core.terms import CODE, LABEL, RULE, TYPE, cq
from kg.core.values import lexical, string_literal
from kg.mapping.labels import Labels
from kg.ontology.load import load_vocabulary
from kg.pipeline.derive import derived_lines
from kg.questions.graph import Graph
from kg.questions.query import run
from kg.store.embedded import memory_store
from kg.validation.validate import load_shapes
from tests.questions import question
from tests.wording import quantity

ONTOLOGY = Path(__file__).parent.parent / "ontology"
FOLDER = Path(__file__).parent / "ranges"
BASE = "https://w3id.org/communique/"
GRAPH = "<https://example.org/bundles>"
DERIVED = f"<{BASE}graph/derived>"
COMPARATORS = ("EqualTo", "MoreThan", "AtLeast", "LessThan", "AtMost", "About", "Between", "Magnitude")
ORDER = "order "


def cases(name: str) -> list[list[str]]:
    lines = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


BUNDLES, FIGURES, SUMS = cases("bundles"), cases("figures"), cases("sums")


def names(rows: list[list[str]]) -> list[str]:
    return [" / ".join(row[:2]) for row in rows]


def node(*names: object) -> str:
    return f"{GRAPH[:-1]}/{'/'.join(map(str, names))}>"


@cache
def labels() -> Labels:
    return Labels(load_vocabulary([ONTOLOGY]))


def said_by(written: str) -> Mapping[str, str]:
    """As `quantity`; 'order 1 to 10 billion CNY' is an order of magnitude, for which there is no compact form."""
    said = quantity(written.removeprefix(ORDER))
    return {**said, "comparator": "Magnitude"} if written.startswith(ORDER) else said


def value(subject: str, key: str, written: str, graph: str = GRAPH) -> Iterator[Quad]:
    """Yield the quantity that *written* says, as the value of *key*."""
    said, it = said_by(written), f"{subject[:-1]}/{key}>"
    yield Quad(subject, cq(key), it, graph)
    yield Quad(it, TYPE, cq("Quantity"), graph)
    yield Quad(it, cq("comparator"), code("comparator", said["comparator"]), graph)
    yield Quad(it, cq("asWritten"), string_literal(written), graph)
    amounts = [
        Value(cq(amount), f'"{said[amount]}"^^<http://www.w3.org/2001/XMLSchema#decimal>', Place("a.yaml"))
        for amount in said.keys() & {"amount", "lowerAmount", "upperAmount"}
    ]
    compared = Value(cq("comparator"), code("comparator", said["comparator"]), Place("a.yaml"))
    for amount in (*amounts, *labels().bounds([*amounts, compared])):
        yield Quad(it, amount.predicate, amount.object, graph)
    if "currency" in said:
        yield Quad(it, cq("currency"), code("currency", said["currency"]), graph)
    if "unit" in said:
        yield Quad(it, cq("unit"), string_literal(said["unit"]), graph)


def code(codes: str, name: str) -> str:
    return f"<{CODE}{codes}/{name}>"


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
    quads = [quad for k, (whole, parts, _) in enumerate(BUNDLES) for quad in bundle(k, whole, parts)]
    results = load_shapes([ONTOLOGY]).results(quad[:3] for quad in quads)
    return {(r.shape.removeprefix(RULE), r.focus) for r in results if r.shape in (f"{RULE}KG-S0435", f"{RULE}KG-S0436")}


@pytest.mark.parametrize(("number", "case"), list(enumerate(BUNDLES)), ids=names(BUNDLES))
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
    for whole, parts, verdict in BUNDLES:
        if parts.isdigit() == (side == "count"):
            written = parts.split("; ") if side == "part" else [whole]
            verdicts |= {verdict for text in written if said_by(text)["comparator"] == comparator}
    unbounded = side != "part" and comparator in ("MoreThan", "AtLeast")
    assert verdicts == ({"may be"} if unbounded else {"may be", "cannot be"})


def test_all_comparators_of_the_ontology_are_in_the_cases() -> None:
    assert set(load_vocabulary([ONTOLOGY]).codes["Comparator"]) == set(COMPARATORS)


# -------- questions


def rows(name: str, quads: Iterable[Quad]) -> list[Mapping[str, str]]:
    """Return the answers of a question to a graph, by column."""
    found = run(Graph(memory_store(map(str, quads)), BASE), question(name), {})
    return [
        {column: lexical(term) if term else "" for column, term in zip(found.variables, row, strict=True)}
        for row in found.rows
    ]


def figure(number: int, article: int, written: str) -> Iterator[Quad]:
    graph = node("article", number, article)
    fact = f"{graph[:-1]}/figure>"
    yield Quad(graph, TYPE, cq("Article"), graph)
    yield Quad(graph, LABEL, string_literal(graph), graph)
    yield Quad(fact, cq("about"), node("thing", number), graph)
    yield Quad(fact, cq("indicator"), '"what is counted"@en', graph)
    yield Quad(fact, cq("reportedAs"), code("reportedAs", "Reported"), graph)
    yield from value(fact, "value", written, graph)


@pytest.fixture(scope="module")
def disagreeing() -> set[str]:
    """Return the things on whose figures two articles disagree, each pair in both orders."""
    pairs = [pair for one, other, _ in FIGURES for pair in ((one, other), (other, one))]
    quads = [quad for k, pair in enumerate(pairs) for j, written in enumerate(pair) for quad in figure(k, j, written)]
    store = memory_store([*map(str, quads), *(f'{node("thing", k)} {LABEL} "a" {GRAPH} .' for k in range(len(pairs)))])
    derived_lines(store, [ONTOLOGY / "rules" / "disagrees-on-figure.rq"], BASE, ())
    answered = run(Graph(store, BASE), question("disagreeing-articles"), {})
    return {row[0] or "" for row in answered.rows}


@pytest.mark.parametrize(("number", "case"), list(enumerate(FIGURES)), ids=names(FIGURES))
def test_two_figures_disagree_when_they_cannot_both_be_true_whichever_comes_first(
    number: int, case: list[str], disagreeing: set[str]
) -> None:
    found = [node("thing", 2 * number + order) in disagreeing for order in (0, 1)]
    assert found == [case[2] == "disagree"] * 2


def seconds_for_one_thing(articles: int) -> float:
    """Return the CPU seconds of the rule for as many articles that give the same figure for one thing."""
    quads = (quad for article in range(articles) for quad in figure(0, article, "12 ships"))
    store, start = memory_store(map(str, quads)), process_time()
    assert derived_lines(store, [ONTOLOGY / "rules" / "disagrees-on-figure.rq"], BASE, ()) == []
    return process_time() - start


def test_figures_that_agree_are_not_compared_pair_by_pair() -> None:
    seconds_for_one_thing(10)
    assert seconds_for_one_thing(2_400) < 8 * seconds_for_one_thing(600)  # 16 times the pairs


@pytest.mark.parametrize("case", SUMS, ids=names(SUMS))
def test_a_sum_goes_from_its_least_to_its_most(case: list[str]) -> None:
    quads = [Quad(node("place"), cq("placeKind"), code("placeKind", "City"), GRAPH)]
    for k, written in enumerate(case[0].split("; ")):
        quads.append(Quad(node(k), cq("stage"), code("stage", "Signed"), GRAPH))
        quads.append(Quad(node(k), cq("reportedAs"), code("reportedAs", "Reported"), GRAPH))
        quads.append(Quad(node(k), cq("story"), node(k), DERIVED))
        quads.append(Quad(node(k), cq("agreementPlace"), node("place"), GRAPH))
        quads.extend(value(node(k), "value", written))
    [row] = rows("signed-value-by-place", quads)
    assert [row["least"], row["most"]] == case[1:]
    assert (row["agreements"], row["notExact"]) == ("2", "0" if case == SUMS[0] else "1")
