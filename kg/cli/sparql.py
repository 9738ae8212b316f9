"""`kg sparql`: run any query, in its own process with limits."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kg.cli.formats import chosen_format, format_option
from kg.cli.output import OutputPath, endpoint_option, look_of, remark, write
from kg.cli.session import Session
from kg.core.errors import UsageError
from kg.render.format_types import Offered, Presentation
from kg.render.formats import answer_document, answer_format


@click.command("sparql", params=[format_option(Offered.SPARQL), endpoint_option()])
@click.argument("query", metavar="TEXT|FILE|-")
@click.option(
    "--timeout", type=click.FloatRange(0, 3600, min_open=True), default=30.0, show_default=True,
    help="Time limit in seconds.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1), default=10_000, show_default=True, help="Return at most this many rows."
)
@click.option("-o", "--output", type=OutputPath(), help="Write to this file.")
@click.pass_obj
def command(
    session: Session,
    query: str,
    timeout: float,
    limit: int,
    kind: str | None,
    output: str | None,
    endpoint: str | None,
) -> int:
    """Run a SPARQL query: as text, from a file, or with '-' from standard input.

    Known prefixes need no PREFIX. Facts are in named graphs, one per article: write GRAPH ?g { … }.
    """
    from kg.planning.guard import tokens
    from kg.questions.free import free_answer
    from kg.questions.graph import open_graph, query_prefixes
    from kg.questions.query import as_rows
    from kg.questions.sparql import query_form, with_prefixes
    from kg.store.isolation import Limits

    project = session.project
    text = with_prefixes(_query_text(query), query_prefixes(project))
    form = query_form(tuple(tokens(text)))
    chosen = chosen_format(kind, output, Offered.SPARQL)
    if chosen.name == "table" and form in ("CONSTRUCT", "DESCRIBE"):
        chosen = answer_format("ttl", Offered.SPARQL)
    with open_graph(project, endpoint or "") as graph:
        answer = free_answer(graph, text, Limits(seconds=timeout, rows=limit))
    words = {token.text.upper() for token in tokens(text)}
    if not words & {"GRAPH", "FROM"}:
        remark("facts are in named graphs, and the default graph is empty: write GRAPH ?g { … }")
    if answer.cut:
        remark(f"the answer is cut at {limit} rows or at its maximum size; there is more")
    write(answer_document(Presentation(as_rows(answer.value), look_of(project, form)), chosen), output)
    return 0


def _query_text(given: str) -> str:
    """Return the text of the query, which *given* is, names, or refers to as '-'.

    Raises:
        InputError: the file cannot be read.
        UsageError: *given* is neither a query nor a file.
    """
    from kg.cli.input import standard_input
    from kg.planning.guard import tokens
    from kg.project.files import read_text, readable
    from kg.questions.sparql import query_form

    if given == "-":
        return standard_input()
    given = given.removeprefix("\ufeff")
    if "{" in given or "\n" in given or (not os.path.lexists(given) and query_form(tuple(tokens(given)))):
        return given
    if not os.path.lexists(given):
        shown = readable(given[:80])
        raise UsageError(f"there is no file '{shown}', and it is not a query", "quote the query, or name a file")
    return read_text(Path(given), readable(given))
