"""The registry's files, articles and links -> matching entities, merges and splits. No writing.

Reads the sources rather than a build, so that the latest changes are known. The compiler determines where an entity is
referred to, so that an identical word in prose is never mistaken for a reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.core.errors import NotFoundError, Place, UsageError
from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import ENTITY_CLASS, TYPE_KEY
from kg.core.values import lexical
from kg.curation.named import ReferenceFinder, named_at, with_name
from kg.curation.revision import Revision
from kg.links.links import EXACT, Links
from kg.links.rows import with_subject
from kg.mapping.edits import changed
from kg.mapping.entity_data import Merged, merged
from kg.mapping.yaml_changes import AddComment, AddEntry, Remove, SetValue, YamlChange
from kg.mapping.yaml_nodes import Data
from kg.mapping.yaml_places import YamlText
from kg.ontology.vocabulary import Key
from kg.pipeline.checks import stated_store
from kg.pipeline.compile import Compiled, compile_project
from kg.pipeline.link_sources import project_links
from kg.project.settings import Project
from kg.project.sources import Source, Sources, read_sources
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names, find
from kg.questions.names import SURE, Match


@dataclass(frozen=True, slots=True)
class OpenRegistry:
    """A project's sources, their compiled records, and a graph of them."""

    project: Project
    sources: Sources
    compiled: Compiled
    graph: Graph
    links: Links

    @property
    def texts(self) -> dict[str, str]:
        """Path -> text of every source."""
        return {source.path: source.text for source in self.sources.all}

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Prefix -> namespace, from the ontology and the links."""
        return {**self.compiled.vocabulary.prefixes, "kg": self.project.base, **self.links.prefixes}

    def exact_matches(self) -> Iterator[tuple[Term, str]]:
        """Yield each of our entities with the IRI of an exact match in another registry."""
        yield from ((quad.subject, lexical(quad.object)) for quad in self.links.quads if quad.predicate == EXACT)

    def id(self, entity: Term) -> str:
        """Return the id of an entity as used in the sources."""
        return self.graph.id(entity).rpartition("/")[2]

    def place(self, entity: Term) -> Place:
        """Return where an entity is defined."""
        return next(record.places[entity] for record in self.compiled.registry if entity in record.places)


def open_registry(project: Project) -> OpenRegistry:
    """Read and compile the project's sources.

    Raises:
        InputError: the ontology cannot be used, or there is no data.
    """
    sources = read_sources(project)
    compiled = compile_project(project, sources)
    links = project_links(project, sources, compiled)
    store = stated_store(project, compiled, links)
    return OpenRegistry(project, sources, compiled, Graph(store, project.base), links)


# -------- candidates


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a name may refer to.

    Attributes:
        id: its id in the sources.
        score: similarity from 0 to 1, which is 1 for the same name.
        reason: why it matches.
        name: the matching name.
        kind: the label of its class.
        hint: what distinguishes it from others of the same name, or "".
        place: where it is defined.
    """

    id: str
    score: float
    reason: str
    name: str
    kind: str
    hint: str
    place: Place


def candidates_for(registry: OpenRegistry, name: str, most: int, class_name: str = "") -> list[Candidate]:
    """Return the entities that *name* may refer to, most similar first, including names that only articles report.

    Raises:
        UsageError: the ontology has no such class.
    """
    classes = registry.graph.subclasses(class_name or ENTITY_CLASS)
    matches = entity_names(registry.graph).like(name, most, lambda thing: thing.type in classes)
    known = {term for record in registry.compiled.registry for term in record.places}
    return [_candidate(registry, match, name) for match in matches if match.thing.term in known]


def _candidate(registry: OpenRegistry, match: Match, typed: str) -> Candidate:
    thing = match.thing
    place = registry.place(thing.term)
    return Candidate(
        registry.id(thing.term),
        round(match.likeness, 2),
        _reason(match, typed),
        match.name,
        thing.kind,
        thing.hint,
        place,
    )


def _reason(match: Match, typed: str) -> str:
    if typed.strip() in (match.thing.id, match.thing.id.rpartition("/")[2]):
        return "its id"
    if match.likeness == 1:
        return "the same name"
    if match.name in match.thing.taken_back:
        return "the same name, which a report took back"
    if match.likeness >= SURE:
        return "the same apart from accents and punctuation"
    one, other = set(bare(typed).split()), set(bare(match.name).split())
    if one < other:
        return "a part of its name"
    return "its name is a part of this" if other < one else "a similar name"


def entity(registry: OpenRegistry, typed: str) -> Term:
    """Return the entity that the user means by *typed*: an id, an IRI or a name.

    Raises:
        NotFoundError: no entity matches.
        AmbiguousError: several match.
    """
    match = find(registry.graph, typed, ENTITY_CLASS)
    if not any(match in record.places for record in registry.compiled.registry):
        raise NotFoundError(f"'{typed}' is not in the registry", "name an entity of data/registry")
    return match


# -------- merging


