"""The articles of a generation by day of publication, newest first, and those of an outlet. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.english import listed
from kg.core.model import Term
from kg.core.terms import cq
from kg.questions.graph import Graph
from kg.questions.words import CitedArticle, citations
from kg.web.pages.lexicon import lexicon
from kg.web.pages.page_queries import articles, naming
from kg.web.snapshot import Snapshot

_ROLES = tuple(map(cq, ("publisher", "source", "editor", "articleTopic", "datelinePlace")))
"""Properties by which an article, or its original, names a thing."""


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article and the code of its review status, or ""."""

    article: CitedArticle
    status: Term = ""


def article_index(snapshot: Snapshot) -> Mapping[Term, IndexedArticle]:
    """Return article -> its entry, newest first."""
    return snapshot.remembered("article index", _article_index)


@dataclass(frozen=True, slots=True)
class NamingArticle:
    """An article that names a thing itself, not in one of its facts: as its publisher or topic, in words."""

    indexed: IndexedArticle
    role: str


def articles_naming(snapshot: Snapshot, term: Term) -> Sequence[NamingArticle]:
    """Return the articles that name a thing themselves, or whose original does, newest first."""
    graph, words, index = snapshot.graph, lexicon(snapshot), article_index(snapshot)
    roles: dict[Term, set[str]] = {}
    for node, prop in naming(graph, term, _ROLES):
        article = graph.article_of(node)
        if node in (article, f"{article[:-1]}/original>"):
            roles.setdefault(article, set()).add(words.label(prop))
    return [NamingArticle(entry, listed(sorted(roles[iri]))) for iri, entry in index.items() if iri in roles]


def _article_index(graph: Graph) -> Mapping[Term, IndexedArticle]:
    states = {article: status or "" for article, status in articles(graph) if article}
    known = sorted(citations(graph, sorted(states)).values(), key=lambda article: (article.title, article.iri))
    newest = sorted(known, key=lambda article: article.first, reverse=True)
    return {article.iri: IndexedArticle(article, states[article.iri]) for article in newest}
