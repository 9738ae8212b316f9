"""The questions tagged "quality" on one page, each with its first rows and a link to all of them. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kg.core.errors import UsageError
from kg.planning.rows import Rows
from kg.questions.query import bound_text, shown
from kg.questions.question import Query
from kg.render.cells import Look
from kg.store.documents import StoppedError
from kg.web.errors import BusyError
from kg.web.pages.article_index import article_index
from kg.web.pages.frame import page
from kg.web.pages.home import by_tag
from kg.web.pages.paging import Paging
from kg.web.pages.tabular import Sheet, sheet
from kg.web.site import Site
from kg.web.snapshot import Snapshot

HERE = "/quality"
TAG = "quality"
NUMBERS = "in-numbers"
COLUMNS = ("measure", "number", "of", "question")
"""The columns that the question NUMBERS must have for its rows to be shown above the others."""

FIRST = 5
"""How many rows are shown of each question."""

MOST_ARTICLES = 200
"""With more articles, only the answers are shown that were made before a reader asked."""


@dataclass(frozen=True, slots=True)
class QualitySection:
    """A question and the first rows of its answer, None if it is only answered on its own page."""

    query: Query
    sheet: Sheet | None


def quality_first(queries: Sequence[Query]) -> Sequence[Query]:
    """Return the questions in the order in which they are answered beforehand: those of this page first."""
    return sorted(queries, key=lambda query: TAG not in query.tags and query.name != NUMBERS)


def quality_page(site: Site, request: Request) -> Response:
    """Return the page about the quality of the graph."""
    with site.snapshot() as snapshot:
        tagged = by_tag([query for query in site.queries if TAG in query.tags])
        sections = {tag: [_section(site, snapshot, query) for query in queries] for tag, queries in tagged.items()}
        counting = (query for query in site.queries if query.name == NUMBERS and query.columns == COLUMNS)
        numbers = next((_rows(site, snapshot, query) for query in counting), None)
        has_report = snapshot.graph.named("validation") in snapshot.sizes()
    return page(
        site,
        request,
        "quality.html",
        sections=sections,
        numbers=numbers.rows if numbers else (),
        has_report=has_report,
        manifest=snapshot.manifest,
    )


def _section(site: Site, snapshot: Snapshot, query: Query) -> QualitySection:
    rows = _rows(site, snapshot, query)
    if rows is None:
        return QualitySection(query, None)
    paging = Paging.of(0, len(rows.rows), FIRST)
    first = shown(query, Rows(rows.variables, tuple(paging.part(rows.rows))))
    look = Look(site.project.base, site.prefixes, query.form, query.title, query.question)
    return QualitySection(query, sheet(first, look, None, (None, False), paging))


def _rows(site: Site, snapshot: Snapshot, query: Query) -> Rows | None:
    """Return the rows of a question, None if it needs a value, was stopped or would take too long."""
    with suppress(UsageError, StoppedError, BusyError):
        text = bound_text(snapshot.graph, query, {})
        if len(article_index(snapshot)) > MOST_ARTICLES:
            return snapshot.rows.get(text)
        return site.canned.rows(snapshot, query, text)
    return None
