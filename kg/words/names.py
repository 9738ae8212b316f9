"""A text and the names of things -> where the text calls them. No I/O.

Names are compared letter by letter, without case, accents, marks and spaces (`kg.normal.bare`): "Shih May-lung" is
called by "SHIH Maylung's". A name begins and ends where a word does; in scripts without spaces between words, every
sign is a word. What else may stand for a name depends on what is called so: a person by initials, a body without its
legal form or with its words in another order, a place by its adjective. Nothing is called by what is merely alike.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice

from kg.model import Span
from kg.normal import bare
from kg.words.language import Language

MOST_OCCURRENCES = 50
"""Places of one name in a text that are looked at; whether a name stands before a quote needs the first alone."""

MOST_REMEMBERED = 10_000
"""Names whose forms are kept for the next article."""

LONGEST_ABBREVIATION = 6
MOST_BETWEEN = 1
"""Words, beside links, between those of a name that is put in another way: Guolian Securities and Futures."""

_NO_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_NO_SPACES}]|[^\W_{_NO_SPACES}]+")
_IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_SENTENCE_BEFORE = re.compile(r"(?:\A|[.!?:;…\n。！？：；]|[.!?…]['\"”’)]+)\s*[\"“‘'(「『]*\Z")


class NameKind(StrEnum):
    """What kind of name a class of things has; the ontology says so (cq:nameForms)."""

    PERSON = "person"
    BODY = "body"
    PLACE = "place"
    PLAIN = ""


class Case(StrEnum):
    """What capitals a name has in a text; those of a longer name do not matter."""

    ANY = "any"
    CAPITAL = "capital"  # China, not china
    ABBREVIATION = "abbreviation"  # CASH, not cash


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a name: its letters, and what capitals they need."""

    letters: str
    case: Case


@dataclass(frozen=True, slots=True, eq=False)
class NameWords:
    """The words of a language that matter in and around names, as letters; see [names] in languages/en.names.toml."""

    legal_forms: frozenset[str]
    links: frozenset[str]
    own_names: tuple[str, ...]
    endings: tuple[str, ...]
    adjectives: Mapping[str, tuple[str, ...]]


@cache
def name_words(language: Language) -> NameWords:
    """Return what names are made of in a language.

    Raises:
        InputError: its files have something else under [names].
    """
    section = language.section("names")
    section.refuse_others("legal_forms", "links", "own_names", "endings", "adjectives")
    return NameWords(
        frozenset(map(letters, section.words("legal_forms"))),
        frozenset(map(letters, section.words("links"))),
        tuple(map(letters, section.words("own_names"))),
        tuple(map(letters, section.words("endings"))),
        {letters(k): tuple(map(letters, v)) for k, v in section.section("adjectives").groups().items()},
    )


def letters(text: str) -> str:
    """Return what counts of a name.

    >>> letters("Shīh May-lung")
    'shihmaylung'
    """
    return text.lower() if text.isascii() and text.isalnum() else bare(text).replace(" ", "")


