"""Folders with words -> the languages of a project. Reads files."""

from __future__ import annotations

from functools import lru_cache

from kg.project.files import read_text
from kg.project.layout import word_files
from kg.project.settings import Project
from kg.words.language import Languages, languages
from kg.words.tables import WordFile


def load_languages(project: Project) -> Languages:
    """Return the languages whose words a project knows; those of a later folder are added to those of an earlier one.

    Raises:
        InputError: a file cannot be read.
    """
    shown = {project.shown(file): file for file in word_files(project.words)}
    return _languages(tuple(WordFile(name, read_text(file, name)) for name, file in shown.items()))


@lru_cache(maxsize=4)
def _languages(files: tuple[WordFile, ...]) -> Languages:
    """Return the languages of *files*, which a process that checks again and again reads once."""
    return languages(files)
