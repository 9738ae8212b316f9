"""A query that ends with a simple ORDER BY -> the query without it, and its rows in that order. Pure.

To compare two rows, Oxigraph reads the texts of their terms from disk again, so that it sorts some thousand rows a
second. The rows are read once in any case. Conditions and terms whose order is not certain are left to the engine.
https://www.w3.org/TR/sparql11-query/#modOrderBy
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from itertools import chain, groupby
from typing import TypeAlias

from kg.core.model import Term
from kg.core.values import XSD, datatype, is_iri, language, lexical
from kg.planning.guard import selected_variables, tokens
from kg.planning.rows import Row, Rows


class ValueKind(IntEnum):
    """The kinds of values, in order. Literals of different kinds are not compared here."""

    UNBOUND = 0
    IRI = 1
    NUMBER = 2
    DAY = 3
    STRING = 4


Rank: TypeAlias = tuple[ValueKind, Decimal | str]
"""The place of a value in an order: its kind, and its place among those of that kind."""

_VARIABLE = r"[?$]([A-Za-z_][A-Za-z0-9_]*)"
_CONDITION = re.compile(
    rf"\s*(?:(?P<way>ASC|DESC)\s*\(\s*{_VARIABLE}\s*\)|STR\s*\(\s*{_VARIABLE}\s*\)|\(\s*!\s*BOUND\s*\(\s*{_VARIABLE}\s*\)\s*\)"
    rf"|\(\s*{_VARIABLE}\s*!=\s*{_VARIABLE}\s*\)|{_VARIABLE})"
)
_ORDER_BY = re.compile(r"\bORDER\s+BY\b")
_IRI = re.compile(r'<[^<>"{}|^`\\\x00-\x20]*>')
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class _UncertainError(Exception):
    """Only the engine knows how these terms compare."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an ORDER BY.

    Attributes:
        of: "value" or "text" of a variable, whether it is "unbound", or whether two variables are "different".
        variables: one, or two to compare.
        down: whether the greatest comes first.
    """

    of: str
    variables: tuple[str, ...]
    down: bool = False


def without_order(query: str) -> tuple[str, tuple[Condition, ...]] | None:
    """Return a query without its last clause, and the conditions in that, None if this is not a simple ORDER BY of what
    the query selects.

    >>> without_order("SELECT ?a ?b { ?a ?b ?c } ORDER BY DESC(?a) STR(?b)")[1][1]
    Condition(of='text', variables=('b',), down=False)
    >>> without_order("SELECT ?a { ?a ?b ?c } ORDER BY ?a LIMIT 3")
    """
    ordered = _before_order(query)
    return ordered if ordered and not _unselected(ordered[1], query) else None


def with_sort_columns(query: str) -> str:
    """Return a query that selects, after its columns, what it is sorted by, unless it could have other rows then.

    >>> with_sort_columns("SELECT ?a { ?a ?b ?c } ORDER BY ?b")
    'SELECT ?a ?b { ?a ?b ?c } ORDER BY ?b'
    """
    ordered = _before_order(query)
    names = _unselected(ordered[1], query) if ordered else []
    if not ordered or not names:
        return query
    pieces = list(tokens(ordered[0]))
    words = [piece.text.upper() if piece.kind == "word" else piece.text for piece in pieces]
    after = words.index("SELECT") + 1
    while pieces[after].kind == "variable":
        after += 1
    if words[after - 1] == "SELECT" or words[after] not in ("WHERE", "{") or words[-1] != "}":
        return query  # DISTINCT, expressions or groups
    end = pieces[after - 1].start + len(pieces[after - 1].text)
    return f"{query[:end]} {' '.join(f'?{name}' for name in names)}{query[end:]}"


def _before_order(query: str) -> tuple[str, tuple[Condition, ...]] | None:
    """Return a query without a simple ORDER BY at its end, and the conditions in that."""
    places = list(_ORDER_BY.finditer(query))
    if not places:
        return None
    before = query[: places[-1].start()]
    in_line = _IRI.sub("", before.rpartition("\n")[2])
    if not before.rstrip().endswith(("}", ")")) or set("#\"'") & set(in_line):
        return None
    conditions = _conditions(query[places[-1].end() :].rstrip())
    return (before, conditions) if conditions else None


def _unselected(conditions: Sequence[Condition], query: str) -> list[str]:
    """Return the variables of the conditions that the query does not select, none for `SELECT *`."""
    columns = selected_variables(query)
    names = dict.fromkeys(name for condition in conditions for name in condition.variables)
    return [name for name in names if columns is not None and name not in columns]


def selected(rows: Rows, query: str) -> Rows:
    """Return the rows without the columns that `with_sort_columns` added to those of the query."""
    columns = selected_variables(query)
    if columns is None or rows.variables == columns:
        return rows
    return Rows(columns, tuple(row[: len(columns)] for row in rows.rows))


def _conditions(text: str) -> tuple[Condition, ...]:
    """Return the conditions of which *text* consists, none if it has any other."""
    conditions, end = [], 0
    while end < len(text):
        match = _CONDITION.match(text, end)
        if not match:
            return ()
        conditions.append(_condition(match))
        end = match.end()
    return tuple(conditions)


def _condition(match: re.Match[str]) -> Condition:
    way, sorted_by, text, unbound, one, other, plain = match.groups()
    if text:
        return Condition("text", (text,))
    if unbound:
        return Condition("unbound", (unbound,))
    if one:
        return Condition("different", (one, other))
    return Condition("value", (sorted_by or plain,), way == "DESC")


def in_order(rows: Rows, conditions: Sequence[Condition]) -> Rows | None:
    """Return the rows in order, equal ones by their terms.

    None if a variable is no column, or if only the engine knows the order of its terms.
    """
    groups = ordered_groups(Rows(rows.variables, tuple(sorted(rows.rows, key=_terms))), conditions)
    return None if groups is None else Rows(rows.variables, tuple(chain.from_iterable(groups)))


def ordered_groups(rows: Rows, conditions: Sequence[Condition]) -> list[list[Row]] | None:
    """Return the rows in order, in groups of those that the conditions do not distinguish. None as `in_order`."""
    if not {name for condition in conditions for name in condition.variables} <= set(rows.variables):
        return None
    ordered = list(rows.rows)
    try:
        keys = [_key(condition, rows) for condition in conditions]
        for condition, key in reversed([*zip(conditions, keys, strict=True)]):  # stable, so the first condition decides
            ordered.sort(key=key, reverse=condition.down)
        return [list(group) for _, group in groupby(ordered, lambda row: [key(row) for key in keys])]
    except _UncertainError:
        return None


def _terms(row: Row) -> list[Term]:
    return [term or "" for term in row]


def _key(condition: Condition, rows: Rows) -> Callable[[Row], Rank | bool]:
    """Return the sort key of a row by one condition.

    Raises:
        _UncertainError: two terms cannot be compared.
    """
    column, *others = (rows.variables.index(name) for name in condition.variables)
    if others:
        return lambda row: _difference(row[column], row[others[0]])
    if condition.of == "unbound":
        return lambda row: row[column] is None
    terms = {row[column] for row in rows.rows}
    ranks = {term: _text(term) if condition.of == "text" else _value(term) for term in terms}
    if len({place for place, _ in ranks.values()} - {ValueKind.UNBOUND, ValueKind.IRI}) > 1:
        raise _UncertainError
    return lambda row: ranks[row[column]]


def _difference(one: Term | None, other: Term | None) -> bool:
    if one is None or other is None or not is_iri(one) or not is_iri(other):
        raise _UncertainError
    return one != other


def _text(term: Term | None) -> Rank:
    """Return the rank of the text of a term."""
    if term is None:
        return ValueKind.UNBOUND, ""
    if term.startswith("_:"):
        raise _UncertainError
    return ValueKind.STRING, lexical(term)


def _value(term: Term | None) -> Rank:
    """Return the rank of a term itself.

    Raises:
        _UncertainError: it is a blank node, or of a datatype whose order is not simple.
    """
    if term is None or is_iri(term):
        return (ValueKind.IRI if term else ValueKind.UNBOUND), lexical(term)
    if term.startswith("_:") or language(term) is not None:
        raise _UncertainError
    kind, text = datatype(term), lexical(term)
    if kind in (f"{XSD}integer", f"{XSD}decimal") and _NUMBER.fullmatch(text):
        return ValueKind.NUMBER, Decimal(text)
    if kind == f"{XSD}date" and _DAY.fullmatch(text):
        return ValueKind.DAY, text
    if kind == f"{XSD}string":
        return ValueKind.STRING, text
    raise _UncertainError
