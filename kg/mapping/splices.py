r"""Spans of a text and their replacements -> the changed text. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """The replacement of a span of a text: *text* goes from the offset *start* to before *end*."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return *text* with all *splices*, which must not overlap and whose offsets refer to *text*.

    >>> spliced("ab ab", [Splice(0, 2, "longer"), Splice(3, 5, "x")])
    'longer x'
    """
    for splice in sorted(splices, reverse=True):
        text = f"{text[: splice.start]}{splice.text}{text[splice.end :]}"
    return text
