"""`kg rollback`: make an earlier generation current again."""

from __future__ import annotations

import click

from kg.cli.output import notice
from kg.cli.session import Session


@click.command("rollback")
@click.argument("number", type=click.IntRange(min=1), required=False)
@click.pass_obj
def command(session: Session, number: int | None) -> None:
    """Make generation NUMBER current again, by default the one before the current one.

    No generation is removed, so 'kg rollback' can also go forward. The next 'kg build' publishes what is in data/.
    """
    from kg.store.generations import rollback

    manifest = rollback(session.project.build, number)
    graphs, quads = len(manifest.graphs), manifest.quads
    notice(f"generation {manifest.number} is current again: {graphs} graphs, {quads} quads")
