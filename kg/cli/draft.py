"""`kg draft`: propose facts for an article, without asserting any."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from kg.cli.output import OutputPath, remark, write
from kg.cli.session import Session
from kg.core.errors import AmbiguousError, NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.bench.chat import ChatEndpoint
    from kg.bench.desk import Desk
    from kg.bench.model_draft import ModelTask
    from kg.bench.proposal import ArticleDraft
    from kg.project.sources import Source

FORMATS = ("yaml", "json")
RULES, MODEL = "rules", "model"


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """The options of the command, by the names of its parameters."""

    ids: tuple[str, ...]
    appended: bool
    least: float
    url: str
    model_name: str
    seconds: float
    send_withheld: bool
    dry_run: bool
    maker: str | None
    form: str
    output: str | None


@click.command("draft")
@click.argument("article", metavar="ARTICLE")
@click.option(
    "--apply", "ids", multiple=True, metavar="ID", help="Write this proposal into the files; may be repeated."
)
@click.option("--append", "appended", is_flag=True, help="Append the draft to the article's facts, as comments.")
@click.option("--least", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="The lowest score to show.")
@click.option(
    "--model", "url", default="", metavar="URL", envvar="", allow_from_autoenv=False,
    help="Send the article to the language model at this address (http://localhost:11434/v1), and keep its draft.",
)  # fmt: skip
@click.option(
    "--model-name", default="", metavar="NAME", help="Which model. Default: the first that the address lists."
)
@click.option(
    "--seconds", type=click.FloatRange(0, 3600, min_open=True), default=300.0, show_default=True,
    help="Time limit for the model's answer.",
)  # fmt: skip
@click.option(
    "--send-withheld", is_flag=True, envvar="", allow_from_autoenv=False, help="Send a text that is withheld, too."
)
@click.option("--dry-run", is_flag=True, help="Print what the model would be sent, and send nothing.")
@click.option(
    "--by", "maker", type=click.Choice([RULES, MODEL]), help="Use the draft by rules, or that of a model that was kept."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="yaml", help="How to write the draft.")
@click.option("-o", "--output", type=OutputPath(), help="Write the draft to this file.")
@click.pass_obj
def command(session: Session, /, article: str, **given: Any) -> int:
    """Propose facts for ARTICLE, an id or a file: posts, names, meetings, signings, statements, figures.

    By rules, or with --model by any language model with an OpenAI-compatible chat-completions API; its key is in
    KG_MODEL_KEY. Each proposal has its evidence, a score and a reason, and has passed the compiler. Nothing is
    asserted: the draft is written as comments, and --apply writes only what you choose.
    """
    from kg.bench.desk import open_desk

    options = DraftOptions(**given)
    if options.url and (options.ids or options.maker == RULES):
        what = "--apply" if options.ids else "--by rules"
        raise UsageError(f"--model makes a draft, which {what} does not use", "give one of them, then the other")
    desk = open_desk(session.project)
    source = _source(desk, article)
    if options.ids:
        return _apply(options.ids, options.maker, source, desk)
    draft = _drafted(desk, source, options)
    if draft is not None:
        _show(draft, session, source, desk, options)
    return 0


def _drafted(desk: Desk, source: Source, options: DraftOptions) -> ArticleDraft | None:
    """Return the draft that is asked for, None if what would be sent is written instead."""
    if not options.url:
        if options.model_name or options.send_withheld or options.dry_run:
            raise UsageError("there is no --model to send anything to", "give its address, as --model URL")
        return _known_draft(desk, source, options.maker or RULES)
    from kg.bench.chat import chat_endpoint, is_model_name, request_body
    from kg.bench.model_draft import drafted_by_model, model_task
    from kg.project.layout import draft_file

    model_name = options.model_name
    if model_name and not is_model_name(model_name):
        raise UsageError(f"{model_name[:100]!r} is no name of a model", "letters, digits and . _ : / @ + -, up to 100")
    endpoint = chat_endpoint(options.url, options.seconds)
    task = model_task(desk, source, send_withheld=options.send_withheld)
    if options.dry_run:
        write(request_body(model_name, task.prompt.messages).decode() + "\n", options.output)
        return None
    if not model_name:
        remark(f"asking {endpoint.host} for the models that it has")
        model_name = endpoint.first_model()
    _announce(task, endpoint, model_name)
    draft = drafted_by_model(desk, task, endpoint, model_name)
    remark(f"kept in {desk.project.shown(draft_file(desk.project, source.stem))}")
    return draft


def _announce(task: ModelTask, endpoint: ChatEndpoint, model: str) -> None:
    """Print what is about to be sent, and where."""
    from kg.bench.chat import KEY_VARIABLE

    key = f"with the key in {KEY_VARIABLE}" if endpoint.key else "without a key"
    way = "encrypted" if endpoint.is_encrypted else "not encrypted"
    remark(f"sending {task.prompt.size:,} characters to {model} at {endpoint.host}, {way}, {key}:")
    for part in task.prompt.parts:
        remark(f"  {len(part.words):,}: {part.name}")


def _known_draft(desk: Desk, source: Source, maker: str) -> ArticleDraft:
    """Return the draft by rules, or the one by a model that was kept."""
    from kg.bench.draft import draft_of
    from kg.bench.model_draft import model_draft

    if maker == MODEL:
        return model_draft(desk, source)
    draft = draft_of(desk, source)
    kept = _kept(desk, source)
    more = f"a draft by a model is kept as well ({len(kept.proposals)} proposals): --by model" if kept else ""
    return replace(draft, remarks=(*draft.remarks, more)) if more else draft


def _kept(desk: Desk, source: Source) -> ArticleDraft | None:
    """Return the draft by a model that was kept, None if there is none."""
    from kg.bench.model_draft import model_draft
    from kg.project.layout import draft_file

    return model_draft(desk, source) if draft_file(desk.project, source.stem).exists() else None


def _show(draft: ArticleDraft, session: Session, source: Source, desk: Desk, options: DraftOptions) -> None:
    from kg.bench.shown_draft import draft_json, draft_yaml

    shown = replace(draft, proposals=tuple(each for each in draft.proposals if each.score >= options.least))
    if options.appended:
        _append(draft_yaml(shown), source, desk)
    else:
        write(draft_json(shown) if options.form == "json" else draft_yaml(shown), options.output)
    for line in draft.remarks:
        remark(line)
    if draft.dropped:
        more = "" if session.verbose else " ('kg -v draft' shows why)"
        remark(f"dropped, because they do not hold: {len(draft.dropped)}{more}")
        for line in draft.dropped if session.verbose else ():
            remark(f"  {line}")


def _source(desk: Desk, article: str) -> Source:
    """Return the mapping with an id, or the one in the file at a path.

    Raises:
        NotFoundError: there is no such article.
    """
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


def _apply(ids: tuple[str, ...], maker: str | None, source: Source, desk: Desk) -> int:
    from kg.bench.apply import apply

    applied = apply(_draft_with(ids, maker, source, desk), ids, source, desk)
    for path, names in applied.written.items():
        click.echo(f"{path}: {', '.join(names)}")
    if applied.needed:
        remark(f"with what they need: {', '.join(applied.needed)}")
    return 0


def _draft_with(ids: Sequence[str], maker: str | None, source: Source, desk: Desk) -> ArticleDraft:
    """Return the draft whose proposals are to be applied: the one that has the ids, unless its maker is given.

    Raises:
        AmbiguousError: both drafts have one of the ids.
        UsageError: some ids are in one draft, some in the other.
    """
    by_rules, kept = None if maker == MODEL else _known_draft(desk, source, RULES), None
    if maker != RULES:
        kept = _known_draft(desk, source, MODEL) if maker == MODEL else _kept(desk, source)
    drafts = [draft for draft in (by_rules, kept) if draft]
    if len(drafts) == 1:
        return drafts[0]
    of_rules, of_model = ({each.id for each in draft.proposals} & set(ids) for draft in drafts)
    if both := min(of_rules & of_model, default=""):
        raise AmbiguousError(f"'{both}' is proposed by rules and by a model", "add --by rules, or --by model")
    if of_rules and of_model:
        raise UsageError("some of these are proposed by rules, some by a model", "apply the ones, then the others")
    return drafts[1] if of_model else drafts[0]


def _append(text: str, source: Source, desk: Desk) -> None:
    from kg.bench.apply import append

    append(text, source, desk.project)
    click.echo(source.path)
