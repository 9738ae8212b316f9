"""A project's sources, compiled -> its links to other registries. No I/O."""

from __future__ import annotations

from kg.core.model import Term
from kg.core.terms import cq
from kg.core.values import lexical
from kg.links.links import Links, read_links
from kg.pipeline.compile import Compiled
from kg.project.settings import Project
from kg.project.sources import Sources


def project_links(project: Project, sources: Sources, compiled: Compiled) -> Links:
    """Return what the file says, none if there is no file."""
    if sources.links is None:
        return Links()
    entities = {lexical(term): term for record in compiled.registry for term in record.places}
    complete = all(record.is_valid for record in compiled.registry)
    prefixes = compiled.vocabulary.prefixes
    return read_links(sources.links, project.base, entities, prefixes, complete=complete, distinct=_distinct(compiled))


def _distinct(compiled: Compiled) -> list[tuple[Term, Term]]:
    """Return the pairs that the registry says are not the same."""
    said = f" {cq('distinctFrom')} "
    found = (line.split(" ", 3) for record in compiled.registry for line in record.lines if said in line)
    return [(subject, value) for subject, _, value, _ in found]
