"""Findings that say what mends them -> files that are mended in place. Writes the files of the project.

Only the words that are wrong are replaced; comments, order, line ends and everything else stay as they were. What one
change uncovers, such as the keys of a class that got another name, is mended in the next round.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from kg.core.errors import Finding
from kg.ontology.load import project_vocabulary
from kg.pipeline.language_version import is_older
from kg.pipeline.report import Report
from kg.pipeline.steps import check
from kg.project.files import BOM, read_bytes, read_text, write_whole
from kg.project.settings import SETTINGS_FILE, Project, load_project, setting_line

MOST_ROUNDS = 20
_LINE_END = re.compile("\r\n|\n|\r")
_QUOTES = "'\""

Stretch: TypeAlias = tuple[int, int, int]
"""Line and column, from 1, and length, of what is replaced."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was mended.

    Attributes:
        project: as its settings are now.
        changes: path -> how many words were replaced there.
        report: what is left.
    """

    project: Project
    changes: Mapping[str, int]
    report: Report


def fix(project: Project) -> Fixed:
    """Mend what can be mended without a choice, and move the project to the language of its ontology.

    The language in kg.toml is the last to change, and only when no term of an older one is left.

    Raises:
        InputError: a file cannot be written, or the ontology cannot be used.
    """
    changes: dict[str, int] = defaultdict(int)
    for _ in range(MOST_ROUNDS):
        report = check(project)
        by_path = _by_path(project, report.findings)
        if not by_path:
            break
        for file, edits in by_path.items():
            _replace(file, edits)
            changes[project.shown(file)] += len(edits)
    vocabulary = project_vocabulary(project)
    if is_older(project, vocabulary) and not any(is_of_older_language(finding) for finding in report.findings):
        _write_language(project, vocabulary.version)
        changes[SETTINGS_FILE] += 1
        project = load_project(project.root)
        report = check(project)
    return Fixed(project, dict(sorted(changes.items())), report)


def is_of_older_language(finding: Finding) -> bool:
    """Tell whether a finding is about a term that was replaced."""
    return finding.code in ("KG-M031", "KG-Q010")


def _by_path(project: Project, findings: Iterable[Finding]) -> dict[Path, dict[Stretch, str]]:
    """Return file -> stretch -> what belongs there, for the files of the project; not for those that come with kg."""
    found: dict[Path, dict[Stretch, str]] = defaultdict(dict)
    for finding in findings:
        place, file = finding.place, (project.root / finding.place.path).resolve()
        if finding.instead and file.is_relative_to(project.root):
            found[file][place.line, place.column, place.length] = finding.instead
    return found


def _replace(file: Path, edits: Mapping[Stretch, str]) -> None:
    """Write *edits* into a file, whose line ends and byte order mark stay."""
    content = read_bytes(file, file.name)
    bom = BOM if content.startswith(BOM) else b""
    write_whole(file, bom + spliced(content.removeprefix(bom).decode("utf-8"), edits).encode())


def spliced(text: str, edits: Mapping[Stretch, str]) -> str:
    r"""Return *text* with the words at line, column and length replaced; quotation marks around a word stay.

    >>> spliced("a: 1\r\n'b': 2  # b\r\n", {(2, 1, 3): "c"})
    "a: 1\r\n'c': 2  # b\r\n"
    """
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    for (line, column, length), instead in sorted(edits.items(), reverse=True):
        start = starts[line - 1] + column - 1
        word = text[start : start + length]
        marks = word[0] if word[:1] in _QUOTES and word[-1:] == word[:1] and length > 1 else ""
        text = f"{text[:start]}{marks}{instead}{marks}{text[start + length :]}"
    return text


def _write_language(project: Project, version: str) -> None:
    """Write the version into kg.toml."""
    file = project.root / SETTINGS_FILE
    text = read_text(file, SETTINGS_FILE)
    line = setting_line(text, "language")
    written = text.split("\n")[line - 1]
    start = written.index(project.language, written.index("="))
    _replace(file, {(line, start + 1, len(project.language)): version})
