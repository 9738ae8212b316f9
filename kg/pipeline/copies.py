"""Texts of articles -> pairs of which one may be a copy of the other, shortened or not. No I/O.

A syndicated report is the same text in two outlets, with a sentence less or a word changed. Shared runs of words, of
which a fixed part is kept, show which texts are worth comparing word by word, as in
https://doi.org/10.1145/872757.872770 (Winnowing).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from kg.core.likeness import common_words
from kg.core.relations import grouped

LEAST_WORDS = 20
"""A shorter text has too few words to distinguish a copy from a formula."""

LEAST_SHARE = 0.8
"""Of the words of the shorter text, in the same order in the other one."""

RUN = 4
"""Consecutive words that are searched for in other texts."""

KEPT = 4
"""One run in this many is searched for, always the same ones."""

LEAST_RUNS = 0.3
"""Of the runs of the shorter text: a copy with every tenth word changed still shares more than half of them."""

MOST_TEXTS = 50
"""A run in more texts is a formula."""

MOST_WORDS = 5_000
"""Words of each text that are compared."""

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Copy:
    """Two texts that are nearly the same.

    Attributes:
        one: key of a text.
        other: key of the other.
        share: of the words of the shorter one that the other has in the same order, from LEAST_SHARE to 1.
    """

    one: str
    other: str
    share: float


def copies(texts: Mapping[str, str], among: frozenset[str] | None = None) -> Iterator[Copy]:
    """Yield the pairs of *texts* that may be copies, sorted, each once.

    Args:
        texts: key -> text.
        among: keys of the texts that are compared with all others; None for all.
    """
    words = {key: _WORD.findall(text.casefold())[:MOST_WORDS] for key, text in sorted(texts.items())}
    runs = {key: _runs(own) for key, own in words.items() if len(own) >= LEAST_WORDS}
    for one, other in _pairs(runs, runs.keys() if among is None else among):
        yield from _compared(one, words[one], other, words[other])


def _pairs(runs: Mapping[str, frozenset[int]], among: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of texts that share enough runs, one of each pair *among* those that are compared."""
    having = _having(runs)
    for one in (key for key in runs if key in among):
        shared = Counter(other for run in runs[one] for other in having.get(run, ()))
        for other, number in sorted(shared.items()):
            is_new = other > one or other not in among
            if is_new and number >= LEAST_RUNS * min(len(runs[one]), len(runs[other])):
                yield one, other


def _having(runs: Mapping[str, Iterable[int]]) -> dict[int, list[str]]:
    """Return each run with the texts that have it, without formulas."""
    found = grouped((run, key) for key, own in runs.items() for run in own)
    return {run: texts for run, texts in found.items() if len(texts) <= MOST_TEXTS}


def _runs(words: Sequence[str]) -> frozenset[int]:
    every = (crc32(" ".join(words[k : k + RUN]).encode()) for k in range(len(words) - RUN + 1))
    return frozenset(run for run in every if run % KEPT == 0)


def _compared(one: str, words: Sequence[str], other: str, others: Sequence[str]) -> Iterator[Copy]:
    share = common_words(words, others) / min(len(words), len(others))
    if share >= LEAST_SHARE:
        yield Copy(min(one, other), max(one, other), share)
