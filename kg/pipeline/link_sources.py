"""A project's compiled sources -> its links to other registries. No I/O."""

from __future__ import annotations

from kg.core.model import Term
from kg.core.terms import cq
from kg.core.values import lexical
from kg.links.links import Links, read_links
from kg.pipeline.compile import Compiled
from kg.project.settings import Project
from kg.project.sources import Sources


def project_links(project: Project, sources: Sources, compiled: Compiled) -> Links:
    """Return the project's links and the findings on them, both empty if it has no links file."""
    if sources.links is None:
        return Links()
    entities = {lexical(term): term for record in compiled.registry for term in record.places}
    complete = all(record.is_valid for record in compiled.registry)
    prefixes = compiled.vocabulary.prefixes
    return read_links(sources.links, project.base, entities, prefixes, complete=complete, distinct=_distinct(compiled))


def _distinct(compiled: Compiled) -> list[tuple[Term, Term]]:
    """Return the pairs of entities that the registry declares to be different."""
    marker = f" {cq('distinctFrom')} "
    quads = (line.split(" ", 3) for record in compiled.registry for line in record.lines if marker in line)
    return [(subject, value) for subject, _, value, _ in quads]
