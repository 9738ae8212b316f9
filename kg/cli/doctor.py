"""`kg doctor`: whether everything that kg needs is here and works."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from kg.cli.output import lined_up, remark
from kg.cli.session import Session
from kg.cli.stores import store_states
from kg.core.errors import InputError, KgError, UsageError
from kg.project.machine import Observation, State, build_folder, explorer_scripts, folder_size, installation

if TYPE_CHECKING:
    from kg.project.settings import Project
    from kg.transfer.health import StoreState

COLUMNS = ("what", "state", "detail")


@click.command("doctor")
@click.option(
    "--format", "form", type=click.Choice(["table", "tsv", "json"]), help="Default: table on a terminal, else tsv."
)
@click.pass_obj
def command(session: Session, form: str | None) -> int:
    """Check the installation, the machine, the project's build folder and its triplestores.

    What is missing only matters to the commands that need it. The exit code is 1 if something is at fault.
    """
    seen = list(observations(session))
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "json":
        click.echo(json.dumps([asdict(each) for each in seen], ensure_ascii=False, indent=2))
    else:
        click.echo(lined_up([COLUMNS, *((each.what, each.state, each.detail) for each in seen)], form))
    for each in seen:
        if each.fix:
            remark(f"{each.what}: {each.fix}")
    return 1 if any(each.state is State.FAULT for each in seen) else 0


def observations(session: Session) -> Iterator[Observation]:
    """Yield all that is known, the installation first. Without a project, the rest is left out."""
    yield from installation()
    yield _java()
    yield explorer_scripts()
    try:
        project = session.project
    except KgError as error:
        yield Observation("project", State.FAULT, error.message, error.fix)
        return
    yield Observation("project", State.OK, str(project.root))
    yield _generation(project)
    yield from build_folder(project.build, folder_size(project.build / "current"))
    for state in store_states(session, tuple(project.stores)) if project.stores else ():
        yield _store(state)


def _java() -> Observation:
    """Return the Java that `kg reason` would use."""
    from kg.reasoning.reasoner import java_program

    try:
        return Observation("java", State.OK, java_program("hermit"))
    except UsageError as error:
        return Observation("java", State.MISSING, error.message, error.fix)


def _generation(project: Project) -> Observation:
    """Return whether the current generation is as it was published."""
    from kg.store.generations import current

    try:
        generation = current(project.build)
        if generation is None:
            return Observation("generation", State.MISSING, "nothing has been built", "run 'kg build'")
        with generation:
            generation.verify()
            return Observation("generation", State.OK, f"{generation.manifest.number}, read and compared")
    except InputError as error:
        return Observation("generation", State.FAULT, error.message, error.fix)


def _store(state: StoreState) -> Observation:
    if state.problem:
        return Observation(f"store {state.name}", State.FAULT, state.problem, "'kg stores' has more about each store")
    return Observation(f"store {state.name}", State.OK, f"{state.kind}, {state.health}")
