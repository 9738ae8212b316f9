"""A quote that leaves out its middle, "The director … on Thursday" -> the stretches that it may stand for. No I/O.

What is left out is written `…` or `...`, alone or in brackets. A quote that has the dots of its text has no gap: who
looks for a quote looks for its very words first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

_GAP = re.compile(r"\s*(?:\[(?:…|\.\.\.)\]|\((?:…|\.\.\.)\)|…+|\.{3,})\s*")


def parts_of(quote: str) -> tuple[str, ...]:
    """Return the words before, between and after the gaps of *quote*, white space folded; one if it has no gap.

    >>> parts_of("The director … on  Thursday"), parts_of("Lind, ..."), parts_of("on Thursday")
    (('The director', 'on Thursday'), ('Lind,', ''), ('on Thursday',))
    """
    return tuple(" ".join(part.split()) for part in _GAP.split(quote))


def stretches(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where *text* has the first of *parts*, then the others in order, as start and end; in order.

    Of stretches that hold one another only the shortest counts. A part stands as words of its own: "on" is not in
    "Monday".

    >>> stretches("a b a c b", ["a", "b"])
    [(0, 3), (4, 9)]
    """
    *before, last = [list(_places(text, part)) for part in parts]
    found: dict[int, int] = {}  # start -> end; ends rise, so the first one of a start is the nearest
    for place in last:
        start: int | None = place
        for part, places in zip(reversed(parts[:-1]), reversed(before), strict=True):
            start = _last_before(places, start - len(part)) if start is not None else None
        if start is not None:
            found.setdefault(start, place + len(parts[-1]))
    return list(found.items())


def _places(text: str, part: str) -> Iterator[int]:
    """Yield where *part* stands in *text* as words of its own, also where it overlaps itself."""
    pattern = whole_words(part)
    place = text.find(part)
    while place >= 0:
        if pattern.match(text, place):
            yield place
        place = text.find(part, place + 1)


def _last_before(places: Sequence[int], limit: int) -> int | None:
    """Return the last of *places*, which rise, that is not above *limit*."""
    number = bisect_right(places, limit)
    return places[number - 1] if number else None


def whole_words(words: str) -> re.Pattern[str]:
    """Return a pattern for *words* as words of their own: "5" is not in "15"."""
    return re.compile(f"{_edge(words[:1], before=True)}{re.escape(words)}{_edge(words[-1:], before=False)}")


def _edge(char: str, *, before: bool) -> str:
    if not (char.isascii() and char.isalnum()):
        return ""
    kind = "0-9" if char.isdecimal() else "A-Za-z"
    return f"(?<![{kind}])" if before else f"(?![{kind}])"
