"""`kg purge`: remove an article's text from everything below the build folder. Reads and writes files.

What remains is one generation, built without the article and with a newly written store: the stores of generations
share files, which may still contain deleted data. So all earlier generations are removed, and cannot be restored.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from kg.core import iri
from kg.core.errors import EndpointError, InputError, UsageError
from kg.core.model import Term
from kg.mapping.outline import text_file
from kg.mapping.read import read_yaml
from kg.pipeline.cache import Cache
from kg.pipeline.file_states import TEXTS
from kg.pipeline.one_file import project_cache
from kg.pipeline.remembered import FILE as ACROSS
from kg.pipeline.steps import BuildError, build
from kg.project.bench_files import KINDS, bench_file
from kg.project.files import read_text
from kg.project.intact import regular_bytes, remove
from kg.project.layout import PINS, article_file, draft_file
from kg.project.settings import Project
from kg.store.folder import CURRENT, numbers
from kg.store.generations import history
from kg.store.locks import build_lock
from kg.store.objects import OBJECTS, Objects
from kg.store.removal import remove_generation, sweep
from kg.store.scratch import clear_leftovers

RECEIPTS = "receipts"


@dataclass(frozen=True, slots=True)
class Purged:
    """The result of a purge.

    Attributes:
        files: source files that were removed, if requested.
        generations: numbers of the generations that were removed.
        objects: how many objects were removed.
        records: how many records of the cache were removed.
        receipts: names of the stores whose receipts mentioned the article and were removed.
        current: the remaining generation, None if the rest of the project cannot be built.
        mentions: files below the build folder that still mention the article, because others refer to it.
    """

    files: tuple[str, ...]
    generations: tuple[int, ...]
    objects: int
    records: int
    receipts: tuple[str, ...]
    current: int | None
    mentions: tuple[str, ...]


def purge(project: Project, article: str, *, source: bool = False) -> Purged:
    """Remove an article from everything below the build folder and, with *source*, from the project's data.

    Raises:
        UsageError: the article is unknown, or its mapping exists and is to stay, so that it would be built again.
        EndpointError: a build is running, or a generation that must be removed is in use.
    """
    graph = f"<{iri.article_iri(project.base, article)}>"
    with build_lock(project.build):
        sweep(project.build)
        clear_leftovers()
        files = _source_files(project, article)
        _refuse(project, article, graph, files, source)
        for file in (*files, draft_file(project, article)):
            remove(file)
    current = _built_without(project)
    with build_lock(project.build):
        generations = tuple(_without_others(project.build, current))
        cache = project_cache(project)
        records = cache.forget(graph)
        objects = _purge_objects(project, cache)
        receipts = tuple(_purge_receipts(project.build, graph))
        for kind in KINDS:
            remove(bench_file(project.build, article, kind))
    mentions = tuple(project.shown(file) for file in _mentions(project.build, cache, graph))
    shown = tuple(project.shown(file) for file in files)
    return Purged(shown, generations, objects, records, receipts, current, mentions)


def _refuse(project: Project, article: str, graph: Term, files: tuple[Path, ...], source: bool) -> None:
    if files and not source:
        shown = project.shown(files[0])
        fix = "remove it first, or add --source, which removes it and the files next to it"
        raise UsageError(f"{shown} exists, so the next build would publish the article again", fix)
    if not files and not draft_file(project, article).is_file() and not _is_known(project, graph):
        raise UsageError(f"nothing in {project.shown(project.build)} comes from an article '{article}'", "check its id")


def _is_known(project: Project, graph: Term) -> bool:
    manifests = history(project.build)
    return (
        any(graph in manifest.graphs for manifest in manifests)
        or len(manifests) < len(numbers(project.build))
        or project_cache(project).knows(graph)
    )


def _source_files(project: Project, article: str) -> tuple[Path, ...]:
    """Return the mapping of an article and the files that belong to it: its pins and its text file."""
    mapping = article_file(project, article)
    beside = [project.data / "articles" / f"{article}{PINS}"]
    if mapping:
        beside = [mapping.with_name(f"{mapping.stem}{PINS}"), *_text(project, mapping)]
    return tuple(file for file in ([mapping] if mapping else []) + beside if file.is_file())


def _text(project: Project, mapping: Path) -> Iterator[Path]:
    with suppress(InputError):
        name = text_file(read_yaml(read_text(mapping, mapping.name), mapping.name)[0])
        if name and (file := (project.root / name.text.strip()).resolve()).is_relative_to(project.root.resolve()):
            yield file


def _built_without(project: Project) -> int | None:
    """Build the project with a newly written store, and return the number of the generation, None if it fails."""
    try:
        return build(project, anew=True).manifest.number
    except BuildError:
        return None


def _without_others(build: Path, current: int | None) -> Iterator[int]:
    """Remove all generations but the current one, and yield their numbers.

    Raises:
        EndpointError: one of them is in use.
    """
    if current is None:
        for name in (CURRENT, ACROSS, TEXTS):
            remove(build / name)
    held = []
    for number in numbers(build):
        if number != current:
            if remove_generation(build, number):
                yield number
            else:
                held.append(number)
    if held:
        which = ", ".join(map(str, held))
        raise EndpointError(
            f"generation {which}, which may contain the article, is in use", "end 'kg serve', and run this again"
        )


def _purge_objects(project: Project, cache: Cache) -> int:
    """Remove all objects except those of the remaining generation and records."""
    objects = Objects(project.build / OBJECTS)
    named = {summary.sha256 for manifest in history(project.build) for summary in manifest.graphs.values()}
    return objects.sweep(named | cache.object_names)


def _purge_receipts(build: Path, graph: Term) -> Iterator[str]:
    for file in sorted((build / RECEIPTS).glob("*")):
        if file.is_file() and _names(graph).search(file.read_bytes()):
            remove(file)
            yield file.stem


def _mentions(build: Path, cache: Cache, graph: Term) -> list[Path]:
    """Return the files that mention the article. A store has the same content as its objects, and is not searched."""
    files = (file for part in ("cache", OBJECTS, RECEIPTS) for file in (build / part).rglob("*") if file.is_file())
    contents = chain(cache.texts(), ((file, _content(file)) for file in files))
    names = _names(graph)
    return sorted({file for file, content in contents if names.search(content)})


def _content(file: Path) -> bytes:
    data = regular_bytes(file)
    return gzip.decompress(data) if file.suffix == ".gz" else data


def _names(graph: Term) -> re.Pattern[bytes]:
    """Return a pattern for the IRI of an article that does not match ids with the same beginning."""
    return re.compile(re.escape(graph[1:-1].encode()) + rb"(?![\w.-])")
