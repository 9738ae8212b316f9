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

from kg.errors import Finding
from kg.files import BOM, read_bytes, write_whole
from kg.language import is_older
from kg.ontology.load import load_vocabulary
from kg.pipeline import check
from kg.project import SETTINGS_FILE, Project, load_project, setting_line
from kg.report import Report

MOST_ROUNDS = 20
_LINE_END = re.compile("\r\n|\n|\r")
_QUOTES = "'\""


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
        by_path = _by_path(report.findings)
        if not by_path:
            break
        for path, findings in by_path.items():
            changes[path] += _mend(project.root / path, findings)
    vocabulary = load_vocabulary(project.ontology)
    if is_older(project, vocabulary) and not any(is_of_older_language(finding) for finding in report.findings):
        changes[SETTINGS_FILE] += _write_language(project, vocabulary.version)
        project = load_project(project.root)
        report = check(project)
    return Fixed(project, dict(sorted(changes.items())), report)


def is_of_older_language(finding: Finding) -> bool:
    """Tell whether a finding is about a term that was replaced."""
    return finding.code in ("KG-M031", "KG-Q010")


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.instead:
            found[finding.place.path].append(finding)
    return found


def _mend(file: Path, findings: Iterable[Finding]) -> int:
    """Write what mends *findings* into their file; return how many there were."""
    content = read_bytes(file, file.name)
    bom = BOM if content.startswith(BOM) else b""
    edits = {(each.place.line, each.place.column, each.place.length): each.instead for each in findings}
    mended = spliced(content.removeprefix(bom).decode("utf-8"), edits)
    write_whole(file, bom + mended.encode())
    return len(edits)


def spliced(text: str, edits: Mapping[tuple[int, int, int], str]) -> str:
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


def _write_language(project: Project, version: str) -> int:
    """Write the version into kg.toml; return 1."""
    file = project.root / SETTINGS_FILE
    text = file.read_text(encoding="utf-8-sig")
    line = setting_line(text, "language")
    written = text.split("\n")[line - 1]
    start = written.index(project.language, written.index("="))
    write_whole(file, spliced(text, {(line, start + 1, len(project.language)): version}))
    return 1
