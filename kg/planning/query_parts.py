"""A SELECT -> its parts, and which of them only look something up. Pure.

https://www.w3.org/TR/sparql11-query/#rGroupGraphPattern
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kg.core.terms import LABEL
from kg.planning.guard import QueryToken, selected_variables, tokens
from kg.planning.query_blocks import Block, QueryBlocks, is_variable, partners_of
from kg.planning.row_order import Condition, without_order

_LEFT_ALONE = frozenset(
    {"ASK", "CONSTRUCT", "DESCRIBE", "BASE", "FROM", "SERVICE", "LATERAL", "REDUCED"}
    | {"RAND", "NOW", "UUID", "STRUUID", "BNODE"}
)
"""Words of queries that are no SELECT, that depend on more than the data, or whose parts do not commute."""

_AGAIN = re.compile(r"BIND \(COALESCE\(\?(\w+), rdf:nil\) AS \?(\w+)\)")
"""How `kg/questions/columns.py` writes the subject of a name where it may be unbound."""

_STEPS = frozenset("/|^()")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lookup:
    """An OPTIONAL of one pattern whose subject, and whose graph unless it is new, is bound in every row.

    Attributes:
        subject: its variable.
        value: the variable that it binds.
        pattern: the pattern in its graph, and a condition on the value if there is one.
        graph: the term of the graph, "" if it is a variable.
        path: the predicate or path, without prefixes.
    """

    subject: str
    value: str
    pattern: str
    graph: str
    path: str

    @property
    def is_label(self) -> bool:
        """Whether it gives the name of its subject."""
        return self.path == LABEL


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A part of the outermost group of a query.

    Attributes:
        kind: see `Block`.
        text: as written.
        variables: those in it.
        binds: those that are bound by it, and by no part before it.
        lookup: what it looks up, None if it does more, or something else.
        is_grouped: whether it is an OPTIONAL subselect that has at most one row for values that every row has.
        is_check: whether it is an OPTIONAL that binds a constant if a pattern of bound variables matches.
        names_again: the variable, and the one that is rdf:nil where that is unbound, None if it does something else.
    """

    kind: str
    text: str
    variables: frozenset[str]
    binds: frozenset[str]
    lookup: Lookup | None = None
    is_grouped: bool = False
    is_check: bool = False
    names_again: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class QueryParts:
    """A SELECT with a simple order.

    Attributes:
        prologue: what stands before SELECT.
        head: from SELECT to the group.
        variables: the columns of the answer.
        is_distinct: whether equal rows are one.
        parts: of the group.
        conditions: those of the order.
        certain: the variables that are bound in every row.
        leading: those of them that its first parts bind.
        is_grouped: whether its first part groups rows in subselects, so that no row is known before all are read.
    """

    prologue: str
    head: str
    variables: tuple[str, ...]
    is_distinct: bool
    parts: tuple[QueryPart, ...]
    conditions: tuple[Condition, ...]
    certain: frozenset[str]
    leading: frozenset[str]
    is_grouped: bool


@lru_cache(maxsize=64)
def query_parts(query: str) -> QueryParts | None:
    """Return the parts of a query, None if it is no SELECT with a simple order, or has other clauses.

    Raises:
        LookupError: it is not SPARQL.
    """
    ordered = without_order(query)
    if ordered is None:
        return None
    text, conditions = ordered
    pieces = tuple(tokens(text))
    reader = PartsReader(pieces, partners_of(pieces))
    words = [reader.word(k) for k in range(len(pieces))]
    select = words.index("SELECT")
    group = reader.span(select)
    plain, computed = reader.columns(select - 1)
    if _LEFT_ALONE & {*words} or not plain or computed or group[1] + 1 < len(pieces):
        return None
    parts, certain, leading = reader.parts_of(group, text)
    return QueryParts(
        prologue=" ".join(piece.text for piece in pieces[:select]) + "\n",
        head=text[pieces[select].start : pieces[group[0]].start],
        variables=selected_variables(text) or (),
        is_distinct=words[select + 1] == "DISTINCT",
        parts=parts,
        conditions=conditions,
        certain=certain,
        leading=leading,
        is_grouped=reader.is_grouped_first(group),
    )


