"""A text and the stretches of it that are evidence -> the text in pieces, to be marked up. Pure.

Stretches may overlap in any way. A piece is the longest text that supports the same facts, so pieces do not overlap
but follow one another. Each belongs to a sentence, which records whether it supports any fact.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.mapping.sentences import sentences


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """The place of a fact's evidence in code points, the end excluded."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Text that supports the same facts, without keys if it supports none."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in pieces, and whether any of it supports a fact."""

    pieces: tuple[TextSpan, ...]
    covered: bool


def paragraphs(text: str, stretches: Iterable[Stretch]) -> tuple[tuple[Sentence, ...], ...]:
    """Return the text as paragraphs of sentences of pieces, without white space around paragraphs.

    The keys of a piece begin with that of the shortest stretch, which says most about these words.

    >>> [one, other] = paragraphs("One two.\\n\\nThree.", [Stretch(4, 7, "a")])
    >>> [(piece.text, piece.keys) for piece in one[0].pieces], other[0].covered
    ([('One ', ()), ('two', ('a',)), ('.', ())], False)
    >>> [[whole]] = paragraphs("One two.", [Stretch(0, 8, "sentence"), Stretch(4, 7, "word")])
    >>> whole.pieces[1].keys
    ('word', 'sentence')
    """
    marks = sorted(stretches)
    starts = [part.start for part in sentences(text)]
    made = []
    for start, end in _blocks(text):
        inside = [mark for mark in marks if mark.start < end and mark.end > start]
        cuts = [*(place for place in starts if start <= place < end), end]
        made.append(tuple(_sentence(text, a, b, inside) for a, b in itertools.pairwise(cuts)))
    return tuple(made)


def _blocks(text: str) -> list[tuple[int, int]]:
    return [(match.start(), match.end()) for match in re.finditer(r"\S(?:[^\n]|\n(?!\s*\n))*", text)]


def _sentence(text: str, start: int, end: int, marks: Sequence[Stretch]) -> Sentence:
    inside = sorted((mark for mark in marks if mark.start < end and mark.end > start), key=_length)
    cuts = sorted({start, end, *(min(max(place, start), end) for mark in inside for place in (mark.start, mark.end))})
    pieces = []
    for a, b in itertools.pairwise(cuts):
        resting = (mark.key for mark in inside if mark.start <= a and mark.end >= b)
        keys = tuple(dict.fromkeys(resting)) if text[a:b].strip() else ()
        pieces.append(TextSpan(text[a:b], keys))
    return Sentence(tuple(pieces), any(piece.keys for piece in pieces))


def _length(mark: Stretch) -> int:
    return mark.end - mark.start
