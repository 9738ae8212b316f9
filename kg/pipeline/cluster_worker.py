"""What a worker of a cluster does: it compares itself with the machine that builds, and runs tasks.

Reads the file with what all tasks share, and writes beside it.
"""

from __future__ import annotations

import pickle
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from kg.core.collecting import rare_collections
from kg.core.errors import EndpointError
from kg.core.installed import installed_version
from kg.ontology.versions import COMPILER, code_digest
from kg.project.intact import open_regular, put, temporary_name

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")

KG = "communique-kg"
"""The name of our distribution."""

_LIBRARIES = (KG, "distributed", "pyoxigraph", "pyshacl", "pyyaml", "rapidfuzz", "rdflib", "shacl")

_one_at_a_time = Lock()
"""Held by the thread that runs tasks: neither the engines nor our settings of rdflib are made for several threads."""


@dataclass(frozen=True, slots=True)
class SharedFile:
    """The file with what all tasks share, and what a worker must have in common with us.

    Attributes:
        file: its path.
        digest: SHA-256 of its content, which no other build has.
        versions: software -> version.
    """

    file: Path
    digest: str
    versions: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """Return what decides on the bytes of a result: software -> version, "" for what is not installed.

    It is read once, when our code has just been loaded: a worker that outlives an update of its files is an old one.
    """
    libraries = {name: installed_version(name) for name in _LIBRARIES}
    return {"Python": ".".join(map(str, sys.version_info[:2])), **libraries, "kg's files": code_digest(*COMPILER)[:12]}


def differences(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Return what a worker has in other versions, in words.

    >>> differences({"Python": "3.12", "pyyaml": ""}, {"Python": "3.11", "pyyaml": "6.0.2"})
    'has Python 3.12 (here 3.11), no pyyaml (here 6.0.2)'
    """
    differing = {name: theirs.get(name, "") for name in ours if theirs.get(name, "") != ours[name]}
    shown = (
        f"{f'{name} {version}' if version else f'no {name}'} (here {ours[name] or 'none'})"
        for name, version in differing.items()
    )
    return f"has {', '.join(shown)}" if differing else ""


def worker_reply(shared: SharedFile) -> tuple[str, str]:
    """Return why this worker cannot take part, or else the name of a file that it has written beside the shared one."""
    fault = differences(versions(), dict(shared.versions)) or _unseen(shared)
    name = temporary_name()
    if not fault:
        try:
            put(shared.file.with_name(name), b"")
        except OSError as error:
            fault = f"cannot write in {shared.file.parent}: {error.strerror or error}"
    return fault, name


def _unseen(shared: SharedFile) -> str:
    """Return why a worker cannot use the shared file, "" if it can."""
    try:
        data = _content(shared.file)
    except FileNotFoundError:
        return f"does not see the files of this machine in {shared.file.parent}"
    except OSError as error:
        return f"cannot read {shared.file.parent}: {error.strerror or error}"
    return "" if sha256(data).hexdigest() == shared.digest else f"sees another {shared.file.parent}"


def _content(file: Path) -> bytes:
    with open_regular(file) as opened:
        return opened.read()


@lru_cache(maxsize=1)
def _common(shared: SharedFile) -> Any:
    """Return what the tasks share, read once by each worker.

    Raises:
        EndpointError: this worker, which came later than those that were asked before, cannot take part.
    """
    fault = differences(versions(), dict(shared.versions)) or _unseen(shared)
    if fault:
        raise EndpointError(f"the worker on {socket.gethostname()} {fault}", "stop it, or make it like the others")
    return pickle.loads(_content(shared.file))[1]


def run_chunk(shared: SharedFile, run: Callable[[C, T], R], tasks: Sequence[T]) -> list[R]:
    """Run tasks one after the other, as long as the build waits for them."""
    results = []
    with _one_at_a_time, rare_collections():
        common = _common(shared)
        for task in tasks:
            if not shared.file.exists():
                raise EndpointError("the build that this task belongs to has ended", "run it again")
            results.append(run(common, task))
    return results
