"""Valid graphs -> a new generation, current by one rename. Writes in the build folder only.

Built aside, flushed, read back and compared with its manifest, renamed, synced, switched: a build killed at any moment
leaves the current generation as it was. See generations.py for the reading side.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kg.core.errors import EndpointError, InputError
from kg.core.model import Term
from kg.project.intact import remove
from kg.store.embedded import open_store
from kg.store.folder import (
    ASIDE,
    GENERATIONS,
    MANIFEST_FILE,
    STORE,
    current_number,
    file_digest,
    file_stats,
    generation_path,
    numbers,
    switch,
    sync,
)
from kg.store.generations import (
    Generation,
    OtherVersionError,
    current,
    is_untouched,
    read_manifest,
    store_problem,
)
from kg.store.loading import Draft, write_store
from kg.store.locks import build_lock, removing
from kg.store.manifest import FileSummary, GenerationDetails, GraphSummary, Manifest, manifest_text
from kg.store.objects import OBJECTS, Objects

KEEP = 5
"""How many generations stay on disk, the current one included."""

Graphs = Mapping[Term, Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a new generation is made from.

    Attributes:
        objects: that hold the lines.
        base: the current generation, None if there is none to trust.
        graphs: all graphs of the new one, sorted.
        changed: those of them that the base has not, or not so.
        dropped: graphs of the base that are replaced or removed.
        draft: its store, as far as it is written.
    """

    objects: Objects
    base: Generation | None
    graphs: Mapping[Term, GraphSummary]
    changed: Mapping[Term, GraphSummary]
    dropped: Sequence[Term]
    draft: Draft | None

    @property
    def touched(self) -> int:
        """How many quads of the base go and how many come."""
        old = self.base.manifest.graphs if self.base else {}
        return sum(summary.quads for summary in self.changed.values()) + sum(old[graph].quads for graph in self.dropped)


def publish(
    build: Path,
    graphs: Graphs,
    details: GenerationDetails,
    *,
    full: bool = False,
    anew: bool = False,
    draft: Draft | None = None,
    locked: bool = False,
    needed: Collection[str] = (),
) -> Manifest:
    """Publish *graphs* as the current generation and return its manifest.

    Args:
        build: the build folder; made if it is missing.
        graphs: every graph of the new generation with its N-Quads lines in canonical form, or None for "as in the
            current generation". A graph of the current generation that is not named here is removed. `StoredLines` are
            not read.
        details: goes into the manifest. When no graph has changed there is no new generation; the current one then
            takes over these versions and inputs.
        full: trust nothing on disk: compare all of the current generation first, and load everything anew.
        anew: make a new generation that shares nothing but objects with another, even if no graph has changed.
        draft: the store as far as the caller has brought it, see `begin_draft`. It holds lines of graphs already.
        locked: the caller has the `build_lock`, and should, if it decided by the current generation what to compile.
        needed: objects that stay, beside those of the generations on disk.

    Raises:
        EndpointError: another build is running, the disk refuses, or the store gives back other quads.
        InputError: the current generation or an object is damaged, and *graphs* takes graphs over from it.
    """
    lock: AbstractContextManager[None] = nullcontext() if locked else build_lock(build)
    with lock:
        if draft is None:
            sweep(build)
        objects = Objects(build / OBJECTS)
        base = None
        try:
            kept = _kept(objects, graphs)
            base = None if anew else _base(build, full, needed=None in graphs.values())
            return _published(build, _plan(objects, base, kept, draft), details, full, needed)
        except OSError as error:
            problem = f"cannot write a generation in {build}: {error.strerror or error}"
            raise EndpointError(problem, "check the disk's space and the folder's permissions") from error
        finally:
            if base:
                base.close()


def _kept(objects: Objects, graphs: Graphs) -> dict[Term, GraphSummary | None]:
    """Return *graphs* as objects, without the empty ones; None for "as in the current generation"."""
    return {
        graph: None if lines is None else objects.kept(lines)
        for graph, lines in graphs.items()
        if lines is None or len(lines)
    }


def _base(build: Path, full: bool, needed: bool) -> Generation | None:
    """Return the current generation if it can be built upon."""
    try:
        base = current(build)
        return _verified(base, full) if base else None
    except InputError:
        if needed:
            raise
        return None


def _verified(base: Generation, full: bool) -> Generation:
    """Return *base* after its files, and if *full* every quad, have been compared with its manifest."""
    try:
        if full:
            base.verify()
        else:
            base.verify_files()
    except InputError:
        base.close()
        raise
    return base


def _plan(
    objects: Objects, base: Generation | None, kept: Mapping[Term, GraphSummary | None], draft: Draft | None
) -> _Plan:
    """Return what is to be done.

    Raises:
        InputError: an object is missing.
    """
    old = base.manifest.graphs if base else {}
    graphs = {graph: summary for graph in sorted(kept) if (summary := kept[graph] or old.get(graph))}
    for summary in graphs.values():
        objects.require(summary.sha256)
    changed = {graph: summary for graph, summary in graphs.items() if old.get(graph) != summary}
    return _Plan(objects, base, graphs, changed, [graph for graph in old if graphs.get(graph) != old[graph]], draft)


def _published(build: Path, plan: _Plan, details: GenerationDetails, full: bool, needed: Collection[str]) -> Manifest:
    if plan.base and not plan.changed and not plan.dropped:
        return _refreshed(plan.base, details)
    work = work_folder(build)
    try:
        _make_folder(work)
        manifest = _written(work, plan, _draft(build, plan, details), full)
        folder = generation_path(build, manifest.number)
        work.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    switch(build, manifest.number)
    _sweep_objects(_prune(build), plan.objects, needed)
    return manifest


