"""`kg diff`: what differs between two states of the graph, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import OutputPath, show_findings, write
from kg.cli.session import Session

if TYPE_CHECKING:
    from kg.bench.difference import GraphDifference

FORMATS = ("text", "md", "json")
_ROWS = 10


@click.command("diff")
@click.argument("before", metavar="[A]", default="current")
@click.argument("after", metavar="[B]", default="tree")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: by the ending of the file, else text.")
@click.option("-o", "--output", type=OutputPath(), help="Write to this file.")
@click.option("--questions", multiple=True, metavar="NAME", help="Ask only this question; may be repeated.")
@click.option("--no-questions", "silent", is_flag=True, help="Ask none.")
@click.option(
    "--rows", type=click.IntRange(0), default=_ROWS, show_default=True, help="Show at most so many rows per answer."
)
@click.option("--exit-code", "strict", is_flag=True, help="Exit with 1 if anything differs, as git does; else 0.")
@click.pass_obj
def command(
    session: Session,
    before: str,
    after: str,
    form: str | None,
    output: str | None,
    questions: tuple[str, ...],
    silent: bool,
    rows: int,
    strict: bool,
) -> int:
    """Show what differs between two states of the graph: facts, entities, links, terms, and answers to questions.

    A and B are each a generation (a number, 'current' or 'previous'), a git revision (a branch, a tag, a commit), or
    'tree' for the files as they are now. Where a name may mean both, write generation:NAME or git:NAME. By default the
    current generation is compared with the files. Nothing in the project is written.

    All questions that need no parameter are asked in both; JSON has all rows.
    """
    from kg.bench.diff import difference
    from kg.bench.diff_sides import StateError

    try:
        compared = difference(session.project, before, after, None if silent else questions)
    except StateError as error:
        show_findings(error.report)
        raise
    write(_shown(compared, form or _by_ending(output), rows, session.verbose > 0), output)
    return int(strict and not compared.is_empty)


def _by_ending(output: str | None) -> str:
    ending = Path(output or "").suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else FORMATS[0]


def _shown(compared: GraphDifference, form: str, rows: int, verbose: bool) -> str:
    from kg.bench.shown_diff import diff_json, diff_markdown, diff_text

    if form == "json":
        return diff_json(compared)
    return (diff_markdown if form == "md" else diff_text)(compared, rows, verbose)
