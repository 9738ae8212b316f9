"""`kg check`: every problem in the mappings, at file:line:column."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kg.cli.session import Session

if TYPE_CHECKING:
    from kg.pipeline import Report

FORMATS = ("text", "json", "sarif", "github", "junit")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to write the findings.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    help="The mildest severity that gives exit code 1.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="How many processes to use.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write the findings to this file.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until interrupted.")
@click.pass_obj
def command(
    session: Session, paths: tuple[str, ...], form: str, fail_on: str, jobs: int, output: str | None, watch: bool
) -> int:
    """Find every problem in the mappings.

    Without PATH, everything is checked, the rules across articles included. A PATH is a file or a folder; '-' is one
    article on standard input.
    """
    from kg.pipeline import check as checked
    from kg.read import decoded_text

    project = session.project
    if watch:
        from click.termui import clear

        from kg.cli.watch import each_change

        for _ in each_change(project):
            clear()
            _write(checked(project, paths, jobs=jobs), form, output)
    text = decoded_text(sys.stdin.buffer.read(), "standard input") if "-" in paths else None
    report = checked(project, [path for path in paths if path != "-"], standard_input=text, jobs=jobs)
    _write(report, form, output)
    return 1 if report.fails(fail_on) else 0


def _write(report: Report, form: str, output: str | None) -> None:
    from kg.render.findings import render_findings

    colour = output is None and sys.stdout.isatty()
    written = render_findings(report.findings, form, report.texts.get, colour=colour)
    if output:
        from kg.files import write_whole

        write_whole(output, written)
    else:
        click.echo(written, nl=False)
    if form == "text" and not report.findings:
        click.echo(f"{report.checked} files, no findings", err=True)
