"""A map of tasks to results, by the workers of a Dask cluster. Talks to its scheduler; writes in a folder that all see.

What all tasks share is a file in that folder, named by its SHA-256 to the workers. It shows that they see the same
folder, need not pass through the scheduler, and is not lost with a worker. A worker that no longer sees it stops.
https://distributed.dask.org/en/stable/resilience.html
"""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from secrets import token_hex
from threading import Thread
from typing import Any, Generic, TypeVar

from kg.core.errors import EndpointError, UsageError
from kg.core.processes import chunks_of
from kg.pipeline.cluster_worker import KG, SharedFile, run_chunk, versions, worker_reply
from kg.project.intact import put, remove, temporary_name
from kg.store.folder import disk_errors

try:
    from distributed import Client, Future
    from distributed.scheduler import KilledWorker
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] not in ("distributed", "dask"):
        raise
    raise UsageError("a cluster needs the extra 'cluster'", "pip install 'communique-kg[cluster]'") from missing

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")

TASKS = "tasks"
"""The folder below the given one with what tasks share."""

AHEAD = 1_000
"""Chunks that the scheduler knows at once: enough for some 500 workers, and 4 MB of names."""

PATIENCE = 30.0
"""Seconds to wait for the scheduler, and for a worker while there is none: one that ended may be started again."""

_LOOK = 0.5  # seconds between looks at the cluster while no result comes
_ADDRESS = re.compile(r"(?:[a-z]+://)?[^/\s:]+:\d{1,5}|(?:[a-z]+://)?\[[0-9a-fA-F:.]+\]:\d{1,5}")


def cluster_at(address: str, folder: Path) -> Cluster:
    """Return the cluster whose scheduler is at *address*, which shares *folder* with us.

    Raises:
        UsageError: that is no address.
    """
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"not the address of a scheduler: {address}", "write it as tcp://host:8786")
    return Cluster(address, folder)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The workers of a Dask scheduler.

    Attributes:
        address: of the scheduler.
        folder: that all workers see under the same path.
        patience: seconds, see PATIENCE.
    """

    address: str
    folder: Path
    patience: float = PATIENCE

    def results(self, run: Callable[[C, T], R], common: C, tasks: Sequence[T]) -> Generator[tuple[int, R], None, None]:
        """Yield the results as they come, see `kg.core.processes.WorkerPool`."""
        with self._client() as client, _shared(self.folder / TASKS, common) as shared:
            self._refuse_unfit(client, shared)
            yield from _Map(self, client, shared, run, tasks).results()

    @contextmanager
    def _client(self) -> Iterator[Client]:
        try:
            client = self._connected()
        except (OSError, ValueError) as error:
            fix = "check the address, and whether 'dask scheduler' runs there; --jobs works without a cluster"
            raise EndpointError(f"no Dask scheduler answers at {self.address}: {_line(error)}", fix) from error
        try:
            yield client
        finally:
            with suppress(OSError):  # it may be gone
                client.close(timeout=2)

    def _connected(self) -> Client:
        """Connect. Dask itself waits for ever for a server that answers in another language.

        Raises:
            OSError, ValueError: nothing answers, or something else than a scheduler.
        """
        outcome: SimpleQueue[Client | BaseException] = SimpleQueue()

        def connect() -> None:
            try:
                outcome.put(Client(self.address, timeout=self.patience, set_as_default=False))
            except BaseException as error:
                outcome.put(error)

        Thread(target=connect, daemon=True).start()
        try:
            connected = outcome.get(timeout=self.patience + 1)
        except Empty:
            raise TimeoutError("what answers does not speak its protocol") from None
        if isinstance(connected, BaseException):
            raise connected
        return connected

    def _refuse_unfit(self, client: Client, shared: SharedFile) -> None:
        """Raise an EndpointError that names each worker that cannot do what we would, and why."""
        try:
            client.wait_for_workers(1, timeout=self.patience)
        except TimeoutError as error:
            raise _no_workers(self.address, self.patience) from error
        replies = client.run(worker_reply, shared, on_error="return")
        known: Any = client.get_versions(packages=[KG])
        faults = {
            worker: _heard(shared, reply, known["workers"].get(worker) or {})
            for worker, reply in sorted(replies.items())
        }
        lines = [f"\n    {worker} {fault}" for worker, fault in faults.items() if fault]
        if lines:
            fix = "install the same versions on all machines, mount the project's folder at the same path, or stop them"
            raise EndpointError(f"workers of {self.address} cannot take part in this build:{''.join(lines)}", fix)


# -------- what they share and reply


@contextmanager
def _shared(folder: Path, common: object) -> Iterator[SharedFile]:
    """Provide the file until the block ends. The folder is this build's, and goes with what workers left in it."""
    data = pickle.dumps((token_hex(), common))
    file = folder / temporary_name()
    try:
        with disk_errors(f"cannot write in {folder}"):
            folder.mkdir(parents=True, exist_ok=True)
            put(file, data)
        yield SharedFile(file, sha256(data).hexdigest(), tuple(versions().items()))
    finally:
        with suppress(OSError):
            remove(folder)


