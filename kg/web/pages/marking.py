"""Evidence -> each of its sentences once, in pieces, with all evidence in it marked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.core.model import Span
from kg.core.relations import grouped
from kg.mapping.texts import occurrences
from kg.questions.words import Passage


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence of an article, with the evidence in it marked.

    Attributes:
        first: the first passage of evidence, which names the article.
        pieces: the pieces of the sentence, each with whether it is evidence; empty if the text may not be shown.
        closes: whether this is the last sentence, or the next one is from another article.
        opens: whether this is the first sentence, or the one before it is from another article.
    """

    first: Passage
    pieces: tuple[tuple[bool, str], ...]
    closes: bool = True
    opens: bool = True


def by_sentence(words: Iterable[Passage]) -> list[MarkedSentence]:
    """Return the sentences that contain *words*, each once, in order."""
    groups = grouped(((some.article.iri, some.sentence or some.quote), some) for some in words)
    order = [article for article, _ in groups]
    return [
        MarkedSentence(
            group[0],
            tuple(marking(sentence, [some.quote for some in group])) if sentence else (),
            closes=order[k + 1 : k + 2] != [article],
            opens=order[:k][-1:] != [article],
        )
        for k, ((article, sentence), group) in enumerate(groups.items())
    ]


def marking(sentence: str, quotes: Sequence[str]) -> list[tuple[bool, str]]:
    """Return the pieces of *sentence*, each with whether it belongs to one of *quotes*. White space may differ.

    A quote that extends beyond the sentence marks nothing.

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
    """Return sorted places with touching ones merged."""
    merged: list[Span] = []
    for place in places:
        if merged and place.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(place.end, merged[-1].end))
        else:
            merged.append(place)
    return merged
