"""The build folder -> the generation to read, the history, and rollback. Reads and switches, while publish.py writes.

A generation is complete before it gets its name and does not change afterwards. Readers hold a shared lock on its
folder, because the engine opens files lazily and would fail in the middle of an answer if one were removed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.core.closing import Closing
from kg.core.errors import InputError, KgError, UsageError
from kg.core.model import Term
from kg.project.intact import regular_bytes
from kg.store.embedded import EmbeddedStore, open_store
from kg.store.folder import (
    MANIFEST_FILE,
    STORE,
    current_number,
    file_digest,
    file_stats,
    generation_path,
    numbers,
    switch,
)
from kg.store.locks import Hold, build_lock, shared_lock
from kg.store.manifest import FileSummary, Manifest, OtherFormatError, parsed_manifest
from kg.store.objects import OBJECTS, Objects
from kg.store.read_back import store_problem

_TABLE = ".sst"
_ATTEMPTS = 10  # to open the current generation before a newer build removes it


class OtherVersionError(InputError):
    """A generation was made by another version of kg, in a format that this version cannot read."""


@dataclass(frozen=True, slots=True)
class Generation(Closing):
    """An open generation, which stays on disk until this object is closed. Use it in a `with` block.

    Attributes:
        path: its folder.
        manifest: its description of its own content.
        hold: the lock that keeps it on disk.
    """

    path: Path
    manifest: Manifest
    hold: Hold

    def close(self) -> None:
        """Allow the folder to be removed."""
        self.hold.close()

    @property
    def store_path(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.path / STORE

    @property
    def objects(self) -> Objects:
        """The object store with the lines of its graphs."""
        return Objects(self.path.parent.parent / OBJECTS)

    def store(self) -> EmbeddedStore:
        """Open the store for reading. The open store keeps the generation on disk, even after this object is closed.

        Raises:
            InputError: it differs from what was published.
        """
        hold = shared_lock(self.path)
        if hold is None:
            raise _damaged(self.manifest.number, "its folder is gone")
        try:
            self.verify_files()
            return open_store(self.store_path, hold)
        except BaseException:
            hold.close()
            raise

    def lines(self, graphs: Collection[Term] | None = None) -> Iterator[str]:
        """Yield the lines of *graphs* (by default of all), graph by graph, sorted within each, without line ends.

        Few of them are in memory at once.

        Raises:
            InputError: an object is missing or was changed. Raised only when its graph is reached.
        """
        objects = self.objects
        for graph, summary in self.manifest.graphs.items():
            if graphs is None or graph in graphs:
                yield from objects.each_line(summary.sha256)

    def graph_lines(self) -> dict[Term, list[str]]:
        """Return graph -> its sorted lines, all in memory."""
        return {graph: self.objects.lines(summary.sha256) for graph, summary in self.manifest.graphs.items()}

    def verify(self) -> None:
        """Read everything and compare it with the manifest.

        Raises:
            InputError: an object or the store differs from it.
        """
        self.verify_objects()
        self.verify_files(read=True)
        self.verify_store()

    def verify_objects(self) -> None:
        """Read the objects of all graphs.

        Raises:
            InputError: one is missing or was changed.
        """
        for summary in self.manifest.graphs.values():
            self.objects.verify(summary.sha256)

    def verify_files(self, *, read: bool = False) -> None:
        """Compare the files of the store with the manifest and, if one differs, compare every quad.

        A file whose inode, time and size are unchanged is not read, unless *read* is set. The engine does not report
        all damage, and may search for ever in a damaged table. Tables never change once they are written. The other
        files change when the store is opened for writing, even if no quad changes.

        Raises:
            InputError: they differ from what was published.
        """
        known, present = self.manifest.files, file_stats(self.store_path)
        suspect = [name for name in known if read or not is_untouched(known[name], present.get(name))]
        differing = [name for name in suspect if file_digest(self.store_path / name) != known[name].sha256]
        kept = [name for name in differing if name.endswith(_TABLE) and (self.store_path / name).exists()]
        if kept:
            raise _damaged(self.manifest.number, f"its store's file {kept[0]} was changed")
        if differing or present.keys() != known.keys():
            self.verify_store()

    def verify_store(self) -> None:
        """Compare every quad of the store with the manifest.

        Raises:
            InputError: they differ.
        """
        manifest = self.manifest
        if None in file_stats(self.store_path).values():
            raise _damaged(manifest.number, "its store contains something that is not a file")
        try:
            problem = store_problem(self.store_path, manifest.graphs, manifest.quads)
        except InputError as error:
            raise _damaged(manifest.number, "its store cannot be opened") from error
        if problem:
            raise _damaged(manifest.number, problem)


def current(build: Path) -> Generation | None:
    """Open the current generation of the folder *build*, with the cheap checks of `open_generation`.

    Returns None if nothing has been published yet.

    Raises:
        InputError: it is damaged.
    """
    number = None
    for _ in range(_ATTEMPTS):
        number = current_number(build)
        if number is None:
            return None
        hold = shared_lock(generation_path(build, number))
        if hold:
            return _opened(build, number, hold)
    raise _damaged(number or 0, "its folder is gone")


def open_generation(build: Path, number: int, verify: bool = False) -> Generation:
    """Open one generation.

    Its manifest must be unchanged. If the size of one of its store's files differs from the manifest, the files are
    read and compared. If *verify* is set, all quads are compared.

    Raises:
        UsageError: there is no such generation.
        OtherVersionError: another version of kg made it.
        InputError: it is damaged.
    """
    hold = shared_lock(generation_path(build, number))
    if hold is None:
        raise _unknown(build, number)
    generation = _opened(build, number, hold)
    if verify:
        generation.verify()
    return generation


def history(build: Path) -> list[Manifest]:
    """Return the manifests of all readable generations on disk, newest first."""
    manifests = (_manifest_or_none(build, number) for number in reversed(numbers(build)))
    return [manifest for manifest in manifests if manifest]


def rollback(build: Path, number: int | None = None) -> Manifest:
    """Make generation *number* current. The default is the one that was current before the present one.

    Raises:
        UsageError: there is no such generation, or it is current already.
        InputError: it is damaged.
        EndpointError: a build is running.
    """
    with build_lock(build), _target(build, number) as generation:
        if generation.manifest.number == _current_or_none(build):
            raise UsageError(f"generation {number} is already current", "'kg history' lists the others")
        switch(build, generation.manifest.number)
        return generation.manifest


def read_manifest(build: Path, number: int) -> Manifest:
    """Return the manifest of a generation.

    Raises:
        OtherVersionError: another version of kg wrote it.
        InputError: it is missing or was changed.
    """
    try:
        text = regular_bytes(generation_path(build, number) / MANIFEST_FILE).decode(errors="replace")
        manifest = parsed_manifest(text)
    except OSError as error:
        raise _damaged(number, "its manifest cannot be read") from error
    except OtherFormatError as error:
        raise OtherVersionError(
            f"generation {number} was made by another version of kg", "run 'kg build' to rebuild"
        ) from error
    except ValueError as error:
        raise _damaged(number, str(error)) from error
    except (KeyError, TypeError, RecursionError) as error:  # the seal is correct, but no version of kg wrote this
        raise _damaged(number, "its manifest has an unknown structure") from error
    if manifest.number != number:
        raise _damaged(number, f"its manifest belongs to generation {manifest.number}")
    return manifest


def is_untouched(known: FileSummary, status: os.stat_result | None) -> bool:
    """Return whether a file still has the inode, time and size with which it was written."""
    now = (status.st_size, status.st_mtime_ns, status.st_ino) if status else None
    return now == (known.size, known.changed, known.inode)


def _opened(build: Path, number: int, hold: Hold) -> Generation:
    """Return a generation after the cheap checks. If they fail, its lock is released."""
    try:
        generation = Generation(generation_path(build, number), read_manifest(build, number), hold)
        sizes = {name: status and status.st_size for name, status in file_stats(generation.store_path).items()}
        if sizes != {name: file.size for name, file in generation.manifest.files.items()}:
            generation.verify_files()
    except BaseException:
        hold.close()
        raise
    return generation


def _target(build: Path, number: int | None) -> Generation:
    """Open generation *number*. If None, open the parent of the current one, or else the latest sound one before it."""
    if number is not None:
        return _sound(build, number)
    now = _current_or_none(build)
    manifest = _manifest_or_none(build, now) if now else None
    parent = manifest.parent if manifest else None
    below = [n for n in reversed(numbers(build)) if now is None or n < now]
    for candidate in sorted(below, key=lambda n: n != parent):
        try:
            return _sound(build, candidate)
        except KgError:
            continue
    raise UsageError("there is no sound generation before the current one", "'kg history' lists them all")


def _current_or_none(build: Path) -> int | None:
    """Return the number of the current generation, None if there is none or if `current` is damaged."""
    try:
        return current_number(build)
    except InputError:
        return None


def _sound(build: Path, number: int) -> Generation:
    """Open a generation and compare all its files with its manifest."""
    generation = open_generation(build, number)
    try:
        generation.verify_objects()
        generation.verify_files(read=True)
    except BaseException:
        generation.close()
        raise
    return generation


def _manifest_or_none(build: Path, number: int) -> Manifest | None:
    try:
        return read_manifest(build, number)
    except InputError:
        return None


def _damaged(number: int, reason: str) -> InputError:
    return InputError(
        f"generation {number} is damaged: {reason}", "go back with 'kg rollback', or rebuild with 'kg build --full'"
    )


def _unknown(build: Path, number: int) -> UsageError:
    known = ", ".join(map(str, numbers(build))) or "none"
    return UsageError(f"there is no generation {number}", f"existing generations: {known}")
