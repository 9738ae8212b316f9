"""The questions as pages: the list of them, and each as a form with its answer. Every state is an address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote as shell_quote
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.errors import UsageError
from kg.questions.query import bound_text, evidence, run_text, shown
from kg.questions.question import Query
from kg.render.cells import Look
from kg.store.protocol import Rows
from kg.web.pages.forms import Field, arguments_in, form_of, is_about
from kg.web.pages.frame import page
from kg.web.pages.home import by_tag
from kg.web.pages.tabular import MOST_ROWS, Happening, Sheet, happenings, order, sheet
from kg.web.site import Site, Snapshot

DOWNLOADS = ("csv", "tsv", "json", "xlsx")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COLUMN = re.compile(r"-?[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Answered:
    """What the page of a question shows.

    Attributes:
        query: the question.
        fields: its form.
        sheet: the answer, None if it could not be asked.
        happenings: the rows on a timeline, if they have days.
        fault: why it could not be asked, where no field is to blame.
        fix: what to do about that.
        sparql: the query as it was run, or "".
        command: that asks the same.
        state: the parameters as they stand in an address.
        given: whether the address gives any value.
    """

    query: Query
    fields: tuple[Field, ...]
    sheet: Sheet | None
    happenings: tuple[Happening, ...]
    fault: str
    fix: str
    sparql: str
    command: str
    state: str
    given: bool


def questions_page(site: Site, request: Request) -> Response:
    """Return the list of all questions by tag."""
    return page(site, request, "questions.html", tags=by_tag(site.queries))


def question_page(site: Site, request: Request) -> Response:
    """Return one question as a form, with its answer."""
    query = site.query(request.path_params["name"])
    arguments = arguments_in(request, query)
    column, down = _order(request.query_params.get("sort", ""))
    with site.snapshot() as snapshot:
        told = _answered(site, snapshot, query, arguments, column, down)
    status = 400 if told.given and told.sheet is None else 200
    return page(site, request, "question.html", status=status, told=told, downloads=DOWNLOADS, most=MOST_ROWS)


def _order(text: str) -> tuple[int | None, bool]:
    """Return column and direction of `sort`: a number from 1, with a minus for downwards."""
    if not _COLUMN.fullmatch(text):
        return None, False
    return abs(int(text)) - 1, text.startswith("-")


def _answered(
    site: Site, snapshot: Snapshot, query: Query, arguments: Mapping[str, Sequence[str]], column: int | None, down: bool
) -> Answered:
    graph = snapshot.graph
    look = Look(site.project.base, site.prefixes, query.form, query.title, query.question)
    error, text, table = None, "", None
    told: tuple[Happening, ...] = ()
    try:
        text = bound_text(graph, query, arguments)
        rows = run_text(graph, query, text)
        kept = order(shown(query, rows), look, column, down)[:MOST_ROWS]
        part = Rows(rows.variables, tuple(rows.rows[k] for k in kept))
        words = evidence(graph, query, part) if query.evidence else None
        table = sheet(shown(query, part), look, words, column, down, len(rows.rows))
        told = happenings(shown(query, part), look)
    except UsageError as found:
        error = found
    fields = form_of(snapshot, query, arguments, error)
    elsewhere = error is not None and not any(is_about(error, field.name) for field in fields)
    return Answered(
        query=query,
        fields=fields,
        sheet=table,
        happenings=told,
        fault=error.message if error and elsewhere and arguments else "",
        fix=error.fix if error and elsewhere and arguments else "",
        sparql=text,
        command=_command(query, arguments),
        state=urlencode([(name, value) for name, values in arguments.items() for value in values]),
        given=bool(arguments),
    )


def _command(query: Query, arguments: Mapping[str, Sequence[str]]) -> str:
    """Return the command that asks the same.

    Values are quoted for a POSIX shell.
    """
    given = [
        f"--{_HUMP.sub('-', name).lower()} {shell_quote(value)}"
        for name, values in arguments.items()
        for value in values
    ]
    return " ".join(["kg query", query.name, *given])
