"""A short question -> the whole SPARQL query, with what its columns need. Pure.

When a fact was, who says so, whether it stands, what things are called: patterns that every question would repeat.
A question file leaves them out; a column that its query does not bind is one of these:

- `?xLabel`: what `?x` is called, as the label service of Wikidata has it;
- `?xEarliest`, `?xLatest`, `?xDating`, `?xDateOf`, `?xWritten`: the date of the fact `?x`;
- `?xReportedAs`, `?xAccordingTo`, `?xArticle`: on whose word it stands, and in which article.

The fact that the header names (`#+ fact: x`) has them without its name in front: `?earliest`, `?article`. It is bound
in every row, and left out if it was displaced. Parameters without a line of their own, and prefixes that the ontology
declares, are supplied too; `graph:` stands for the project's own graphs.
https://www.w3.org/TR/sparql11-query/ , https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual#Label_service
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from kg.core.iri import GRAPH_PREFIX, graph_space
from kg.core.terms import CQ, RDF, RDFS
from kg.project.settings import DEFAULT_BASE
from kg.questions.sparql import Bound, bound_variables, declared_prefixes, missing_prefixes, projected, where_group
from kg.store.guard import QueryToken, tokens

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
"""Column of a fact -> local name of the property that it holds."""

DATES = ("earliest", "latest")
"""Those that are days."""

COLUMNS = (LABEL, ARTICLE, *PROPERTIES)
REQUIRED = frozenset({REPORTED_AS, "dating"})
"""What the fact of the header always has."""

_SPACES: Mapping[str, str] = MappingProxyType({"cq": CQ, "rdf": RDF, "rdfs": RDFS})


@dataclass(frozen=True)
class Short:
    """A question as its file has it; what its tokens tell is found once.

    Attributes:
        text: of the file.
        fact: the variable that its header names, or "".
        defaults: parameter without a line of its own -> its default, as SPARQL.
        marked: whether a line of its query leaves out the fact if it was displaced.
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
        """The variables that a pattern or a parameter binds; the article of the fact only where each row has it."""
        partly = {ARTICLE} if self.fact and ARTICLE not in self.bound.always else set()
        return self.bound.all - partly | self.defaults.keys()

    @cached_property
    def unbound(self) -> tuple[QueryToken, ...]:
        """The tokens of the columns that nothing binds."""
        return tuple(piece for piece in projected(self.pieces) if piece.text[1:] not in self.known)


def owner(column: str, fact: str, bound: frozenset[str]) -> tuple[str, str] | None:
    """Return of which variable a column is that no pattern binds, and which of COLUMNS; None if nothing tells.

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


def is_date(column: str) -> bool:
    """Tell whether a column has the name of a day that is supplied."""
    return any(column == name or column.endswith(_capital(name)) for name in DATES)


def completed(short: Short, prefixes: Mapping[str, str]) -> str:
    """Return the whole query; each column that is not bound must have an owner.

    *prefixes* need no declaration in the file; those that the query uses are declared in what is returned.
    """
    text = short.text
    if short.unbound or short.fact or short.defaults:
        adding = _Adding(short, declared_prefixes(short.pieces))
        for token in short.unbound:
            adding.column(token.text[1:])
        head = [f"VALUES ?{name} {{ {default} }}  #+ param {name}" for name, default in short.defaults.items()]
        text = _inserted(text, where_group(short.pieces), head, [*adding.required, *adding.standing(), *adding.lines])
    return _with_declarations(text, prefixes)


def _inserted(text: str, group: tuple[int, int], head: Sequence[str], tail: Sequence[str]) -> str:
    """Return *text* with lines at the beginning and at the end of a group, each on a line of its own."""
    start, end = group
    first = "".join(f"\n  {line}" for line in head)
    body = text[start:end].rstrip()
    gap = "" if not first or body.lstrip(" \t").startswith("\n") else "\n "
    last = "".join(f"\n  {line}" for line in tail)
    return f"{text[:start]}{first}{gap}{body}{last}\n{text[end:]}"


def _with_declarations(text: str, prefixes: Mapping[str, str]) -> str:
    """Return *text* with a line for each prefix that it uses and does not declare, in front of the query."""
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
    """The lines that a query lacks, each once: first what every row has, then the others, each after what it needs."""

    short: Short
    declared: Mapping[str, str]
    required: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)  # columns, and subjects that may be unbound
    graphs: int = 0

    def column(self, name: str) -> None:
        """Add what binds a column, and first what it is a column of; nothing if that is bound or done."""
        if name in self.short.known | self.done:
            return
        found = owner(name, self.short.fact, self.short.known)
        if found is None:
            raise ValueError(f"nothing tells what ?{name} is")
        variable, kind = found
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
        """Return the line that leaves out what was displaced."""
        if not self.short.fact or self.short.marked:
            return ()
        pattern = f"?{self.short.fact} {self._term('cq', 'displacedBy')} ?_displacing"
        return (f"FILTER NOT EXISTS {{ GRAPH ?_standing {{ {pattern} }} }}  #+ unless displaced",)

    def _add(self, variable: str, kind: str, column: str) -> None:
        """Add the pattern of a property of a fact; whose word it stands on is in the graph of its article."""
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
        """Return the column of a fact's kind: the fact of the header needs no name in front."""
        return kind if variable == self.short.fact else variable + _capital(kind)

    def _subject(self, variable: str) -> str:
        """Return what stands for a variable as a subject; if it may be unbound, something that nothing is said of."""
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
        """Return a term of ours, also where the query declares its prefix to be something else."""
        space = _SPACES[prefix]
        return f"{prefix}:{local}" if self.declared.get(prefix, space) == space else f"<{space}{local}>"
