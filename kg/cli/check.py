"""`kg check`: every problem in the mappings, with file:line:column."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from kg.cli.output import OutputPath, notice, on_terminal, remark, show_findings, write
from kg.cli.session import Session
from kg.core.english import counted
from kg.core.errors import UsageError
from kg.core.terms import INFERRED_KEY, READING_KEY
from kg.project.settings import SETTINGS_FILE, Project
from kg.render.findings import FINDING_FORMATS, OF_REPOSITORIES, render_findings
from kg.validation.engines import COMPILED, ENGINES

if TYPE_CHECKING:
    from kg.core.errors import Finding
    from kg.curation.fix import Fixed
    from kg.pipeline.cache import Cache
    from kg.pipeline.report import Report


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(FINDING_FORMATS), default="text", help="How to write the findings.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    help="The lowest severity that gives exit code 1.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, help="Number of processes.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=COMPILED,
    help="The SHACL engine. pyshacl is the reference, and slow.",
)
@click.option("-o", "--output", type=OutputPath(), help="Write the findings to this file.")
@click.option("--all", "every", is_flag=True, help="Show every finding, even if there are hundreds.")
@click.option(
    "--fix",
    "apply_fixes",
    is_flag=True,
    help="First fix what has only one possible fix, such as names that have changed.",
)
@click.option("--dry-run", is_flag=True, help="With --fix: show the changes as a diff, and write nothing.")
@click.option(
    "--originals",
    type=click.Path(),
    metavar="DIR",
    help="Compare the names, dates and figures of each digest with its original, a text file in this folder.",
)
@click.option(
    "--changed",
    is_flag=False,
    flag_value="HEAD",
    metavar="[REV]",
    help="Check only the articles that differ from this git revision, HEAD by default.",
)
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until interrupted.")
@click.option("--explain-code", "code", metavar="CODE", help="Explain the code of a finding, such as KG-M007.")
@click.pass_obj
def command(
    session: Session,
    paths: tuple[str, ...],
    form: str,
    fail_on: str,
    jobs: int,
    engine: str,
    output: str | None,
    every: bool,
    apply_fixes: bool,
    dry_run: bool,
    originals: str | None,
    changed: str | None,
    watch: bool,
    code: str | None,
) -> int:
    """Find every problem in the mappings.

    Without PATH, everything is checked, including the rules across articles. A PATH is a file or a folder; '-' is one
    article on standard input. --fix changes only renamed terms, typos in ids, keys and codes, and quotes that differ
    from the text in quotation marks or white space. --originals finds the original of a digest by its sha256.
    """
    if code is not None:
        return _explain(session, code)
    from kg.cli.input import standard_input
    from kg.cli.output import report_damage
    from kg.pipeline.check import check
    from kg.pipeline.workers import workers_for

    _refuse_contradictions(apply_fixes=apply_fixes, dry_run=dry_run, in_part=bool(paths) or watch)
    if dry_run:
        return _shown(session.project, fail_on, output)
    project = _fixed(session.project) if apply_fixes else session.project
    files = _changed(project, paths, changed) if changed else [path for path in paths if path != "-"]
    if files is None:
        notice(f"no article differs from {changed}")
        return 0
    folder = None if originals is None else Path(originals)

    def checked(project: Project, paths: Sequence[str], cache: Cache | None = None, text: str | None = None) -> Report:
        return check(
            project,
            paths,
            standard_input=text,
            workers=workers_for(project, jobs),
            shacl=engine,
            originals=folder,
            cache=cache,
        )

    if watch:
        _watch(project, files, checked, partial(_write, form=form, output=output, every=every))
    report = checked(project, files, text=standard_input() if "-" in paths else None)
    report_damage(report, session.verbose)
    _write(project, report, form, output, every)
    return 1 if report.fails(fail_on) else 0


def _refuse_contradictions(*, apply_fixes: bool, dry_run: bool, in_part: bool) -> None:
    if apply_fixes and in_part:
        raise UsageError("--fix works on the whole project", "leave out PATH and --watch")
    if dry_run and not apply_fixes:
        raise UsageError("--dry-run needs --fix", "add --fix, or leave out --dry-run: without --fix nothing is changed")


def _fixed(project: Project) -> Project:
    """Fix what has only one possible fix, report it, and return the project with its present settings."""
    from kg.curation.fix import fix

    fixed = fix(project)
    _report_fixed(fixed)
    return fixed.project


def _shown(project: Project, fail_on: str, output: str | None) -> int:
    """Show what would be fixed as a diff, report the remaining findings, and return their exit code."""
    from kg.curation.fix import fix
    from kg.project.changes import diff

    fixed = fix(project, dry_run=True)
    _report_fixed(fixed)
    write(diff(fixed.changes), output)
    left = fixed.report
    show_findings(left)
    return 1 if left.fails(fail_on) else 0


def _report_fixed(fixed: Fixed) -> None:
    """Report which words are replaced in which files, and which proposed replacements were rejected."""
    for correction in fixed.corrections:
        click.echo(str(correction), err=True)
    for finding in fixed.rejected:
        click.echo(
            f"{finding.place}: {finding.code}: not replaced by {finding.instead}: that causes other errors", err=True
        )
    counts = Counter(correction.finding.place.path for correction in fixed.corrections)
    for change in fixed.changes:
        click.echo(f"{change.shown}: {counted(counts[change.shown] or 1, 'change')}", err=True)
    if not fixed.changes:
        click.echo("nothing has only one possible fix", err=True)


def _changed(project: Project, paths: Sequence[str], revision: str) -> list[str] | None:
    """Return the articles that differ from a revision, None if nothing does.

    The list is empty, so that everything is checked, if a file differs that concerns all articles.
    """
    from kg.project.git import changed_files
    from kg.project.layout import every_path, is_article

    if paths:
        raise UsageError("--changed finds the files itself", "leave out PATH or --changed")
    now, settings = frozenset(every_path(project)), project.root / SETTINGS_FILE
    places = (project.data, *project.ontology, *project.words, *project.queries)
    differing = sorted(changed_files(project.root, revision))
    ours = [file for file in differing if file == settings or file in now or any(map(file.is_relative_to, places))]
    if not ours:
        return None
    articles = [str(file) for file in ours if is_article(project, file)]
    if len(articles) == len(ours):
        return articles
    other = next(file for file in ours if not is_article(project, file))
    click.echo(f"{project.shown(other)} concerns all articles: everything is checked", err=True)
    return []


def _explain(session: Session, code: str) -> int:
    from kg.pipeline.catalogue import page_of, page_text

    click.echo(page_text(page_of(code, lambda: session.project)), nl=False)
    return 0


def _watch(
    project: Project,
    paths: Sequence[str],
    checked: Callable[[Project, Sequence[str], Cache], Report],
    written: Callable[[Project, Report], None],
) -> NoReturn:
    """Check now and after every change, clearing the terminal each time."""
    from click.termui import clear

    from kg.cli.watch import keep_checking

    def show(project: Project, report: Report) -> None:
        clear()
        written(project, report)
        sys.stdout.flush()

    keep_checking(project, paths, checked, show)


def _write(project: Project, report: Report, form: str, output: str | None, every: bool) -> None:
    colour = output in (None, "-") and on_terminal() and "NO_COLOR" not in os.environ
    about = _titles(project, report) if form == "sarif" else {}
    findings, texts = _from_the_top(project, report) if form in OF_REPOSITORIES else (report.findings, report.texts)
    written = render_findings(findings, form, texts.get, colour=colour, titles=about, every=every)
    write(written, output)
    if form == "text" and not report.findings:
        notice(f"{counted(report.checked, 'file')}, no findings")
    if report.digests is not None:
        remark(str(report.digests))
    if form == "text" and (remarks := _remarks(report)):
        notice(remarks)


def _from_the_top(project: Project, report: Report) -> tuple[Sequence[Finding], Mapping[str, str]]:
    """Return findings and texts of a report with paths from the top of the repository that the project is in."""
    from kg.pipeline.chosen import STANDARD_INPUT
    from kg.project.git import place_in_repository

    place = place_in_repository(project.root)

    def moved(finding: Finding) -> Finding:
        path = finding.place.path
        return finding if path == STANDARD_INPUT else replace(finding, place=finding.place._replace(path=place + path))

    return [moved(finding) for finding in report.findings], {place + path: text for path, text in report.texts.items()}


def _remarks(report: Report) -> str:
    """Return how often curators gave a reason for something, "" if never."""
    counts = [
        (len(report.acknowledged), "finding acknowledged", "findings acknowledged"),
        (report.reasoned.get(READING_KEY, 0), "fact by a curator's reading", "facts by a curator's reading"),
        (report.reasoned.get(INFERRED_KEY, 0), "value inferred", "values inferred"),
    ]
    return ", ".join(counted(number, one, many) for number, one, many in counts if number)


def _titles(project: Project, report: Report) -> Mapping[str, str]:
    from kg.pipeline.catalogue import titles

    return titles((finding.code for finding in report.findings), project)
