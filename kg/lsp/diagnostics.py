"""Findings -> diagnostics, with their fixes and the pages of their codes. Writes these pages to a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from lsprotocol.types import CodeDescription, Diagnostic, DiagnosticSeverity, DiagnosticTag, Position, Range

from kg.core.errors import Finding, KgError, Severity
from kg.lsp.positions import LspText
from kg.mapping.replaced import REPLACED
from kg.pipeline.catalogue import page_of, page_text
from kg.project.settings import Project

SOURCE = "kg"

_SEVERITIES = {
    Severity.ERROR: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.INFO: DiagnosticSeverity.Information,
}


class CodePages:
    """The pages of codes as files, which editors open from the code of a diagnostic."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uris: dict[str, str] = {}

    def uri(self, code: str, project: Callable[[], Project]) -> str:
        """Return the address of a code's page, "" if it has none."""
        if code not in self._uris:
            self._uris[code] = self._written(code, project)
        return self._uris[code]

    def _written(self, code: str, project: Callable[[], Project]) -> str:
        file = self._folder / f"{code}.txt"
        try:
            file.write_text(page_text(page_of(code, project)), encoding="utf-8")
        except (KgError, OSError):
            return ""
        return file.as_uri()


def diagnostics(
    findings: Iterable[Finding], text: LspText, pages: CodePages, project: Callable[[], Project]
) -> list[Diagnostic]:
    """Return the *findings* of one file, with its text, as diagnostics."""
    return [_diagnostic(finding, text, pages.uri(finding.code, project)) for finding in findings]


def _diagnostic(finding: Finding, text: LspText, page: str) -> Diagnostic:
    return Diagnostic(
        range=text.range_of(finding.place),
        message=f"{finding.message}\nhelp: {finding.fix}" if finding.fix else finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=CodeDescription(page) if page else None,
        source=SOURCE,
        tags=[DiagnosticTag.Deprecated] if finding.code == REPLACED else None,
    )


def trouble(error: KgError) -> Diagnostic:
    """Return a diagnostic for the first line of a file that gives the reason why nothing can be checked."""
    message = f"nothing can be checked: {error.message}"
    start = Range(Position(0, 0), Position(0, 0))
    text = f"{message}\nhelp: {error.fix}" if error.fix else message
    return Diagnostic(start, text, severity=DiagnosticSeverity.Error, source=SOURCE)
