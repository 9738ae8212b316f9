"""New texts for some of a project's files -> changes, which are written unless they cause new findings.

A revision is checked in memory before it is written. If it would cause new errors or warnings, it is refused with a
report of these, and the files stay as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.core.errors import Finding, FindingsError, Severity
from kg.pipeline.check import check
from kg.pipeline.report import Report
from kg.project.changes import ChangedMeanwhileError, FileChange, write_changes
from kg.project.files import BOM, decoded_text, read_bytes
from kg.project.settings import Project


@dataclass(frozen=True, slots=True)
class Revision:
    """A set of changes to several files that belong together.

    Attributes:
        before: path -> original text of each file that it changes. New files are not included.
        after: path -> the new text.
        remarks: what a reviewer should know.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    remarks: tuple[str, ...] = ()


class RevisionError(FindingsError):
    """A revision would cause new findings, which are in `report`. Nothing has been written."""

    def __init__(self, report: Report) -> None:
        super().__init__(
            "nothing was changed, because it would cause the findings above", "correct what they report, and try again"
        )
        self.report = report


def revised(project: Project, revision: Revision, *, dry_run: bool = False) -> tuple[FileChange, ...]:
    """Write a revision, unless *dry_run* is set, and return the changes.

    Raises:
        RevisionError: it would cause new errors or warnings.
        InputError: a file has changed in the meantime or cannot be written.
    """
    changes = file_changes(project, revision.before, revision.after)
    before, after = check(project), check(project, texts=revision.after)
    new = _new_findings(before.findings, after.findings)
    if new:
        raise RevisionError(Report(new, after.texts, after.checked))
    if not dry_run:
        write_changes(changes, project.root)
    return changes


def _new_findings(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the errors and warnings that are new, even if others have moved to different lines."""
    left = Counter((each.place.path, each.code, each.message) for each in before)
    new = []
    for finding in after:
        key = (finding.place.path, finding.code, finding.message)
        left[key] -= 1
        if left[key] < 0 and finding.severity is not Severity.INFO:
            new.append(finding)
    return tuple(new)


def file_changes(project: Project, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileChange, ...]:
    """Return the changes from the texts *before* to those *after*, both by path. A byte order mark is kept.

    Raises:
        ChangedMeanwhileError: a file has changed in the meantime.
    """
    return tuple(_file_change(project, path, before.get(path), text) for path, text in sorted(after.items()))


def _file_change(project: Project, path: str, known: str | None, text: str) -> FileChange:
    file = project.root / path
    if known is None:
        return FileChange(file, path, None, text.encode())
    content = read_bytes(file, path)
    if decoded_text(content, path) != known:
        message = f"{path} has been changed in the meantime; nothing has been written"
        raise ChangedMeanwhileError(message, "try again")
    return FileChange(file, path, content, (BOM if content.startswith(BOM) else b"") + text.encode())
