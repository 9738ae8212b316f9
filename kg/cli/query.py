"""`kg query`: ask a canned question, whose parameters are options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.completion import named_items, own_items
from kg.cli.formats import chosen_format, format_option
from kg.cli.output import OutputPath, endpoint_option, look_of, notice, on_terminal, remark, write
from kg.cli.session import Session
from kg.core.english import counted
from kg.core.errors import Finding, KgError, UsageError
from kg.planning.rows import Rows
from kg.project.files import read_text
from kg.questions.question import Param, Query
from kg.render.cells import hyphenated
from kg.render.format_types import Offered, Presentation
from kg.render.formats import answer_document

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from kg.project.settings import Project
    from kg.questions.graph import Graph

_ARGUMENT = "argument_"
_ASKS = "#+ question:"
_VALUES = {"date": "YYYY-MM-DD", "number": "NUMBER", "text": "TEXT", "code": "CODE"}


def answer_options() -> list[click.Option]:
    """Return the options of every question, which may also come before its name."""
    return [
        click.Option(["--explain"], is_flag=True, default=None, help="Show the evidence for each row."),
        click.Option(["--show"], is_flag=True, default=None, help="Show the SPARQL query without running it."),
        format_option(Offered.QUERY),
        click.Option(["-o", "--output"], type=OutputPath(), help="Write to this file."),
        click.Option(["--limit"], type=click.IntRange(0), help="Show at most this many rows."),
        endpoint_option(),
        click.Option(["--ids"], is_flag=True, default=None, help="Show ids beside names in tables."),
    ]


class QueryGroup(click.Group):
    """A group whose commands are the project's questions."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all questions, none if there is no project."""
        from kg.project.layout import question_files

        try:
            return list(question_files(_session(ctx).project))
        except KgError:
            return []

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the question as a command."""
        from kg.project.state import one_state
        from kg.questions.query import find_query

        project = one_state(_session(ctx).project)
        return _command(find_query(project, cmd_name), project)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of questions, each with the line that asks it, of which no more is read."""
        from kg.project.layout import question_files

        try:
            files = question_files(_session(ctx).project)
        except KgError:
            files = {}
        items = named_items(files, incomplete, lambda name: _line_asked(files[name]))
        return [*items, *own_items(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of questions by tag."""
        try:
            groups, _ = _by_tag(_session(ctx))
        except KgError:
            return
        for tag, queries in groups.items():
            with formatter.section(f"Questions: {tag}"):
                formatter.write_dl([(query.name, query.question) for query in queries])


@click.group(
    "query",
    cls=QueryGroup,
    invoke_without_command=True,
    subcommand_metavar="[NAME [--PARAMETER VALUE]...]",
    params=answer_options(),
)
@click.option("--list", "listed", is_flag=True, help="List the questions by tag.")
@click.option("--tag", help="List only the questions with this tag.")
@click.pass_context
def command(ctx: click.Context, /, listed: bool, tag: str | None, **options: object) -> int:
    """Ask a canned question, or list them. 'kg query NAME --help' shows the parameters of a question."""
    given = {name: value for name, value in options.items() if value is not None}
    if ctx.invoked_subcommand is None or listed:
        _list(_session(ctx), tag)
        ctx.exit(0)
    ctx.default_map = {ctx.invoked_subcommand: given}
    return 0


def _line_asked(file: Path) -> str:
    """Return the question of a file, "" if its header cannot be read, or has it elsewhere than on a line of its own."""
    try:
        lines = read_text(file, file.name).splitlines()
    except KgError:
        return ""
    return next((line.removeprefix(_ASKS).strip("'\" ") for line in lines if line.startswith(_ASKS)), "")


def _session(ctx: click.Context) -> Session:
    """Return the session, or a new one during shell completion, when no command has run to make it."""
    session = ctx.find_object(Session)
    return session or Session(Path(str(ctx.find_root().params.get("folder") or ".")))


def _command(query: Query, project: Project) -> click.Command:
    text = "\n\n".join(filter(None, (query.question, query.description)))

    def answer(**options: Any) -> int:
        given = {name.removeprefix(_ARGUMENT): value for name, value in options.items() if name.startswith(_ARGUMENT)}
        arguments = {name: value for name, value in given.items() if value not in (None, ())}
        return _answer(project, query, arguments, {k: v for k, v in options.items() if not k.startswith(_ARGUMENT)})

    params = [_option(param, project.base) for param in query.params]
    return click.Command(query.name, params=[*params, *answer_options()], callback=answer, help=text)


def _option(param: Param, base: str) -> click.Option:
    spellings = dict.fromkeys([f"--{param.name}", f"--{hyphenated(param.name)}"])
    kind = f"list {param.codes}" if param.codes else param.type
    default = "no restriction" if param.optional else f"default {_default(param, base)}"
    default = "required" if param.required or _is_foreign(param, base) else default
    many = "; may be given several times" if param.many else ""
    return click.Option(
        [*spellings, f"{_ARGUMENT}{param.name}"],
        multiple=param.many,
        metavar=_VALUES.get(param.type, "ID|NAME"),
        help=f"{param.label} ({kind}; {default}{many}).",
        shell_complete=partial(_completed, param),
    )


def _default(param: Param, base: str) -> str:
    return param.default.replace(f"<{base}", "").removesuffix(">")


def _is_foreign(param: Param, base: str) -> bool:
    """Return whether the default is a thing of another project, which is of no use here."""
    return param.is_entity and "<" in param.default and f"<{base}" not in param.default


def _completed(param: Param, ctx: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Return the ids of things, or the codes of the list, that complete a value in the shell."""
    from kg.questions.graph import open_graph

    try:
        with open_graph(_session(ctx).project) as graph:
            return [name for name in _known_values(param, graph) if name.startswith(begun)]
    except KgError:
        return []


def _known_values(param: Param, graph: Graph) -> list[str]:
    from kg.core.values import local_name
    from kg.questions.lookup import things_of
    from kg.questions.query import codes

    if param.is_entity:
        return [thing.id.rpartition("/")[2] for thing in things_of(graph, param.type)]
    return [local_name(code) for code in codes(graph, param.codes)] if param.codes else []


def _answer(project: Project, query: Query, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    from kg.questions.graph import open_graph
    from kg.questions.query import bound_text, default_text, evidence

    output, explains = options["output"], bool(options["explain"])
    if options["show"] and not arguments:
        write(default_text(query, project.base), output)
        return 0
    if explains and not query.evidence:
        raise UsageError(f"the rows of '{query.name}' have no evidence", "add 'evidence: [column]' to its header")
    chosen = None if options["show"] else chosen_format(options["kind"], output, Offered.QUERY)
    with open_graph(project, options["endpoint"] or "") as graph:
        text = bound_text(graph, query, arguments)
        if chosen is None:
            write(text, output)
            return 0
        rows = _rows(graph, query, text, options["limit"])
        words = evidence(graph, query, rows) if explains else None
    for param in query.params:
        if param.name not in arguments and not param.optional:
            remark(f"--{param.name} is {_default(param, project.base)} by default")
    look = look_of(project, query.form, query.title, query.question, bool(options["ids"]))
    write(answer_document(Presentation(rows, look, words, query), chosen), output)
    if on_terminal() and chosen.name == "table":
        notice(counted(len(rows.rows), "row"))
    return 0


def _rows(graph: Graph, query: Query, text: str, limit: int | None) -> Rows:
    """Return at most *limit* rows, with a remark if some are left out."""
    from kg.questions.query import run_page, run_text

    if limit is None:
        return run_text(graph, query, text)
    page = run_page(graph, query, text, 0, limit)
    if page.total > limit:
        remark(f"showing {limit} of {page.total} rows")
    return page.part(0, limit)


def _by_tag(session: Session) -> tuple[Mapping[str, list[Query]], tuple[Finding, ...]]:
    from kg.questions.query import all_queries

    queries, findings = all_queries(session.project)
    tags = sorted({tag for query in queries for tag in query.tags})
    groups = {tag: [query for query in queries if tag in query.tags] for tag in tags}
    untagged = [query for query in queries if not query.tags]
    return ({**groups, "others": untagged} if untagged else groups), findings


def _list(session: Session, tag: str | None) -> None:
    groups, findings = _by_tag(session)
    if tag is not None and tag not in groups:
        raise UsageError(f"no question has the tag '{tag}'", f"use one of the tags {', '.join(groups)}")
    for name, queries in groups.items():
        if tag in (None, name):
            click.secho(name, bold=True)
            for query in queries:
                options = [click.style(f"[--{param.name} …]", dim=True) for param in query.params]
                click.echo(" ".join([f"  {query.name}", *options]))
                click.echo(f"      {query.question}")
    for finding in findings:
        remark(f"{finding.place}: {finding.message} [{finding.code}]")