def begin_draft(build: Path, base: Generation) -> Draft:
    """Begin the store of the next generation with that of *base*. The caller has the build lock, and publishes it.

    Raises:
        EndpointError: the disk refuses.
    """
    work = work_folder(build)
    try:
        _make_folder(work)
        return Draft(work / STORE, base.store_path, base.manifest.graphs)
    except OSError as error:
        problem = f"cannot write a generation in {build}: {error.strerror or error}"
        raise EndpointError(problem, "check the disk's space and the folder's permissions") from error


def work_folder(build: Path) -> Path:
    """Return the folder in which this process makes a generation."""
    return build / GENERATIONS / f".new-{os.getpid()}"


def _make_folder(work: Path) -> None:
    if not work.parent.is_dir():
        remove(work.parent)  # no folder, so nothing of ours is in it
    work.mkdir(parents=True, exist_ok=True)


def _draft(build: Path, plan: _Plan, details: GenerationDetails) -> Manifest:
    """Return the manifest as far as it is known before anything is written."""
    return Manifest(
        number=max([0, *numbers(build)]) + 1,
        parent=plan.base.manifest.number if plan.base else None,
        graphs=plan.graphs,
        quads=sum(summary.quads for summary in plan.graphs.values()),
        files={},
        details=details,
    )


def _written(work: Path, plan: _Plan, draft: Manifest, full: bool) -> Manifest:
    """Write everything of a generation in the folder *work* and return its manifest."""
    plan.objects.sync(summary.sha256 for summary in plan.changed.values())
    base = plan.base.manifest.files if plan.base else {}
    _write_store(work / STORE, plan, draft, full)
    manifest = replace(draft, files=_files(work / STORE, base))
    _write_synced(work / MANIFEST_FILE, manifest_text(manifest))
    sync(work)
    return manifest


def _write_store(path: Path, plan: _Plan, draft: Manifest, full: bool) -> None:
    """Write the store, and compare it with what was to be written.

    Raises:
        EndpointError: it gives back other quads.
    """
    made = plan.draft
    if made is None and plan.base and not full and 2 * plan.touched < draft.quads:
        made = Draft(path, plan.base.store_path, plan.base.manifest.graphs)
    if made is None:
        write_store(path, plan.objects, plan.graphs)
        problem = store_problem(path, plan.changed if plan.base else draft.graphs, draft.quads)
    else:
        made.bring(plan.objects, plan.graphs)
        made.close()
        problem = made.problem()
    if problem:
        raise EndpointError(f"the new generation was not published: {problem}{_example(path, plan)}", "report this")


def _files(store: Path, known: Mapping[str, FileSummary]) -> dict[str, FileSummary]:
    """Return the files of a store; those that are links to files that are *known* are not read."""
    files = {}
    for name, status in file_stats(store).items():
        if name in known and is_untouched(known[name], status):
            files[name] = known[name]
        elif status:
            digest = file_digest(store / name)
            files[name] = FileSummary(status.st_size, digest, status.st_mtime_ns, status.st_ino)
    return files


def _example(path: Path, plan: _Plan) -> str:
    """Return one line that the store changed, to find the term that is not in canonical form."""
    with open_store(path) as store:
        for graph, summary in plan.changed.items():
            lost = sorted(set(plan.objects.lines(summary.sha256)) - set(store.graph_lines(graph)))
            if lost:
                return f"; it does not give back {lost[0]}"
    return ""


def _refreshed(base: Generation, details: GenerationDetails) -> Manifest:
    """Return the manifest of *base* with the new versions and inputs; its graphs and its time stay."""
    kept = replace(details, built=base.manifest.details.built)
    if kept == base.manifest.details:
        return base.manifest
    manifest = replace(base.manifest, details=kept)
    aside = base.path / f".{MANIFEST_FILE}"
    _write_synced(aside, manifest_text(manifest))
    aside.replace(base.path / MANIFEST_FILE)
    sync(base.path)
    return manifest


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sweep(build: Path) -> None:
    """Remove what killed builds left behind. The caller has the build lock, so nobody writes there."""
    generations = build / GENERATIONS
    for path in (build / ASIDE, *generations.glob(".*"), *generations.glob(f"*/.{MANIFEST_FILE}")):
        with suppress(OSError):
            remove(path)


def _prune(build: Path) -> Sequence[Manifest]:
    """Remove all but the last generations, and those of other versions, except the current one and those being read.

    Return the manifests of all that are left and can be read.
    """
    now, known, kept = current_number(build), numbers(build), []
    for number in known:
        if number != now and number in known[:-KEEP] and remove_generation(build, number):
            continue
        try:
            kept.append(read_manifest(build, number))
        except OtherVersionError:
            if number != now:
                remove_generation(build, number)
        except InputError:
            pass
    return kept


def remove_generation(build: Path, number: int) -> bool:
    """Remove a generation, unless somebody reads it; return whether it is gone. The caller has the build lock."""
    path = generation_path(build, number)
    hold = removing(path)
    if hold:
        gone = path.rename(path.with_name(f".old-{path.name}"))  # nobody can open it from here on
        shutil.rmtree(gone, ignore_errors=True)
        hold.close()
    return hold is not None


def _sweep_objects(manifests: Iterable[Manifest], objects: Objects, needed: Iterable[str]) -> None:
    """Remove the objects that no generation on disk names, and that are not *needed* otherwise."""
    named = {summary.sha256 for manifest in manifests for summary in manifest.graphs.values()}
    objects.sweep(named.union(needed))
