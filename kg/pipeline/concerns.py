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
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kg.core.errors import Finding, Place
from kg.core.model import Term
from kg.core.terms import cq
from kg.mapping.read import Table
from kg.pipeline.changes import Changes
from kg.questions.queryfile import header_of
from kg.store.embedded import EmbeddedStore

KEYS = ("concerns", "along", "everywhere")
"""The keys of such names in a header: `concerns` has variables, the others have terms."""

_MARK, _NAME = "#+", re.compile(r"\??\w+")
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


def read_concern(text: str, path: str) -> ArticleConcern | None:
    """Return what the header of a query says, None if it says nothing.

    >>> read_concern("#+ concerns: [?a, ?b]", "rule.rq").variables
    ('?a', '?b')
    """
    concerns, along, everywhere = (tuple(name for name, _ in names_under(text, path, key)) for key in KEYS)
    return ArticleConcern(concerns, *(frozenset(map(cq, names)) for names in (along, everywhere))) if concerns else None


def whole_header(text: str, path: str) -> tuple[Table | None, tuple[Finding, ...]]:
    """Return the header of a rule or check, whose lines may stand anywhere in it, and its findings."""
    return header_of("\n".join(line if line.startswith(_MARK) else "" for line in text.splitlines()), path)


def names_under(text: str, path: str, key: str) -> Iterator[tuple[str, Place]]:
    """Yield the names that the header of a rule or check has under a key, each with its place.

    They are read as they are written, as YAML has a meaning of its own for a question mark in brackets.
    """
    lines = text.splitlines()
    header, _ = whole_header(text, path)
    for number, first in _value_lines(header, key, len(lines)):
        line = lines[number - 1]
        for name in _NAME.finditer(line if line.startswith(_MARK) else "", first):
            yield name[0], Place(path, number, name.start() + 1, len(name[0]))


def _value_lines(header: Table | None, key: str, last: int) -> Iterator[tuple[int, int]]:
    """Yield the number of each line that has the value of a key, and the column after which the value begins."""
    keys = [entry.key for entry in header.entries] if header else []
    for each, end in zip(keys, (*(other.place.line for other in keys[1:]), last + 1), strict=False):
        if each.text == key:
            yield each.place.line, each.place.column - 1 + len(key)
            yield from ((number, len(_MARK)) for number in range(each.place.line + 1, end))


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
