"""Texts made from files, cached between runs in build/cache. Reads and writes only that folder.

The key of a text covers everything that went into it, so it is never out of date. Texts are sealed, so a damaged one is
made again. If the folder cannot be written, that only costs time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.project.intact import put_sealed, sealed_text


def kept_text(build: Path, key: str, make: Callable[[], str]) -> str:
    """Return the text cached under *key*, or else the result of *make*, which is then cached."""
    file = build / "cache" / key[:2] / f"{key}.txt"
    try:
        text = sealed_text(file, key)
    except (OSError, ValueError):
        text = make()
        with suppress(OSError):
            put_sealed(file, text, key)
    else:
        with suppress(OSError):
            os.utime(file)  # marks the last use: texts that are unused for long are swept
    return text
