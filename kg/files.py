"""Text -> a file that is whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
from pathlib import Path

from kg.errors import InputError


def write_whole(file: str | Path, content: str | bytes) -> None:
    """Write *content* to *file*, which others see either as before or complete.

    Raises:
        InputError: the folder does not exist or cannot be written.
    """
    target = Path(file)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"cannot write {file}: {error.strerror}", "check the folder and its permissions") from error
