"""The build folder -> the steps from each published generation to the next. Reads manifests.

A generation whose parent is not the one before it was built after a rollback, which is a step of its own. So is a
rollback after which nothing was built yet.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from kg.core.errors import InputError
from kg.store.folder import MANIFEST_FILE, current_number, generation_path, numbers
from kg.store.generations import history
from kg.store.manifest import Manifest

NO_TIME = "1970-01-01T00:00:00+00:00"
"""The time of a build that is unknown."""


@dataclass(frozen=True, slots=True)
class GenerationStep:
    """A step from one generation to the next that readers saw.

    Attributes:
        before: the number of the generation that was current.
        after: the number of the one that became current.
        key: identifies both, with their content. A generation of the same number in another build folder differs.
        built: when the later of the two was built, in ISO 8601.
    """

    before: int
    after: int
    key: str
    built: str

    @property
    def is_rollback(self) -> bool:
        """Whether the step led back to an earlier generation."""
        return self.after < self.before


@dataclass(frozen=True, slots=True)
class KeptGenerations:
    """The generations that are kept and can be read.

    Attributes:
        numbers: the current one, then the others, newest first.
        steps: between them, newest first.
        built: when the newest was built, in ISO 8601.
    """

    numbers: tuple[int, ...]
    steps: tuple[GenerationStep, ...]
    built: str


def kept_generations(build: Path) -> KeptGenerations:
    """Return the generations of a build folder, as far as they can be read.

    Raises:
        InputError: there is none.
    """
    states: list[Manifest] = []
    kept = {manifest.number: manifest for manifest in reversed(history(build))}
    if not kept:
        raise InputError("nothing has been published yet", "run 'kg build'")
    for manifest in kept.values():
        parent = kept.get(manifest.parent or 0)
        if states and parent and parent != states[-1]:
            states.append(parent)
        states.append(manifest)
    now = current_number(build)
    if now in kept and kept[now] != states[-1]:
        states.append(kept[now])
    steps = tuple(_step(one, two) for one, two in pairwise(states))[::-1]
    order = sorted(kept, key=lambda number: (number != now, -number))
    return KeptGenerations(tuple(order), steps, kept[max(kept)].details.built or NO_TIME)


def kept_mark(build: Path) -> object:
    """Return what differs whenever `kept_generations` may return something else, without reading a manifest."""
    files = (generation_path(build, number) / MANIFEST_FILE for number in numbers(build))
    return current_number(build), tuple((status.st_ino, status.st_mtime_ns) for status in map(_status, files) if status)


def _status(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except OSError:
        return None


def _step(before: Manifest, after: Manifest) -> GenerationStep:
    text = "\n".join(f"{each.number} {each.sha256} {each.details.built}" for each in (before, after))
    built = max(before.details.built, after.details.built) or NO_TIME
    return GenerationStep(before.number, after.number, sha256(text.encode()).hexdigest()[:20], built)
