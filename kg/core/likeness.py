"""An unknown word -> the known words most similar to it. No I/O.

Similarity is https://en.wikipedia.org/wiki/Edit_distance with insertions and deletions only: twice the number of
letters that both words have in the same order, divided by the number of all letters. Case is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

LONGEST = 200
"""Code points. A longer word is not a misspelt name."""

LEAST = 0.7
"""A less similar word is a different word, not a misspelt one: 'honda' for 'india'."""
MARGIN = 0.15
"""A word whose similarity is further than this below the best is not worth proposing."""

SHORTEST_SLIP = 5
"""Code points of a word that may be a slip for another: two of three letters are another word."""

_DIGITS = re.compile(r"\d")


class KnownWords:
    """Known words, prepared for comparison with many unknown ones."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        for word in known:
            self._known.setdefault(word.casefold(), word)

    def nearest(self, word: str, most: int = 3, least: float = LEAST) -> tuple[str, ...]:
        """Return up to *most* known words with a similarity to *word* of *least* or more, best first."""
        if len(word) > LONGEST:
            return ()
        best = sorted(alike(word.casefold(), self._known.keys(), least), reverse=True)[:most]
        return tuple(self._known[match] for likeness, match in best if likeness >= best[0][0] - MARGIN)

    def beginning(self, word: str, most: int = 3) -> tuple[str, ...]:
        """Return the known words that begin with *word*, none if they are more than *most* or *word* is short.

        >>> KnownWords(["parentOrganization", "subOrganization"]).beginning("parent")
        ('parentOrganization',)
        """
        start = word.casefold()
        longer = [known for folded, known in self._known.items() if folded.startswith(start)]
        return tuple(longer) if len(word) >= SHORTEST_SLIP and len(longer) <= most else ()


def nearest(word: str, known: Iterable[str] | KnownWords, most: int = 3, least: float = LEAST) -> tuple[str, ...]:
    """Return the *known* words most similar to *word*, as `KnownWords.nearest`.

    >>> nearest("metting", ["Meeting", "Agreement"])
    ('Meeting',)
    """
    return (known if isinstance(known, KnownWords) else KnownWords(known)).nearest(word, most, least)


def slip_of(word: str, near: Iterable[str]) -> str:
    """Return the one of the words *near* that *word* is a slip for, "" if there is none, or more than one.

    At most two letters differ, and no digit: `meeting-2` is no slip for `meeting-1`. Short words are never slips.

    >>> slip_of("mara-lynd", ["mara-lind"]), slip_of("mara-lynd", ["mara-lind", "mara-lund"])
    ('mara-lind', '')
    >>> slip_of("meeting-2", ["meeting-1"]), slip_of("wei", ["wen"])
    ('', '')
    """
    from rapidfuzz.distance import Indel

    digits, meant = _DIGITS.findall(word), word.casefold()
    slips = [each for each in near if Indel.distance(meant, each.casefold(), score_cutoff=2) <= 2]
    is_slip = len(slips) == 1 and len(word) >= SHORTEST_SLIP and _DIGITS.findall(slips[0]) == digits
    return slips[0] if is_slip else ""


def proposal(word: str, known: Iterable[str] | KnownWords, otherwise: str, most: int = 3, least: float = LEAST) -> str:
    """Return "did you mean …?" for the nearest known words, or *otherwise*."""
    return proposed(nearest(word, known, most, least), otherwise)


def proposed(near: Iterable[str], otherwise: str) -> str:
    """Return "did you mean …?" for these words, or *otherwise* if there are none."""
    names = " or ".join(map(repr, near))
    return f"did you mean {names}?" if names else otherwise


def alike(text: str, known: Collection[str], least: float) -> list[tuple[float, str]]:
    """Return the *known* texts with a similarity of *least* or more, each with its similarity, 0 to 1. Case counts.

    >>> alike("lind mara", ["lund mara", "wei"], 0.6)[0][1]
    'lund mara'
    """
    from rapidfuzz.distance import Indel  # here, because most runs have no misspelt word
    from rapidfuzz.process import extract

    matches = extract(text, known, scorer=Indel.normalized_similarity, score_cutoff=least, limit=None)
    return [(similarity, other) for other, similarity, _ in matches]


def likeness(one: str, other: str) -> float:
    """Return the similarity of two texts, from 0 to 1, ignoring case.

    >>> likeness("Tide study", "tide study")
    1.0
    """
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(one.casefold(), other.casefold())


def common_words(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words both have in the same order. Takes time proportional to the product of the lengths.

    >>> common_words("a b c d".split(), "a c d e".split())
    3
    """
    from rapidfuzz.distance import LCSseq

    return LCSseq.similarity(one, other)
