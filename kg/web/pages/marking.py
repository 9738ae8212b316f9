"""A sentence and the words in it that a fact rests on -> the sentence in pieces, those words marked. Pure."""

from __future__ import annotations

import re


def marking(sentence: str, quote: str) -> list[tuple[bool, str]]:
    """Return the pieces of *sentence*, each with whether it belongs to *quote*; white space may differ between the two.

    A quote that is not in the sentence, because it goes beyond it, marks nothing.

    >>> marking("They met on Thursday.", "met  on")
    [(False, 'They '), (True, 'met on'), (False, ' Thursday.')]
    >>> marking("They met.", "They met.")
    [(True, 'They met.')]
    """
    words = quote.split()
    place = re.search(r"\s+".join(map(re.escape, words)), sentence) if words else None
    if place is None:
        return [(False, sentence)]
    pieces = [(False, sentence[: place.start()]), (True, place[0]), (False, sentence[place.end() :])]
    return [(marked, text) for marked, text in pieces if text]
