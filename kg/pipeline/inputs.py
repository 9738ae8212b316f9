"""Everything that a generation depends on -> its fingerprints. Reads the checks, and texts that articles name."""

from __future__ import annotations

from collections.abc import Mapping

from kg.mapping.record import record_key
from kg.pipeline.engine import engine_key
from kg.pipeline.one_file import cache_key, source_key
from kg.project.layout import check_files
from kg.project.settings import Project
from kg.project.sources import Sources
from kg.project.state import content_in


def inputs_of(project: Project, sources: Sources) -> dict[str, str]:
    """Return the fingerprints of everything that a generation depends on. If they are unchanged, so is the graph."""
    others = (*sources.registry, *([sources.links] if sources.links else []))
    checks = check_files(project).values()
    return {
        "engine": engine_key(project),
        "settings": record_key(project.title, project.description, project.licence, project.language),
        "checks": record_key(*(content_in(project.queries, file, project.shown(file)) for file in checks)),
        "unread": record_key(*map(repr, sources.unread)),
        **{source.path: source_key(project, source, article=False) for source in others},
        **{source.path: source_key(project, source, article=True) for source in sources.articles},
    }


def record_keys(sources: Sources, inputs: Mapping[str, str]) -> set[str]:
    """Return the keys of the records of all files in their current state."""
    files = (*sources.registry, *sources.articles)
    return {cache_key(inputs["engine"], source.path, inputs[source.path]) for source in files}
