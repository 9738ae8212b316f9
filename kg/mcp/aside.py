"""A mapping as text -> the findings on it, from a process of its own that ends with the check. Starts processes.

Checking takes time and memory in proportion to a text that someone else wrote.
"""

from __future__ import annotations

from pathlib import Path

from kg.core.aside import AsideLimits, reply_aside

CHECK = AsideLimits()
"""The limits if none are given."""


def checked_aside(root: Path, mapping: str, limits: AsideLimits) -> str:
    """Return the findings on a mapping as the JSON of `kg check`. No file is written.

    Raises:
        InputError: the project cannot be read.
        EndpointError: it took too long or too much memory.
    """
    task = {"root": str(root), "mapping": mapping}
    reply = reply_aside("kg.mcp.check_process", task, limits, "the check", "check a shorter article")
    return str(reply["findings"])
