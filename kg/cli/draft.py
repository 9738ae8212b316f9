"""`kg draft`: propose facts for an article, without asserting any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from kg.cli.output import OutputPath, remark, write
from kg.cli.session import Session

if TYPE_CHECKING:
    from kg.bench.desk import Desk
    from kg.bench.proposal import ArticleDraft
    from kg.project.sources import Source

FORMATS = ("yaml", "json")


@click.command("draft")
@click.argument("article", metavar="ARTICLE")
@click.option(
    "--apply", "ids", multiple=True, metavar="ID", help="Write this proposal into the files; may be repeated."
)
@click.option("--append", "appended", is_flag=True, help="Append the draft to the article's facts, as comments.")
@click.option("--least", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="The lowest score to show.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="yaml", help="How to write the draft.")
@click.option("-o", "--output", type=OutputPath(), help="Write the draft to this file.")
@click.pass_obj
def command(
    session: Session,
    article: str,
    ids: tuple[str, ...],
    appended: bool,
    least: float,
    form: str,
    output: str | None,
) -> int:
    """Propose facts for ARTICLE, an id or a file, by rules: posts, names, meetings, signings, statements, figures.

    Each proposal has its shortest evidence, a score and a reason, and has passed the compiler. Nothing is asserted:
    the draft is written as comments, and --apply writes only what you choose.
    """
    from kg.bench.desk import open_desk
    from kg.bench.draft import draft_of
    from kg.bench.shown_draft import draft_json, draft_yaml

    desk = open_desk(session.project)
    source = _source(desk, article)
    draft = draft_of(desk, source)
    if ids:
        return _apply(draft, ids, source, desk)
    shown = replace(draft, proposals=tuple(each for each in draft.proposals if each.score >= least))
    if appended:
        _append(draft_yaml(shown), source, desk)
    else:
        write(draft_json(shown) if form == "json" else draft_yaml(shown), output)
    for line in draft.remarks:
        remark(line)
    if draft.dropped:
        more = "" if session.verbose else " (-v shows them)"
        remark(f"dropped, because the compiler refuses them: {len(draft.dropped)}{more}")
        for line in draft.dropped if session.verbose else ():
            remark(f"  {line}")
    return 0


def _source(desk: Desk, article: str) -> Source:
    """Return the mapping with an id, or the one in the file at a path.

    Raises:
        NotFoundError: there is no such article.
    """
    from kg.core.errors import NotFoundError
    from kg.core.likeness import proposal

    for source in desk.sources.articles:
        if article in (source.stem, source.path):
            return source
    from pathlib import Path

    file = Path(article).resolve()
    for source in desk.sources.articles:
        if (desk.project.root / source.path).resolve() == file:
            return source
    stems = [source.stem for source in desk.sources.articles]
    raise NotFoundError(f"there is no article '{article}'", proposal(article, stems, "'kg new' makes one"))


def _apply(draft: ArticleDraft, ids: tuple[str, ...], source: Source, desk: Desk) -> int:
    from kg.bench.apply import apply

    applied = apply(draft, ids, source, desk)
    for path, names in applied.written.items():
        click.echo(f"{path}: {', '.join(names)}")
    if applied.needed:
        remark(f"with what they need: {', '.join(applied.needed)}")
    return 0


def _append(text: str, source: Source, desk: Desk) -> None:
    from kg.bench.apply import append

    append(text, source, desk.project)
    click.echo(source.path)
