"""The words of an article's dates and figures -> their computed values, compared with the written ones. No I/O.

What a curator left out is filled in. A difference is an error that gives what the words say. Words must be in the quote
of their fact. What words leave open needs a reason: `method: Curator` for a date, `reason` for a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kg.core import values
from kg.core.edtf import date_bounds
from kg.core.errors import InvalidValueError
from kg.core.model import Node
from kg.core.terms import ARTICLE_CLASS, WORDS_KEY, cq
from kg.core.values import local_name
from kg.mapping.notes import EVERYTHING, Notes
from kg.mapping.quotes import Quotes
from kg.mapping.scope import Scope
from kg.mapping.written import Article, written_with
from kg.mapping.written_dates import with_date
from kg.mapping.written_figures import with_figure
from kg.words.dates import Today, date_readings
from kg.words.language import Language
from kg.words.reading import UnclearError, Way

TODAY = ("dateline", "published")
"""Keys of an article that may give the day from which its dates count. The first that does wins."""


def with_words(nodes: Sequence[Node], scope: Scope, language: str, quotes: Quotes, notes: Notes) -> tuple[Node, ...]:
    """Return *nodes* with what the words of their dates and figures say. Differences become findings.

    Args:
        nodes: of one article or registry file.
        scope: what all files define.
        language: of the article, as BCP 47.
        quotes: the positions of its quotes.
        notes: for the findings.
    """
    words = scope.languages.language(language)
    today, is_damaged = _today(nodes, words), _is_damaged(nodes, notes)
    article = Article(scope.vocabulary, words, today, is_damaged, scope.currencies, quotes, notes, scope.labels)
    return tuple(_Walk(article, scope.vocabulary.is_fact(node.type)).node(node) for node in nodes)


def _is_damaged(nodes: Sequence[Node], notes: Notes) -> bool:
    """Return whether the article, or its day, could not be read."""
    terms = [node.term for node in nodes if node.type == cq(ARTICLE_CLASS)]
    known = {(term, cq(key)) for term in terms for key in TODAY} | {(term, EVERYTHING) for term in terms}
    inner = {(f"{term[:-1]}/{key}>", cq("edtf")) for term in terms for key in TODAY}
    return not terms or not notes.damaged.isdisjoint(known | inner)


def _today(nodes: Sequence[Node], language: Language) -> Today:
    """Return the day from which an article's dates count."""
    articles = [node for node in nodes if node.type == cq(ARTICLE_CLASS)]
    times = {time.term: time for article in articles for time in article.nested}
    dates = (value.object for article in articles for key in TODAY for value in article.having(key))
    days = (_day(times[date], language) for date in dates if date in times)
    return next((day for day in days if day.first), Today())


def stated_day(text: str, language: Language) -> Today:
    """Return the day that *text* gives by itself, in EDTF or in words: none if it gives none or counts from another.

    Raises:
        InputError: as `date_words`.
    """
    try:
        return Today(*(date_bounds(text) or ()))
    except InvalidValueError:
        pass
    try:
        [reading] = date_readings(text, language, Today(), Way.EITHER)
        return Today(*(date_bounds(reading.edtf) or ()))
    except (UnclearError, ValueError):  # no date, several, or none that can be computed
        return Today()


def _day(time: Node, language: Language) -> Today:
    """Return the day of a time expression, by its words if it has nothing else."""
    ends = [values.lexical(value.object) for end in ("earliest", "latest") for value in time.having(end)]
    if len(ends) == 2:
        return Today(*map(date.fromisoformat, ends))
    words = [values.lexical(value.object) for value in time.having(WORDS_KEY) if not time.having("edtf")]
    return stated_day(words[0], language) if words else Today()


@dataclass(frozen=True)
class _Walk:
    """Walks through a node and all nodes nested in it."""

    article: Article
    in_fact: bool

    def node(self, node: Node, parent: Node | None = None, key: str = "") -> Node:
        if node.nested:
            keys = {value.object: local_name(value.predicate) for value in node.values}
            inner = tuple(self.node(each, node, keys.get(each.term, "")) for each in node.nested)
            if any(new is not old for new, old in zip(inner, node.nested, strict=True)):
                node = node._replace(nested=inner)
        form = self.article.vocabulary.class_of(node.type).compact_form
        if form not in ("edtf", "quantity"):
            return node
        written = written_with(self.article.quotes, node, parent, key, in_fact=self.in_fact)
        return with_date(written, self.article) if form == "edtf" else with_figure(written, self.article)
