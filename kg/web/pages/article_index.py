"""The articles of a generation by day of publication, newest first. Made once a generation. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.questions.graph import Graph
from kg.questions.words import CitedArticle, citations
from kg.web.pages.page_queries import articles
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article and the code of its review status, or ""."""

    article: CitedArticle
    status: Term = ""


def article_index(snapshot: Snapshot) -> Mapping[Term, IndexedArticle]:
    """Return article -> its entry, newest first."""
    return snapshot.remembered("article index", _article_index)


def _article_index(graph: Graph) -> Mapping[Term, IndexedArticle]:
    states = {article: status or "" for article, status in articles(graph) if article}
    known = sorted(citations(graph, sorted(states)).values(), key=lambda article: (article.title, article.iri))
    newest = sorted(known, key=lambda article: article.first, reverse=True)
    return {article.iri: IndexedArticle(article, states[article.iri]) for article in newest}
