"""Paragraphs -> lines of a file that a person reads: broken at spaces, or as comments. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.mapping.yaml_style import WIDTH

_LINE_MARK = re.compile(r"(?:[-*–—•▪◦‣]|\(?(?:\d{1,2}|[a-z])\)|\d{1,2}\.)(?=\s|\Z)")
"""What begins an item of a list where it begins a line; no line is broken before it."""


def broken(paragraph: str, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of a paragraph, broken at spaces alone; none begins like an item of a list."""
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
