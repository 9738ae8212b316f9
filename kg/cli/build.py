"""`kg build`: check, compile and publish a new generation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from kg.cli.output import notice, remark, report_damage, show_findings
from kg.cli.progress import progress
from kg.cli.session import Session
from kg.core.english import counted

if TYPE_CHECKING:
    from kg.pipeline.report import Report
    from kg.pipeline.steps import BuildResult


@click.command("build")
@click.option("--full", is_flag=True, help="Compile and load everything again.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="Number of processes.")
@click.option("--cluster", metavar="ADDRESS", default="", help="Compile on the Dask cluster of this scheduler.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="How to show the result; json is one object on standard output.")  # fmt: skip
@click.pass_obj
def command(session: Session, full: bool, jobs: int, cluster: str, form: str) -> int:
    """Check, compile and publish a new generation. If anything is wrong, the current one stays as it was."""
    from kg.pipeline.steps import BuildError, build
    from kg.pipeline.workers import workers_for

    project = session.project
    built = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with progress("compiling", "files") as tick:
            workers = workers_for(project, jobs, cluster)
            outcome = build(project, full=full, workers=workers, built=built, tick=tick)
    except BuildError as error:
        report_damage(error.report, session.verbose)
        if form == "json":
            click.echo(json.dumps({"published": False, **_findings(error.report)}, ensure_ascii=False, indent=2))
        else:
            show_findings(error.report)
        raise
    if outcome.other_version:
        remark("the build folder was made by another version of kg: everything was rebuilt")
    report_damage(outcome.report, session.verbose)
    if form == "json":
        click.echo(json.dumps(_result(outcome), ensure_ascii=False, indent=2))
        return 0
    _show_result(outcome, session.verbose)
    return 0


def _show_result(outcome: BuildResult, verbose: int) -> None:
    from kg.render.snippet import summary

    report, manifest = outcome.report, outcome.manifest
    if report.findings and verbose:
        show_findings(report)
    elif report.findings:
        remark(f"{summary(report.findings)}; 'kg check' shows them")
    done = "published" if outcome.changed else "unchanged:"
    notice(
        f"{done} generation {manifest.number}: {manifest.quads} quads in {len(manifest.graphs)} graphs;"
        f" {compiled_files(len(outcome.fresh), report.checked)}"
    )


def _result(outcome: BuildResult) -> dict[str, object]:
    manifest = outcome.manifest
    return {
        "published": outcome.changed,
        "generation": manifest.number,
        "sha256": manifest.sha256,
        "graphs": len(manifest.graphs),
        "quads": manifest.quads,
        "files": outcome.report.checked,
        "compiled": len(outcome.fresh),
        **_findings(outcome.report),
    }


def _findings(report: Report) -> dict[str, object]:
    from kg.render.findings import render_findings

    shown: dict[str, object] = json.loads(render_findings(report.findings, "json", report.texts.get))
    return shown


def compiled_files(fresh: int, every: int) -> str:
    """Return how many of the *every* files were compiled now. An earlier check or build had compiled the others.

    >>> compiled_files(0, 4)
    '4 files, all compiled before'
    """
    files = counted(every, "file")
    if fresh in (0, every):
        return f"{files} compiled" if fresh else f"{files}, all compiled before"
    return f"{files}, {fresh} compiled now"
