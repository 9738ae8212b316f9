"""The order of the steps, nothing else: read, compile, check across articles, derive, describe, publish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from kg.core.errors import Finding, FindingsError, InputError, Severity
from kg.links.links import Links
from kg.mapping.record import record_key
from kg.pipeline.acceptance import Settled
from kg.pipeline.across import Across, across
from kg.pipeline.cache import Cache, object_names
from kg.pipeline.checks import cross_findings, places_of, stated_store
from kg.pipeline.compile import Compiled, Tick, cache_key, compile_project, project_cache, source_key
from kg.pipeline.content import generation_graphs, stated_graphs, write_pins
from kg.pipeline.derive import derived_graph
from kg.pipeline.engine import engine_key
from kg.pipeline.language_version import language_findings
from kg.pipeline.last import current_manifest, last_build, note_states, remembered_name, unchanged
from kg.pipeline.link_sources import project_links
from kg.pipeline.originals import Comparison, Folder, compared, read_folder
from kg.pipeline.proposals import proposals
from kg.pipeline.remembered import remember, write_remembered
from kg.pipeline.report import Report, report_of, settled_findings
from kg.pipeline.seen import look, look_at_texts, named_texts
from kg.project.files import read_text
from kg.project.intact import is_abandoned, remove
from kg.project.layout import check_files
from kg.project.settings import SETTINGS_FILE, Project, setting_line
from kg.project.sources import Source, Sources, read_sources, sources_at, unread_at, with_texts
from kg.project.state import one_state
from kg.questions.query import query_findings
from kg.store.embedded import memory_store
from kg.store.generations import current
from kg.store.locks import build_lock
from kg.store.manifest import GenerationDetails, Manifest
from kg.store.publish import publish, sweep
from kg.validation.engines import COMPILED

STANDARD_INPUT = "<stdin>"


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did.

    Attributes:
        manifest: of the generation that is current now.
        report: warnings and infos.
        fresh: paths of the files that were compiled, not taken from the cache.
        changed: whether a new generation was published.
        other_version: whether another version of kg had made the build folder, so that nothing in it was used.
    """

    manifest: Manifest
    report: Report
    fresh: tuple[str, ...]
    changed: bool
    other_version: bool = False


# -------- check


def check(
    project: Project,
    paths: Sequence[str] = (),
    *,
    standard_input: str | None = None,
    jobs: int = 1,
    shacl: str = COMPILED,
    originals: Path | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
    cache: Cache | None = None,
) -> Report:
    """Return every problem of the files at *paths* (files or folders), or of the whole project.

    Args:
        project: where things are.
        paths: what to look at; empty for everything, the rules across articles included.
        standard_input: the text of one article that is not in a file.
        jobs: how many processes to use.
        shacl: the engine that applies the shapes, one of `kg.validation.engines.ENGINES`.
        originals: the folder with the originals that digests are compared with, None for not at all.
        texts: path -> what a file says that has not been written yet.
        cache: of a process that checks again and again, else that of the project.

    Raises:
        InputError: a path that does not exist or has nothing to check, an ontology that cannot be used, or no folder
            with originals where one is named.
    """
    project = one_state(project)
    folder = read_folder(originals) if originals else None
    sources = with_texts(project, read_sources(project), texts)
    known = {source.path: source for source in sources.all}
    picked = [source for path in paths for source in sources_at(project, sources, path)]
    if standard_input is not None:
        picked.append(Source(STANDARD_INPUT, "stdin", standard_input))
    chosen = frozenset(source.path for source in picked) if picked or paths else None
    added = [source for source in picked if source.path not in known]
    sources = replace(sources, articles=(*sources.articles, *added))
    compiled = compile_project(project, sources, jobs=jobs, only=chosen, shacl=shacl, cache=cache)
    links = project_links(project, sources, compiled)
    found = [*compiled.findings, *links.findings]
    digests = _digests(project, folder, sources, compiled, chosen)
    if chosen is not None:
        shown = chosen | _unread(compiled)
        chosen_findings = [finding for finding in found if finding.place.path in shown]
        proposed, alone = _proposed(project, compiled) if not _errors(chosen_findings) else ((), "")
        every = [*chosen_findings, *proposed, *unread_at(project, sources, paths), *_differences(digests)]
        left = settled_findings(project, compiled, every, chosen, compared=digests is not None)
        report = report_of(sources, left, len(chosen), compiled, chosen)
        return replace(report, alone=alone, digests=digests)
    whole = not _errors(found)
    across = cross_findings(project, compiled, stated_store(project, compiled, links)) if whole else ()
    every = [*found, *across, *query_findings(project, compiled.vocabulary), *sources.unread]
    every += [*_language(project, compiled), *_differences(digests)]
    left = settled_findings(project, compiled, every, across=whole, compared=digests is not None)
    report = report_of(sources, left, _files(sources), compiled)
    return replace(report, digests=digests)


