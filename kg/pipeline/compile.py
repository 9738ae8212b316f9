"""Sources -> records: every file compiled and validated, each against what the others define. Uses build/cache.

An unchanged file is neither compiled nor validated again: its record is found by its content, and is valid as long as
each name that it looked up still refers to the same thing. Only records without errors are kept, so that a proposal in
a finding is never out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from kg.core import iri
from kg.core.errors import Finding
from kg.core.processes import CHUNK, WorkerPool
from kg.core.relations import grouped
from kg.mapping.clashes import repeated_ids
from kg.mapping.hedging import refuse_unknown_words
from kg.mapping.outline import Outline, outline
from kg.mapping.read import read_yaml
from kg.mapping.record import Pairs, Record
from kg.mapping.scope import Scope, Target
from kg.mapping.targets import ArticleTargets, FactTargets, registry_targets, with_lines
from kg.ontology.cue_problems import refuse_faulty_cues
from kg.ontology.load import project_vocabulary
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.by_workers import records_by_workers
from kg.pipeline.cache import Cache
from kg.pipeline.document import Parsed
from kg.pipeline.engine import engine_key
from kg.pipeline.language_version import refuse_newer
from kg.pipeline.one_file import Workshop, cache_key, compile_file, keep_valid, project_cache, read_now, source_key
from kg.project.settings import Project
from kg.project.sources import Source, Sources
from kg.validation.engines import COMPILED
from kg.words.language import Languages
from kg.words.load import load_languages

MOST_KEPT = 4 * 1024 * 1024
"""The number of code points whose parsed YAML is kept until it is compiled, if others need to know what is in it."""

Tick = Callable[[int], None]
"""Called with the number of files done since the last call."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The result of compiling a project's files.

    Attributes:
        vocabulary: the vocabulary with which they were compiled.
        registry: records of the registry's files.
        articles: records of the articles, in the order of their paths.
        fresh: paths of the files that were compiled now rather than taken from the cache.
        clashes: findings that concern several files.
        damaged: the number of damaged records and packs. Their files are among the fresh ones.
        scope: what names refer to.
    """

    vocabulary: Vocabulary
    registry: tuple[Record, ...]
    articles: tuple[Record, ...]
    fresh: tuple[str, ...]
    clashes: tuple[Finding, ...]
    damaged: int
    scope: Scope

    def without_names(self) -> Compiled:
        """Return the same for steps that look up no names of articles, without the files that these are in."""
        return replace(self, scope=replace(self.scope, facts={}, articles={}, unread=frozenset()))

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, the registry's first."""
        return (*self.registry, *self.articles)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, file by file."""
        return (*self.clashes, *(finding for record in self.records for finding in record.findings))


@dataclass
class _Room:
    """How many code points may still be in memory as parsed YAML."""

    left: int


@dataclass(eq=False, slots=True)
class _File:
    """A file to compile.

    Attributes:
        source: its content.
        key: of its record.
        article: whether it is an article, or belongs to the registry.
        kept: its record if it has not changed, else None.
        room: for its parsed YAML, shared with all other files.
        record: its new record, None until it is compiled.
    """

    source: Source
    key: str
    article: bool
    kept: Record | None
    room: _Room
    record: Record | None = None
    _parsed: Parsed | None = None
    _outline: Outline | None = None
    _readable: bool | None = None

    def parsed(self) -> Parsed:
        """Return its YAML, which stays in memory until the file is compiled, if there is room."""
        if self._parsed:
            return self._parsed
        parsed = read_yaml(self.source.text, self.source.path)
        self._readable = parsed[0] is not None
        if self.room.left > 0:
            self._parsed = parsed
            self.room.left -= len(self.source.text)
        return parsed

    def outline(self) -> Outline:
        """Return what it defines."""
        if known := self.kept or self.record:
            return known.outline
        if self._outline is None:
            self._outline = outline(self.parsed()[0], article=self.article)
        return self._outline

    @property
    def readable(self) -> bool:
        """Whether its YAML can be read."""
        if self._readable is None:
            self._readable = bool(self.kept) or self.parsed()[0] is not None
        return self._readable

    def compiled(self, record: Record) -> None:
        """Note its new record, so that its YAML is no longer needed."""
        if self._parsed:
            self.room.left += len(self.source.text)
        self.record, self._parsed, self._outline = record, None, None


@dataclass(frozen=True, slots=True)
class _UnreadArticles(Container[str]):
    """The ids of articles that cannot be read, each looked at when it is asked for."""

    files: Mapping[str, Sequence[_File]]

    def __contains__(self, article: object) -> bool:
        return any(not file.readable for file in self.files.get(str(article), ()))

    def __reduce__(self) -> tuple[type[frozenset[str]], tuple[list[str]]]:
        """Return all of them, for a process that does not have the files."""
        return frozenset, ([name for name in self.files if name in self],)


def compile_project(
    project: Project,
    sources: Sources,
    *,
    workers: WorkerPool | None = None,
    full: bool = False,
    only: frozenset[str] | None = None,
    tick: Tick = lambda _: None,
    shacl: str = COMPILED,
    cache: Cache | None = None,
) -> Compiled:
    """Compile and validate every file.

    Args:
        project: the project.
        sources: its files.
        workers: the workers that compile many files. None for this process alone.
        full: compile unchanged files again, too.
        only: paths of the articles to compile, None for all. Others are read only for their names.
        tick: called with the progress.
        shacl: the engine that applies the shapes, one of `kg.validation.engines.ENGINES`.
        cache: the cache of records, by default that of `project_cache`.

    Raises:
        InputError: the ontology cannot be used, or the project is written for a newer one.
        EndpointError: the workers cannot be used, or see other files.
    """
    vocabulary = project_vocabulary(project)
    refuse_newer(project, vocabulary)
    workshop = Workshop(project, vocabulary, cache or project_cache(project), shacl)
    languages = load_languages(project)
    refuse_unknown_words(languages, vocabulary)
    refuse_faulty_cues(project, languages)
    workshop.cache.open()
    opened = partial(_opened, project, None if full else workshop.cache, engine_key(project, shacl), _Room(MOST_KEPT))
    registry_files = [opened(source, article=False) for source in sources.registry]
    article_files = [opened(source, article=True) for source in sources.articles]

    scope = _scope(project, vocabulary, languages, registry_files, article_files)
    alone = replace(scope, facts={}, articles={})
    try:
        registry = _records(workshop, registry_files, alone, workers, tick, article=False)
        scope = replace(scope, registry=with_lines(scope.registry, registry))
        chosen = [file for file in article_files if only is None or file.source.path in only]
        articles = _records(workshop, chosen, scope, workers, tick, article=True)
    finally:
        workshop.cache.flush()
    fresh = {id(file.kept) for file in (*registry_files, *article_files)}
    return Compiled(
        vocabulary,
        registry,
        articles,
        tuple(record.path for record in (*registry, *articles) if id(record) not in fresh),
        tuple(repeated_ids((file.source, file.outline()) for file in registry_files)),
        workshop.cache.damaged,
        scope,
    )


def _opened(project: Project, cache: Cache | None, engine: str, room: _Room, source: Source, *, article: bool) -> _File:
    key = cache_key(engine, source.path, source_key(project, source, article=article))
    record = cache.load(key, source.path) if cache and not source.problem else None
    return _File(source if record else read_now(project, source), key, article, record, room)


# -------- all files


def _records(
    workshop: Workshop, files: Sequence[_File], scope: Scope, workers: WorkerPool | None, tick: Tick, *, article: bool
) -> tuple[Record, ...]:
    """Return a record for each file: the cached one if it is still valid, else a new one."""
    holds = _Dependencies(scope)
    records = {file.source.path: file.kept for file in files if file.kept and holds.all(file.kept.references)}
    stale = [file for file in files if file.source.path not in records]
    for file in stale:
        file.source = read_now(workshop.project, file.source)
    tick(len(records))
    for path, record in _new_records(workshop, stale, scope, workers, article=article):
        records[path] = record
        tick(1)
    return tuple(records[file.source.path] for file in files)


def _new_records(
    workshop: Workshop, files: Sequence[_File], scope: Scope, workers: WorkerPool | None, *, article: bool
) -> Iterator[tuple[str, Record]]:
    """Yield path and new record of each file, those that workers compile first."""
    by_workers = [file for file in files if not file.source.problem] if workers and len(files) > CHUNK else []
    if workers and by_workers:
        sent = [(file.key, file.source) for file in by_workers]
        yield from records_by_workers(workshop, scope, sent, workers, article=article)
    done = {file.source.path for file in by_workers}
    for file in files:
        if file.source.path not in done:
            record = compile_file(workshop, scope, file.source, article=article, parsed=file.parsed())
            kept = keep_valid(workshop.cache, file.key, record)
            file.compiled(kept)
            yield file.source.path, kept


class _Dependencies(dict[tuple[str, str], bool]):
    """Name and what it stood for -> whether it still does. Records share most names, so each is looked up once."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    def __missing__(self, reference: tuple[str, str]) -> bool:
        name, then = reference
        self[reference] = holds = self._scope.fingerprint(name) == then
        return holds

    def all(self, references: Pairs) -> bool:
        """Return whether all of these hold."""
        return all(map(self.__getitem__, references))


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
    """Return the names that all files define, before any is compiled."""
    base, files = project.base, grouped((file.source.stem, file) for file in articles)
    named = {name: each for name, each in files.items() if iri.is_id(name)}
    return Scope(
        base=base,
        vocabulary=vocabulary,
        registry=registry_targets([file.outline() for file in registry], base, vocabulary),
        facts=FactTargets(named, base, vocabulary),
        articles=ArticleTargets(named, base),
        languages=languages,
        currencies=project.currencies,
        unread=_UnreadArticles(files),
        registry_unread=not all(file.readable for file in registry),
    )
