"""Is there ever a wrong graph? `python -m benchmarks.kills [--kills 200] [--seed N] [build incremental rollback load]`.

Each command runs again and again in a process of its own, which is killed (SIGKILL) at a random moment. After each
kill the graph, and the answer to a question, must be those before the command or those after it, and the same command
must then reach the latter, byte by byte. A store that was being loaded must hold each graph whole that its ledger says
it has. Prints the seed, by which the moments can be drawn again.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field, replace
from datetime import date
from io import StringIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

from benchmarks.corpus import FICTION, ROOT
from kg.core.errors import Failure, RemoteError
from kg.core.model import Quad, Term
from kg.notebook.opened import OpenProject
from kg.pipeline.steps import build
from kg.project.endpoint import StoreSettings
from kg.project.intact import is_abandoned
from kg.project.settings import Project, load_project
from kg.store.generations import current, rollback
from kg.store.lines import lines_digest
from kg.store.manifest import Manifest
from kg.store.probe import probed
from kg.store.remote import RemoteStore
from kg.transfer import lease
from kg.transfer.health import Health, store_state
from kg.transfer.state import inspect

ARTICLES = ("ferry-terminal", "exchange-merger-rumour")
QUESTION = "in-numbers"
LEASE = 4.0
"""Seconds, in place of 60, until the lease of a killed load expires."""

LONGEST = 120.0
"""Seconds after which a command that was not killed has hung."""


class WrongGraphError(AssertionError):
    """After a kill there is something else than before the command and than after it."""


@dataclass(frozen=True, slots=True)
class State:
    """What a project's graph is to be in one of two states of its files."""

    sha256: str
    lines: tuple[str, ...]
    answer: tuple[object, ...]


