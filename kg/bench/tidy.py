"""A text as pasted or saved -> the text as it is kept, and what a curator should know about it. No I/O.

A quote must match the text exactly, so invisible characters are removed, as no one could type them. They stay if
a script needs them, as Persian needs the zero-width non-joiner. Letters that look like others stay, because they may be
right, and are reported with their places.
https://www.unicode.org/reports/tr36/ (look-alikes), https://trojansource.codes/ (controls of direction)
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from kg.core.errors import InputError
from kg.core.normal import MOST_MARKS, normal, too_many_marks

JOINERS = frozenset("\u200c\u200d")
_JOINED = ("ARABIC", "SYRIAC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA")
_JOINED_TOO = ("MALAYALAM", "SINHALA", "MONGOLIAN", "KHMER", "MYANMAR", "THAANA")
JOINED_SCRIPTS = (*_JOINED, *_JOINED_TOO)
"""Scripts in which a joiner between two letters changes how they are written."""

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
"""Characters with the properties of a letter or a mark that show nothing."""

ALIKE = (frozenset(("LATIN", "CYRILLIC")), frozenset(("LATIN", "GREEK")), frozenset(("GREEK", "CYRILLIC")))
"""Scripts whose letters look alike. A word with letters of two of them is suspicious."""

AROUND = 20
"""Code points shown on either side of a place."""

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MARK = "\ufdd0"
"""Marks where something was removed, until its place is known. No text may contain it (Unicode: a noncharacter)."""

_BLANKS = re.compile(rf"[\s{_MARK}]+")
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a curator should know about a text.

    Attributes:
        what: a description, including what was done about it.
        position: in the tidied text, in code points from 0, None for the whole text.
    """

    what: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Tidied:
    """A text as it is kept.

    Attributes:
        text: paragraphs with a blank line between them, words with single spaces, in Unicode form NFC.
        remarks: those with a place in text order, then those on the whole text.
    """

    text: str
    remarks: tuple[Remark, ...]


def tidied(raw: str, *, lines_are_paragraphs: bool = False) -> Tidied:
    """Return *raw* tidied. A single line end is a space unless *lines_are_paragraphs*.

    >>> tidied("One\\u200b  two\\n\\n\\n\\nthree").text
    'One two\\n\\nthree'

    Raises:
        InputError: it has more combining marks in a row than any language.
    """
    if too_many_marks(raw) is not None:
        raise InputError(f"the text has more than {MOST_MARKS} combining marks in a row", "remove them")
    marked, unseen = _marked(_LINE_ENDS.sub("\n", raw))
    spread = _LIGATURES.sub(lambda ligature: unicodedata.normalize("NFKC", ligature[0]), marked)
    text, places = _without_marks(_spaced(normal(spread), lines_are_paragraphs))
    ligatures = len(_LIGATURES.findall(marked))
    spelt = [f"{ligatures} ligature{'s' if ligatures > 1 else ''} spelt out"] if ligatures else []
    remarks = sorted([*_unseen_remarks(unseen, places), *_suspicious(text)], key=lambda remark: remark.position or 0)
    return Tidied(text, (*remarks, *map(Remark, spelt)))


def _spaced(text: str, lines_are_paragraphs: bool) -> str:
    """Return *text* with one kind of white space between two words, after any marks."""

    def spaced(run: re.Match[str]) -> str:
        ends, has_space = run[0].count("\n"), bool(run[0].strip(_MARK))
        space = "\n\n" if ends > (0 if lines_are_paragraphs else 1) else " " if has_space else ""
        return _MARK * run[0].count(_MARK) + (space if run.start() and run.end() < len(text) else "")

    return _BLANKS.sub(spaced, text)


# -------- characters that cannot be seen


def _marked(text: str) -> tuple[str, str]:
    """Return *text* with a mark in place of each character that cannot be seen, and these characters."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text, ""
    kept, unseen = [], []
    for position, char in enumerate(text):
        is_taken = is_unseen(char) and not (char in JOINERS and _joins(text, position))
        unseen += [char] if is_taken else []
        kept.append(_MARK if is_taken else char)
    return "".join(kept), "".join(unseen)


def _without_marks(text: str) -> tuple[str, list[int]]:
    """Return *text* without marks, and the former place of each."""
    parts = text.split(_MARK)
    return normal("".join(parts)), list(accumulate(map(len, parts[:-1])))


def is_unseen(char: str) -> bool:
    """Return whether a character shows nothing and is not white space of a text. Joiners are unseen, too."""
    if char in "\n\t":
        return False
    return unicodedata.category(char) in ("Cf", "Cc", "Cs") or char in _BLANK_LETTERS or char == _MARK


def _joins(text: str, position: int) -> bool:
    """Return whether the characters on either side are of a script that has joiners."""
    return all(
        _script(char) in JOINED_SCRIPTS for char in (text[position - 1 : position], text[position + 1 : position + 2])
    )


def _unseen_remarks(unseen: str, places: Sequence[int]) -> Iterator[Remark]:
    """Yield a remark on each kind of character that was removed, with its first place."""
    for char, count in Counter(unseen).items():
        kind = "which changes the direction" if char in DIRECTIONS else "which cannot be seen"
        many = f" {count} times" if count > 1 else ""
        name = unicodedata.name(char, "a control character").lower()
        yield Remark(f"U+{ord(char):04X} ({name}), {kind}, was removed{many}", places[unseen.index(char)])


# -------- letters that look like others


def _suspicious(text: str) -> Iterator[Remark]:
    """Yield remarks on what a reader may take for something else."""
    if text.isascii():
        return
    remarks = [*_mixed_words(text), *_rows(text, _is_wide_latin, "full-width letters or digits; kept")]
    remarks += _rows(text, _is_unreadable, "a character that no font shows, perhaps from a wrong encoding; kept")
    yield from remarks


def _mixed_words(text: str) -> Iterator[Remark]:
    for word in _WORD.finditer(text):
        if not word[0].isascii() and (mixed := _mixture({_script(char) for char in word[0]})):
            odd = [f"{char} (U+{ord(char):04X})" for char in dict.fromkeys(word[0]) if _script(char) != "LATIN"]
            yield Remark(
                f"'{word[0]}' has letters of {mixed} that look alike: {', '.join(odd[:3])}; kept", word.start()
            )


def mixes_scripts(word: str) -> bool:
    """Return whether a word has letters of two scripts that look alike."""
    return not word.isascii() and bool(_mixture({_script(char) for char in word}))


def _mixture(scripts: set[str]) -> str:
    pair = next((pair for pair in ALIKE if pair <= scripts), frozenset())
    return " and ".join(sorted(name.title() for name in pair))


def _rows(text: str, is_meant: Callable[[str], bool], what: str) -> Iterator[Remark]:
    for has_meant, row in groupby(enumerate(text), lambda pair: is_meant(pair[1])):
        if has_meant:
            characters = list(row)
            shown = "".join(char for _, char in characters)[:AROUND]
            yield Remark(f"'{shown}': {what}", characters[0][0])


def _is_wide_latin(char: str) -> bool:
    return "\uff10" <= char <= "\uff5a" and char.isalnum()


def _is_unreadable(char: str) -> bool:
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn")


def _script(char: str) -> str:
    """Return the first word of a character's name, which is its script for letters."""
    return unicodedata.name(char, "").partition(" ")[0] if char else ""


def around(text: str, position: int) -> str:
    """Return the words of *text* around a position."""
    return " ".join(text[max(position - AROUND, 0) : position + AROUND].split())
