"""Text -> lines of limited width in pixels, for pictures shown in an unknown typeface. Pure.

Widths are those of the widest common sans-serif faces, so that text never leaves its box.
https://www.unicode.org/reports/tr11/ (East Asian width)
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_CHARACTERS = 2048
"""Characters whose properties are remembered."""


def wrapped(text: str, width: float, size: float, most: int) -> tuple[str, ...]:
    """Return *text* in at most *most* lines no wider than *width*. A wider word is broken, and excess text is cut."""
    lines = [""]
    for word in _words(" ".join(text.split()), width, size):
        if lines[-1] and text_width(lines[-1] + word.rstrip(), size) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    lines = [line.rstrip() for line in lines]
    return tuple(lines) if len(lines) <= most else (*lines[: most - 1], lines[most - 1] + "…")


def _words(text: str, width: float, size: float) -> list[str]:
    """Return the pieces between which a line may break: after a space, and around each wide (Chinese) character."""
    pieces = [""]
    for character in text:
        piece = pieces[-1]
        if piece and (
            piece[-1] in " -" or _wide(character) or _wide(piece[-1]) or text_width(piece + character, size) > width
        ):
            pieces.append("")
        pieces[-1] += character
    return pieces


@lru_cache(_CHARACTERS)
def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" and unicodedata.category(character)[0] == "L"


def text_width(text: str, size: float) -> float:
    """Return the maximum width of *text* in pixels, judging by the widest common sans-serif typefaces."""
    return sum(map(_em, text)) * size


@lru_cache(_CHARACTERS)
def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.03
    if unicodedata.combining(character):
        return 0.0
    if character in "iIjl.,:;'|!()[]ftr -‑·":
        return 0.4
    if character in "mwMW@%":
        return 0.97
    return 0.74 if character.isupper() else 0.63
