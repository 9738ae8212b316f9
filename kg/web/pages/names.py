"""Names of things -> those that a person may mean while typing, in any script. The index is made once for a generation.

A word that is typed may stand anywhere in a name; what begins a word comes before what lies inside one. Case, width,
accents and punctuation do not count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import NAME_PROPERTIES, cq
from kg.core.values import lexical
from kg.questions.graph import Graph
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import (
    articles,
    displaced_facts,
    facts_with_labels,
    names_in_registry,
    names_reported,
    types_in_registry,
)
from kg.web.snapshot import Snapshot

NAMED_FACTS = ("Event", "Agreement", "Group")
"""Classes of facts that are known by a name; statements and figures are found by what they are about."""

MOST_CANDIDATES = 4000
_ENTITIES_FIRST, _FACTS_LAST = 0, 1


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that can be found by its names.

    Attributes:
        term: the node.
        id: its IRI without the base.
        type: its class.
        kind: its class in words.
        hint: what tells it apart, or "".
        names: all its names, the label first.
        taken_back: those of its names that only a report gives which no longer stands.
        rank: 0 for entities, 1 for articles and facts.
    """

    term: Term
    id: str
    type: Term
    kind: str
    hint: str
    names: tuple[str, ...]
    rank: int = 0
    taken_back: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The name to show."""
        return self.names[0] if self.names else self.id


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that fits, and the name that made it fit."""

    thing: Named
    name: str


@dataclass(frozen=True, slots=True)
class NameIndex:
    """All names, simplified, in one text with the place where each begins."""

    things: tuple[Named, ...]
    text: str
    starts: tuple[int, ...]
    owners: tuple[tuple[int, str], ...]

    def find(self, typed: str, most: int, fits: Callable[[Named], bool] | None = None) -> list[Found]:
        """Return at most *most* things, the best first, see _fit."""
        words = bare(typed).split()
        if not words:
            return []
        best: dict[int, tuple[int, int, int, str, str]] = {}
        for place in self._places(max(words, key=len)):
            at = bisect_right(self.starts, place) - 1
            key = self.text[self.starts[at] : self._end(at)]
            if not all(word in key for word in words):
                continue
            owner, name = self.owners[at]
            thing = self.things[owner]
            if fits is not None and not fits(thing):
                continue
            rank = (_fit(key, words), thing.rank, len(name), name, thing.id)
            best[owner] = min(best.get(owner, rank), rank)
        chosen = sorted(best, key=lambda owner: best[owner])[:most]
        return [Found(self.things[owner], best[owner][3]) for owner in chosen]

    def _places(self, word: str) -> Iterator[int]:
        """Yield where a word stands, beginnings of words first; at most MOST_CANDIDATES of each."""
        for wanted in (f" {word}", word):
            place, seen = self.text.find(wanted), 0
            while place >= 0 and seen < MOST_CANDIDATES:
                yield place
                seen += 1
                place = self.text.find(wanted, place + 1)

    def _end(self, at: int) -> int:
        return self.starts[at + 1] - 1 if at + 1 < len(self.starts) else len(self.text)


def name_index(snapshot: Snapshot) -> NameIndex:
    """Return the index of this generation."""
    words = lexicon(snapshot)
    return snapshot.remembered("names", lambda graph: indexed(_things(graph, words)))


def indexed(things: Iterable[Named]) -> NameIndex:
    """Return the index of *things*."""
    kept = tuple(things)
    keys: list[str] = []
    owners: list[tuple[int, str]] = []
    for k, thing in enumerate(kept):
        for name in thing.names:
            if bare(name):
                keys.append(f" {bare(name)} ")
                owners.append((k, name))
    starts, at = [], 0
    for key in keys:
        starts.append(at)
        at += len(key) + 1
    return NameIndex(kept, "\n".join(keys), tuple(starts), tuple(owners))


def _fit(key: str, words: Sequence[str]) -> int:
    """Return how well a name fits, 0 the best: whole words before beginnings, both at its start before elsewhere."""
    typed = " ".join(words)
    fits = (
        key == f" {typed} ",
        key.startswith(f" {typed} "),
        key.startswith(f" {typed}"),
        all(f" {word} " in key for word in words),
        all(f" {word}" in key for word in words),
        True,
    )
    return fits.index(True)


def _things(graph: Graph, words: Lexicon) -> list[Named]:
    return [*_entities(graph, words), *_named_facts(graph, words), *_articles(graph, words)]


def _entities(graph: Graph, words: Lexicon) -> list[Named]:
    names: dict[Term, list[tuple[int, str]]] = {}
    for node, prop, name in names_in_registry(graph, NAME_PROPERTIES):
        if node and prop and name:
            names.setdefault(node, []).append((NAME_PROPERTIES.index(prop), lexical(name)))
    reported, gone = _reported(graph)
    for node, texts in reported.items():
        names.setdefault(node, []).extend((len(NAME_PROPERTIES), text) for text in texts)
    found = {}
    for node, kind, hint in types_in_registry(graph):
        if node and kind and node in names and words.is_a(kind, "Entity"):
            own = tuple(dict.fromkeys(name for _, name in sorted(names[node])))
            standing = {name for order, name in names[node] if order < len(NAME_PROPERTIES)}
            taken_back = frozenset(gone.get(node, set()) - standing)
            hint_text = lexical(hint) if hint else ""
            found[node] = Named(
                node, graph.id(node), kind, words.label(kind), hint_text, own, _ENTITIES_FIRST, taken_back
            )
    return sorted(found.values(), key=lambda thing: thing.id)


def _reported(graph: Graph) -> tuple[dict[Term, set[str]], dict[Term, set[str]]]:
    """Return thing -> the names that articles report, and those of them that no report gives which stands."""
    displaced = displaced_facts(graph)
    names: tuple[dict[Term, set[str]], dict[Term, set[str]]] = ({}, {})
    for node, name, naming in names_reported(graph):
        if node and name:
            names[naming in displaced].setdefault(node, set()).add(lexical(name))
    standing, gone = names
    every = {node: standing.get(node, set()) | gone.get(node, set()) for node in standing.keys() | gone.keys()}
    return every, {node: gone[node] - standing.get(node, set()) for node in gone}


def _named_facts(graph: Graph, words: Lexicon) -> list[Named]:
    classes = sorted({kind for name in NAMED_FACTS for kind in words.below(name)})
    rows = facts_with_labels(graph, classes) if classes else ()
    found = {
        fact: Named(fact, graph.id(fact), kind, words.label(kind), "", (lexical(label),), _FACTS_LAST)
        for fact, label, kind, _ in rows
        if fact and label and kind
    }
    return sorted(found.values(), key=lambda thing: thing.id)


def _articles(graph: Graph, words: Lexicon) -> list[Named]:
    kind = cq("Article")
    titles = graph.labels(article for article, _ in articles(graph) if article)
    return [
        Named(article, graph.id(article), kind, words.label(kind), "", (title,), _FACTS_LAST)
        for article, title in titles.items()
    ]
