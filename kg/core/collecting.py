"""How often Python looks for cycles of objects that are no longer needed. No I/O."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BEFORE_COLLECTION = 100_000
"""Compiling makes many objects and hardly any cycles: at Python's default, looking for them takes half the time."""


@contextmanager
def rare_collections(objects: int = OBJECTS_BEFORE_COLLECTION) -> Iterator[None]:
    """Look for cycles only after so many new *objects*, until the block ends. Default: the threshold of the command."""
    before = gc.get_threshold()
    gc.set_threshold(objects, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