class PartsReader(QueryBlocks):
    """The tokens of a query, and its parts."""

    __slots__ = ()

    def parts_of(
        self, group: tuple[int, int], text: str
    ) -> tuple[tuple[QueryPart, ...], frozenset[str], frozenset[str]]:
        """Return the parts of a group, and what all of them and the first of them bind in every row."""
        parts, seen, certain, leading = list[QueryPart](), _NONE, _NONE, None
        for block in self.blocks(group):
            if self.text(block.start) == ".":
                continue
            part = self.part(block, seen, certain, text)
            parts.append(part)
            if leading is None and not self.leads(block, seen):
                leading = certain
            seen |= part.binds
            certain |= self.always(block) | self.replaced(block, certain)
        return tuple(parts), certain, certain if leading is None else leading

    def part(self, block: Block, seen: frozenset[str], certain: frozenset[str], text: str) -> QueryPart:
        """Return a part after others that may bind *seen*, and bind *certain* in every row."""
        written = text[slice(*self.extent(block.start, block.end))]
        binds = _NONE if block.kind in ("FILTER", "MINUS") else self.bindable(block) - seen
        again = _AGAIN.fullmatch(written)
        is_optional = block.kind == "OPTIONAL"
        return QueryPart(
            kind=block.kind,
            text=written,
            variables=self.variables(block.start, block.end),
            binds=binds,
            lookup=self.lookup(block, seen, certain, text) if is_optional else None,
            is_grouped=is_optional and self.is_grouped(block.groups[0], seen, certain),
            is_check=is_optional and self.is_check(block, certain),
            names_again=(again[1], again[2]) if again and again[2] in binds else None,
        )

    def leads(self, block: Block, seen: frozenset[str]) -> bool:
        """Return whether what a part binds can be counted without all rows, if all parts before it can."""
        return block.kind in ("GRAPH", "VALUES", "FILTER") or self.groups_first(block, seen)

    def always(self, block: Block) -> frozenset[str]:
        """Return the variables that a part binds in every row."""
        match block.kind:
            case "GRAPH":
                return self.bound([block]) | self.variables(block.start, block.groups[0][0] - 1)
            case "":
                return self.in_patterns([block])
            case "LATERAL":
                return self.always_in(block.groups[0])
            case "UNION":
                return frozenset[str].intersection(*map(self.always_in, block.groups))
            case "BIND" if self.word(block.start + 2) == "COALESCE":
                last = self.pieces[self.partners[block.start + 3] - 1]
                return self.bindable(block) if last.kind in ("name", "iri") else _NONE
            case _:
                return _NONE

    def replaced(self, block: Block, certain: frozenset[str]) -> frozenset[str]:
        """Return the variable that a part binds to the first of some that is bound, if one of *certain* is the last."""
        if block.kind != "BIND" or self.word(block.start + 2) != "COALESCE":
            return _NONE
        last = self.pieces[self.partners[block.start + 3] - 1]
        return self.bindable(block) if is_variable(last) and last.text[1:] in certain else _NONE

    def always_in(self, group: tuple[int, int]) -> frozenset[str]:
        """Return the variables that a group binds in every row, of a subselect only those that it does not compute."""
        if self.word(group[0] + 1) == "SELECT":
            return self.columns(group[0])[0] & self.always_in(self.span(group[0] + 1))
        return _NONE.union(*map(self.always, self.blocks(group)))

    def groups_first(self, block: Block, seen: frozenset[str]) -> bool:
        """Return whether a part is a subselect whose groups may be restricted to values that rows before it have."""
        group = block.groups[0] if block.kind == "UNION" and len(block.groups) == 1 else None
        return bool(group and self.is_restrictable(group, seen) and self.columns(group[0])[0] <= self.always(block))

    def is_grouped_first(self, group: tuple[int, int]) -> bool:
        """Return whether the first part of a group, but for values, consists of subselects that group rows."""
        first = next((block for block in self.without_dots(group) if block.kind != "VALUES"), None)
        return first is not None and first.kind == "UNION" and all(map(self.is_grouping, first.groups))

    def is_grouping(self, group: tuple[int, int]) -> bool:
        """Return whether a group is a subselect with GROUP BY."""
        where = self.first_group(group[0] + 1)
        return self.word(group[0] + 1) == "SELECT" and self.word(self.partners.get(where or 0, 0) + 1) == "GROUP"

    def lookup(self, block: Block, seen: frozenset[str], certain: frozenset[str], text: str) -> Lookup | None:
        """Return what an OPTIONAL looks up after parts that may bind *seen*, and bind *certain* in every row."""
        graph, *others = self.without_dots(block.groups[0])
        if graph.kind != "GRAPH" or graph.groups[0][0] != graph.start + 2:
            return None
        triples = self.without_dots(graph.groups[0])
        if len(triples) != 1 or triples[0].kind:
            return None
        subject, *path, value = self.pieces[triples[0].start : triples[0].end + 1]
        place, names = self.pieces[graph.start + 1], frozenset({subject.text[1:]})
        if is_variable(place) and place.text[1:] in seen:
            names |= {place.text[1:]}
        is_new = is_variable(value) and value.text[1:] not in seen | {place.text[1:]}
        conditions = [(part.kind, self.variables(part.start, part.end)) for part in others]
        if conditions not in ([], [("FILTER", frozenset({value.text[1:]}))]):
            return None
        if not (path and all(map(_is_step, path)) and is_variable(subject) and is_new and names <= certain):
            return None
        pattern = text[slice(*self.extent(graph.start, (others or [graph])[-1].end))]
        named = "" if is_variable(place) else self.full(place)
        return Lookup(subject.text[1:], value.text[1:], pattern, named, " ".join(map(self.full, path)))

    def is_check(self, block: Block, certain: frozenset[str]) -> bool:
        """Return whether an OPTIONAL binds a constant if a pattern matches whose variables are *certain*."""
        graph, *others = self.without_dots(block.groups[0])
        if others or graph.kind != "GRAPH":
            return False
        inside = self.without_dots(graph.groups[0])
        if [part.kind for part in inside] != ["", "BIND"]:
            return False
        bind = inside[1]
        is_constant = self.variables(bind.start, bind.end) == self.bindable(bind)
        return is_constant and self.variables(graph.start, inside[0].end) <= certain

    def is_grouped(self, group: tuple[int, int], seen: frozenset[str], certain: frozenset[str]) -> bool:
        """Return whether a group is a subselect that has one row for values that are bound in every row."""
        return self.is_looked_up(group, seen) and self.columns(group[0])[0] <= certain

    def full(self, piece: QueryToken) -> str:
        """Return the text of a token, a prefixed name as an IRI."""
        if piece.kind != "name" or "\\" in piece.text:
            return piece.text
        declared = zip(self.pieces, self.pieces[1:], strict=False)
        spaces = (iri.text[1:-1] for name, iri in declared if name.text == f"{piece.prefix}:" and iri.kind == "iri")
        return f"<{next(spaces)}{piece.text.partition(':')[2]}>"

    def without_dots(self, group: tuple[int, int]) -> list[Block]:
        """Return the parts of a group, without dots between them."""
        return [block for block in self.blocks(group) if self.text(block.start) != "."]


def _is_step(piece: QueryToken) -> bool:
    """Return whether a token may occur in a path of constants without repetition."""
    return piece.kind in ("name", "iri") or piece.text == "a" or (piece.kind == "other" and piece.text in _STEPS)
