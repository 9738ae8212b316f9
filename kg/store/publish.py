"""Valid graphs -> a new generation, made current by one rename. Writes only in the build folder.

A generation is built under a temporary name, flushed, read back, compared with its manifest, renamed, synced and made
current. A build killed at any moment leaves the current generation as it was. Reading is in generations.py.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.core.errors import EndpointError, InputError
from kg.core.model import Term
from kg.core.processes import return_memory
from kg.project.intact import remove
from kg.store.embedded import open_store
from kg.store.folder import (
    GENERATIONS,
    MANIFEST_FILE,
    STORE,
    disk_errors,
    file_digest,
    file_stats,
    generation_path,
    numbers,
    switch,
    sync,
)
from kg.store.generations import (
    Generation,
    current,
    is_untouched,
)
from kg.store.loading import Draft
from kg.store.manifest import FileSummary, GenerationDetails, GraphSummary, Manifest, manifest_text
from kg.store.objects import OBJECTS, Objects, StoredLines
from kg.store.read_back import store_problem
from kg.store.removal import prune, sweep

KEEP = 5
"""How many generations stay on disk unless the caller says otherwise, the current one included."""

Graphs = Mapping[Term, Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a new generation is made from.

    Attributes:
        objects: the object store with the lines.
        base: the current generation, None if there is none or it cannot be trusted.
        graphs: all graphs of the new generation, sorted.
        changed: the graphs that are new or differ from those of the base.
        dropped: graphs of the base that are replaced or removed.
        draft: the new store as far as it has been written, None if it has not been begun.
        readers: how many threads read a new store back.
    """

    objects: Objects
    base: Generation | None
    graphs: Mapping[Term, GraphSummary]
    changed: Mapping[Term, GraphSummary]
    dropped: Sequence[Term]
    draft: Draft | None
    readers: int

    @property
    def touched(self) -> int:
        """The number of quads to remove from the base, plus the number to add."""
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
    needed: Collection[str] = (),
    keep: int = KEEP,
    readers: int = 1,
) -> Manifest:
    """Publish *graphs* as the current generation and return its manifest. The caller has the `build_lock`.

    Args:
        build: the build folder, created if it is missing.
        graphs: every graph of the new generation with its N-Quads lines in canonical form, or None for "as in the
            current generation". A graph of the current generation that is not named here is removed. `StoredLines` are
            not read.
        details: goes into the manifest. If no graph has changed, no new generation is made, and the current one gets
            these versions and inputs.
        full: trust nothing on disk: verify the whole current generation first, and load everything again.
        anew: make a new generation that shares only objects with others, even if no graph has changed.
        draft: the store as far as the caller has written it, see `begin_draft`. It already contains lines of graphs.
        needed: objects to keep in addition to those of the generations on disk.
        keep: how many generations stay on disk, this one included.
        readers: how many threads read a new store back.

    Raises:
        EndpointError: writing failed, or the store returns other quads than were written.
        InputError: the current generation or an object is damaged, and *graphs* takes graphs from it.
    """
    if draft is None:
        sweep(build)
    objects = Objects(build / OBJECTS)
    base = None
    try:
        with disk_errors(f"cannot write a generation in {build}"):
            kept = _kept(objects, graphs)
            base = None if anew else _base(build, full, needed=None in graphs.values())
            return _published(build, _plan(objects, base, kept, draft, readers), details, full, needed, keep)
    finally:
        if base:
            base.close()


def _kept(objects: Objects, graphs: Graphs) -> dict[Term, GraphSummary | None]:
    """Return *graphs* as objects, without the empty ones; None for "as in the current generation"."""
    return {
        graph: None if lines is None else objects.kept(lines).summary
        for graph, lines in graphs.items()
        if lines is None or len(lines)
    }


def _base(build: Path, full: bool, needed: bool) -> Generation | None:
    """Return the current generation if the new one can be based on it."""
    try:
        base = current(build)
        return _verified(base, full) if base else None
    except InputError:
        if needed:
            raise
        return None


