"""The words of a language model -> the trees of entities and facts in them. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.errors import InvalidValueError
from kg.core.terms import FACTS_KEY
from kg.mapping.yaml_nodes import Data

ENTITIES_KEY = "entities"

MOST_PROPOSALS = 500
DEEPEST = 12
"""Levels of tables and lists in a proposal."""


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model proposes: entities and facts by its own ids, and why others were dropped."""

    entities: Mapping[str, Data]
    facts: Mapping[str, Data]
    dropped: tuple[str, ...]


def answered(words: str) -> ModelAnswer:
    """Return the content of a model's answer: a JSON object, alone or between other words.

    Raises:
        InvalidValueError: there is no such object.
    """
    start, end = words.find("{"), words.rfind("}")
    if start < 0 or end < start:
        raise InvalidValueError("the model's answer has no JSON object")
    try:
        content = json.loads(
            words[start : end + 1],
            parse_int=str,
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_each_once,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(f"the model's answer is not JSON: {str(error)[:200]}") from None
    dropped: list[str] = []
    entities = _checked_trees(content.get(ENTITIES_KEY), ENTITIES_KEY, dropped)
    facts = _checked_trees(content.get(FACTS_KEY), FACTS_KEY, dropped)
    if not {ENTITIES_KEY, FACTS_KEY} & set(content):
        raise InvalidValueError(f"the model's answer has neither '{FACTS_KEY}' nor '{ENTITIES_KEY}'")
    return ModelAnswer(entities, facts, tuple(dropped))


def _no_number(name: str) -> str:
    raise ValueError(f"{name} is no number")


def _each_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"'{twice[:80]}' stands twice in one object")
    return dict(pairs)


def _checked_trees(block: object, name: str, dropped: list[str]) -> dict[str, Data]:
    """Return the proposals in a block that are trees of texts."""
    if block is None:
        return {}
    if not isinstance(block, Mapping):
        raise InvalidValueError(f"'{name}' of the model's answer is not an object")
    trees: dict[str, Data] = {}
    for identifier, value in block.items():
        try:
            if len(trees) >= MOST_PROPOSALS:
                raise ValueError(f"there are more than {MOST_PROPOSALS} proposals")
            if not isinstance(value, Mapping):
                raise ValueError("it is not an object")
            trees[_text(identifier)] = _data(value, DEEPEST)
        except ValueError as error:
            dropped.append(f"{shown(identifier)}: {error}")
    return trees


def _data(value: object, levels: int) -> Data:
    """Return a JSON value as the data of a mapping, whose scalars are texts.

    Raises:
        ValueError: it has null, a text that no file can have, or too many levels.
    """
    if not levels:
        raise ValueError(f"it has more than {DEEPEST} levels")
    match value:
        case str():
            return _text(value)
        case bool():
            return str(value).lower()
        case Mapping():
            return {_text(key): _data(each, levels - 1) for key, each in value.items()}
        case list():
            return [_data(each, levels - 1) for each in value]
    raise ValueError("it has a value that is null")


def _text(text: str) -> str:
    if not all(char.isprintable() or char in "\n\t" for char in text):
        raise ValueError("it has a character that cannot be printed")
    return " ".join(text.split())


def shown(text: str) -> str:
    """Return a text of a model for a message of one line."""
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return plain if len(plain) <= 60 else f"{plain[:60]}…"
