"""Entries in words -> an Atom feed. No I/O.

The library escapes all text. Characters that XML does not allow, or that turn the direction of text, are replaced.
https://www.rfc-editor.org/rfc/rfc4287
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kg.core.terms import ONTOLOGY
from kg.render.terminal import harmless, one_line

MEDIA = "application/atom+xml"
_ATOM, _XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class FeedSection:
    """A part of the content of an entry.

    Attributes:
        title: its heading.
        link: the address of what it is about, "" for none.
        lines: each line, with details below it.
    """

    title: str
    link: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry.

    Attributes:
        id: an IRI that never changes and that no other entry has.
        title: in plain words.
        updated: a time with its offset (RFC 3339).
        intro: the first paragraph of its content.
        sections: the rest of it.
    """

    id: str
    title: str
    updated: str
    intro: str
    sections: tuple[FeedSection, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    Attributes:
        id: an IRI that never changes.
        title: in plain words.
        subtitle: what it covers, and what it leaves out.
        updated: the time of its newest entry, or else of the graph.
        author: the name of the data set.
        licence: the IRI of its licence, or "".
        own: the address of the feed itself, "" if unknown.
        about: the address of what it is about, "" if there is none.
        version: of kg.
        entries: newest first.
    """

    id: str
    title: str
    subtitle: str
    updated: str
    author: str
    licence: str
    own: str
    about: str
    version: str
    entries: Sequence[FeedEntry]


def atom(feed: Feed) -> bytes:
    """Return the document, UTF-8."""
    root = Element("feed", {"xmlns": _ATOM})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", feed.updated)
    _text(_child(root, "author"), "name", feed.author)
    _link(root, "self", feed.own, MEDIA)
    _link(root, "alternate", feed.about)
    _link(root, "license", feed.licence)
    _child(root, "generator", uri=ONTOLOGY, version=feed.version).text = "kg"
    for entry in feed.entries:
        _entry(root, feed, entry)
    indent(root, " ")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(root, encoding='unicode')}\n".encode()


def _entry(root: Element, feed: Feed, entry: FeedEntry) -> None:
    element = _child(root, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "updated", entry.updated)
    _link(element, "alternate", feed.about)
    content = _child(element, "content", type="xhtml")
    body = _child(content, "div", xmlns=_XHTML)
    _child(body, "p").text = harmless(entry.intro)
    for section in entry.sections:
        heading = _child(body, "h3")
        (_child(heading, "a", href=section.link) if section.link else heading).text = harmless(section.title)
        outer = _child(body, "ul")
        for line, details in section.lines:
            item = _child(outer, "li")
            item.text = harmless(line)
            inner = _child(item, "ul") if details else item
            for detail in details:
                _child(inner, "li").text = harmless(detail)


def _child(parent: Element, name: str, **attributes: str) -> Element:
    return SubElement(parent, name, {key: harmless(value) for key, value in attributes.items()})


def _text(parent: Element, name: str, text: str) -> None:
    _child(parent, name).text = one_line(text)


def _link(parent: Element, relation: str, address: str, media: str = "") -> None:
    if address:
        _child(parent, "link", rel=relation, href=address, **({"type": media} if media else {}))