def _verified(base: Generation, full: bool) -> Generation:
    """Compare the files of *base*, and if *full* every quad, with its manifest, and return it."""
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
    objects: Objects,
    base: Generation | None,
    kept: Mapping[Term, GraphSummary | None],
    draft: Draft | None,
    readers: int,
) -> _Plan:
    """Return what the new generation is made from.

    Raises:
        InputError: an object is missing.
    """
    old = base.manifest.graphs if base else {}
    graphs = {graph: summary for graph in sorted(kept) if (summary := kept[graph] or old.get(graph))}
    objects.require(summary.sha256 for summary in graphs.values())
    changed = {graph: summary for graph, summary in graphs.items() if old.get(graph) != summary}
    return _Plan(
        objects, base, graphs, changed, [graph for graph in old if graphs.get(graph) != old[graph]], draft, readers
    )


def _published(
    build: Path, plan: _Plan, details: GenerationDetails, full: bool, needed: Collection[str], keep: int
) -> Manifest:
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
    prune(build, keep, plan.objects, needed)
    return manifest


def begin_draft(build: Path, base: Generation | None) -> Draft:
    """Begin the store of the next generation, empty or from that of *base*.

    The caller holds the build lock, and calls `publish`.

    Raises:
        EndpointError: the disk refuses.
    """
    work = work_folder(build)
    with disk_errors(f"cannot write a generation in {build}"):
        _make_folder(work)
        return _grown(work, base) if base else Draft(work / STORE)


def _grown(work: Path, base: Generation) -> Draft:
    return Draft(work / STORE, base.store_path, base.manifest.graphs)


def work_folder(build: Path) -> Path:
    """Return the temporary folder in which this process builds a generation."""
    return build / GENERATIONS / f".new-{os.getpid()}"


def _make_folder(work: Path) -> None:
    if not work.parent.is_dir():
        remove(work.parent)  # not a folder, so it contains nothing that kg wrote
    work.mkdir(parents=True, exist_ok=True)


def _draft(build: Path, plan: _Plan, details: GenerationDetails) -> Manifest:
    """Return the manifest without the files of the store, which are not written yet."""
    return Manifest(
        number=max([0, *numbers(build)]) + 1,
        parent=plan.base.manifest.number if plan.base else None,
        graphs=plan.graphs,
        quads=sum(summary.quads for summary in plan.graphs.values()),
        files={},
        details=details,
    )


def _written(work: Path, plan: _Plan, draft: Manifest, full: bool) -> Manifest:
    """Write a complete generation in the folder *work* and return its manifest."""
    plan.objects.sync(summary.sha256 for summary in plan.changed.values())
    base = plan.base.manifest.files if plan.base else {}
    _write_store(work / STORE, plan, draft, full)
    manifest = replace(draft, files=_files(work / STORE, base))
    _write_synced(work / MANIFEST_FILE, manifest_text(manifest))
    sync(work)
    return manifest


def _write_store(path: Path, plan: _Plan, draft: Manifest, full: bool) -> None:
    """Write the store, and compare it with what should have been written.

    Raises:
        EndpointError: it contains other quads.
    """
    grows = plan.base and not full and 2 * plan.touched < draft.quads
    store = plan.draft or (_grown(path.parent, plan.base) if plan.base and grows else Draft(path))
    store.bring(plan.objects, {graph: StoredLines(plan.objects, each) for graph, each in plan.graphs.items()})
    store.close()
    problem = store.problem() if store.grows else store_problem(path, draft.graphs, draft.quads, plan.readers)
    if not store.grows:
        return_memory()
    if problem:
        raise EndpointError(f"the new generation was not published: {problem}{_example(path, plan)}", "report this")


def _files(store: Path, known: Mapping[str, FileSummary]) -> dict[str, FileSummary]:
    """Return the summaries of a store's files. Unchanged files of the base, which are hard links, are not read."""
    files = {}
    for name, status in file_stats(store).items():
        if name in known and is_untouched(known[name], status):
            files[name] = known[name]
        elif status:
            digest = file_digest(store / name)
            files[name] = FileSummary(status.st_size, digest, status.st_mtime_ns, status.st_ino)
    return files


def _example(path: Path, plan: _Plan) -> str:
    """Return one line that the store changed, which shows the term that is not in canonical form."""
    with open_store(path) as store:
        for graph, summary in plan.changed.items():
            lost = sorted(set(plan.objects.lines(summary.sha256)) - set(store.graph_lines(graph)))
            if lost:
                return f"; it does not contain {lost[0]}"
    return ""


def _refreshed(base: Generation, details: GenerationDetails) -> Manifest:
    """Rewrite the manifest of *base* with new versions and inputs, and return it. Its graphs and time stay the same."""
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
