"""What was found out about something that does not change, each thing once. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TypeVar, cast

_T = TypeVar("_T")


MOST = 50_000
"""Values of one kind that are kept."""


class Memo:
    """Values by key, each made once: whoever asks for one that is being made waits for that one only."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, object]] = {}
        self._values: dict[str, object] = {}
        self._making: dict[str, Lock] = {}
        self._lock = Lock()

    def value(self, key: str, make: Callable[[], _T]) -> _T:
        """Return what *make* makes; it may ask for other keys itself. There must be a bound on the keys."""
        with self._lock:
            if key in self._values:
                return cast("_T", self._values[key])
            making = self._making.setdefault(key, Lock())
        with making:
            if key not in self._values:
                self._values[key] = make()
            return cast("_T", self._values[key])

    def made(self, key: str) -> object | None:
        """Return the value of a key if it is made already, else None."""
        with self._lock:
            return self._values.get(key)

    def each(self, kind: str, wanted: Iterable[str], find: Callable[[list[str]], Mapping[str, _T]]) -> dict[str, _T]:
        """Return the values of one kind by key, in the order asked for; *find* finds those that are not known yet.

        A key that it leaves out has no value, here and later. Two that ask at once may both find the same.
        """
        keys = list(dict.fromkeys(wanted))
        with self._lock:
            kept = self._kinds.get(kind, {})
            known = {key: kept[key] for key in keys if key in kept}
        new = [key for key in keys if key not in known]
        if new:
            found = find(new)
            known |= {key: found.get(key) for key in new}
            with self._lock:
                kept = self._kinds.setdefault(kind, {})
                if len(kept) > MOST:
                    kept.clear()
                kept.update(known)
        return {key: cast("_T", known[key]) for key in keys if known[key] is not None}
