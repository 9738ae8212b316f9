"""A mapping's YAML -> its blocks, its text and its language, and what is wrong with the blocks. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.core.errors import Place
from kg.core.likeness import nearest, proposed, slip_of
from kg.core.model import Pins, Term, Text
from kg.core.terms import ARTICLE_KEY, CURATION_KEY, FACTS_KEY, LANGUAGE_KEY, TEXT_KEY, TEXT_KIND_KEY, WITHHELD, cq
from kg.core.values import lang_literal
from kg.mapping.notes import EVERYTHING, MOST_REFUSED, Notes
from kg.mapping.read import Node, Scalar, Table
from kg.mapping.tables import first_text, value_of
from kg.mapping.texts import normal_text

DEFAULT_LANGUAGE = "en"
NAMES = (ARTICLE_KEY, CURATION_KEY, FACTS_KEY)
NO_TABLE = Table((), Place(""))

Blocks: TypeAlias = Mapping[str, tuple[Place, Table]]
"""Name of a block -> the place of its key, and its content."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What belongs to an article and is not in its mapping.

    Attributes:
        text: content of its textFile, None if it is not available.
        pins: the positions of its quotes in a text that is not available, if they are known.
        problem: why the textFile cannot be used, or "".
        fix: how to correct that.
    """

    text: str | None = None
    pins: Pins | None = None
    problem: str = ""
    fix: str = ""


NOTHING_OUTSIDE = Outside()


def blocks_of(notes: Notes, tree: Node | None, path: str, article: Term) -> Blocks:
    """Return the blocks, each with the place of its key, and note what is wrong with them."""
    if not isinstance(tree, Table):
        if tree is not None:
            message = "a mapping must be a table with the blocks article, curation and facts"
            notes.error(tree.place, "KG-M001", message, "begin with 'article:' at the start of a line")
        return {}
    blocks: dict[str, tuple[Place, Table]] = {}
    _refuse_blocks(notes, [entry.key for entry in tree.entries if entry.key.text not in NAMES])
    for entry in tree.entries:
        name, value = entry.key.text, entry.value
        if name not in NAMES:
            continue
        if isinstance(value, Table):
            blocks[name] = entry.key.place, value
        elif not (name == FACTS_KEY and isinstance(value, Scalar) and value.plain and not value.text):
            notes.error(entry.key.place, "KG-M006", f"'{name}' must be a table of keys", "indent its keys below it")
    _miss_blocks(notes, tree, path)
    if ARTICLE_KEY not in blocks:
        notes.damage(article, [EVERYTHING])
    if CURATION_KEY not in blocks:
        notes.damage(article, [cq(CURATION_KEY)])
    return blocks


def _refuse_blocks(notes: Notes, keys: Sequence[Scalar]) -> None:
    """Note the keys that are not blocks of a mapping; of very many, how many follow."""
    listed = f"the blocks of a mapping are {', '.join(NAMES)}; facts go under 'facts:'"
    for key in keys[:MOST_REFUSED]:
        message = f"a mapping has no block '{key.text}'"
        near = nearest(key.text, NAMES)
        notes.error(key.place, "KG-M001", message, proposed(near, listed), instead=slip_of(key.text, near))
    notes.rest_refused(keys, "KG-M001", "a mapping has no block", listed)


def _miss_blocks(notes: Notes, tree: Table, path: str) -> None:
    """Note which blocks are missing, unless they seem to be misspelt or inside another block."""
    meant = {*(entry.key.text for entry in tree.entries), *_inner_keys(tree)}
    for block in (ARTICLE_KEY, CURATION_KEY):
        if block not in meant and not any(f"'{block}'" in finding.fix for finding in notes.findings):
            place = tree.entries[0].key.place if tree.entries else Place(path)
            fix = f"add '{block}:' at the start of a line, with its keys below it"
            notes.error(place, "KG-M002", f"the block '{block}' is missing", fix)


def _inner_keys(tree: Table) -> Iterator[str]:
    article = value_of(tree, ARTICLE_KEY)
    if isinstance(article, Table):
        yield from (entry.key.text for entry in article.entries)


def text_of(article: Table, outside: Outside) -> Text | None:
    """Return the text to quote from: from the file outside, from the mapping, or what pins record of it."""
    shown = first_text(value_of(article, TEXT_KIND_KEY)) != WITHHELD
    raw = outside.text if outside.text is not None else first_text(value_of(article, TEXT_KEY))
    if raw.strip():
        return normal_text(raw, shown=shown)
    pins = outside.pins
    return Text("", pins.sha256, pins.length, False, pins.sentences, pins.spans) if pins and not shown else None


def language_of(article: Table) -> str:
    """Return the language of plain text in the mapping."""
    language = first_text(value_of(article, LANGUAGE_KEY))
    try:
        lang_literal("", language)
    except ValueError:
        return DEFAULT_LANGUAGE  # the key itself is checked as a value
    return language
