"""Files -> their records, by workers, which read each file again and store its lines. Reads data/."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from kg.core.errors import EndpointError
from kg.core.processes import WorkerPool
from kg.mapping.record import Record
from kg.mapping.scope import Scope
from kg.pipeline.cache import Cache
from kg.pipeline.engine import engine_key
from kg.pipeline.one_file import Workshop, cache_key, compile_file, keep_valid, source_key, with_stored_lines
from kg.project.sources import Source, read_source


@dataclass(frozen=True, slots=True)
class _Order:
    """What workers need for all files. They load the shapes themselves."""

    workshop: Workshop
    scope: Scope
    engine: str
    article: bool


@dataclass(frozen=True, slots=True)
class _FileTask:
    """A file to compile, and the key that its record is to have."""

    path: str
    key: str

    def __str__(self) -> str:
        return self.path


def records_by_workers(
    workshop: Workshop, scope: Scope, files: Sequence[tuple[str, Source]], workers: WorkerPool, *, article: bool
) -> Iterator[tuple[str, Record]]:
    """Yield path and record of *files*, keys of records and sources, in any order. Valid records are kept.

    Raises:
        EndpointError: the workers cannot be used, or one of them reads other files than this machine.
        InputError: the shapes cannot be applied.
    """
    workshop.shapes  # noqa: B018 - shapes that cannot be applied are refused here, not in a worker
    blank = replace(workshop, cache=Cache(workshop.cache.folder))
    order = _Order(blank, scope, engine_key(workshop.project, workshop.engine), article)
    tasks = [_FileTask(source.path, key) for key, source in files]
    with closing(workers.results(_worker_record, order, tasks)) as results:
        for number, result in results:
            key, source = files[number]
            if isinstance(result, Record):
                yield source.path, keep_valid(workshop.cache, key, result)
            elif _read_again(order, tasks[number]):
                fix = f"let it see the folder {workshop.project.root} of this machine, and build again"
                raise EndpointError(f"{source.path} has another content for the worker on {result}", fix)
            else:  # it has changed since we read it, or is not from this file
                record = compile_file(workshop, scope, source, article=article)
                yield source.path, keep_valid(workshop.cache, key, record)


def _worker_record(order: _Order, task: _FileTask) -> Record | str:
    """Compile a file and store its lines. Return this machine's name if the file is not the one of the task."""
    source = _read_again(order, task)
    if source is None:
        return socket.gethostname()
    record = compile_file(order.workshop, order.scope, source, article=order.article)
    return with_stored_lines(order.workshop.cache, record)


def _read_again(order: _Order, task: _FileTask) -> Source | None:
    """Return the file as it is on this machine now, None if it is not the one of the task."""
    project = order.workshop.project
    source = read_source(project, project.root / task.path)
    key = cache_key(order.engine, source.path, source_key(project, source, article=order.article))
    return source if key == task.key and not source.problem else None
