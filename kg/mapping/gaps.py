"""A quote that leaves out its middle, "The director … on Thursday" -> the passages that it may match. No I/O.

The gap is written `…` or `...`, alone or in brackets. A quote with the dots of the text itself has no gap, so search
for its exact words first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from string import ascii_letters, digits

_GAP = re.compile(r"\s*(?:\[(?:…|\.\.\.)\]|\((?:…|\.\.\.)\)|…+|\.{3,})\s*")

_IN_A_NUMBER, _IN_A_WORD = frozenset(digits), frozenset(ascii_letters)


def parts_of(quote: str) -> tuple[str, ...]:
    """Return the words before, between and after the gaps of *quote*, white space folded; one part if it has no gap.

    >>> parts_of("The director … on  Thursday"), parts_of("Lind, ..."), parts_of("on Thursday")
    (('The director', 'on Thursday'), ('Lind,', ''), ('on Thursday',))
    """
    parts = _GAP.split(quote) if "…" in quote or "..." in quote else (quote,)
    return tuple(" ".join(part.split()) for part in parts)


def stretches(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where *text* has the first of *parts* and then the others in order: starts and ends, in text order.

    Of passages that contain one another only the shortest counts. A part must match whole words: "on" does not match
    inside "Monday".

    >>> stretches("a b a c b", ["a", "b"])
    [(0, 3), (4, 9)]
    """
    *before, last = [list(whole_places(text, part)) for part in parts]
    ends: dict[int, int] = {}  # start -> end; ends increase, so the first for a start is the nearest
    for place in last:
        start: int | None = place
        for part, places in zip(reversed(parts[:-1]), reversed(before), strict=True):
            start = _last_before(places, start - len(part)) if start is not None else None
        if start is not None:
            ends.setdefault(start, place + len(parts[-1]))
    return list(ends.items())


def whole_places(text: str, words: str) -> Iterator[int]:
    """Yield where *words* occur in *text* as whole words, including overlaps: "5" is not in "15".

    >>> list(whole_places("on Monday, on 5 May 15", "on")), list(whole_places("on 5 May 15", "5"))
    ([0, 11], [3])
    """
    place = text.find(words)
    while place >= 0:
        end = place + len(words)
        before, after = text[place - 1 : place], text[end : end + 1]
        if not _are_joined(words[:1], before) and not _are_joined(words[-1:], after):
            yield place
        place = text.find(words, place + 1)


def _last_before(places: Sequence[int], limit: int) -> int | None:
    """Return the last of *places*, in ascending order, that is not above *limit*."""
    number = bisect_right(places, limit)
    return places[number - 1] if number else None


def _are_joined(inner: str, outer: str) -> bool:
    """Return whether a word or a number goes on from its character *inner* to the one beside it."""
    return any(inner in kind and outer in kind for kind in (_IN_A_NUMBER, _IN_A_WORD))
