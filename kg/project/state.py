"""Folders that a run reads only once, so that it sees one consistent state, even if files change. Reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TypeVar, cast

from kg.project.files import MAX_BYTES, decoded_text, read_bytes
from kg.project.settings import Project

T = TypeVar("T")


class FolderState(tuple[Path, ...]):
    """Folders, with the results made from their files in this run. Can be sent to worker processes."""

    def __init__(self, _: Sequence[Path] = ()) -> None:
        self._made: dict[str, object] = {}  # by name, since a function that is wrapped cannot be sent to a process
        self.contents: dict[Path, bytes] = {}

    def once(self, make: Callable[[Sequence[Path]], T]) -> T:
        """Return the result of *make* for the folders, computed on first use."""
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in self._made:
            self._made[name] = make(self)
        return cast("T", self._made[name])


def once_per_run(make: Callable[[Sequence[Path]], T]) -> Callable[[Sequence[Path]], T]:
    """Make *make* run only once for a FolderState, but each time for plain folders. Errors are not cached."""

    @wraps(make)
    def made(folders: Sequence[Path]) -> T:
        return folders.once(make) if isinstance(folders, FolderState) else make(folders)

    return made


def content_in(folders: Sequence[Path], file: Path, shown: str, most: int = -1) -> bytes:
    """Return the first *most* bytes of a file in *folders*, read once for a FolderState. Raises as `read_bytes`."""
    contents = folders.contents if isinstance(folders, FolderState) else {}
    if file not in contents:
        contents[file] = read_bytes(file, shown, most)
    return contents[file]


def text_in(folders: Sequence[Path], file: Path, shown: str) -> str:
    """Return the text of a file in *folders*, read once for a FolderState. Raises as `read_text`."""
    return decoded_text(content_in(folders, file, shown, MAX_BYTES + 1), shown)


def one_state(project: Project) -> Project:
    """Return *project* with the files of its ontology and its words read only once."""
    ontology, words, queries = map(FolderState, (project.ontology, project.words, project.queries))
    return replace(project, ontology=ontology, words=words, queries=queries)
