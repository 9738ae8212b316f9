"""Paragraphs -> lines of a file for people, wrapped at spaces or written as comments. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.mapping.yaml_style import WIDTH

_LINE_MARK = re.compile(r"(?:[-*–—•▪◦‣]|\(?(?:\d{1,2}|[a-z])\)|\d{1,2}\.)(?=\s|\Z)")
"""Marks that would begin a list item at the start of a line, so that lines are never wrapped before them."""


def broken(paragraph: str, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of a paragraph, wrapped only at spaces. None begins like a list item."""
    line = ""
    for word in paragraph.split(" "):
        if line and len(line) + 1 + len(word) > width and not _LINE_MARK.match(word):
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def commented(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines as comments."""
    for line in lines:
        yield f"# {line}".rstrip()
