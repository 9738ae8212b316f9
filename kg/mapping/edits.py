"""A change to what a mapping or registry file says -> the file's text with that change and no other. No I/O.

The text is spliced at the positions of its nodes. Comments, order, style, indentation and line ends of everything else
stay, byte for byte. Each change is read back, and refused if the result would say anything other than it should.

    changed(text, [AddEntry(("facts",), "visit", {"type": "Visit", "quote": "visited the harbour"})])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain

from kg.core.errors import InputError
from kg.core.normal import normal
from kg.core.terms import FACTS_KEY
from kg.mapping.splices import Splice, spliced
from kg.mapping.yaml_changes import (
    AddClosingComment,
    AddComment,
    AddEntries,
    AddEntry,
    AddItem,
    Remove,
    RenameKey,
    SetValue,
    YamlChange,
    YamlPath,
)
from kg.mapping.yaml_nodes import Data, YamlNode
from kg.mapping.yaml_places import YamlText
from kg.mapping.yaml_style import flow, lines_of_entry, lines_of_item, lines_of_value, rank, scalar


class CannotChangeError(InputError):
    """A text does not have what is to be changed, or is written in a way that cannot be changed."""


def changed(text: str, changes: Iterable[YamlChange], shown: str = "") -> str:
    """Return *text* with all *changes*, applied in order. A byte order mark stays.

    Args:
        text: of a file, or "" for a new one.
        changes: each of the text with those before it.
        shown: name of the file in messages, "" to leave it out.

    Raises:
        CannotChangeError: there is nothing at the path, or the text is written in a way that cannot be changed.
        InputError: the text cannot be read as YAML.
    """
    try:
        return _with_all(text, changes)
    except InputError as error:
        if shown:
            raise type(error)(f"{shown}: {error.message}", error.fix) from error
        raise


def _with_all(text: str, changes: Iterable[YamlChange]) -> str:
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = YamlText(text.removeprefix("\ufeff"))
    for change in changes:
        source = _changed(source, change)
    return mark + source.text


def moved(text: str, path: YamlPath, other: str, to: YamlPath = ()) -> tuple[str, str]:
    """Return *text* without the entry at *path*, and *other*, which may be another file, with it in the table *to*.

    Its comments and its style go with it.

    Raises:
        CannotChangeError: there is no such entry, its key is taken, or it is written in a way that cannot be moved.
        InputError: one of the two cannot be read as YAML.
    """
    marks = ["\ufeff" if each.startswith("\ufeff") else "" for each in (text, other)]
    here, there = (YamlText(each.removeprefix("\ufeff")) for each in (text, other))
    add = AddEntry(to, str(path[-1]), here.node(path).data())
    added = _checked(there, add, _adding(there, _as_entries(add), here.lines_of_entry(path)))
    return marks[0] + _changed(here, Remove(path)).text, marks[1] + added.text


def _changed(source: YamlText, change: YamlChange) -> YamlText:
    match change:
        case SetValue():
            splices = _setting(source, change)
        case RenameKey():
            splices = _renaming(source, change)
        case AddEntry():
            splices = _adding(source, _as_entries(change))
        case AddEntries():
            splices = _adding(source, change)
        case AddItem():
            splices = _adding_item(source, change)
        case Remove():
            splices = source.removal(change.path)
        case AddComment():
            splices = [source.comment(change.path, change.lines)]
        case AddClosingComment():
            splices = _closing(source, change)
    return _checked(source, change, splices)


def _checked(source: YamlText, change: YamlChange, splices: Sequence[Splice]) -> YamlText:
    """Return the text with *splices*, read back.

    Raises:
        CannotChangeError: the result would not say what *change* asks for.
    """
    expected, result = change.applied_to(_data(source)), spliced(source.text, splices)
    for each in (result, result + source.newline):  # a text may end with the last line end of the file
        with suppress(InputError):
            if _data(made := YamlText(each)) == expected:
                return made
    where = "/".join(map(str, change.path))
    raise CannotChangeError(f"'{where}' is written in a way that kg cannot change", "change it by hand")


def _data(source: YamlText) -> Data:
    return source.root.data() if source.root and not source.root.is_nothing else {}


# -------- changing


def _setting(source: YamlText, change: SetValue) -> list[Splice]:
    *around, last = change.path
    if source.find(change.path) is None and isinstance(last, str):
        if around:
            source.node(tuple(around))
        return _adding(source, AddEntries(tuple(around), {last: change.value}))
    node, value = source.node(change.path), change.value
    if isinstance(value, str) and node.style in ("'", '"') and "\n" not in value:
        return [Splice(node.start, node.end, scalar(value, mark=node.style))]
    if source.is_in_flow(change.path):
        return [source.in_place(change.path, flow(value))]
    column, used = source.columns(change.path)
    if isinstance(last, int) and not isinstance(value, str):
        first, *body = lines_of_item(value, column, source.style)
        return [source.replacement(change.path, first.removeprefix("- "), body)]
    head, body = lines_of_value(value, column, used, source.style)
    return [source.replacement(change.path, head, body)]


def _renaming(source: YamlText, change: RenameKey) -> list[Splice]:
    table, key = source.node(change.path[:-1]), source.key(change.path)
    _refuse_second(table, change.key)
    mark = key.style if key.style in ("'", '"') else ""
    return [Splice(key.start, key.end, scalar(change.key, in_flow=bool(table.style), mark=mark))]


def _as_entries(change: AddEntry) -> AddEntries:
    return AddEntries(change.path, {change.key: change.value}, change.after)


def _adding(source: YamlText, change: AddEntries, written: Sequence[str] = ()) -> list[Splice]:
    """Return how an entry is added. *written* are its lines, if there are any yet."""
    table = source.find(change.path)
    if not change.entries:
        return []
    if table is None or table.is_nothing or table.entries == ():
        return _first_entries(source, change, table, written)
    if table.entries is None:
        raise CannotChangeError(f"'{'/'.join(map(str, change.path))}' is not a table", "change it by hand")
    for key in change.entries:
        _refuse_second(table, key)
    number = _number(table, change)
    if table.style:
        added = flow(change.entries)[1:-1]
        return [source.in_flow(table, [key.start for key, _ in table.entries], number, added)]
    lines = [written] if written else _lines_of_each(source, change, source.column(table.start))
    return [source.insertion(table, number, lines)]


def _lines_of_each(source: YamlText, change: AddEntries, column: int) -> list[list[str]]:
    return [
        lines_of_entry(key, value, column, source.style, open_levels=_open_levels(change.path, key, value))
        for key, value in change.entries.items()
    ]


def _open_levels(path: YamlPath, key: str, value: Data) -> int:
    """Return how many levels of a new entry get lines of their own. Facts and entities do, however short."""
    if not isinstance(value, Mapping) or path not in ((), (FACTS_KEY,)):
        return 0
    return 2 if not path and key == FACTS_KEY else 1


def _first_entries(
    source: YamlText, change: AddEntries, table: YamlNode | None, written: Sequence[str]
) -> list[Splice]:
    """Return how the first entries of a table are written, and the table if there is none."""
    if not change.path:
        return source.first_lines(written or list(chain(*_lines_of_each(source, change, 0))))
    *around, last = change.path
    if table is None:
        if around:
            source.node(tuple(around))
        return _adding(source, AddEntries(tuple(around), {str(last): change.entries}))
    if source.is_in_flow(change.path):
        return [source.in_place(change.path, flow(change.entries))]
    column, _ = source.columns(change.path)
    step = 2 if isinstance(last, int) else source.style.step  # behind a dash
    lines = written or list(chain(*_lines_of_each(source, change, column + step)))
    if isinstance(last, str) and table.start == table.end:
        return [source.below(change.path, lines, apart=True)]
    body = [" " * step + line if line else line for line in lines]
    if isinstance(last, int):
        return [source.replacement(change.path, body[0].lstrip(), body[1:])]
    return [source.replacement(change.path, "", body)]


def _closing(source: YamlText, change: AddClosingComment) -> list[Splice]:
    table = source.find(change.path)
    if table is not None and (source.is_in_flow(change.path) or (table.style and table.entries)):
        raise CannotChangeError(f"'{'/'.join(map(str, change.path))}' is in braces", "write it in lines")
    if table is not None and table.entries:
        return [source.insertion(table, len(table.entries), [change.lines])]
    *around, last = change.path
    if table is not None:
        return [source.below(change.path, change.lines)]
    parent, margin = source.find(tuple(around)), " " * source.style.step
    lines = [f"{scalar(str(last))}:", *(margin + line for line in change.lines)]
    if not around and (parent is None or not parent.entries):
        return source.first_lines(lines)
    return [source.insertion(source.node(tuple(around)), len(source.node(tuple(around)).entries or ()), [lines])]


def _number(table: YamlNode, change: AddEntries) -> int:
    """Return the number of the entry of *table* before which the new one belongs."""
    keys = [key.text for key, _ in table.entries or ()]
    if change.after:
        if change.after not in keys:
            raise CannotChangeError(f"there is no '{change.after}' to put it after", "name a key of the table")
        return keys.index(change.after) + 1
    first = next(iter(change.entries), "")
    before = [number for number, key in enumerate(keys) if rank(key) <= rank(first)]
    return before[-1] + 1 if before else 0


def _refuse_second(table: YamlNode, key: str) -> None:
    if table.value(normal(key)) is not None:
        raise CannotChangeError(f"there is already a '{key}'", "choose another name")


def _adding_item(source: YamlText, change: AddItem) -> list[Splice]:
    node = source.find(change.path)
    if node is None or node.items is None or not node.items:
        old = [] if node is None or node.data() in ("", []) else [node.data()]
        return _setting(source, SetValue(change.path, [*old, change.value]))
    if node.style:
        return [source.in_flow(node, [item.start for item in node.items], len(node.items), flow(change.value))]
    lines = lines_of_item(change.value, source.column(node.start), source.style)
    return [source.insertion(node, len(node.items), [lines])]
