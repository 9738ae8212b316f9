"""A place in an open file -> the key or value there, and what it refers to. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from kg.core.terms import TYPE_KEY, cq
from kg.curation.rename import NamedThing, thing_named
from kg.lsp.meaning import ValueSlot, slot_of
from kg.lsp.opened import KnownNames
from kg.lsp.scalars import Spot, scalar_at
from kg.mapping.read import tolerant_tree
from kg.ontology.vocabulary import Kind, Vocabulary


@dataclass(frozen=True, slots=True)
class At:
    """A place in a file of an open project.

    Attributes:
        names: the known names of the project.
        path: the path of the file.
        text: its current text.
        line: from 1.
        column: from 1, in code points.
        is_article: whether the file is an article.
    """

    names: KnownNames
    path: str
    text: str
    line: int
    column: int
    is_article: bool

    @property
    def article_id(self) -> str:
        """The id of the article, "" in a file of the registry."""
        source = self.names.source(self.path)
        return source.stem if self.is_article and source else ""

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the project."""
        return self.names.desk.vocabulary

    def spot(self) -> Spot | None:
        """Return the key or the value there, None if there is none."""
        return scalar_at(tolerant_tree(self.text), self.line, self.column)

    def slot(self, spot: Spot) -> ValueSlot | None:
        """Return what the ontology says about that spot, None if nothing."""
        return slot_of(spot, self.vocabulary, article=self.is_article)

    def is_id(self, spot: Spot) -> bool:
        """Return whether *spot* is the id that defines a fact or an entity."""
        return spot.is_key and len(spot.path) == (2 if self.is_article else 1) and self.slot(spot) is None

    def thing(self, spot: Spot) -> NamedThing | None:
        """Return the fact or the entity that *spot* defines or refers to, None if it is something else."""
        slot, scope = self.slot(spot), self.names.desk.scope
        refers = slot is not None and slot.key is not None and slot.key.kind in (Kind.NODE, Kind.ANY)
        if not self.is_id(spot) and (spot.is_key or not refers):
            return None
        return thing_named(scope, spot.scalar.text, self.article_id)

    def term(self, spot: Spot) -> str:
        """Return the IRI of the class, key or code at *spot*, "" if there is none."""
        slot, text = self.slot(spot), spot.scalar.text
        if slot is None:
            return ""
        if spot.is_key:
            key = self.vocabulary.keys.get(slot.holder, {}).get(text)
            return key.iri if key else ""
        if slot.keyword == TYPE_KEY:
            return cq(text)[1:-1] if text in self.vocabulary.classes else ""
        code = self.vocabulary.codes.get(slot.key.range, {}).get(text) if slot.key else None
        return code.iri if code else ""
