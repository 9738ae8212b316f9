"""The type that a node is written with, or that its place gives -> its class, or a finding. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.core.likeness import nearest, proposal, slip_of
from kg.core.terms import ARTICLE_CLASS, TYPE_KEY
from kg.mapping.notes import Notes, with_article
from kg.mapping.read import Node as Yaml
from kg.mapping.read import Scalar, Table
from kg.mapping.replaced import refuse_replaced
from kg.mapping.tables import value_of
from kg.ontology.vocabulary import ClassTerm, Key, Vocabulary


@dataclass(frozen=True, slots=True)
class Types:
    """Finds the classes of one file's nodes.

    Attributes:
        vocabulary: what may be said.
        notes: what is wrong.
    """

    vocabulary: Vocabulary
    notes: Notes

    def nested(self, key: Key, table: Table) -> str | None:
        """Return the class of a node in braces: its type, or the one class that the key gives it."""
        choices = self.vocabulary.nested_types(key.range)
        typed = value_of(table, TYPE_KEY)
        known = self.vocabulary.classes.get(typed.text) if isinstance(typed, Scalar) else None
        if not choices or (known and self.vocabulary.stands_alone(known.name)):
            self._not_here(key, table, known or self.vocabulary.classes[key.range])
            return None
        if typed is not None:
            return self.named(typed, choices)
        if given := self.vocabulary.class_in_braces(key):
            return given
        message = f"'{key.name}' may be of several types"
        self.notes.error(table.place, "KG-M017", message, f"add type: one of {', '.join(choices)}")
        return None

    def named(self, typed: Yaml, choices: Sequence[str]) -> str | None:
        """Return the class that a `type` names, or None with a finding."""
        if not isinstance(typed, Scalar):
            self.notes.error(
                typed.place, "KG-M006", "a type must be a single word", f"write one of {', '.join(choices)}"
            )
            return None
        if typed.text in choices:
            return typed.text
        if not refuse_replaced(self.notes, self.vocabulary, typed):
            instead = "" if typed.text in self.vocabulary.classes else slip_of(typed.text, nearest(typed.text, choices))
            self.notes.error(typed.place, "KG-M005", *self._not_chosen(typed.text, choices), instead=instead)
        return None

    def _not_chosen(self, name: str, choices: Sequence[str]) -> tuple[str, str]:
        """Return message and fix for a type that is not one of *choices*."""
        known = self.vocabulary.classes.get(name)
        choose = f"choose one of {', '.join(choices)}"
        if known is None:
            return f"there is no type '{name}'", proposal(name, choices, choose)
        if below := [each for each in choices if self.vocabulary.is_a(each, known.name)]:
            return f"the type '{name}' only groups others", f"choose one of {', '.join(below)}"
        if self.vocabulary.stands_alone(known.name):
            return f"{with_article(known.label)} is not a fact", "add it to data/registry, and refer to it by its id"
        return f"the type '{name}' is not allowed here", choose

    def _not_here(self, key: Key, table: Table, meant: ClassTerm) -> None:
        message = f"{with_article(meant.label)} cannot be described under '{key.name}'"
        article = meant.name == ARTICLE_CLASS
        fix = "write the id of the article" if article else "add it to data/registry, and write its id here"
        self.notes.error(table.place, "KG-M020", message, fix)
