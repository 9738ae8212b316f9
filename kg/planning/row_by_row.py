"""A query -> the same for Oxigraph, with its later blocks evaluated once for each row so far. Pure.

Oxigraph evaluates a block that several patterns make, after an OPTIONAL, a BIND or a UNION, for the whole graph and
joins the result by a hash table: a question about one meeting reads the posts of all. LATERAL, which Oxigraph
understands, evaluates such a block with the values of each row. The rows are the same unless a part of the block looks
at a variable that only the rows before it bind; such a block is left alone. Other engines get the query as it is.
https://github.com/w3c/sparql-dev/blob/main/SEP/SEP-0006/sep-0006.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import chain

from kg.planning.arguments_first import arguments_first
from kg.planning.guard import tokens
from kg.planning.names_last import names_last
from kg.planning.query_blocks import Block, is_variable, partners_of
from kg.planning.query_parts import PartsReader

HEADER = "#+ question:"
"""Begins a line of the header of every canned question."""

_LEFT_ALONE = frozenset({"ASK", "CONSTRUCT", "DESCRIBE", "SERVICE", "LATERAL"})
_LATERAL = "LATERAL { "
_VALUES = re.compile(r"\{.*\}(?=\s*#\+ param )")
"""The values of a parameter of a canned question, on a line of their own."""
_KINDS = {"UNDEF": "{ UNDEF }", '"': '{ "" }'}
"""What values may contain -> a block that stands for all of them; for IRIs an empty one."""
_PROPERTY = {"name": "p", "iri": "p"}
_NONE: frozenset[str] = frozenset()


def row_by_row(query: str) -> str:
    """Return a query with LATERAL wherever that gives the same rows. It must be valid SPARQL.

    >>> row_by_row("SELECT * { ?a ?b ?c OPTIONAL { ?c ?d ?e . ?e ?f ?g } }")
    'SELECT * { ?a ?b ?c LATERAL { OPTIONAL { ?c ?d ?e . ?e ?f ?g } } }'
    """
    # of the values of parameters only their kind matters, so that each question is read only once
    values = (match[0] for match in _VALUES.finditer(query))
    with suppress(LookupError):  # not SPARQL
        frame = _of_frame(_VALUES.sub(_kind_of_values, query))
        return _VALUES.sub(lambda _: next(values), frame)
    return query


def has_argument(query: str) -> bool:
    """Return whether a parameter of a canned question has a value."""
    return any("UNDEF" not in match[0] for match in _VALUES.finditer(query))


@lru_cache(maxsize=256)
def _of_frame(query: str) -> str:
    if _LEFT_ALONE & {token.text.upper() for token in tokens(query) if token.kind == "word"}:
        return query
    query = names_last(arguments_first(query))
    pieces = tuple(tokens(query))
    blocks = _Rewriting(pieces, partners_of(pieces))
    outermost = blocks.span(0)
    early = list(blocks.early(outermost))
    spans = [*blocks.lateral(outermost, _NONE, early[0][1] if early else 0)]
    added = [(pieces[start].start, 0, _LATERAL) for start, _ in spans]
    added += [(pieces[start].start, 0, "{\n  ") for start, _ in early]
    added += [(blocks.extent(start, end)[1], 1, " }") for start, end in (*spans, *early)]
    for offset, _, text in sorted(added, reverse=True):
        query = query[:offset] + text + query[offset:]
    return query if has_argument(query) else _with_minus(query)


def _with_minus(query: str) -> str:
    """Return a query about the whole graph that reads what must not exist once, not for each row."""
    pieces = tuple(tokens(query))
    blocks = _Rewriting(pieces, partners_of(pieces))
    for k in reversed([*blocks.absences(blocks.span(0))]):  # of FILTER NOT EXISTS
        start, end = blocks.extent(k, k + 2)
        query = f"{query[:start]}MINUS{query[end:]}"
    return query


def _kind_of_values(match: re.Match[str]) -> str:
    """Return a block that stands for all values of one kind."""
    return next((block for part, block in _KINDS.items() if part in match[0]), "{ }")


class _Rewriting(PartsReader):
    """A query, and where its blocks may be evaluated row by row."""

    __slots__ = ()

    def absences(self, group: tuple[int, int]) -> Iterator[int]:
        """Yield the first tokens of the conditions of a group, and of groups it begins with, that MINUS may replace.

        Each is that a variable that is bound by then has no value of a property.
        """
        certain = _NONE
        for block in self.blocks(self.span(group[0] + 1) if self.word(group[0] + 1) == "SELECT" else group):
            if block.kind == "FILTER" and self.is_absence(block, certain):
                yield block.start
            if block.kind == "UNION" and not certain:
                yield from chain.from_iterable(map(self.absences, block.groups))
            certain |= self.always(block)

    def is_absence(self, block: Block, certain: frozenset[str]) -> bool:
        """Return whether a condition is NOT EXISTS of one pattern about one of the variables *certain*."""
        inside = self.pieces[block.start : block.end + 1]
        form = "".join("?" if is_variable(piece) else _PROPERTY.get(piece.kind, piece.text) for piece in inside)
        if form.upper() != "FILTERNOTEXISTS{GRAPH?{?P?}}":
            return False
        graph, subject, value = (piece.text[1:] for piece in inside if is_variable(piece))
        names = [piece.text[1:] for piece in self.pieces if is_variable(piece)]
        return subject in certain and names.count(graph) == names.count(value) == 1

    def early(self, group: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield the spans from the beginning of a group to a condition that no part after it can change.

        As groups of their own they are left before the rest is looked up for rows that do not count.
        """
        blocks = list(self.blocks(group))
        before = [self.variables(group[0], block.start - 1) for block in blocks]
        for k, block in enumerate(blocks):
            if block.kind == "FILTER":
                rest = [n for n in range(k + 1, len(blocks)) if blocks[n].kind != "FILTER"]
                named = frozenset[str]().union(*(self.bindable(blocks[n]) for n in rest))
                if self.variables(block.start, block.end) & named - self.bound(blocks[:k]):
                    return  # the conditions after it would take it with them
                if rest and all(blocks[n].kind == "BIND" or self.is_safe(blocks[n], before[n]) for n in rest):
                    yield blocks[0].start, block.end

    def lateral(self, group: tuple[int, int], left: frozenset[str], early: int = 0) -> Iterator[tuple[int, int]]:
        """Yield the spans of the parts of a group, and of groups in it, that LATERAL may stand before.

        *left* are the variables of the parts before the group, outside it. *early* is where its first part that is a
        group of its own ends, 0 if there is none.
        """
        if self.word(group[0] + 1) == "SELECT":
            inner = self.first_group(group[0] + 1)
            yield from self.lateral((inner, self.partners[inner]), _NONE) if inner is not None else ()
            return
        before, follows, late, values = left, False, False, True
        for block in self.blocks(group):
            if block.kind not in ("FILTER", "MINUS"):
                is_later = follows and (late or block.kind in ("OPTIONAL", "UNION"))
                if self.sees(block, before, is_later, values):
                    yield block.start, block.end
                yield from chain.from_iterable(self.lateral(inner, before) for inner in block.groups)
            late = late or 0 < early <= block.end
            values = values and block.kind == "VALUES"
            if block.kind != "FILTER":
                late = late or block.kind not in ("GRAPH", "VALUES", "")
                follows = follows or self.text(block.start) != "."
                before |= self.variables(block.start, block.end)

    def sees(self, block: Block, before: frozenset[str], is_later: bool, values: bool) -> bool:
        """Return whether a part may see the rows before it: it *is_later*, or groups by what *values* give."""
        groups = values and not before.isdisjoint(self.variables(block.start, block.end))
        return (is_later and self.is_safe(block, before)) or (groups and self.groups_first(block, before))

    def is_safe(self, block: Block, left: frozenset[str]) -> bool:
        """Return whether a part gives the same rows if it sees the values of variables that stand before it."""
        if block.kind not in ("OPTIONAL", "GRAPH", "UNION"):
            return False
        if any(self.word(k) == "SELECT" for k in range(block.start, block.end)):
            return len(block.groups) == 1 and self.is_looked_up(block.groups[0], left)
        return all(self.is_safe_group(group, left, block.kind == "OPTIONAL") for group in block.groups)

    def is_safe_group(self, group: tuple[int, int], left: frozenset[str], filters_see: bool = False) -> bool:
        """Return whether only what matches in a group, and what may see it, names variables of *left*.

        The conditions of an OPTIONAL see the rows before it in any case: *filters_see*.
        """
        parts = list(self.parts(group))
        bound = self.in_patterns(part for part, _ in parts)
        return all(
            (filters_see and direct and part.kind == "FILTER") or self.is_safe_part(part, left, bound)
            for part, direct in parts
        )

    def is_safe_part(self, part: Block, left: frozenset[str], bound: frozenset[str]) -> bool:
        """Return whether a part of a group whose patterns bind *bound* sees no other value of *left*."""
        named = self.variables(part.start, part.end)
        match part.kind:
            case "UNION":
                return all(self.is_safe_group(inner, left) for inner in part.groups)
            case "BIND" if self.pieces[part.end - 1].text[1:] in left:
                return False
            case "MINUS" if not named & bound:  # it removes nothing
                return False
            case "FILTER" | "BIND" | "OPTIONAL" | "MINUS":
                return not (named & left) - bound
            case _:
                return True
