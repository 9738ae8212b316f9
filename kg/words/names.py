"""The name of a thing -> the forms that a text may use for it, in comparable letters. No I/O.

Names are compared letter by letter, without case, accents, marks and spaces (`kg.core.normal.bare`): "SHIH Maylung's"
matches "Shih May-lung". A name begins and ends at word boundaries. In scripts without spaces, every sign is a word.
The variants of a name depend on the kind of thing: a person by initials, a body without its legal form or with its
words in another order, a place by its adjective. Names that are merely similar never match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from kg.core.normal import bare
from kg.words.language import Language

MOST_REMEMBERED = 10_000
"""How many names have their forms cached for the next article."""

LONGEST_ABBREVIATION = 6

NAMES_ALONE = "names"
"""Value of `capitals` in languages where only names have capitals within a sentence."""

_NO_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
WORD = re.compile(rf"[{_NO_SPACES}]|[^\W_{_NO_SPACES}]+")
_IN_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")


class NameKind(StrEnum):
    """The kind of names that a class of things has, from the ontology (cq:calledAs)."""

    PERSON = "person"
    BODY = "body"
    PLACE = "place"
    PLAIN = ""


class Case(StrEnum):
    """Which capitals a name needs in a text. Longer names need none."""

    ANY = "any"
    CAPITAL = "capital"  # China, not china
    ABBREVIATION = "abbreviation"  # CASH, not cash


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a name: its letters, the capitals it needs, and its least number of words."""

    letters: str
    case: Case
    least: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class NameWords:
    """The words of a language that matter in and around names, as letters. See [names] in languages/en.names.toml."""

    legal_forms: frozenset[str]
    links: frozenset[str]
    own_names: tuple[str, ...]
    endings: tuple[str, ...]
    adjectives: Mapping[str, tuple[str, ...]]
    has_capitals: bool


@cache
def name_words(language: Language) -> NameWords:
    """Return the words for names in a language.

    Raises:
        InputError: its files have an unknown entry under [names].
    """
    section = language.section("names")
    section.refuse_others("legal_forms", "links", "own_names", "endings", "adjectives", "capitals")
    if section.text("capitals") not in ("", NAMES_ALONE):
        raise section.refused("capitals", f"must be '{NAMES_ALONE}' or be left out")
    return NameWords(
        frozenset(map(letters, section.words("legal_forms"))),
        frozenset(map(letters, section.words("links"))),
        tuple(map(letters, section.words("own_names"))),
        tuple(map(letters, section.words("endings"))),
        {letters(k): tuple(map(letters, v)) for k, v in section.section("adjectives").groups().items()},
        section.text("capitals") == NAMES_ALONE,
    )


@lru_cache(maxsize=MOST_REMEMBERED)
def letters(text: str) -> str:
    """Return the letters of a name for comparison.

    >>> letters("Shīh May-lung")
    'shihmaylung'
    """
    return text.lower() if text.isascii() and text.isalnum() else bare(text).replace(" ", "")


def words_of(text: str) -> Iterator[str]:
    """Yield the words of *text* as written. In scripts without spaces, every sign is a word."""
    return (match[0] for match in WORD.finditer(text))


@lru_cache(maxsize=MOST_REMEMBERED)
def forms(name: str, kind: NameKind, known: NameWords) -> tuple[Form, ...]:
    """Return other ways to write a name: without its legal form, with initials, as an adjective."""
    if kind is NameKind.PERSON:
        variants = [Form(variant, Case.ANY, 2) for variant in _of_person(_words(name))]
    elif kind is not NameKind.PLAIN:
        variants = [written(variant, kind) for variant in _without_form(name, known)]
    else:
        variants = []
    if kind is NameKind.PLACE:
        adjectives = known.adjectives.get(letters(name), ())
        several = derived(letters(name), known) if len(name.split()) > 1 else ()
        variants += [Form(word, Case.CAPITAL) for word in (*adjectives, *several)]
    return tuple(form for form in variants if form.letters)


@lru_cache(maxsize=MOST_REMEMBERED)
def written(name: str, kind: NameKind) -> Form:
    """Return a name unchanged. It needs capitals only if it is a single word that begins with one."""
    words, key = name.split(), letters(name)
    if kind is NameKind.PLAIN or len(words) > 1 or not name[:1].isupper():
        return Form(key, Case.ANY, len(_words(name)))
    return Form(key, Case.ABBREVIATION if name.isupper() and len(key) <= LONGEST_ABBREVIATION else Case.CAPITAL)


@lru_cache(maxsize=MOST_REMEMBERED)
def surnames(name: str) -> frozenset[str]:
    """Return the words that may name a person on their own: the first and the last of the name, as letters.

    >>> sorted(surnames("Shih May-lung"))
    ['maylung', 'shih']
    """
    words = _words(name)
    return frozenset(word for word in ends(name) if len(words) > 1 and len(word) > 1)


@lru_cache(maxsize=MOST_REMEMBERED)
def ends(name: str) -> tuple[str, str]:
    """Return the first and the last word of a name, the same word if there is only one."""
    words = _words(name) or [""]
    return words[0], words[-1]


def _words(name: str) -> list[str]:
    return [word for part in name.split() if (word := letters(part))]


def _of_person(words: Sequence[str]) -> Iterator[str]:
    """Yield a person's name in other orders, and with initials for all words but the first or the last."""
    if len(words) < 2:
        return
    first, *middle, last = words
    yield last + first + "".join(middle)
    yield from (first + last, last + first)
    yield first[0] + last
    yield "".join(word[0] for word in words[:-1]) + last
    yield first + "".join(word[0] for word in words[1:])


def _without_form(name: str, known: NameWords) -> Iterator[str]:
    """Yield a name without brackets, and without its legal form or "the"."""
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
    while len(parts) > 1 and letters(parts[-1]) in ("", *known.legal_forms):
        parts = parts[:-1]
        yield " ".join(parts)


@lru_cache(maxsize=MOST_REMEMBERED)
def derived(name: str, known: NameWords) -> tuple[str, ...]:
    """Return the adjectives and demonyms of a place that are formed by an ending, as letters: Chinese, Aldenburger."""
    stem = name.rstrip("aeiouy")
    stems = (stem, name) if len(stem) > 2 else ()
    return tuple(each + ending for each in stems for ending in known.endings)


@lru_cache(maxsize=MOST_REMEMBERED)
def content(name: str, known: NameWords) -> tuple[str, ...]:
    """Return the words of a name that any rephrasing must contain."""
    return tuple(word for word in WORD.findall(_IN_BRACKETS.sub(" ", name)) if letters(word) not in known.links)


def stem(word: str) -> str:
    """Return a word without the s of its plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
