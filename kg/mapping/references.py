"""A name in a mapping -> what it refers to, or what is wrong with it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.core.likeness import KnownWords, slip_of
from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import ARTICLE_CLASS, ENTITY_CLASS
from kg.mapping.notes import Notes, with_article
from kg.mapping.read import Scalar
from kg.mapping.scope import Scope, Target
from kg.ontology.vocabulary import Key, Kind, Vocabulary

MOST_PROPOSALS = 100
"""A file with more unknown names than this has a fault other than misspelling."""

LEAST_LIKENESS_OF_LABELS = 0.7
"""High, because the name of a place is similar to those of the bodies in it."""


@dataclass(frozen=True, slots=True)
class _Choices:
    """Names that fit a key: their ids and labels, prepared for comparison, and label -> id, id -> label."""

    ids: KnownWords
    labels: KnownWords
    by_label: Mapping[str, str]
    label_of: Mapping[str, str]

    def shown(self, name: str) -> str:
        """Return an id with its label."""
        label = self.label_of.get(name, "")
        return f"'{name}' ({label})" if label else f"'{name}'"


@dataclass(slots=True)
class Names:
    """What the names in one file may refer to.

    Attributes:
        scope: the names that all files define.
        local: fact id -> its target, without a term if it is defined but cannot be used.
        notes: collects the findings on them.
        text: the text of the article. An unknown name that occurs in it means another entity, and is not misspelt.
        proposed: how often the known names have been compared with an unknown one.
    """

    scope: Scope
    local: Mapping[str, Target]
    notes: Notes
    text: str = ""
    proposed: int = 0
    _choices: dict[tuple[str, bool], _Choices] = field(default_factory=dict)
    _kinds: dict[str, frozenset[bool]] = field(default_factory=dict)

    def meant(self, key: Key, item: Scalar) -> Term | None:
        """Return what *item* refers to as a value of *key*; None with a finding, here or where it is defined."""
        target = self._target(key, item)
        if target is None or not target.term:
            return None
        if key.kind is Kind.NODE and not self._vocabulary.is_a(target.class_name, key.range):
            expected = self._vocabulary.classes[key.range].label
            message = (
                f"'{item.text}' is {with_article(self._label(target.class_name))}, "
                f"but '{key.name}' takes {with_article(expected)}"
            )
            self.notes.error(item.place, "KG-M008", message, self._otherwise(key))  # it is not misspelt
            return None
        return target.term

    @property
    def _vocabulary(self) -> Vocabulary:
        return self.scope.vocabulary

    def _label(self, class_name: str) -> str:
        return self._vocabulary.classes[class_name].label

    def _target(self, key: Key, item: Scalar) -> Target | None:
        name = item.text
        self.notes.references.add(name)
        targets = [names[name] for names in self._tables(key, name) if name in names]
        if len(targets) == 1:
            return targets[0]
        if targets:
            message = f"'{name}' is both a fact of this article and an entity of the registry"
            self.notes.error(item.place, "KG-M009", message, "give the fact another id")
        elif not self._may_be_unread(key, name):
            fix, instead = self._proposal(name, key)
            self.notes.error(item.place, "KG-M007", self._unknown(key, name), fix, instead=instead)
        return None

    def _tables(self, key: Key, name: str) -> tuple[Mapping[str, Target], ...]:
        """Return where *name* may be defined. That of another article's fact has a slash."""
        if self._takes_article(key):
            return (self.scope.articles,)
        return (self.local, self.scope.registry, self.scope.facts) if "/" in name else (self.local, self.scope.registry)

    def _may_be_unread(self, key: Key, name: str) -> bool:
        """Return whether *name* may be defined in a file that cannot be read, and has a finding for that."""
        article, slash, _ = name.partition("/")
        return article in self.scope.unread if slash else self.scope.registry_unread and self._takes_entities(key)

    def _unknown(self, key: Key, name: str) -> str:
        article, slash, _ = name.partition("/")
        if self._takes_article(key) or (slash and article not in self.scope.articles):
            return f"there is no article called '{article}'"
        if slash:
            return f"the article '{article}' has no fact called '{name.removeprefix(article + slash)}'"
        return f"there is no {'entity' if self._takes_entities(key) else 'fact'} called '{name}'"

    def _takes_article(self, key: Key) -> bool:
        return self._vocabulary.is_a(key.range, ARTICLE_CLASS)

    def _takes_entities(self, key: Key) -> bool:
        return key.kind is Kind.ANY or True in self._entity_classes(key.range)

    def _takes_facts(self, key: Key) -> bool:
        return key.kind is Kind.ANY or False in self._entity_classes(key.range)

    def _entity_classes(self, range_name: str) -> frozenset[bool]:
        """Return whether the concrete classes of *range_name* are entities: {True}, {False}, both or neither."""
        if range_name not in self._kinds:
            names = self._vocabulary.concrete.get(range_name, ())
            self._kinds[range_name] = frozenset(self._vocabulary.is_a(name, ENTITY_CLASS) for name in names)
        return self._kinds[range_name]

    def _proposal(self, name: str, key: Key) -> tuple[str, str]:
        """Return names that fit *key* and resemble *name*, by id or by label, each with its label.

        The second value is the one id that it is a typing error for, "" if there is none.
        """
        self.proposed += 1
        if self.proposed > MOST_PROPOSALS:
            return self._otherwise(key), ""
        known = self._known(name, key)
        near = by_id = known.ids.nearest(name)
        if not near:
            near = tuple(known.by_label[label] for label in known.labels.nearest(name, least=LEAST_LIKENESS_OF_LABELS))
        fix = f"did you mean {' or '.join(map(known.shown, near))}?" if near else self._otherwise(key)
        return fix, "" if self._is_in_text(name, slip := slip_of(name, by_id)) else slip

    def _is_in_text(self, name: str, slip: str) -> bool:
        """Return whether the text has the words in which an unknown id differs from *slip*."""
        words = set(bare(name).split()) - set(bare(slip).split()) if slip else set()
        return not words.isdisjoint(bare(self.text).split()) if words else False

    def _known(self, name: str, key: Key) -> _Choices:
        """Return what a misspelt *name* is compared with, made once for all names with the same constraints."""
        kind = (key.range if key.kind is not Kind.ANY else "", "/" in name)
        if kind not in self._choices:
            self._choices[kind] = _choices(self._fitting(name, key))
        return self._choices[kind]

    def _fitting(self, name: str, key: Key) -> dict[str, Target]:
        if self._takes_article(key):
            return dict(self.scope.articles)
        known = {**self.scope.registry, **self.local, **(self.scope.facts if "/" in name else {})}
        return {
            each: target
            for each, target in known.items()
            if target.term and (key.kind is Kind.ANY or self._vocabulary.is_a(target.class_name, key.range))
        }

    def _otherwise(self, key: Key) -> str:
        if self._takes_article(key):
            return "write the name of its file, without .yaml"
        expected = self._label(key.range) if key.range else "entity or fact"
        places = ["data/registry"] if self._takes_entities(key) else []
        places += ["this article's facts"] if self._takes_facts(key) else []
        return f"write the id of {with_article(expected)}, or add it to {' or '.join(places)}"


def _choices(fit: Mapping[str, Target]) -> _Choices:
    label_of = {name: target.label for name, target in fit.items() if target.label}
    by_label = {label: name for name, label in label_of.items()}
    return _Choices(KnownWords(fit), KnownWords(by_label), by_label, label_of)
