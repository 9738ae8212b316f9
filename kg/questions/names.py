"""Things with their names -> those that a name means, may mean, or begins to spell; in any script. No I/O.

Case, width, accents and punctuation do not count (`kg.core.normal.bare`), but what is written the same comes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter

from kg.core.likeness import LEAST, LONGEST, MARGIN, alike, likeness
from kg.core.model import Term
from kg.core.normal import bare, folded, normal
from kg.core.values import lexical

MOST_PLACES = 4000
"""Places of a word in all names that are looked at while somebody types."""

SURE = 0.97
"""How like a name is that differs in accents and punctuation alone. Only the same name, or an id, is more: 1."""
_ALIKE = 0.95
"""No name that is another one is liker."""
_PROPOSED = 0.6
"""A name that is less like, and no part of what is typed nor holds it, is not proposed."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A node of the graph as a person may call it.

    Attributes:
        term: the node.
        id: its IRI without the project's base.
        names: all its names, the label first; those that only articles report last.
        type: its class, "" if it was read without one.
        kind: its class in words.
        hint: what tells it apart from namesakes, or "".
        taken_back: those of its names that only a report gives which no longer stands.
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
        """Whether it is an article or a fact of one, by its id; else it is the registry's or the ontology's."""
        return self.id.startswith("article/")


Fits = Callable[[Thing], bool]


def _any(_: Thing) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Match:
    """A thing, the name that made it fit, and how like that is to what was typed: from 0 to 1, 1 for the same."""

    thing: Thing
    name: str
    likeness: float = 1.0


class NameIndex:
    """Things, and the three ways to ask for them by name: `meaning`, `like` and `fitting`."""

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
        """The words of simplified names, sorted -> those names; made when likeness is first asked for."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._by_key:
            found[" ".join(sorted(key.split()))].append(key)
        return dict(found)

    def with_id(self, identifier: str) -> Sequence[Thing]:
        """Return the things whose IRI, id, or what follows a slash in it, is *identifier*."""
        return self._by_id.get(identifier, ())

    def meaning(self, typed: str, fits: Fits = _any) -> Iterator[Sequence[Thing]]:
        """Yield the things that *typed* means, sorted by id, for each way to compare, strictest first.

        By id; by name as written; without case and width; without accents and punctuation; by whole words of a name.
        """
        exact, simple, key = normal(typed), folded(typed), _key(typed)
        same = self._by_key.get(key, ())
        yield _fitting(self.with_id(exact), fits)
        yield _fitting((thing for thing, name in same if name == exact), fits)
        yield _fitting((thing for thing, name in same if folded(name) == simple), fits)
        if key:
            yield _fitting((thing for thing, _ in same), fits)
            holding = (self._by_key[found] for found in self._keys_with(f" {key} "))
            yield _fitting((thing for pairs in holding for thing, _ in pairs), fits)

    def like(self, typed: str, most: int, fits: Fits = _any) -> list[Match]:
        """Return at most *most* things that *typed* may mean, each by its likest name, the likest first."""
        best: dict[Term, Match] = {}
        last = 0.0
        for match in self._likenesses(typed):
            if len(best) >= most and match.likeness < last:
                break
            if match.thing.term not in best and fits(match.thing):
                best[match.thing.term], last = match, match.likeness
        return sorted(best.values(), key=lambda match: (-match.likeness, match.thing.id))[:most]

    def nearest(self, typed: str, most: int, fits: Fits = _any) -> list[Match]:
        """Return at most *most* things whose name may be misspelt in *typed*; only those about as like as the first."""
        found = self.like(typed, most, fits)
        return [match for match in found if match.likeness >= max(LEAST, found[0].likeness - MARGIN)]

    def fitting(self, typed: str, most: int, fits: Fits = _any) -> list[Match]:
        """Return at most *most* things with a name that has all words of *typed*, be they whole or not, or with its id.

        Whole words come before beginnings, the start of a name before the rest, things before what articles report.
        """
        words = _key(typed).split()
        ranked = []
        for key in self._keys_for(words):
            pairs = [(thing, name) for thing, name in self._by_key[key] if fits(thing)]
            rank = _rank(key, words) if pairs else 0
            ranked += [((rank, thing.is_in_article, len(name), name, thing.id), thing) for thing, name in pairs]
        by_name = (Match(thing, order[3]) for order, thing in sorted(ranked, key=itemgetter(0)))
        by_id = (Match(thing, thing.label) for thing in _fitting(self.with_id(typed.strip()), fits))
        best: dict[Term, Match] = {}
        for match in chain(by_name, by_id):
            best.setdefault(match.thing.term, match)
            if len(best) == most:
                break
        return [*best.values()]

    def _likenesses(self, typed: str) -> Iterator[Match]:
        """Yield every name that *typed* may mean, the likest first."""
        yield from (Match(thing, thing.label) for thing in self.with_id(typed.strip()))
        simple, key = folded(typed), _key(typed)
        same = [Match(thing, name, _equal(thing, name, simple)) for thing, name in self._by_key.get(key, ())]
        yield from sorted(same, key=lambda match: -match.likeness)
        for value, other in sorted(self._alike(key), reverse=True):
            yield from (Match(thing, name, _ALIKE * value) for thing, name in self._by_key[other])

    def _alike(self, key: str) -> Iterator[tuple[float, str]]:
        """Yield how alike other simplified names are, in any order of words; half of what lacks is forgiven to a part.

        Some come twice.
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
        """Yield the simplified names that have all these words or beginnings or parts of words, each once.

        Names with more than MOST_PLACES that begin so, or as many that hold it, are not all seen; an equal one is.
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
        """Yield the simplified names, each with a blank at both ends, that hold *part*; of *most* places if given."""
        text, place, count = self._text, self._text.find(part), 0
        while place >= 0 and count != most:
            start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
            yield text[start + 1 : end - 1]
            place, count = text.find(part, end), count + 1


def _key(text: str) -> str:
    """Return what of a text counts; of one without a letter or digit all of it."""
    return bare(text) or folded(text)


def _fitting(things: Iterable[Thing], fits: Fits) -> Sequence[Thing]:
    """Return the things that fit, each once, sorted by id."""
    found = {thing.id: thing for thing in things if fits(thing)}
    return [found[key] for key in sorted(found)]


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
    """Return how well a simplified name fits these words, 0 the best: see `NameIndex.fitting`."""
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
