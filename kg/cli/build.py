"""`kg build`: check, compile and publish a new generation."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from kg.cli.output import report_damage
from kg.cli.progress import progress
from kg.cli.session import Session
from kg.core.english import counted


@click.command("build")
@click.option("--full", is_flag=True, help="Compile and load everything again.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="Number of processes.")
@click.option("--cluster", metavar="ADDRESS", default="", help="Compile on the Dask cluster of this scheduler.")
@click.pass_obj
def command(session: Session, full: bool, jobs: int, cluster: str) -> int:
    """Check, compile and publish a new generation. If anything is wrong, the current one stays as it was."""
    from kg.pipeline.steps import BuildError, build
    from kg.pipeline.workers import workers_for
    from kg.render.findings import render_findings
    from kg.render.snippet import summary

    project = session.project
    built = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with progress("compiling", "files") as tick:
            workers = workers_for(project, jobs, cluster)
            outcome = build(project, full=full, workers=workers, built=built, tick=tick)
    except BuildError as error:
        report = error.report
        report_damage(report, session.verbose)
        click.echo(
            render_findings(report.findings, "text", report.texts.get, colour=sys.stderr.isatty()), err=True, nl=False
        )
        raise
    report = outcome.report
    if outcome.other_version:
        click.echo("the build folder was made by another version of kg: everything was rebuilt", err=True)
    report_damage(report, session.verbose)
    if report.findings and session.verbose:
        click.echo(
            render_findings(report.findings, "text", report.texts.get, colour=sys.stderr.isatty()), err=True, nl=False
        )
    elif report.findings:
        click.echo(f"{summary(report.findings)}; 'kg check' shows them", err=True)
    manifest = outcome.manifest
    done = "published" if outcome.changed else "unchanged:"
    click.echo(
        f"{done} generation {manifest.number}: {manifest.quads} quads in {len(manifest.graphs)} graphs;"
        f" {compiled_files(len(outcome.fresh), report.checked)}",
        err=True,
    )
    return 0


def compiled_files(fresh: int, every: int) -> str:
    """Return how many of the *every* files were compiled now. An earlier check or build had compiled the others.

    >>> compiled_files(0, 4)
    '4 files, all compiled before'
    """
    files = counted(every, "file")
    if fresh in (0, every):
        return f"{files} compiled" if fresh else f"{files}, all compiled before"
    return f"{files}, {fresh} compiled now"
