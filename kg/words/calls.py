"""A text and the names of things -> where the text names them. No I/O.

The variants of a name, and how they are compared, are in `kg.words.names`. A text is read once, however many names are
searched for.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice, takewhile

from kg.core.model import Span
from kg.words.names import (
    WORD,
    Case,
    Form,
    NameKind,
    NameWords,
    content,
    derived,
    ends,
    forms,
    letters,
    stem,
    written,
)

MOST_OCCURRENCES = 50
"""How many places of one name in a text are considered. Whether a name precedes a quote needs only the first."""

MOST_BETWEEN = 1
"""Words, other than links, between the words of a rephrased name: Guolian Securities and Futures."""

_SENTENCE_BEFORE = re.compile(r"(?:\A|[.!?:;…\n。！？：；]|[.!?…]['\"”’)]+)\s*[\"“‘'(「『]*\Z")


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text to search for many names.

    Attributes:
        value: the text.
        letters: those of all its words, joined.
        words: start and end of each word in the text.
        folded: the letters of each word.
        starts: where each word begins in `letters`, and where the last one ends.
        numbers: letters -> the numbers of the words with these letters.
        known: the words of the text's language.
    """

    value: str
    letters: str
    words: tuple[tuple[int, int], ...]
    folded: tuple[str, ...]
    starts: tuple[int, ...]
    numbers: Mapping[str, Sequence[int]]
    known: NameWords

    def places(self, form: Form) -> Iterator[Span]:
        """Yield where the text has a name, in order."""
        if form.letters not in self.letters:  # true of most names
            return iter(())
        stretches = self._stretches(form.letters, form.least)
        return islice((span for span in stretches if self._has_capitals(form, span)), MOST_OCCURRENCES)

    def composed(self, words: Sequence[str]) -> Iterator[Span]:
        """Yield where all of *words* occur together in one sentence, in any order, with links between them."""
        places_of_each = list(takewhile(bool, map(self._places_of, words)))
        if len(places_of_each) < len(words):
            return
        for first in min(places_of_each, key=len)[:MOST_OCCURRENCES]:
            near = [_nearest(places, first) for places in places_of_each]
            low, high = min(near), max(near)
            if self._are_one_name(low, high, set(near)):
                yield Span(self.words[low][0], self.words[high][1])

    def _places_of(self, word: str) -> Sequence[int]:
        """Return the numbers of the words that are *word* or its plural; an abbreviation needs capitals in the text."""
        one = stem(letters(word))
        if one not in self.numbers and one + "s" not in self.numbers:
            return ()
        places = sorted({*self.numbers.get(one, ()), *self.numbers.get(one + "s", ())})
        is_abbreviation = len(word) > 1 and word.isupper()
        return [k for k in places if self.value[slice(*self.words[k])].isupper()] if is_abbreviation else places

    def _are_one_name(self, low: int, high: int, parts: set[int]) -> bool:
        if high - low > 3 * len(parts) + MOST_BETWEEN:
            return False
        between = [k for k in range(low, high) if k not in parts and self.folded[k] not in self.known.links]
        return len(between) <= MOST_BETWEEN and not self._ends_sentence(low, high)

    def in_order(self, first: str, last: str, most: int) -> Iterator[Span]:
        """Yield where *first* precedes *last* with one to *most* words between them, all capitalized."""
        for k in self.numbers.get(first, ()):
            for other in range(k + 2, min(k + 2 + most, len(self.folded))):
                if self.folded[other] == last and self._is_capital(range(k, other + 1)):
                    yield Span(self.words[k][0], self.words[other][1])

    def single(self, words: Iterable[str]) -> Iterator[Span]:
        """Yield where one of *words* occurs with a capital."""
        for number in sorted(number for word in words for number in self.numbers.get(word, ())):
            if self._is_capital([number]):
                yield Span(*self.words[number])

    def _stretches(self, sought: str, least: int) -> Iterator[Span]:
        at = self.letters.find(sought) if sought else -1
        while at >= 0:
            first = bisect_left(self.starts, at)
            last = bisect_left(self.starts, at + len(sought))
            ends_meet = self.starts[first] == at and self.starts[last] == at + len(sought)
            if ends_meet and last - first >= least:
                yield Span(self.words[first][0], self.words[last - 1][1])
            at = self.letters.find(sought, at + 1)

    def _has_capitals(self, form: Form, span: Span) -> bool:
        name = self.value[span.start : span.end]
        if form.case is Case.ANY or name[0] == name[0].swapcase():  # a script without capitals
            return True
        if form.case is Case.ABBREVIATION and not name.isupper():
            return name[0].isupper() and not _SENTENCE_BEFORE.search(self.value[max(0, span.start - 8) : span.start])
        return name[0].isupper()

    def _is_capital(self, numbers: Iterable[int]) -> bool:
        return all(not self.value[self.words[k][0]].islower() for k in numbers)

    def _ends_sentence(self, low: int, high: int) -> bool:
        between = self.value[self.words[low][1] : self.words[high][0]] if high > low else ""
        return re.search(r"[.!?][\"”’)]*\s+[A-Z]|[。！？]|\n\s*\n", between) is not None


def _nearest(places: Sequence[int], place: int) -> int:
    """Return the nearest to *place* of *places*, which are in ascending order."""
    number = bisect_left(places, place)
    return min(places[max(number - 1, 0) : number + 1], key=lambda each: abs(each - place))


def named_text(text: str, known: NameWords) -> NamedText:
    """Return *text* prepared for searching names in it."""
    words = [match.span() for match in WORD.finditer(text)]
    folded = list(map(letters, WORD.findall(text)))
    if not all(folded):
        words = [span for span, word in zip(words, folded, strict=True) if word]
        folded = list(filter(None, folded))
    numbers: dict[str, list[int]] = {}
    for number, word in enumerate(folded):
        numbers.setdefault(word, []).append(number)
    starts = tuple(accumulate(map(len, folded), initial=0))
    return NamedText(text, "".join(folded), tuple(words), tuple(folded), starts, numbers, known)


# -------- the names


def calls(text: NamedText, names: Iterable[str], kind: NameKind) -> Iterator[Span]:
    """Yield where *text* has one of the *names* of a thing unchanged."""
    for name in names:
        yield from text.places(written(name, kind))


def calls_otherwise(text: NamedText, names: Iterable[str], kind: NameKind) -> Iterator[Span]:
    """Yield where *text* has a variant of one of the *names*, of those usual for this kind of thing."""
    for name in names:
        for form in forms(name, kind, text.known):
            yield from text.places(form)
        match kind:
            case NameKind.PERSON:
                yield from text.in_order(*ends(name), MOST_BETWEEN)
            case NameKind.PLACE if len(name.split()) == 1:
                yield from text.single(derived(letters(name), text.known))
        if kind is not NameKind.PERSON and len(parts := content(name, text.known)) > 1:
            yield from text.composed(parts)


def calls_by_surname(text: NamedText, surname: str) -> Iterator[Span]:
    """Yield where *text* has a surname, or another first or last part of a person's name, alone or with a title."""
    return text.places(Form(surname, Case.CAPITAL))


def calls_itself(text: NamedText, names: Iterable[str]) -> Iterator[Span]:
    """Yield where a text refers to its own publication, which has these *names*: this newspaper, we, the Courier."""
    for name in text.known.own_names:
        yield from text.places(Form(name, Case.ANY))
    for name in names:
        yield from text.places(Form(ends(name)[1], Case.CAPITAL))