def merge(registry: OpenRegistry, kept: Term, gone: Term) -> Revision:
    """Return the revision that replaces *gone* by *kept* everywhere: in the registry, in articles and in links.

    The values of *gone* are added to *kept*, its names as alternative names. If both have a key that takes only one
    value, the value of *kept* stays, and a remark says so. Comments are moved, too.

    Raises:
        UsageError: they are the same, have different types, or are declared to be different.
    """
    if kept == gone:
        raise UsageError("the two are already the same entity", "name two entities")
    keep, lose = registry.id(kept), registry.id(gone)
    texts = registry.texts
    result = _joined(registry, kept, gone)
    revised = _with_references(registry, gone, keep)
    path, other = registry.place(kept).path, registry.place(gone).path
    comments = YamlText(revised[other]).comments((lose,))
    revised[other] = changed(revised[other], [Remove((lose,))])
    revised[path] = changed(revised[path], [*_rewritten(keep, result.data), *_comments(keep, comments)])
    remarks = [
        f"'{key}' of {lose} is dropped, because {keep} has another one: {value}" for key, value in result.dropped
    ]
    if registry.sources.links:
        links = registry.sources.links.path
        revised[links], more = with_subject(revised[links], links, _curies(registry, gone), _curies(registry, kept)[0])
        remarks += more
    return _revision(texts, revised, remarks)


def _joined(registry: OpenRegistry, kept: Term, gone: Term) -> Merged:
    one, other = (_data(registry, each) for each in (kept, gone))
    keep, lose = registry.id(kept), registry.id(gone)
    if one.get(TYPE_KEY) != other.get(TYPE_KEY):
        message = f"'{keep}' is of type {one.get(TYPE_KEY)}, and '{lose}' of type {other.get(TYPE_KEY)}"
        raise UsageError(message, "give both the same type first, if they are one")
    result = merged(one, other, keep, lose, _keys(registry, str(one.get(TYPE_KEY))))
    if result.apart:
        raise UsageError(f"'{keep}' and '{lose}' are declared to be different", "remove their distinctFrom first")
    return result


def _keys(registry: OpenRegistry, class_name: str) -> Mapping[str, Key]:
    return registry.compiled.vocabulary.keys.get(class_name, {})


def _data(registry: OpenRegistry, entity: Term) -> Mapping[str, Data]:
    node = YamlText(registry.texts[registry.place(entity).path]).node((registry.id(entity),))
    data = node.data()
    return data if isinstance(data, Mapping) else {}


def _rewritten(identifier: str, data: Mapping[str, Data]) -> list[YamlChange]:
    return [SetValue((identifier, key), value) for key, value in data.items()]


def _comments(identifier: str, comments: Sequence[str]) -> list[YamlChange]:
    return [AddComment((identifier,), tuple(comments))] if comments else []


def _curies(registry: OpenRegistry, entity: Term) -> tuple[str, ...]:
    """Return the forms in which links may refer to an entity, the usual one first."""
    return f"kg:{registry.graph.id(entity)}", entity[1:-1], f"<{entity[1:-1]}>"


def _revision(before: Mapping[str, str], after: Mapping[str, str], remarks: Iterable[str]) -> Revision:
    return Revision(before, {path: text for path, text in after.items() if before.get(path) != text}, tuple(remarks))


# -------- splitting


def split(registry: OpenRegistry, old: Term, new: str, name: str, hint: str, within: Sequence[str]) -> Revision:
    """Return the revision by which the articles or facts *within* refer to a new entity instead of *old*.

    The new entity has the type of *old*, and its name unless *name* is given. The two are declared to be different.
    Links stay with *old*.

    Args:
        registry: the registry of the project.
        old: the existing entity.
        new: the id of the new entity.
        name: the name of the new entity, "" for that of *old*.
        hint: what distinguishes it from *old*, or "".
        within: ids of articles, or of facts as `article/fact`.

    Raises:
        UsageError: the id is taken, or an article or fact does not exist or does not refer to *old*.
    """
    identifier, texts = registry.id(old), registry.texts
    if any(new in record.outline.classes for record in registry.compiled.registry):
        raise UsageError(f"'{new}' is already in the registry", "choose another id")
    data = _data(registry, old)
    entry: dict[str, Data] = {TYPE_KEY: data.get(TYPE_KEY, ""), "name": name or data.get("name", "")}
    entry |= {"disambiguation": hint} if hint else {}
    entry["distinctFrom"] = identifier
    revised = _with_references(registry, old, new, within)
    path = registry.place(old).path
    revised[path] = changed(revised[path], [AddEntry((), new, entry, after=identifier)])
    linked = registry.sources.links and any(
        f"{curie}\t" in registry.sources.links.text for curie in _curies(registry, old)
    )
    remarks = [f"links stay with {identifier}: check whether they are about {new}"] if linked else []
    return _revision(texts, revised, remarks)


# -------- references to an entity


def _with_references(registry: OpenRegistry, old: Term, new: str, within: Sequence[str] = ()) -> dict[str, str]:
    """Return all texts with references to *old* changed to *new*, if given only in the articles or facts *within*.

    Raises:
        UsageError: one of these does not refer to it.
    """
    places: dict[str, frozenset[Place]] = {}
    for each in within or ("",):
        article, _, fact = each.partition("/")
        named = {
            source.path: named_at(_finder(registry), source, old, registry.id(old), fact=fact, article=is_article)
            for source, is_article in _sources(registry, article)
        }
        if each and not any(named.values()):
            message = f"'{each}' does not name '{registry.id(old)}'"
            raise UsageError(message, "name articles or facts (article/fact) that do")
        for path, references in named.items():
            places[path] = places.get(path, frozenset()) | references
    renamed = {path: with_name(registry.texts[path], each, registry.id(old), new) for path, each in places.items()}
    return {**registry.texts, **renamed}


def _finder(registry: OpenRegistry) -> ReferenceFinder:
    return ReferenceFinder(registry.project, registry.compiled.scope)


def _sources(registry: OpenRegistry, article: str) -> Iterator[tuple[Source, bool]]:
    if not article:
        yield from ((source, False) for source in registry.sources.registry)
    for source in registry.sources.articles:
        if article in ("", source.stem):
            yield source, True
