"""A query about the whole graph -> the same for Oxigraph, with properties of most things read at once. Pure.

Oxigraph looks up all patterns of a block but the first for each row so far, which takes some 6 µs. As subselects they
are joined by a hash table, which takes 0.35 µs for each quad that they read. That is done for the patterns that a
query begins with, or a group that it begins with, unless values restrict them.
https://www.w3.org/TR/sparql11-query/#subqueries
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, dropwhile, takewhile

from kg.planning.guard import QueryToken, tokens
from kg.planning.query_blocks import Block, connected, is_variable, partners_of
from kg.planning.query_parts import PartsReader

_RATIO = 20
"""How many quads are read at once rather than one looked up."""
_TERMS = frozenset({"variable", "name", "iri"})
_DOT = QueryToken("other", ".", 0)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of a block, with a constant predicate.

    Attributes:
        text: as written, in its graph.
        variables: those in it.
        quads: what it matches, as a pattern that names nothing of the query.
    """

    text: str
    variables: frozenset[str]
    quads: str

    @property
    def at_once(self) -> str:
        """It as a subselect."""
        return f"{{ SELECT {' '.join(f'?{name}' for name in sorted(self.variables))} WHERE {{ {self.text} }} }}"


def at_once(query: str, size: Callable[[str], int]) -> str:
    """Return a query with the same rows. *size* returns how many quads a pattern matches.

    Raises:
        LookupError: it is not SPARQL.
    """
    pieces = tuple(tokens(query))
    reader = _Leading(pieces, partners_of(pieces))
    edits = [edit for group in reader.beginnings(reader.span(0)) if (edit := reader.edit(group, size))]
    for start, end, text in sorted(edits, reverse=True):
        query = f"{query[:start]}{text}{query[end:]}"
    return query


class _Leading(PartsReader):
    """The tokens of a query, and the patterns that its groups begin with."""

    __slots__ = ()

    def beginnings(self, group: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yield a group and those that it begins with."""
        if self.word(group[0] + 1) == "SELECT":
            group = self.span(group[0] + 1)
        yield group
        first = next((block for block in self.without_dots(group) if block.kind != "VALUES"), None)
        if first and first.kind == "UNION":
            yield from chain.from_iterable(map(self.beginnings, first.groups))

    def edit(self, group: tuple[int, int], size: Callable[[str], int]) -> tuple[int, int, str] | None:
        """Return what replaces the first patterns of a group, and where these begin and end, None if nothing does."""
        parts = dropwhile(self.is_without_value, self.without_dots(group))
        blocks = list(takewhile(lambda block: block.kind == "GRAPH", parts))
        patterns = [self.patterns(block) for block in blocks]
        if not blocks or not all(patterns):
            return None
        sizes = {pattern: size(pattern.quads) for pattern in chain.from_iterable(patterns)}
        rarest = min(patterns[0], key=sizes.__getitem__)
        near = [pattern for pattern in sizes if sizes[pattern] <= _RATIO * sizes[rarest]]
        others = sorted((pattern for pattern in near if pattern != rarest), key=sizes.__getitem__)
        joined = [rarest, *connected(others, _variables, rarest.variables, others=False)]
        if len(joined) < 2:
            return None
        bound = frozenset[str]().union(*(pattern.variables for pattern in joined))
        left = connected((pattern for pattern in sizes if pattern not in joined), _variables, bound)
        texts = [*(pattern.at_once for pattern in joined), *(f"LATERAL {{ {pattern.text} }}" for pattern in left)]
        return *self.extent(blocks[0].start, blocks[-1].end), "\n  ".join(texts)

    def is_without_value(self, block: Block) -> bool:
        """Return whether a block stands for a parameter without a value."""
        return block.kind == "VALUES" and self.word(block.end - 1) == "UNDEF"

    def patterns(self, block: Block) -> list[Pattern]:
        """Return the patterns of a block, none if one has no constant predicate, or the block has other parts."""
        graph, patterns, words = self.pieces[block.start + 1], list[Pattern](), list[QueryToken]()
        for piece in (*self.pieces[block.groups[0][0] + 1 : block.groups[0][1]], _DOT):
            if (piece.kind in _TERMS and "\\" not in piece.text) or piece.text == "a":
                words.append(piece)
            elif piece.text not in (".", ";") or [*map(is_variable, words[:2])] not in ([], [True, False]):
                return []
            elif words:
                patterns.append(self.pattern(graph, *words))
                words = words[:1] if piece.text == ";" else []
        return patterns

    def pattern(self, graph: QueryToken, subject: QueryToken, predicate: QueryToken, value: QueryToken) -> Pattern:
        """Return the pattern of some terms."""
        terms = (graph, subject, predicate, value)
        text = "GRAPH {} {{ {} {} {} }}"
        return Pattern(
            text.format(*(term.text for term in terms)),
            frozenset(term.text[1:] for term in terms if is_variable(term)),
            text.format(*(f"?{k}" if is_variable(term) else self.full(term) for k, term in enumerate(terms))),
        )


def _variables(pattern: Pattern) -> frozenset[str]:
    return pattern.variables
