r"""Data -> lines of YAML as a careful person writes them. No I/O.

Block style, with short tables and lists of texts in braces and brackets, quotation marks only where YAML needs them,
long texts folded, and texts of several lines as they are. https://yaml.org/spec/1.2.2/#73-flow-scalar-styles
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.terms import ACCEPT_KEY, INFERRED_KEY, QUOTE_KEY, READING_KEY, TEXT_KEY, TYPE_KEY
from kg.mapping.compose import NULLS
from kg.mapping.yaml_nodes import Data

WIDTH = 120

_LAST_KEYS = (ACCEPT_KEY, READING_KEY, INFERRED_KEY, QUOTE_KEY, "note", TEXT_KEY)
"""The keys at the end of a fact, in this order. All others keep the order in which they come."""

_SPECIAL = frozenset("-?:,[]{}#&*!|>'\"%@`")
_NEEDS_ESCAPES = re.compile("[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NOT_PLAIN = re.compile(r": |:\Z|:\t| #|\t#|[\t\n\r]|\A(?:---|\.\.\.)(?: |\Z)|\A\s|\s\Z")
_NOT_PLAIN_IN_FLOW = re.compile(r"[,\[\]{}?]|:[\"']|\A[-:]")


@dataclass(frozen=True, slots=True)
class YamlStyle:
    """How one file is indented.

    Attributes:
        step: of the members of a table.
        list_step: of the items of a list below its key.
    """

    step: int = 2
    list_step: int = 2


def rank(key: str) -> int:
    """Return where a key belongs: the type first, keys about a fact itself and the text of an article last."""
    if key == TYPE_KEY:
        return -1
    return _LAST_KEYS.index(key) + 1 if key in _LAST_KEYS else 0


# -------- on one line


def scalar(text: str, *, in_flow: bool = False, mark: str = "") -> str:
    """Return a text on one line, in quotation marks if it needs them or *mark* is one.

    >>> [scalar(text) for text in ("Mara Lind", "NO", "a: b", '"No," she said', "null", "")]
    ['Mara Lind', 'NO', '"a: b"', '\\'"No," she said\\'', '"null"', '""']
    """
    if not mark and _is_plain(text, in_flow=in_flow):
        return text
    if _NEEDS_ESCAPES.search(text) or re.search(r"[\n\r]", text):
        return f'"{_escaped(text)}"'
    if mark == "'" or (mark != '"' and ('"' in text or "\\" in text)):
        return "'" + text.replace("'", "''") + "'"
    return f'"{_escaped(text)}"'


def _is_plain(text: str, *, in_flow: bool) -> bool:
    if not text or text in NULLS or text == "<<" or _NEEDS_ESCAPES.search(text) or _NOT_PLAIN.search(text):
        return False
    if in_flow and _NOT_PLAIN_IN_FLOW.search(text):
        return False
    follows = text[1:2]
    return text[0] not in _SPECIAL or (text[0] in "-?:" and follows not in ("", " "))


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(char) or (_code(char) if _NEEDS_ESCAPES.match(char) else char) for char in text)


def _code(char: str) -> str:
    number = ord(char)
    if number <= 0xFF:
        return f"\\x{number:02X}"
    return f"\\u{number:04X}" if number <= 0xFFFF else f"\\U{number:08X}"


def flow(value: Data) -> str:
    """Return *value* on one line, with braces and brackets.

    >>> flow({"name": {"en": "CAS"}, "distinctFrom": ["a", "b"]})
    '{name: {en: CAS}, distinctFrom: [a, b]}'
    """
    if isinstance(value, str):
        return scalar(value, in_flow=True)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key, in_flow=True)}: {flow(each)}" for key, each in ordered(value)) + "}"
    return "[" + ", ".join(map(flow, value)) + "]"


def ordered(table: Mapping[str, Data]) -> list[tuple[str, Data]]:
    """Return the entries of a table in the order in which they are to be written."""
    return sorted(table.items(), key=lambda entry: rank(entry[0]))


# -------- on several lines


def lines_of_entry(key: str, value: Data, column: int, style: YamlStyle, *, open_levels: int = 0) -> list[str]:
    """Return the lines of a table's entry, to be indented by *column*.

    The outer *open_levels* of the tables in *value* are not put in braces, however short they are.
    """
    name = scalar(key)
    head, body = lines_of_value(value, column, column + len(name) + 2, style, open_levels=open_levels)
    return [f"{name}: {head}" if head else f"{name}:", *body]


def lines_of_item(value: Data, column: int, style: YamlStyle) -> list[str]:
    """Return the lines of a list's item, to be indented by *column*."""
    if isinstance(value, str) or not value or _fits(value, WIDTH - column - 2):
        head, body = lines_of_value(value, column, column + 2, style)
        return [f"- {head}", *body]
    first, *others = _members(value, column + 2, style)
    return [f"- {first}", *_indented(others, 2)]


