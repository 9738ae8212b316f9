"""Pairs -> the values of each key; steps from one thing to others -> all that is reached. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
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


def closure(starts: Iterable[K], after: Callable[[K], Iterable[K]]) -> list[K]:
    """Return *starts* and all that they lead to, each once, the nearest first. *after* gives the next of one.

    >>> closure([3], lambda number: (number // 2, number - 1) if number else ())
    [3, 1, 2, 0]
    """
    reached = dict.fromkeys(starts)
    queue = list(reached)
    for each in queue:
        for one in after(each):
            if one not in reached:
                reached[one] = None
                queue.append(one)
    return queue
