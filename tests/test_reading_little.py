"""What pages read about one fact takes no longer because there are many others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from kg.core.terms import LABEL, OA, REPORTED, TYPE, cq
from kg.questions.graph import Graph
from kg.questions.reading import readings
from kg.questions.stories import stories_of
from kg.questions.when import dates_of
from kg.questions.words import words_behind
from kg.store.embedded import memory_store

BASE = "https://e.org/"
FACTS = 4000
FACT = f"<{BASE}article/a7/fact>"

READERS: dict[str, Callable[[Graph], object]] = {
    "its date": lambda graph: dates_of(graph, [FACT]),
    "its reading": lambda graph: readings(graph, [FACT]),
    "its evidence": lambda graph: words_behind(graph, [FACT]),
    "its story": lambda graph: stories_of(graph, [FACT]),
}


def lines() -> Iterator[str]:
    for number in range(FACTS):
        article = f"<{BASE}article/a{number}>"
        fact, evidence = f"<{BASE}article/a{number}/fact>", f"<{BASE}article/a{number}/evidence/1>"
        selector = f"<{BASE}article/a{number}/selector/1>"
        yield f"{fact} {TYPE} {cq('Meeting')} {article} ."
        yield f'{fact} {LABEL} "Meeting" {article} .'
        yield f'{fact} {cq("summary")} "A meeting" {article} .'
        yield f"{fact} {cq('reportedAs')} {REPORTED} {article} ."
        yield f"{fact} {cq('whenDating')} {cq('Stated')} {article} ."
        yield f"{fact} {cq('whenFrom')} {fact} {article} ."
        yield f"{fact} {cq('evidence')} {evidence} {article} ."
        yield f'{evidence} {cq("sentence")} "They met." {article} .'
        yield f"{evidence} <{OA}hasSelector> {selector} {article} ."
        yield f'{selector} <{OA}exact> "met" {article} .'
        yield f"{fact} {cq('story')} {fact} <{BASE}graph/derived> ."


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(memory_store(lines()), BASE)


@pytest.mark.parametrize("name", READERS)
def test_reading_one_fact_does_not_read_all(graph: Graph, name: str) -> None:
    every = cpu(lambda: dates_of(graph, [f"<{BASE}article/a{number}/fact>" for number in range(FACTS)]))
    assert min(cpu(lambda: READERS[name](graph)) for _ in range(3)) < every / 5
    assert READERS[name](graph), name


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
