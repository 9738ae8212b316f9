"""The order of the steps and nothing else: read, compile, check across articles, derive, describe, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from kg.core.errors import Finding, FindingsError
from kg.core.processes import WorkerPool
from kg.links.links import Links
from kg.pipeline.about_project import project_findings
from kg.pipeline.acceptance import Settled
from kg.pipeline.across import Across, across
from kg.pipeline.cache import Cache, object_names
from kg.pipeline.compile import Compiled, Tick, compile_project
from kg.pipeline.content import generation_graphs, stated_graphs, write_pins
from kg.pipeline.engine import engine_key
from kg.pipeline.file_states import FileStates, file_states, known_texts, named_texts, note_texts, text_states
from kg.pipeline.inputs import inputs_of, record_keys
from kg.pipeline.last_build import current_manifest, last_build, note_states, remembered_name, unchanged
from kg.pipeline.link_sources import project_links
from kg.pipeline.one_file import FileChangedError, project_cache
from kg.pipeline.ordered_findings import FindingGroups
from kg.pipeline.remembered import remember, write_remembered
from kg.pipeline.report import Report, report_of, settled_findings
from kg.project.intact import clear_abandoned, is_abandoned, remove
from kg.project.kept_texts import sweep_texts
from kg.project.settings import Project
from kg.project.sources import Sources, TextOnDisk, read_sources
from kg.project.state import one_state
from kg.store.locks import build_lock
from kg.store.manifest import GenerationDetails, Manifest
from kg.store.publish import publish
from kg.store.removal import sweep


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The result of a build.

    Attributes:
        manifest: the manifest of the generation that is now current.
        report: the warnings and infos.
        fresh: paths of the files that were compiled rather than taken from the cache.
        changed: whether a new generation was published.
        other_version: whether the build folder was from another version of kg, so that nothing in it was used.
    """

    manifest: Manifest
    report: Report
    fresh: tuple[str, ...]
    changed: bool
    other_version: bool = False


def build(
    project: Project,
    *,
    full: bool = False,
    anew: bool = False,
    workers: WorkerPool | None = None,
    built: str = "",
    tick: Callable[[int, int], None] | None = None,
) -> BuildResult:
    """Check, compile and publish the project. Nothing is published if there is any error.

    Args:
        project: the project.
        full: trust neither the cache nor the current generation.
        anew: publish in any case, with a store that shares no file with another.
        workers: the workers that compile many files. None for this process alone.
        built: the time of the build, shown in the history.
        tick: called with the number of files done and the total.

    Raises:
        FindingsError: there are errors, which are in its `report`. The current generation is unchanged.
        InputError: the ontology, a rule or the current generation cannot be used.
        EndpointError: another build is running, the workers cannot be used, or writing failed.
    """
    project = one_state(project)
    with build_lock(project.build):
        _sweep(project)
        other_version, before = current_manifest(project, full or anew)
        states = file_states(project)
        if before is not None and (seen := unchanged(project, before, states)):
            return BuildResult(before, Report((), {}, seen.files), (), changed=False)
        work = _Build(project, before, states, full or other_version, anew, workers, built, tick, other_version)
        try:
            return work.run(work.known())
        except FileChangedError:
            return work.run({})


@dataclass(frozen=True, slots=True)
class _Build:
    """A build of files that have changed since the last one, see `build`.

    Attributes:
        before: the manifest of the current generation, None if the build cannot use it.
        states: the states of all files before they are read.
    """

    project: Project
    before: Manifest | None
    states: FileStates
    full: bool
    anew: bool
    workers: WorkerPool | None
    built: str
    tick: Callable[[int, int], None] | None
    other_version: bool

    def known(self) -> Mapping[str, TextOnDisk]:
        """Return the articles that need not be read, because they have not changed since the last build."""
        return {} if self.full else known_texts(self.project, self.states, engine_key(self.project))

    def run(self, known: Mapping[str, TextOnDisk]) -> BuildResult:
        """Build, and read all files but *known* ones.

        Raises the same errors as `build`, and a FileChangedError if one of those is not what it was after all.
        """
        project, before = self.project, self.before
        sources = read_sources(project, known)
        texts = named_texts(sources.articles)
        states = text_states(project, self.states, texts)
        inputs = inputs_of(project, sources)
        compiled = self._compiled_files(sources, inputs)
        if compiled is None:
            assert before is not None
            report, manifest = report_of(sources, Settled(()), sources.number), before
        else:
            report, manifest = self._published(sources, compiled, inputs)
        note_states(project, states, manifest, sources.number, texts)
        note_texts(project, states, inputs["engine"], sources.articles, inputs)
        changed = before is None or manifest.number != before.number
        return BuildResult(manifest, report, compiled.fresh if compiled else (), changed, self.other_version)

    def _compiled_files(self, sources: Sources, inputs: Mapping[str, str]) -> Compiled | None:
        """Sweep the cache, and compile the files if the *inputs* have changed.

        Neither the cache nor what names refer to stays in memory, where both take 1.4 KB for each article.
        """
        cache = project_cache(self.project)
        cache.sweep(sources.number, partial(record_keys, sources, inputs))
        sweep_texts(self.project.build)
        if self.before and self.before.details.inputs == inputs:
            return None
        tick, full = _counted(sources, self.tick), self.full
        compiled = compile_project(self.project, sources, workers=self.workers, full=full, tick=tick, cache=cache)
        return compiled.without_names()

    def _published(self, sources: Sources, compiled: Compiled, inputs: Mapping[str, str]) -> tuple[Report, Manifest]:
        project = self.project
        made, links = _compiled(project, sources, compiled, inputs)
        stated = stated_graphs(project, compiled, links)
        with (
            last_build(project, inputs, self.full or self.anew) as last,
            across(project, compiled, stated, last, beside=bool(self.workers)) as everything,
        ):
            return made.published(
                everything, self.built, full=self.full, anew=self.anew, readers=2 if self.workers else 1
            )


