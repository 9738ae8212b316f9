"""The questions as pages: a list, and each question as a form with its answer. Every state has an address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote as shell_quote
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.core.english import counted
from kg.core.errors import KgError, UsageError
from kg.core.model import Term
from kg.planning.rows import Rows
from kg.questions.query import bound_text, evidence, shown
from kg.questions.question import Query
from kg.questions.reading import readings
from kg.render.cells import Look, hyphenated
from kg.render.formats import formats_of
from kg.store.documents import StoppedError
from kg.web.errors import status_of
from kg.web.pages.forms import FormField, arguments_in, form_of, is_about
from kg.web.pages.frame import number_in, page
from kg.web.pages.home import by_tag
from kg.web.pages.paging import Paging
from kg.web.pages.sharing import view_shared
from kg.web.pages.tabular import PER_PAGE, Happening, Sheet, happenings, in_order, sheet
from kg.web.site import Site
from kg.web.snapshot import Snapshot

MOST_ORIGINS = 12
"""Most origins of a derived statement whose evidence is shown below a row. Downloads contain all."""

_COLUMN = re.compile(r"-?[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Answered:
    """The content of the page of a question.

    Attributes:
        query: the question.
        fields: the fields of its form.
        sheet: the answer, None if there is none.
        happenings: the rows on a timeline, if they have days.
        disputed: for each row, the fact in it that another article contradicts, or "".
        fault: why there is no answer, if no field is to blame.
        fix: what to do about that.
        sparql: the query as it was run, or "".
        command: the same question as a command.
        state: the parameters as in an address.
        given: whether the address gives any value.
        status: the status of the page.
        order: the order of the rows as in an address, or "".
    """

    query: Query
    fields: tuple[FormField, ...]
    sheet: Sheet | None
    happenings: tuple[Happening, ...]
    disputed: tuple[Term, ...]
    fault: str
    fix: str
    sparql: str
    command: str
    state: str
    given: bool
    status: int
    order: str


@dataclass(frozen=True, slots=True)
class ShownRows:
    """The rows that a page shows: the column to sort by, from 0, whether descending, and the first row, from 0."""

    column: int | None
    down: bool
    start: int


def questions_page(site: Site, request: Request) -> Response:
    """Return the list of all questions by tag."""
    return page(site, request, "questions.html", tags=by_tag(site.queries))


def question_page(site: Site, request: Request) -> Response:
    """Return one question as a form, with its answer."""
    query = site.query(request.path_params["name"])
    arguments = arguments_in(request, query)
    part = ShownRows(*_order(request.query_params.get("sort", "")), number_in(request, "from"))
    with site.snapshot() as snapshot:
        answered = _answered(site, snapshot, query, arguments, part)
        rows = f" {counted(answered.sheet.paging.total, 'row')}" if answered.sheet else ""
        words = f"{query.title}: {query.question}{_restricted(answered.fields)}{rows}"
        share = view_shared(site, snapshot, request, words, query.title, "answer")
    return page(
        site,
        request,
        "question.html",
        status=answered.status,
        answered=answered,
        downloads=formats_of(query),
        words=MOST_ORIGINS,
        share=share,
    )


def _restricted(fields: Sequence[FormField]) -> str:
    """Return the values of a form in words, "" if there are none."""
    given = [
        f"{field.label}: {', '.join(meant or value for meant, value in zip(field.meant, field.values, strict=True))}"
        for field in fields
        if field.values
    ]
    return f" [{'; '.join(given)}]" if given else ""


def _order(text: str) -> tuple[int | None, bool]:
    """Return the column of `sort`, a number from 1, and whether it descends, shown by a minus."""
    if not _COLUMN.fullmatch(text):
        return None, False
    return abs(int(text)) - 1, text.startswith("-")


def _answered(
    site: Site, snapshot: Snapshot, query: Query, arguments: Mapping[str, Sequence[str]], part: ShownRows
) -> Answered:
    look = Look(site.project.base, site.prefixes, query.form, query.title, query.question)
    error: KgError | None = None
    text, table = "", None
    entries: tuple[Happening, ...] = ()
    disputed: tuple[Term, ...] = ()
    try:
        text = bound_text(snapshot.graph, query, arguments)
        some, paging = _shown_rows(site, snapshot, query, text, look, part)
        words = evidence(snapshot.graph, query, some, MOST_ORIGINS) if query.evidence else None
        visible = shown(query, some)
        table = sheet(visible, look, words, (part.column, part.down), paging)
        entries = happenings(visible, some, look, _vague(snapshot, some))
        disputed = _disputed(snapshot, query, some)
    except (UsageError, StoppedError) as refusal:
        error = refusal
    blamed = error if isinstance(error, UsageError) else None
    fields = form_of(snapshot, query, arguments, blamed)
    elsewhere = blamed is None or not any(is_about(blamed, field.name) for field in fields)
    fault = error if error and elsewhere and (arguments or not blamed) else None
    return Answered(
        query=query,
        fields=fields,
        sheet=table,
        happenings=entries,
        disputed=disputed,
        status=_status(error, bool(arguments)),
        fault=fault.message if fault else "",
        fix=fault.fix if fault else "",
        sparql=text,
        command=_command(query, arguments),
        state=urlencode([(name, value) for name, values in arguments.items() for value in values]),
        given=bool(arguments),
        order=f"{'-' if part.down else ''}{part.column + 1}" if part.column is not None else "",
    )


def _vague(snapshot: Snapshot, rows: Rows) -> frozenset[Term]:
    """Return the facts in some rows whose date is a single time within several days."""
    terms = (term for row in rows.rows for term in row if term and snapshot.graph.article_of(term))
    known = readings(snapshot.graph, terms)
    return frozenset(fact for fact, reading in known.items() if reading.when and reading.when.is_vague)


def _disputed(snapshot: Snapshot, query: Query, rows: Rows) -> tuple[Term, ...]:
    """Return for each row the fact in it that a fact of another article contradicts, "" for none.

    A row that names both facts says so itself.
    """
    places = [rows.variables.index(name) for name in query.evidence if name in rows.variables]
    known = readings(snapshot.graph, (term for row in rows.rows for k in places if (term := row[k])))
    contradicted = {fact: reading.contradicted_by for fact, reading in known.items() if reading.contradicted_by}

    def disputed(row: Sequence[Term | None]) -> Term:
        facts = (term for k in places if (term := row[k]) in contradicted)
        return next((fact for fact in facts if fact and not {*contradicted[fact]} & {*row}), "")

    return tuple(map(disputed, rows.rows))


def _status(error: KgError | None, given: bool) -> int:
    """Return the status of a page. An empty form is not an error."""
    if isinstance(error, UsageError):
        return 400 if given else 200
    return status_of(error) if error else 200


def _shown_rows(
    site: Site, snapshot: Snapshot, query: Query, text: str, look: Look, part: ShownRows
) -> tuple[Rows, Paging]:
    """Return the rows of a page in the chosen order, and which they are."""
    if part.column is not None:
        rows = _sorted(site, snapshot, query, text, look, part.column, part.down)
        paging = Paging.of(part.start, len(rows.rows), PER_PAGE)
        return Rows(rows.variables, tuple(paging.part(rows.rows))), paging
    page = site.canned.page(snapshot, query, text, part.start, PER_PAGE)
    paging = Paging.of(part.start, page.total, PER_PAGE)
    if paging.start != part.start:  # beyond the last row
        page = site.canned.page(snapshot, query, text, paging.start, PER_PAGE)
    return page.part(paging.start, PER_PAGE), paging


def _sorted(site: Site, snapshot: Snapshot, query: Query, text: str, look: Look, column: int, down: bool) -> Rows:
    """Return all rows in the order of a column, cached because the next page is likely to follow soon."""
    key = f"{column} {down} {text}"
    kept = snapshot.rows.get(key)
    if kept is None:
        kept = in_order(site.canned.rows(snapshot, query, text), query, look, column, down)
        snapshot.rows.keep(key, kept, 8 * len(kept.rows))  # the rows themselves are those of the answer
    return kept


def _command(query: Query, arguments: Mapping[str, Sequence[str]]) -> str:
    """Return the same question as a command, with values quoted for a POSIX shell."""
    given = [f"--{hyphenated(name)} {shell_quote(value)}" for name, values in arguments.items() for value in values]
    return " ".join(["kg query", query.name, *given])
