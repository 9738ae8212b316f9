"""Phrases -> where they stand in a sentence, the longest where several begin. No I/O."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.words.tokens import WIDE

_TOKEN = re.compile(
    rf"{WIDE.pattern}|n['’]t(?![^\W_])|(?:(?!n['’]t(?![^\W_])|{WIDE.pattern})[^\W_])+|['’][^\W_]+|[^\w\s]"
)
"""A word without what is written to it ("could" of "couldn't"), that ("n't"), a wide letter, or a sign."""


@dataclass(frozen=True)
class Phrases:
    """Finds phrases, whole words where their letters are not wide ones.

    Attributes:
        by_first: first word, sign or wide letter of phrases -> the phrases, the longest first.
    """

    by_first: Mapping[str, tuple[str, ...]]

    def found(self, sentence: str) -> Iterator[tuple[int, int, str]]:
        """Yield where phrases stand in a sentence as it is compared, each with the phrase."""
        end = 0
        for token in _TOKEN.finditer(sentence):
            start = token.start()
            fits = (p for p in self.by_first.get(token[0], ()) if sentence.startswith(p, start))
            phrase = next((p for p in fits if _may_end(sentence, start + len(p))), "") if start >= end else ""
            if phrase:
                end = start + len(phrase)
                yield start, end, phrase


def _may_end(sentence: str, end: int) -> bool:
    """Tell whether a word may end here."""
    before, after = sentence[end - 1], sentence[end : end + 1]
    return not (before.isalnum() and after.isalnum()) or bool(WIDE.match(before))


def phrases(words: Iterable[str]) -> Phrases:
    """Return a finder of *words*, in small letters."""
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words, key=lambda word: (-len(word), word)):
        by_first[_TOKEN.findall(word)[0]].append(word)
    return Phrases({first: tuple(phrases) for first, phrases in by_first.items()})
