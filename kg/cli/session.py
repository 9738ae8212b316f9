"""What every command needs: the project it works on. Reads the project's folder only on demand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.project.settings import Project


@dataclass(frozen=True, slots=True)
class Session:
    """One run of `kg`.

    Attributes:
        folder: where the search for kg.toml begins, upwards.
        verbose: how often -v was given.
        quiet: whether notices of what was done are left out.
    """

    folder: Path
    verbose: int = 0
    quiet: bool = False

    @property
    def project(self) -> Project:
        """The project of the folder.

        Raises:
            InputError: there is no project.
        """
        from kg.project.settings import load_project

        return load_project(self.folder)