def _digests(
    project: Project, folder: Folder | None, sources: Sources, compiled: Compiled, chosen: frozenset[str] | None
) -> Comparison | None:
    """Compare the digests among the articles that are checked, if there is a folder with originals."""
    if folder is None:
        return None
    articles = (source for source in sources.articles if chosen is None or source.path in chosen)
    return compared(folder, project, articles, compiled.scope)


def _differences(digests: Comparison | None) -> tuple[Finding, ...]:
    return digests.findings if digests else ()


def _proposed(project: Project, compiled: Compiled) -> tuple[Sequence[Finding], str]:
    """Return what may be the same in the last generation, or why that is not known."""
    if not compiled.articles:
        return (), ""
    try:
        generation = current(project.build)
        if generation is None:
            return (), "nothing has been built yet"
        with generation, generation.store() as published:
            checked = memory_store(line for record in compiled.articles for line in record.lines)
            of = frozenset(record.graph for record in compiled.articles)
            return tuple(proposals(checked, places_of(compiled), compiled.vocabulary, of, published)), ""
    except InputError as error:
        return (), error.message


def _unread(compiled: Compiled) -> set[str]:
    """Return the files of the registry that are no YAML: as long as they are not, no name can be checked."""
    return {f.place.path for record in compiled.registry for f in record.findings if f.code.startswith("KG-Y")}


def _language(project: Project, compiled: Compiled) -> list[Finding]:
    line = setting_line(read_text(project.root / SETTINGS_FILE, SETTINGS_FILE), "language")
    return list(language_findings(project, compiled.vocabulary, line))


def _errors(*groups: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in chain(*groups))


# -------- build


def build(
    project: Project,
    *,
    full: bool = False,
    anew: bool = False,
    jobs: int = 1,
    built: str = "",
    tick: Callable[[int, int], None] | None = None,
) -> BuildResult:
    """Check, compile and publish the project; nothing is published unless everything may be.

    Args:
        project: where things are.
        full: trust neither the cache nor the current generation.
        anew: publish in any case, with a store that shares no file with another.
        jobs: how many processes to use.
        built: the time, for people to read in the history.
        tick: told how many files are done, of how many.

    Raises:
        FindingsError: there are errors; its `report` holds them. The current generation stays as it was.
        InputError: the ontology, a rule or the current generation cannot be used.
        EndpointError: another build is running, or the disk refuses.
    """
    project = one_state(project)
    with build_lock(project.build):
        _sweep(project)
        other_version, before = current_manifest(project, full or anew)
        full, states = full or other_version, look(project)
        if before is not None and (seen := unchanged(project, before, states)):
            return BuildResult(before, Report((), {}, seen.files), (), changed=False)
        sources = read_sources(project)
        texts = named_texts(sources.articles)
        states = look_at_texts(project, states, texts)
        inputs = _inputs(project, sources)
        project_cache(project).sweep(_record_keys(sources, inputs))
        if before is not None and before.details.inputs == inputs:
            note_states(project, states, before, _files(sources), texts)
            return BuildResult(before, report_of(sources, Settled(()), _files(sources)), (), changed=False)
        compiled = compile_project(project, sources, jobs=jobs, full=full, tick=_counted(sources, tick))
        made, links = _made(project, sources, compiled, inputs)
        with (
            last_build(project, inputs, full or anew) as last,
            across(project, compiled, stated_graphs(project, compiled, links), last) as everything,
        ):
            report, manifest = made.published(everything, built, full=full, anew=anew)
        note_states(project, states, manifest, _files(sources), texts)
        changed = before is None or manifest.number != before.number
        return BuildResult(manifest, report, compiled.fresh, changed, other_version)


