"""A cache for facts about something that does not change. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TypeVar, cast

_T = TypeVar("_T")


MOST = 50_000
"""How many values of one kind to keep."""

_MISSING = object()


class Memo:
    """Values by key, each computed once. A caller waits only for the value that it needs."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, object]] = {}
        self._values: dict[str, object] = {}
        self._making: dict[str, Lock] = {}
        self._lock = Lock()

    def value(self, key: str, make: Callable[[], _T]) -> _T:
        """Return the result of *make*, which may itself request other keys. The number of keys must be bounded."""
        with self._lock:
            if key in self._values:
                return cast("_T", self._values[key])
            making = self._making.setdefault(key, Lock())
        with making:
            value = self._values.get(key, _MISSING)
            if value is _MISSING:
                value = self._values[key] = make()
            return cast("_T", value)

    def made(self, key: str) -> object | None:
        """Return the value of a key if it has already been computed, else None."""
        with self._lock:
            return self._values.get(key)

    def forget(self, key: str) -> None:
        """Release the value of a key. It is made again if it is requested again."""
        with self._lock:
            self._values.pop(key, None)

    def each(self, kind: str, requested: Iterable[str], find: Callable[[list[str]], Mapping[str, _T]]) -> dict[str, _T]:
        """Return the values of one kind by key, in the requested order, calling *find* for unknown keys.

        A key that *find* leaves out has no value, now or later. Two concurrent callers may both compute a value.
        """
        keys = list(dict.fromkeys(requested))
        with self._lock:
            kept = self._kinds.get(kind, {})
            known = {key: kept[key] for key in keys if key in kept}
        new = [key for key in keys if key not in known]
        if new:
            values = find(new)
            known |= {key: values.get(key) for key in new}
            with self._lock:
                kept = self._kinds.setdefault(kind, {})
                if len(kept) > MOST:
                    kept.clear()
                kept.update(known)
        return {key: cast("_T", known[key]) for key in keys if known[key] is not None}
