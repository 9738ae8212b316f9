"""Stated facts -> portions of articles that no others name, each of which is searched in a store of its own in memory.

What a query says of one article, it says in the portion with that article, for a portion holds all articles that these
name or that name them, and so on. Few lines are in memory at once. If there are too many for memory in one portion, the
whole is searched on disk. Only lines with predicates that a query reads are in a store.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import DERIVATION
from kg.pipeline.accounts import Joined
from kg.pipeline.concerns import ArticleConcern

PORTION = 500_000
"""Quads of the articles of a portion. Queries read two fifths of them, which take 310 bytes each in memory, and half as
much is derived."""

MOST_IN_A_PORTION = 1_500_000
"""Quads of articles that name one another up to which they are one portion."""


@dataclass(frozen=True)
class Portions:
    """All articles, in portions.

    Attributes:
        stated: graph -> its lines, for all stated facts.
        articles: the articles of each portion.
        others: the graphs that are no article's.
        everywhere: lines of articles that matter to every portion.
    """

    stated: Mapping[Term, Sequence[str]]
    articles: Sequence[Sequence[Term]]
    others: Sequence[Term]
    everywhere: Sequence[str]

    def __len__(self) -> int:
        return len(self.articles)

    def lines(self, number: int, reads: Collection[Term]) -> Iterator[str]:
        """Yield what queries that read some predicates can read of a portion, and of the graphs of no article."""
        graphs = (self.stated[graph] for graph in chain(self.others, self.articles[number]))
        return lines_with(chain.from_iterable(graphs), reads)

    @cached_property
    def number_of(self) -> Mapping[Term, int]:
        """Article -> the number of its portion."""
        return {article: number for number, articles in enumerate(self.articles) for article in articles}

    def elsewhere(self, number: int) -> Collection[Term]:
        """Return the articles of all portions but one."""
        return self.number_of.keys() - self.articles[number]


def lines_with(lines: Iterable[str], predicates: Collection[Term]) -> Iterator[str]:
    """Yield the *lines* that have one of the predicates. They are not read if there is none."""
    return (line for line in (lines if predicates else ()) if line.split(" ", 2)[1] in predicates)


def has_term(line: str, terms: frozenset[Term]) -> bool:
    """Return whether the predicate or the object of a line is one of *terms*."""
    return not terms.isdisjoint(line.split(" ", 3)[1:3])


def is_local(concern: ArticleConcern | None, reads: Collection[Term] | None) -> bool:
    """Return whether a query that concerns articles, and reads some predicates, can be applied to portions.

    It cannot if it looks up derivations of what matters everywhere: there are as many as articles that say so, and only
    one line of each has such a term.
    """
    if concern is None or len(concern.variables) != 1 or reads is None:
        return False
    return not concern.everywhere or DERIVATION.isdisjoint(reads)


def portions_of(stated: Mapping[Term, Sequence[str]], base: str, terms: frozenset[Term]) -> Portions | None:
    """Return the articles in portions, None if too many of them name one another.

    Args:
        stated: graph -> its lines, for all stated facts.
        base: the base of the project's IRIs.
        terms: the terms that matter to every portion.
    """
    names = re.compile(f"<({re.escape(base)}article/[^/>]+)")
    everywhere: list[str] = []
    joined = Joined(_links(stated, names, terms, everywhere), ())
    groups = grouped((joined.root(graph), graph) for graph in stated if names.match(graph)).values()
    sizes = [sum(len(stated[article]) for article in group) for group in groups]
    if max(sizes, default=0) > MOST_IN_A_PORTION:
        return None
    portions, room = [list[Term]()], PORTION
    for group, size in zip(groups, sizes, strict=True):
        if portions[-1] and size > room:
            portions.append([])
            room = PORTION
        portions[-1] += group
        room -= size
    return Portions(stated, portions, [graph for graph in stated if not names.match(graph)], everywhere)


def _links(
    stated: Mapping[Term, Iterable[str]], names: re.Pattern[str], terms: frozenset[Term], everywhere: list[str]
) -> Iterator[tuple[Term, Term]]:
    """Yield each article with each that it names, and those that a line elsewhere names together.

    Lines of articles that have one of *terms* are added to *everywhere*.
    """
    for graph, lines in stated.items():
        if not names.match(graph):
            yield from chain.from_iterable(_pairs(names.findall(line)) for line in lines)
            continue
        text = "\n".join(lines)
        yield from _pairs(names.findall(text))
        if any(term in text for term in terms):
            everywhere += (line for line in text.split("\n") if has_term(line, terms))


def _pairs(iris: Collection[str]) -> Iterator[tuple[Term, Term]]:
    """Yield pairs that connect all of the IRIs."""
    return pairwise(f"<{iri}>" for iri in set(iris))
