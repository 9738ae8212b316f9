r"""Stretches of a text and what belongs there -> the text with them replaced. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """What is written in place of a stretch of a text: *text* from the offset *start* to before *end*."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return *text* with all *splices*, which do not overlap and whose offsets are those of *text*.

    >>> spliced("ab ab", [Splice(0, 2, "longer"), Splice(3, 5, "x")])
    'longer x'
    """
    for splice in sorted(splices, reverse=True):
        text = f"{text[: splice.start]}{splice.text}{text[splice.end :]}"
    return text
