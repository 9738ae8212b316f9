"""Texts of articles -> pairs of which one may be a copy of the other, possibly shortened. No I/O but temporary files.

A syndicated report appears with almost the same text in two outlets. To decide which texts are worth comparing word by
word, we count the runs of words that they share, using a fixed sample of runs:
https://doi.org/10.1145/872757.872770 (Winnowing).
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from zlib import crc32

from kg.core.likeness import common_words
from kg.pipeline.outputs import SORTED_AT_ONCE
from kg.store.ordered import OrderedLines

LEAST_WORDS = 20
"""A shorter text has too few words to tell a copy from boilerplate."""

LEAST_SHARE = 0.8
"""The least share of the shorter text's words that the other text has in the same order."""

RUN = 4
"""The number of consecutive words in a run."""

KEPT = 4
"""One run in this many is in the sample, always the same ones."""

LEAST_RUNS = 0.3
"""The least share of common runs. A copy with every tenth word changed still shares more than half of its runs."""

MOST_TEXTS = 50
"""A run that occurs in more texts is boilerplate."""

MOST_WORDS = 5_000
"""The number of words of each text that are compared."""

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Copy:
    """Two texts that are nearly the same.

    Attributes:
        one: key of a text.
        other: key of the other.
        share: share of the shorter text's words that the other has in the same order, from LEAST_SHARE to 1.
    """

    one: str
    other: str
    share: float


def copies(texts: Mapping[str, str], among: frozenset[str] | None = None) -> Iterator[Copy]:
    """Yield the pairs of *texts* that may be copies, sorted and without duplicates.

    Args:
        texts: key -> text. Few of them are in memory at once.
        among: keys of the texts to compare with all others, None for all.
    """
    words_of = lru_cache(MOST_TEXTS)(lambda key: _WORD.findall(texts[key].casefold())[:MOST_WORDS])
    samples = ((key, words_of(key)) for key in sorted(texts))
    runs = {key: _runs(words) for key, words in samples if len(words) >= LEAST_WORDS}
    for one, other in _pairs(runs, runs.keys() if among is None else among):
        yield from _compared(one, words_of(one), other, words_of(other))


def _pairs(runs: Mapping[str, Sequence[int]], among: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of texts that share enough runs. One text of each pair is in *among*."""
    containing = _containing(runs)
    for one in (key for key in runs if key in among):
        shared = Counter(other for run in runs[one] for other in containing.get(run, ()))
        for other, number in sorted(shared.items()):
            is_new = other > one or other not in among
            if is_new and number >= LEAST_RUNS * min(len(runs[one]), len(runs[other])):
                yield one, other


def _containing(runs: Mapping[str, Iterable[int]]) -> dict[int, list[str]]:
    """Return run -> the texts that contain it, for runs in several texts, without boilerplate."""
    keys = list(runs)
    entries = (f"{run:08x} {number}" for number, own in enumerate(runs.values()) for run in own)
    with OrderedLines(entries, SORTED_AT_ONCE) as ordered:
        pairs = (entry.split() for entry in ordered)
        groups = ((run, [keys[int(number)] for _, number in group]) for run, group in groupby(pairs, itemgetter(0)))
        return {int(run, 16): texts for run, texts in groups if 1 < len(texts) <= MOST_TEXTS}


def _runs(words: Sequence[str]) -> Sequence[int]:
    """Return the runs of a text that are in the sample, each once."""
    every = (crc32(" ".join(words[k : k + RUN]).encode()) for k in range(len(words) - RUN + 1))
    return array("I", {run for run in every if run % KEPT == 0})


def _compared(one: str, words: Sequence[str], other: str, others: Sequence[str]) -> Iterator[Copy]:
    share = common_words(words, others) / min(len(words), len(others))
    if share >= LEAST_SHARE:
        yield Copy(min(one, other), max(one, other), share)
