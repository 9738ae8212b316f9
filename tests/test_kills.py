"""A few kills of each command; `python -m benchmarks.kills` kills 200 times."""

from __future__ import annotations

import random

import pytest

from benchmarks.kills import run
from tests.servers import MissingServerError

KILLS = {"build": 2, "incremental": 2, "rollback": 4, "load": 2}


@pytest.mark.stress
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.servers] if name == "load" else []) for name in KILLS]
)
def test_a_command_that_is_killed_leaves_the_graph_before_or_after_it_and_the_next_run_completes_it(name: str) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    try:
        tally = run(name, KILLS[name], seed)
    except MissingServerError as error:
        pytest.skip(str(error))
    assert tally.kills == KILLS[name]
    assert tally.seconds
