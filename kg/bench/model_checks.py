"""A fact that a language model proposes -> why it is none, beside all that the compiler refuses. No I/O.

What a curator alone decides, what refers to anything but the registry, the article and the draft, and free texts with
words that are not the article's. The values that words give (dates, figures) are the compiler's to compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from kg.bench.in_text import Draftable
from kg.bench.model_answer import shown
from kg.core.errors import KgError
from kg.core.terms import FACT_CLASS, QUOTE_KEY, REMARK_KEYS, TYPE_KEY
from kg.mapping.edits import changed
from kg.mapping.scope import Scope
from kg.mapping.yaml_changes import AddEntries
from kg.mapping.yaml_nodes import Data
from kg.ontology.vocabulary import Key, Kind, Vocabulary
from kg.words.draft_words import draft_words
from kg.words.names import letters, words_of

CURATORS_KEYS = frozenset({*REMARK_KEYS, "reason", "note"})
"""Keys with which a curator accepts findings, says what the words leave open, or states a review."""

_SHORTEST_STEM = 4
"""Letters that two forms of a word share at least: "visit" and "visited"."""


@dataclass(frozen=True)
class ModelKeys:
    """The keys of a vocabulary by what a model may write under them."""

    vocabulary: Vocabulary

    @cached_property
    def references(self) -> frozenset[str]:
        """Keys whose plain values are ids."""
        return frozenset(key.name for key in self._keys if key.kind in (Kind.NODE, Kind.ANY) and not self._is_read(key))

    @cached_property
    def texts(self) -> frozenset[str]:
        """Keys whose values are free: texts, and literals that nothing compares with words."""
        classes = self.vocabulary.classes
        compared = {name for each in classes if classes[each].compact_form for name in self.vocabulary.keys[each]}
        free = (key.name for key in self._keys if key.kind in (Kind.TEXT, Kind.LITERAL))
        return frozenset(free) - compared

    def leaves(self, tree: Data, keys: Set[str], key: str = "") -> Iterator[tuple[str, str]]:
        """Yield key and value of each text under one of *keys*, where a table by language belongs to its key."""
        if isinstance(tree, str):
            if key in keys:
                yield key, tree
        elif isinstance(tree, Mapping):
            for name, value in tree.items():
                yield from self.leaves(value, keys, name if name in self._names else key)
        else:
            for value in tree:
                yield from self.leaves(value, keys, key)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(key.name for key in self._keys) | {TYPE_KEY, QUOTE_KEY}

    @property
    def _keys(self) -> Iterator[Key]:
        return (key for keys in self.vocabulary.keys.values() for key in keys.values())

    def _is_read(self, key: Key) -> bool:
        """Return whether a plain value is words that are read as a date or a figure."""
        return key.range in self.vocabulary.classes and bool(self.vocabulary.classes[key.range].compact_form)


@dataclass(frozen=True)
class ModelChecks:
    """What a proposal for one article is checked for.

    Attributes:
        article: its text, and the ids of its facts.
        scope: what names refer to.
        proposed: id of a proposed entity -> its name.
    """

    article: Draftable
    scope: Scope
    proposed: Mapping[str, str]

    def problem(self, tree: Mapping[str, Data], ids: Set[str]) -> str:
        """Return why a fact cannot be proposed, "" if it can; *ids* are those of all proposals."""
        class_name = tree.get(TYPE_KEY, "")
        if class_name not in self.scope.vocabulary.concrete[FACT_CLASS]:
            return f"'{shown(str(class_name))}' is no class of facts"
        if key := _curators_key(tree):
            return f"it has '{key}', which only a curator writes"
        if other := next(self._others(tree, ids), None):
            return (
                f"'{other[0]}': '{shown(other[1])}' is neither in the registry, nor a fact of the article or the draft"
            )
        if word := next(self._others_words(tree), None):
            return f"'{word[0]}' has the word '{shown(word[1])}', which the text does not have"
        try:
            changed("", [AddEntries((), {"fact": tree})], "the proposal")
        except (KgError, ValueError) as error:
            return str(error).splitlines()[0]
        return ""

    @cached_property
    def keys(self) -> ModelKeys:
        """The keys of the vocabulary."""
        return ModelKeys(self.scope.vocabulary)

    def _others(self, tree: Data, ids: Set[str]) -> Iterator[tuple[str, str]]:
        """Yield references to what is neither known here nor proposed."""
        for key, value in self.keys.leaves(tree, self.keys.references):
            if value not in ids and value not in self.scope.registry and value not in self.article.taken:
                yield key, value

    def _others_words(self, tree: Mapping[str, Data]) -> Iterator[tuple[str, str]]:
        """Yield key and word of free texts that neither the text, nor the names of what the fact refers to have."""
        named = {
            word for _, value in self.keys.leaves(tree, self.keys.references) for word in self._words_of_names(value)
        }
        label = self.scope.vocabulary.classes[str(tree[TYPE_KEY])].label
        own = self._words | named | set(map(letters, words_of(label)))
        for key, value in self.keys.leaves(tree, self.keys.texts - {QUOTE_KEY}):
            for word in words_of(value):
                if not _is_own(letters(word), own):
                    yield key, word

    def _words_of_names(self, identifier: str) -> Iterator[str]:
        target = self.scope.registry.get(identifier)
        names = (*target.names, target.label) if target else (self.proposed.get(identifier, ""),)
        return (letters(word) for name in names for word in words_of(name))

    @cached_property
    def _words(self) -> Set[str]:
        joining = draft_words(self.article.language).lists["inside"]
        return {letters(word) for word in (*words_of(self.article.text), *joining)}


def _is_own(word: str, own: Set[str]) -> bool:
    if word in own or not word:
        return True
    if not word.isalpha() or len(word) < _SHORTEST_STEM:
        return False
    return any(len(each) >= _SHORTEST_STEM and (each.startswith(word) or word.startswith(each)) for each in own)


def _curators_key(tree: Data) -> str:
    """Return the first key that a curator alone writes, "" if there is none."""
    if isinstance(tree, str):
        return ""
    if isinstance(tree, Mapping):
        own = next((key for key in tree if key in CURATORS_KEYS), "")
        return own or next(filter(None, map(_curators_key, tree.values())), "")
    return next(filter(None, map(_curators_key, tree)), "")
