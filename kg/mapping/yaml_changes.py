"""Changes of a YAML file as values, and what each means for what the file says. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kg.core.normal import normal
from kg.mapping.yaml_nodes import Data

YamlPath: TypeAlias = tuple[str | int, ...]
"""Keys and item numbers (from 0), starting at the top of the file: ("facts", "meeting", "participation", 0, "side")."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Set the value at *path*, adding a missing key. Comments inside an old value of several lines are lost."""

    path: YamlPath
    value: Data


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Rename the key, or id, of the entry at *path*."""

    path: YamlPath
    key: str


@dataclass(frozen=True, slots=True)
class AddEntry:
    """Add an entry, such as a fact, an entity or a key, to the table at *path*, which is made if there is none.

    It goes after the entry *after*, else where the order of keys puts it: at the end, but before keys about the fact
    itself, such as its quote.
    """

    path: YamlPath
    key: str
    value: Data
    after: str = ""


@dataclass(frozen=True, slots=True)
class AddEntries:
    """Add entries to the table at *path*, together, where the first of them belongs as an `AddEntry`."""

    path: YamlPath
    entries: Mapping[str, Data]
    after: str = ""


@dataclass(frozen=True, slots=True)
class AddItem:
    """Add an item at the end of the list at *path*. A single value there becomes a list, as does no value."""

    path: YamlPath
    value: Data


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the entry or item at *path*, with the comments above it up to a blank line or a heading."""

    path: YamlPath


@dataclass(frozen=True, slots=True)
class AddComment:
    """Add comments, each with its `#`, above the entry at *path*."""

    path: YamlPath
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddClosingComment:
    """Add comments, each with its `#`, after the last entry of the table at *path*, adding a missing key."""

    path: YamlPath
    lines: tuple[str, ...]


YamlChange: TypeAlias = SetValue | RenameKey | AddEntry | AddEntries | AddItem | Remove | AddComment | AddClosingComment


def applied(data: Data, change: YamlChange) -> Data:
    """Return the data after *change*, which is known to be possible."""
    match change:
        case AddEntry(path, key, value):
            return applied(data, SetValue((*path, key), value))
        case AddEntries(path, entries):
            old = _at(data, path)
            new = {**(old if isinstance(old, Mapping) else {}), **entries}
            return applied(data, SetValue(path, new)) if entries else data
        case AddClosingComment(path):
            return applied(data, SetValue(path, _at(data, path)))
        case AddItem(path, value):
            old = _at(data, path)
            return applied(data, SetValue(path, [*(old if isinstance(old, list) else [old] if old else []), value]))
        case AddComment():
            return data
        case SetValue(path, value):
            return _replaced(data, path, _normal(value))
        case RenameKey(path, key):
            table = _at(data, path[:-1])
            assert isinstance(table, Mapping)
            renamed: Data = {normal(key) if name == path[-1] else name: each for name, each in table.items()}
            return _replaced(data, path[:-1], renamed)
        case Remove(path):
            around, last = _at(data, path[:-1]), path[-1]
            rest: Data
            if isinstance(around, Mapping):
                rest = {name: each for name, each in around.items() if name != last}
            else:
                rest = [each for number, each in enumerate(around) if number != last]
            return _replaced(data, path[:-1], rest)


def _at(data: Data, path: YamlPath) -> Data:
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(str(step), "")
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
    return data


def _replaced(data: Data, path: YamlPath, value: Data) -> Data:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(data, list):
        return [_replaced(each, rest, value) if number == first else each for number, each in enumerate(data)]
    table = data if isinstance(data, Mapping) else {}
    return {**table, normal(str(first)): _replaced(table.get(str(first), ""), rest, value)}


def _normal(value: Data) -> Data:
    if isinstance(value, str):
        return normal(value)
    if isinstance(value, Mapping):
        return {normal(key): _normal(each) for key, each in value.items()}
    return [_normal(each) for each in value]
