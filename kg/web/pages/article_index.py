"""The articles of a generation by day of publication, the newest first; made once a generation. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kg.model import Term
from kg.questions.graph import Graph
from kg.values import lexical
from kg.web.pages.page_queries import articles, originals
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Source:
    """An article.

    Attributes:
        term: its IRI.
        label: its title.
        first: the first day on which it, or what it restates, may have been published; "" if unknown.
        last: the last such day.
        publisher: term of who published it, or "".
        status: code of its review, or "".
    """

    term: Term
    label: str
    first: str = ""
    last: str = ""
    publisher: Term = ""
    status: Term = ""


def article_index(snapshot: Snapshot) -> Mapping[Term, Source]:
    """Return article -> what there is to say of it, the newest first."""
    return snapshot.remembered("articles", _article_index)


def _article_index(graph: Graph) -> Mapping[Term, Source]:
    found: dict[Term, Source] = {}
    for article, label, first, last, publisher, status in articles(graph):
        if article:
            name = lexical(label) if label else graph.id(article)
            found[article] = Source(article, name, _day(first), _day(last), publisher or "", status or "")
    for article, first, last, publisher in originals(graph):
        own = found.get(article or "")
        if own:
            days = (own.first, own.last) if own.first else (_day(first), _day(last))
            found[own.term] = replace(own, first=days[0], last=days[1], publisher=own.publisher or publisher or "")
    by_label = sorted(found.values(), key=lambda source: (source.label, source.term))
    return {source.term: source for source in sorted(by_label, key=lambda source: source.first, reverse=True)}


def _day(term: Term | None) -> str:
    return lexical(term) if term else ""
