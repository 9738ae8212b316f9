"""Text -> its Unicode normal form, and what of it counts where names are compared; time grows with its length. No I/O.

Python sorts the combining marks of one letter in quadratic time. Text with more than 30 in a row is outside of the
Stream-Safe Text Format, and no language's: it is refused where files are read, and elsewhere left as it is.
https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import Literal, TypeAlias

MOST_MARKS = 30

Form: TypeAlias = Literal["NFC", "NFKC", "NFKD"]

_NEITHER_LETTER_NOR_BLANK = re.compile(rf"[^\x00-\x7f\w\s]{{{MOST_MARKS + 1},}}")


def normal(text: str, form: Form = "NFC") -> str:
    """Return *text* in a normal form; as it is if `too_many_marks` finds a place in it.

    >>> normal("e\\u0301") == "\\xe9"
    True
    """
    return text if text.isascii() or too_many_marks(text) is not None else unicodedata.normalize(form, text)


def too_many_marks(text: str) -> int | None:
    """Return where the first row of more than MOST_MARKS combining marks begins, None if there is none."""
    for stretch in _NEITHER_LETTER_NOR_BLANK.finditer(text):
        start = stretch.start()
        for is_mark, row in groupby(stretch[0], lambda char: unicodedata.combining(char) > 0):
            length = len(list(row))
            if is_mark and length > MOST_MARKS:
                return start
            start += length
    return None


def folded(text: str) -> str:
    """Return *text* without regard to case, width and spaces.

    >>> folded("  Ｂai  CHUNLI ")
    'bai chunli'
    """
    return " ".join(normal(text, "NFKC").casefold().split())


def bare(text: str) -> str:
    """Return *text* folded, and without accents and punctuation.

    >>> bare("Shīh May-lung")
    'shih may lung'
    """
    parts = normal(folded(text), "NFKD")
    kept = "".join(c if c.isalnum() else " " for c in parts if not unicodedata.combining(c))
    return " ".join(kept.split())
