"""Sources -> records: every file compiled and validated, each against what the others define. Uses build/cache.

An unchanged file is neither compiled nor validated again: its record is found by its content, and is valid as long as
each name that it looked up still refers to the same thing. Only records without errors are kept, so that a proposal in
a finding is never out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from kg.core import iri
from kg.core.errors import Finding, Place, Severity
from kg.core.model import Document, Quad
from kg.core.terms import TEXT_FILE_KEY, TYPE, cq
from kg.mapping.clashes import repeated_ids
from kg.mapping.hedging import refuse_unknown_words
from kg.mapping.outline import Outline, outline
from kg.mapping.read import read_yaml
from kg.mapping.record import Record, record_key, record_of
from kg.mapping.scope import Scope, Target
from kg.mapping.targets import article_target, fact_targets, registry_targets, with_lines
from kg.ontology.cue_problems import refuse_faulty_cues
from kg.ontology.load import project_vocabulary
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.cache import Cache
from kg.pipeline.document import Parsed, document_of, outside_of
from kg.pipeline.engine import engine_key
from kg.pipeline.language_version import refuse_newer
from kg.project.settings import Project
from kg.project.sources import Source, Sources
from kg.store.lines import line_quad
from kg.validation.engines import COMPILED
from kg.words.language import Languages
from kg.words.load import load_languages

if TYPE_CHECKING:
    from kg.validation.engines import Shapes

CHUNK = 25
"""Files that a worker takes at once: enough to make loading the shapes worthwhile."""

MOST_FAULTS = 100
"""Problems of one file up to which the rules are applied to the rest of it."""

MOST_KEPT = 4 * 1024 * 1024
"""Code points of the files whose YAML is kept until they are compiled. That of others is read twice."""

Tick = Callable[[int], None]
"""Called with the number of files done since the last call."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Everything that a project's files compiled to.

    Attributes:
        vocabulary: that they were compiled with.
        registry: records of the registry's files.
        articles: records of the articles, in the order of their paths.
        fresh: paths of the files that were compiled now and not taken from the cache.
        clashes: findings that concern several files.
        damaged: how many records were no longer as written. Their files are among the fresh ones.
        scope: what names refer to.
    """

    vocabulary: Vocabulary
    registry: tuple[Record, ...]
    articles: tuple[Record, ...]
    fresh: tuple[str, ...]
    clashes: tuple[Finding, ...]
    damaged: int
    scope: Scope

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, the registry's first."""
        return (*self.registry, *self.articles)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, file by file."""
        return (*self.clashes, *(finding for record in self.records for finding in record.findings))


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


@dataclass(frozen=True, slots=True)
class _File:
    source: Source
    key: str
    outline: Outline
    record: Record | None
    readable: bool = True
    parsed: Parsed | None = None


def compile_project(
    project: Project,
    sources: Sources,
    *,
    jobs: int = 1,
    full: bool = False,
    only: frozenset[str] | None = None,
    tick: Tick = lambda _: None,
    shacl: str = COMPILED,
    cache: Cache | None = None,
) -> Compiled:
    """Compile and validate every file.

    Args:
        project: where things are.
        sources: its files.
        jobs: how many processes to use, at least 1.
        full: compile again what has not changed.
        only: paths to compile; other articles are read for their names alone. None for all.
        tick: told of progress.
        shacl: the engine that applies the shapes, one of `kg.validation.engines.ENGINES`.
        cache: where records are kept, if not where `project_cache` says.

    Raises:
        InputError: the ontology cannot be used, or the project is written for a newer one.
    """
    vocabulary = project_vocabulary(project)
    refuse_newer(project, vocabulary)
    workshop = Workshop(project, vocabulary, cache or project_cache(project), shacl)
    languages = load_languages(project)
    refuse_unknown_words(languages, vocabulary)
    refuse_faulty_cues(project, languages)
    opened = partial(_opened, project, None if full else workshop.cache, engine_key(project, shacl))
    registry_files = _slim(opened(source, article=False) for source in sources.registry)
    article_files = _slim(opened(source, article=True) for source in sources.articles)

    scope = _scope(project, vocabulary, languages, registry_files, article_files)
    alone = replace(scope, facts={}, articles={})
    registry = _records(workshop, registry_files, alone, jobs, tick, article=False)
    scope = replace(scope, registry=with_lines(scope.registry, registry))
    chosen = [file for file in article_files if only is None or file.source.path in only]
    articles = _records(workshop, chosen, scope, jobs, tick, article=True)
    fresh = {id(file.record) for file in (*registry_files, *article_files)}
    return Compiled(
        vocabulary,
        registry,
        articles,
        tuple(record.path for record in (*registry, *articles) if id(record) not in fresh),
        tuple(repeated_ids((file.source, file.outline) for file in registry_files)),
        len(workshop.cache.damaged),
        scope,
    )


def project_cache(project: Project) -> Cache:
    """Return where the records of a project's files are kept."""
    return Cache(project.build / "cache")


# -------- one file


def cache_key(engine: str, path: str, source: str) -> str:
    """Return the name of the record of the file at *path*, by the keys of the engine and of its source."""
    return record_key(engine, path, source)


def _opened(project: Project, cache: Cache | None, engine: str, source: Source, *, article: bool) -> _File:
    key = cache_key(engine, source.path, source_key(project, source, article=article))
    record = cache.load(key, source.path) if cache and not source.problem else None
    if record:
        return _File(source, key, record.outline, record)
    tree, found = read_yaml(source.text, source.path)
    return _File(source, key, outline(tree, article=article), None, tree is not None, (tree, found))


