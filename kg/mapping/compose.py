"""libyaml's events -> nodes with positions, all scalars as text, and what is wrong with them. No I/O.

It uses its own stack, so that nesting cannot overflow, and never expands an alias of a collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

import yaml

from kg.core.errors import Finding, Place, Severity
from kg.core.normal import MOST_MARKS, normal, too_many_marks

MAX_DEPTH = 64
TOO_MANY_MARKS = f"there are more than {MOST_MARKS} combining marks in a row"
MAX_FINDINGS = 100
_HOSTILE_DEPTH = 500  # libyaml's time grows with the square of the open brackets
NULLS = frozenset({"null", "Null", "NULL", "~"})
"""How YAML 1.2 writes that there is no value: https://yaml.org/spec/1.2.2/#10211-null"""
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class Scalar(NamedTuple):
    """A text.

    Attributes:
        text: in Unicode form NFC. "" also for a missing value and for YAML's null.
        place: with its quotation marks, up to the end of the first line if there are several.
        plain: whether it is neither quoted nor a block.
        null: how null is written there, or "".
    """

    text: str
    place: Place
    plain: bool
    null: str = ""


class Entry(NamedTuple):
    """A key and its value."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Table:
    """A YAML mapping, without duplicate keys."""

    entries: tuple[Entry, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML sequence."""

    items: tuple[Node, ...]
    place: Place


Node: TypeAlias = Scalar | Table | Listing


class YamlMark(Protocol):
    """A mark of libyaml. Line and column count from 0, in code points."""

    line: int
    column: int


