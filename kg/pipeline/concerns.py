"""The header of a rule or a check -> the articles that each solution is about, and those that a change can affect.

    #+ concerns: ?article            the variable that stands for an article in every solution, or [?one, ?other]
    #+ along: [sameStoryAs]          properties that link facts into one whole, however far
    #+ everywhere: [containedIn]     terms that matter to every article: if a line with one changes, all are affected

A solution rests on nothing but the graphs of its articles, of those that are linked with them along the named
properties, of articles that these name or that name them, on what is derived of nodes in all of these, on the registry
and the ontology, and on triples with one of the terms that matter everywhere. A check names the variable of the graph
that the node in its first column is in.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import cq
from kg.pipeline.changes import Changes
from kg.store.embedded import EmbeddedStore

HEADER_LINE = re.compile(r"^#\+ (concerns|along|everywhere): (.*)$", re.MULTILINE)
"""A line of a header with its key and its names."""

VARIABLE, NAME = r"\?\w+", r"[A-Za-z]\w*"
"""The names in such a line: of variables under `concerns`, of terms under the other keys."""

_OUTER = re.compile(r"\A(.*?\bWHERE\s*\{)(.*)\Z", re.DOTALL | re.IGNORECASE)
_SUBQUERY = re.compile(r"\bSELECT\b(?P<projected>[^{}]*?)\bWHERE\s*\{|\bSELECT\b(?P<short>[^{}]*)\{", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArticleConcern:
    """What the solutions of a query are about.

    Attributes:
        variables: each of them stands for an article in every solution.
        along: predicates that link articles into one whole.
        everywhere: terms that matter to every article.
    """

    variables: tuple[str, ...]
    along: frozenset[Term] = frozenset()
    everywhere: frozenset[Term] = frozenset()

    def affected(self, changes: Changes, store: EmbeddedStore) -> frozenset[Term] | None:
        """Return the articles whose solutions *changes* can affect in *store*, None for all."""
        if changes.everywhere or not self.everywhere.isdisjoint(changes.terms):
            return None
        return changes.articles(store, self.along)


def read_concern(text: str) -> ArticleConcern | None:
    """Return what the header of a query says, None if it says nothing.

    >>> read_concern("#+ concerns: [?a, ?b]").variables
    ('?a', '?b')
    """
    header = dict(HEADER_LINE.findall(text))
    variables = tuple(re.findall(VARIABLE, header.get("concerns", "")))
    along, everywhere = (_terms(header.get(key, "")) for key in ("along", "everywhere"))
    return ArticleConcern(variables, along, everywhere) if variables else None


def restricted(where: str, variable: str, articles: Collection[Term]) -> str:
    """Return the inside of a WHERE clause for some articles only, in which also its own queries begin with these.

    >>> restricted("{ SELECT ?a (MAX(?n) AS ?m) WHERE { ?a <b:n> ?n } GROUP BY ?a }", "?a", ["<c:d>"])
    'VALUES ?a { <c:d> } { SELECT ?a (MAX(?n) AS ?m) WHERE { VALUES ?a { <c:d> } ?a <b:n> ?n } GROUP BY ?a }'
    """
    values = f"VALUES {variable} {{ {' '.join(sorted(articles))} }} "

    def begun(query: re.Match[str]) -> str:
        projected = query["projected"] or query["short"] or ""
        plain = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", " ", projected)
        return f"{query[0]} {values.rstrip()}" if variable in re.findall(r"\?\w+", plain) else query[0]

    return values + _SUBQUERY.sub(begun, where)


def query_about(text: str, variable: str, articles: Collection[Term]) -> str:
    """Return a SELECT query for some articles only; a query without WHERE as it is.

    >>> query_about("SELECT ?b WHERE { GRAPH ?a { ?b <c:d> ?e } }", "?a", ["<c:d>"])
    'SELECT ?b WHERE { VALUES ?a { <c:d> }  GRAPH ?a { ?b <c:d> ?e } }'
    """
    plain = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    parts = _OUTER.match(plain)
    return f"{parts[1]} {restricted(parts[2], variable, articles)}" if parts else text


def _terms(names: str) -> frozenset[Term]:
    return frozenset(map(cq, re.findall(NAME, names)))
