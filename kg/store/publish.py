"""Valid graphs -> a new generation, current by one rename. Writes in the build folder only.

Built aside, flushed, read back and compared with its manifest, renamed, synced, switched: a build killed at any moment
leaves the current generation as it was. See generations.py for the reading side.
"""

from __future__ import annotations

import heapq
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from pathlib import Path

from kg.core.errors import EndpointError, InputError
from kg.core.model import Term
from kg.project.intact import remove
from kg.store.embedded import open_store
from kg.store.folder import (
    ASIDE,
    GENERATIONS,
    GRAPH_FILE,
    MANIFEST_FILE,
    STORE,
    current_number,
    file_digest,
    file_sizes,
    generation_path,
    numbers,
    switch,
    sync,
)
from kg.store.generations import Generation, current, store_problem
from kg.store.lines import line_graph, lines_digest
from kg.store.loading import write_changed_store, write_store
from kg.store.locks import build_lock, removing
from kg.store.manifest import FileSummary, GenerationDetails, GraphSummary, Manifest, manifest_text

KEEP = 5
"""How many generations stay on disk, the current one included."""

Graphs = Mapping[Term, Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a new generation is made from.

    Attributes:
        base: the current generation, None if there is none to trust.
        kept: graphs taken over from it.
        changed: graph -> its new lines, sorted.
        dropped: graphs of the base that are replaced or removed.
    """

    base: Generation | None
    kept: Mapping[Term, GraphSummary]
    changed: Mapping[Term, Sequence[str]]
    dropped: Sequence[Term]

    @property
    def summaries(self) -> dict[Term, GraphSummary]:
        """The graphs of the new generation, sorted."""
        new = {graph: GraphSummary(len(lines), lines_digest(lines)) for graph, lines in self.changed.items()}
        return dict(sorted({**self.kept, **new}.items()))

    @property
    def touched(self) -> int:
        """How many quads of the base go and how many come."""
        old = self.base.manifest.graphs if self.base else {}
        return sum(map(len, self.changed.values())) + sum(old[graph].quads for graph in self.dropped)


def publish(
    build: Path, graphs: Graphs, details: GenerationDetails, *, full: bool = False, locked: bool = False
) -> Manifest:
    """Publish *graphs* as the current generation and return its manifest.

    Args:
        build: the build folder; made if it is missing.
        graphs: every graph of the new generation with its N-Quads lines in canonical form, or None for "as in the
            current generation". A graph of the current generation that is not named here is removed.
        details: goes into the manifest. When no graph has changed there is no new generation; the current one then
            takes over these versions and inputs.
        full: trust nothing on disk: compare all of the current generation first, and load everything anew.
        locked: the caller has the `build_lock`, and should, if it decided by the current generation what to compile.

    Raises:
        EndpointError: another build is running, the disk refuses, or the store gives back other quads.
        InputError: the current generation is damaged and *graphs* takes graphs over from it.
    """
    lock: AbstractContextManager[None] = nullcontext() if locked else build_lock(build)
    with lock:
        sweep(build)
        base = _base(build, full, needed=None in graphs.values())
        try:
            return _published(build, _plan(base, graphs), details, full)
        except OSError as error:
            problem = f"cannot write a generation in {build}: {error.strerror or error}"
            raise EndpointError(problem, "check the disk's space and the folder's permissions") from error
        finally:
            if base:
                base.close()


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
    """Return *base* after its files, and if *full* every quad of its store, have been compared with its manifest."""
    try:
        base.verify_graph()
        base.verify_files()
        if full:
            base.verify_store()
    except InputError:
        base.close()
        raise
    return base


def _plan(base: Generation | None, graphs: Graphs) -> _Plan:
    old = base.manifest.graphs if base else {}
    given = {graph: sorted(set(lines)) for graph, lines in graphs.items() if lines}
    changed = {
        graph: lines
        for graph, lines in given.items()
        if graph not in old or old[graph] != GraphSummary(len(lines), lines_digest(lines))
    }
    wanted = {graph for graph, lines in graphs.items() if lines is None or (lines and graph not in changed)}
    kept = {graph: summary for graph, summary in old.items() if graph in wanted}
    return _Plan(base, kept, changed, [graph for graph in old if graph not in kept])


def _published(build: Path, plan: _Plan, details: GenerationDetails, full: bool) -> Manifest:
    if plan.base and not plan.changed and not plan.dropped:
        return _refreshed(plan.base, details)
    work = build / GENERATIONS / f".new-{os.getpid()}"
    try:
        if not work.parent.is_dir():
            remove(work.parent)  # no folder, so nothing of ours is in it
        work.mkdir(parents=True)
        manifest = _written(work, plan, _draft(build, plan, details), full)
        folder = generation_path(build, manifest.number)
        work.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    switch(build, manifest.number)
    _prune(build)
    return manifest


def _draft(build: Path, plan: _Plan, details: GenerationDetails) -> Manifest:
    """Return the manifest as far as it is known before anything is written."""
    summaries = plan.summaries
    return Manifest(
        number=max([0, *numbers(build)]) + 1,
        parent=plan.base.manifest.number if plan.base else None,
        graphs=summaries,
        quads=sum(summary.quads for summary in summaries.values()),
        size=0,
        sha256="",
        files={},
        details=details,
    )


def _written(work: Path, plan: _Plan, draft: Manifest, full: bool) -> Manifest:
    """Write everything of a generation in the folder *work* and return its manifest."""
    digest = _write_graph_file(work / GRAPH_FILE, plan)
    if plan.base and not full and 2 * plan.touched < draft.quads:
        lines = chain.from_iterable(plan.changed.values())
        write_changed_store(work / STORE, plan.base.store_path, plan.dropped, lines)
    else:
        write_store(work / STORE, work / GRAPH_FILE)
    _read_back(work / STORE, plan, draft)
    size = (work / GRAPH_FILE).stat().st_size
    files = {name: FileSummary(n, file_digest(work / STORE / name)) for name, n in file_sizes(work / STORE).items()}
    manifest = replace(draft, size=size, sha256=digest, files=files)
    _write_synced(work / MANIFEST_FILE, manifest_text(manifest))
    sync(work)
    return manifest


def _write_graph_file(path: Path, plan: _Plan) -> str:
    """Write all quads, sorted, and return the SHA-256 of the file."""
    digest = sha256()
    with path.open("wb") as file:
        for line in heapq.merge(_kept_lines(plan), sorted(chain.from_iterable(plan.changed.values()))):
            data = f"{line}\n".encode()
            digest.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _kept_lines(plan: _Plan) -> Iterator[str]:
    """Return the lines taken over from the base."""
    if plan.base and plan.kept:
        yield from (line for line in plan.base.lines() if line_graph(line) in plan.kept)


def _read_back(path: Path, plan: _Plan, draft: Manifest) -> None:
    """Compare the store with what was to be written.

    Raises:
        EndpointError: it gives back other quads.
    """
    checked = draft.graphs if not plan.base else {graph: draft.graphs[graph] for graph in plan.changed}
    problem = store_problem(path, checked, draft.quads)
    if problem:
        raise EndpointError(f"the new generation was not published: {problem}{_example(path, plan)}", "report this")


def _example(path: Path, plan: _Plan) -> str:
    """Return one line that the store changed, to find the term that is not in canonical form."""
    with open_store(path) as store:
        for graph, lines in plan.changed.items():
            lost = sorted(set(lines) - set(store.graph_lines(graph)))
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


def _prune(build: Path) -> None:
    """Remove all but the last generations, except the current one and those that somebody reads."""
    now = current_number(build)
    for number in numbers(build)[:-KEEP]:
        path = generation_path(build, number)
        hold = removing(path) if number != now else None
        if hold:
            gone = path.rename(path.with_name(f".old-{path.name}"))  # nobody can open it from here on
            shutil.rmtree(gone, ignore_errors=True)
            hold.close()
