"""What a user names -> the sources to check, and the findings to show. Reads files that are not the project's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kg.core.errors import Finding
from kg.pipeline.compile import Compiled
from kg.project.settings import Project
from kg.project.sources import Source, Sources, sources_at

STANDARD_INPUT = "<stdin>"


def chosen_sources(
    project: Project, sources: Sources, paths: Sequence[str], standard_input: str | None
) -> tuple[Sources, frozenset[str] | None]:
    """Return the sources, with those that only *paths* and standard input name, and what is checked, None for all."""
    picked = [source for path in paths for source in sources_at(project, sources, path)]
    if standard_input is not None:
        picked.append(Source(STANDARD_INPUT, "stdin", standard_input))
    known = {source.path for source in sources.all}
    added = [source for source in picked if source.path not in known]
    chosen = frozenset(source.path for source in picked) if picked or paths else None
    return replace(sources, articles=(*sources.articles, *added)), chosen


def findings_of_chosen(
    findings: Sequence[Finding], compiled: Compiled, chosen: frozenset[str] | None
) -> Sequence[Finding]:
    """Return the findings of chosen files, and of files of the registry on whose account names cannot be checked."""
    if chosen is None:
        return findings
    shown = chosen | _unread(compiled)
    return [finding for finding in findings if finding.place.path in shown]


def _unread(compiled: Compiled) -> set[str]:
    """Return the files of the registry that are not YAML. Until they are corrected, names cannot be checked."""
    return {f.place.path for record in compiled.registry for f in record.findings if f.code.startswith("KG-Y")}
