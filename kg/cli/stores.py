"""`kg stores`: the triplestores in kg.toml."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from kg.cli.output import lined_up, remark
from kg.cli.session import Session
from kg.core.english import counted
from kg.project.store_kinds import KINDS

if TYPE_CHECKING:
    from kg.transfer.health import StoreState

COLUMNS = ("store", "kind", "state", "check", "graphs", "quads", "to load", "ms", "address")
_UNREACHED = 4


@click.command("stores", epilog=f"Kinds of stores in kg.toml: {', '.join(KINDS)}.")
@click.argument("targets", metavar="[NAME|URL]...", nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(["table", "tsv", "json"]), help="Default: table on a terminal, else tsv."
)
@click.pass_obj
def command(session: Session, targets: tuple[str, ...], form: str | None) -> int:
    """List the stores in kg.toml: whether they answer, what they hold of this project, and whether it is current.

    Graphs are counted, not compared: 'kg load --verify' compares them. The exit code is 4 if a store does not answer.
    """
    states = store_states(session, targets)
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "json":
        click.echo(json.dumps([asdict(state) for state in states], ensure_ascii=False, indent=2))
    else:
        click.echo(lined_up([COLUMNS, *map(_cells, states)], form))
    for state in states:
        for line in _remarks(state):
            remark(line)
    return _UNREACHED if any(state.problem for state in states) else 0


def store_states(session: Session, targets: tuple[str, ...]) -> list[StoreState]:
    """Return the states of the project's own store and of each other store."""
    from kg.project.endpoint import EMBEDDED
    from kg.store.generations import current
    from kg.transfer.health import Health, StoreState, store_state

    project = session.project
    generation = current(project.build)
    graphs = generation.manifest.graphs if generation else {}
    quads = generation.manifest.quads if generation else 0
    if generation:
        generation.close()
    health = Health.CURRENT if generation else Health.EMPTY
    own = StoreState(EMBEDDED, project.shown(project.build), EMBEDDED, health=health, graphs=len(graphs), quads=quads)
    others = [project.store_named(target) for target in targets] if targets else list(project.stores.values())
    states = [store_state(settings, project.base, graphs) for settings in others if settings]
    return [own, *states] if not targets or None in others else states


def _remarks(state: StoreState) -> Iterator[str]:
    """Yield the details that a table has no room for."""
    from kg.transfer.health import Health

    if state.problem:
        yield state.problem
    if state.health is Health.ALTERED:
        yield f"{state.name}: triples were added or deleted since the load; 'kg load {state.name}' repairs that"
    if state.surplus:
        graphs = counted(state.surplus, "graph")
        yield f"{state.name}: {graphs} with this project's base, not in the current generation; 'kg load' lists them"
    if state.loading:
        yield f"{state.name}: a load is under way, by {state.loading}"


def _cells(state: StoreState) -> tuple[str, ...]:
    if state.problem:
        return (state.name, state.kind, state.failure, "", "", "", "", "", state.url)
    counts = (state.graphs, state.quads, state.behind, state.milliseconds)
    return (state.name, state.kind, str(state.health), state.checked, *map(str, counts), state.url)
