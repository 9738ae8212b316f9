"""Words that facts rest on -> each sentence once, in pieces, with all of those words in it marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.questions.words import Words


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an article, and the words in it that facts rest on.

    Attributes:
        first: the first of these words; they name the article.
        pieces: of the sentence, each with whether it belongs to such words; none when the text may not be shown.
        closes: whether the next sentence is of another article, or there is none.
    """

    first: Words
    pieces: tuple[tuple[bool, str], ...]
    closes: bool = True


def by_sentence(words: Iterable[Words]) -> list[Said]:
    """Return the sentences that words stand in, each once, in their order."""
    groups: dict[tuple[str, str], list[Words]] = {}
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
    places = sorted(place for quote in quotes if (place := _place(sentence, quote)))
    pieces, at = [], 0
    for start, end in _merged(places):
        pieces += [(False, sentence[at:start]), (True, sentence[start:end])]
        at = end
    return [(marked, text) for marked, text in [*pieces, (False, sentence[at:])] if text]


def _place(sentence: str, quote: str) -> tuple[int, int] | None:
    words = quote.split()
    found = re.search(r"\s+".join(map(re.escape, words)), sentence) if words else None
    return found.span() if found else None


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted places with those that touch made one."""
    merged: list[tuple[int, int]] = []
    for start, end in places:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
