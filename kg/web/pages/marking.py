"""Words that facts rest on -> each sentence once, in pieces, with all of those words in it marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.core.model import Span
from kg.mapping.texts import occurrences
from kg.questions.words import Passage


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an article, and the words in it that facts rest on.

    Attributes:
        first: the first of these words; they name the article.
        pieces: of the sentence, each with whether it belongs to such words; none when the text may not be shown.
        closes: whether the next sentence is of another article, or there is none.
    """

    first: Passage
    pieces: tuple[tuple[bool, str], ...]
    closes: bool = True


def by_sentence(words: Iterable[Passage]) -> list[Said]:
    """Return the sentences that words stand in, each once, in their order."""
    groups: dict[tuple[str, str], list[Passage]] = {}
    for some in words:
        groups.setdefault((some.article.iri, some.sentence or some.quote), []).append(some)
    after = [article for article, _ in [*groups][1:]]
    return [
        Said(
            group[0],
            tuple(marking(sentence, [some.quote for some in group])) if sentence else (),
            after[k : k + 1] != [article],
        )
        for k, ((article, sentence), group) in enumerate(groups.items())
    ]


def marking(sentence: str, quotes: Sequence[str]) -> list[tuple[bool, str]]:
    """Return the pieces of *sentence*, each with whether it belongs to one of *quotes*; white space may differ.

    A quote that is not in the sentence, because it goes beyond it, marks nothing.

    >>> marking("They met on Thursday.", ["met  on", "on Thursday"])
    [(False, 'They '), (True, 'met on Thursday'), (False, '.')]
    >>> marking("They met.", ["They met."])
    [(True, 'They met.')]
    """
    places = sorted(place for quote in quotes for place in occurrences(sentence, quote)[:1])
    pieces, at = [], 0
    for place in _merged(places):
        pieces += [(False, sentence[at : place.start]), (True, sentence[place.start : place.end])]
        at = place.end
    return [(marked, text) for marked, text in [*pieces, (False, sentence[at:])] if text]


def _merged(places: Iterable[Span]) -> list[Span]:
    """Return sorted places with those that touch made one."""
    merged: list[Span] = []
    for place in places:
        if merged and place.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(place.end, merged[-1].end))
        else:
            merged.append(place)
    return merged
