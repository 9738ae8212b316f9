"""Pairs of a key and a value -> the values of each key. No I/O."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Return key -> its values, keys and values in the order of *pairs*.

    >>> grouped((word[0], word) for word in ("port", "pier", "ferry"))
    {'p': ['port', 'pier'], 'f': ['ferry']}
    """
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def grouped_sets(pairs: Iterable[tuple[K, V]]) -> dict[K, set[V]]:
    """Return key -> its values, each once, keys in the order of *pairs*."""
    groups: dict[K, set[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, set()).add(value)
    return groups
