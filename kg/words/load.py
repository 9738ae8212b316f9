"""Folders of word files -> the languages of a project. Reads files."""

from __future__ import annotations

from functools import lru_cache

from kg.project.layout import word_files
from kg.project.settings import Project
from kg.project.state import once_per_run, text_in
from kg.words.language import Languages, languages
from kg.words.tables import WordFile

_files = once_per_run(word_files)


def load_languages(project: Project) -> Languages:
    """Return the languages whose words a project knows. Later folders add to earlier ones.

    Raises:
        InputError: a file cannot be read.
    """
    files = ((file, project.shown(file)) for file in _files(project.words))
    return _languages(tuple(WordFile(shown, text_in(project.words, file, shown)) for file, shown in files))


@lru_cache(maxsize=4)
def _languages(files: tuple[WordFile, ...]) -> Languages:
    """Return the languages of *files*. A process that checks repeatedly reads them only once."""
    return languages(files)
