"""A short question -> the complete SPARQL query, with the patterns that its columns need. Pure.

The date of a fact, its source, whether it stands, the labels of things: every question would repeat these patterns.
A question file leaves them out. A column that its query does not bind is one of these:

- `?xLabel`: the label of `?x`, as in Wikidata's label service;
- `?xEarliest`, `?xLatest`, `?xDating`, `?xDateOf`, `?xWritten`: the date of the fact `?x`;
- `?xReportedAs`, `?xAccordingTo`, `?xArticle`: how it is reported, by whom, and in which article.

For the fact that the header names (`#+ fact: x`) they need no prefix: `?earliest`, `?article`. That fact is bound in
every row, and left out if it was displaced. Parameters without a line of their own and prefixes declared by the
ontology are supplied too. `graph:` is the prefix of the project's own graphs.
https://www.w3.org/TR/sparql11-query/ , https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual#Label_service
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from kg.core.iri import GRAPH_PREFIX, graph_space
from kg.core.terms import CQ, RDF, RDFS
from kg.planning.guard import QueryToken, tokens
from kg.project.settings import DEFAULT_BASE
from kg.questions.sparql import Bound, bound_variables, declared_prefixes, missing_prefixes, projected, where_group

ARTICLE, LABEL, REPORTED_AS = "article", "label", "reportedAs"
PROPERTIES: Mapping[str, str] = MappingProxyType(
    {
        REPORTED_AS: "reportedAs",
        "accordingTo": "attributedTo",
        "dating": "whenDating",
        "earliest": "whenEarliest",
        "latest": "whenLatest",
        "dateOf": "whenOf",
        "written": "whenWritten",
    }
)
"""Column of a fact -> local name of its property."""

DATES = ("earliest", "latest")
"""The columns that hold days."""

COLUMNS = (LABEL, ARTICLE, *PROPERTIES)
REQUIRED = frozenset({REPORTED_AS, "dating"})
"""The columns that the fact of the header always has."""

_SPACES: Mapping[str, str] = MappingProxyType({"cq": CQ, "rdf": RDF, "rdfs": RDFS})


@dataclass(frozen=True)
class Short:
    """A question as written in its file. What is derived from its tokens is computed once.

    Attributes:
        text: of the file.
        fact: the variable of the fact that its header names, or "".
        defaults: parameter without a line of its own -> its default, as SPARQL.
        marked: whether its query has its own line that leaves out the displaced fact.
    """

    text: str
    fact: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    marked: bool = False

    @cached_property
    def pieces(self) -> tuple[QueryToken, ...]:
        """The tokens of the text."""
        return tuple(tokens(self.text))

    @cached_property
    def bound(self) -> Bound:
        """The variables that patterns bind."""
        return bound_variables(self.pieces)

    @cached_property
    def known(self) -> frozenset[str]:
        """The variables that a pattern or a parameter binds. The article of the fact only if every row has it."""
        partly = {ARTICLE} if self.fact and ARTICLE not in self.bound.always else set()
        return self.bound.all - partly | self.defaults.keys()

    @property
    def is_completed(self) -> bool:
        """Whether lines are added to the query."""
        return bool(self.unbound or self.fact or self.defaults)

    @cached_property
    def unbound(self) -> tuple[QueryToken, ...]:
        """The tokens of the columns that nothing binds."""
        return tuple(piece for piece in projected(self.pieces) if piece.text[1:] not in self.known)


def owner(column: str, fact: str, bound: frozenset[str]) -> tuple[str, str] | None:
    """Return the variable that an unbound column belongs to and which of COLUMNS it is, None if it has no owner.

    >>> owner("partnerLabel", "pact", frozenset({"pact", "partner"}))
    ('partner', 'label')
    >>> owner("datingLabel", "pact", frozenset({"pact"}))
    ('dating', 'label')
    >>> owner("placeLabel", "pact", frozenset({"pact"}))
    """
    if fact and column in COLUMNS and column != LABEL:
        return fact, column
    for name in COLUMNS:
        variable = column.removesuffix(_capital(name))
        if variable and variable != column and (variable in bound or owner(variable, fact, bound)):
            return variable, name
    return None


def way_to_bind(column: str) -> str:
    """Return what to do about a column that nothing binds."""
    for name in COLUMNS:
        variable = column.removesuffix(name[0].upper() + name[1:])
        if variable and variable != column:
            return f"bind ?{variable}, whose {name} it is, or correct the name"
    if column in COLUMNS:
        return f"name the fact whose {column} it is in the header, as '#+ fact: …', or bind it"
    return "bind it in the query, or remove it"


def is_date(column: str) -> bool:
    """Return whether a column has the name of a supplied day."""
    return any(column == name or column.endswith(_capital(name)) for name in DATES)


def completed(short: Short, prefixes: Mapping[str, str]) -> str:
    """Return the complete query. Every column that is not bound must have an owner.

    *prefixes* need no declaration in the file. Those that the query uses are declared in the result.
    """
    text = short.text
    if short.is_completed:
        adding = _Adding(short, declared_prefixes(short.pieces))
        for token in short.unbound:
            adding.column(token.text[1:])
        head = [f"VALUES ?{name} {{ {default} }}  #+ param {name}" for name, default in short.defaults.items()]
        tail = [*adding.required, *adding.standing(), *adding.lines]
        text = _inserted(text, where_group(short.pieces), head, tail)
    return _with_declarations(text, prefixes)


def _inserted(text: str, group: tuple[int, int] | None, head: Sequence[str], tail: Sequence[str]) -> str:
    """Return *text* with lines added at the beginning and at the end of a group."""
    if group is None:
        raise ValueError("there is no group")
    start, end = group
    first = "".join(f"\n  {line}" for line in head)
    body = text[start:end].rstrip()
    gap = "" if not first or body.lstrip(" \t").startswith("\n") else "\n "
    last = "".join(f"\n  {line}" for line in tail)
    return f"{text[:start]}{first}{gap}{body}{last}\n{text[end:]}"


def _with_declarations(text: str, prefixes: Mapping[str, str]) -> str:
    """Return *text* with a line before the query for each prefix that it uses but does not declare."""
    pieces = tuple(tokens(text))
    graphs = {GRAPH_PREFIX: graph_space(DEFAULT_BASE)}
    lines = missing_prefixes(pieces, {**_SPACES, **prefixes, **graphs})
    marked = [f"{line}  #+ graphs" if line.startswith(f"PREFIX {GRAPH_PREFIX}:") else line for line in lines]
    start = text.rfind("\n", 0, pieces[0].start) + 1 if pieces else 0
    return text[:start] + "".join(f"{line}\n" for line in marked) + text[start:]


def _optional(pattern: str, graph: str) -> str:
    return f"OPTIONAL {{ GRAPH {graph} {{ {pattern} }} }}"


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


@dataclass(slots=True)
class _Adding:
    """The lines to add to a query, each once: first the required ones, then the others, each after those it needs."""

    short: Short
    declared: Mapping[str, str]
    required: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)  # columns, and subjects that may be unbound
    graphs: int = 0

    def column(self, name: str) -> None:
        """Add the pattern that binds a column, and before it that of its owner, unless bound or already added."""
        if name in self.short.known | self.done:
            return
        found_owner = owner(name, self.short.fact, self.short.known)
        if found_owner is None:
            raise ValueError(f"?{name} has no owner")
        variable, kind = found_owner
        self.column(variable)
        self.done.add(name)
        if kind == LABEL:
            pattern = f"{self._subject(variable)} {self._term('rdfs', 'label')} ?{name}"
            self.lines.append(_optional(pattern, self._graph()))
        elif kind != ARTICLE:
            self._add(variable, kind, name)
        elif (word := self._name(variable, REPORTED_AS)) not in self.done:
            self.done.add(word)
            self._add(variable, REPORTED_AS, word)

    def standing(self) -> Sequence[str]:
        """Return the line that leaves out displaced facts."""
        if not self.short.fact or self.short.marked:
            return ()
        pattern = f"?{self.short.fact} {self._term('cq', 'displacedBy')} ?_displacing"
        return (f"FILTER NOT EXISTS {{ GRAPH ?_standing {{ {pattern} }} }}  #+ unless displaced",)

    def _add(self, variable: str, kind: str, column: str) -> None:
        """Add the pattern of a property of a fact. How it is reported, and by whom, is in the graph of its article."""
        in_article = kind in (REPORTED_AS, "accordingTo")
        if kind == "accordingTo":
            self.column(self._name(variable, ARTICLE))
        graph = f"?{self._name(variable, ARTICLE)}" if in_article else self._graph()
        pattern = f"{self._subject(variable)} {self._term('cq', PROPERTIES[kind])} ?{column}"
        if variable == self.short.fact and kind in REQUIRED:
            self.required.append(f"GRAPH {graph} {{ {pattern} }}")
        else:
            self.lines.append(_optional(pattern, graph))

    def _name(self, variable: str, kind: str) -> str:
        """Return the name of a fact's column. The fact of the header needs no prefix."""
        return kind if variable == self.short.fact else variable + _capital(kind)

    def _subject(self, variable: str) -> str:
        """Return a variable as a subject. If it may be unbound, use a node without statements instead."""
        own = {self.short.fact, *(REQUIRED | {ARTICLE} if self.short.fact else ())}
        if variable in self.short.bound.always | own:
            return f"?{variable}"
        if f"_{variable}" not in self.done:
            self.done.add(f"_{variable}")
            self.lines.append(f"BIND (COALESCE(?{variable}, {self._term('rdf', 'nil')}) AS ?_{variable})")
        return f"?_{variable}"

    def _graph(self) -> str:
        self.graphs += 1
        return f"?_{self.graphs}"

    def _term(self, prefix: str, local: str) -> str:
        """Return one of our terms, even if the query declares its prefix differently."""
        space = _SPACES[prefix]
        return f"{prefix}:{local}" if self.declared.get(prefix, space) == space else f"<{space}{local}>"
