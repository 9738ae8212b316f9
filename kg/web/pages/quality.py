"""The quality of a graph: what the last build found, what articles' texts carry, which terms nobody uses.

What grows with the corpus is counted once for each generation, and lists come in pages of AT_ONCE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.core.model import Term
from kg.quality.articles import Articles, articles, inferred
from kg.quality.coverage import Coverage, coverage
from kg.quality.found import RecordedFinding, report
from kg.quality.places import Places
from kg.quality.terms import MOST_USED, TermUses, term_uses
from kg.quality.usage import usage
from kg.questions.graph import Graph
from kg.questions.query import bound_text
from kg.questions.question import Query
from kg.store.documents import StoppedError
from kg.web.errors import BusyError
from kg.web.pages.documentation import PageKey, served_address
from kg.web.pages.frame import page
from kg.web.pages.ontology import ontology_pages
from kg.web.site import Site
from kg.web.snapshot import Snapshot

HERE = "/quality"
AT_ONCE = 50
MOST_ASKED = 200
"""Articles over which a question is asked for the number of its rows; beyond it that takes too long."""

ACKNOWLEDGED = "acknowledged"
"""State of findings that curators accept."""

CARE = ("single-source-facts", "disagreeing-articles", "readings")
"""Questions whose rows are to be handled with care."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[_Row]):
    """One page of a list.

    Attributes:
        rows: on this page.
        number: of the page, from 1.
        last: number of the last page, at least 1.
        total: rows on all pages.
        before: address of the page before, "" for the first.
        after: address of the next one, "" for the last.
    """

    rows: Sequence[_Row]
    number: int
    last: int
    total: int
    before: str
    after: str


