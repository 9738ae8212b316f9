"""A generation -> one file from which it can be published again, and back. Reads and writes the build folder.

The file is a tar archive with the sealed manifest and then the objects that it names, each as it is in build/objects.
An object whose content does not match its name, and a manifest that was changed, are found when they are read back.
https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar)
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from kg.core.errors import InputError
from kg.project.files import readable
from kg.project.intact import regular_bytes
from kg.store.folder import disk_errors
from kg.store.generations import Generation
from kg.store.locks import build_lock
from kg.store.manifest import Manifest, manifest_text, parsed_manifest
from kg.store.objects import OBJECTS, Objects, StoredLines
from kg.store.publish import KEEP, publish

FIRST = "manifest.json"
LARGEST = 1 << 31
"""Most bytes of one entry. A larger one was not written by us."""

_FIX = "take another backup"


def write_backup(generation: Generation, out: IO[bytes]) -> None:
    """Write a generation to *out*. The same generation gives the same bytes.

    Raises:
        InputError: an object is missing or was changed.
    """
    objects, manifest = generation.objects, generation.manifest
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, FIRST, manifest_text(manifest).encode())
        for name in _object_names(manifest):
            objects.verify(name)
            _add(archive, _entry(objects, name), regular_bytes(objects.path(name)))


def restore(build: Path, base: str, file: str, keep: int = KEEP) -> tuple[Manifest, Manifest]:
    """Publish the generation in a backup as the current one. Return its manifest and that of the new generation.

    Nothing is published unless all of it is there and whole. What was restored is the current generation until the next
    build, which publishes what the project's files say.

    Args:
        build: the build folder.
        base: the base of the project's IRIs, which the backup must have too.
        file: the backup.
        keep: how many generations stay on disk.

    Raises:
        InputError: the file cannot be read, is not a backup, is damaged, or is of a project with another base.
        EndpointError: another build is running, or writing failed.
    """
    objects = Objects(build / OBJECTS)
    with build_lock(build), disk_errors(f"cannot write in {build}"):
        try:
            with tarfile.open(file, "r|") as archive:
                manifest = _put_back(archive, objects, base, readable(file))
        except tarfile.TarError as error:
            raise InputError(f"{readable(file)} is not a backup, or is damaged: {error}", _FIX) from error
        graphs = {graph: StoredLines(objects, summary) for graph, summary in manifest.graphs.items()}
        return manifest, publish(build, graphs, manifest.details, keep=keep)


def _put_back(archive: tarfile.TarFile, objects: Objects, base: str, shown: str) -> Manifest:
    """Store the objects in an archive, and return its manifest."""
    entries = iter(archive)
    manifest = _manifest(archive, next(entries, None), shown)
    strange = next((graph for graph in manifest.graphs if not graph.startswith(f"<{base}")), None)
    if strange is not None:
        raise InputError(f"{shown} is of another project: {strange} is not below {base}", "give its own backup")
    missing = {_entry(objects, name): name for name in _object_names(manifest)}
    for entry in entries:
        name = missing.pop(entry.name, None)
        if name is None:
            raise InputError(f"{shown} has an entry that its manifest does not name: {entry.name}", _FIX)
        objects.put(name, _content(archive, entry, shown))
    if missing:
        raise InputError(f"{shown} is incomplete: it lacks {len(missing)} of its graphs", _FIX)
    return manifest


def _manifest(archive: tarfile.TarFile, entry: tarfile.TarInfo | None, shown: str) -> Manifest:
    if entry is None or entry.name != FIRST:
        raise InputError(f"{shown} is not a backup: it does not begin with {FIRST}", "give a file of 'kg backup'")
    try:
        return parsed_manifest(_content(archive, entry, shown).decode())
    except ValueError as error:
        raise InputError(f"{shown} cannot be restored: {error}", _FIX) from error


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, shown: str) -> bytes:
    file = archive.extractfile(entry) if entry.isreg() and entry.size <= LARGEST else None
    if file is None:
        raise InputError(f"{shown} has an entry that kg did not write: {entry.name}", _FIX)
    return file.read()


def _object_names(manifest: Manifest) -> Iterable[str]:
    return sorted({summary.sha256 for summary in manifest.graphs.values()})


def _entry(objects: Objects, name: str) -> str:
    return f"{OBJECTS}/{objects.path(name).relative_to(objects.folder).as_posix()}"


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
