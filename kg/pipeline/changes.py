"""The lines added and removed since the last generation, and what they can affect. Pure, but queries stores."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from kg.core.model import Term
from kg.store.embedded import EmbeddedStore

_AT_ONCE = 200


@dataclass(slots=True)
class Changes:
    """Lines that are in only one of two generations.

    Attributes:
        base: base of the project's IRIs.
        lines: the lines.
        predicates: their predicates.
        everywhere: whether a graph that is not an article's has changed, such as the registry.
    """

    base: str
    lines: set[str] = field(default_factory=set)
    predicates: set[Term] = field(default_factory=set)
    everywhere: bool = False

    def add(self, lines: Iterable[str]) -> None:
        """Record lines that were added or removed."""
        for line in lines:
            self.lines.add(line)
            self.predicates.add(line.split(" ", 2)[1])

    def touches(self, reads: Collection[Term] | None) -> bool:
        """Return whether the answer to a query that reads these predicates, None for any, may have changed."""
        return bool(self.predicates) and (reads is None or not self.predicates.isdisjoint(reads))

    def articles(self, store: EmbeddedStore) -> frozenset[Term]:
        """Return the articles that the lines mention, and those that are linked with one of these in *store*.

        If two articles were linked before, but are not now, one of them has changed, and a line mentions the other.
        """
        pattern = re.compile(f"<({re.escape(self.base)}article/[^/>]+)")
        named = {f"<{iri}>" for line in self.lines for iri in pattern.findall(line)}
        articles, ordered = set(named), sorted(named)
        for k in range(0, len(ordered), _AT_ONCE):
            values = " ".join(ordered[k : k + _AT_ONCE])
            for query in (_NAMED_BY, _NAMING):
                for (term,) in store.select(query.replace("NAMED", values).replace("BASE", self.base)).rows:
                    articles.update(f"<{iri}>" for iri in pattern.findall(term or ""))
        return frozenset(articles)


_NAMED_BY = """SELECT DISTINCT ?node {
  { SELECT DISTINCT ?node { VALUES ?article { NAMED } GRAPH ?article { ?any ?property ?node } } }
  FILTER (STRSTARTS(STR(?node), "BASEarticle/")) }"""
_NAMING = """SELECT DISTINCT ?other {
  { SELECT DISTINCT ?node { VALUES ?article { NAMED } GRAPH ?article { ?node ?any ?value } } }
  GRAPH ?other { ?one ?property ?node } FILTER (STRSTARTS(STR(?other), "BASEarticle/")) }"""
