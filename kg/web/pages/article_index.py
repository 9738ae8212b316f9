"""The articles of a generation by day of publication, newest first, and those of an outlet. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.english import listed
from kg.core.model import Term
from kg.core.terms import cq
from kg.questions.graph import Graph
from kg.questions.words import CitedArticle, citations, newest_articles
from kg.web.pages.lexicon import lexicon
from kg.web.pages.page_queries import articles, nodes_naming
from kg.web.snapshot import Snapshot

_ROLES = tuple(map(cq, ("publisher", "source", "editor", "articleTopic", "datelinePlace")))
"""Properties by which an article, or its original, names a thing."""


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article and the code of its review status, or ""."""

    article: CitedArticle
    status: Term = ""


def article_index(snapshot: Snapshot) -> Mapping[Term, Term]:
    """Return article -> the code of its review status or "", newest first."""
    return snapshot.remembered("article index", _article_index)


def indexed(snapshot: Snapshot, some: Sequence[Term]) -> tuple[IndexedArticle, ...]:
    """Return the entries of *some* articles of the index, in their order."""
    index, cited = article_index(snapshot), citations(snapshot.graph, some)
    return tuple(IndexedArticle(cited[article], index[article]) for article in some)


def articles_naming(snapshot: Snapshot, term: Term) -> Mapping[Term, str]:
    """Return the articles that name a thing themselves, or whose original does, newest first, each with how.

    That is as their publisher or topic, in words, and not in one of their facts.
    """
    graph, words = snapshot.graph, lexicon(snapshot)
    roles: dict[Term, set[str]] = {}
    for node, prop in nodes_naming(graph, term, _ROLES):
        article = graph.article_of(node)
        if node in (article, f"{article[:-1]}/original>"):
            roles.setdefault(article, set()).add(words.label(prop))
    return {article: listed(sorted(roles[article])) for article in article_index(snapshot) if article in roles}


def _article_index(graph: Graph) -> Mapping[Term, Term]:
    states = {article: status or "" for article, status in articles(graph) if article}
    return {article: states[article] for article in newest_articles(graph, sorted(states))}
