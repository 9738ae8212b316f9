"""Files -> every problem of them, without a build: read, compile, check across articles or against the last build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from kg.core.errors import Finding, InputError, Severity
from kg.core.processes import WorkerPool
from kg.pipeline.about_project import project_findings
from kg.pipeline.across_aside import findings_across
from kg.pipeline.cache import Cache
from kg.pipeline.checks import places_of
from kg.pipeline.chosen import chosen_sources, findings_of_chosen
from kg.pipeline.compile import Compiled, compile_project
from kg.pipeline.engine import engine_key
from kg.pipeline.file_states import file_states, known_texts
from kg.pipeline.last_build import last_reports
from kg.pipeline.link_sources import project_links
from kg.pipeline.one_file import FileChangedError
from kg.pipeline.originals import Comparison, Folder, compared, read_folder
from kg.pipeline.proposals import proposals
from kg.pipeline.report import Report, report_of, settled_findings
from kg.project.settings import Project
from kg.project.sources import Sources, TextOnDisk, read_sources, unread_at, with_texts
from kg.project.state import one_state
from kg.questions.query import query_findings
from kg.store.embedded import memory_store
from kg.store.generations import current
from kg.validation.engines import COMPILED


def check(
    project: Project,
    paths: Sequence[str] = (),
    *,
    standard_input: str | None = None,
    workers: WorkerPool | None = None,
    shacl: str = COMPILED,
    originals: Path | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
    cache: Cache | None = None,
) -> Report:
    """Return every problem of the files at *paths* (files or folders), or of the whole project.

    Args:
        project: the project.
        paths: the files or folders to check. If empty, everything is checked, including the checks across articles.
        standard_input: the text of one article that is not in a file.
        workers: the workers that compile many files. None for this process alone.
        shacl: the engine that applies the shapes, one of `kg.validation.engines.ENGINES`.
        originals: the folder with the originals that digests are compared with, None to skip the comparison.
        texts: path -> unsaved content of a file.
        cache: the cache of a process that checks repeatedly, None for that of the project.

    Raises:
        InputError: a path has nothing to check, the ontology cannot be used, or *originals* is not a folder.
    """
    project = one_state(project)
    folder = read_folder(originals) if originals else None
    run = _CheckRun(project, paths, standard_input, workers, shacl, folder, texts, cache).run
    try:
        return run(known_texts(project, file_states(project), engine_key(project, shacl)))
    except FileChangedError:
        return run({})


@dataclass(frozen=True, slots=True)
class _CheckRun:
    """A check, see `check`."""

    project: Project
    paths: Sequence[str]
    standard_input: str | None
    workers: WorkerPool | None
    shacl: str
    originals: Folder | None
    texts: Mapping[str, str]
    cache: Cache | None

    def run(self, known: Mapping[str, TextOnDisk]) -> Report:
        """Check, and read all files but *known* ones.

        Raises the same errors as `check`, and a FileChangedError if one of those is not what it was after all.
        """
        project = self.project
        sources = with_texts(project, read_sources(project, known), self.texts)
        sources, chosen = chosen_sources(project, sources, self.paths, self.standard_input)
        compiled = compile_project(
            project, sources, workers=self.workers, only=chosen, shacl=self.shacl, cache=self.cache
        )
        links = project_links(project, sources, compiled)
        digests = _digests(project, self.originals, sources, compiled, chosen)
        own, alone = findings_of_chosen([*compiled.findings, *links.findings], compiled, chosen), ""
        across: Sequence[Finding]
        is_sound = not _errors(own)
        if chosen is None:
            across = findings_across(project, sources, compiled, links) if is_sound else ()
            others = [*query_findings(project, compiled.vocabulary), *sources.unread]
            others += project_findings(project, compiled.vocabulary)
        else:
            across, alone = _proposed(project, compiled) if is_sound else ((), "")
            others = [*unread_at(project, sources, self.paths)]
        every = [*own, *across, *others, *(digests.findings if digests else ())]
        is_whole = chosen is None and is_sound
        left = settled_findings(project, compiled, every, chosen, across=is_whole, compared=digests is not None)
        report = report_of(sources, left, sources.number if chosen is None else len(chosen), compiled, chosen)
        return replace(report, alone=alone, digests=digests, across=frozenset(across) if is_sound else None)


def _digests(
    project: Project, folder: Folder | None, sources: Sources, compiled: Compiled, chosen: frozenset[str] | None
) -> Comparison | None:
    """Compare the digests among the checked articles with their originals, if there is a folder with originals."""
    if folder is None:
        return None
    articles = (source for source in sources.articles if chosen is None or source.path in chosen)
    return compared(folder, project, articles, compiled.scope)


def _proposed(project: Project, compiled: Compiled) -> tuple[Sequence[Finding], str]:
    """Return the proposals from a comparison with the last generation, or why there was no comparison."""
    if not compiled.articles:
        return (), ""
    try:
        generation = current(project.build)
        if generation is None:
            return (), "nothing has been built yet"
        with generation, generation.store() as published:
            checked = memory_store(line for record in compiled.articles for line in record.lines)
            of = frozenset(record.graph for record in compiled.articles)
            reports = last_reports(project, generation, published)
            return tuple(proposals(checked, places_of(compiled), compiled.vocabulary, of, published, reports)), ""
    except InputError as error:
        return (), error.message


def _errors(*groups: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in chain(*groups))
