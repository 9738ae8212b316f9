"""What a curator gives -> the article in it: its text, metadata and doubts. No I/O but the worker process that reads a
page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

from kg.bench.decode import decoded
from kg.bench.metadata import (
    AUTHOR,
    LANGUAGE,
    NOTHING,
    PUBLISHED,
    PUBLISHER,
    TITLE,
    UPDATED,
    URL,
    Known,
    Metadata,
    from_json,
    front_matter,
)
from kg.bench.page import read_page
from kg.bench.plain import article_section, labels, read_plain
from kg.bench.tidy import Tidied, tidied
from kg.core.edtf import date_bounds
from kg.core.errors import InputError
from kg.core.iri import absolute_iri
from kg.core.values import lang_literal
from kg.words.dates import Today, date_readings
from kg.words.language import EVERY, Language, Languages
from kg.words.phrases import WIDE
from kg.words.reading import EXPLICIT, UnclearError, Way

UNKNOWN_LANGUAGE = "und"
"""The BCP 47 subtag for an unknown language."""

LEAST_COMMON = 0.1
"""Least share of the commonest words of a language in a text in it. English news has 0.3 to 0.4."""

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?")
_WORDS = re.compile(rf"{WIDE.pattern}|[^\W\d_]+")
MOST_NAMED = 10
"""Names without a meaning here that a remark lists."""

_MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Material:
    """What a curator gives.

    Attributes:
        content: bytes of a page or a text.
        shown: their name.
        is_page: whether they are HTML, None to detect it from them.
        encoding: that a server declares, or "".
        url: their address on the web, or "".
        beside: the JSON next to them, None if there is none.
        beside_shown: its name.
    """

    content: bytes
    shown: str
    is_page: bool | None = None
    encoding: str = ""
    url: str = ""
    beside: str | None = None
    beside_shown: str = ""


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article to be registered.

    Attributes:
        text: its text, tidied.
        metadata: what is known about it, with dates in EDTF.
        left_out: descriptions of what was given and is not in the text.
        doubts: descriptions of what a curator should check.
        headlines: that are or were above the text.
    """

    text: Tidied
    metadata: Metadata
    left_out: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    headlines: tuple[str, ...] = ()


def found_article(material: Material, languages: Languages, given: Metadata = NOTHING) -> FoundArticle:
    """Return the article in what a curator gives. *given* metadata takes precedence over all other.

    Raises:
        InputError: there is no text in it, or it cannot be read.
        UsageError: it is a page, and the extra that reads pages is not installed.
    """
    read = decoded(material.content, material.shown, material.encoding)
    beside = from_json(material.beside, material.beside_shown) if material.beside is not None else NOTHING
    metadata = given.or_else(beside)
    is_page = bool(_PAGE.match(read.text)) if material.is_page is None else material.is_page
    article = _of_page(read.text, material, metadata) if is_page else _of_text(read.text, material, metadata, languages)
    if not article.text.text:
        raise InputError(f"there is no text in {material.shown}", "give a page or a text that has some")
    doubts = [f"encoding of {material.shown}: {read.doubt}"] if read.doubt else []
    known, more = _readable(article, languages)
    text, left = _without_headline(article, known)
    return replace(article, text=text, metadata=known, left_out=(*article.left_out, *left), doubts=(*doubts, *more))


def _of_page(html: str, material: Material, metadata: Metadata) -> FoundArticle:
    page = read_page(html, material.shown, material.url)
    text = tidied(page.text, lines_are_paragraphs=True)
    return FoundArticle(text, metadata.or_else(page.metadata), page.left_out, headlines=page.headlines)


def _of_text(raw: str, material: Material, metadata: Metadata, languages: Languages) -> FoundArticle:
    above, rest = front_matter(raw.replace("\r\n", "\n").lstrip("\ufeff"), material.shown)
    metadata = metadata.or_else(above)
    language = languages.language(_language(metadata, rest, languages)[0])
    plain = read_plain(rest, labels(language), lambda words: edtf_of(words, language))
    own = plain.metadata.fields.get(TITLE)
    left = (
        (f"the headline '{own.value}'",)
        if own and TITLE in metadata.fields and own.values != metadata.fields[TITLE].values
        else ()
    )
    text = tidied(plain.text, lines_are_paragraphs=_is_flat(plain.text))
    return FoundArticle(text, metadata.or_else(plain.metadata), left)