@dataclass(slots=True)
class YamlProblems:
    """The findings on one text: at most `MAX_FINDINGS`, and a last one that says that there are more."""

    path: str
    lines: Sequence[str]
    findings: list[Finding] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether there is no point in reading on."""
        return len(self.findings) > MAX_FINDINGS

    def add(self, place: Place, code: str, message: str, fix: str) -> None:
        """Note an error; after `MAX_FINDINGS`, that there are more."""
        if len(self.findings) == MAX_FINDINGS:
            code, fix = "KG-Y013", "correct the ones above first"
            message = f"this file's YAML has more than {MAX_FINDINGS} problems, and the rest are not shown"
        if not self.full:
            self.findings.append(Finding(place, Severity.ERROR, code, message, fix))

    def stretch(self, first: YamlMark, last: YamlMark) -> Place:
        """Return from *first* to *last*, or to the end of the line where *first* is."""
        number, column = first.line, first.column
        if last.line == number:
            length = last.column - column
        else:
            length = len(self.lines[number].rstrip()) - column if number < len(self.lines) else 0
        return Place(self.path, number + 1, column + 1, length if length > 0 else 1)


@dataclass(slots=True)
class _Collection:
    """A mapping or a sequence that is being read.

    Attributes:
        is_table: a mapping.
        keys: of a mapping: key -> line of the first use.
        key: the one whose value comes next, None if it is refused.
        awaits_key: whether the next node is a key.
    """

    start: YamlMark
    is_table: bool
    entries: list[Entry] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    key: Scalar | None = None
    awaits_key: bool = False


class Composer:
    """Reads the events of one text into the node of its first document."""

    def __init__(self, report: YamlProblems) -> None:
        self.root: Node | None = None
        self._report = report
        self._stack: list[_Collection] = []
        self._skipped = 0  # open collections in a refused part
        self._anchors: dict[str, str] = {}
        self._documents = 0
        self._ended = False  # there is no point in reading on
        self._takers: Mapping[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_table,
            yaml.SequenceStartEvent: self._open_listing,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._begin_document,
        }

    def read(self, text: str) -> None:
        """Take all events of *text*, up to a second document, hostile nesting or a full report.

        Raises:
            yaml.MarkedYAMLError: the text is not well-formed.
        """
        events = yaml.CBaseLoader(text)
        while (event := events.get_event()) is not None:
            take = self._takers.get(type(event))
            if take is not None:
                take(event)
            if self._ended:
                return

    def _refuse(self, place: Place, code: str, message: str, fix: str) -> None:
        self._report.add(place, code, message, fix)
        self._ended = self._ended or self._report.full

    def _begin_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            message, fix = (
                "a second document begins here, but a file may hold only one",
                "remove the '---', or split the file",
            )
            self._refuse(self._place(event), "KG-Y009", message, fix)
            self._ended = True

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._skipped:
            return
        place, text = self._place(event), event.value
        if event.anchor is not None or event.tag is not None:
            self._refuse_properties(event, event.tag, place)
        if not text.isascii():
            text = self._normal(text, place)
        if not text.isprintable() and (control := _NOT_TEXT.search(text)):
            message = f"this text contains the control character U+{ord(control[0]):04X}"
            self._refuse(place, "KG-Y011", message, "remove its escape sequence")
            text = _NOT_TEXT.sub(" ", text)
        plain = not event.style
        if plain and text in NULLS and not self._awaits_key():  # as a key, null is a word like any other
            scalar = Scalar("", place, True, text)
        else:
            scalar = Scalar(text, place, plain)
        if event.anchor is not None:
            self._anchors[event.anchor] = text
        self._add(scalar)

    def _normal(self, text: str, place: Place) -> str:
        if too_many_marks(text) is not None:  # escaped, because the file itself has none
            self._refuse(place, "KG-Y015", TOO_MANY_MARKS, "remove them")
        return normal(text)

    def _alias(self, event: yaml.AliasEvent) -> None:
        """Refuse an alias, and take the scalar that it refers to, if it is one, so that its key is not missing."""
        if self._skipped:
            return
        place, name = self._place(event), event.anchor or ""
        message = f"aliases such as '*{name}' are not allowed"
        self._refuse(place, "KG-Y004", message, "write the value itself, or put the text in quotes")
        meant = self._anchors.get(name)
        self._add(None if meant is None else Scalar(meant, place, plain=False))

    def _open_table(self, event: yaml.MappingStartEvent) -> None:
        self._open(event, is_table=True)

    def _open_listing(self, event: yaml.SequenceStartEvent) -> None:
        self._open(event, is_table=False)

    def _open(self, event: yaml.CollectionStartEvent, *, is_table: bool) -> None:
        place = self._place(event)
        if self._skipped or self._refuses_collection(place):
            self._skipped += 1
            self._ended = self._ended or self._skipped > _HOSTILE_DEPTH
            return
        self._refuse_properties(event, event.tag, place)
        self._stack.append(_Collection(_mark(event.start_mark), is_table, awaits_key=is_table))

    def _refuses_collection(self, place: Place) -> bool:
        if len(self._stack) == MAX_DEPTH:
            message = f"the nesting is deeper than {MAX_DEPTH} levels"
            self._refuse(place, "KG-Y006", message, "give inner facts an id, and refer to them by it")
        elif self._awaits_key():
            fix = "put quotes around a text that begins with '{' or '['"
            self._refuse(place, "KG-Y007", "a key must be a word", fix)
        else:
            return False
        return True

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        if self._skipped:
            self._skipped -= 1
            if not self._skipped:
                self._add(None)
            return
        closed = self._stack.pop()
        place = self._report.stretch(closed.start, _mark(event.end_mark))
        self._add(Table(tuple(closed.entries), place) if closed.is_table else Listing(tuple(closed.items), place))

    def _add(self, node: Node | None) -> None:
        """Put *node* where it belongs. None stands for a refused node."""
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if parent.awaits_key:
            parent.key = self._accepted_key(node, parent) if isinstance(node, Scalar) else None
            parent.awaits_key = False
        elif parent.is_table:
            if parent.key and node:
                parent.entries.append(Entry(parent.key, node))
            parent.awaits_key = True
        elif node:
            parent.items.append(node)

    def _awaits_key(self) -> bool:
        return bool(self._stack) and self._stack[-1].awaits_key

    def _accepted_key(self, key: Scalar, parent: _Collection) -> Scalar | None:
        if key.text == "<<" and key.plain:
            message = "merge keys ('<<') are not allowed"
            self._refuse(key.place, "KG-Y010", message, "write the keys out")
        elif not key.text.strip():
            self._refuse(key.place, "KG-Y007", "there is no key before ':'", "write it as 'key: value'")
        elif key.text in parent.keys:
            message = f"the key '{key.text}' is already used on line {parent.keys[key.text]}"
            self._refuse(key.place, "KG-Y003", message, "remove one of the two, or merge their values")
        else:
            parent.keys[key.text] = key.place.line
            return key
        return None

    def _refuse_properties(self, event: yaml.NodeEvent, tag: str | None, place: Place) -> None:
        if event.anchor is not None:
            message = f"anchors such as '&{event.anchor}' are not allowed"
            self._refuse(place, "KG-Y004", message, "remove it, or put the text in quotes")
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!", 1)
            message = f"tags such as '{shown}' are not allowed: the ontology decides the type of a value"
            self._refuse(place, "KG-Y005", message, "remove it, or put the text in quotes")

    def _place(self, event: yaml.Event) -> Place:
        start, end = event.start_mark, event.end_mark
        assert start is not None  # libyaml marks every event
        assert end is not None
        return self._report.stretch(start, end)


def _mark(mark: YamlMark | None) -> YamlMark:
    assert mark is not None  # libyaml marks every event
    return mark
