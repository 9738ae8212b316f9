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
        terms: their predicates, and their objects that are IRIs.
        everywhere: whether a graph that is not an article's has changed, such as the registry.
    """

    base: str
    lines: set[str] = field(default_factory=set)
    predicates: set[Term] = field(default_factory=set)
    terms: set[Term] = field(default_factory=set)
    everywhere: bool = False

    def add(self, lines: Iterable[str]) -> None:
        """Record lines that were added or removed."""
        for line in lines:
            _, predicate, rest = line.split(" ", 2)
            self.lines.add(line)
            self.predicates.add(predicate)
            self.terms.update((predicate, rest.partition(" ")[0]) if rest.startswith("<") else (predicate,))

    def touches(self, reads: Collection[Term] | None) -> bool:
        """Return whether the answer to a query that reads these predicates, None for any, may have changed."""
        return bool(self.predicates) and (reads is None or not self.predicates.isdisjoint(reads))

    def articles(self, store: EmbeddedStore, along: Collection[Term] = ()) -> frozenset[Term]:
        """Return the articles that the lines mention, those linked with one of these, and so on *along* links.

        If two articles were linked before, but are not now, one of them has changed, and a line mentions the other. A
        node that no longer exists may still be mentioned elsewhere.
        """
        named = self._articles_in(self.lines)
        articles = named.union(*(self._linked(store, query, named) for query in (_NAMED_BY, _NAMING)))
        nodes = {node for line in self.lines if (node := line.partition(" ")[0]).startswith(f"<{self.base}article/")}
        articles |= self._linked(store, _NAMING_NODES, nodes)
        path = "|".join(sorted(along))
        new = articles if along else set()
        while new := self._linked(store, _ALONG.replace("PATH", path), new) - articles:
            articles |= new
        return frozenset(articles)

    def _linked(self, store: EmbeddedStore, query: str, terms: Collection[Term]) -> set[Term]:
        """Return the articles of the nodes that *query* selects for articles or nodes."""
        ordered, nodes = sorted(terms), set[Term]()
        for k in range(0, len(ordered), _AT_ONCE):
            values = " ".join(ordered[k : k + _AT_ONCE])
            rows = store.select(query.replace("NAMED", values).replace("BASE", self.base)).rows
            nodes.update(term for (term,) in rows if term)
        return self._articles_in(nodes)

    def _articles_in(self, texts: Iterable[str]) -> set[Term]:
        pattern = re.compile(f"<({re.escape(self.base)}article/[^/>]+)")
        return {f"<{iri}>" for text in texts for iri in pattern.findall(text)}


_NAMED_BY = """SELECT DISTINCT ?node {
  { SELECT DISTINCT ?node { VALUES ?article { NAMED } GRAPH ?article { ?any ?property ?node } } }
  FILTER (STRSTARTS(STR(?node), "BASEarticle/")) }"""
_NAMING = """SELECT DISTINCT ?other {
  { SELECT DISTINCT ?node { VALUES ?article { NAMED } GRAPH ?article { ?node ?any ?value } } }
  GRAPH ?other { ?one ?property ?node } FILTER (STRSTARTS(STR(?other), "BASEarticle/")) }"""
_NAMING_NODES = """SELECT DISTINCT ?other {
  VALUES ?node { NAMED } GRAPH ?other { ?one ?property ?node } FILTER (STRSTARTS(STR(?other), "BASEarticle/")) }"""
_ALONG = """SELECT DISTINCT ?other {
  { SELECT DISTINCT ?node { VALUES ?article { NAMED } GRAPH ?article { ?node ?any ?value } } }
  { GRAPH ?linking { ?node PATH ?other } } UNION { GRAPH ?linking { ?other PATH ?node } } }"""
