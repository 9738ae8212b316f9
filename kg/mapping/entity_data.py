"""Two entries of the registry -> one that replaces both. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.mapping.blocks import DEFAULT_LANGUAGE
from kg.mapping.yaml_nodes import Data
from kg.ontology.vocabulary import Key

NAME, OTHER_NAME, APART = "name", "alternativeName", "distinctFrom"
_NAMES = (NAME, OTHER_NAME)


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of merging two entries.

    Attributes:
        data: the keys that change in the entry that stays, with their values.
        dropped: keys and values of the other entry that cannot be kept beside those of the first.
        apart: whether one of the two says that they are not the same.
    """

    data: Mapping[str, Data]
    dropped: tuple[tuple[str, str], ...]
    apart: bool


def merged(
    kept: Mapping[str, Data], gone: Mapping[str, Data], kept_id: str, gone_id: str, keys: Mapping[str, Key]
) -> Merged:
    """Return what *kept* must say so that *gone* can be removed. *keys* are those of their class."""
    apart = gone_id in _items(kept.get(APART, "")) or kept_id in _items(gone.get(APART, ""))
    names = {pair for key in _NAMES for pair in texts_of(kept.get(key, ""))}
    added = [pair for key in _NAMES for pair in texts_of(gone.get(key, "")) if pair not in names]
    data: dict[str, Data] = {}
    if added:
        data[OTHER_NAME] = _tagged([*texts_of(kept.get(OTHER_NAME, "")), *dict.fromkeys(added)])
    joined = {key: _joined(kept.get(key), gone[key], keys.get(key)) for key in gone if key not in _NAMES}
    data |= {key: value for key, value in joined.items() if value is not None and value != kept.get(key)}
    dropped = tuple((key, _shown(gone[key])) for key, value in joined.items() if value is None)
    return Merged(data, dropped, apart)


def _joined(kept: Data | None, gone: Data, key: Key | None) -> Data | None:
    """Return what two values of a key are together, None if it takes only one."""
    if kept is None or kept == gone:
        return gone
    return _union(kept, gone) if key and key.most is None else None


def _items(value: Data) -> list[Data]:
    return value if isinstance(value, list) else [value] if value else []


def _union(one: Data, other: Data) -> Data:
    if isinstance(one, Mapping) or isinstance(other, Mapping):
        return _tagged(list(dict.fromkeys([*texts_of(one), *texts_of(other)])))
    items = _items(one)
    return [*items, *(item for item in _items(other) if item not in items)]


def texts_of(value: Data) -> Iterator[tuple[str, str]]:
    """Yield the language and text of each name, with the default language for a text without one."""
    if isinstance(value, Mapping):
        for tag, texts in value.items():
            yield from ((tag, str(text)) for text in _items(texts))
    else:
        for item in _items(value):
            yield from [(DEFAULT_LANGUAGE, item)] if isinstance(item, str) else texts_of(item)


def _tagged(pairs: list[tuple[str, str]]) -> Data:
    table: dict[str, list[Data]] = {}
    for tag, text in pairs:
        table.setdefault(tag, []).append(text)
    return {tag: texts[0] if len(texts) == 1 else texts for tag, texts in table.items()}


def _shown(value: Data) -> str:
    if isinstance(value, str):
        return value
    texts = [text for _, text in texts_of(value)]
    return ", ".join(texts)
