"""Queries on YAML tables. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kg.core.terms import QUOTE_KEY, REMARK_KEYS
from kg.mapping.read import Entry, Listing, Node, Scalar, Table


def entry_of(table: Table, key: str) -> Entry | None:
    """Return the entry of *key*, or None."""
    if key:
        for entry in table.entries:
            if entry.key.text == key:
                return entry
    return None


def value_of(table: Table, key: str) -> Node | None:
    """Return the value of *key*, or None."""
    entry = entry_of(table, key)
    return entry.value if entry else None


def holds_tables(node: Node) -> bool:
    """Return whether *node* is a table, or a list that contains one."""
    return isinstance(node, Table) or (isinstance(node, Listing) and any(map(holds_tables, node.items)))


def without(table: Table, *keys: str) -> Table:
    """Return *table* without some keys."""
    return replace(table, entries=tuple(entry for entry in table.entries if entry.key.text not in keys))


def first_text(node: Node | None) -> str:
    """Return the text of a scalar or of a list's only item, or the first of a table of languages; else ""."""
    match node:
        case Scalar():
            return node.text
        case Listing(items=(one,)):
            return first_text(one)
        case Table():
            return next((entry.value.text for entry in node.entries if isinstance(entry.value, Scalar)), "")
        case _:
            return ""


def content_lines(node: Node, path: str = "", but: Sequence[str] = REMARK_KEYS) -> Iterator[str]:
    """Yield a line for each scalar below *node*, the same lines whatever the order of keys and items.

    A curator's remarks are left out, because adding a reason does not make it another node.
    """
    match node:
        case Scalar():
            yield f"{path}={node.text}"
        case Table():
            for entry in without(node, *but).entries:
                yield from content_lines(entry.value, f"{path}/{entry.key.text}", but)
        case Listing():
            for item in node.items:
                yield from content_lines(item, f"{path}/", but)


def naming_lines(node: Node) -> Iterator[str]:
    """Yield the lines that name a node: those of its content without its quotes, which may be chosen differently."""
    return content_lines(node, but=(*REMARK_KEYS, QUOTE_KEY))
