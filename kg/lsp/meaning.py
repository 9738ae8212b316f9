"""A scalar in a mapping + the vocabulary -> the class of its table, and the key of which it is a value. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.core.terms import ARTICLE_CLASS, ARTICLE_KEY, CURATION_KEY, ENTITY_CLASS, FACT_CLASS, FACTS_KEY, TYPE_KEY
from kg.lsp.scalars import Spot
from kg.mapping.read import Table
from kg.mapping.tables import first_text, value_of
from kg.ontology.vocabulary import Key, Kind, Vocabulary


@dataclass(frozen=True, slots=True)
class ValueSlot:
    """What is allowed at a place in a mapping.

    Attributes:
        holder: local name of the class of the enclosing table, as far as its type is given, "" for the blocks.
        choices: the classes that the table may have as its type, empty if it takes no type.
        key: the key of which it is a value, None for keywords and if *holder* has no such key.
        keyword: the key as written, "" if the place is a key itself.
        blocks: the keys that are allowed if *holder* is "".
    """

    holder: str = ""
    choices: tuple[str, ...] = ()
    key: Key | None = None
    keyword: str = ""
    blocks: tuple[str, ...] = ()


def slot_of(spot: Spot, vocabulary: Vocabulary, *, article: bool) -> ValueSlot | None:
    """Return what is allowed at *spot*, None if nothing is known about it, as for ids."""
    names = [step for step in spot.path if isinstance(step, str)]
    if not names:
        return None
    reader = _SlotReader(vocabulary, spot.around, names, is_key=spot.is_key)
    return reader.of_article() if article else reader.of_entity()


@dataclass(frozen=True, slots=True)
class _SlotReader:
    vocabulary: Vocabulary
    around: Sequence[Table]
    names: Sequence[str]
    is_key: bool

    def of_article(self) -> ValueSlot | None:
        first = self.names[0]
        if len(self.names) == 1 and self.is_key:
            return ValueSlot(blocks=(ARTICLE_KEY, CURATION_KEY, FACTS_KEY))
        if first == ARTICLE_KEY:
            return self._below(1, ARTICLE_CLASS, ())
        if first == CURATION_KEY:
            return self._below(1, self.vocabulary.keys[ARTICLE_CLASS][CURATION_KEY].range, ())
        return self._typed(2, FACT_CLASS) if first == FACTS_KEY else None

    def of_entity(self) -> ValueSlot | None:
        return self._typed(1, ENTITY_CLASS)

    def _typed(self, depth: int, root: str) -> ValueSlot | None:
        """Return the slot in a table with an id: a fact, or an entity."""
        if len(self.names) <= depth:
            return None
        choices = self.vocabulary.concrete[root]
        return self._below(depth, self._type(self.around[depth], choices) or root, choices)

    def _below(self, depth: int, holder: str, choices: tuple[str, ...]) -> ValueSlot | None:
        """Return the slot at or below the table at *depth*, which has the class *holder*."""
        if len(self.names) <= depth:
            return None
        name = self.names[depth]
        key = self.vocabulary.keys.get(holder, {}).get(name)
        if len(self.names) == depth + 1 and (self.is_key or len(self.around) == depth + 1):
            return ValueSlot(holder, choices, None if self.is_key else key, "" if self.is_key else name)
        if key is None or key.kind is not Kind.NODE:
            return None
        inner = self.vocabulary.nested_types(key.range)
        given = self._type(self.around[depth + 1], inner) or self.vocabulary.class_in_braces(key) or key.range
        return self._below(depth + 1, given, inner)

    def _type(self, table: Table, choices: Sequence[str]) -> str:
        typed = first_text(value_of(table, TYPE_KEY))
        return typed if typed in choices else ""
