"""`kg backup`: the current generation as one file."""

from __future__ import annotations

import sys
from functools import partial

import click

from kg.cli.output import STANDARD_OUTPUT, OutputPath, notice, on_terminal
from kg.cli.session import Session
from kg.core.errors import UsageError


@click.command("backup")
@click.option("-o", "--output", type=OutputPath(), required=True, help="The file to write; - for standard output.")
@click.pass_obj
def command(session: Session, output: str) -> None:
    """Write the current generation to one file, from which 'kg restore' can publish it again.

    The sources are not in it. They belong in version control, and 'kg build' makes the same generation from them.
    """
    from kg.project.files import stream_whole
    from kg.questions.graph import built
    from kg.store.backup import write_backup

    if output == STANDARD_OUTPUT and on_terminal():
        raise UsageError("a backup is not for a terminal", "name a file with -o")
    with built(session.project) as generation:
        write = partial(write_backup, generation)
        if output == STANDARD_OUTPUT:
            write(sys.stdout.buffer)
        else:
            stream_whole(output, write)
        manifest = generation.manifest
    shown = f"generation {manifest.number}: {manifest.quads} quads in {len(manifest.graphs)} graphs"
    notice(f"backed up {shown}, sha256 {manifest.sha256}")
