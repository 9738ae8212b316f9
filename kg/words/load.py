"""Folders of word files -> the languages of a project. Reads files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from kg.core.errors import InputError
from kg.project.files import MAX_BYTES, decoded_text, read_bytes, read_text
from kg.project.layout import word_files
from kg.project.settings import Project
from kg.project.state import once_per_run
from kg.words.language import Languages, languages
from kg.words.tables import WordFile


def load_languages(project: Project) -> Languages:
    """Return the languages whose words a project knows. Later folders add to earlier ones.

    Raises:
        InputError: a file cannot be read.
    """
    contents = {project.shown(file): (file, content) for file, content in _contents(project.words).items()}
    return _languages(
        tuple(
            WordFile(name, read_text(file, name) if content is None else decoded_text(content, name))
            for name, (file, content) in contents.items()
        )
    )


@lru_cache(maxsize=4)
def _languages(files: tuple[WordFile, ...]) -> Languages:
    """Return the languages of *files*. A process that checks repeatedly reads them only once."""
    return languages(files)


@once_per_run
def _contents(folders: Sequence[Path]) -> Mapping[Path, bytes | None]:
    """Return the files with their bytes, None for one that cannot be read, which is reported by the caller."""
    return {file: _content(file) for file in word_files(folders)}


def _content(file: Path) -> bytes | None:
    try:
        return read_bytes(file, file.name, MAX_BYTES + 1)
    except InputError:
        return None
