"""The tokens of a query -> the parts of its groups. Pure.

https://www.w3.org/TR/sparql11-query/#rGroupGraphPattern
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from kg.planning.guard import QueryToken

_T = TypeVar("_T")
OPENING, CLOSING = {"{": "}", "(": ")"}, frozenset("})")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a group.

    Attributes:
        kind: "OPTIONAL", "MINUS", "GRAPH", "LATERAL", "FILTER", "BIND", "VALUES", "UNION" for groups and their unions,
            or "" for triples and dots.
        start: number of its first token.
        end: number of its last token.
        groups: the spans of the groups that it consists of.
    """

    kind: str
    start: int
    end: int
    groups: tuple[tuple[int, int], ...] = ()


def partners_of(pieces: Sequence[QueryToken]) -> dict[int, int]:
    """Return the number of each opening brace or bracket -> that of the closing one."""
    partners, stack = dict[int, int](), list[int]()
    for k, piece in enumerate(pieces):
        if piece.kind == "other" and piece.text in OPENING:
            stack.append(k)
        elif piece.kind == "other" and piece.text in CLOSING:
            partners[stack.pop()] = k
    return partners


def connected(
    items: Iterable[_T], variables: Callable[[_T], frozenset[str]], bound: frozenset[str], *, others: bool = True
) -> Iterator[_T]:
    """Yield patterns in their order, but each after one that binds a variable of it, if there is one.

    *bound* are the variables at the beginning. Without *others*, patterns that are not connected are left out.
    """
    left = list(items)
    while left:
        item = next((each for each in left if variables(each) & bound), left[0] if others else None)
        if item is None:
            return
        left.remove(item)
        bound |= variables(item)
        yield item


def is_variable(piece: QueryToken) -> bool:
    """Return whether a token is a variable."""
    return piece.kind == "variable"


