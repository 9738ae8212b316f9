"""A canned question -> the queries for one page of its answer. Pure.

Most patterns of a question only look something up for each row: a name, a date, how a fact is reported. If that gives
at most one value, neither the number of rows nor their order needs it, unless they are sorted by it; and names by
which they are sorted are looked up once for each thing. So the rows are counted with the other patterns alone, by
what they are sorted by first; those that may be on the page are read and put in order; and what is late is evaluated
for the rows of the page. This takes less than the whole answer where the first patterns bind what rows are counted by;
elsewhere the engine reads everything a second time. There a plan pays off only if a late part is an OPTIONAL subselect
with GROUP BY: then all rows are read without the late parts. Whether a predicate has at most one value for
each subject, kg/planning/pages.py asks the store.
https://www.w3.org/TR/sparql11-query/#sparqlAlgebra
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import takewhile

from kg.core.model import Term
from kg.planning.query_parts import Lookup, QueryPart, QueryParts
from kg.planning.row_order import Condition
from kg.planning.rows import Row

_COUNTED = "rowsOfGroup"
_MUCH = 0.4
"""The share of late parts from which reading all rows without them takes less time than the whole answer."""
_NONE: frozenset[str] = frozenset()


class PagePlan:
    """A query, and the queries that give a page of its answer.

    Args:
        query: its parts.
        is_single: whether a look-up gives at most one value.
        is_restricted: whether it has an argument, so that rows are not counted first: that would be for all arguments.

    Attributes:
        is_restricted: the same.
        names: the look-ups of the names by which rows are sorted.
        columns: the variables of the rows without what is late.
        key: the variable by which rows are counted, what they are sorted by first.
        first: the first conditions of the order, which its values decide.
    """

    def __init__(self, query: QueryParts, is_single: Callable[[Lookup], bool], *, is_restricted: bool = False) -> None:
        self.query = query
        self.is_restricted = is_restricted
        self._singles = {part: part.lookup for part in query.parts if part.lookup and is_single(part.lookup)}
        self._grouped = frozenset(part for part in query.parts if part.is_grouped)
        sorted_by = {name for condition in query.conditions for name in condition.variables}
        columns = frozenset(query.variables)
        self._things = {part.names_again[1]: part.names_again[0] for part in query.parts if part.names_again}
        self.names = tuple(self._names(sorted_by))
        keys = {self._key(name) for name in sorted_by}
        self._late = self._late_parts(keys)
        named = columns if query.is_distinct else columns.union(*(part.variables for part in self._late))
        self.columns = self._bound(named | keys, self._late)
        self.key = self._key(query.conditions[0].variables[0])
        self.first = tuple(takewhile(self._is_decided, query.conditions))

    @property
    def is_useful(self) -> bool:
        """Whether something is late, and rows can be counted, or what is late counts something or is much."""
        is_much = len(self._late) >= _MUCH * len(self.query.parts)
        return bool(self._late) and (self.is_counted or is_much or not self._grouped.isdisjoint(self._late))

    @property
    def is_counted(self) -> bool:
        """Whether the first patterns bind what the rows are counted by, and neither an argument restricts them, nor
        are they groups, which would be made twice.
        """
        is_bound = self.key in self.query.leading and self.key in self.columns
        return is_bound and bool(self.first) and not self.is_restricted and not self.query.is_grouped

    def thing(self, lookup: Lookup) -> str:
        """Return the variable whose name is looked up, perhaps under another name because it may be unbound."""
        return self._things.get(lookup.subject, lookup.subject)

    def is_unnamed(self, condition: Condition) -> bool:
        """Return whether a condition of the order is on what is bound without what is late."""
        return {*condition.variables} <= {*self.columns}

    def counting(self) -> str:
        """Return the query for the number of rows with each value of the key."""
        late = self._late_parts({self.key})
        rows = self._group(late)
        if self.query.is_distinct:
            rows = f"{{ {self._select(self._bound({self.key, *self.query.variables}, late), rows)} }}"
        return f"{self.query.prologue}SELECT ?{self.key} (COUNT(*) AS ?{_COUNTED}) WHERE {rows} GROUP BY ?{self.key}"

    def early(self, values: Sequence[Term] | None = None) -> str:
        """Return the query for the rows without what is late, all or those with some values of the key."""
        some = "" if values is None else _values((self.key,), [(value,) for value in values])
        return f"{self.query.prologue}{self._select(self.columns, self._group(self._late, some))}"

    def complete(self, rows: Sequence[Row]) -> str:
        """Return the query for some rows with what is late."""
        texts = [_values(self.columns, rows), *(part.text for part in self.query.parts if part in self._late)]
        return f"{self.query.prologue}{self.query.head}{_group(texts)}"

    def naming(self, lookup: Lookup, subjects: Sequence[Term]) -> str:
        """Return the query for the names of some subjects."""
        columns = f"?{lookup.subject} ?{lookup.value}"
        values = f"VALUES ?{lookup.subject} {{ {' '.join(subjects)} }}"
        return f"{self.query.prologue}SELECT {columns} WHERE {{ {values} LATERAL {{ {lookup.pattern} }} }}"

    def _bound(self, names: Set[str], late: Set[QueryPart]) -> tuple[str, ...]:
        """Return those of the variables *names* that are bound without the parts *late*."""
        return tuple(sorted(names & _NONE.union(*(part.binds for part in self.query.parts if part not in late))))

    def _select(self, columns: Sequence[str], group: str) -> str:
        distinct = "DISTINCT " if self.query.is_distinct else ""
        return f"SELECT {distinct}{' '.join(f'?{name}' for name in columns)} WHERE {group}"

    def _group(self, late: Set[QueryPart], values: str = "") -> str:
        return _group([values, *(part.text for part in self.query.parts if part not in late)])

    def _is_decided(self, condition: Condition) -> bool:
        return {*map(self._key, condition.variables)} == {self.key}

    def _names(self, sorted_by: Set[str]) -> Iterator[Lookup]:
        """Yield the look-ups of names among *sorted_by* whose things are known before them."""
        for lookup in self._singles.values():
            is_known = not self.query.is_distinct or self.thing(lookup) in self.query.variables
            if lookup.is_label and lookup.value in sorted_by and is_known:
                yield lookup

    def _key(self, name: str) -> str:
        """Return what decides a condition on *name*: of the name of a thing, the thing."""
        return next((self.thing(lookup) for lookup in self.names if lookup.value == name), name)

    def _late_parts(self, keys: set[str]) -> frozenset[QueryPart]:
        """Return the parts that can be evaluated after the rows are cut."""
        forced: frozenset[QueryPart] = frozenset()
        while True:
            late = self._unneeded(keys, forced)
            more = {part for part in late if not self._commutes(part, late)} or self._undetermined(late)
            if not more:
                return late
            forced |= more

    def _unneeded(self, keys: set[str], forced: frozenset[QueryPart]) -> frozenset[QueryPart]:
        parts = self.query.parts
        needed = _NONE.union(keys, *(part.variables for part in parts if part.kind == "FILTER"))
        late = set[QueryPart]()
        for part in reversed(parts):
            is_one = part.kind == "BIND" or part in self._singles or part in self._grouped or self._is_check(part)
            if part not in forced and is_one and not part.binds & needed:
                late.add(part)
            else:
                needed |= part.variables
        return frozenset(late)

    def _is_check(self, part: QueryPart) -> bool:
        """Return whether a part gives one row for each, perhaps several times."""
        return part.is_check and self.query.is_distinct

    def _commutes(self, part: QueryPart, late: frozenset[QueryPart]) -> bool:
        """Return whether what is evaluated before a late part, but stands after it, binds no variable of it."""
        parts = self.query.parts
        after = parts[parts.index(part) + 1 :]
        return not any(other.binds & part.variables for other in after if other not in late)

    def _undetermined(self, late: frozenset[QueryPart]) -> frozenset[QueryPart]:
        """Return the first late part whose values the other columns of a DISTINCT do not determine."""
        if not self.query.is_distinct:
            return frozenset()
        parts = self.query.parts
        bound = _NONE.union(*(part.binds for part in parts))
        known = _NONE.union(*(part.binds for part in parts if part not in late)) & {*self.query.variables}
        for part in parts:
            if part in late and not part.variables & bound - part.binds <= known:
                return frozenset({part})
            known |= part.binds if part in late else _NONE
        return frozenset()


def _group(texts: Sequence[str]) -> str:
    return "{\n  " + "\n  ".join(filter(None, texts)) + "\n}"


def _values(names: Sequence[str], rows: Sequence[Row]) -> str:
    """Return rows as a block, whose line ends like that of a parameter, so that its values are not read as a query."""
    columns = " ".join(f"?{name}" for name in names)
    lines = " ".join(f"({' '.join(term or 'UNDEF' for term in row)})" for row in rows)
    return f"VALUES ({columns}) {{ {lines} }}  #+ param page"
