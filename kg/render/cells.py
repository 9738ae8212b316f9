"""Terms -> the text of a cell, and which columns to show. Pure.

IRIs are shortened: below the project's base to `person/mara-lind`, else with a prefix to `side:Host`. Characters that
would control a terminal or reverse the reading direction are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.core.iri import prefixed
from kg.core.model import Term
from kg.core.typed import number
from kg.core.values import is_iri, language, lexical
from kg.planning.rows import Rows

LABEL_SUFFIX = "Label"
_LOCAL = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Look:
    """How to show an answer.

    Attributes:
        base: of the project's IRIs.
        prefixes: prefix -> namespace.
        form: of the query, SELECT, ASK, CONSTRUCT or DESCRIBE.
        title: a short heading, where the format has a place for it.
        question: in full, likewise.
        width: columns of the terminal.
        colour: whether the terminal shows colours.
        ids: show ids beside labels even in formats for people.
    """

    base: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    form: str = "SELECT"
    title: str = ""
    question: str = ""
    width: int = 100
    colour: bool = False
    ids: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column in a format for people.

    Attributes:
        title: in words.
        text: number of the variable to show.
        link: number of the variable with its IRI, or None.
        numeric: whether all its values are numbers.
    """

    title: str
    text: int
    link: int | None
    numeric: bool


def columns_to_read(rows: Rows, look: Look) -> tuple[Column, ...]:
    """Return the columns for people: of a pair such as `place` and `placeLabel` only the label, without `look.ids`."""
    names = rows.variables
    shown = []
    for k, name in enumerate(names):
        thing = name.removesuffix(LABEL_SUFFIX)
        paired = name != thing and thing in names
        if f"{name}{LABEL_SUFFIX}" in names and not look.ids:
            continue
        title = name if paired and look.ids else thing
        link = names.index(thing) if paired else None
        shown.append(Column(in_words(title), k, link, all(is_number(row[k]) for row in rows.rows if row[k])))
    return tuple(shown)


def cell(row: tuple[Term | None, ...], column: Column, look: Look) -> str:
    """Return the text of one cell, or the shortened IRI if a label is missing."""
    term = row[column.text]
    if term is None and column.link is not None:
        term = row[column.link]
    return text_of(term, look)


def text_of(term: Term | None, look: Look) -> str:
    """Return a term as people read it, "" for None: the text of a literal or the shortened IRI.

    >>> text_of("<https://example.org/person/mara-lind>", Look("https://example.org/"))
    'person/mara-lind'
    """
    if term is None:
        return ""
    if term.startswith("_:"):
        return term
    return short_iri(lexical(term), look) if is_iri(term) else lexical(term)


def short_iri(iri: str, look: Look) -> str:
    """Return the IRI relative to the base, or with the prefix of the longest namespace, or unchanged."""
    prefix, local = prefixed(iri, look.prefixes) or ("", iri)
    short = f"{prefix}:{local}" if prefix and _LOCAL.fullmatch(local) else ""
    if short and len(iri) - len(local) > len(look.base):
        return short
    return iri.removeprefix(look.base) if iri.startswith(look.base) and iri != look.base else short or iri


def is_number(term: Term | None) -> bool:
    """Return whether a term really is a number, not just of a numeric datatype."""
    return number(term) is not None


def language_of(term: Term | None) -> str:
    """Return the language tag of a term, "" if it has none."""
    return "" if term is None or term.startswith("_:") else language(term) or ""


def in_words(name: str) -> str:
    """Return the name of a variable as words.

    >>> in_words("articleTitle")
    'article title'
    """
    return _HUMP.sub(" ", name).lower() if not name.isupper() else name


def hyphenated(name: str) -> str:
    """Return the name of a variable as an option is written.

    >>> hyphenated("articleTitle")
    'article-title'
    """
    return _HUMP.sub("-", name).lower()
