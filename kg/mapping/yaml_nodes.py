"""YAML text -> its nodes, each with its span in the text, for changes in place. No I/O.

`read_yaml` says what a file means and where a finding points. This says where each node begins and ends. A text with a
finding of `read_yaml` has no nodes, because the meaning of a change to it would be unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from kg.core.errors import InputError
from kg.core.normal import normal
from kg.mapping.compose import NULLS
from kg.mapping.read import read_yaml

Data: TypeAlias = "str | Mapping[str, Data] | list[Data]"
"""What YAML says: texts, tables and lists."""

_NOTHING = "KG-Y008"


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A YAML node and its span.

    Attributes:
        start: offset of its first character, from 0.
        end: offset after its last one; of a block, the end of its last member.
        style: of a scalar "" (plain), a quotation mark, `|` or `>`; of a collection `{` or `[`, "" for a block.
        text: of a scalar, as read.
        entries: of a table: pairs of key and value; None for others.
        items: of a list; None for others.
    """

    start: int
    end: int
    style: str = ""
    text: str = ""
    entries: tuple[tuple[YamlNode, YamlNode], ...] | None = None
    items: tuple[YamlNode, ...] | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether it is a missing value or YAML's null."""
        return not self.is_collection and not self.style and not self.text

    @property
    def is_collection(self) -> bool:
        """Whether it is a table or a list."""
        return self.entries is not None or self.items is not None

    def value(self, key: str) -> YamlNode | None:
        """Return the value of a table's *key*, None if there is none."""
        return next((value for name, value in self.entries or () if name.text == key), None)

    def data(self) -> Data:
        """Return what it says."""
        if self.entries is not None:
            return {key.text: value.data() for key, value in self.entries}
        return self.text if self.items is None else [item.data() for item in self.items]


def yaml_nodes(text: str) -> YamlNode | None:
    """Return the one document of *text*, which has no byte order mark; None if it is empty.

    Raises:
        InputError: it cannot be read.
    """
    _, findings = read_yaml(text, "")
    if [finding.code for finding in findings] == [_NOTHING]:
        return None
    if findings:
        raise InputError(f"line {findings[0].place.line}: {findings[0].message}", "correct the file's YAML first")
    return _Nodes(text).read(yaml.parse(text, Loader=yaml.CBaseLoader))


def every_scalar(node: YamlNode, path: tuple[str | int, ...] = ()) -> Iterator[tuple[YamlNode, tuple[str | int, ...]]]:
    """Yield *node*, or the scalars in it, each with its path; a key has the path of its value."""
    for key, value in node.entries or ():
        inner = (*path, key.text)
        yield key, inner
        yield from every_scalar(value, inner)
    for number, item in enumerate(node.items or ()):
        yield from every_scalar(item, (*path, number))
    if not node.is_collection:
        yield node, path


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    start: int
    style: str
    is_table: bool
    members: list[YamlNode] = field(default_factory=list)


class _Nodes:
    """Makes the nodes of one text from libyaml's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = [_Open(0, "", is_table=False)]

    def read(self, events: Iterator[yaml.Event]) -> YamlNode:
        for event in events:
            start, end = event.start_mark, event.end_mark
            assert start  # libyaml marks every event
            assert end
            match event:
                case yaml.ScalarEvent():
                    self._open[-1].members.append(self._scalar(event, start.index, end.index))
                case yaml.CollectionStartEvent():
                    style = self._text[start.index] if event.flow_style else ""
                    self._open.append(_Open(start.index, style, isinstance(event, yaml.MappingStartEvent)))
                case yaml.CollectionEndEvent():
                    closed = self._open.pop()
                    self._open[-1].members.append(_collection(closed, end.index))
        return self._open[0].members[0]

    def _scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> YamlNode:
        style = event.style or ""
        if style in ("|", ">"):
            end = start + _length_of_block(self._text[start:end])
        is_null = not style and event.value in NULLS and not self._is_key()
        return YamlNode(start, end, style, "" if is_null else normal(event.value))

    def _is_key(self) -> bool:
        return self._open[-1].is_table and len(self._open[-1].members) % 2 == 0


def _collection(closed: _Open, end: int) -> YamlNode:
    members = tuple(closed.members)
    if not closed.style:
        end = members[-1].end
    if closed.is_table:
        pairs = tuple(zip(members[::2], members[1::2], strict=True))
        return YamlNode(closed.start, end, closed.style, entries=pairs)
    return YamlNode(closed.start, end, closed.style, items=members)


def _length_of_block(written: str) -> int:
    """Return the length of a block scalar without its last line end and without insignificant blank lines."""
    header = written.splitlines()[0]
    if "+" not in header.partition("#")[0]:
        return len(written.rstrip())
    last = next((end for end in ("\r\n", "\n", "\r") if written.endswith(end)), "")
    return len(written) - len(last)
