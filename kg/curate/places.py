"""A mapping's YAML -> which key or value stands at a line and column, and the other way round. No I/O."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from kg.core.errors import Place
from kg.core.terms import FACTS_KEY
from kg.lsp.scalars import Step, scalars
from kg.mapping.read import Node

Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A place inside a mapping.

    Attributes:
        block: of the mapping, "" if it is in none.
        fact: id of the fact, "" outside of facts.
        path: keys and numbers of items within the fact, or within the block.
    """

    block: str = ""
    fact: str = ""
    path: Path = ()


class MappingPlaces:
    """The places of one mapping."""

    def __init__(self, tree: Node | None) -> None:
        pairs = (((each.scalar.place.line, each.scalar.place.column), each.path) for each in scalars(tree))
        spots = sorted(pairs, key=itemgetter(0))
        self._points = [point for point, _ in spots]
        self._paths = [path for _, path in spots]

    def field(self, place: Place) -> FieldPlace:
        """Return the field at *place*, or in which it stands."""
        number = bisect_right(self._points, (place.line, place.column)) - 1
        path = self._paths[number] if number >= 0 else ()
        if len(path) > 1 and path[0] == FACTS_KEY:
            return FieldPlace(FACTS_KEY, str(path[1]), path[2:])
        return FieldPlace(str(path[0]), "", path[1:]) if path else FieldPlace()