def _heard(shared: SharedFile, reply: tuple[str, str] | Exception, known: Mapping[str, Any]) -> str:
    """Return why a worker cannot take part, "" if it can. *known* is what Dask knows of its software."""
    if isinstance(reply, Exception):
        packages = known.get("packages", {})
        python = ".".join(str(packages.get("python")).split(".")[:2])
        return f"cannot run kg's code, and has Python {python}, {KG} {packages.get(KG) or 'none'}: {_line(reply)}"
    fault, name = reply
    if fault:
        return fault
    written = shared.file.with_name(name)
    if not written.is_file():
        return f"writes to another {shared.file.parent} than this machine's"
    remove(written)
    return ""


# -------- what we do


@dataclass(slots=True)
class _Map(Generic[C, T, R]):
    """One map under way."""

    cluster: Cluster
    client: Client
    shared: SharedFile
    run: Callable[[C, T], R]
    tasks: Sequence[T]
    done: SimpleQueue[Future[list[R]]] = field(default_factory=SimpleQueue)
    suspects: list[int] = field(default_factory=list)
    seen: float = field(default_factory=time.monotonic)

    def results(self) -> Iterator[tuple[int, R]]:
        """Yield all results. Tasks that were on workers which ended again and again run last, one at a time."""
        yield from self._mapped(chunks_of(self.tasks), AHEAD)
        yield from self._mapped([[number] for number in sorted(self.suspects)], 1)

    def _mapped(self, chunks: Iterable[Sequence[int]], ahead: int) -> Iterator[tuple[int, R]]:
        waiting, running = iter(chunks), dict[object, tuple[Future[list[R]], Sequence[int]]]()
        while True:
            while len(running) < ahead and (chunk := next(waiting, None)):
                future = self.client.submit(
                    run_chunk, self.shared, self.run, [self.tasks[k] for k in chunk], pure=False
                )
                running[future.key] = future, chunk
                future.add_done_callback(self.done.put)
            if not running:
                return
            future, chunk = running.pop(self._next_done().key)
            yield from zip(chunk, self._outcome(future, chunk, ahead), strict=False)

    def _next_done(self) -> Future[list[R]]:
        while True:
            try:
                return self.done.get(timeout=_LOOK)
            except Empty:
                self._refuse_lost()

    def _refuse_lost(self) -> None:
        """Raise an EndpointError if the scheduler is gone, or if there has been no worker for long."""
        if self.client.status != "running":
            raise self._gone()
        try:
            if self.client.nthreads(callback_timeout=self.cluster.patience):
                self.seen = time.monotonic()
        except (OSError, TimeoutError) as error:
            raise self._gone() from error
        if time.monotonic() - self.seen > self.cluster.patience:
            raise _no_workers(self.cluster.address, self.cluster.patience)

    def _outcome(self, future: Future[list[R]], chunk: Sequence[int], ahead: int) -> Sequence[R]:
        """Return the results of a chunk, none if it is suspected of having ended its workers.

        Raises:
            EndpointError: it ran alone, and did.
        """
        while True:
            try:
                return future.result(timeout=self.cluster.patience)
            except KilledWorker as error:
                if ahead == 1:
                    raise _deadly(self.tasks[chunk[0]], error.allowed_failures + 1) from error
                self.suspects.extend(chunk)
                return ()
            except CancelledError as error:
                raise self._gone() from error
            except TimeoutError:  # its worker has just ended, so that it runs again
                if future.status == "error":
                    raise
                self._refuse_lost()

    def _gone(self) -> EndpointError:
        fix = "the current generation is unchanged; what was compiled is kept. Run it again"
        return EndpointError(f"the connection to the scheduler at {self.cluster.address} was lost", fix)


def _no_workers(address: str, seconds: float) -> EndpointError:
    fix = f"start some with 'dask worker {address}'; what was compiled is kept"
    return EndpointError(f"the scheduler at {address} has had no worker for {seconds:g} s", fix)


def _deadly(task: object, workers: int) -> EndpointError:
    problem = f"{workers} workers in a row ended while one of them compiled {task}"
    return EndpointError(problem, f"try 'kg check {task}' here; look at their logs and their limit of memory")


def _line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
