"""Expected texts that are files: KG_WRITE_EXPECTED=1 writes what is found now. Read what it changed."""

from __future__ import annotations

import os
from pathlib import Path

WRITE = bool(os.environ.get("KG_WRITE_EXPECTED"))


def expected(file: Path, text: str) -> str:
    """Return the content of *file*, which is *text* from now on if expected files are to be written."""
    if WRITE:
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), f"{file} is missing; KG_WRITE_EXPECTED=1 writes it"
    return file.read_text(encoding="utf-8")
