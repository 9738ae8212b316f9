"""YAML nodes -> the scalar at a place, with its path and the enclosing tables. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from kg.mapping.read import Entry, Listing, Node, Scalar, Table

Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Spot:
    """A scalar in a file.

    Attributes:
        scalar: a key or a value.
        path: keys and item numbers from the top of the file to it. A key is the last part of its own path.
        around: the enclosing tables, outermost first.
        is_key: whether it is a key.
    """

    scalar: Scalar
    path: tuple[Step, ...]
    around: tuple[Table, ...]
    is_key: bool


def scalars(node: Node | None, path: tuple[Step, ...] = (), around: tuple[Table, ...] = ()) -> Iterator[Spot]:
    """Yield every key and every value, in the order of the text."""
    match node:
        case Scalar():
            yield Spot(node, path, around, is_key=False)
        case Listing():
            for number, item in enumerate(node.items):
                yield from scalars(item, (*path, number), around)
        case Table():
            for entry in node.entries:
                yield from _scalars_of(entry, path, (*around, node))


def _scalars_of(entry: Entry, path: tuple[Step, ...], around: tuple[Table, ...]) -> Iterator[Spot]:
    here = (*path, entry.key.text)
    yield Spot(entry.key, here, around, is_key=True)
    yield from scalars(entry.value, here, around)


def scalar_at(node: Node | None, line: int, column: int) -> Spot | None:
    """Return the scalar that contains or ends at a place (counted from 1), None if there is none."""
    for each in scalars(node):
        place = each.scalar.place
        if each.scalar.text and place.line == line and place.column <= column <= place.column + place.length:
            return each
    return None
