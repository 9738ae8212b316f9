"""Text -> its Unicode normal form, and its letters for comparing names, in linear time. No I/O.

Python sorts the combining marks of one letter in quadratic time. Text with more than 30 in a row is not in
Stream-Safe Text Format and occurs in no language. It is refused when files are read, and left unchanged elsewhere.
https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import Literal, TypeAlias

MOST_MARKS = 30

Form: TypeAlias = Literal["NFC", "NFKC", "NFKD"]

_AS_MANY = b"?" * (MOST_MARKS + 1)
_ASCII_WORD = re.compile("[a-z0-9]+")
_NEITHER_LETTER_NOR_BLANK = re.compile(rf"[^\x00-\x7f\w\s]{{{MOST_MARKS + 1},}}")


def normal(text: str, form: Form = "NFC") -> str:
    """Return *text* in a normal form, or unchanged if it has too many marks in a row.

    >>> normal("e\\u0301") == "\\xe9"
    True
    """
    return text if text.isascii() or too_many_marks(text) is not None else unicodedata.normalize(form, text)


def too_many_marks(text: str) -> int | None:
    """Return the start of the first run of more than MOST_MARKS combining marks, None if there is none."""
    if _AS_MANY not in text.encode("ascii", "replace"):  # marks are beyond ASCII; most texts have no such run
        return None
    for match in _NEITHER_LETTER_NOR_BLANK.finditer(text):
        start = match.start()
        for is_mark, run in groupby(match[0], lambda char: unicodedata.combining(char) > 0):
            length = len(list(run))
            if is_mark and length > MOST_MARKS:
                return start
            start += length
    return None


def folded(text: str) -> str:
    """Return *text* with case, width and white space folded.

    >>> folded("  Ｂai  CHUNLI ")
    'bai chunli'
    """
    return " ".join(normal(text, "NFKC").casefold().split())


def bare(text: str) -> str:
    """Return *text* folded, without accents and punctuation.

    >>> bare("Shīh May-lung")
    'shih may lung'
    """
    if text.isascii():
        return " ".join(_ASCII_WORD.findall(text.lower()))
    parts = normal(folded(text), "NFKD")
    kept = "".join(c if c.isalnum() else " " for c in parts if not unicodedata.combining(c))
    return " ".join(kept.split())
