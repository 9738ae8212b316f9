"""Findings with an automatic correction -> files corrected in place, or a preview. Writes the project.

Only the wrong words are replaced. Comments, order, line ends and everything else stay as they were. Errors that become
visible only after a change, such as keys of a renamed class, are corrected in the next round. A correction that causes
another error on its line is undone, and a file that would have more findings than before is left unchanged. Findings of
checks across articles, which run only once no other error is left, are not the work of the last correction.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from kg.core.errors import LINE_END, Finding, InputError, Severity
from kg.core.relations import grouped
from kg.curation.revision import file_changes
from kg.mapping.corrections import Point, corrected
from kg.mapping.replaced import REPLACED
from kg.mapping.splices import Splice, spliced
from kg.ontology.load import project_vocabulary
from kg.pipeline.check import check
from kg.pipeline.language_version import OLDER, is_older
from kg.pipeline.report import Report
from kg.project.changes import FileChange, write_changes
from kg.project.files import BOM, decoded_text, read_bytes
from kg.project.settings import SETTINGS_FILE, Project, load_project, setting_line

MOST_ROUNDS = 20
IN_QUESTIONS = "KG-Q010"
_QUOTES = "'\""


@dataclass(frozen=True, slots=True)
class Correction:
    """One word that was replaced, or would be.

    Attributes:
        finding: the finding with the correction. Its place is that of the word in the round that reported it.
        word: the word that is replaced.
    """

    finding: Finding
    word: str

    def __str__(self) -> str:
        return f"{self.finding.place}: {self.finding.code}: {self.word} -> {self.finding.instead}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """The corrections that were made, or would be.

    Attributes:
        project: the project with its current settings.
        corrections: every replaced word, in the order of the files.
        changes: the files before and after.
        report: the remaining findings.
        rejected: findings whose correction was not applied because it would cause other findings.
    """

    project: Project
    corrections: tuple[Correction, ...]
    changes: tuple[FileChange, ...]
    report: Report
    rejected: tuple[Finding, ...] = ()


_Texts: TypeAlias = Mapping[str, str]


def fix(project: Project, *, dry_run: bool = False) -> Fixed:
    """Apply all unambiguous corrections, and move the project to the language version of its ontology.

    The version in kg.toml is changed last, and only if no term of an older version is left. With *dry_run*, nothing is
    written, and the report describes the files as they would be.

    Raises:
        InputError: a file cannot be written or has changed in the meantime, or the ontology cannot be used.
    """
    first = check(project)
    draft = _without_worse(project, first, _with_corrections(project, first))
    other, in_others = _others(project, first)
    sources = file_changes(project, first.texts, draft.texts)
    done = {correction.finding for correction in in_others}
    left = [finding for finding in draft.report.findings if finding not in done]
    vocabulary = project_vocabulary(project)
    if is_older(project, vocabulary) and not any(map(is_of_older_language, left)):
        other.append(_with_language(project, vocabulary.version))
    changes = tuple(sorted([*sources, *other], key=lambda change: change.shown))
    corrections = tuple(sorted([*draft.corrections, *in_others], key=lambda each: each.finding.sort_key))
    if dry_run or not changes:
        shown = [finding for finding in left if finding.code != OLDER or not other]
        report = replace(draft.report, findings=tuple(shown))
        return Fixed(project, corrections, changes, report, tuple(draft.rejected))
    return _written(project, first, Fixed(project, corrections, changes, draft.report, tuple(draft.rejected)))


def _written(project: Project, first: Report, fixed: Fixed) -> Fixed:
    """Write the changes and check again. If there are more findings than before, restore everything."""
    write_changes(fixed.changes, project.root)
    project = load_project(project.root)
    report = check(project)
    if len(_comparable(report, first)) > len(first.findings):
        write_changes([replace(each, before=each.after, after=each.before) for each in fixed.changes], project.root)
        raise InputError("the corrections would cause more findings, so nothing was changed", "correct them by hand")
    return replace(fixed, project=project, report=report)


def _comparable(report: Report, first: Report) -> Sequence[Finding]:
    """Return the findings of a report without those that checks made which did not run for the *first* one."""
    hidden = report.across or frozenset() if first.across is None else frozenset()
    return [finding for finding in report.findings if finding not in hidden]


def is_of_older_language(finding: Finding) -> bool:
    """Return whether a finding is about a term that has been replaced in the language."""
    return finding.code in (REPLACED, IN_QUESTIONS)


# -------- mappings, the registry and links


@dataclass(slots=True)
class _CorrectedTexts:
    """Corrected texts, the corrections made in them, and the report on them."""

    report: Report
    texts: dict[str, str] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
    rejected: list[Finding] = field(default_factory=list)


def _with_corrections(project: Project, first: Report, without: frozenset[str] = frozenset()) -> _CorrectedTexts:
    """Return the sources with all corrections that cause no other error, except in the files *without*."""
    draft, refused = _CorrectedTexts(first), set[str]()
    for _ in range(MOST_ROUNDS):
        correctable = [
            finding
            for finding in _correctable(project, first, draft.report)
            if finding.place.path not in without and _identity(finding) not in refused
        ]
        texts, lines = _corrected({**first.texts, **draft.texts}, correctable)
        if not lines:
            break
        report = check(project, texts={**draft.texts, **texts})
        bad = [finding for finding in lines if _causes_errors(finding, lines[finding], draft.report, report)]
        if bad:
            refused |= set(map(_identity, bad))
            draft.rejected += bad
            continue
        done = {**first.texts, **draft.texts}
        draft.corrections += [Correction(finding, _word(done[finding.place.path], finding)) for finding in lines]
        draft.texts |= texts
        draft.report = report
    return draft


def _correctable(project: Project, first: Report, report: Report) -> list[Finding]:
    """Return the findings in sources of the project that say what to write instead."""
    ours = (finding for finding in report.findings if finding.instead and _is_ours(project, finding))
    return [finding for finding in ours if finding.place.path in first.texts]


def _is_ours(project: Project, finding: Finding) -> bool:
    """Return whether a finding is about a file of the project itself, rather than one shared with other projects."""
    return (project.root / finding.place.path).resolve().is_relative_to(project.root)


def _identity(finding: Finding) -> str:
    return f"{finding.place.path} {finding.code} {finding.message} {finding.instead}"


def _corrected(texts: _Texts, findings: Iterable[Finding]) -> tuple[dict[str, str], dict[Finding, int]]:
    """Return path -> corrected text, and finding -> new line of its word, for the corrections that were made."""
    by_path: dict[str, dict[Point, Finding]] = defaultdict(dict)
    for finding in findings:
        by_path[finding.place.path][finding.place.line, finding.place.column] = finding
    changed: dict[str, str] = {}
    lines: dict[Finding, int] = {}
    for path, at_points in by_path.items():
        try:
            text, done = _text_with(path, texts[path], at_points)
        except InputError:  # not YAML, which has its own findings
            continue
        changed[path] = text
        lines |= {at_points[point]: line for point, line in done.items()}
    return changed, lines


def _text_with(path: str, text: str, at_points: Mapping[Point, Finding]) -> tuple[str, Mapping[Point, int]]:
    if path.endswith(".yaml"):
        return corrected(text, {point: finding.instead for point, finding in at_points.items()})
    return _replaced(text, at_points.values()), {point: point[0] for point in at_points}


def _causes_errors(finding: Finding, line: int, before: Report, after: Report) -> bool:
    """Return whether a correction, now on *line*, causes an error on that line that the file did not have before.

    Errors that follow a renamed term, or that have a correction of their own, are ignored: they are corrected later.
    """
    path = finding.place.path
    known = {(each.code, each.message) for each in before.findings if each.place.path == path}
    return finding.code != REPLACED and any(
        (each.code, each.message) not in known and each.severity is Severity.ERROR and not each.instead
        for each in _comparable(after, before)
        if (each.place.path, each.place.line) == (path, line)
    )


def _without_worse(project: Project, first: Report, draft: _CorrectedTexts) -> _CorrectedTexts:
    """Return *draft* without the corrections of files that get more findings, or without any if that does not help."""
    counted = [Counter(each.place.path for each in _comparable(report, first)) for report in (first, draft.report)]
    worse = frozenset(path for path in draft.texts if counted[1][path] > counted[0][path])
    if worse:
        again = _with_corrections(project, first, worse)
        dropped = [each.finding for each in draft.corrections if each.finding.place.path in worse]
        again.rejected += dropped
        draft = again
    if len(_comparable(draft.report, first)) > len(first.findings):
        return _CorrectedTexts(first, rejected=[each.finding for each in draft.corrections])
    return draft


# -------- other files: questions, rules, settings


def _others(project: Project, first: Report) -> tuple[list[FileChange], list[Correction]]:
    """Return the corrections of the project's other files, but not of those that come with kg."""
    by_file = grouped(
        (project.root / finding.place.path, finding)
        for finding in first.findings
        if finding.instead and finding.place.path not in first.texts and _is_ours(project, finding)
    )
    changes, corrections = [], []
    for file, findings in by_file.items():
        before, text = _content(project, file)
        changes.append(_file_change(project, file, before, _replaced(text, findings)))
        corrections += [Correction(finding, _word(text, finding)) for finding in findings]
    return changes, corrections


