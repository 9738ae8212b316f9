"""One file -> its record: compiled, and validated against what others define. Reads the texts that articles name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kg.core.errors import Finding, InputError, Place, Severity
from kg.core.model import Document, Triple
from kg.core.terms import TEXT_FILE_KEY
from kg.mapping.outline import Outline, outline
from kg.mapping.read import read_yaml
from kg.mapping.record import Record, record_key, record_of
from kg.mapping.scope import Scope
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.cache import Cache
from kg.pipeline.document import Parsed, document_of, outside_of
from kg.project.settings import Project
from kg.project.sources import Source, TextOnDisk, read_source
from kg.validation.engines import COMPILED

if TYPE_CHECKING:
    from kg.validation.engines import Shapes

MOST_FAULTS = 100
"""The number of problems in one file up to which the rules are still applied to it."""


@dataclass
class Workshop:
    """What compiling needs besides the files. The shapes are loaded where and when they are first used."""

    project: Project
    vocabulary: Vocabulary
    cache: Cache
    engine: str = COMPILED

    @cached_property
    def shapes(self) -> Shapes:
        """The SHACL shapes."""
        from kg.validation.validate import project_shapes

        return project_shapes(self.project, self.engine)


def project_cache(project: Project) -> Cache:
    """Return the cache of a project's records."""
    return Cache(project.build / "cache")


def cache_key(engine: str, path: str, source: str) -> str:
    """Return the name of the record of the file at *path*, by the keys of the engine and of its source."""
    return record_key(engine, path, source)


def source_key(project: Project, source: Source, *, article: bool) -> str:
    """Return a digest of a file's content: its text, the external text of its article, and its pins."""
    if isinstance(source.content, TextOnDisk):
        return source.content.key
    named = read_yaml(source.text, source.path)[0] if article and TEXT_FILE_KEY in source.text else None
    outside = outside_of(project, source, named).text
    return record_key(source.text, outside or "", source.pins)


class FileChangedError(InputError):
    """A file that seemed to be unchanged was changed while the project was read."""


def read_now(project: Project, source: Source) -> Source:
    """Return an article with its content.

    Raises:
        FileChangedError: it is not the content that it had in an earlier run.
    """
    if not isinstance(source.content, TextOnDisk):
        return source
    now = read_source(project, Path(source.content.file))
    if now.problem or source_key(project, now, article=True) != source.content.key:
        raise FileChangedError(f"{source.path} was changed while it was read", "run it again")
    return now


def keep_valid(cache: Cache, key: str, record: Record) -> Record:
    """Return *record*, kept under *key* if it has no error. A proposal in a finding would become out of date."""
    return cache.keep(key, record) if record.is_valid else record


def with_stored_lines(cache: Cache, record: Record) -> Record:
    """Return *record* with its lines stored as an object, if it has no error and the folder can be written."""
    try:
        return replace(record, lines=cache.objects.kept(record.lines)) if record.is_valid else record
    except OSError:
        return record


def compile_file(
    workshop: Workshop, scope: Scope, source: Source, *, article: bool, parsed: Parsed | None = None
) -> Record:
    """Compile and validate one file. Its YAML may already be *parsed*."""
    if source.problem:
        finding = Finding(Place(source.path), Severity.ERROR, source.code, source.problem, source.fix)
        empty = Document(source.path, "", (), findings=(finding,))
        return record_of(empty, Outline({}, {}), {}, empty.findings)
    tree, problems = parsed or read_yaml(source.text, source.path)
    document = document_of(workshop.project, scope, source, (tree, problems), article=article)
    references = {name: scope.fingerprint(name) for name in sorted(document.references)}
    return record_of(document, outline(tree, article=article), references, _all_findings(workshop, scope, document))


def _all_findings(workshop: Workshop, scope: Scope, document: Document) -> tuple[Finding, ...]:
    """Return the findings from compiling *document*, and from SHACL on it and the entries that it refers to."""
    from kg.validation.validate import findings

    if not document.triples:
        return document.findings
    if len(document.findings) > MOST_FAULTS:
        return (_rules_wait(document), *document.findings)
    statements = (*document.triples, *_context(scope, document))
    results = workshop.shapes.results(statements, about=document.source.nodes.keys())
    return (*document.findings, *findings(document, results, workshop.vocabulary))


def _rules_wait(document: Document) -> Finding:
    message = f"there are {len(document.findings):,} problems in this file, so no rule has been applied to it"
    return Finding(Place(document.path), Severity.ERROR, "KG-M021", message, "correct them, and check again")


def _context(scope: Scope, document: Document) -> Iterator[Triple]:
    for name in document.references:
        for known in (scope.registry, scope.facts, scope.articles):
            if (target := known.get(name)) and target.term:
                yield from target.statements
