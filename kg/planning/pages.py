"""One page of the answer to a canned question, from an embedded store, without evaluating all of the answer.

See kg/planning/page_plan.py. A question whose answer has to be evaluated as a whole has no plan.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, takewhile
from typing import Protocol, TypeVar

from kg.core.model import Term
from kg.core.values import lexical
from kg.planning.at_once import at_once
from kg.planning.names_last import names_last
from kg.planning.page_plan import PagePlan
from kg.planning.query_parts import Lookup, query_parts
from kg.planning.row_by_row import has_argument, row_by_row
from kg.planning.row_order import (
    Condition,
    in_order,
    ordered_groups,
    selected,
    with_sort_columns,
    without_order,
)
from kg.planning.rows import AnswerPage, Row, Rows

_NAMES = 2_000  # subjects in one query
FEW = 500
"""The number of rows up to which an answer is evaluated as a whole to show a page of it."""

_T = TypeVar("_T")


class RowReader(Protocol):
    """How a store is asked."""

    def __call__(self, query: str, limit: int | None = None) -> Rows:
        """Return the rows of a query in the engine's order, at most *limit*."""


class _WholeError(Exception):
    """The answer has to be evaluated as a whole."""


def page_plan(query: str, is_single: Callable[[Lookup], bool] = lambda _: True) -> PagePlan | None:
    """Return how to evaluate pages of a query alone, None if that takes as much as the whole answer.

    *is_single* says whether a look-up gives at most one value; asking a store takes longer than a short answer.
    """
    parts = None
    with suppress(LookupError):  # not SPARQL
        parts = query_parts(names_last(query))
    plan = None if parts is None else PagePlan(parts, is_single, is_restricted=has_argument(query))
    return plan if plan and plan.is_useful else None


@dataclass(frozen=True, slots=True)
class Counts:
    """What has been counted in a store that does not change.

    Attributes:
        singles: graph or "", and path -> whether no subject has two values of it.
        sizes: pattern -> how many quads it matches.
    """

    singles: dict[tuple[str, str], bool] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


