"""The version of the mapping language: kg.toml's against the ontology's. Reads kg.toml for the place of a finding.

The ontology gives its version (owl:versionInfo). `language` in kg.toml says which version the files are written in. An
older one is reported with the command that updates the project. A newer one is refused, because kg would misread it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.core.errors import Finding, InputError, Place, Severity
from kg.ontology.vocabulary import Vocabulary
from kg.project.files import read_text
from kg.project.settings import SETTINGS_FILE, Project, setting_line

OLDER = "KG-P001"
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,3}")


def refuse_newer(project: Project, vocabulary: Vocabulary) -> None:
    """Refuse a project that is written in a newer language than *vocabulary*.

    Raises:
        InputError: it is, or its version is not a valid one.
    """
    if project.language and not _VERSION.fullmatch(project.language):
        raise InputError(
            f"{SETTINGS_FILE}: language is not a version: {project.language}", "write numbers and dots: 0.2.0"
        )
    if vocabulary.version and _parts(project.language) > _parts(vocabulary.version):
        message = (
            f"this project is written in language {project.language}, but this kg reads up to {vocabulary.version}"
        )
        raise InputError(f"{SETTINGS_FILE}: {message}", "install a newer kg")


def is_older(project: Project, vocabulary: Vocabulary) -> bool:
    """Return whether a project states an older language version than that of *vocabulary*."""
    return bool(project.language) and _parts(project.language) < _parts(vocabulary.version)


def language_findings(project: Project, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding if the language version, in kg.toml at *line*, is an older one."""
    if is_older(project, vocabulary):
        line = setting_line(read_text(project.root / SETTINGS_FILE, SETTINGS_FILE), "language")
        message = f"the project is written in language {project.language}; this kg reads {vocabulary.version}"
        fix = "run 'kg check --fix', and decide where it cannot"
        yield Finding(Place(SETTINGS_FILE, line), Severity.WARNING, OLDER, message, fix)


def _parts(version: str) -> tuple[int, ...]:
    """Return the numbers of a version without trailing zeros, so that 0.2 equals 0.2.0."""
    numbers = [int(part) for part in version.split(".")] if _VERSION.fullmatch(version) else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