def build_aside(project: Project, folder: Path, known: Cache) -> Manifest:
    """Check and compile the project, and publish it in *folder* as if that were an empty build folder.

    Nothing of the project is changed: no pins are written, and records of the cache *known* are only read.

    Raises:
        FindingsError: as `build`.
        InputError: the ontology or a rule cannot be used.
    """
    aside = one_state(replace(project, build=folder))
    sources = read_sources(aside)
    compiled = compile_project(aside, sources, cache=replace(project_cache(aside), behind=known))
    made, links = _made(aside, sources, compiled, _inputs(aside, sources))
    with across(aside, compiled, stated_graphs(aside, compiled, links), None) as everything:
        return made.published(everything, "", full=True, anew=False, pins=False)[1]


def _made(project: Project, sources: Sources, compiled: Compiled, inputs: Mapping[str, str]) -> tuple[_Made, Links]:
    """Return what was compiled, if nothing in a single file keeps it from being published.

    Raises:
        BuildError: something does.
    """
    links = project_links(project, sources, compiled)
    found = [*compiled.findings, *links.findings, *sources.unread, *_language(project, compiled)]
    report = report_of(sources, settled_findings(project, compiled, found), _files(sources), compiled)
    if report.fails():
        raise BuildError(report)
    return _Made(project, sources, compiled, inputs, (*found,)), links


@dataclass(frozen=True, slots=True)
class _Made:
    """A project whose files are compiled, with what was found in each of them."""

    project: Project
    sources: Sources
    compiled: Compiled
    inputs: Mapping[str, str]
    found: tuple[Finding, ...]

    def published(
        self, everything: Across, built: str, *, full: bool, anew: bool, pins: bool = True
    ) -> tuple[Report, Manifest]:
        """Check and derive across articles, and publish. Raises as `build`."""
        project, compiled, result = self.project, self.compiled, everything.search()
        left = settled_findings(project, compiled, chain(self.found, *result.findings.values()), across=True)
        report = report_of(self.sources, left, _files(self.sources), compiled)
        if report.fails():
            raise BuildError(report)
        derivation = everything.derived()
        graphs = generation_graphs(project, compiled, everything.stated, derivation.lines, report)
        derivation.note_in(everything.draft, derived_graph(project.base), graphs)
        if pins:
            write_pins(project, compiled)
        remembered = remember(project.build, derivation.outputs.pieces(), result.findings, result.reports)
        manifest = publish(
            project.build,
            graphs,
            GenerationDetails(_versions(project, compiled), self.inputs, built),
            full=full,
            anew=anew,
            draft=everything.draft,
            locked=True,
            needed=object_names(compiled.records) | remembered.object_names,
        )
        write_remembered(project.build, remembered_name(manifest, self.inputs), remembered)
        return report, manifest


def _sweep(project: Project) -> None:
    """Remove what killed runs left in the project; not what a live one is writing."""
    sweep(project.build)
    for file in (*project.data.rglob(".kg-*"), *(project.build / "receipts").glob(".kg-*")):
        if is_abandoned(file.name):
            remove(file)


class BuildError(FindingsError):
    """A build stopped because of errors in the data; `report` holds them."""

    def __init__(self, report: Report) -> None:
        super().__init__("nothing was published: correct the errors above", "the current generation is unchanged")
        self.report = report


def _files(sources: Sources) -> int:
    """Return how many files are compiled: those of the registry and the articles."""
    return len(sources.registry) + len(sources.articles)


def _counted(sources: Sources, tick: Callable[[int, int], None] | None) -> Tick:
    total = _files(sources)
    return (lambda done: tick(done, total)) if tick else (lambda _: None)


def _inputs(project: Project, sources: Sources) -> dict[str, str]:
    """Return the fingerprint of all that a generation depends on; when it is unchanged, so is the graph."""
    others = (*sources.registry, *([sources.links] if sources.links else []))
    checks = check_files(project).values()
    return {
        "engine": engine_key(project),
        "settings": record_key(project.title, project.description, project.licence, project.language),
        "checks": record_key(*(file.read_bytes() for file in checks)),
        "unread": record_key(*map(repr, sources.unread)),
        **{source.path: source_key(project, source, article=False) for source in others},
        **{source.path: source_key(project, source, article=True) for source in sources.articles},
    }


def _record_keys(sources: Sources, inputs: Mapping[str, str]) -> set[str]:
    """Return the names of the records of all files as they are."""
    files = (*sources.registry, *sources.articles)
    return {cache_key(inputs["engine"], source.path, inputs[source.path]) for source in files}


def _versions(project: Project, compiled: Compiled) -> dict[str, str]:
    from importlib.metadata import version

    return {"kg": version("communique-kg"), "ontology": compiled.vocabulary.digest, "base": project.base}