class PageReader:
    """Evaluates pages.

    Args:
        select: returns the rows of a query in the engine's order.
        counts: of the store; more are added.
    """

    def __init__(self, select: RowReader, counts: Counts) -> None:
        self._select = select
        self._counts = counts

    def page_or_all(self, query: str, start: int, most: int) -> AnswerPage | None:
        """Return a page as `page` does, or all rows if they are few."""
        sorted_by = with_sort_columns(query)
        simple, plan = without_order(sorted_by), page_plan(sorted_by)
        if simple is None or plan is None:
            return None
        page = self._short(*simple, _few(plan, most)) or self.page(sorted_by, start, most)
        return page and replace(page, rows=selected(page.rows, query))

    def _short(self, unordered: str, conditions: Sequence[Condition], few: int) -> AnswerPage | None:
        """Return all rows if they are at most *few*, which is 0 if that takes as much as all rows."""
        rows = self._select(row_by_row(unordered), few + 1) if few else Rows((), ())
        ordered = in_order(rows, conditions) if few and len(rows.rows) <= few else None
        return None if ordered is None else AnswerPage.of_all(ordered)

    def page(self, query: str, start: int, most: int) -> AnswerPage | None:
        """Return at most *most* rows from number *start* on, and how many there are. None if that needs all rows."""
        plan = page_plan(query, self._is_single)
        with suppress(_WholeError):
            return None if plan is None else self._page(plan, start, most)
        return None

    def _page(self, plan: PagePlan, start: int, most: int) -> AnswerPage:
        if plan.is_counted:
            total, before, values = self._groups(plan, start, most)
            ordered = self._early_rows(plan, values) if values else []
        else:
            total, before, ordered = self._all_rows(plan, start, most)
        rows, ends = list(chain.from_iterable(ordered)), {0, *accumulate(map(len, ordered))}
        first, last = start - before, min(start - before + most, len(rows))
        if first < last and not {first, last} <= ends:  # only all columns put equal rows in order
            raise _WholeError
        return AnswerPage(self._complete(plan, rows[first:last]), start, total)

    def _groups(self, plan: PagePlan, start: int, most: int) -> tuple[int, int, list[Term]]:
        """Return the number of all rows, of those before the groups that a page overlaps, and the keys of these."""
        counted = self._with_names(plan, self._of_all(plan, plan.counting()))
        ordered = _certain(ordered_groups(counted, plan.first))
        sizes = [sum(int(lexical(row[1] or "")) for row in rows) for rows in ordered]
        total, before, some = _overlapping(ordered, sizes, start, most)
        return total, before, _named(row[0] for row in chain.from_iterable(some))

    def _all_rows(self, plan: PagePlan, start: int, most: int) -> tuple[int, int, list[list[Row]]]:
        """Return the number of all rows, of those before the page, and as `_early_rows` those that may be on it."""
        rows = self._of_all(plan, plan.early())
        unnamed = tuple(takewhile(plan.is_unnamed, plan.query.conditions))
        named = rows if unnamed else self._with_names(plan, rows, of=plan.key)
        groups = _certain(ordered_groups(named, unnamed or plan.first))
        total, before, some = _overlapping(groups, list(map(len, groups)), start, most)
        page = tuple(row[: len(rows.variables)] for row in chain.from_iterable(some))
        return total, before, self._in_order(plan, Rows(rows.variables, page))

    def _of_all(self, plan: PagePlan, query: str) -> Rows:
        """Return all rows of a query of a plan."""
        rewritten = row_by_row(query)
        return self._select(rewritten if plan.is_restricted else at_once(rewritten, self._size))

    def _early_rows(self, plan: PagePlan, values: Sequence[Term]) -> list[list[Row]]:
        """Return the rows of some groups, without what is late, in order, together those that are equal in it."""
        return self._in_order(plan, self._select(row_by_row(plan.early(values))))

    def _in_order(self, plan: PagePlan, rows: Rows) -> list[list[Row]]:
        return _certain(ordered_groups(self._with_names(plan, rows), plan.query.conditions))

    def _complete(self, plan: PagePlan, rows: Sequence[Row]) -> Rows:
        if not rows:
            return Rows(plan.query.variables, ())
        some = [row[: len(plan.columns)] for row in rows]  # without names
        _named(chain.from_iterable(some))
        return _certain(in_order(self._select(row_by_row(plan.complete(some))), plan.query.conditions))

    def _with_names(self, plan: PagePlan, rows: Rows, of: str = "") -> Rows:
        """Return rows with the names by which they are sorted, only those of the variable *of* if it is not ""."""
        for lookup in plan.names:
            if plan.thing(lookup) in rows.variables and of in ("", plan.thing(lookup)):
                column = rows.variables.index(plan.thing(lookup))
                names = self._names(plan, lookup, _named(row[column] for row in rows.rows))
                named = tuple((*row, names.get(row[column] or "")) for row in rows.rows)
                rows = Rows((*rows.variables, lookup.value), named)
        return rows

    def _names(self, plan: PagePlan, lookup: Lookup, subjects: Sequence[Term]) -> dict[Term | None, Term | None]:
        names: dict[Term | None, Term | None] = {}
        for k in range(0, len(subjects), _NAMES):
            rows = self._select(plan.naming(lookup, subjects[k : k + _NAMES])).rows
            names.update((subject, name) for subject, name in rows)
        return names

    def _is_single(self, lookup: Lookup) -> bool:
        """Return whether no subject has two values, in all graphs together or in the one that a look-up names."""
        key = lookup.graph, lookup.path
        if key not in self._counts.singles:
            pattern = f"GRAPH {lookup.graph or '?graph'} {{ ?subject {lookup.path} ?value }}"
            counts = "(COUNT(*) AS ?values) (COUNT(DISTINCT ?subject) AS ?subjects)"
            [(values, subjects)] = self._select(f"SELECT {counts} WHERE {{ {pattern} }}").rows
            self._counts.singles[key] = values == subjects
        return self._counts.singles[key]

    def _size(self, pattern: str) -> int:
        """Return how many quads a pattern matches."""
        if pattern not in self._counts.sizes:
            [(size,)] = self._select(f"SELECT (COUNT(*) AS ?quads) WHERE {{ {pattern} }}").rows
            self._counts.sizes[pattern] = int(lexical(size or ""))
        return self._counts.sizes[pattern]


def _few(plan: PagePlan, most: int) -> int:
    """Return up to how many rows all are read: if a plan reads all in any case, not more than a page."""
    if plan.query.is_grouped:
        return 0
    return FEW if plan.is_counted else min(FEW, most)


def _overlapping(groups: Sequence[_T], sizes: Sequence[int], start: int, most: int) -> tuple[int, int, Sequence[_T]]:
    """Return the number of all rows, of those before the groups that a page overlaps, and these groups."""
    ends = list(accumulate(sizes))
    first, last = bisect_right(ends, start), bisect_left(ends, start + most)
    return (ends[-1] if ends else 0), (ends[first - 1] if first else 0), groups[first : last + 1]


def _certain(ordered: _T | None) -> _T:
    """Return what only the engine could not put in order."""
    if ordered is None:
        raise _WholeError
    return ordered


def _named(terms: Iterable[Term | None]) -> list[Term]:
    """Return terms, each once, for VALUES, which cannot name blank nodes."""
    once = [term for term in dict.fromkeys(terms) if term]
    if any(term.startswith("_:") for term in once):
        raise _WholeError
    return once