@dataclass(slots=True)
class Tally:
    """What the kills of one command met.

    Attributes:
        outcomes: before, after or ended (before the kill) -> how often.
        seconds: of the commands that were not killed.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How often a command was killed before it ended."""
        return self.outcomes["before"] + self.outcomes["after"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One command, to be killed.

    Attributes:
        run: what the process does.
        arguments: of it.
        look: returns whether all is as before or as after the command; raises a WrongGraphError.
        finish: does the same and compares.
    """

    run: Callable[..., object]
    arguments: tuple[object, ...]
    look: Callable[[], str]
    finish: Callable[[], None]


# -------- a project in two states


def make_project(folder: Path) -> Project:
    """Write a small project and return it."""
    shutil.copytree(FICTION / "data" / "registry", folder / "data" / "registry")
    (folder / "data" / "articles").mkdir()
    settings = f'base = "https://example.org/kills/"\nontology = ["{ROOT}/ontology"]\nqueries = ["{ROOT}/queries"]\n'
    (folder / "kg.toml").write_text(settings)
    project = load_project(folder)
    write_files(project, 0)
    return project


def write_files(project: Project, number: int) -> None:
    """Bring the files to state 0, or to state 1, in which an article has changed and another one is there."""
    articles = project.data / "articles"
    first, second = ((FICTION / "data" / "articles" / f"{name}.yaml").read_text() for name in ARTICLES)
    changed = re.sub(r"curation: \{curator: \w+", "curation: {curator: other", first)
    (articles / f"{ARTICLES[0]}.yaml").write_text(changed if number else first)
    if number:
        (articles / f"{ARTICLES[1]}.yaml").write_text(second)
    else:
        (articles / f"{ARTICLES[1]}.yaml").unlink(missing_ok=True)


def expected_states(project: Project) -> tuple[State, State]:
    """Return both states, each built from nothing in a folder of its own."""

    def state(number: int) -> State:
        write_files(project, number)
        with tempfile.TemporaryDirectory() as folder:
            aside = replace(project, build=Path(folder) / "build")
            build(aside)
            return state_of(aside)

    return state(0), state(1)


def state_of(project: Project) -> State:
    """Return the current state, after its files, its objects and every quad of its store were compared."""
    generation = current(project.build)
    if generation is None:
        raise WrongGraphError("there is no generation")
    with generation:
        generation.verify()
        lines = tuple(sorted(generation.lines()))
    with OpenProject(project) as opened:
        rows = opened.query(QUESTION).rows.rows
    return State(generation.manifest.sha256, lines, tuple(map(tuple, rows)))


# -------- killing

PROCESSES = get_context("forkserver")
"""Makes processes that have everything imported and no store open, so that kills meet the work and not the start."""

PROCESSES.set_forkserver_preload(["kg.cli.load", "kg.pipeline.steps", "kg.transfer.load", "kg.validation.validate"])


def killed(trial: Trial, seconds: float) -> float | None:
    """Run the command and kill it *seconds* after it has begun; return how long it took if it ended before.

    Raises:
        WrongGraphError: it failed, or hung.
    """
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=_run, args=(theirs, trial.run, trial.arguments))
    process.start()
    theirs.close()
    ours.recv()
    start = time.monotonic()
    process.join(seconds)
    alive, took = process.is_alive(), time.monotonic() - start
    process.kill()
    process.join()
    if not alive and process.exitcode:
        raise WrongGraphError(f"the command ended with {process.exitcode}")
    if alive and seconds >= LONGEST:
        raise WrongGraphError("the command hangs")
    return None if alive else took


def _run(begun: Connection, run: Callable[..., object], arguments: tuple[object, ...]) -> None:
    begun.send(None)
    run(*arguments)


def run_trials(
    trials: Iterator[Trial], kills: int, seed: int, report: Callable[[Tally], None] = lambda _: None
) -> Tally:
    """Kill commands until *kills* of them were killed before they ended.

    Each tenth runs to its end, for the time that it takes now. *report* is given what has been met so far.
    """
    chance, tally = random.Random(seed), Tally()
    for number, trial in enumerate(trials):
        if tally.kills >= kills:
            break
        whole = number % 10 == 0
        seconds = LONGEST if whole else chance.uniform(0, 1.1 * statistics.median(tally.seconds[-5:]))
        took = killed(trial, seconds)
        if whole and took is not None:
            tally.seconds.append(took)
        state = trial.look()
        tally.outcomes["ended" if took is not None else state] += 1
        if took is not None and state != "after":
            raise WrongGraphError("the command ended, and nothing has changed")
        trial.finish()
        report(tally)
    return tally


# -------- builds and rollbacks


def builds(project: Project) -> Iterator[Trial]:
    """Yield builds from nothing, and full ones over another generation, in turn."""
    states = expected_states(project)
    for turn in _turns():
        write_files(project, turn)
        if turn:
            yield _build_trial(project, states[0], states[1], full=True)
        else:
            shutil.rmtree(project.build, ignore_errors=True)
            yield _build_trial(project, None, states[0], full=False)


def incremental_builds(project: Project) -> Iterator[Trial]:
    """Yield builds after an article has changed and another one has come or gone."""
    states = expected_states(project)
    write_files(project, 1)
    build(project)
    for turn in _turns():
        write_files(project, turn)
        yield _build_trial(project, states[1 - turn], states[turn], full=False)


def _build_trial(project: Project, before: State | None, after: State, *, full: bool) -> Trial:
    def finish() -> None:
        build(project)
        _require(state_of(project) == after, "the next build made something else than a build from nothing")
        left = [file for file in project.root.rglob(".*") if is_abandoned(file.name) or file.name.startswith(".new-")]
        _require(not left, f"the next build left {left}")

    return Trial(_build, (project, full), lambda: _side(project, before, after), finish)


def _build(project: Project, full: bool) -> None:
    build(project, full=full)


def rollbacks(project: Project) -> Iterator[Trial]:
    """Yield rollbacks from one generation to another and back."""
    states = expected_states(project)
    numbers = _two_generations(project)
    for turn in _turns():
        yield _rollback_trial(project, numbers[turn], states[1 - turn], states[turn])


def _rollback_trial(project: Project, number: int, before: State, after: State) -> Trial:
    def finish() -> None:
        if state_of(project) == before:
            rollback(project.build, number)
        _require(state_of(project) == after, "the rollback led elsewhere")

    return Trial(rollback, (project.build, number), lambda: _side(project, before, after), finish)


def _two_generations(project: Project) -> tuple[int, int]:
    """Publish both states, the second one as the current one; return their numbers."""
    write_files(project, 0)
    first = build(project).manifest.number
    write_files(project, 1)
    return first, build(project).manifest.number


def _turns() -> Iterator[int]:
    while True:
        yield from (0, 1)


def _side(project: Project, before: State | None, after: State) -> str:
    if before is None and current(project.build) is None:
        return "before"
    state = state_of(project)
    _require(state in (before, after), "the graph is neither the one before nor the one after")
    return "after" if state == after else "before"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise WrongGraphError(otherwise)


# -------- loads


def loads(project: Project, settings: StoreSettings) -> Iterator[Trial]:
    """Yield loads of one generation over another, and back."""
    numbers = _two_generations(project)
    for turn in _turns():
        manifest = rollback(project.build, numbers[turn])

        def look(manifest: Manifest = manifest) -> str:
            return _store_side(project, settings, manifest)

        def finish(manifest: Manifest = manifest) -> None:
            _load(project.root, settings.url)
            _require(_store_side(project, settings, manifest) == "after", "the next load did not bring everything")

        yield Trial(_load, (project.root, settings.url), look, finish)


def _load(folder: Path, address: str) -> None:
    """Load, and again if the lease could not be renewed in time, as on a busy machine."""
    from kg.cli import cli

    with patch.object(lease, "SECONDS", LEASE), patch.object(lease, "PAUSE", 0.1), redirect_stderr(StringIO()):
        try:
            cli.main(["-C", str(folder), "load", address, "--remove"], standalone_mode=False)
        except RemoteError as error:
            if error.failure is not Failure.BUSY:
                raise
            _load(folder, address)


def _store_side(project: Project, settings: StoreSettings, manifest: Manifest) -> str:
    """Compare each graph that the ledger calls loaded; return whether the store calls itself current."""
    with RemoteStore(probed(settings)[0]) as store:
        loaded = inspect(store, project.base, tuple(manifest.graphs)).states
        for graph, state in loaded.items():
            if state is not None:
                _require(_digest(store, graph) == state.summary.sha256, f"{graph} is not what the ledger says")
        health = store_state(settings, project.base, manifest.graphs).health
        if health is not Health.CURRENT:
            return "before"
        for graph, summary in manifest.graphs.items():
            _require(_digest(store, graph) == summary.sha256, f"{graph} is not that of the generation")
    return "after"


def _digest(store: RemoteStore, graph: Term) -> str:
    return lines_digest(sorted(str(Quad(*triple, graph)) for triple in store.triples(graph)))


# -------- the command


@contextmanager
def trials_of(name: str, folder: Path) -> Iterator[Iterator[Trial]]:
    """Provide the trials of a command, with a project, and a store where it needs one, in *folder*."""
    project = make_project(folder / "project")
    if name != "load":
        yield COMMANDS[name](project)
        return
    from tests.servers import started

    with started("oxigraph", folder / "store") as server:
        yield loads(project, server.settings)


COMMANDS: Mapping[str, Callable[[Project], Iterator[Trial]]] = {
    "build": builds,
    "incremental": incremental_builds,
    "rollback": rollbacks,
}


def run(name: str, kills: int, seed: int, report: Callable[[Tally], None] = lambda _: None) -> Tally:
    """Kill one command so often, in a new folder."""
    with tempfile.TemporaryDirectory() as folder, trials_of(name, Path(folder)) as trials:
        return run_trials(trials, kills, seed, report)


def main() -> None:
    """Print one line for each command."""
    names = (*COMMANDS, "load")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", metavar="command", help=f"{', '.join(names)}; all without one")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}; {date.today()}")
    print(f"{'command':12} {'kills':>6} {'before':>7} {'after':>6} {'ended':>6} {'seconds':>8}")
    for name in options.commands or names:
        print(row(name, run(name, options.kills, options.seed, lambda tally, name=name: _progress(name, tally))))
        sys.stdout.flush()


def row(name: str, tally: Tally) -> str:
    """Return a row of the table."""
    before, after, ended = (tally.outcomes[each] for each in ("before", "after", "ended"))
    return f"{name:12} {tally.kills:6} {before:7} {after:6} {ended:6} {statistics.median(tally.seconds):8.2f}"


def _progress(name: str, tally: Tally) -> None:
    print(f"\r{row(name, tally)}", end="\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
