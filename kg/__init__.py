"""Communiqué: curated news about meetings -> a validated, evidence-locked knowledge graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kg.notebook import OpenProject


def open(folder: str | Path = ".", endpoint: str = "") -> OpenProject:  # noqa: A001
    """Open the project of *folder*, or of the nearest folder above that holds a kg.toml, to ask it questions.

    They go to its current generation, or to the store *endpoint*: a name in kg.toml or an address.

    Raises:
        InputError: there is none, or it has not been built.
        UsageError: there is no store of that name.
        EndpointError: the store does not answer.
    """
    from kg.notebook import open_project

    return open_project(folder, endpoint)
