"""A canned question -> the same for Oxigraph, with an argument looked up before everything else. Pure.

A question that may be restricted has a condition such as `!BOUND(?fact) || EXISTS { … ?fact … }` or `!BOUND(?article)
|| ?article = ?one || ?article = ?other`, which the engine checks for each row of the whole graph. Without a value the
condition holds, and goes. With one, what it matches becomes the first block, and the first patterns of the question
follow, each after one that it has a variable in common with.
https://www.w3.org/TR/sparql11-query/#rFilter
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from kg.planning.guard import tokens
from kg.planning.query_blocks import Block, connected, is_variable, partners_of
from kg.planning.query_parts import PartsReader

_EQUAL = re.compile(r"[?$](\w+)=[?$](\w+)")


@dataclass(frozen=True, slots=True)
class Restriction:
    """A condition that holds if a parameter has no value, and the number of the token after its `||`."""

    block: Block
    param: str
    values: Block
    rest: int


def arguments_first(query: str) -> str:
    """Return a query with the same rows, its restrictions by arguments as patterns where that is certain.

    The blocks that depend on an argument stand behind LATERAL.

    Raises:
        LookupError: it is not SPARQL.
    """
    pieces = tuple(tokens(query))
    reader = _Restrictions(pieces, partners_of(pieces))
    group = reader.span(0)
    gone, first = set[tuple[int, int]](), ""
    for each in reader.restrictions(group):
        if not reader.has_value(each):
            gone.add((each.block.start, each.block.end))
        elif not first and (first := reader.first(each, group, query)):
            gone |= {(block.start, block.end) for block in (each.block, *reader.leading(group))}
    place = reader.after_values(group)
    edits = [(*reader.extent(start, end), "") for start, end in gone]
    for start, end, text in sorted([*edits, (place, place, f"{first}\n" if first else "")], reverse=True):
        query = f"{query[:start]}{text}{query[end:]}"
    return query


class _Restrictions(PartsReader):
    """The tokens of a query, and the conditions of its outermost group that an argument makes."""

    __slots__ = ()

    def restrictions(self, group: tuple[int, int]) -> Iterator[Restriction]:
        """Yield them. Only the first values of the group bind their parameters."""
        blocks = list(self.blocks(group))
        first = list(takewhile(_has_values, blocks))
        for block in blocks:
            head = self.pieces[block.start : block.start + 9]
            signs = "".join(piece.text for piece in head if not is_variable(piece)).upper()
            if block.kind == "FILTER" and signs.startswith("FILTER(!BOUND()||"):
                param = head[5].text[1:]
                binding = [each for each in blocks if each.kind != "FILTER" and param in self.bindable(each)]
                if len(binding) == 1 and binding[0] in first and self.has_iris(binding[0]):
                    yield Restriction(block, param, binding[0], block.start + 9)

    def has_iris(self, values: Block) -> bool:
        """Return whether a block of values has one variable, and no literals, which may be equal without being one."""
        inside = self.pieces[values.start + 3 : values.end]
        return is_variable(self.pieces[values.start + 1]) and all(
            piece.kind in ("iri", "name", "word") for piece in inside
        )

    def has_value(self, each: Restriction) -> bool:
        """Return whether the parameter has a value in every row."""
        return not any(self.word(k) == "UNDEF" for k in range(each.values.start, each.values.end))

    def leading(self, group: tuple[int, int]) -> list[Block]:
        """Return the patterns in graphs, or the subselect that groups, which follow the first values."""
        blocks = list(dropwhile(_has_values, self.blocks(group)))
        graphs = list(takewhile(lambda block: block.kind == "GRAPH", blocks))
        return graphs or [block for block in blocks[:1] if self.groups_first(block, self.always(block))]

    def after_values(self, group: tuple[int, int]) -> int:
        """Return the offset of the first part after the first values."""
        after = next(dropwhile(_has_values, self.blocks(group)), None)
        return self.pieces[group[1] if after is None else after.start].start

    def first(self, each: Restriction, group: tuple[int, int], query: str) -> str:
        """Return the first patterns with what a condition matches before them, "" if that could give other rows."""
        leading = self.leading(group)
        if not all(block.kind == "UNION" or self.is_plain(block.groups[0]) for block in leading):
            return ""
        bound = frozenset[str]().union(*map(self.always, leading))
        if self.word(each.rest) == "EXISTS":
            shared = self.shared(each)
            columns = " ".join(f"?{name}" for name in (each.param, *sorted(shared)))
            inner = self.written(query, each.rest + 1, each.block.end - 1)
            first = f"LATERAL {{ SELECT DISTINCT {columns} WHERE {inner} }}"
            return f"{first} {self.following(leading, shared, query)}" if shared and shared <= bound else ""
        names = self.equal(each)
        if not names or not bound.issuperset(names):
            return ""
        branches = (
            f"{{ BIND (?{each.param} AS ?{name}) {self.following(leading, frozenset({name}), query)}"
            # a row that is equal in two comes from the first
            f"{''.join(f' FILTER (?{other} != ?{each.param})' for other in names[:k])} }}"
            for k, name in enumerate(names)
        )
        return f"LATERAL {{ {' UNION '.join(branches)} }}"

    def shared(self, each: Restriction) -> frozenset[str]:
        """Return the variables that an EXISTS has in common with the rest, none unless it consists of patterns."""
        group = each.rest + 1, self.partners.get(each.rest + 1, 0)
        names = self.variables(*group)
        if group[1] + 1 != each.block.end or each.param not in names or not self.is_plain(group):
            return frozenset()
        outside = self.variables(0, each.block.start - 1) | self.variables(each.block.end + 1, len(self.pieces) - 1)
        return names & outside - {each.param}

    def is_plain(self, group: tuple[int, int]) -> bool:
        """Return whether a group consists of patterns."""
        return not any(part.kind for part, _ in self.parts(group))

    def equal(self, each: Restriction) -> Sequence[str]:
        """Return the variables one of which must be equal to the parameter, none if the condition is another."""
        words = "".join(piece.text for piece in self.pieces[each.rest : each.block.end]).split("||")
        pairs = [pair.groups() for word in words if (pair := _EQUAL.fullmatch(word))]
        names = [one if other == each.param else other for one, other in pairs if each.param in (one, other)]
        return names if len(names) == len(words) else ()

    def following(self, blocks: Sequence[Block], bound: frozenset[str], query: str) -> str:
        """Return patterns behind LATERAL, each next one having a variable that is bound by then, if one has."""
        ordered = connected(blocks, self.always, bound)
        return " ".join(f"LATERAL {{ {self.written(query, block.start, block.end)} }}" for block in ordered)

    def written(self, query: str, start: int, end: int) -> str:
        """Return the text from one token to another."""
        return query[slice(*self.extent(start, end))]


def _has_values(block: Block) -> bool:
    return block.kind == "VALUES"
