"""Things with their names -> those that a text means, may mean, or is a prefix of, in any script. No I/O.

Case, width, accents and punctuation are ignored (`kg.core.normal.bare`), but exact matches come first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from kg.core.likeness import LEAST, LONGEST, MARGIN, alike, likeness
from kg.core.model import Term
from kg.core.normal import bare, folded, normal
from kg.core.relations import grouped
from kg.core.values import lexical

MOST_PLACES = 4000
"""How many occurrences of a word in all names are considered while a user types."""

SURE = 0.97
"""Similarity of a name that differs only in accents and punctuation. The same name, or an id, has 1."""
_ALIKE = 0.95
"""The greatest similarity of a different name."""
_PROPOSED = 0.6
"""A less similar name is not proposed, unless it contains the text or is contained in it."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A node in the graph with the names that people may use for it.

    Attributes:
        term: the node.
        id: its IRI without the project's base.
        names: all its names, the label first, those that only articles report last.
        type: its class, "" if not read.
        kind: the label of its class.
        hint: what distinguishes it from namesakes, or "".
        taken_back: its names that are given only by a report that no longer stands.
    """

    term: Term
    id: str
    names: tuple[str, ...]
    type: Term = ""
    kind: str = ""
    hint: str = ""
    taken_back: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The name to show."""
        return self.names[0] if self.names else self.id

    @property
    def is_in_article(self) -> bool:
        """Whether it is an article or a fact in one, judging by its id. Otherwise it is in the registry or ontology."""
        return self.id.startswith("article/")


Fits = Callable[[Thing], bool]


def _any(_: Thing) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Match:
    """A thing, its matching name, and the similarity of that name to the input, from 0 to 1 (the same)."""

    thing: Thing
    name: str
    likeness: float = 1.0


