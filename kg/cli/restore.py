"""`kg restore`: a backup becomes the current generation."""

from __future__ import annotations

import click

from kg.cli.output import notice
from kg.cli.session import Session


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_obj
def command(session: Session, file: str) -> None:
    """Publish the generation in FILE, a backup, as the current one.

    All of it is read and compared first. Generations that are there stay, for 'kg rollback'. The next 'kg build'
    publishes what is in data/.
    """
    from kg.store.backup import restore

    before, manifest = restore(session.project.build, session.project.base, file, session.project.generations)
    notice(
        f"generation {before.number} of the backup is generation {manifest.number}:"
        f" {manifest.quads} quads in {len(manifest.graphs)} graphs, sha256 {manifest.sha256}"
    )
