"""A sentence as analysed for hedges: its clauses and the phrases that matter. No I/O."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from kg.words.phrases import PhraseFound

_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase in a sentence that matters.

    Attributes:
        start: of its first character, from 0.
        end: after its last one.
        words: as in the table.
        kind: of a hedge its kind, or "" if it only looks like one; of a word of the fact its group.
        reach: of a hedge, how far it reaches.
    """

    start: int
    end: int
    words: str
    kind: str
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A whole sentence, since a hedge may be outside the quote, and the parts of it that support a fact."""

    sentence: str
    parts: tuple[tuple[int, int], ...]

    def has(self, mark: Mark) -> bool:
        """Return whether a mark is in one of the parts."""
        return any(start <= mark.start and mark.end <= end for start, end in self.parts)


@dataclass(frozen=True, slots=True)
class Clauses:
    """Where each clause of a sentence begins, and its number.

    The text after an interruption has the same number as the text before it. Clauses that interrupt are `inner`.
    """

    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    inner: frozenset[int]

    def at(self, position: int) -> int:
        """Return the number of the clause at a position."""
        return self.numbers[bisect_right(self.starts, position) - 1]


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence and what was found in it.

    Attributes:
        text: as written.
        plain: in the form for comparison.
        matches: all phrases of the tables.
        hedges: those that are hedges or look like one.
        clauses: its clauses.
    """

    text: str
    plain: str
    matches: tuple[PhraseFound, ...]
    hedges: tuple[Mark, ...]
    clauses: Clauses


def plain_text(text: str) -> str:
    """Return *text* in the form for comparison: lower case, plain spaces, same length."""
    small = text.lower()
    return _SPACE.sub(" ", small if len(small) == len(text) else text)
