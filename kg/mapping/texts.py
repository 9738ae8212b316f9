"""An article's text: its normal form, the spans of quotes in it, and the sentences around them. No I/O.

Positions count code points, as in the Web Annotation Data Model: https://www.w3.org/TR/annotation-model/#text-position-selector
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import accumulate, islice
from unicodedata import category

from kg.core.model import Span, Text
from kg.core.normal import normal
from kg.mapping.gaps import stretches
from kg.mapping.sentences import sentences

LONGEST_SENTENCES = 5000
"""In code points. A text without full stops would otherwise be repeated for each quote from it."""

MOST_OCCURRENCES = 100
"""Occurrences of a quote beyond this number are not counted."""

MOST_WORDS_COMPARED = 200
MOST_PLACES_COMPARED = 1000
"""Occurrences of one word that are compared if a quote is not in the text."""

_MARK = re.compile("[\"'`´“”„‟‘’‚‛«»‹›「」『』〝〞＂＇′″]")
"""Quotation marks and apostrophes, straight and curved."""

_LONG_BLANK = re.compile(r"\A\s+|\s{2,}")


def normal_text(raw: str, *, shown: bool) -> Text:
    """Return *raw* in normal form: NFC, line ends as `\\n`, no blanks at line ends, none before or after."""
    value = normal_form(raw)
    return Text(value, sha256(value.encode()).hexdigest(), len(value), shown, sentences(value))


def normal_form(raw: str) -> str:
    """Return the words of the text that `normal_text` makes of *raw*."""
    lines = normal(raw.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def folded(quote: str) -> str:
    """Return *quote* with single spaces between its words, in NFC."""
    return " ".join(normal(quote).split())


@dataclass(frozen=True)
class Searchable:
    """A text in which many quotes are searched for. What all searches need is made once."""

    value: str

    def occurrences(self, quote: str) -> tuple[Span, ...]:
        """Return where *quote* occurs, with any white space for white space, overlaps too, up to MOST_OCCURRENCES."""
        sought = folded(quote)
        starts = islice(_positions(self._folded, sought), MOST_OCCURRENCES) if sought else ()
        return tuple(Span(self._original(k), self._original(k + len(sought) - 1) + 1) for k in starts)

    def stretches(self, parts: Sequence[str]) -> tuple[Span, ...]:
        """Return the shortest spans from the first of *parts* to the last, with the others in order between."""
        passages = islice(stretches(self._folded, parts), MOST_OCCURRENCES)
        return tuple(Span(self._original(start), self._original(end - 1) + 1) for start, end in passages)

    def has_paragraphs(self, span: Span) -> bool:
        """Return whether *span* crosses the end of a paragraph, which is a blank line."""
        return "\n\n" in self.value[span.start : span.end]

    def most_alike(self, quote: str) -> str:
        """Return the passage that is most like *quote*, "" if they share too few words.

        It has as many words as the quote, so that the differences can be seen.
        """
        sought = folded(quote).split()[:MOST_WORDS_COMPARED]
        size, first, skipped = self._longest_shared(sought)
        if size < 2 and not any(len(word) > 4 for word in sought[skipped : skipped + size]):
            return ""
        start = max(first - skipped, 0)
        return " ".join(self._words[start : first - skipped + len(sought)])

    def written_as(self, quote: str) -> str:
        """Return the one passage that differs from *quote* only in white space, quotation marks and hidden characters.

        "" if there is none, or several.
        """
        letters, places = self._letters
        sought = _letters(quote)[0]
        starts = list(islice(_positions(letters, sought), 2)) if sought else []
        if len(starts) != 1:
            return ""
        start, end = places[starts[0]], places[starts[0] + len(sought) - 1] + 1
        if _MARK.match(quote.strip()) and _MARK.match(self.value[start - 1 : start]):
            start -= 1
        if _MARK.match(quote.strip()[-1:]) and _MARK.match(self.value[end : end + 1]):
            end += 1
        stretch = folded(self.value[start:end])
        return stretch if self.stretches([stretch]) else ""  # as whole words

    def _longest_shared(self, sought: Sequence[str]) -> tuple[int, int, int]:
        """Return the longest run of words in both: its length, and its first word here and in *sought*."""
        best = (0, 0, 0)
        ends: Mapping[int, int] = {}  # last word of a run here -> the length of the run
        for number, word in enumerate(sought):
            ends = {place: ends.get(place - 1, 0) + 1 for place in self._places.get(word, ())}
            for place, size in ends.items():
                if (size, -place + size) > (best[0], -best[1] + 1):
                    best = (size, place - size + 1, number - size + 1)
        return best

    @cached_property
    def _folded(self) -> str:
        return " ".join(self.value.split())

    @cached_property
    def _cuts(self) -> tuple[Sequence[int], Sequence[int]]:
        """Return where folding removed something: positions in the folded text, and the total removed up to each."""
        places, totals, total = [0], [0], 0
        for blank in _LONG_BLANK.finditer(self.value):
            kept = 1 if blank.start() else 0  # nothing is kept of white space before the first word
            total += len(blank[0]) - kept
            places.append(blank.end() - total)
            totals.append(total)
        return places, totals

    def _original(self, position: int) -> int:
        """Return the position in the text of one in the folded text."""
        places, totals = self._cuts
        return position + totals[bisect_right(places, position) - 1]

    @cached_property
    def _letters(self) -> tuple[str, Sequence[int]]:
        return _letters(self.value)

    @cached_property
    def _words(self) -> Sequence[str]:
        return self.value.split()

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        places: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            known = places.setdefault(word, [])
            if len(known) < MOST_PLACES_COMPARED:
                known.append(number)
        return places


def occurrences(text: str, quote: str) -> tuple[Span, ...]:
    """Return where *quote* occurs in *text*, see `Searchable`.

    >>> occurrences("one two\\n one  two", "one two")
    (Span(start=0, end=7), Span(start=9, end=17))
    """
    return Searchable(text).occurrences(quote)


def _letters(text: str) -> tuple[str, Sequence[int]]:
    """Return *text* without white space, quotation marks and hidden characters, and the place of each of the others."""
    places = [
        number for number, char in enumerate(text) if not (char.isspace() or _MARK.match(char) or _is_hidden(char))
    ]
    return "".join(text[place] for place in places), places


def _is_hidden(char: str) -> bool:
    return not char.isascii() and category(char) == "Cf"


def _positions(text: str, sought: str) -> Iterator[int]:
    position = text.find(sought)
    while position >= 0:
        yield position
        position = text.find(sought, position + 1)


def touched(parts: Sequence[Span], spans: Iterable[Span]) -> tuple[tuple[Span, bool], ...]:
    """Return each of *parts*, which are in order, and whether one of *spans* touches it.

    >>> [is_touched for _, is_touched in touched(sentences("One. Two."), [Span(5, 8)])]
    [False, True]
    """
    change = [0] * (len(parts) + 1)  # by how many more spans each part is touched than the one before it
    for span in spans:
        first, last = _stretch(parts, span)
        change[first] += 1
        change[last] -= 1
    return tuple((part, number > 0) for part, number in zip(parts, accumulate(change), strict=False))


def touched_by(parts: Sequence[Span], span: Span) -> Sequence[Span]:
    """Return those of *parts*, which are in order, that *span* touches.

    >>> touched_by(sentences("One. Two."), Span(2, 4))
    (Span(start=0, end=4),)
    """
    first, last = _stretch(parts, span)
    return parts[first:last]


def _stretch(parts: Sequence[Span], span: Span) -> tuple[int, int]:
    """Return the numbers of the first of *parts* that *span* touches and of the one after the last.

    A place without an end comes before every part that begins there.
    """
    first = bisect_left(parts, (span.start,))
    if first and parts[first - 1].end > span.start:
        first -= 1
    return first, max(first, bisect_left(parts, (span.end,)))


def sentences_around(text: Text, span: Span) -> str:
    """Return the sentences of *text* that *span* touches, white space folded; "" if they are too long for sentences."""
    around = touched_by(text.sentences, span)
    if around and around[-1].end - around[0].start > LONGEST_SENTENCES:
        return ""
    return " ".join(text.value[around[0].start : around[-1].end].split()) if around else ""
