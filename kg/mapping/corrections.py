"""Replacements proposed by findings -> the YAML text with them. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TypeAlias

from kg.core.terms import WORDS_KEY
from kg.mapping.edits import CannotChangeError, changed
from kg.mapping.yaml_changes import RenameKey, SetValue, YamlChange, YamlPath
from kg.mapping.yaml_nodes import YamlNode
from kg.mapping.yaml_places import LINE_END, YamlText

Point: TypeAlias = tuple[int, int]
"""Line and column, from 1, as in a finding's place."""


def corrected(text: str, instead: Mapping[Point, str]) -> tuple[str, Mapping[Point, int]]:
    """Return *text* with replacements for the keys and texts that begin at these points, and their new lines.

    A word keeps its quotation marks. What cannot be changed in place is left as it was, and has no line.

    Raises:
        InputError: the text cannot be read as YAML.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    source = YamlText(text)
    longer: dict[Point, int] = {}  # by how many lines
    starts = [0, *(end.end() for end in LINE_END.finditer(text))]
    at = {starts[line - 1] + column - 1: (line, column) for line, column in instead if line <= len(starts)}
    matches = [(at[offset], path, is_key) for offset, path, is_key in _words(source.root) if offset in at]
    for point, path, is_key in sorted(
        matches, key=lambda each: (each[2], -len(each[1]))
    ):  # keys last: they are in paths
        change: YamlChange = RenameKey(path, instead[point]) if is_key else SetValue(path, instead[point])
        with suppress(CannotChangeError):
            before, text = text, changed(text, [change])
            longer[point] = len(LINE_END.findall(text)) - len(LINE_END.findall(before))
    return mark + text, {point: point[0] + sum(by for other, by in longer.items() if other < point) for point in longer}


def settled(text: str, point: Point, key: str, value: str) -> str:
    """Return *text* with a key written beside the words at a point, which are put into braces if they are alone.

    Raises:
        InputError: there are no words at the point, or they cannot be changed there.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    source = YamlText(text)
    starts = [0, *(end.end() for end in LINE_END.finditer(text))]
    offset = starts[min(point[0], len(starts)) - 1] + point[1] - 1
    path = next((path for begin, path, is_key in _words(source.root) if begin == offset and not is_key), ())
    if not path:
        raise CannotChangeError("there are no words there")
    if path[-1] == WORDS_KEY:
        return mark + changed(text, [SetValue((*path[:-1], key), value)])
    return mark + changed(text, [SetValue(path, {WORDS_KEY: source.node(path).data(), key: value})])


def _words(node: YamlNode | None, path: YamlPath = ()) -> Iterator[tuple[int, YamlPath, bool]]:
    """Yield where each key and each text begins, its path, and whether it is a key."""
    if node is None:
        return
    for key, value in node.entries or ():
        yield key.start, (*path, key.text), True
        yield from _words(value, (*path, key.text))
    for number, item in enumerate(node.items or ()):
        yield from _words(item, (*path, number))
    if not node.is_collection and path:
        yield node.start, path, False
