"""Phrases of a language -> their places in a text: the only finder for all its tables. No I/O.

A phrase begins and ends at word boundaries, or anywhere in scripts without spaces. Names in the registry, which are
folded and number in the thousands, have their own finder: `kg.words.calls`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""A letter of a script written without spaces."""

_PIECE = re.compile(rf"{WIDE.pattern}|(?:(?!{WIDE.pattern}|[²³¹¼-¾⁰-₟])[^\W\d_])+|\S")
"""A wide letter, a run of other letters, or one sign or digit."""

_START = re.compile(
    rf"{WIDE.pattern}|n['’]t(?![^\W_])|(?:(?!n['’]t(?![^\W_])|{WIDE.pattern})[^\W_])+|['’][^\W_]+|[^\w\s]"
)
"""A word without its contraction ("could" of "couldn't"), the contraction ("n't"), a wide letter, or a sign."""


class PhraseFound(NamedTuple):
    """A phrase in a text: its start, its end (excluded), and the phrase."""

    start: int
    end: int
    phrase: str


@dataclass(frozen=True)
class Phrases:
    """Finds phrases in texts that are folded in the same way.

    Attributes:
        by_first: first piece of phrases -> the phrases, longest first.
    """

    by_first: Mapping[str, tuple[str, ...]]

    def at(self, text: str, start: int) -> Iterator[str]:
        """Yield the phrases at a position, longest first."""
        piece = _PIECE.match(text, start)
        for phrase in self.by_first.get(piece[0], ()) if piece else ():
            if text.startswith(phrase, start) and _may_end(text, start + len(phrase)):
                yield phrase

    def all_in(self, text: str) -> tuple[PhraseFound, ...]:
        """Return all phrases that begin at a word of *text*, in order, longest first where several begin."""
        starts = (token.start() for token in _START.finditer(text))
        return tuple(
            PhraseFound(start, start + len(phrase), phrase) for start in starts for phrase in self.at(text, start)
        )


def longest(matches: Iterable[PhraseFound], among: Container[str]) -> Iterator[PhraseFound]:
    """Yield the matches that are in *among*: the longest at each place, and none that begins within another."""
    end = 0
    for each in matches:
        if each.start >= end and each.phrase in among:
            end = each.end
            yield each


def phrases(words: Iterable[str]) -> Phrases:
    """Return a finder of *words*."""
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        if piece := _PIECE.match(word):
            by_first[piece[0]].append(word)
    return Phrases({first: tuple(phrases) for first, phrases in by_first.items()})


def _may_end(text: str, end: int) -> bool:
    """Return whether a phrase may end here: not between two letters of one word."""
    return end >= len(text) or not (_is_letter(text[end - 1]) and _is_letter(text[end]))


def _is_letter(char: str) -> bool:
    """Return whether *char* is a letter of a script with spaces between words."""
    return char.isalpha() and not WIDE.match(char)