def lines_of_value(
    value: Data, column: int, used: int, style: YamlStyle, *, open_levels: int = 0
) -> tuple[str, list[str]]:
    """Return what follows a key or a dash at *column*, where *used* columns are taken, and the lines below it.

    The lines are to be indented by *column*.
    """
    if isinstance(value, str):
        return _text(value, column, used, style)
    if not value or (not open_levels and _fits(value, WIDTH - used)):
        return flow(value), []
    step = style.step if isinstance(value, Mapping) else style.list_step
    return "", _indented(_members(value, column + step, style, max(open_levels - 1, 0)), step)


def _members(value: Data, column: int, style: YamlStyle, open_levels: int = 0) -> list[str]:
    if isinstance(value, Mapping):
        entries = ordered(value)
        lines = (lines_of_entry(key, each, column, style, open_levels=open_levels) for key, each in entries)
        return [line for some in lines for line in some]
    return [line for each in value for line in lines_of_item(each, column, style)]


def _fits(value: Data, room: int) -> bool:
    """Return whether a collection is written on one line: it is short, and not a list of tables."""
    return not _needs_lines(value) and len(flow(value)) <= room


def _needs_lines(value: Data) -> bool:
    if isinstance(value, str):
        return "\n" in value
    if isinstance(value, Mapping):
        return any(map(_needs_lines, value.values()))
    return any(isinstance(each, Mapping) or _needs_lines(each) for each in value)


def _text(text: str, column: int, used: int, style: YamlStyle) -> tuple[str, list[str]]:
    if "\n" in text and (header := _literal_header(text)):
        lines = text.removesuffix("\n").split("\n")
        return header, _indented(lines, style.step)
    one = scalar(text)
    folded = _folded(text, WIDTH - column - style.step) if used + len(one) > WIDTH else []
    return (">-", _indented(folded, style.step)) if len(folded) > 1 else (one, [])


def _literal_header(text: str) -> str:
    """Return the header of a text of several lines as a literal block, "" if it cannot be one."""
    first, *_ = lines = text.split("\n")
    blank = any(line.isspace() for line in lines)
    if not first or first[0] in " \t" or blank or _NEEDS_ESCAPES.search(text.replace("\n", "")) or "\r" in text:
        return ""
    stripped = text.rstrip("\n")
    return "|-" if stripped == text else "|" if text == f"{stripped}\n" else ""  # else blank lines below would count


def _folded(text: str, width: int) -> list[str]:
    """Return a text in lines that YAML joins with single spaces again, none if it cannot be folded."""
    if "\n" in text or "\r" in text or _NEEDS_ESCAPES.search(text) or text[:1].isspace() or text[-1:].isspace():
        return []
    lines: list[str] = []
    for piece in re.split(r"(?<=[^ \t]) (?=[^ \t])", text):
        if lines and len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def _indented(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line if line else line for line in lines]
