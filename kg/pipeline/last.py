"""The last build: its generation, what is remembered of it, and whether anything was touched since. Reads build/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kg.core.errors import InputError
from kg.mapping.record import record_key
from kg.pipeline.across import Last
from kg.pipeline.one_file import project_cache
from kg.pipeline.remembered import recall
from kg.pipeline.seen import FileStates, Seen, last_seen, look_at_texts, note
from kg.project.intact import remove
from kg.project.settings import Project
from kg.store.generations import Generation, OtherVersionError, current
from kg.store.manifest import Manifest


def current_manifest(project: Project, full: bool) -> tuple[bool, Manifest | None]:
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


def unchanged(project: Project, before: Manifest, states: FileStates) -> Seen | None:
    """Return what the last build looked at if all of it is as it was, and the generation that it made is current."""
    seen = last_seen(project.build)
    if seen is None or seen.content != before.sha256:
        return None
    return seen if seen.digest == look_at_texts(project, states, seen.texts).digest else None


def note_states(project: Project, states: FileStates, manifest: Manifest, files: int, texts: tuple[str, ...]) -> None:
    """Keep the states of the files that *manifest* was made from, if a later change of them shows."""
    if states.is_sure:
        note(project.build, Seen(manifest.sha256, files, texts, states.digest))


@contextmanager
def last_build(project: Project, inputs: Mapping[str, str], full: bool) -> Iterator[Last | None]:
    """Give the last build, if it is sound and what it found and derived is remembered."""
    try:
        base = None if full else current(project.build)
    except InputError:
        base = None
    if base is None:
        yield None
        return
    with base:
        remembered = recall(project.build, remembered_name(base.manifest, inputs))
        yield Last(base, remembered) if remembered and _is_sound(base) else None


def _is_sound(base: Generation) -> bool:
    try:
        base.verify_files()
    except InputError:
        return False
    return True


def remembered_name(manifest: Manifest, inputs: Mapping[str, str]) -> str:
    """Return what results across articles depend on, beside the files: the generation, the ontology and the checks."""
    return record_key(manifest.sha256, inputs["engine"], inputs["checks"])
