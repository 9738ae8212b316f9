"""Text -> a file, or several -> a folder, that is whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from kg.errors import InputError, UsageError
from kg.intact import clear_abandoned


def write_whole(file: str | Path, content: str | bytes) -> None:
    """Write *content* to *file*, which others see either as before or complete.

    A link stays a link. What is no regular file, such as a pipe or a device, is written to, never replaced.

    Raises:
        InputError: the folder does not exist or cannot be written.
    """
    target = Path(file).resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    written = content.encode() if isinstance(content, str) else content
    clear_abandoned(target)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(written)
            return
        beside.write_bytes(written)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(f"cannot write {file}: {error.strerror}", "check the folder and its permissions") from error


def write_folder(folder: Path, files: Mapping[str, bytes], *, what: str, ours: Callable[[Path], bool]) -> None:
    """Write *files*, by path, as the whole content of *folder*, by one rename. A link stays a link.

    Args:
        folder: to be made, or to be replaced.
        files: path within the folder -> content.
        what: it holds, in words.
        ours: whether an existing folder that is not empty holds nothing else, so that it may be replaced.

    Raises:
        UsageError: the folder holds something else.
        InputError: it cannot be written.
    """
    target = folder.resolve()
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not ours(target)):
        raise UsageError(f"{folder} is not a folder of {what}", "name a new one; an existing one would be replaced")
    clear_abandoned(target)
    beside, old = (target.with_name(f".{target.name}.{os.getpid()}{ending}") for ending in ("", ".old"))
    try:
        beside.mkdir(parents=True)
        for name, content in files.items():
            (beside / name).parent.mkdir(parents=True, exist_ok=True)
            (beside / name).write_bytes(content)
        if target.is_dir():
            target.rename(old)
        beside.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        if old.is_dir() and not target.is_dir():
            old.rename(target)
        raise InputError(f"cannot write {folder}: {error.strerror}", "check its place and permissions") from error
