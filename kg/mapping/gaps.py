"""A quote that leaves out its middle, "The director … on Thursday" -> the passages that it may match. No I/O.

The gap is written `…` or `...`, alone or in brackets. A quote with the dots of the text itself has no gap, so search
for its exact words first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

_GAP = re.compile(r"\s*(?:\[(?:…|\.\.\.)\]|\((?:…|\.\.\.)\)|…+|\.{3,})\s*")


def parts_of(quote: str) -> tuple[str, ...]:
    """Return the words before, between and after the gaps of *quote*, white space folded; one part if it has no gap.

    >>> parts_of("The director … on  Thursday"), parts_of("Lind, ..."), parts_of("on Thursday")
    (('The director', 'on Thursday'), ('Lind,', ''), ('on Thursday',))
    """
    return tuple(" ".join(part.split()) for part in _GAP.split(quote))


def stretches(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where *text* has the first of *parts* and then the others in order: starts and ends, in text order.

    Of passages that contain one another only the shortest counts. A part must match whole words: "on" does not match
    inside "Monday".

    >>> stretches("a b a c b", ["a", "b"])
    [(0, 3), (4, 9)]
    """
    *before, last = [list(_places(text, part)) for part in parts]
    ends: dict[int, int] = {}  # start -> end; ends increase, so the first for a start is the nearest
    for place in last:
        start: int | None = place
        for part, places in zip(reversed(parts[:-1]), reversed(before), strict=True):
            start = _last_before(places, start - len(part)) if start is not None else None
        if start is not None:
            ends.setdefault(start, place + len(parts[-1]))
    return list(ends.items())


def _places(text: str, part: str) -> Iterator[int]:
    """Yield where *part* occurs in *text* as whole words, including overlaps."""
    pattern = whole_words(part)
    place = text.find(part)
    while place >= 0:
        if pattern.match(text, place):
            yield place
        place = text.find(part, place + 1)


def _last_before(places: Sequence[int], limit: int) -> int | None:
    """Return the last of *places*, in ascending order, that is not above *limit*."""
    number = bisect_right(places, limit)
    return places[number - 1] if number else None


def whole_words(words: str) -> re.Pattern[str]:
    """Return a pattern that matches *words* as whole words: "5" is not in "15"."""
    return re.compile(f"{_edge(words[:1], before=True)}{re.escape(words)}{_edge(words[-1:], before=False)}")


def _edge(char: str, *, before: bool) -> str:
    if not (char.isascii() and char.isalnum()):
        return ""
    kind = "0-9" if char.isdecimal() else "A-Za-z"
    return f"(?<![{kind}])" if before else f"(?![{kind}])"
