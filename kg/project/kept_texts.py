"""Texts made from files, cached between runs in build/cache. Reads and writes only that folder.

The key of a text covers everything that went into it, so it is never out of date. Texts are sealed, so a damaged one is
made again. If the folder cannot be written, that only costs time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.project.intact import is_abandoned, put_sealed, remove, sealed_text

MOST_KEPT = 100
"""The number of texts that are kept, those used last."""


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


def sweep_texts(build: Path) -> None:
    """Remove the texts that were unused for longest, and what else is beside them. The caller holds the build lock."""
    texts = []
    for file in (build / "cache").glob("??/*"):
        if file.name.startswith(".") and not is_abandoned(file.name):
            continue
        with suppress(OSError):
            texts.append((file.suffix == ".txt", file.stat(follow_symlinks=False).st_mtime, file))
    for number, (is_text, _, file) in enumerate(sorted(texts, reverse=True)):
        if number >= MOST_KEPT or not is_text:
            with suppress(OSError):
                remove(file)
