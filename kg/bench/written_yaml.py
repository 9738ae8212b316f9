"""Keys and values -> YAML as a careful person writes it, which `kg.mapping.read` reads back. No I/O.

https://yaml.org/spec/1.2.2/#733-plain-style
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from kg.mapping.compose import NULLS

Tree: TypeAlias = "str | Sequence[Tree] | Mapping[str, Tree]"
"""The contents of a mapping file: texts, lists and tables."""

WIDTH = 118
_PLAIN = re.compile(r"""(?![-?:](?:\s|\Z))(?![,\[\]{}#&*!|>'"%@`])[^\s].*""", re.DOTALL)
_NEVER_PLAIN = re.compile(r":(?=\s|\Z)|\s#|[\x00-\x1f\x7f-\x9f\ufeff]")
_IN_FLOW = re.compile(r"\A-|[,\[\]{}?:]")
_LINE_MARK = re.compile(r"(?:[-*–—•▪◦‣]|\(?(?:\d{1,2}|[a-z])\)|\d{1,2}\.)(?=\s|\Z)")
"""What would begin a list item at the start of a line. No line is broken before it."""


def scalar(text: str, *, in_flow: bool = False) -> str:
    """Return a text as a YAML scalar on one line, in quotes only where it needs them.

    >>> scalar("on Thursday"), scalar("a: b"), scalar("it's: so"), scalar("a, b", in_flow=True)
    ('on Thursday', "'a: b'", "'it''s: so'", "'a, b'")
    """
    is_plain = bool(_PLAIN.fullmatch(text)) and not _NEVER_PLAIN.search(text) and not text.endswith((" ", "\t"))
    if is_plain and text not in NULLS and text not in ("---", "...") and not (in_flow and _IN_FLOW.search(text)):
        return text
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or ord(char) in (0x2028, 0x2029, 0xFEFF) for char in text):
        return '"' + "".join(map(_escaped, text)) + '"'
    return "'" + text.replace("'", "''") + "'"


def _escaped(char: str) -> str:
    code = ord(char)
    if char in '"\\':
        return f"\\{char}"
    if code < 0x20 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029, 0xFEFF):
        return {"\n": "\\n", "\t": "\\t"}.get(char, f"\\u{code:04X}")
    return char


def flow(tree: Tree) -> str:
    """Return a value on one line."""
    if isinstance(tree, str):
        return scalar(tree, in_flow=True)
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{scalar(key, in_flow=True)}: {flow(value)}" for key, value in tree.items()) + "}"
    return "[" + ", ".join(map(flow, tree)) + "]"


def lines(table: Mapping[str, Tree], indent: int = 0) -> Iterator[str]:
    """Yield the lines of a table, with its keys indented by *indent* spaces."""
    for key, value in table.items():
        yield from _entry(scalar(key), value, indent)


def _entry(key: str, value: Tree, indent: int) -> Iterator[str]:
    margin = " " * indent
    short = f"{margin}{key}: {scalar(value) if isinstance(value, str) else flow(value)}"
    is_short = len(short) <= WIDTH and not (isinstance(value, Mapping) and _is_deep(value))
    if isinstance(value, str) and not is_short and " " in value.strip() and value == " ".join(value.split()):
        yield f"{margin}{key}: >-"
        yield from wrapped(value, indent + 2)
    elif is_short or isinstance(value, str):
        yield short
    elif isinstance(value, Mapping):
        yield f"{margin}{key}:"
        yield from lines(value, indent + 2)
    else:
        yield f"{margin}{key}:"
        for item in value:
            yield from _item(item, indent + 2)


def _item(item: Tree, indent: int) -> Iterator[str]:
    """Yield the lines of one item of a list: a table begins on the line of its hyphen."""
    margin = " " * indent
    short = f"{margin}- {flow(item) if not isinstance(item, str) else scalar(item)}"
    if len(short) <= WIDTH and not (isinstance(item, Mapping) and _is_deep(item)):
        yield short
    elif isinstance(item, Mapping):
        first, *rest = lines(item, indent + 2)
        yield f"{margin}- {first[indent + 2 :]}"
        yield from rest
    elif isinstance(item, str) and item == " ".join(item.split()) and " " in item:
        yield f"{margin}- >-"
        yield from wrapped(item, indent + 2)
    else:
        yield short


def _is_deep(table: Mapping[str, Tree]) -> bool:
    """Return whether a table has a text of several lines, or tables in lists, which do not go on one line."""
    return any(
        not isinstance(value, str) and any(isinstance(each, Mapping) for each in value) for value in table.values()
    )


def wrapped(paragraph: str, indent: int) -> Iterator[str]:
    """Yield the lines of a paragraph, broken only at spaces. None begins like a list item."""
    margin, line = " " * indent, ""
    for word in paragraph.split(" "):
        if line and len(margin) + len(line) + 1 + len(word) > WIDTH and not _LINE_MARK.match(word):
            yield margin + line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield margin + line


def block(key: str, text: str, indent: int) -> Iterator[str]:
    """Yield the lines of a text of paragraphs as a literal block."""
    yield f"{' ' * indent}{key}: |"
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ""
        yield from wrapped(paragraph, indent + 2)


def commented(written: Iterator[str], indent: int = 0) -> Iterator[str]:
    """Yield lines as comments, indented by *indent* spaces."""
    for line in written:
        yield f"{' ' * indent}# {line}".rstrip()
