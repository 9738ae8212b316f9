"""What the names in a mapping may refer to: registry entities, facts of other articles, articles. No I/O."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import islice

from kg.core.model import Term, Triple
from kg.core.terms import NAME_PROPERTIES, TYPE, cq
from kg.core.values import lexical
from kg.mapping.labels import Labels
from kg.ontology.vocabulary import Vocabulary
from kg.store.lines import line_quad
from kg.words.language import Languages
from kg.words.names import NameKind, letters, surnames, words_of

SURNAME = "surname "
"""Prefix of a dependency of an article that mentions a person by a surname that no one else has."""

WITHIN = "within "
"""Prefix of a dependency of an article that mentions an entity by a word that longer names may also contain."""


@dataclass(frozen=True)
class Target:
    """The target of a reference.

    Attributes:
        term: its IRI, "" if its definition has a finding, so that it cannot be used.
        class_name: local name of its class.
        label: for messages, or "".
        fingerprint: changes when anything that others may depend on changes.
        lines: its N-Quads, if it is validated together with what refers to it.
    """

    term: Term
    class_name: str
    label: str = ""
    fingerprint: str = ""
    lines: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All names of an entity with lines, the label first; else the label, if there is one."""
        ranked = [(rank, lexical(text)) for line in self.lines for rank, text in _names(line)]
        return tuple(dict.fromkeys(name for _, name in sorted(ranked))) or tuple(filter(None, [self.label]))

    @cached_property
    def statements(self) -> tuple[Triple, ...]:
        """Its class, and what its lines say."""
        quads = map(line_quad, self.lines)
        return (
            (self.term, TYPE, cq(self.class_name)),
            *((quad.subject, quad.predicate, quad.object) for quad in quads),
        )


def _names(line: str) -> Iterator[tuple[int, str]]:
    _, predicate, rest = line.split(" ", 2)
    if predicate in NAME_PROPERTIES:
        yield NAME_PROPERTIES.index(predicate), rest.rsplit(" ", 2)[0]


@dataclass(frozen=True)
class Scope:
    """All that a mapping can refer to besides its own facts.

    Attributes:
        base: every IRI of the data begins with it.
        vocabulary: what may be said.
        registry: registry id -> entity.
        facts: `article-id/fact-id` -> fact.
        articles: article id -> article.
        languages: whose words are known.
        currencies: codes that are preferred where a word for money is ambiguous.
        unread: ids of articles whose files cannot be read, so that their facts are unknown.
        registry_unread: whether a registry file cannot be read, so that it may define an unknown name.
    """

    base: str
    vocabulary: Vocabulary
    registry: Mapping[str, Target]
    facts: Mapping[str, Target]
    articles: Mapping[str, Target]
    languages: Languages
    currencies: tuple[str, ...] = ()
    unread: Container[str] = frozenset()
    registry_unread: bool = False

    def fingerprint(self, reference: str) -> str:
        """Return the fingerprint of what *reference* depends on now, "" if it refers to nothing."""
        if reference.startswith(SURNAME):
            return " ".join(self.surnames.get(reference.removeprefix(SURNAME), ()))
        if reference.startswith(WITHIN):
            longer = self.longer_names.get(reference.removeprefix(WITHIN), ())
            return sha256(" ".join(target.fingerprint for target in longer).encode()).hexdigest() if longer else "none"
        others = self.facts if "/" in reference else self.articles
        known = self.registry.get(reference) or others.get(reference)
        if known:
            return known.fingerprint
        return "unread" if self.registry_unread or reference.partition("/")[0] in self.unread else ""

    def entity(self, term: Term) -> Target | None:
        """Return the entity of the registry that has this IRI."""
        target = self.registry.get(term[term.rfind("/") + 1 : -1])
        return target if target and target.term == term else None

    def target(self, term: Term) -> Target | None:
        """Return the entity of the registry, or the fact of another article, that has this IRI."""
        if entity := self.entity(term):
            return entity
        fact = self.facts.get(term[1:-1].removeprefix(self.base).partition("/")[2])
        return fact if fact and fact.term == term else None

    def name_kind(self, target: Target) -> NameKind:
        """Return the kind of an entity's names, which decides on their other forms."""
        return self.vocabulary.classes[target.class_name].name_kind

    @cached_property
    def labels(self) -> Labels:
        """What the vocabulary says about labels and bounds."""
        return Labels(self.vocabulary)

    @cached_property
    def surnames(self) -> Mapping[str, tuple[str, ...]]:
        """Last or first word of a person's name -> the ids of all who have it, sorted."""
        people = self._entities(NameKind.PERSON)
        words = ((word, person) for person, target in people for name in target.names for word in surnames(name))
        return {word: tuple(sorted(ids)) for word, ids in _grouped(words).items()}

    @cached_property
    def by_first_word(self) -> Mapping[str, tuple[Target, ...]]:
        """First word of a label, as written -> the entities that have it."""
        words = (
            (word, name) for name, target in self._entities(*NameKind) for word in islice(words_of(target.label), 1)
        )
        return self._targets(words)

    @cached_property
    def longer_names(self) -> Mapping[str, tuple[Target, ...]]:
        """Word of a name of several words, as letters -> the entities that have it and are mentioned by name."""
        called = self._entities(*(kind for kind in NameKind if kind is not NameKind.PLAIN))
        names = ((list(words_of(name)), entity) for entity, target in called for name in target.names)
        return self._targets((letters(word), entity) for words, entity in names if len(words) > 1 for word in words)

    def _entities(self, *kinds: NameKind) -> Iterator[tuple[str, Target]]:
        """Yield the usable entities whose names are of one of these kinds, with their ids."""
        for name, target in self.registry.items():
            if target.term and self.name_kind(target) in kinds:
                yield name, target

    def _targets(self, words: Iterable[tuple[str, str]]) -> dict[str, tuple[Target, ...]]:
        return {word: tuple(self.registry[name] for name in names) for word, names in _grouped(words).items()}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, None]]:
    """Return each word with the ids that it is paired with, each once, in order."""
    ids_of: dict[str, dict[str, None]] = {}
    for word, name in pairs:
        ids_of.setdefault(word, {})[name] = None
    return ids_of