def _replaced(text: str, findings: Iterable[Finding]) -> str:
    """Return *text* with the corrections of *findings*. Quotation marks around a word are kept."""
    return spliced(text, [Splice(*_span(text, finding), finding.instead) for finding in findings])


def _word(text: str, finding: Finding) -> str:
    start, end = _span(text, finding)
    return text[start:end]


def _span(text: str, finding: Finding) -> tuple[int, int]:
    """Return the start and end of a finding's word, without quotation marks around it."""
    start = _line_starts(text)[finding.place.line - 1] + finding.place.column - 1
    end = start + finding.place.length
    in_marks = text[start] in _QUOTES and text[end - 1] == text[start] and finding.place.length > 1
    return (start + 1, end - 1) if in_marks else (start, end)


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in LINE_END.finditer(text))]


def _with_language(project: Project, version: str) -> FileChange:
    """Return the change that sets the language version in kg.toml."""
    file = project.root / SETTINGS_FILE
    before, text = _content(project, file)
    start = _line_starts(text)[setting_line(text, "language") - 1]
    written = text[start:]
    start += written.index(project.language, written.index("="))
    return _file_change(project, file, before, spliced(text, [Splice(start, start + len(project.language), version)]))


def _content(project: Project, file: Path) -> tuple[bytes, str]:
    content = read_bytes(file, project.shown(file))
    return content, decoded_text(content, project.shown(file))


def _file_change(project: Project, file: Path, before: bytes, text: str) -> FileChange:
    mark = BOM if before.startswith(BOM) else b""
    return FileChange(file, project.shown(file), before, mark + text.encode())
