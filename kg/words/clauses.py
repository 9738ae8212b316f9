"""A sentence as it is read for hedges: its clauses, and the stretches of it that mean something. No I/O."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from kg.words.phrases import PhraseFound

_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a sentence that means something.

    Attributes:
        start: of its first character, from 0.
        end: after its last one.
        words: as in the table.
        kind: of a hedge, or "" for one that is none; of a word of the fact, its group.
        reach: of a hedge, how far it reaches.
    """

    start: int
    end: int
    words: str
    kind: str
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence, whole, for a hedge may stand outside of the quote; and the parts of it that a fact rests on."""

    sentence: str
    parts: tuple[tuple[int, int], ...]

    def has(self, mark: Mark) -> bool:
        """Tell whether a mark stands in one of the parts."""
        return any(start <= mark.start and mark.end <= end for start, end in self.parts)


@dataclass(frozen=True, slots=True)
class Clauses:
    """Where each clause of a sentence begins, and its number.

    What follows an interruption has the number of what stands before it; those that interrupt are `inner`.
    """

    starts: tuple[int, ...]
    numbers: tuple[int, ...]
    inner: frozenset[int]

    def at(self, position: int) -> int:
        """Return the number of the clause at a position."""
        return self.numbers[bisect_right(self.starts, position) - 1]


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """What stands in a sentence.

    Attributes:
        text: as it was written.
        plain: as it is compared.
        found: all words of the tables.
        hedges: those of them that are hedges, or look like one.
        clauses: of it.
    """

    text: str
    plain: str
    found: tuple[PhraseFound, ...]
    hedges: tuple[Mark, ...]
    clauses: Clauses


def plain_text(text: str) -> str:
    """Return *text* as it is compared, of the same length: in small letters, with plain spaces."""
    small = text.lower()
    return _SPACE.sub(" ", small if len(small) == len(text) else text)
