"""What nobody would write: thousands of mutated inputs of all kinds, and those that broke a promise once.

A case is a file of tests/fuzz, named KIND.what-happened: an input of that kind, tried as it is. For longer searches:
`python -m benchmarks.fuzz`.
"""

from __future__ import annotations

import ast
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fuzz import Fuzzing, fuzzing
from benchmarks.fuzz_targets import SEEDS, BrokenPromiseError, refuse_broken, refuse_faulty
from benchmarks.mutation import Mutation
from kg.core.errors import Finding, Place, Severity
from kg.project.settings import Project
from tests.serving import ROOT, client_of

CASES = sorted((Path(__file__).parent / "fuzz").iterdir())
INPUTS = 2000
SECONDS = 20
"""CPU time after which no more inputs are tried: a slow machine tries fewer."""

PART = 100
FIRST_SEED = 15


@pytest.fixture(scope="module")
def search(fiction: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzing]:
    with client_of(fiction) as client:
        yield fuzzing(tmp_path_factory.mktemp("fuzz"), client)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_input_that_broke_a_promise_breaks_none_now(search: Fuzzing, case: Path) -> None:
    kind = case.name.partition(".")[0]
    search.targets.tried(kind, case.read_bytes().decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("kind", SEEDS)
def test_inputs_that_are_not_mutated_are_tried(search: Fuzzing, kind: str) -> None:
    assert SEEDS[kind]
    search.targets.tried(kind, SEEDS[kind][0])


@pytest.mark.stress
def test_mutated_inputs_break_no_promise(search: Fuzzing) -> None:
    search.counts.clear()
    begun = time.process_time()
    while search.counts.total() < INPUTS and time.process_time() - begun < SECONDS:
        done = search.counts.total()
        faults = list(search.faults(list(SEEDS), min(INPUTS, done + PART), FIRST_SEED + done))
        assert faults == [], "\n".join(faults)
    print(f"{search.counts.total():,} inputs in {time.process_time() - begun:.0f} s of CPU")
    assert search.counts.total() >= PART
    assert set(search.counts) == set(SEEDS)


# -------- what breaks a promise is seen


def finding(line: int = 1, column: int = 1, code: str = "KG-Y001", message: str = "wrong") -> Finding:
    return Finding(Place("x.yaml", line, column), Severity.ERROR, code, message)


@pytest.mark.parametrize(
    "broken", [finding(line=3), finding(column=4), finding(code="KG-X999"), finding(message=""), finding(line=0)]
)
def test_a_finding_outside_its_file_or_unknown_is_seen(broken: Finding) -> None:
    refuse_broken([finding(line=2, column=3)], {"x.yaml": "a\nbc"}, ["KG-Y001"])
    with pytest.raises(BrokenPromiseError):
        refuse_broken([broken], {"x.yaml": "a\nbc"}, ["KG-Y001"])


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (500, "text/plain", b"x"),
        (502, "", b""),
        (200, "application/json", b"{"),
        (200, "text/html; charset=utf-8", b"\xff"),
    ],
)
def test_an_answer_that_is_a_fault_of_the_server_is_seen(status: int, kind: str, body: bytes) -> None:
    refuse_faulty(503, "text/plain", b"busy")
    with pytest.raises((BrokenPromiseError, ValueError)):
        refuse_faulty(status, kind, body)


def test_a_mutation_changes_a_part_of_a_text() -> None:
    text = "one: 1\ntwo: 2\nthree: 3\n"

    def changed(kind: str) -> str:
        return Mutation(kind, 3334, 1, "x", 2).applied(text)

    assert changed("remove line") == "one: 1\nthree: 3\n"
    assert changed("value line") == "one: 1\ntwo: x\nthree: 3\n"
    assert changed("repeat line") == "one: 1\ntwo: 2\ntwo: 2\ntwo: 2\nthree: 3\n"
    assert changed("insert") == "one: 1\nxtwo: 2\nthree: 3\n"
    assert Counter(changed("move")) == Counter(text)


# -------- the kinds of faults that it found


def memo_keys() -> Iterator[str]:
    """Yield the beginning of each key under which a module remembers something about a graph."""
    for file in sorted((ROOT / "kg").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                key = ast.unparse(node.args[0]) if node.func.attr in ("once", "remembered") else ""
                yield from re.findall(r"^f?['\"]([^'\"{]*)", key)


def test_no_two_places_remember_different_things_under_one_key() -> None:
    """A page once got what the description of the interface had remembered, and failed."""
    keys = Counter(memo_keys())
    assert {key: count for key, count in keys.items() if count > 1 and key != "names of "} == {}
    assert len(keys) > 15
