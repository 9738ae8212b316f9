"""The order of the steps, nothing else: read, compile, check across articles, derive, describe, publish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from kg.core import iri
from kg.core.errors import EndpointError, Finding, FindingsError, InputError, Severity
from kg.core.model import Term
from kg.core.terms import cq
from kg.core.values import lexical
from kg.mapping.record import record_key
from kg.ontology.load import ontology_triples
from kg.pipeline.acceptance import Settled
from kg.pipeline.across import Last, Stated, across
from kg.pipeline.cache import Cache, object_names
from kg.pipeline.checks import cross_findings, places_of, stated_store
from kg.pipeline.compile import Compiled, Tick, cache_key, compile_project, project_cache, source_key
from kg.pipeline.dataset import description_quads, ontology_quads, report_quads
from kg.pipeline.derive import derived_graph
from kg.pipeline.engine import engine_key
from kg.pipeline.language_version import language_findings
from kg.pipeline.links import Links, read_links
from kg.pipeline.originals import Comparison, Folder, compared, read_folder
from kg.pipeline.proposals import proposals
from kg.pipeline.remembered import recall, remember
from kg.pipeline.remembered import write as write_remembered
from kg.pipeline.report import Report, report_of, settled_findings
from kg.pipeline.seen import Look, Seen, last_seen, look, look_at_texts, named_texts, note
from kg.pipeline.shacl import COMPILED
from kg.project.files import read_text, write_whole
from kg.project.intact import is_abandoned, regular_bytes, remove
from kg.project.layout import PINS, check_files
from kg.project.settings import SETTINGS_FILE, Project, setting_line
from kg.project.sources import Source, Sources, read_sources, sources_at, unread_at, with_texts
from kg.project.state import one_state
from kg.questions.query import query_findings
from kg.store.embedded import memory_store
from kg.store.generations import Generation, OtherVersionError, current
from kg.store.lines import graph_lines, instances
from kg.store.locks import build_lock
from kg.store.manifest import GenerationDetails, Manifest
from kg.store.objects import OBJECTS, Objects, StoredLines
from kg.store.publish import publish, sweep

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
        shacl: the engine that applies the shapes, one of `kg.pipeline.shacl.ENGINES`.
        originals: the folder with the originals that digests are compared with, None for not at all.
        texts: path -> what a file says that has not been written yet.
        cache: of a process that checks again and again, else that of the project.

    Raises:
        InputError: a path that does not exist or has nothing to check, an ontology that cannot be used, or no folder
            with originals where one is named.
    """
    project = one_state(project)
    folder = read_folder(originals) if originals else None
    sources = with_texts(read_sources(project), texts)
    known = {source.path: source for source in sources.all}
    picked = [source for path in paths for source in sources_at(project, sources, path)]
    if standard_input is not None:
        picked.append(Source(STANDARD_INPUT, "stdin", standard_input))
    chosen = frozenset(source.path for source in picked) if picked or paths else None
    added = [source for source in picked if source.path not in known]
    sources = replace(sources, articles=(*sources.articles, *added))
    compiled = compile_project(project, sources, jobs=jobs, only=chosen, shacl=shacl, cache=cache)
    links = _links(project, sources, compiled)
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


def _links(project: Project, sources: Sources, compiled: Compiled) -> Links:
    if sources.links is None:
        return Links()
    entities = {lexical(term): term for record in compiled.registry for term in record.places}
    complete = not _errors(*(record.findings for record in compiled.registry))
    prefixes = compiled.vocabulary.prefixes
    return read_links(sources.links, project.base, entities, prefixes, complete=complete, apart=_apart(compiled))


def _apart(compiled: Compiled) -> list[tuple[Term, Term]]:
    """Return the pairs that the registry says are not the same."""
    said = f" {cq('distinctFrom')} "
    found = (line.split(" ", 3) for record in compiled.registry for line in record.lines if said in line)
    return [(subject, value) for subject, _, value, _ in found]


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
        other_version, before = _current_manifest(project, full or anew)
        full, states = full or other_version, look(project)
        if before is not None and (seen := _unchanged(project, before, states)):
            return BuildResult(before, Report((), {}, seen.files), (), changed=False)
        sources = read_sources(project)
        texts = named_texts(sources.articles)
        states = look_at_texts(project, states, texts)
        inputs = _inputs(project, sources)
        project_cache(project).sweep(_record_keys(sources, inputs))
        if before is not None and before.details.inputs == inputs:
            _note(project, states, before, _files(sources), texts)
            return BuildResult(before, report_of(sources, Settled(()), _files(sources)), (), changed=False)
        compiled = compile_project(project, sources, jobs=jobs, full=full, tick=_counted(sources, tick))
        links = _links(project, sources, compiled)
        found = [*compiled.findings, *links.findings, *sources.unread, *_language(project, compiled)]
        report = report_of(sources, settled_findings(project, compiled, found), _files(sources), compiled)
        if report.fails():
            raise BuildError(report)
        stated = _stated(project, compiled, links)
        with (
            _last(project, inputs, full or anew) as last,
            across(project, compiled, stated, last) as everything,
        ):
            findings = everything.findings()
            found += chain.from_iterable(findings.values())
            left = settled_findings(project, compiled, found, across=True)
            report = report_of(sources, left, report.checked, compiled)
            if report.fails():
                raise BuildError(report)
            outputs, derived = everything.derived()
            graphs = _graphs(project, compiled, stated, derived, report)
            details = GenerationDetails(_versions(project, compiled), inputs, built)
            _write_pins(project, compiled)
            remembered = remember(project.build, outputs, findings)
            needed = object_names(compiled.records) | remembered.object_names
            manifest = publish(
                project.build,
                graphs,
                details,
                full=full,
                anew=anew,
                draft=everything.draft,
                locked=True,
                needed=needed,
            )
            write_remembered(project.build, _name(manifest, inputs), remembered)
        _note(project, states, manifest, _files(sources), texts)
        changed = before is None or manifest.number != before.number
        return BuildResult(manifest, report, compiled.fresh, changed, other_version)


