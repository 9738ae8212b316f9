"""A text -> the spans of its sentences. No I/O; the time is linear in the length of any text.

A full stop is judged by the word before and the word after it: a number, an initial or an abbreviation ends a sentence
only if the next word shows it. An unknown word with a full stop before a capital letter ends one. What no rule can know
is not guessed: after "Acme Inc." a sentence that begins with a name is not recognised. The test cases are in
tests/sentences/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.core.model import Span
from kg.mapping.abbreviations import WORDS, union

_INSIDE = union(words.inside for words in WORDS.values())
_BEFORE_A_NUMBER = union(words.before_a_number for words in WORDS.values())
_EITHER = union(words.either for words in WORDS.values())
_TIMES_OF_DAY = union(words.times_of_day for words in WORDS.values())
_OF_A_TIME = union(words.of_a_time for words in WORDS.values())
_OPENERS = union(words.openers for words in WORDS.values())

# Possessive quantifiers and the look-behind keep a run of 300,000 full stops from being read once for each of them.
_POINT = re.compile(
    r"""
    (?: ^[^\S\n]*+ (?P<mark> [-*–—•▪◦‣] | \(?(?:\d{1,2}|[a-z])\) | \d{1,2}\. ) (?=[^\S\n]) )
    | (?P<stop> (?<![.!?…؟۔।]) (?P<marks> [.!?…؟۔।]++ (?:[ ]\.)*+ )
        (?:\[\d{1,3}\])*+ ["'’”»)\]]*+ (?:\[\d{1,3}\])*+ (?=\s|\Z) )
    | (?P<wide> (?<![。！？｡])[。！？｡]++ ["'’”」』）】]*+ (?!》) )
    | (?P<blank> \n[^\S\n]*+\n )
    """,
    re.VERBOSE | re.MULTILINE,
)
_NEXT = re.compile(r"""\s*+ ["'“‘«「『(\[]*+ (?P<word>[^\W_]{0,40}) (?P<after>\.?)""", re.VERBOSE)
_TIME = re.compile(r"\s++time\b")
_BEFORE_A_WORD = re.compile(r"""[\s"'“‘«「『(\[/–—]""")
_LONGEST_WORD = 24
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]")
_ROMAN = re.compile(r"[IVXLC]{2,}|[VX]")
_ALWAYS_ITEMS = "•▪◦‣"
_LEADS_TO_A_LIST = frozenset(".!?…:;。！？：；")


def sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of *text* in order, without the white space around them. A blank line also ends one.

    >>> sentences("It has Tiangong-2. In May, J. Li left.")
    (Span(start=0, end=18), Span(start=19, end=38))
    """
    spans, start = [], 0
    for end in (*_ends(text), len(text)):
        piece = text[start:end].rstrip()
        if piece:
            spans.append(Span(start + len(piece) - len(piece.lstrip()), start + len(piece)))
        start = end
    return tuple(spans)


def _ends(text: str) -> Iterator[int]:
    """Yield where to cut the text, in order."""
    last_mark = ""
    for point in _POINT.finditer(text):
        mark = point["mark"]
        if mark:
            if _begins_an_item(text, point, last_mark):
                last_mark = mark
                yield point.start()
            elif mark.endswith(".") and _stop_ends(text, ".", point.end() - 1, point.end()):
                yield point.end()
        elif not point["stop"] or _stop_ends(text, point["marks"], point.start(), point.end()):
            yield point.end()


def _begins_an_item(text: str, point: re.Match[str], last_mark: str) -> bool:
    """Return whether a mark at the start of a line begins a list item. So may a wrapped line ("March\\n12.")."""
    before = text[max(point.start() - 2, 0) : max(point.start() - 1, 0)].strip()
    mark = point["mark"]
    return not before or before in _LEADS_TO_A_LIST or mark in _ALWAYS_ITEMS or mark == _following(last_mark)


def _following(mark: str) -> str:
    """Return the mark of the next item in a list.

    >>> _following("(9)"), _following("a)"), _following("-")
    ('(10)', 'b)', '-')
    """
    counted = mark.strip("().")
    if counted.isdecimal():
        return mark.replace(counted, str(int(counted) + 1))
    return mark.replace(counted, chr(ord(counted) + 1)) if counted.isalpha() else mark


def _stop_ends(text: str, marks: str, start: int, end: int) -> bool:
    """Return whether a sentence ends at *end*, after the *marks* at *start* and any closing marks after them."""
    follow = _NEXT.match(text, end)
    if not follow or end == len(text):
        return True
    word = follow["word"]
    if word.islower() and not word[0].isdigit():  # "iPhone" is not in lower case
        return False
    if marks == ".":
        return _word_ends(_word_before(text, start), follow)
    if set(marks) <= {".", "…", " "} and marks.count(".") != 4:
        return text[start - 1 : start] not in ("[", "(") and word not in ("", "I")
    return True


def _word_before(text: str, end: int) -> str:
    word = text[max(end - _LONGEST_WORD, 0) : end].rpartition(" ")[2]
    return word if word.isalnum() else _BEFORE_A_WORD.split(word)[-1]


def _word_ends(word: str, follow: re.Match[str]) -> bool:
    """Return whether a sentence ends after *word* and one full stop, where *follow* matches what comes next."""
    following = follow["word"]
    if word in _INSIDE:
        return False
    if word in _BEFORE_A_NUMBER:
        return not (following[:1].isdigit() or _ROMAN.fullmatch(following))
    if word in _TIMES_OF_DAY:
        return following not in _OF_A_TIME and not _TIME.match(follow.string, follow.end())
    if word in _EITHER or _is_initials(word):
        return following in _OPENERS and not (follow["after"] and len(following) == 1)
    return True


def _is_initials(word: str) -> bool:
    """Return whether *word*, or its part after a hyphen, is one or more initials. A lower-case letter alone is not.

    >>> [_is_initials(word) for word in ("J", "J.-P", "U.S", "China-U.S", "Tiangong-2", "a", "SSE")]
    [True, True, True, True, False, False, False]
    """
    if len(word) < 2 or _INITIALS.fullmatch(word):
        return len(word) > 1 or word.isupper()
    return "." in word and bool(_INITIALS.fullmatch(word.rpartition("-")[2]))