def build_aside(project: Project, folder: Path, known: Cache) -> Manifest:
    """Check and compile the project, and publish it in *folder* as if it were an empty build folder.

    The project is not changed: no pins are written, and records of the cache *known* are only read.

    Raises:
        FindingsError: there are errors, see `build`.
        InputError: the ontology or a rule cannot be used.
    """
    aside = one_state(replace(project, build=folder))
    sources = read_sources(aside)
    compiled = compile_project(aside, sources, cache=replace(project_cache(aside), behind=replace(known, writes=False)))
    made, links = _compiled(aside, sources, compiled, inputs_of(aside, sources))
    with across(aside, compiled, stated_graphs(aside, compiled, links), None) as everything:
        return made.published(everything, "", full=True, anew=False, pins=False)[1]


def _compiled(
    project: Project, sources: Sources, compiled: Compiled, inputs: Mapping[str, str]
) -> tuple[_CompiledProject, Links]:
    """Return the compiled project and its links, if no file has errors.

    Raises:
        BuildError: a file has errors.
    """
    links = project_links(project, sources, compiled)
    findings = [*compiled.findings, *links.findings, *sources.unread, *project_findings(project, compiled.vocabulary)]
    report = report_of(sources, settled_findings(project, compiled, findings), sources.number, compiled)
    if report.fails():
        raise BuildError(report)
    return _CompiledProject(project, sources, compiled, inputs, (*findings,)), links


@dataclass(frozen=True, slots=True)
class _CompiledProject:
    """A project whose files are compiled, with the findings on them."""

    project: Project
    sources: Sources
    compiled: Compiled
    inputs: Mapping[str, str]
    findings: tuple[Finding, ...]

    def published(
        self, everything: Across, built: str, *, full: bool, anew: bool, pins: bool = True, readers: int = 1
    ) -> tuple[Report, Manifest]:
        """Check and derive across articles, and publish. Raises the same errors as `build`."""
        project, compiled, result = self.project, self.compiled, everything.search()
        every = FindingGroups([self.findings, *result.findings.values()])
        left = settled_findings(project, compiled, every, across=True)
        report = report_of(self.sources, left, self.sources.number, compiled)
        if report.fails():
            raise BuildError(report)
        derivation = everything.derived()
        engine = self.inputs["engine"]
        graphs = generation_graphs(project, compiled, everything.stated, derivation.lines, report, engine)
        if pins:
            write_pins(project, compiled)
        before = everything.since.before if everything.since else None
        remembered = remember(project.build, derivation.outputs.pieces(), result.findings, result.reports, before)
        manifest = publish(
            project.build,
            graphs,
            GenerationDetails(_versions(project, compiled), self.inputs, built),
            full=full,
            anew=anew,
            draft=everything.begun(),
            needed=object_names(compiled.records) | remembered.object_names,
            keep=project.generations,
            readers=readers,
        )
        write_remembered(project.build, remembered_name(manifest, self.inputs), remembered)
        return report, manifest


def _sweep(project: Project) -> None:
    """Remove what killed runs left in the project, but not what a live one is writing."""
    sweep(project.build)
    for folder in (project.build, project.build / "receipts"):
        clear_abandoned(folder)
    for file in project.data.rglob(".kg-*"):
        if is_abandoned(file.name):
            remove(file)


class BuildError(FindingsError):
    """A build stopped because of errors in the data, which are in `report`."""

    def __init__(self, report: Report) -> None:
        super().__init__("nothing was published: correct the errors above", "the current generation is unchanged")
        self.report = report


def _counted(sources: Sources, tick: Callable[[int, int], None] | None) -> Tick:
    return (lambda done: tick(done, sources.number)) if tick else (lambda _: None)


def _versions(project: Project, compiled: Compiled) -> dict[str, str]:
    from importlib.metadata import version

    return {"kg": version("communique-kg"), "ontology": compiled.vocabulary.digest, "base": project.base}
