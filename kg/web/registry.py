"""The registry's entities with their names -> those that a name may mean, best first. Reads a store once.

Names are compared without regard to case, width, accents and punctuation (kg/questions/lookup.py), in every script:
equal names first, then by how many pairs of neighbouring letters two names share.
Dice's coefficient: https://doi.org/10.2307/1932409
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.normal import bare, folded
from kg.core.terms import ENTITY_CLASS, NAME_PROPERTIES, TYPE, cq
from kg.core.values import label_rank, lexical
from kg.questions.graph import Graph, local_name
from kg.web.snapshot import Snapshot

LONGEST_NAME = 300
"""Letters of a name that are compared."""

_CLOSE = 0.3
"""How like a name must be to be proposed."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of the registry.

    Attributes:
        iri: its term.
        id: its IRI without the project's base.
        names: all its names, the label first.
        kind: its class, the local name.
        hint: what tells it apart from namesakes, or "".
    """

    iri: Term
    id: str
    names: tuple[str, ...]
    kind: str
    hint: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a name may mean, and how like its name is: from 0 to 1, 1 for the same name or id."""

    entity: Entity
    likeness: float


@dataclass(frozen=True, slots=True)
class Registry:
    """All entities, and what finds them.

    Attributes:
        entities: sorted by id.
        classes: local name of a class -> its label; those of entities.
        below: local name of a class -> those of its subclasses, itself included.
        ids: id, IRI and last part of the id -> number of its entity.
        postings: pair of letters -> numbers of the names that have it.
        keys: simplified name -> numbers of the entities that have it.
        names: simplified name, the entity's number, its number of pairs; in the order of the numbers in `postings`.
    """

    entities: tuple[Entity, ...]
    classes: Mapping[str, str]
    below: Mapping[str, frozenset[str]]
    ids: Mapping[str, int]
    postings: Mapping[str, Sequence[int]]
    keys: Mapping[str, Sequence[int]]
    names: Sequence[tuple[str, int, int]]

    def find(self, typed: str, kinds: Iterable[str] = (), most: int = 10) -> list[Candidate]:
        """Return at most *most* entities that *typed* may mean, of these classes or of any, the likest first."""
        wanted = self.kinds(kinds)
        likeness = self._exact(typed)
        for number, value in self._close(bare(typed[:LONGEST_NAME])).items():
            likeness.setdefault(number, value)
        found = [Candidate(self.entities[n], value) for n, value in likeness.items()]
        fitting = [candidate for candidate in found if not wanted or candidate.entity.kind in wanted]
        return sorted(fitting, key=lambda candidate: (-candidate.likeness, candidate.entity.id))[:most]

    def beginning(self, typed: str) -> list[Entity]:
        """Return the entities with a name that has a word which begins like *typed*, or with this id; sorted."""
        key = bare(typed[:LONGEST_NAME])
        found = set(self._exact(typed)) | {
            number for name, number, _ in self.names if key and (name.startswith(key) or f" {key}" in name)
        }
        return sorted((self.entities[n] for n in found), key=lambda entity: (bare(entity.names[0]), entity.id))

    def entity(self, identifier: str) -> Entity | None:
        """Return the entity of that id or IRI."""
        number = self.ids.get(identifier)
        return None if number is None else self.entities[number]

    def kinds(self, names: Iterable[str]) -> frozenset[str]:
        """Return these classes and all below them; unknown ones have none."""
        return frozenset(kind for name in names for kind in self.below.get(local_name(f"<{name}>"), {name}))

    def _exact(self, typed: str) -> dict[int, float]:
        wanted, number = folded(typed), self.ids.get(typed.strip())
        named = {
            n: 1.0 if wanted in map(folded, self.entities[n].names) else 0.97
            for n in self.keys.get(bare(typed[:LONGEST_NAME]), ())
        }
        return named if number is None else named | {number: 1.0}

    def _close(self, key: str) -> dict[int, float]:
        """Return entity -> likeness by pairs of letters, of its likest name."""
        pairs = _pairs(key)
        shared = Counter(place for pair in pairs for place in self.postings.get(pair, ()))
        likest: dict[int, float] = {}
        for place, count in shared.items():
            _, number, size = self.names[place]
            value = 0.95 * 2 * count / (size + len(pairs))
            if value >= _CLOSE:
                likest[number] = max(likest.get(number, 0.0), value)
        return likest


def registry_of(snapshot: Snapshot) -> Registry:
    """Return the registry of this generation."""
    return snapshot.remembered("registry", _read)


def _read(graph: Graph) -> Registry:
    classes = {local_name(iri): label for iri, label in graph.subclasses(ENTITY_CLASS).items()}
    kinds, told = _kinds(graph, classes), _told(graph)
    entities = tuple(
        Entity(iri, graph.id(iri), names, kinds[iri], hint)
        for iri, (names, hint) in sorted(told.items())
        if iri in kinds and names
    )
    below = {name: frozenset(local_name(iri) for iri in graph.subclasses(name)) for name in classes}
    return indexed(entities, classes, below)


def indexed(entities: tuple[Entity, ...], classes: Mapping[str, str], below: Mapping[str, frozenset[str]]) -> Registry:
    """Return entities with what finds them."""
    keys: dict[str, list[int]] = defaultdict(list)
    postings: dict[str, list[int]] = defaultdict(list)
    names: list[tuple[str, int, int]] = []
    ids = {key: n for n, e in enumerate(entities) for key in (e.id.rpartition("/")[2], e.id, lexical(e.iri))}
    for number, entity in enumerate(entities):
        for key in filter(None, dict.fromkeys(bare(name[:LONGEST_NAME]) for name in entity.names)):
            pairs = _pairs(key)
            for pair in pairs:
                postings[pair].append(len(names))
            keys[key].append(number)
            names.append((key, number, len(pairs)))
    return Registry(entities, classes, below, ids, dict(postings), dict(keys), names)


def _pairs(key: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of each word; a word of one letter is a pair of its own."""
    return frozenset(word[k : k + 2] for word in key.split() for k in range(max(1, len(word) - 1)))


def _kinds(graph: Graph, classes: Mapping[str, str]) -> dict[Term, str]:
    rows = graph.store.select(f"SELECT ?node ?type WHERE {{ GRAPH {_registry(graph)} {{ ?node {TYPE} ?type }} }}").rows
    return {node: name for node, kind in rows if node and kind and (name := local_name(kind)) in classes}


def _told(graph: Graph) -> dict[Term, tuple[tuple[str, ...], str]]:
    """Return entity -> its names, the label first and English before others, and what tells it apart."""
    hint = cq("disambiguation")
    rows = graph.store.select(
        f"SELECT ?node ?p ?name WHERE {{ VALUES ?p {{ {' '.join(NAME_PROPERTIES)} {hint} }}"
        f" GRAPH {_registry(graph)} {{ ?node ?p ?name }} }}"
    ).rows
    names: dict[Term, list[tuple[int, bool, str]]] = defaultdict(list)
    hints: dict[Term, str] = {}
    for node, prop, name in sorted(row for row in rows if row[0] and row[1] and row[2]):
        if prop == hint:
            hints[str(node)] = lexical(str(name))
        else:
            names[str(node)].append((NAME_PROPERTIES.index(str(prop)), *label_rank(str(name))))
    return {
        node: (tuple(dict.fromkeys(text for _, _, text in sorted(found))), hints.get(node, ""))
        for node, found in names.items()
    }


def _registry(graph: Graph) -> Term:
    return graph.named("registry")
