"""A plain text -> its headline, the metadata in lines above and below it, and the article's text. No I/O.

A table of the language, `[article.labels]`, says how such lines begin. Every other line is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.bench.metadata import NAMES, PUBLISHED, SECTION, TITLE, UPDATED, Known, Metadata
from kg.words.language import Language
from kg.words.tables import Section

SECTION_NAME = "article"
LABELS = (*(name for name in NAMES if name not in (TITLE, "text", "url", "language")),)
MOST_ABOVE, MOST_BELOW = 6, 3
"""Lines above and below the text that may hold metadata."""

LONGEST_TITLE, LONGEST_VALUE = 200, 80
_GAP = re.compile(r"\s{2,}|\t")
_PATH = re.compile(r"[^<>]{1,40}(?:\s*[>»›]\s*[^<>]{1,40}){1,5}")
_ENDS = (".", "!", "?", ":", ";", ",", "。", "！", "？")

ReadsDate = Callable[[str], str]
"""Returns a date in EDTF, or "" for words that are not a date."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain text and the metadata around it."""

    metadata: Metadata
    text: str


def labels(language: Language) -> Mapping[str, Sequence[str]]:
    """Return field -> how lines that give it begin, in lower case, the longest first.

    Raises:
        InputError: the tables of the language are not as they must be.
    """
    section = article_section(language).section("labels")
    section.refuse_others(*LABELS)
    groups = section.groups()
    return {name: sorted((word.lower() for word in words), key=len, reverse=True) for name, words in groups.items()}


def article_section(language: Language) -> Section:
    """Return the table for the lines around an article.

    Raises:
        InputError: it has unknown keys.
    """
    section = language.section(SECTION_NAME)
    section.refuse_others("common", "labels")
    return section


def read_plain(raw: str, known: Mapping[str, Sequence[str]], reads_date: ReadsDate) -> Plain:
    """Return the metadata in lines around *raw*, according to the *known* labels, and the text without them."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    fields: dict[str, Known] = {}
    first = _read_above(lines, known, reads_date, fields)
    last = _read_below(lines, first, known, reads_date, fields)
    return Plain(Metadata(fields), "\n".join(lines[first:last]))


def _read_above(
    lines: Sequence[str], known: Mapping[str, Sequence[str]], reads_date: ReadsDate, fields: dict[str, Known]
) -> int:
    """Read lines from the top into *fields*, and return the number of the first line of the text."""
    for number, line in enumerate(lines[: MOST_ABOVE + 1]):
        if not line.strip():
            continue
        labelled = dict(_labelled(line, known, reads_date))
        if labelled:
            _add(fields, labelled, "a line above the text")
        elif PUBLISHED not in fields and len(day := reads_date(line.strip())) == len("2031-05-02"):
            _add(fields, {PUBLISHED: day}, "a line above the text")
        elif _PATH.fullmatch(line.strip()) and SECTION not in fields:
            _add(fields, {SECTION: line.strip()}, "a line above the text")
        elif TITLE not in fields and _is_title(lines, number):
            _add(fields, {TITLE: line.strip().lstrip("#").strip()}, "the first line")
        else:
            return number
    return min(MOST_ABOVE + 1, len(lines))


def _read_below(
    lines: Sequence[str],
    first: int,
    known: Mapping[str, Sequence[str]],
    reads_date: ReadsDate,
    fields: dict[str, Known],
) -> int:
    """Read lines from the bottom into *fields*, and return the number after the last line of the text."""
    last = len(lines)
    for _ in range(MOST_BELOW):
        while last > first and not lines[last - 1].strip():
            last -= 1
        labelled = dict(_labelled(lines[last - 1], known, reads_date)) if last > first + 1 else {}
        if not labelled:
            break
        _add(fields, labelled, "a line below the text")
        last -= 1
    return last


def _add(fields: dict[str, Known], values: Mapping[str, str], origin: str) -> None:
    for name, value in values.items():
        fields.setdefault(name, Known((value,), origin))


def _is_title(lines: Sequence[str], number: int) -> bool:
    """Return whether a line is a headline: short, and marked with "#", or not a sentence and before a blank line."""
    line = lines[number].strip()
    alone = number + 1 < len(lines) and not lines[number + 1].strip()
    return len(line) <= LONGEST_TITLE and (line.startswith("# ") or (alone and not line.endswith(_ENDS)))


def _labelled(line: str, known: Mapping[str, Sequence[str]], reads_date: ReadsDate) -> Iterator[tuple[str, str]]:
    """Yield the fields that a line gives, none if any part of it gives none."""
    parts = [part for part in _GAP.split(line.strip()) if part]
    pairs = [_field(part, known, reads_date) for part in parts]
    if all(pairs):
        yield from filter(None, pairs)


def _field(part: str, known: Mapping[str, Sequence[str]], reads_date: ReadsDate) -> tuple[str, str] | None:
    for name, words in known.items():
        for word in words:
            rest = part[len(word) :]
            if part.lower().startswith(word) and (value := _value(name, word, rest, reads_date)):
                return name, value
    return None


def _value(name: str, label: str, rest: str, reads_date: ReadsDate) -> str:
    """Return what follows a label: a date, or any short text after a colon."""
    has_colon = rest.lstrip()[:1] in (":", "：") and bool(rest)
    value = rest.lstrip().removeprefix(":").removeprefix("：").strip() if has_colon else rest.strip()
    if not value or len(value) > LONGEST_VALUE or (rest[0].isalnum() and label[-1].isascii()):
        return ""
    if name in (PUBLISHED, UPDATED):
        return reads_date(value)
    return value if has_colon or _is_name(value) else ""


def _is_name(value: str) -> bool:
    """Return whether words after "By" are a name: two to five capitalised words, and not a sentence."""
    words = value.split()
    return 2 <= len(words) <= 5 and all(word[:1].isupper() for word in words) and not value.endswith(_ENDS)
