"""The sorts of tests: what a run leaves out is told at its end, and the files that begin first are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rdflib import URIRef, Variable
from rdflib.plugins.sparql.sparql import FrozenDict

from tests.quick_rdflib import quicken_rdflib
from tests.sorts import HEAVIEST, SORTS, without_sorts

TESTS = Path(__file__).parent


def test_what_is_left_out_is_told_with_what_it_does_and_how_to_run_it() -> None:
    command = [sys.executable, "-m", "pytest", "-n", "1", "-m", without_sorts(), "tests/test_web_elsewhere.py"]
    done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert f"tests that {SORTS['servers']} ('-m servers' runs them alone)\n" in done.stdout
    assert "'python -m tests.all --everything' runs all tests" in done.stdout


def test_the_files_that_begin_first_exist() -> None:
    assert {*HEAVIEST} <= {file.stem for file in TESTS.rglob("test_*.py")}


def test_solutions_of_rdflib_are_equal_as_before_and_do_not_collide() -> None:
    quicken_rdflib()
    a, b, one, other = Variable("a"), Variable("b"), URIRef("urn:1"), URIRef("urn:2")
    assert FrozenDict({a: one, b: other}) == FrozenDict({b: other, a: one}) != FrozenDict({a: other, b: one})
    assert len({FrozenDict({a: each, b: each}) for each in (one, other, one)}) == 2
    assert hash(FrozenDict({a: one, b: one})) != hash(FrozenDict({a: other, b: other}))
