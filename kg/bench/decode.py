"""The bytes of a page or a text, and their declared encoding -> the text. No I/O.

A byte order mark decides, then whether the bytes are valid UTF-8, then the server or the page: bytes that are valid
UTF-8 and not ASCII are hardly ever anything else, whatever a page declares.
https://encoding.spec.whatwg.org/
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from kg.core.errors import InputError

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_IN_PAGE = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD = 4096
"""Bytes of a page in which its encoding is searched for. The standard has 1024."""

OTHERWISE = "windows-1252"
_SAME = {"iso-8859-1": OTHERWISE, "latin-1": OTHERWISE, "latin1": OTHERWISE, "ascii": OTHERWISE, "us-ascii": OTHERWISE}
"""Names that pages use for windows-1252: https://encoding.spec.whatwg.org/#names-and-labels"""

_BINARY = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0")
"""The beginnings of files that are not text: PDF, ZIP (and .docx), gzip, pictures, old Word files."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and any doubt about its encoding, "" for none."""

    text: str
    doubt: str = ""


def decoded(content: bytes, shown: str, declared: str = "") -> Decoded:
    """Return *content* as text.

    Args:
        content: the bytes.
        shown: their name, for messages.
        declared: the encoding that the server names, or "".

    Raises:
        InputError: they are not a text.
    """
    if content.startswith(_BINARY):
        raise InputError(f"{shown} is neither a page nor a text", "save the article as a page (HTML) or as plain text")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as(content.removeprefix(mark), encoding)
    named = declared or _named_in(content)
    if b"\0" in content and not named.lower().startswith("utf-16"):
        raise InputError(f"{shown} is not a text: it has NUL bytes", "save the article as a page or as plain text")
    try:
        return Decoded(content.decode("utf-8"), _contradicted(content, named))
    except UnicodeDecodeError:
        return _as(content, named or OTHERWISE, guessed=not named)


def _named_in(content: bytes) -> str:
    declared = _IN_PAGE.search(content[:_HEAD])
    return declared[1].decode("ascii") if declared else ""


def _contradicted(content: bytes, named: str) -> str:
    if not named or content.isascii() or _codec(named) == "utf-8":
        return ""
    return f"it is declared as {named}, but its bytes are UTF-8; read as UTF-8"


def _as(content: bytes, named: str, *, guessed: bool = False) -> Decoded:
    codec = _codec(named)
    if codec == "utf-8" or not codec:
        codec, guessed = OTHERWISE, True
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        text = content.decode(codec, errors="replace")
        return Decoded(text, f"it is not all {codec}; unreadable bytes became U+FFFD")
    return Decoded(text, f"no encoding that fits is declared; read as {codec}" if guessed else "")


def _codec(named: str) -> str:
    """Return Python's name of a text encoding, as browsers understand it, "" for an unknown one."""
    try:
        info = codecs.lookup(_SAME.get(named.lower(), named))
    except (LookupError, ValueError):
        return ""
    return info.name if getattr(info, "_is_text_encoding", True) else ""
