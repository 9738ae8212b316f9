"""Standard input -> text or bytes. Reads it."""

from __future__ import annotations

import sys

from kg.core.errors import InputError
from kg.project.files import MAX_BYTES, decoded_text


def standard_input() -> str:
    """Return the text on standard input, without a byte order mark.

    Raises:
        InputError: it is closed, cannot be read, or as `kg.project.files.read_text`.
    """
    return decoded_text(standard_input_bytes(), "standard input")


def standard_input_bytes() -> bytes:
    """Return the bytes on standard input, at most one more than a file may have.

    Raises:
        InputError: it is closed or cannot be read.
    """
    if sys.stdin is None:
        raise InputError("standard input is closed", "name a file, or pipe something in")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read standard input: {error.strerror}", "name a file") from error
