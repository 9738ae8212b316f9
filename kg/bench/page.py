"""An HTML page -> the article's text and the page's metadata. The only importer of trafilatura and lxml.

trafilatura finds the text among menus and advertisements. What the page declares is read here, because a declared date
is a fact and a date found somewhere on a page is a guess. Scripts are never run and nothing is fetched.
https://trafilatura.readthedocs.io/
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from concurrent.futures import TimeoutError as LateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.bench.metadata import (
    LANGUAGE,
    NOTHING,
    PUBLISHED,
    PUBLISHER,
    TITLE,
    URL,
    Known,
    Metadata,
    from_json_ld,
    from_pairs,
)
from kg.bench.tidy import is_unseen
from kg.core.errors import InputError, UsageError
from kg.core.processes import worker_processes

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SECONDS = 60.0
"""Wall-clock time for one page. An ordinary one takes a tenth of a second."""

IN_JSON_LD, IN_META, IN_PAGE, GUESSED = "JSON-LD of the page", "meta elements of the page", "the page", "a guess"
SAVED = "the note of the browser that saved the page"
_SAVED_FROM = re.compile(r"saved from url=\(\d+\)(https?://\S+)")

_SHIELDED = re.compile("⧘([0-9A-F]{1,6})⧙")
_SENTENCE = re.compile(r"\w[^\n]*[.!?。！？؟।…]")
_LEFT_OUT = (("script", "script"), ("style", "style"), ("iframe", "frame"), ("form", "form"), ("nav", "menu"))
_LEFT_OUT_TOO = (("aside", "aside"), ("figure", "figure"), ("table", "table"))


@dataclass(frozen=True, slots=True)
class WebPage:
    """An article as found in its page.

    Attributes:
        text: its paragraphs, one per line.
        metadata: given by the page.
        left_out: descriptions of the parts of the page that are not in the text.
        headlines: of the page, one of which may be above the text.
    """

    text: str
    metadata: Metadata
    left_out: tuple[str, ...]
    headlines: tuple[str, ...] = ()


def read_page(html: str, shown: str, url: str = "") -> WebPage:
    """Return the article in a page, read in a process that is ended if it takes too long.

    Raises:
        UsageError: the extra is not installed.
        InputError: there is no text in it, or it takes too long.
    """
    refuse_without_extra()
    with worker_processes(1) as pool:
        try:
            page = pool.submit(page_content, html, url).result(timeout=SECONDS)
        except LateError as error:
            fix = "save the article's text as plain text, and give that"
            raise InputError(f"{shown} was not read within {SECONDS:.0f} s", fix) from error
        except BrokenProcessPool as error:
            raise InputError(
                f"{shown} cannot be read: its markup crashed the parser", "save it as plain text"
            ) from error
    refuse_empty(page, shown)
    return page


def refuse_empty(page: WebPage, shown: str) -> None:
    """Refuse a page without a sentence.

    Raises:
        InputError: it has none.
    """
    if not _SENTENCE.search(page.text):
        raise InputError(f"no article was found in {shown}", "save its text as plain text, and give that")


def refuse_without_extra() -> None:
    """Refuse to go on without the extra that reads pages.

    Raises:
        UsageError: it is missing.
    """
    from importlib.util import find_spec

    if find_spec("trafilatura") is None or find_spec("lxml_html_clean") is None:
        raise UsageError("reading pages needs an extra that is not installed", "pip install 'communique-kg[new]'")


def page_content(html: str, url: str) -> WebPage:
    """Return the article in a page, with an empty text if none is found. No I/O and no time limit."""
    from lxml.html import HTMLParser, document_fromstring
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        tree = document_fromstring(html.encode(), parser=HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    except (ValueError, SyntaxError):  # lxml's ParserError is one of these, for an empty page
        return WebPage("", NOTHING, ())
    declared, left_out = _declared(tree), tuple(_left_out(tree))
    headlines = tuple(" ".join(each.text_content().split()) for each in tree.iter("h1", "title"))
    _shield(tree)
    article = bare_extraction(
        tree, url=url or None, with_metadata=True, include_comments=False, include_tables=False, include_images=False
    )
    if article is None or isinstance(article, dict):
        return WebPage("", declared, left_out)
    guessed = [
        (TITLE, article.title),
        (PUBLISHER, article.sitename),
        (PUBLISHED, article.date),
        ("author", article.author),
    ]
    pairs = [(name, unshielded(value)) for name, value in guessed if value]
    text = unshielded(article.text or "")
    return WebPage(text, declared.or_else(from_pairs(pairs, GUESSED)), left_out, headlines)


# -------- what the page declares


def _declared(tree: HtmlElement) -> Metadata:
    blocks = [each.text_content() for each in tree.xpath("//script[@type='application/ld+json']")]
    declared = from_json_ld(blocks, IN_JSON_LD).or_else(from_pairs(_metas(tree), IN_META, quiet=True))
    marked = declared.or_else(Metadata({name: Known((value,), IN_PAGE) for name, value in _marked(tree)}))
    return marked.or_else(from_pairs(((URL, address) for address in _saved_from(tree)), SAVED))


def _saved_from(tree: HtmlElement) -> Iterator[str]:
    """Yield the address in the comment that browsers write into a page that they save ("mark of the web")."""
    addresses = (_SAVED_FROM.search(comment.text or "") for comment in tree.xpath("//comment()"))
    yield from (address[1] for address in addresses if address)


def _metas(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        if name and meta.get("content"):
            yield name, meta.get("content")


def _marked(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield the metadata in standard HTML elements: language, title, time, canonical address."""
    looked_for = (
        (LANGUAGE, "/html/@lang"),
        (TITLE, "//article//h1"),
        (TITLE, "//h1"),
        (TITLE, "/html/head/title"),
        (PUBLISHED, "//article//time[@pubdate]/@datetime"),
        (PUBLISHED, "//article//header//time/@datetime"),
        (URL, "//link[@rel='canonical']/@href"),
    )
    for name, path in reversed(looked_for):  # what is first counts, as the last of equal keys
        for marked in tree.xpath(path)[:1]:
            value = " ".join((marked if isinstance(marked, str) else marked.text_content()).split())
            if value:
                yield name, value


def _left_out(tree: HtmlElement) -> Iterator[str]:
    for tag, name in (*_LEFT_OUT, *_LEFT_OUT_TOO):
        count = sum(1 for _ in tree.iter(tag))
        if count:
            yield f"{count} {name}{'s' if count > 1 else ''}"


# -------- characters that cannot be seen, which trafilatura removes silently


def _shield(tree: HtmlElement) -> None:
    """Encode characters that cannot be seen, because they may be needed and must be reported."""
    for element in tree.iter():
        with suppress(TypeError):  # comments and entities take no text of this kind
            if element.text and not element.text.isprintable():
                element.text = _shielded(element.text)
            if element.tail and not element.tail.isprintable():
                element.tail = _shielded(element.tail)


def _shielded(text: str) -> str:
    return "".join(f"⧘{ord(char):X}⧙" if is_unseen(char) and char not in "\r\x85" else char for char in text)


def unshielded(text: str) -> str:
    """Return a text with the encoded characters restored."""
    return _SHIELDED.sub(lambda mark: chr(int(mark[1], 16)), text)
