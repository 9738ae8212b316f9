"""(kind, key) -> IRI, and text -> whether it may be an id. No I/O, no clock, no random numbers, no blank nodes.

Names keep their own script. An id or a path segment may hold letters of any script, as IRIs allow. Everything else
is percent-encoded, so two different keys never give the same IRI.
https://www.rfc-editor.org/rfc/rfc3987#section-2.2
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from urllib.parse import quote

from kg.core.errors import InvalidValueError

MAX_ID = 80
"""Longest id, in code points."""

CONTENT_KEY_DIGITS = 12
_ASCII_ID = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
_ID_CATEGORIES = frozenset({"Ll", "Lo", "Lm", "Nd", "Mn", "Mc"})
_SEGMENT_CATEGORIES = _ID_CATEGORIES | {"Lu", "Lt", "Nl", "No"}
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")  # Hangul fillers, blank on screen
_UNSEEN = re.compile("[\\s\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f]")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
_SCHEMES = frozenset({"http", "https", "urn", "mailto", "tag", "info", "doi"})
_HIERARCHICAL = re.compile(r"//[^/?#@:\[\]]+(?::[0-9]{1,5})?(?:[/?#][^#]*)?(?:#[^#]*)?")


def entity_iri(base: str, segment: str, key: str) -> str:
    """Return the IRI of a registry entity.

    >>> entity_iri("https://example.org/", "person", "mara-lind")
    'https://example.org/person/mara-lind'
    """
    return f"{base}{path_segment(segment)}/{path_segment(key)}"


def article_iri(base: str, article_id: str) -> str:
    """Return the IRI of an article, which is also the IRI of its named graph."""
    return entity_iri(base, "article", article_id)


def fact_iri(base: str, article_id: str, fact_id: str) -> str:
    """Return the IRI of a fact that has an id in its article."""
    return f"{article_iri(base, article_id)}/{path_segment(fact_id)}"


def nested_iri(parent_iri: str, property_name: str, key: str = "") -> str:
    """Return the IRI of a node written inside another one. *key* distinguishes it from its siblings.

    >>> nested_iri("https://example.org/article/a/meeting", "participation", "mara-lind")
    'https://example.org/article/a/meeting/participation/mara-lind'
    """
    iri = f"{parent_iri}/{path_segment(property_name)}"
    return f"{iri}/{path_segment(key)}" if key else iri


def graph_iri(base: str, name: str) -> str:
    """Return the IRI of a named graph that holds no article: registry, ontology, derived, ..."""
    return f"{graph_space(base)}{path_segment(name)}"


GRAPH_PREFIX = "graph"
"""The prefix for them in queries."""


def graph_space(base: str) -> str:
    """Return the namespace of those graphs."""
    return f"{base}graph/"


def is_id(text: str) -> bool:
    """Return whether *text* may be the id of an entity, an article or a fact.

    Lower-case letters of any script and digits, in parts joined by single hyphens, 1 to 80 code points, in
    Unicode form NFC. No dots, slashes, spaces, underscores or capitals, so an id is always safe as a file name.

    >>> is_id("mara-lind"), is_id("董事会-2"), is_id("Mara"), is_id("a--b"), is_id("..")
    (True, True, False, False, False)
    """
    if not 0 < len(text) <= MAX_ID:
        return False
    if text.isascii():
        return _ASCII_ID.fullmatch(text) is not None
    if not unicodedata.is_normalized("NFC", text):
        return False
    return all(_is_id_part(part) for part in text.split("-"))


def _is_id_part(part: str) -> bool:
    if not part or unicodedata.category(part[0]).startswith("M"):
        return False
    return all(
        unicodedata.category(char) in _ID_CATEGORIES and char == char.lower() and char not in _INVISIBLE_LETTERS
        for char in part
    )


def path_segment(text: str) -> str:
    """Return *text* as one segment of an IRI path. Different texts give different segments.

    >>> path_segment("Café 5/6")
    'Café%205%2F6'

    Raises:
        InvalidValueError: empty, "." or "..", which a browser would treat as a folder, or a lone surrogate.
    """
    if text in ("", ".", ".."):
        raise InvalidValueError(f"{text!r} cannot be part of an IRI")
    if _UNRESERVED.fullmatch(text):
        return text
    if text.isascii():
        return quote(text, safe="")  # the same, faster
    return "".join(char if _stands_for_itself(char) else quote(char, safe="") for char in text)


def _stands_for_itself(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "-._~"
    return unicodedata.category(char) in _SEGMENT_CATEGORIES and char not in _INVISIBLE_LETTERS


def content_key(lines: Iterable[str]) -> str:
    """Return 12 hexadecimal digits that depend on *lines* but not on their order."""
    return sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()[:CONTENT_KEY_DIGITS]


def prefixed(iri: str, prefixes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the prefix of the longest namespace that *iri* begins with, and the rest; None if it begins with none.

    >>> prefixed("https://schema.org/Event", {"schema": "https://schema.org/"})
    ('schema', 'Event')
    """
    fitting = [prefix for prefix, namespace in prefixes.items() if iri.startswith(namespace)]
    prefix = max(fitting, key=lambda prefix: len(prefixes[prefix]), default=None)
    return None if prefix is None else (prefix, iri.removeprefix(prefixes[prefix]))


@cache
def _absolute(ascii_only: bool) -> re.Pattern[str]:
    """Return the pattern of an absolute IRI. The one for ASCII takes a tenth of the time to compile."""
    other = "" if ascii_only else "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000dffff"
    return re.compile(
        r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):"
        rf"(?P<rest>(?:[A-Za-z0-9._~:/?#@!$&'()*+,;={other}-]|%[0-9A-Fa-f]{{2}})+)"
    )


def absolute_iri(iri: str) -> str:
    """Return *iri* unchanged if it is absolute and safe to write, follow and display.

    Raises:
        InvalidValueError: it is relative, has a space, a quote, a control or invisible character, a bare % or a user
            name, has no host, or has a scheme not known to be harmless, such as `javascript:` or `file:`.
    """
    match = _absolute(iri.isascii()).fullmatch(iri)
    if match is None or _UNSEEN.search(iri) or any(ord(char) & 0xFFFE == 0xFFFE for char in iri):
        raise InvalidValueError(
            f"{iri!r} is not an absolute IRI such as https://www.wikidata.org/entity/Q42", "write spaces as %20"
        )
    scheme, rest = match["scheme"].lower(), match["rest"]
    if scheme not in _SCHEMES:
        raise InvalidValueError(f"{iri!r} begins with {scheme + ':'!r}", f"use one of {', '.join(sorted(_SCHEMES))}")
    if scheme in ("http", "https") and not _HIERARCHICAL.fullmatch(rest):
        raise InvalidValueError(f"{iri!r} has no host after {scheme}://, or has a user name or a second '#'")
    return iri
