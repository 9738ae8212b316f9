"""Output of answers. Writes files and standard output."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from kg.cli.session import Session
from kg.core.english import counted
from kg.core.errors import InputError, UsageError
from kg.project.files import descriptor_of, write_whole
from kg.project.settings import Project

if TYPE_CHECKING:
    from kg.pipeline.report import Report
    from kg.render.cells import Look

STANDARD_OUTPUT = "-"


class OutputPath(click.Path):
    """Where to write: `-` for standard output, an open descriptor (`/dev/stdout`), a file or a folder."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = False) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, readable=False, allow_dash=file_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name. An empty one, such as from an unset shell variable, is refused."""
        if not value:
            self.fail("it is empty; give a name, or leave out the option", param, ctx)
        return super().convert(value, param, ctx)


def is_stream(output: str) -> bool:
    """Return whether a name means standard output or another open descriptor, which has no extension."""
    return output == STANDARD_OUTPUT or descriptor_of(output) is not None


def endpoint_option() -> click.Option:
    """Return the option that names the store to query."""
    text = "Query this store from kg.toml, or the one at this URL."
    return click.Option(["--endpoint"], metavar="NAME|URL", callback=named_store, help=text)


def named_store(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Return the value of an option that names a store.

    Raises:
        UsageError: it is empty, such as an unset shell variable.
    """
    if value is not None and not value.strip():
        raise UsageError("--endpoint is empty", "name a store of kg.toml or a URL, or leave out the option")
    return value


def on_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def look_of(project: Project, form: str = "SELECT", title: str = "", question: str = "", ids: bool = False) -> Look:
    """Return how to show answers here: the terminal's width and colours, the project's prefixes."""
    from kg.questions.graph import project_prefixes
    from kg.render.cells import Look

    return Look(
        base=project.base,
        prefixes=project_prefixes(project),
        form=form,
        title=title,
        question=question,
        width=shutil.get_terminal_size((100, 24)).columns,
        colour=on_terminal() and "NO_COLOR" not in os.environ,
        ids=ids,
    )


def write(content: str | bytes, output: str | None) -> None:
    """Write an answer to the file *output*, or to standard output if it is None or "-".

    Raises:
        UsageError: bytes for a terminal.
        InputError: the file, or standard output, cannot be written.
    """
    if output is None or output == STANDARD_OUTPUT:
        if isinstance(content, bytes) and on_terminal():
            raise UsageError("this format is not for a terminal", "name a file with -o")
        _write_out(content)
    else:
        write_whole(output, content)


def _write_out(content: str | bytes) -> None:
    try:
        click.echo(content, nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"cannot write to standard output: {error.strerror}", "check where it goes") from error


def remark(text: str) -> None:
    """Print on standard error what a reader of the result must know, such as that it was cut."""
    click.echo(text, err=True)


def show_findings(report: Report) -> None:
    """Print findings as text on standard error, in colour on a terminal."""
    from kg.render.findings import render_findings

    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    click.echo(render_findings(report.findings, "text", report.texts.get, colour=colour), err=True, nl=False)


def notice(text: str) -> None:
    """Print on standard error what was done, unless the command is quiet."""
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context else None
    if session is None or not session.quiet:
        click.echo(text, err=True)


def report_damage(report: Report, verbose: int) -> None:
    """Report, if *verbose*, damage to the cache, which only costs time, and what was not compared with articles."""
    if report.alone and verbose:
        remark(f"not compared with other articles: {report.alone}")
    if report.damaged and verbose:
        remark(f"the cache was damaged in {counted(report.damaged, 'place')}: compiled again from the files")


def lined_up(rows: Sequence[Sequence[str]], form: str) -> str:
    """Return rows as lines: in aligned columns for the form "table", else separated by tabs."""
    if form != "table":
        return "\n".join("\t".join(row) for row in rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
