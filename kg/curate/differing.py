"""What a table said and what it is to say -> the fewest changes of the YAML file, so that the rest stays. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kg.mapping.yaml_changes import AddItem, Remove, SetValue, YamlChange, YamlPath
from kg.mapping.yaml_nodes import Data


def changes_between(old: Data, new: Data, path: YamlPath) -> list[YamlChange]:
    """Return the changes that make *new* of *old*, which stands at *path*, to be applied in their order.

    >>> changes_between({"a": "1", "b": ["x", "y"]}, {"a": "2", "b": ["x"]}, ("f",))
    [SetValue(path=('f', 'a'), value='2'), Remove(path=('f', 'b', 1))]
    """
    return list(_changes(old, new, path))


def _changes(old: Data, new: Data, path: YamlPath) -> Iterator[YamlChange]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and new:
        yield from _of_tables(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _of_lists(old, new, path)
    else:
        yield SetValue(path, new)


def _of_tables(old: Mapping[str, Data], new: Mapping[str, Data], path: YamlPath) -> Iterator[YamlChange]:
    """Yield the changes of a table: new keys before others go, so that it is never empty."""
    for key, value in new.items():
        yield from _changes(old[key], value, (*path, key)) if key in old else [SetValue((*path, key), value)]
    yield from (Remove((*path, key)) for key in old if key not in new)


def _of_lists(old: list[Data], new: list[Data], path: YamlPath) -> Iterator[YamlChange]:
    """Yield the changes of a list, of which what both begin and end with stays as it is written."""
    begin = _shared(old, new)
    end = _shared(old[begin:][::-1], new[begin:][::-1])
    before, after = old[begin : len(old) - end], new[begin : len(new) - end]
    if len(after) > len(before) and end:
        yield SetValue(path, new)
        return
    for number, (one, other) in enumerate(zip(before, after, strict=False), begin):
        yield from _changes(one, other, (*path, number))
    yield from (Remove((*path, begin + number)) for number in reversed(range(len(after), len(before))))
    yield from (AddItem(path, value) for value in after[len(before) :])


def _shared(one: Sequence[Data], other: Sequence[Data]) -> int:
    """Return with how many equal items both begin."""
    pairs = zip(one, other, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