class NameIndex:
    """Things, and three ways to look them up by name: `meaning`, `like` and `fitting`."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self.things = tuple(things)
        by_key: defaultdict[str, list[tuple[Thing, str]]] = defaultdict(list)
        by_id: defaultdict[str, list[Thing]] = defaultdict(list)
        for thing in self.things:
            for name in filter(str.strip, thing.names):
                by_key[_key(name)].append((thing, name))
            for end in (lexical(thing.term), *_ends(thing.id)):
                by_id[end].append(thing)
        self._by_key, self._by_id = dict(by_key), dict(by_id)
        self._text = "".join(f" {key} \n" for key in by_key)

    @cached_property
    def _by_words(self) -> Mapping[str, Sequence[str]]:
        """The words of simplified names, sorted -> those names. Computed when similarity is first needed."""
        return grouped((" ".join(sorted(key.split())), key) for key in self._by_key)

    def with_id(self, identifier: str) -> Sequence[Thing]:
        """Return the things whose IRI, id, or part of the id after a slash, is *identifier*."""
        return self._by_id.get(identifier, ())

    def meaning(self, typed: str, fits: Fits = _any) -> Iterator[Sequence[Thing]]:
        """Yield the things that *typed* means, sorted by id, for each way of comparing, strictest first.

        By id, by exact name, ignoring case and width, ignoring accents and punctuation, by whole words of a name.
        """
        exact, simple, key = normal(typed), folded(typed), _key(typed)
        same = self._by_key.get(key, ())
        yield _fitting(self.with_id(exact), fits)
        yield _fitting((thing for thing, name in same if name == exact), fits)
        yield _fitting((thing for thing, name in same if folded(name) == simple), fits)
        if key:
            yield _fitting((thing for thing, _ in same), fits)
            holding = (self._by_key[simplified] for simplified in self._keys_with(f" {key} "))
            yield _fitting((thing for pairs in holding for thing, _ in pairs), fits)

    def like(self, typed: str, most: int, fits: Fits = _any) -> list[Match]:
        """Return at most *most* things that *typed* may mean, each by its most similar name, most similar first."""
        best: dict[Term, Match] = {}
        last = 0.0
        for match in self._likenesses(typed):
            if len(best) >= most and match.likeness < last:
                break
            if match.thing.term not in best and fits(match.thing):
                best[match.thing.term], last = match, match.likeness
        return sorted(best.values(), key=lambda match: (-match.likeness, match.thing.id))[:most]

    def nearest(self, typed: str, most: int, fits: Fits = _any) -> list[Match]:
        """Return at most *most* things whose name *typed* may misspell: only those about as similar as the first."""
        matches = self.like(typed, most, fits)
        return [match for match in matches if match.likeness >= max(LEAST, matches[0].likeness - MARGIN)]

    def fitting(self, typed: str, most: int, fits: Fits = _any) -> list[Match]:
        """Return at most *most* things with a name that contains all words of *typed*, whole or not, or with this id.

        Whole words come before prefixes, the start of a name before the rest, entities before facts.
        """
        by_id = (Match(thing, thing.label) for thing in _fitting(self.with_id(typed.strip()), fits))
        best: dict[Term, Match] = {}
        for match in chain(self._by_rank(_key(typed).split(), fits), by_id):
            best.setdefault(match.thing.term, match)
            if len(best) == most:
                break
        return [*best.values()]

    def _by_rank(self, words: Sequence[str], fits: Fits) -> Iterator[Match]:
        """Yield the names that contain all these words, the best first.

        Those of one rank are sorted when it is reached, for a letter is in most names.
        """
        ranked = grouped((_rank(key, words), key) for key in self._keys_for(words))
        for _, keys in sorted(ranked.items()):
            pairs = [(thing, name) for key in keys for thing, name in self._by_key[key] if fits(thing)]
            pairs.sort(key=lambda pair: (pair[0].is_in_article, len(pair[1]), pair[1], pair[0].id))
            yield from (Match(thing, name) for thing, name in pairs)

    def _likenesses(self, typed: str) -> Iterator[Match]:
        """Yield every name that *typed* may mean, most similar first."""
        yield from (Match(thing, thing.label) for thing in self.with_id(typed.strip()))
        simple, key = folded(typed), _key(typed)
        same = [Match(thing, name, _equal(thing, name, simple)) for thing, name in self._by_key.get(key, ())]
        yield from sorted(same, key=lambda match: -match.likeness)
        for value, other in sorted(self._alike(key), reverse=True):
            yield from (Match(thing, name, _ALIKE * value) for thing, name in self._by_key[other])

    def _alike(self, key: str) -> Iterator[tuple[float, str]]:
        """Yield other simplified names with their similarity, whatever the order of words. Only half of the difference
        counts for a part of a name.

        Some names come twice.
        """
        words = key.split() if len(key) <= LONGEST else []
        for value, same_words in alike(" ".join(sorted(words)), self._by_words.keys(), _PROPOSED):
            yield from ((value, other) for other in self._by_words[same_words] if other != key)
        stretches = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
        longest = max(words, key=len, default="")
        holding = self._keys_with(f" {longest} ", MOST_PLACES) if longest else ()
        for other in {*holding, *(stretches & self._by_key.keys())} - {key}:
            if other in stretches or all(f" {word} " in f" {other} " for word in words):
                yield (1 + likeness(key, other)) / 2, other

    def _keys_for(self, words: Sequence[str]) -> Iterator[str]:
        """Yield the simplified names that contain all these words, as whole words or parts of words, each once.

        If more than MOST_PLACES names match, some are missed, but never an equal one.
        """
        if not words:
            return
        longest, typed = max(words, key=len), " ".join(words)
        seen = {typed} & self._by_key.keys()
        yield from list(seen)
        for part in (f" {longest}", longest):
            for key in self._keys_with(part, MOST_PLACES):
                if key not in seen and all(word in key for word in words):
                    seen.add(key)
                    yield key

    def _keys_with(self, part: str, most: int | None = None) -> Iterator[str]:
        """Yield the simplified names, with a blank at both ends, that contain *part*, from at most *most* places."""
        text, place, count = self._text, self._text.find(part), 0
        while place >= 0 and count != most:
            start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            yield text[start + 1 : end - 1]
            place, count = text.find(part, end), count + 1


def _key(text: str) -> str:
    """Return the simplified form of a text, or the folded form if it has no letters or digits."""
    return bare(text) or folded(text)


def _fitting(things: Iterable[Thing], fits: Fits) -> Sequence[Thing]:
    """Return the things that match, each once, sorted by id."""
    by_id = {thing.id: thing for thing in things if fits(thing)}
    return [by_id[key] for key in sorted(by_id)]


def _equal(thing: Thing, name: str, simple: str) -> float:
    if name in thing.taken_back:
        return _ALIKE
    return 1.0 if folded(name) == simple else SURE


def _ends(identifier: str) -> Iterator[str]:
    """Yield the id and what follows each of its slashes."""
    while identifier:
        yield identifier
        identifier = identifier.partition("/")[2]


def _rank(key: str, words: Sequence[str]) -> int:
    """Return how well a simplified name matches these words, 0 being best: see `NameIndex.fitting`."""
    name, typed = f" {key} ", " ".join(words)
    fits = (
        key == typed,
        name.startswith(f" {typed} "),
        key.startswith(typed),
        all(f" {word} " in name for word in words),
        all(f" {word}" in name for word in words),
        True,
    )
    return fits.index(True)
