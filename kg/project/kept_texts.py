"""Texts that were made from files, kept between runs in build/cache. Reads and writes that folder only.

A text is found by all that went into it, so it is never out of date; it is sealed, so one that was changed is made
anew. A folder that cannot be written costs time, and is no error.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.project.intact import put_sealed, sealed_text


def kept_text(build: Path, key: str, make: Callable[[], str]) -> str:
    """Return what *make* returns, from the build folder where an earlier run kept it under *key*."""
    file = build / "cache" / key[:2] / f"{key}.txt"
    try:
        text = sealed_text(file, key)
    except (OSError, ValueError):
        text = make()
        with suppress(OSError):
            put_sealed(file, text, key)
    else:
        with suppress(OSError):
            os.utime(file)  # the last use: what nobody has needed for long is swept
    return text
