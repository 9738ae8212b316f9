"""`kg review`: an article's sentences, what rests on them, and what a reviewer has to decide."""

from __future__ import annotations

import click

from kg.cli.output import OutputPath, remark, show_findings, write
from kg.cli.session import Session

FORMATS = ("text", "md", "json")


@click.command("review")
@click.argument("article", metavar="ARTICLE")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to write it.")
@click.option("--bare", is_flag=True, help="Show only the sentences that carry no fact.")
@click.option(
    "--min-coverage",
    "least",
    type=click.FloatRange(0, 100),
    help="Exit with 1 if fewer per cent of sentences carry facts.",
)
@click.option("-o", "--output", type=OutputPath(), help="Write to this file.")
@click.pass_obj
def command(session: Session, article: str, form: str, bare: bool, least: float | None, output: str | None) -> int:
    """Show the current file of ARTICLE, an id: sentences, the facts that rest on them, and what is left to decide.

    Words on which facts rest are in ⟨ ⟩. Nothing in the project is changed.
    """
    from kg.bench.diff_sides import StateError
    from kg.bench.review import review
    from kg.bench.shown_review import review_json, review_markdown, review_text

    try:
        result = review(session.project, article)
    except StateError as error:
        show_findings(error.report)
        raise
    text = review_json(result) if form == "json" else (review_markdown if form == "md" else review_text)(result, bare)
    write(text, output)
    if least is None:
        return 0
    if result.coverage is None:
        remark("its sentences are not known, so its coverage is not either")
        return 1
    return int(result.coverage * 100 < least)
