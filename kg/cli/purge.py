"""`kg purge`: remove an article from everything that was built."""

from __future__ import annotations

import click

from kg.cli.session import Session
from kg.core.errors import FindingsError


@click.command("purge")
@click.argument("article")
@click.option("--source", is_flag=True, help="Also remove its mapping, pins and text from the project.")
@click.pass_obj
def command(session: Session, article: str, source: bool) -> int:
    """Remove the article with the id ARTICLE from the build folder: all generations, objects, records and receipts.

    The project is built without it. Earlier generations are deleted, and there is no way back to them. Its source files
    are only removed with --source; otherwise, they must be gone already.
    """
    from kg.pipeline.purge import purge

    project = session.project
    done = purge(project, article, source=source)
    removed = {
        "source file": len(done.files),
        "generation": len(done.generations),
        "object": done.objects,
        "record": done.records,
        "receipt": len(done.receipts),
    }
    listed = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for what, count in removed.items() if count)
    click.echo(f"removed: {listed or 'nothing'}", err=True)
    for file in done.files:
        click.echo(f"  {file}", err=True)
    for file in done.mentions:
        click.echo(f"still mentions it, because others refer to it: {file}", err=True)
    click.echo("not reached from here:", err=True)
    for name in sorted({*project.stores, *done.receipts}):
        click.echo(f"  the store {name}: 'kg load {name} --remove' removes it there", err=True)
    click.echo("  earlier exports, dumps and backups: delete them", err=True)
    click.echo("  the history of a repository: 'git filter-repo --invert-paths --path FILE' rewrites it", err=True)
    if done.current is None:
        raise FindingsError("no generation is left: without the article, the project has errors", "run 'kg build'")
    click.echo(f"generation {done.current} is current, and the only one", err=True)
    return 0
