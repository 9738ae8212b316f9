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

    def applied_to(self, data: Data) -> Data:
        """Return *data* after this change, which is known to be possible."""
        return _replaced(data, self.path, _normal(self.value))


@dataclass(frozen=True, slots=True)
class RenameKey:
    """Rename the key, or id, of the entry at *path*."""

    path: YamlPath
    key: str

    def applied_to(self, data: Data) -> Data:
        """Return *data* after this change, which is known to be possible."""
        around, old = self.path[:-1], self.path[-1]
        table = _at(data, around)
        assert isinstance(table, Mapping)
        return _replaced(data, around, {normal(self.key) if key == old else key: each for key, each in table.items()})


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

    def applied_to(self, data: Data) -> Data:
        """Return *data* after this change, which is known to be possible."""
        return SetValue((*self.path, self.key), self.value).applied_to(data)


@dataclass(frozen=True, slots=True)
class AddEntries:
    """Add entries to the table at *path*, together, where the first of them belongs as an `AddEntry`."""

    path: YamlPath
    entries: Mapping[str, Data]
    after: str = ""

    def applied_to(self, data: Data) -> Data:
        """Return *data* after this change, which is known to be possible."""
        if not self.entries:
            return data
        old = _at(data, self.path)
        return SetValue(self.path, {**(old if isinstance(old, Mapping) else {}), **self.entries}).applied_to(data)


@dataclass(frozen=True, slots=True)
class AddItem:
    """Add an item at the end of the list at *path*. A single value there becomes a list, as does no value."""

    path: YamlPath
    value: Data

    def applied_to(self, data: Data) -> Data:
        """Return *data* after this change, which is known to be possible."""
        old = _at(data, self.path)
        items = old if isinstance(old, list) else [old] if old else []
        return SetValue(self.path, [*items, self.value]).applied_to(data)


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove the entry or item at *path*, with the comments above it up to a blank line or a heading."""

    path: YamlPath

    def applied_to(self, data: Data) -> Data:
        """Return *data* after this change, which is known to be possible."""
        around, last = self.path[:-1], self.path[-1]
        old = _at(data, around)
        if isinstance(old, Mapping):
            return _replaced(data, around, {key: each for key, each in old.items() if key != last})
        return _replaced(data, around, [each for number, each in enumerate(old) if number != last])


@dataclass(frozen=True, slots=True)
class AddComment:
    """Add comments, each with its `#`, above the entry at *path*."""

    path: YamlPath
    lines: tuple[str, ...]

    def applied_to(self, data: Data) -> Data:
        """Return *data*, which comments leave as it is."""
        return data


@dataclass(frozen=True, slots=True)
class AddClosingComment:
    """Add comments, each with its `#`, after the last entry of the table at *path*, adding a missing key."""

    path: YamlPath
    lines: tuple[str, ...]

    def applied_to(self, data: Data) -> Data:
        """Return *data*, with the key of the table if it is missing."""
        return SetValue(self.path, _at(data, self.path)).applied_to(data)


YamlChange: TypeAlias = SetValue | RenameKey | AddEntry | AddEntries | AddItem | Remove | AddComment | AddClosingComment


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
