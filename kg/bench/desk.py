"""A project -> its vocabulary, words and an index of the registry's names, for the bench. Reads the project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kg.mapping.scope import Scope
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.compile import compile_project
from kg.project.settings import Project
from kg.project.sources import Sources, read_sources
from kg.questions.names import NameIndex, Thing
from kg.words.names import letters


@dataclass(frozen=True)
class Desk:
    """A project that a curator is working on.

    Attributes:
        project: its settings.
        sources: its files.
        scope: the scope that resolves names.
    """

    project: Project
    sources: Sources
    scope: Scope

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary of the project."""
        return self.scope.vocabulary

    @cached_property
    def names(self) -> NameIndex:
        """The index of the registry's names."""
        return name_index(self.scope)

    def means(self, name: str, class_name: str) -> Thing | None:
        """Return the only entity of a class with this name, ignoring case, accents and punctuation."""

        def fits(thing: Thing) -> bool:
            return self.vocabulary.is_a(thing.type, class_name)

        for typed in (name, name.partition(" ")[2] if name.lower().startswith("the ") else ""):
            things = next(filter(None, self.names.meaning(typed, fits)), ()) if typed else ()
            whole = [thing for thing in things if thing.id == typed or any(_is_whole(typed, n) for n in thing.names)]
            if whole:
                return whole[0] if len(whole) == 1 else None
        return None


def _is_whole(typed: str, name: str) -> bool:
    return letters(typed) == letters(name)


def open_desk(project: Project) -> Desk:
    """Return the desk of a project. Only the names of its articles are read.

    Raises:
        InputError: the project or its ontology cannot be used.
    """
    sources = read_sources(project)
    compiled = compile_project(project, sources, only=frozenset())
    return Desk(project, sources, compiled.scope)


def name_index(scope: Scope) -> NameIndex:
    """Return the registry's entities by all their names. The id is from the registry, the type a local name."""
    return NameIndex(_things(scope))


def _things(scope: Scope) -> Iterator[Thing]:
    for identifier, target in scope.registry.items():
        if target.term:
            yield Thing(target.term, identifier, target.names, target.class_name)
