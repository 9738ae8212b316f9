"""One project in an editor: the texts of its open files, its known names, its findings. Reads the project."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.bench.desk import Desk
from kg.core.errors import Finding, InputError, Severity
from kg.mapping.corrections import corrected
from kg.mapping.scope import Target
from kg.pipeline.compile import Compiled
from kg.pipeline.live import LiveProject
from kg.pipeline.report import Report
from kg.project.layout import LINKS_FILE, is_in_registry, would_be_article
from kg.project.settings import Project
from kg.project.sources import Source

ACROSS = "KG-C"
"""Prefix of the codes of checks across articles. Of these, a check of one file has only the proposals."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names of a project as of the last update, so that an editor need not wait for an answer.

    Attributes:
        desk: the sources, and an index of the registry's names.
        compiled: the compiled registry.
    """

    desk: Desk
    compiled: Compiled

    def source(self, path: str) -> Source | None:
        """Return the source at a path, None if there is none."""
        return next((source for source in self.desk.sources.all if source.path == path), None)

    def target(self, name: str, article_id: str) -> Target | None:
        """Return what a name in an article refers to, None if it is unknown."""
        scope = self.desk.scope
        places = (scope.facts.get(f"{article_id}/{name}"), scope.registry.get(name), scope.facts.get(name))
        return next((target for target in (*places, scope.articles.get(name)) if target), None)


@dataclass
class OpenedProject:
    """A project with open files.

    Attributes:
        live: the project with its files on disk.
        texts: path -> text of a file that is open in the editor.
        names: the known names, None before the first update.
        own: path -> findings from checking that file alone.
        whole: path -> findings from checking everything.
    """

    live: LiveProject
    texts: dict[str, str] = field(default_factory=dict)
    names: KnownNames | None = None
    own: dict[str, Sequence[Finding]] = field(default_factory=dict)
    whole: dict[str, list[Finding]] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        """The project with its settings."""
        return self.live.project

    def path(self, file: Path) -> str:
        """Return the path of a file as used in findings."""
        return self.project.shown(_real(file))

    def file(self, path: str) -> Path:
        """Return the file of a path."""
        return self.project.root / path

    def is_article(self, path: str) -> bool:
        """Return whether a file at *path* is, or would be, an article."""
        return would_be_article(self.project, self.file(path))

    def is_mapping(self, path: str) -> bool:
        """Return whether a file at *path* is, or would be, an article or a registry file."""
        return self.is_article(path) or is_in_registry(self.project, self.file(path))

    def is_source(self, path: str) -> bool:
        """Return whether the graph is built from the file at *path*."""
        return self.is_mapping(path) or self.file(path) == self.project.data / LINKS_FILE

    # -------- slow calls, which a worker thread runs one after another

    def refreshed(self, texts: Mapping[str, str]) -> KnownNames:
        """Update the known names and return them.

        Raises:
            KgError: the ontology or a folder cannot be used.
        """
        sources, compiled = self.live.names(texts)
        self.names = KnownNames(Desk(self.project, sources, compiled.scope), compiled)
        return self.names

    def checked(self, path: str, texts: Mapping[str, str]) -> Report:
        """Check one file, keep its findings and return the report.

        Raises:
            KgError: as `LiveProject.check`.
        """
        report = self.live.check([str(self.file(path))], texts)
        self.own[path] = [finding for finding in report.findings if finding.place.path == path]
        return report

    def without_harm(self, path: str, findings: Sequence[Finding], texts: Mapping[str, str]) -> list[Finding]:
        """Return those *findings* on one file whose mending makes no error in it, as `kg check --fix` takes care of.

        Raises:
            KgError: as `LiveProject.check`.
        """

        def harms(some: Sequence[Finding]) -> bool:
            mended = mended_text(texts[path], some)
            report = self.live.check([str(self.file(path))], {**texts, path: mended}) if mended is not None else None
            return report is None or any(makes_error(each, path, before) for each in report.findings)

        before = self.findings(path)
        if not harms(findings):
            return list(findings)
        return [each for each in findings if not harms([each])] if len(findings) > 1 else []

    def checked_whole(self, texts: Mapping[str, str]) -> Report:
        """Check everything, keep the findings and return the report.

        Raises:
            KgError: as `LiveProject.check`.
        """
        report = self.live.check((), texts)
        self.whole = {}
        for finding in report.findings:
            self.whole.setdefault(finding.place.path, []).append(finding)
        for path, own in self.own.items():  # another file may have changed the meaning of this one
            proposed = [finding for finding in own if finding.code.startswith(ACROSS)]
            self.own[path] = [*self.whole.get(path, ()), *proposed]
        return report

    def findings(self, path: str) -> list[Finding]:
        """Return the findings on a file: its own, and those of checks across articles."""
        whole = self.whole.get(path, [])
        if path not in self.own:
            return list(whole)
        across = (finding for finding in whole if finding.code.startswith(ACROSS))
        return sorted({*self.own[path], *across}, key=lambda finding: finding.sort_key)


def mended_text(text: str, findings: Iterable[Finding]) -> str | None:
    """Return a text with what findings put in place of their words, None if that cannot be written where they stand."""
    try:
        return corrected(text, {(each.place.line, each.place.column): each.instead for each in findings})[0]
    except InputError:  # no YAML; its findings are there
        return None


def makes_error(finding: Finding, path: str, before: Iterable[Finding]) -> bool:
    """Return whether a finding is an error of the file at *path* that was not there *before*."""
    known = {(each.code, each.message) for each in before}
    is_error = finding.severity is Severity.ERROR and not finding.instead
    return finding.place.path == path and is_error and (finding.code, finding.message) not in known


def _real(file: Path) -> Path:
    """Return *file* with links resolved, except in its own name, as projects refer to it."""
    return Path(os.path.realpath(file.parent)) / file.name
