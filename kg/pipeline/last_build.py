"""The last build: its generation, its stored results, and whether anything has changed since. Reads build/."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from kg.core.errors import InputError
from kg.core.terms import cq
from kg.mapping.record import record_key
from kg.pipeline.accounts import Account
from kg.pipeline.across import Last
from kg.pipeline.engine import engine_key
from kg.pipeline.file_states import FileStates, Seen, last_seen, note, text_states
from kg.pipeline.one_file import project_cache
from kg.pipeline.proposals import accounts
from kg.pipeline.remembered import Remembered, recall
from kg.project.intact import remove
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore
from kg.store.generations import Generation, OtherVersionError, current
from kg.store.manifest import Manifest


def current_manifest(project: Project, full: bool) -> tuple[bool, Manifest | None]:
    """Return whether another version of kg made the current generation, and its manifest if the build can use it.

    The cache of another version is removed.

    Raises:
        InputError: the generation is damaged, and the build is not a *full* one.
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


def unchanged(project: Project, before: Manifest, states: FileStates) -> Seen | None:
    """Return what the last build read, if it is unchanged and the generation from that build is still current."""
    seen = last_seen(project.build)
    if seen is None or seen.content != before.sha256:
        return None
    return seen if seen.digest == text_states(project, states, seen.texts).digest else None


def note_states(project: Project, states: FileStates, manifest: Manifest, files: int, texts: tuple[str, ...]) -> None:
    """Store the states of the files that *manifest* was made from, if any later change will be detectable."""
    if states.is_sure:
        note(project.build, Seen(manifest.sha256, files, texts, states.digest))


@contextmanager
def last_build(project: Project, inputs: Mapping[str, str], full: bool) -> Iterator[Last | None]:
    """Yield the last build if it is sound and its results across articles are stored, else None."""
    try:
        base = None if full else current(project.build)
    except InputError:
        base = None
    if base is None:
        yield None
        return
    with base:
        remembered = _readable(recall(project.build, remembered_name(base.manifest, inputs)))
        moved = _moved(project, base.manifest.details.inputs, inputs)
        yield Last(base, remembered, moved) if remembered and _is_sound(base) else None


def last_reports(project: Project, last: Generation, store: EmbeddedStore) -> Iterable[Account]:
    """Return the reports of events and agreements that stand in the *last* generation and its *store*.

    They are those that the last build stored, unless it was made with another ontology, or an object is damaged.
    """
    inputs = {**last.manifest.details.inputs, "engine": engine_key(project)}
    remembered = recall(project.build, remembered_name(last.manifest, inputs))
    if remembered is None:
        return accounts(store)
    rows = store.select(f"SELECT DISTINCT ?fact {{ GRAPH ?g {{ ?fact {cq('displacedBy')} ?other }} }}").rows
    displaced = {fact for (fact,) in rows}
    try:
        return [each for each in remembered.reports if each.fact not in displaced]
    except InputError:
        return accounts(store)


def _moved(project: Project, before: Mapping[str, str], now: Mapping[str, str]) -> Collection[str] | None:
    """Return the changed articles, None if files have come or gone, or others, such as the registry, have changed."""
    changed = {path for path in now if before.get(path) != now[path]}
    articles = f"{project.shown(project.data / 'articles')}/"
    is_within = before.keys() == now.keys() and all(path.startswith(articles) for path in changed)
    return changed if is_within else None


def _readable(remembered: Remembered | None) -> Remembered | None:
    """Read all findings, which each build needs. Return None if an object is damaged."""
    try:
        for findings in remembered.findings.values() if remembered else ():
            findings.read  # noqa: B018 - stays in memory
    except InputError:
        return None
    return remembered


def _is_sound(base: Generation) -> bool:
    try:
        base.verify_files()
    except InputError:
        return False
    return True


def remembered_name(manifest: Manifest, inputs: Mapping[str, str]) -> str:
    """Return a key for what results across articles depend on: the generation, the engine and the checks."""
    return record_key(manifest.sha256, inputs["engine"], inputs["checks"])