# -------- the text


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text in which many names are looked for.

    Attributes:
        value: the text.
        letters: those of all of its words, without anything between.
        words: where each word stands in the text.
        folded: the letters of each word.
        starts: where each word begins in `letters`, and where the last one ends.
        numbers: letters of a word -> which words are written so.
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
        return islice(
            (span for span in self._stretches(form.letters) if self._has_capitals(form, span)), MOST_OCCURRENCES
        )

    def composed(self, words: Sequence[str]) -> Iterator[Span]:
        """Yield where all of *words* stand together in one sentence, in whatever order, with links between them."""
        found = [sorted({*self.numbers.get(each, ()), *self.numbers.get(each + "s", ())}) for each in words]
        if not all(found):
            return
        for first in min(found, key=len):
            near = [min(places, key=lambda place: abs(place - first)) for places in found]
            low, high = min(near), max(near)
            if self._are_one_name(low, high, set(near)):
                yield Span(self.words[low][0], self.words[high][1])

    def _are_one_name(self, low: int, high: int, parts: set[int]) -> bool:
        if high - low > 3 * len(parts) + MOST_BETWEEN:
            return False
        between = [k for k in range(low, high) if k not in parts and self.folded[k] not in self.known.links]
        return len(between) <= MOST_BETWEEN and not self._ends_sentence(low, high)

    def in_order(self, first: str, last: str, most: int) -> Iterator[Span]:
        """Yield where *first* stands before *last*, with a word or at most *most*, all with a capital, between."""
        for k in self.numbers.get(first, ()):
            for other in range(k + 2, min(k + 2 + most, len(self.folded))):
                if self.folded[other] == last and self._is_capital(range(k, other + 1)):
                    yield Span(self.words[k][0], self.words[other][1])

    def single(self, words: Iterable[str]) -> Iterator[Span]:
        """Yield where one of *words* stands with a capital."""
        for number in sorted(number for word in words for number in self.numbers.get(word, ())):
            if self._is_capital([number]):
                yield Span(*self.words[number])

    def _stretches(self, sought: str) -> Iterator[Span]:
        at = self.letters.find(sought) if sought else -1
        while at >= 0:
            first = bisect_left(self.starts, at)
            last = bisect_left(self.starts, at + len(sought))
            if self.starts[first] == at and self.starts[last] == at + len(sought):
                yield Span(self.words[first][0], self.words[last - 1][1])
            at = self.letters.find(sought, at + 1)

    def _has_capitals(self, form: Form, span: Span) -> bool:
        found = self.value[span.start : span.end]
        if form.case is Case.ANY or found[0] == found[0].swapcase():  # a script without capitals
            return True
        if form.case is Case.ABBREVIATION and not found.isupper():
            return found[0].isupper() and not _SENTENCE_BEFORE.search(self.value[max(0, span.start - 8) : span.start])
        return found[0].isupper()

    def _is_capital(self, numbers: Iterable[int]) -> bool:
        return all(not self.value[self.words[k][0]].islower() for k in numbers)

    def _ends_sentence(self, low: int, high: int) -> bool:
        between = self.value[self.words[low][1] : self.words[high][0]] if high > low else ""
        return re.search(r"[.!?][\"”’)]*\s+[A-Z]|[。！？]|\n\s*\n", between) is not None


def named_text(text: str, known: NameWords) -> NamedText:
    """Return *text* made ready for looking for names in it."""
    found = [(match.start(), match.end(), letters(match[0])) for match in _WORD.finditer(text)]
    words = [each for each in found if each[2]]
    starts = [0]
    numbers: dict[str, list[int]] = {}
    for number, (_, _, folded) in enumerate(words):
        starts.append(starts[-1] + len(folded))
        numbers.setdefault(folded, []).append(number)
    return NamedText(
        text,
        "".join(folded for _, _, folded in words),
        tuple((start, end) for start, end, _ in words),
        tuple(folded for _, _, folded in words),
        tuple(starts),
        numbers,
        known,
    )


# -------- the names


def calls(text: NamedText, names: Iterable[str], kind: NameKind) -> Iterator[Span]:
    """Yield where *text* calls a thing by one of its *names* as it is."""
    for name in names:
        yield from text.places(Form(letters(name), _case(letters(name), name, kind)))


def calls_otherwise(text: NamedText, names: Iterable[str], kind: NameKind) -> Iterator[Span]:
    """Yield where *text* calls a thing by what things of its kind are called beside their *names*."""
    for name in names:
        for form in forms(name, kind, text.known):
            yield from text.places(form)
        match kind:
            case NameKind.PERSON:
                yield from text.in_order(*_ends(name), MOST_BETWEEN)
            case NameKind.PLACE:
                yield from text.single(_adjectives(letters(name), text.known))
        if kind is not NameKind.PERSON and len(content := _content(name, text.known)) > 1:
            yield from text.composed(content)


def calls_by_surname(text: NamedText, surname: str) -> Iterator[Span]:
    """Yield where *text* has a surname, or another last or first part of a person's name, alone or with a title."""
    return text.places(Form(surname, Case.CAPITAL))