def _slim(files: Iterable[_File]) -> list[_File]:
    """Return *files*, of which no more than MOST_KEPT code points keep their YAML."""
    kept, total = [], 0
    for file in files:
        total += len(file.source.text) if file.parsed else 0
        kept.append(file if total <= MOST_KEPT else replace(file, parsed=None))
    return kept


def source_key(project: Project, source: Source, *, article: bool) -> str:
    """Return a digest of a file's content: its text, the text it keeps elsewhere, and its pins."""
    named = read_yaml(source.text, source.path)[0] if article and TEXT_FILE_KEY in source.text else None
    outside = outside_of(project, source, named).text
    return record_key(source.text, outside or "", source.pins)


def compile_file(
    workshop: Workshop, scope: Scope, source: Source, *, article: bool, parsed: Parsed | None = None
) -> Record:
    """Compile and validate one file, whose YAML may have been *parsed* before."""
    if source.problem:
        finding = Finding(Place(source.path), Severity.ERROR, source.code, source.problem, source.fix)
        empty = Document(source.path, "", (), findings=(finding,))
        return record_of(empty, Outline({}, {}), {}, empty.findings)
    tree, found = parsed or read_yaml(source.text, source.path)
    document = document_of(workshop.project, scope, source, (tree, found), article=article)
    references = {name: scope.fingerprint(name) for name in sorted(document.references)}
    return record_of(document, outline(tree, article=article), references, _all_findings(workshop, scope, document))


def _all_findings(workshop: Workshop, scope: Scope, document: Document) -> tuple[Finding, ...]:
    """Return the findings from compiling *document*, and from SHACL on it and the entries that it refers to."""
    from kg.validation.validate import findings

    if not document.quads:
        return document.findings
    if len(document.findings) > MOST_FAULTS:
        return (_rules_wait(document), *document.findings)
    results = workshop.shapes.results((*document.quads, *_context(scope, document)))
    return (*document.findings, *findings(document, results, workshop.vocabulary))


def _rules_wait(document: Document) -> Finding:
    message = f"there are {len(document.findings):,} problems in this file, so no rule has been applied to it"
    return Finding(Place(document.path), Severity.ERROR, "KG-M021", message, "correct them, and check again")


def _context(scope: Scope, document: Document) -> Iterator[Quad]:
    for name in document.references:
        for known in (scope.registry, scope.facts, scope.articles):
            if (target := known.get(name)) and target.term:
                yield Quad(target.term, TYPE, cq(target.class_name), document.graph)
                yield from (line_quad(line) for line in target.lines)


# -------- all files


def _records(
    workshop: Workshop, files: Sequence[_File], scope: Scope, jobs: int, tick: Tick, *, article: bool
) -> tuple[Record, ...]:
    """Return a record for each file: the kept one if it is still valid, else a new one."""
    kept = {file.source.path: file.record for file in files if file.record and _holds(file.record, scope)}
    stale = [file for file in files if file.source.path not in kept]
    tick(len(kept))
    made = _compiled(workshop, stale, scope, jobs, tick, article=article)
    for file, record in zip(stale, made, strict=True):
        kept[file.source.path] = workshop.cache.keep(file.key, record) if record.is_valid else record
    return tuple(kept[file.source.path] for file in files)


def _holds(record: Record, scope: Scope) -> bool:
    return all(scope.fingerprint(name) == then for name, then in record.references.items())


def _compiled(
    workshop: Workshop, files: Sequence[_File], scope: Scope, jobs: int, tick: Tick, *, article: bool
) -> Iterator[Record]:
    if jobs == 1 or len(files) <= CHUNK:
        for file in files:
            yield compile_file(workshop, scope, file.source, article=article, parsed=file.parsed)
            tick(1)
        return

    from kg.core.processes import worker_processes  # only now: a change of one file needs none

    sources = [file.source for file in files]
    chunks = [sources[k : k + CHUNK] for k in range(0, len(sources), CHUNK)]
    blank = Workshop(workshop.project, workshop.vocabulary, workshop.cache, workshop.engine)
    workshop.shapes  # noqa: B018 - shapes that cannot be applied are refused here, not in a worker
    with worker_processes(jobs) as pool:
        for records in pool.map(partial(_chunk, blank, scope, article), chunks):
            yield from records
            tick(len(records))


def _chunk(workshop: Workshop, scope: Scope, article: bool, sources: Sequence[Source]) -> list[Record]:
    return [compile_file(workshop, scope, source, article=article) for source in sources]


# -------- what names refer to


def registry_names(project: Project, vocabulary: Vocabulary, registry: Iterable[Source]) -> dict[str, Target]:
    """Return what the registry's ids refer to, without compiling it and without faulty ones."""
    outlines = [outline(read_yaml(source.text, source.path)[0], article=False) for source in registry]
    targets = registry_targets(outlines, project.base, vocabulary)
    return {name: target for name, target in targets.items() if target.term}


def _scope(
    project: Project,
    vocabulary: Vocabulary,
    languages: Languages,
    registry: Sequence[_File],
    articles: Sequence[_File],
) -> Scope:
    """Return what all files define, before any is compiled."""
    base, named = project.base, [file for file in articles if iri.is_id(file.source.stem)]
    return Scope(
        base=base,
        vocabulary=vocabulary,
        registry=registry_targets([file.outline for file in registry], base, vocabulary),
        facts={
            f"{file.source.stem}/{name}": target
            for file in named
            for name, target in fact_targets(file.outline, file.source.stem, base, vocabulary).items()
        },
        articles={file.source.stem: article_target(file.source.stem, base) for file in named},
        languages=languages,
        currencies=project.currencies,
        unread=frozenset(file.source.stem for file in articles if not file.readable),
        registry_unread=not all(file.readable for file in registry),
    )
