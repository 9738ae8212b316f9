"""Text -> a file that is whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
from pathlib import Path

from kg.errors import InputError


def write_whole(file: str | Path, content: str | bytes) -> None:
    """Write *content* to *file*, which others see either as before or complete.

    A link stays a link. What is no regular file, such as a pipe or a device, is written to, never replaced.

    Raises:
        InputError: the folder does not exist or cannot be written.
    """
    target = Path(file).resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    written = content.encode() if isinstance(content, str) else content
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(written)
            return
        beside.write_bytes(written)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"cannot write {file}: {error.strerror}", "check the folder and its permissions") from error
