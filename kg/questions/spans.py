"""A text and the stretches of it that facts rest on -> the text in pieces, to be marked up. Pure.

Stretches overlap in every way. A piece is the longest stretch of text that the same facts rest on, so that pieces
nest in nothing and follow one another; each knows its sentence, and a sentence whether any fact rests on it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.mapping.sentences import sentences


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Where a fact's words stand: code points, the end excluded."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Text that the same facts rest on; no key if none does."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in pieces, and whether a fact rests on any of it."""

    pieces: tuple[TextSpan, ...]
    covered: bool


def paragraphs(text: str, stretches: Iterable[Stretch]) -> tuple[tuple[Sentence, ...], ...]:
    """Return the text as paragraphs of sentences of pieces; white space at their ends is left out.

    >>> [one, other] = paragraphs("One two.\\n\\nThree.", [Stretch(4, 7, "a")])
    >>> [(piece.text, piece.keys) for piece in one[0].pieces], other[0].covered
    ([('One ', ()), ('two', ('a',)), ('.', ())], False)
    """
    marks = sorted(stretches)
    starts = [part.start for part in sentences(text)]
    divided = []
    for start, end in _blocks(text):
        inside = [mark for mark in marks if mark.start < end and mark.end > start]
        cuts = [*(place for place in starts if start <= place < end), end]
        divided.append(tuple(_sentence(text, a, b, inside) for a, b in itertools.pairwise(cuts)))
    return tuple(divided)


def _blocks(text: str) -> list[tuple[int, int]]:
    return [(match.start(), match.end()) for match in re.finditer(r"\S(?:[^\n]|\n(?!\s*\n))*", text)]


def _sentence(text: str, start: int, end: int, marks: Sequence[Stretch]) -> Sentence:
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    cuts = sorted({start, end, *(min(max(place, start), end) for mark in inside for place in (mark.start, mark.end))})
    pieces = []
    for a, b in itertools.pairwise(cuts):
        resting = (mark.key for mark in inside if mark.start <= a and mark.end >= b)
        keys = tuple(dict.fromkeys(resting)) if text[a:b].strip() else ()
        pieces.append(TextSpan(text[a:b], keys))
    return Sentence(tuple(pieces), any(piece.keys for piece in pieces))
