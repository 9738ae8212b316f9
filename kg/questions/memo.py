"""What was found out about something that does not change, each thing once. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar, cast

_T = TypeVar("_T")


class Memo:
    """Values by key, each made once: whoever asks for one that is being made waits for that one only."""

    def __init__(self) -> None:
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
