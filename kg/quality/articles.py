"""A graph -> its articles with what is counted of each. Reads a store, once per graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.core.model import Term
from kg.core.terms import ARTICLE_CLASS, CURATION_KEY, FACT_CLASS, LABEL, TYPE, cq
from kg.core.values import lexical, local_name
from kg.questions.graph import Graph


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article.

    Attributes:
        term: its IRI.
        id: in the project.
        label: its title, or its id.
        status: code of its review, "" when there is none.
        facts: nodes of a class of facts that rest on words of it.
        sentences: of its text, None where the graph does not tell.
        covered: sentences that carry facts, 0 where the graph does not tell.
    """

    term: Term
    id: str
    label: str
    status: str
    facts: int
    sentences: int | None = None
    covered: int = 0

    @property
    def share(self) -> float | None:
        """Covered sentences of all, 0 to 1; None when they are not known."""
        return self.covered / self.sentences if self.sentences else None


@dataclass(frozen=True, slots=True)
class Overall:
    """Of all texts whose sentences are known: sentences that carry facts, sentences, and how many texts there are."""

    covered: int
    sentences: int
    texts: int


@dataclass(frozen=True)
class Articles:
    """All articles of a graph, sorted by label.

    Attributes:
        rows: the articles.
        statuses: code of a review status -> its label.
    """

    rows: tuple[ArticleRow, ...]
    statuses: Mapping[str, str]

    @cached_property
    def by_id(self) -> Mapping[str, ArticleRow]:
        """Id -> article."""
        return {row.id: row for row in self.rows}

    @cached_property
    def by_status(self) -> Mapping[str, int]:
        """Code of a review status -> how many articles have it, sorted."""
        return dict(sorted(Counter(row.status for row in self.rows).items()))

    @cached_property
    def overall(self) -> Overall:
        """Of all articles."""
        known = [row for row in self.rows if row.sentences]
        return Overall(sum(row.covered for row in known), sum(row.sentences or 0 for row in known), len(known))

    @property
    def facts(self) -> int:
        """How many facts all articles hold."""
        return sum(row.facts for row in self.rows)


def articles(graph: Graph) -> Articles:
    """Return the articles of a graph."""
    told = graph.store.select(
        f"SELECT ?article ?label ?status ?sentences ?covered WHERE {{"
        f" GRAPH ?article {{ ?article {TYPE} {cq(ARTICLE_CLASS)} . OPTIONAL {{ ?article {LABEL} ?label }}"
        f" OPTIONAL {{ ?article {cq('hasText')} ?text . ?text {cq('sentenceCount')} ?sentences ;"
        f" {cq('coveredSentenceCount')} ?covered }}"
        f" OPTIONAL {{ ?article {cq(CURATION_KEY)}/{cq('status')} ?status }} }} }} ORDER BY ?article ?label ?status"
    ).rows
    facts = _facts(graph)
    first = {row[0]: row for row in reversed(told)}  # one with several titles or states counts once
    rows = (_article(graph, row, facts.get(article, 0)) for article, row in first.items() if article)
    return Articles(tuple(sorted(rows, key=lambda row: (row.label.casefold(), row.id))), _statuses(graph))


def _article(graph: Graph, row: Sequence[Term | None], facts: int) -> ArticleRow:
    article, label, status, sentences, covered = (lexical(term) if term else "" for term in row)
    name = article.removeprefix(f"{graph.base}article/")
    state = local_name(f"<{status}>") if status else ""
    return ArticleRow(
        f"<{article}>", name, label or name, state, facts, int(sentences) if sentences else None, int(covered or 0)
    )


def _facts(graph: Graph) -> Mapping[Term | None, int]:
    """Return article -> how many facts it holds."""
    counted = graph.store.select(
        "SELECT ?article ?kind (COUNT(DISTINCT ?fact) AS ?facts) WHERE {"
        f" GRAPH ?article {{ ?fact {cq('evidence')} ?words ; {TYPE} ?kind }} }} GROUP BY ?article ?kind"
    ).rows
    kinds = graph.subclasses(FACT_CLASS)
    found: Counter[Term | None] = Counter()
    for article, kind, number in counted:
        if kind in kinds and number:
            found[article] += int(lexical(number))
    return found


def _statuses(graph: Graph) -> dict[str, str]:
    rows = graph.store.select(
        f"SELECT ?code ?label WHERE {{ GRAPH {graph.ontology} {{ ?code {TYPE} {cq('ReviewStatus')} ;"
        f" {LABEL} ?label }} }} ORDER BY ?code ?label"
    ).rows
    return {local_name(code): lexical(label) for code, label in rows if code and label}


def inferred(graph: Graph) -> Mapping[str, int]:
    """Return method -> how many dates were found by it, those that the articles state left out; sorted by number."""
    rows = graph.store.select(
        f"SELECT ?method (COUNT(*) AS ?dates) WHERE {{ GRAPH ?article {{ ?article {TYPE} {cq(ARTICLE_CLASS)} ."
        f" ?time {cq('method')} ?method }} }} GROUP BY ?method"
    ).rows
    found = {local_name(method): int(lexical(dates)) for method, dates in rows if method and dates}
    found.pop("Explicit", None)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