def _current_manifest(project: Project, full: bool) -> tuple[bool, Manifest | None]:
    """Return whether another version of kg made the current generation, and its manifest if it is to be built upon.

    The cache of another version is removed.

    Raises:
        InputError: it is damaged, and not everything is built in *full*.
    """
    try:
        generation = current(project.build)
    except OtherVersionError:
        remove(project_cache(project).folder)
        return True, None
    except InputError:
        if full:
            return False, None
        raise
    if generation is None:
        return False, None
    with generation:
        return False, None if full else generation.manifest


def _unchanged(project: Project, before: Manifest, states: Look) -> Seen | None:
    """Return what the last build looked at if all of it is as it was, and the generation that it made is current."""
    seen = last_seen(project.build)
    if seen is None or seen.content != before.sha256:
        return None
    return seen if seen.digest == look_at_texts(project, states, seen.texts).digest else None


def _note(project: Project, states: Look, manifest: Manifest, files: int, texts: tuple[str, ...]) -> None:
    if states.is_sure:
        note(project.build, Seen(manifest.sha256, files, texts, states.digest))


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


def _stated(project: Project, compiled: Compiled, links: Links) -> dict[Term, StoredLines]:
    """Return the graphs of what is stated: articles, registry and ontology, each with its lines."""
    registry = {line for record in compiled.registry for line in record.lines}.union(map(str, links.quads))
    graphs: dict[Term, Sequence[str]] = {record.graph: record.lines for record in compiled.articles}
    graphs[f"<{iri.graph_iri(project.base, 'registry')}>"] = sorted(registry)
    graphs |= graph_lines(ontology_quads(ontology_triples(project.ontology), project.base))
    return _kept(project, graphs)


def _graphs(
    project: Project, compiled: Compiled, stated: Stated, derived: Sequence[str], report: Report
) -> dict[Term, StoredLines]:
    """Return every graph of the new generation with its lines."""
    made = {derived_graph(project.base): derived}
    made |= graph_lines(report_quads(report.findings, report.acknowledged, project.base))
    graphs = dict(sorted({**stated, **_kept(project, made)}.items()))
    others = graphs.keys() - {record.graph for record in compiled.articles}
    counted = sum((Counter(record.instances) for record in compiled.articles), Counter[Term]())
    counted.update(instances(chain.from_iterable(graphs[name] for name in others)))
    described = graph_lines(description_quads(project, graphs, counted, compiled.vocabulary))
    return graphs | _kept(project, described)


def _kept(project: Project, graphs: Mapping[Term, Sequence[str]]) -> dict[Term, StoredLines]:
    """Return *graphs* as objects of the build folder, without empty ones.

    Raises:
        EndpointError: the disk refuses.
    """
    objects = Objects(project.build / OBJECTS)
    try:
        return {graph: StoredLines(objects, objects.kept(lines)) for graph, lines in graphs.items() if len(lines)}
    except OSError as error:
        problem = f"cannot write in {objects.folder}: {error.strerror or error}"
        raise EndpointError(problem, "check the disk's space and the folder's permissions") from error


@contextmanager
def _last(project: Project, inputs: Mapping[str, str], full: bool) -> Iterator[Last | None]:
    """Give the last build, if it is sound and what it found and derived is remembered."""
    try:
        base = None if full else current(project.build)
    except InputError:
        base = None
    if base is None:
        yield None
        return
    with base:
        remembered = recall(project.build, _name(base.manifest, inputs))
        yield Last(base, remembered) if remembered and _is_sound(base) else None


def _is_sound(base: Generation) -> bool:
    try:
        base.verify_files()
    except InputError:
        return False
    return True


def _name(manifest: Manifest, inputs: Mapping[str, str]) -> str:
    """Return what results across articles depend on, beside the files: the generation, the ontology and the checks."""
    return record_key(manifest.sha256, inputs["engine"], inputs["checks"])


def _write_pins(project: Project, compiled: Compiled) -> None:
    """Write where the quotes of withheld texts stand, beside their articles, for machines without the texts."""
    for record in compiled.articles:
        file = (project.root / record.path).with_suffix(PINS)
        if record.pins and _content(file) != record.pins.encode():
            write_whole(file, record.pins)


def _content(file: Path) -> bytes | None:
    """Return what is in *file*, None if there is none.

    Raises:
        InputError: something else stands there.
    """
    try:
        return regular_bytes(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {error.strerror or error}", "remove it; the next build writes it again"
        ) from error


def _versions(project: Project, compiled: Compiled) -> dict[str, str]:
    return {"kg": version("communique-kg"), "ontology": compiled.vocabulary.digest, "base": project.base}
