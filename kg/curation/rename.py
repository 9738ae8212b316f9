"""An old and a new id -> the revision that changes all references to the thing. No writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.core.errors import Place, UsageError
from kg.core.model import Term
from kg.core.normal import normal
from kg.core.terms import ARTICLE_CLASS, FACTS_KEY
from kg.curation.named import ReferenceFinder, named_at, with_name
from kg.curation.revision import Revision
from kg.links import sssom
from kg.links.rows import SUBJECT, with_subject
from kg.mapping.edits import changed
from kg.mapping.outline import is_usable_id
from kg.mapping.read import Scalar, Table, read_yaml, tolerant_tree
from kg.mapping.scope import Scope
from kg.mapping.tables import value_of
from kg.mapping.yaml_changes import RenameKey, YamlPath
from kg.project.settings import Project
from kg.project.sources import Source, Sources


@dataclass(frozen=True, slots=True)
class NamedThing:
    """An entity of the registry, or a fact of an article.

    Attributes:
        term: its IRI.
        id: its id in the sources, and for a fact that in its own article.
        article: id of the article that reports the fact, "" for an entity.
        class_name: its class.
    """

    term: Term
    id: str
    article: str
    class_name: str

    def name_in(self, article_id: str) -> str:
        """Return the name by which an article refers to it."""
        return self.id if self.article in ("", article_id) else f"{self.article}/{self.id}"


def thing_named(scope: Scope, name: str, article_id: str) -> NamedThing | None:
    """Return the fact or entity that *name* refers to in an article, or in the registry if *article_id* is ""."""
    article, slash, fact = name.partition("/")
    own = (article, fact) if slash else (article_id, name)
    if target := scope.facts.get("/".join(own)):
        return NamedThing(target.term, own[1], own[0], target.class_name) if target.term else None
    entity = scope.registry.get(name)
    return NamedThing(entity.term, name, "", entity.class_name) if entity and entity.term else None


@dataclass(frozen=True, slots=True)
class Things:
    """A project's sources, and the scope that resolves their names."""

    project: Project
    sources: Sources
    scope: Scope

    def places(self, thing: NamedThing) -> dict[str, frozenset[Place]]:
        """Return path -> the places in that file that refer to *thing*, without its definition."""
        finder = ReferenceFinder(self.project, self.scope)
        references = {}
        for source, is_article in self._referring(thing):
            name = thing.name_in(source.stem if is_article else "")
            references[source.path] = named_at(finder, source, thing.term, name, article=is_article)
        if self.sources.links and not thing.article:
            references[self.sources.links.path] = frozenset(_in_links(self.sources.links, self._curies(thing)))
        return {path: places for path, places in references.items() if places}

    def defined_at(self, thing: NamedThing) -> Place | None:
        """Return where a thing is defined, even in a file that is incomplete."""
        for source in self.sources.articles if thing.article else self.sources.registry:
            if thing.article in ("", source.stem) and thing.id in source.text and (key := _key(source.text, thing)):
                return Place(source.path, key.place.line, key.place.column, key.place.length)
        return None

    def renamed(self, thing: NamedThing, new: str) -> Revision:
        """Return the revision that gives *thing* the id *new* everywhere.

        Raises:
            UsageError: the id is invalid or taken, or a file that may refer to the thing is not YAML.
        """
        self._refuse(thing, new)
        texts = {source.path: source.text for source in self.sources.all}
        places, defined = self.places(thing), self.defined_at(thing)
        after = {}
        for source, is_article in self._referring(thing):
            article = source.stem if is_article else ""
            names = [replaced.name_in(article) for replaced in (thing, _with_id(thing, new))]
            text = with_name(source.text, places.get(source.path, ()), *names)
            if defined and defined.path == source.path:
                text = changed(text, [RenameKey(_path(thing), new)])
            after[source.path] = text
        if self.sources.links and not thing.article:
            links, curies = self.sources.links, self._curies(thing)
            shown = curies[0].removesuffix(thing.id) + new
            after[links.path], _ = with_subject(links.text, links.path, curies, shown)
        return Revision(texts, {path: text for path, text in after.items() if text != texts[path]})

    def _referring(self, thing: NamedThing) -> Iterator[tuple[Source, bool]]:
        """Yield the files that may refer to a thing, and whether they are articles."""
        for sources, is_article in ((self.sources.registry, False), (self.sources.articles, True)):
            for source in sources:
                if thing.id in normal(source.text):
                    yield source, is_article

    def _curies(self, thing: NamedThing) -> tuple[str, ...]:
        """Return the forms in which links may refer to an entity, the usual one first."""
        address = thing.term[1:-1]
        return f"kg:{address.removeprefix(self.project.base)}", address, thing.term

    def _refuse(self, thing: NamedThing, new: str) -> None:
        if not is_usable_id(new):
            fix = "use small letters and digits, joined by single hyphens, as in mara-lind"
            raise UsageError(f"'{new}' cannot be an id", fix)
        self._refuse_taken(thing, new)
        for source, _ in self._referring(thing):
            tree, problems = read_yaml(source.text, source.path)
            broken = next((finding for finding in problems if finding.code.startswith("KG-Y")), None)
            if tree is None or broken:
                where = broken.place if broken else source.path
                raise UsageError(f"{where}: this file may refer to '{thing.id}', but is not YAML", "correct it first")

    def _refuse_taken(self, thing: NamedThing, new: str) -> None:
        fix = "choose another id"
        if new in self.scope.registry:
            raise UsageError(f"'{new}' is already in the registry", fix)
        articles = [thing.article] if thing.article else [source.stem for source, _ in self._referring(thing)]
        for article in articles:
            if f"{article}/{new}" in self.scope.facts:
                raise UsageError(f"'{new}' is already a fact of the article '{article}'", fix)
        if thing.article and new in self.scope.vocabulary.keys[ARTICLE_CLASS]:
            raise UsageError(f"'{new}' cannot be the id of a fact: it is a key of the article", fix)


def _with_id(thing: NamedThing, new: str) -> NamedThing:
    return NamedThing(thing.term, new, thing.article, thing.class_name)


def _path(thing: NamedThing) -> YamlPath:
    return (FACTS_KEY, thing.id) if thing.article else (thing.id,)


def _key(text: str, thing: NamedThing) -> Scalar | None:
    """Return the key that defines a thing in the text of its file, None if there is none."""
    tree = tolerant_tree(text)
    table = value_of(tree, FACTS_KEY) if thing.article and isinstance(tree, Table) else tree
    entries = table.entries if isinstance(table, Table) else ()
    return next((entry.key for entry in entries if entry.key.text == thing.id), None)


def _in_links(links: Source, names: tuple[str, ...]) -> Iterator[Place]:
    head, *rows = [*sssom.rows(links.text, links.path)] or [()]
    columns = [cell.text for cell in head]
    if SUBJECT in columns:
        number = columns.index(SUBJECT)
        yield from (row[number].place for row in rows if len(row) > number and row[number].text in names)
