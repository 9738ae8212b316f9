"""What a page sends -> values, or a refusal. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from kg.core.model import Span
from kg.core.terms import FACTS_KEY
from kg.curate.edit import BLOCKS, Edit, Table
from kg.mapping.outline import is_usable_id
from kg.mapping.yaml_nodes import Data
from kg.web.errors import HttpError

T = TypeVar("T")
Body = Mapping[str, object]
MOST_DEEP = 20


def body_of(content: bytes) -> Body:
    """Return the object that a body holds.

    Raises:
        HttpError: 400: it holds none.
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _wrong("the body is not JSON") from error
    if not isinstance(body, dict):
        raise _wrong("the body is not an object")
    return body


def edit_in(body: Body) -> Edit:
    """Return the step that a body describes.

    Raises:
        HttpError: 400: it describes none.
    """
    given = body.get("edit")
    if not isinstance(given, dict):
        raise _wrong("there is no edit")
    identifier, block = text_in(given, "id"), text_in(given, "block") or FACTS_KEY
    if block not in BLOCKS or bool(identifier) != (block == FACTS_KEY):
        raise _wrong("the edit is of no fact and of no block")
    was, now = _table(given.get("was")), _table(given.get("now"))
    if was is None and now is not None and not is_usable_id(identifier):
        raise HttpError(
            422, f"'{identifier[:80]}' cannot be the id of a fact", "use lower-case letters, digits, hyphens"
        )
    entities = _table(given.get("entities")) or {}
    if not all(is_usable_id(name) and isinstance(tree, Mapping) for name, tree in entities.items()):
        raise HttpError(422, "a new entity has no usable id", "use lower-case letters, digits, hyphens")
    return Edit(identifier, was, now, block, entities, text_in(given, "label")[:200])


def text_in(body: Body, name: str) -> str:
    """Return the text under *name*, "" if there is none.

    Raises:
        HttpError: 400: it is something else.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise _wrong(f"'{name}' is not a text")
    return value


def span_in(body: Body, length: int) -> Span:
    """Return the range of a text of this length that a body names.

    Raises:
        HttpError: 400: it is no range of the text.
    """
    start, end = body.get("start"), body.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= length:
        raise _wrong("'start' and 'end' are no range of the text")
    return Span(start, end)


def _table(value: object) -> Table | None:
    if value is None:
        return None
    data = _data(value)
    if not isinstance(data, Mapping):
        raise _wrong("a fact is not a table")
    return data


def _data(value: object, depth: int = 0) -> Data:
    """Return a JSON value as what YAML says: texts, tables and lists."""
    if depth > MOST_DEEP:
        raise _wrong("it is nested too deeply")
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [_data(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {key: _data(each, depth + 1) for key, each in value.items()}
    raise _wrong("a fact holds texts, tables and lists only")


def _wrong(why: str) -> HttpError:
    return HttpError(400, why, "reload the page")
