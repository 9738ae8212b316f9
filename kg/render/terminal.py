"""Text -> what a terminal or a page can show: without what steers it, and how many places it takes. No I/O.

https://www.unicode.org/reports/tr11/ (East Asian width) ; https://www.unicode.org/reports/tr9/ (direction)
"""

from __future__ import annotations

import re
import unicodedata

_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def harmless(text: str) -> str:
    """Return *text* with U+FFFD for what steers a terminal, turns the direction of text or cannot be written."""
    return _STEERING.sub("\ufffd", text)


def showable(text: str) -> str:
    """Return *text* harmless, and without a carriage return, after which a terminal writes over its line."""
    return harmless(text).replace("\r", "\ufffd")


def one_line(text: str) -> str:
    """Return *text* harmless, in one line."""
    return harmless(" ".join(text.split()))


def cells_wide(text: str) -> int:
    """Return how many places *text* takes on a terminal.

    >>> cells_wide("Wu Qing 吴清")
    12
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
