"""A file's YAML -> what it defines, before it is compiled, so that files may refer to each other. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.core import iri
from kg.core.terms import ARTICLE_KEY, FACTS_KEY, TEXT_FILE_KEY, TYPE_KEY
from kg.mapping.read import Listing, Node, Scalar, Table
from kg.mapping.tables import first_text, value_of

RESERVED_IDS = frozenset({"text", "evidence"})
"""IRI segments below an article that the compiler uses."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file defines: id -> its type as written, "" if it cannot be used; and id -> label."""

    classes: Mapping[str, str]
    labels: Mapping[str, str]


def outline(tree: Node | None, *, article: bool) -> Outline:
    """Return what the file defines: an article's facts, or registry entities."""
    block = value_of(tree, FACTS_KEY) if article and isinstance(tree, Table) else tree
    entries = block.entries if isinstance(block, Table) else ()
    tables = {entry.key.text: entry.value for entry in entries if isinstance(entry.value, Table)}
    classes = {name: first_text(value_of(table, TYPE_KEY)) for name, table in tables.items() if is_usable_id(name)}
    return Outline(
        {entry.key.text: classes.get(entry.key.text, "") for entry in entries},
        {name: first_text(value_of(table, "name")) for name, table in tables.items()},
    )


def is_usable_id(name: str) -> bool:
    """Return whether a fact or an entity may be called *name*."""
    return iri.is_id(name) and name not in RESERVED_IDS


def text_file(tree: Node | None) -> Scalar | None:
    """Return the name of the file with the article's text, None if the mapping names none."""
    article = value_of(tree, ARTICLE_KEY) if isinstance(tree, Table) else None
    name = value_of(article, TEXT_FILE_KEY) if isinstance(article, Table) else None
    name = name.items[0] if isinstance(name, Listing) and len(name.items) == 1 else name
    return name if isinstance(name, Scalar) and name.text.strip() else None
