"""All quads of the current generation, as a test compares them."""

from __future__ import annotations

from pathlib import Path

from kg.store.generations import current


def dump(build: Path) -> str:
    """Return the current generation of a build folder as sorted N-Quads."""
    generation = current(build)
    assert generation
    with generation:
        return "".join(f"{line}\n" for line in sorted(generation.lines()))