def piece(rows: Sequence[_Row], request: Request) -> ListPage[_Row]:
    """Return the page of *rows* that the request asks for with `page`; what is no such page is the nearest one."""
    last = max((len(rows) + AT_ONCE - 1) // AT_ONCE, 1)
    asked = request.query_params.get("page", "1")
    number = min(max(int(asked), 1), last) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1

    def address(other: int) -> str:
        kept = {key: value for key, value in request.query_params.items() if key != "page" and value}
        return f"{request.url.path}?{urlencode(kept | {'page': str(other)})}" if 1 <= other <= last else ""

    here = rows[(number - 1) * AT_ONCE : number * AT_ONCE]
    return ListPage(here, number, last, len(rows), address(number - 1), address(number + 1))


NEEDS: Sequence[Callable[[Snapshot], object]] = tuple(
    partial(Snapshot.remembered, key=name, make=make)
    for name, make in (("report", report), ("articles", articles), ("inferred", inferred), ("usage", usage))
)
"""What makes all that these pages need of the whole graph."""


class Quality:
    """The pages of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[BaseRoute]:
        """Return their addresses."""
        return [
            Route(HERE, self.overview),
            Route(f"{HERE}/findings", self.findings),
            Route(f"{HERE}/articles", self.articles),
            Route(f"{HERE}/articles/{{id}}", self.article),
            Route(f"{HERE}/terms", self.terms),
        ]

    # -------- pages

    def overview(self, request: Request) -> Response:
        """Show the numbers, each with a way to what is behind it."""
        with self._site.snapshot() as snapshot:
            found, listed = snapshot.remembered("report", report), snapshot.remembered("articles", articles)
            shown = {
                "report": found,
                "titles": self._titles(snapshot),
                "articles": listed,
                "inferred": snapshot.remembered("inferred", inferred),
                "numbers": self._uses(snapshot).numbers(),
                "methods": self._methods(snapshot),
                "care": self._care(snapshot, listed),
                "manifest": snapshot.manifest,
            }
        return self._page(request, "overview", shown)

    def findings(self, request: Request) -> Response:
        """List findings, of one rule, severity or article if that is asked for."""
        wanted = {key: request.query_params.get(key, "").strip() for key in ("code", "severity", "article", "state")}
        with self._site.snapshot() as snapshot:
            found = snapshot.remembered("report", report)
            listed_findings = found.acknowledged if wanted["state"] == ACKNOWLEDGED else found.findings
            some = piece([f for f in listed_findings if _fits(f, wanted)], request)
            places = snapshot.remembered("places", lambda _: Places(self._site.project)).places(some.rows)
            listed = snapshot.remembered("articles", articles)
            shown = {
                "report": found,
                "some": some,
                "wanted": wanted,
                "places": places,
                "labels": _labels(snapshot.graph, some.rows),
                "articles": listed,
                "titles": self._titles(snapshot),
            }
        return self._page(request, "findings", shown)

    def articles(self, request: Request) -> Response:
        """List the articles, those with a review status if that is asked for."""
        status, order = (request.query_params.get(key, "") for key in ("status", "by"))
        with self._site.snapshot() as snapshot:
            listed, found = snapshot.remembered("articles", articles), snapshot.remembered("report", report)
            rows = [row for row in listed.rows if not status or row.status == status]
            if order == "findings":
                rows.sort(key=lambda row: -found.by_article.get(row.id, 0))
            elif order == "facts":
                rows.sort(key=lambda row: row.facts)
            elif order == "uncovered":
                rows.sort(key=lambda row: row.covered - (row.sentences or 0))
            some = piece(rows, request)
        shown = {"some": some, "articles": listed, "report": found, "state": status, "by": order}
        return self._page(request, "articles", shown)

    def article(self, request: Request) -> Response:
        """Show which sentences of an article carry no fact, and what was found about it."""
        name = request.path_params["id"]
        with self._site.snapshot() as snapshot:
            row = snapshot.remembered("articles", articles).by_id.get(name)
            if row is None:
                message = "The graph has no such article."
                return page(
                    self._site, request, "message.html", status=404, heading="Not found", message=message, fix=""
                )
            found = snapshot.remembered("report", report)
            some = list(islice((f for f in found.findings if f.article == name), AT_ONCE))
            shown = {
                "row": row,
                "coverage": self._coverage(snapshot, row.term),
                "statuses": snapshot.remembered("articles", articles).statuses,
                "found": some,
                "total": found.by_article.get(name, 0),
                "places": snapshot.remembered("places", lambda _: Places(self._site.project)).places(some),
                "labels": _labels(snapshot.graph, some),
            }
        return self._page(request, "article", shown)

    def terms(self, request: Request) -> Response:
        """List the terms that no fact uses, and the most used ones."""
        with self._site.snapshot() as snapshot:
            shown = {"uses": self._uses(snapshot), "most_used": MOST_USED}
        return self._page(request, "terms", shown)

    # -------- what they show

    def _page(self, request: Request, template: str, shown: Mapping[str, object]) -> Response:
        def term(kind: str, name: str = "", anchor: str = "") -> str:
            return served_address(PageKey(kind, name)) + (f"#{anchor}" if anchor else "")

        known = {"to": term, "quality": HERE, **shown}
        return page(self._site, request, f"quality/{template}.html", status=200, **known)

    def _titles(self, snapshot: Snapshot) -> Mapping[str, str]:
        """Return code -> title, of all findings that there can be."""
        told = ontology_pages(self._site, snapshot).documentation
        return {code: doc.page.title for code, doc in told.findings.items()}

    def _methods(self, snapshot: Snapshot) -> Mapping[str, str]:
        """Return code of a way to find a date -> what it means."""
        told = ontology_pages(self._site, snapshot).documentation
        known = told.classes.get("DateMethod")
        return {code.name: code.definition for code in (known.codes if known else ())}

    def _uses(self, snapshot: Snapshot) -> TermUses:
        told = ontology_pages(self._site, snapshot).documentation
        counted = snapshot.remembered("usage", usage)
        return snapshot.remembered("term uses", lambda _: term_uses(told, counted))

    def _coverage(self, snapshot: Snapshot, term: Term) -> Coverage:
        made = partial(coverage, self._site.project, article=term)
        return snapshot.remembered(f"coverage {term}", lambda graph: made(graph=graph))

    def _care(self, snapshot: Snapshot, listed: Articles) -> Sequence[tuple[Query, int | None]]:
        """Return the questions of CARE that there are, each with its number of rows if that is known or soon found."""
        soon = len(listed.rows) <= MOST_ASKED
        return [(query, self._number(snapshot, query, soon)) for query in self._site.queries if query.name in CARE]

    def _number(self, snapshot: Snapshot, query: Query, soon: bool) -> int | None:
        text = bound_text(snapshot.graph, query, {})
        with suppress(StoppedError, BusyError):
            rows = self._site.canned.rows(snapshot, query, text) if soon else snapshot.rows.get(text)
            return len(rows.rows) if rows else None
        return None


def _fits(found: RecordedFinding, wanted: Mapping[str, str]) -> bool:
    return all(not value or getattr(found, key) == value for key, value in wanted.items() if key != "state")


def _labels(graph: Graph, found: Sequence[RecordedFinding]) -> Mapping[Term, str]:
    """Return node -> its label, or its id."""
    nodes = [each.node for each in found]
    labels = graph.labels(nodes)
    return {node: labels.get(node) or graph.id(node) for node in nodes}


def quality_routes(site: Site) -> list[BaseRoute]:
    """Return the addresses of the pages about quality."""
    return Quality(site).routes()