@dataclass(frozen=True, slots=True)
class QueryBlocks:
    """The tokens of a query, and where brackets close."""

    pieces: Sequence[QueryToken]
    partners: dict[int, int]

    def word(self, k: int) -> str:
        """Return token *k* in capitals if it is a word, else ""."""
        return self.pieces[k].text.upper() if k < len(self.pieces) and self.pieces[k].kind == "word" else ""

    def text(self, k: int) -> str:
        """Return token *k* if it is a bracket or another sign, else ""."""
        return self.pieces[k].text if k < len(self.pieces) and self.pieces[k].kind == "other" else ""

    def extent(self, start: int, end: int) -> tuple[int, int]:
        """Return where the text from one token to another begins and ends."""
        last = self.pieces[end]
        return self.pieces[start].start, last.start + len(last.text)

    def first_group(self, k: int) -> int | None:
        """Return the number of the first opening brace from *k* that is in no bracket."""
        while k < len(self.pieces):
            if self.text(k) == "{":
                return k
            k = self.partners[k] + 1 if self.text(k) == "(" else k + 1
        return None

    def variables(self, start: int, end: int) -> frozenset[str]:
        """Return the variables between two tokens, of a subselect only its columns."""
        names, k = set[str](), start
        while k <= end:
            if self.text(k) == "{" and self.word(k + 1) == "SELECT":
                plain, others = self.columns(k)
                names |= plain | others
                k = self.partners[k]
            elif is_variable(self.pieces[k]):
                names.add(self.pieces[k].text[1:])
            k += 1
        return frozenset(names)

    def columns(self, opening: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the columns of a subselect that are plain variables, and those that are expressions."""
        plain, others, k = set[str](), set[str](), opening + 1
        while self.text(k) != "{":
            if is_variable(self.pieces[k]):
                plain.add(self.pieces[k].text[1:])
            elif self.text(k) == "(":
                k = self.partners[k]
                others.add(self.pieces[k - 1].text[1:])
            k += 1
        return frozenset(plain), frozenset(others)

    def is_looked_up(self, group: tuple[int, int], left: frozenset[str]) -> bool:
        """Return whether a group is a subselect with one row for values that the rows before it have."""
        return self.is_restrictable(group, left) and self.columns(group[0])[0] <= left

    def is_restrictable(self, group: tuple[int, int], left: frozenset[str]) -> bool:
        """Return whether a group is a subselect that names variables of *left* only where it groups by them."""
        opening = group[0]
        where = self.first_group(opening + 1)
        if self.word(opening + 1) != "SELECT" or where is None:
            return False
        after = self.partners[where] + 1
        plain, others = self.columns(opening)
        keys = list[str]()
        if (self.word(after), self.word(after + 1)) == ("GROUP", "BY"):
            keys = [piece.text[1:] for piece in takewhile(is_variable, self.pieces[after + 2 :])]
        ends = self.word(after + 2 + len(keys)) in ("", "HAVING")
        inside = frozenset(piece.text[1:] for piece in self.pieces[where:after] if is_variable(piece))
        return bool(keys) and ends and set(keys) == plain and not (inside - plain | others) & left

    def blocks(self, group: tuple[int, int]) -> Iterator[Block]:
        """Yield the parts of a group, given by its braces. A dot or a stretch of triples is one each."""
        k, end = group[0] + 1, group[1]
        while k < end:
            block = self.block(k, end)
            yield block
            k = block.end + 1

    def block(self, k: int, end: int) -> Block:
        """Return the part that begins with token *k* of a group that closes with token *end*."""
        kind = self.word(k)
        if kind in ("OPTIONAL", "MINUS", "GRAPH", "LATERAL"):
            return self.with_group(kind, k)
        if kind == "FILTER":
            return Block(kind, k, self.end_of_filter(k))
        if kind == "BIND":
            return Block(kind, k, self.partners[k + 1])
        if kind == "VALUES":
            return Block(kind, k, self.span(k)[1])
        return self.union(k) if self.text(k) == "{" else self.triples(k, end)

    def with_group(self, kind: str, k: int) -> Block:
        """Return the part of one group that begins with token *k*."""
        span = self.span(k)
        return Block(kind, k, span[1], (span,))

    def span(self, k: int) -> tuple[int, int]:
        """Return the braces of the first group from *k*. Raises LookupError if there is none."""
        opening = self.first_group(k)
        if opening is None:
            raise LookupError("no group")
        return opening, self.partners[opening]

    def union(self, k: int) -> Block:
        """Return the group, or the union of groups, that begins with token *k*."""
        groups = [(k, self.partners[k])]
        while self.word(groups[-1][1] + 1) == "UNION":
            opening = groups[-1][1] + 2
            groups.append((opening, self.partners[opening]))
        return Block("UNION", k, groups[-1][1], tuple(groups))

    def end_of_filter(self, k: int) -> int:
        """Return the last token of a condition: a bracket, a call, or EXISTS with a group."""
        k += 1
        while self.text(k) not in OPENING:
            k += 1
        return self.partners[k]

    def triples(self, k: int, end: int) -> Block:
        """Return the triples that begin with token *k*, or a dot between other parts."""
        last = k
        while last + 1 < end and self.text(last + 1) not in OPENING and self.word(last + 1) in ("", "A"):
            last += 1
        return Block("", k, last)

    def bindable(self, block: Block) -> frozenset[str]:
        """Return the variables that a part of a group may bind."""
        if block.kind == "BIND":
            return frozenset({self.pieces[block.end - 1].text[1:]})
        return self.variables(block.start, block.end)

    def bound(self, blocks: Iterable[Block]) -> frozenset[str]:
        """Return the variables that some blocks bind in each row."""
        groups = (block.groups[0] for block in blocks if block.kind == "GRAPH")
        return self.in_patterns(part for group in groups for part, _ in self.parts(group))

    def in_patterns(self, parts: Iterable[Block]) -> frozenset[str]:
        """Return the variables of those of *parts* that are patterns."""
        return frozenset[str]().union(*(self.variables(part.start, part.end) for part in parts if not part.kind))

    def parts(self, group: tuple[int, int], direct: bool = True) -> Iterator[tuple[Block, bool]]:
        """Yield the parts of a group and of the blocks of graphs in it, and whether they stand directly in it."""
        for block in self.blocks(group):
            if block.kind == "GRAPH":
                yield Block("", block.start, block.groups[0][0]), direct
                yield from self.parts(block.groups[0], direct=False)
            else:
                yield block, direct