def _is_flat(text: str) -> bool:
    """Return whether each line is a paragraph: no blank lines, and every line ends a sentence."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    return "\n\n" not in text and len(lines) > 1 and all(line[-1] in ".!?”\"'。！？" for line in lines)


def _without_headline(article: FoundArticle, known: Metadata) -> tuple[Tidied, Sequence[str]]:
    """Return the text without the headline above it, and descriptions of what was left out."""
    text, titles = article.text, {headline.casefold() for headline in article.headlines}
    title = known.fields[TITLE].value if TITLE in known.fields else ""
    first, _, rest = text.text.partition("\n\n")
    if not rest or first.casefold() not in {title.casefold(), *titles}:
        return text, ()
    by = len(text.text) - len(rest)
    moved = [each for each in text.remarks if each.position is None or each.position >= by]
    moved = [each if each.position is None else replace(each, position=each.position - by) for each in moved]
    what = "the headline above the text, which is the title" if first.casefold() == title.casefold() else ""
    return Tidied(rest, tuple(moved)), (what or f"the headline above the text, '{first}'",)


# -------- metadata in the form of a mapping


def _readable(article: FoundArticle, languages: Languages) -> tuple[Metadata, tuple[str, ...]]:
    """Return the metadata in the form of a mapping, and descriptions of what was left out or is doubtful."""
    tag, origin = _language(article.metadata, article.text.text, languages)
    language = languages.language(tag)
    fields: dict[str, Known] = {LANGUAGE: Known((tag,), origin)}
    doubts: list[str] = []
    for name, known in article.metadata.fields.items():
        tidy = [tidied(value) for value in known.values]
        doubts += [f"{name}: {remark.what}" for each in tidy for remark in each.remarks]
        if name == LANGUAGE:
            continue
        if values := tuple(filter(None, (_checked(name, each.text, language) for each in tidy))):
            fields[name] = Known(values, known.origin)
        else:
            doubts.append(f"{name} left out because it cannot be read: '{known.value[:80]}', from {known.origin}")
    if unread := article.metadata.unread:
        doubts.append(f"not used: {', '.join(unread[:MOST_NAMED])}")
    return Metadata(_without_repeats(fields)), tuple(doubts)


def _without_repeats(fields: Mapping[str, Known]) -> Mapping[str, Known]:
    """Return fields without what they say twice: the name of the site in the title, an update at publication."""
    title, publisher, updated = (fields.get(name) for name in (TITLE, PUBLISHER, UPDATED))
    shorter = {TITLE: _without_site(title, publisher.value)} if title and publisher else {}
    is_update = updated and (PUBLISHED not in fields or fields[PUBLISHED].value != updated.value)
    return {name: shorter.get(name, known) for name, known in fields.items() if name != UPDATED or is_update}


def _checked(name: str, value: str, language: Language) -> str:
    """Return a value in the form of a mapping, "" if it has none."""
    check = _CHECKS.get(name)
    return check(value, language) if check else value


def edtf_of(words: str, language: Language) -> str:
    """Return a date in EDTF from ISO 8601, RFC 5322 or the language's full form, "" for words that are not a date.

    >>> from kg.words.language import languages
    >>> edtf_of("2031-05-02T10:00:00Z", languages([]).language("en"))
    '2031-05-02'
    """
    if day := _DAY.fullmatch(words.strip()):
        words = day[1]
    with suppress(ValueError):
        return words if date_bounds(words) else ""
    with suppress(ValueError, TypeError, IndexError):
        return parsedate_to_datetime(words).date().isoformat()
    try:
        first = date_readings(words, language, Today(), Way.BACK)[0]
    except UnclearError:
        return ""
    return first.edtf if first.method == EXPLICIT else ""


def _url(text: str, _: Language) -> str:
    with suppress(ValueError):
        return absolute_iri(text)
    return ""


def _person(text: str, _: Language) -> str:
    return "" if "://" in text or "@" in text else text


_CHECKS: dict[str, Callable[[str, Language], str]] = {
    PUBLISHED: edtf_of,
    UPDATED: edtf_of,
    URL: _url,
    AUTHOR: _person,
}


def _without_site(title: Known, publisher: str) -> Known:
    """Return a title without the name of the site that browsers show after it."""
    shorter = re.sub(rf"\s+[-–—|·:]\s+{re.escape(publisher)}\s*\Z", "", title.value, flags=re.IGNORECASE)
    return Known((shorter or title.value,), title.origin)


# -------- the language


def _language(known: Metadata, text: str, languages: Languages) -> tuple[str, str]:
    """Return the tag of a text's language, and how it is known."""
    if LANGUAGE in known.fields:
        tag = known.fields[LANGUAGE].value.replace("_", "-")
        with suppress(ValueError):
            lang_literal("", tag)
            return tag, known.fields[LANGUAGE].origin
    guessed = language_by_words(text, languages)
    return (guessed, "its words") if guessed else (UNKNOWN_LANGUAGE, "nothing")


def language_by_words(text: str, languages: Languages) -> str:
    """Return the language whose commonest words a text has, "" if it has too few of any."""
    words = [word.lower() for word in _WORDS.findall(text)[:_MOST_WORDS]]
    shares = [(_share(words, common), tag) for tag in languages.files if (common := commonest_words(languages, tag))]
    share, tag = max(shares, default=(0.0, ""))
    return tag if share >= LEAST_COMMON else ""


def commonest_words(languages: Languages, tag: str) -> frozenset[str]:
    """Return the commonest words of a language. Similar languages have distinct ones."""
    if tag == EVERY:
        return frozenset()
    return frozenset(word.lower() for word in article_section(languages.language(tag)).words("common"))


def _share(words: Sequence[str], common: frozenset[str]) -> float:
    return sum(word in common for word in words) / len(words) if words else 0.0
