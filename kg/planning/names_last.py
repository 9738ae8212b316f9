"""A canned question that groups rows -> the same for Oxigraph, with names looked up for groups. Pure.

A question that groups by things and by their names looks these up for each row before it groups them. Here rows are
grouped by the things alone, in a subselect, and whatever follows from a group is looked up after it.
https://www.w3.org/TR/sparql11-query/#groupby
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from kg.planning.guard import selected_variables, tokens
from kg.planning.query_blocks import Block, is_variable, partners_of
from kg.planning.query_parts import PartsReader, QueryPart
from kg.planning.row_order import without_order

_NONE: frozenset[str] = frozenset()


def names_last(query: str) -> str:
    """Return a query with the same rows, whose last look-ups follow its groups where these decide them.

    What is looked up in several graphs with the same result counts once.

    Raises:
        LookupError: it is not SPARQL.
    """
    ordered = without_order(query)
    text = ordered[0] if ordered and query.startswith(ordered[0]) else query
    pieces = tuple(tokens(text))
    return _Grouping(pieces, partners_of(pieces)).names_last(text) + query[len(text) :]


class _Grouping(PartsReader):
    """The tokens of a query without its order, and what it groups by."""

    __slots__ = ()

    def names_last(self, query: str) -> str:
        """Return the query with names last, or as it is."""
        select = next((k for k in range(len(self.pieces)) if self.word(k) == "SELECT"), len(self.pieces))
        group = self.span(select)
        clause, end = group[1] + 1, len(self.pieces) - 1
        keys = [piece.text[1:] for piece in takewhile(is_variable, self.pieces[clause + 2 :])]
        if self.word(clause) != "GROUP" or not keys or not self.is_end(clause + 2 + len(keys)):
            return query
        expressions = list(self.expressions(select, group[0]))
        used = _NONE.union(
            self.variables(clause + 2 + len(keys), end), *(self.variables(*each) for each in expressions)
        )
        moved = self.moved(group, frozenset(keys), used, query)
        if not moved:
            return query
        bound = _NONE.union(*(part.binds for part in moved.values()))
        left = _written([name for name in keys if name not in bound])
        computed = " ".join(query[slice(*self.extent(*each))] for each in expressions)
        rows, place = "", self.pieces[group[0]].start
        for block in moved:
            start, after = self.extent(block.start, block.end)
            rows, place = rows + query[place:start].rstrip(" "), after
        rows += query[place : self.pieces[group[1]].start + 1]
        lookups = "\n  ".join(part.text for part in moved.values())
        having = query[self.extent(clause, clause + 1 + len(keys))[1] :].strip()
        columns = _written(selected_variables(query) or ())
        return (
            f"{query[: self.pieces[select].start]}SELECT DISTINCT {columns} WHERE {{\n"
            f"  {{ SELECT {left} {computed} WHERE {rows} GROUP BY {left} {having} }}\n"
            f"  {lookups}\n}}\n"
        )

    def is_end(self, k: int) -> bool:
        """Return whether a query ends with token *k*, or with HAVING from there."""
        return k == len(self.pieces) or (
            self.word(k) == "HAVING" and self.partners.get(k + 1, 0) == len(self.pieces) - 1
        )

    def expressions(self, k: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of the columns from token *k* on that are expressions."""
        while k < end:
            if self.text(k) == "(":
                yield k, self.partners[k]
                k = self.partners[k]
            k += 1

    def moved(
        self, group: tuple[int, int], keys: frozenset[str], used: frozenset[str], query: str
    ) -> Mapping[Block, QueryPart]:
        """Return the blocks of a group that only look up what follows from *keys*, and that give nothing *used*."""
        blocks = dict(zip(self.without_dots(group), self.parts_of(group, query)[0], strict=True))
        moved = {block: part for block, part in blocks.items() if part.kind == "BIND" or part.lookup}
        while True:
            known = keys.union(*(part.binds for part in moved.values()))
            needed = used.union(*(part.variables for block, part in blocks.items() if block not in moved))
            left = {
                block: part
                for block, part in moved.items()
                if not part.binds & needed and part.variables - part.binds <= known
            }
            if len(left) == len(moved):
                return left
            moved = left


def _written(names: Sequence[str]) -> str:
    return " ".join(f"?{name}" for name in names)