def calls_itself(text: NamedText, names: Iterable[str]) -> Iterator[Span]:
    """Yield where a text speaks of the paper it stands in, of one of *names*: this newspaper, we, the Courier."""
    for name in text.known.own_names:
        yield from text.places(Form(name, Case.ANY))
    for name in names:
        yield from text.places(Form(_words(name)[-1], Case.CAPITAL))


@lru_cache(maxsize=MOST_REMEMBERED)
def forms(name: str, kind: NameKind, known: NameWords) -> tuple[Form, ...]:
    """Return the ways in which a name is written as a whole: with its legal form and without, with initials."""
    written: dict[str, str] = {}
    if kind is NameKind.PERSON:
        written |= {variant: variant for variant in _of_person(_words(name))}
    elif kind is not NameKind.PLAIN:
        written |= {letters(variant): variant for variant in _without_form(name, known)}
    return tuple(Form(key, _case(key, text, kind)) for key, text in written.items() if key)


def surnames(name: str) -> frozenset[str]:
    """Return the words by one of which alone a person is called: the first and the last of the name, as letters.

    >>> sorted(surnames("Shih May-lung"))
    ['maylung', 'shih']
    """
    words = _words(name)
    return frozenset(word for word in _ends(name) if len(words) > 1 and len(word) > 1)


def _ends(name: str) -> tuple[str, str]:
    """Return the first and the last word of a name; the same one if there is only one."""
    words = _words(name) or [""]
    return words[0], words[-1]


def _words(name: str) -> list[str]:
    return [word for part in name.split() if (word := letters(part))]


def _of_person(words: Sequence[str]) -> Iterator[str]:
    """Yield other orders of a person's name, and initials for all but one of its ends."""
    if len(words) < 2:
        return
    first, *middle, last = words
    yield last + first + "".join(middle)
    yield from (first + last, last + first)
    yield first[0] + last
    yield "".join(word[0] for word in words[:-1]) + last
    yield first + "".join(word[0] for word in words[1:])


def _without_form(name: str, known: NameWords) -> Iterator[str]:
    """Yield a name without what is in brackets, and without its legal form or "the"."""
    for variant in dict.fromkeys((name, _IN_BRACKETS.sub(" ", name).strip())):
        yield variant
        yield from _shortened(variant.split(), known)
    for form in known.legal_forms:
        if not form.isascii() and name.endswith(form) and len(name) > len(form) + 1:  # no spaces between words
            yield name[: -len(form)]


def _shortened(parts: Sequence[str], known: NameWords) -> Iterator[str]:
    if len(parts) > 1 and letters(parts[0]) in known.legal_forms:
        parts = parts[1:]
        yield " ".join(parts)
    while len(parts) > 1 and letters(parts[-1]) in known.legal_forms:
        parts = parts[:-1]
        yield " ".join(parts)


@lru_cache(maxsize=MOST_REMEMBERED)
def _adjectives(name: str, known: NameWords) -> tuple[str, ...]:
    """Return the words for what belongs to a place, as letters: Chinese, Aldenburger."""
    stem = name.rstrip("aeiouy")
    stems = (stem, name) if len(stem) > 2 else ()
    return (*known.adjectives.get(name, ()), *(each + ending for each in stems for ending in known.endings))


def _content(name: str, known: NameWords) -> list[str]:
    """Return the words of a name that must be there when it is composed in another way."""
    words = (letters(part) for part in _WORD.findall(_IN_BRACKETS.sub(" ", name)))
    return [_stem(word) for word in words if word not in known.links]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _case(key: str, written: str, kind: NameKind) -> Case:
    """Return what capitals a name needs: none if it has several words, or begins with a small letter."""
    if kind is NameKind.PLAIN or len(written.split()) > 1 or not written[:1].isupper():
        return Case.ANY
    return Case.ABBREVIATION if written.isupper() and len(key) <= LONGEST_ABBREVIATION else Case.CAPITAL
