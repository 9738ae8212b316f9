"""`kg history`: the generations of the project."""

from __future__ import annotations

import json
import sys

import click

from kg.cli.output import lined_up
from kg.cli.session import Session
from kg.core.errors import InputError

COLUMNS = ("generation", "state", "built", "parent", "graphs", "quads", "sha256")
_DIGEST_SHOWN = 12


@click.command("history")
@click.option(
    "--format", "form", type=click.Choice(["table", "tsv", "json"]), help="Default: table on a terminal, else tsv."
)
@click.pass_obj
def command(session: Session, form: str | None) -> None:
    """List the generations of the graph, newest first.

    Queries see the current one. 'kg rollback' makes another current.
    """
    entries = generation_entries(session)
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "json":
        click.echo(json.dumps(entries, ensure_ascii=False, indent=2))
    else:
        click.echo(lined_up([COLUMNS, *(_cells(entry, form) for entry in entries)], form))


def generation_entries(session: Session) -> list[dict[str, object]]:
    """Return the details of each generation, newest first.

    Raises:
        InputError: nothing has been published.
    """
    from kg.store.folder import current_number, numbers
    from kg.store.generations import history

    build = session.project.build
    now, sound = current_number(build), {manifest.number: manifest for manifest in history(build)}
    entries: list[dict[str, object]] = []
    for number in reversed(numbers(build)):
        manifest, state = sound.get(number), "current" if number == now else ""
        if manifest is None:
            entries.append({"generation": number, "state": f"{state} damaged".strip()})
            continue
        entries.append(
            {
                "generation": number,
                "state": state,
                "built": manifest.details.built,
                "parent": manifest.parent,
                "graphs": len(manifest.graphs),
                "quads": manifest.quads,
                "sha256": manifest.sha256,
                "versions": dict(manifest.details.versions),
            }
        )
    if not entries:
        raise InputError("nothing has been published yet", "run 'kg build'")
    return entries


def _cells(entry: dict[str, object], form: str) -> list[str]:
    """Return the cells of one line. In a table, the hash in the last column is shortened."""
    *cells, digest = ["" if entry.get(column) is None else str(entry[column]) for column in COLUMNS]
    return [*cells, digest[:_DIGEST_SHOWN] if form == "table" else digest]
