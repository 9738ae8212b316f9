"""A build folder -> the same without what nothing needs any more. The caller holds the build lock."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from kg.core.errors import InputError
from kg.project.intact import remove
from kg.store.folder import ASIDE, GENERATIONS, MANIFEST_FILE, current_number, generation_path, numbers
from kg.store.generations import OtherVersionError, read_manifest
from kg.store.locks import exclusive_lock
from kg.store.objects import Objects
from kg.store.scratch import clear_leftovers


def sweep(build: Path) -> None:
    """Remove what killed builds left behind. No other process is writing, because the caller holds the lock."""
    generations = build / GENERATIONS
    for path in (build / ASIDE, *generations.glob(".*"), *generations.glob(f"*/.{MANIFEST_FILE}")):
        with suppress(OSError):
            remove(path)
    clear_leftovers(build)


def prune(build: Path, keep: int, objects: Objects, needed: Iterable[str]) -> None:
    """Remove all but the last *keep* generations, and those of other versions, but not the current one or those in use.

    Then remove the objects that no generation on disk names, and that are not *needed* otherwise.
    """
    now, known, named = current_number(build), numbers(build), set(needed)
    for number in known:
        if number != now and number in known[:-keep] and remove_generation(build, number):
            continue
        try:
            named.update(summary.sha256 for summary in read_manifest(build, number).graphs.values())
        except OtherVersionError:
            if number != now:
                remove_generation(build, number)
        except InputError:
            pass
    objects.sweep(named)


def remove_generation(build: Path, number: int) -> bool:
    """Remove a generation unless it is being read. Return whether it was removed."""
    path = generation_path(build, number)
    hold = exclusive_lock(path)
    if hold:
        gone = path.rename(path.with_name(f".old-{path.name}"))  # from here on, it cannot be opened
        shutil.rmtree(gone, ignore_errors=True)
        hold.close()
    return hold is not None
