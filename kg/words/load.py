"""Folders of word files -> the languages of a project. Reads files."""

from __future__ import annotations

from kg.project.files import read_text
from kg.project.layout import word_files
from kg.project.settings import Project
from kg.words.language import Languages, languages
from kg.words.tables import WordFile


def load_languages(project: Project) -> Languages:
    """Return the languages whose words a project knows. Later folders add to earlier ones.

    Raises:
        InputError: a file cannot be read.
    """
    shown = {project.shown(file): file for file in word_files(project.words)}
    return languages(WordFile(name, read_text(file, name)) for name, file in shown.items())
