"""Findings -> where they stand in the project's files, as far as the last build's records tell. Reads build/cache.

A file that has changed since has no record any more; then its path alone is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kg.core.errors import InputError, Place
from kg.core.iri import is_id
from kg.mapping.record import Record
from kg.pipeline.compile import cache_key, project_cache, source_key
from kg.pipeline.engine import engine_key
from kg.project.folders import name_of
from kg.project.layout import articles, registry
from kg.project.settings import Project
from kg.project.sources import Source, read_source
from kg.quality.found import RecordedFinding


@dataclass
class Places:
    """Where nodes of one build were written. The records of files are read when they are first wanted."""

    project: Project
    _engine: str = ""
    _records: dict[Path, Record | None] = field(default_factory=dict)

    @cached_property
    def _articles(self) -> Mapping[str, Path]:
        return {name_of(file): file for file in articles(self.project).files}

    def places(self, findings: Iterable[RecordedFinding]) -> Mapping[RecordedFinding, Place]:
        """Return where each finding stands; those of no file that is known are left out."""
        found = {finding: self._place(finding) for finding in findings}
        return {finding: place for finding, place in found.items() if place}

    def _place(self, finding: RecordedFinding) -> Place | None:
        if finding.article:
            return self._in_article(finding) if is_id(finding.article) else None
        records = (self._record(file, article=False) for file in registry(self.project).files)
        return next((r.places[finding.node] for r in records if r and finding.node in r.places), None)

    def _in_article(self, finding: RecordedFinding) -> Place | None:
        file = self._articles.get(finding.article)
        if file is None:
            return None
        record = self._record(file, article=True)
        if record is None:
            return Place(self.project.shown(file))
        for told in record.findings:
            if (told.code, told.message, f"<{told.focus}>") == (finding.code, finding.message, finding.node):
                return told.place
        return record.places.get(finding.node) or Place(record.path)

    def _record(self, file: Path, *, article: bool) -> Record | None:
        if file not in self._records:
            self._records[file] = self._read(read_source(self.project, file), article=article)
        return self._records[file]

    def _read(self, source: Source, *, article: bool) -> Record | None:
        if source.problem:
            return None
        try:
            self._engine = self._engine or engine_key(self.project)
            key = cache_key(self._engine, source.path, source_key(self.project, source, article=article))
        except InputError:
            return None
        return project_cache(self.project).load(key)
