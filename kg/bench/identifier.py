"""A headline or a name -> a readable id that is not taken. No I/O.

`kg.core.iri.is_id` defines ids: lower-case letters of any script and digits, joined by single hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from kg.bench.tidy import mixes_scripts
from kg.core.iri import is_id
from kg.core.normal import normal
from kg.mapping.outline import is_usable_id

MOST_WORDS = 5
"""Words of a headline in an id: enough to recognise it."""

LONGEST = 48
_NO_PART = re.compile(r"[\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b|['’]")


def readable_id(text: str, common: Container[str] = (), most_words: int = MOST_WORDS) -> str:
    """Return an id from the words of *text* that are not *common* or odd, "" if it has no letter or digit.

    >>> readable_id("The Mayor of Aldenburg's visit: a café", {"the", "of", "a"})
    'mayor-aldenburg-visit-cafe'
    """
    words = [word for word in _NO_PART.split(_POSSESSIVE.sub("", _plain(text).lower())) if word]
    words = [word for word in words if not mixes_scripts(word)]
    chosen = [word for word in words if word not in common] or words
    identifier = ""
    for word in chosen[:most_words]:
        longer = f"{identifier}-{word}" if identifier else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        identifier = longer
    return identifier if is_id(identifier) else ""


def _plain(text: str) -> str:
    """Return *text* with Latin letters without their marks, and others unchanged."""
    spread = normal(text, "NFKD")
    kept = [
        char
        for number, char in enumerate(spread)
        if not (unicodedata.combining(char) and number and _is_latin(spread, number))
    ]
    return normal("".join(kept))


def _is_latin(text: str, number: int) -> bool:
    """Return whether the letter that a mark belongs to is Latin."""
    while number and unicodedata.combining(text[number]):
        number -= 1
    return text[number].isascii()


def free_id(wished: str, taken: Container[str], otherwise: str) -> str:
    """Return *wished*, or *otherwise* if it cannot be an id, with the first free number if it is taken."""
    base = wished if is_usable_id(wished) else otherwise
    if base not in taken:
        return base
    numbers = (f"{base}-{number}" for number in range(2, 1_000_000))
    return next(each for each in numbers if each not in taken)
