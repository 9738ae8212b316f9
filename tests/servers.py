"""Real triplestores for tests: each started on a free port of this machine, with its data in a temporary folder.

Oxigraph comes with the development requirements. Virtuoso 7 is `virtuoso-t` on the path (Debian: virtuoso-opensource).
Fuseki is the jar that FUSEKI_JAR names (Maven Central: org.apache.jena:jena-fuseki-server) and `java` on the path.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import requests

from kg.project.endpoint import Endpoint, StoreSettings, endpoint
from kg.project.store_kinds import KINDS

PATIENCE = 90  # seconds until a server must answer

BRIEF_JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""For a Java that runs for seconds: it compiles quickly, not well, which takes half the processor time."""

USER, PASSWORD = "dba", "dba"  # of a new Virtuoso


class MissingServerError(Exception):
    """The machine has not what a server needs; the text says what."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Attributes:
        kind: of KINDS.
        url: what a user would write in kg.toml.
        folder: its data.
        pid: of its process.
        environment: what holds the credentials for a store called `store`.
    """

    kind: str
    url: str
    folder: Path
    pid: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def of(self, dataset: str) -> Server:
        """Return the same server with another data set; "" for its own."""
        return replace(self, url=f"{self.url.rpartition('/')[0]}{dataset}") if dataset else self

    @property
    def settings(self) -> StoreSettings:
        return StoreSettings("store", self.url, self.kind)

    @property
    def endpoint(self) -> Endpoint:
        return endpoint(self.settings, KINDS[self.kind])


@contextmanager
def started(kind: str, folder: Path, *options: str) -> Iterator[Server]:
    """Start a server of a kind with more *options*; stop it afterwards.

    Raises:
        MissingServerError: it is not on this machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command, url, environment = _COMMANDS[kind](folder, port, options)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait(url, process, folder)
        yield Server(kind, url, folder, process.pid, environment)
    finally:
        process.kill()
        process.wait()


@contextmanager
def running(kind: str, folder: Path, *options: str) -> Iterator[Server]:
    """As `started`; where the server is missing, the test is skipped with the reason."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(started(kind, folder, *options))
        except MissingServerError as error:
            pytest.skip(str(error))
        yield server


def oxigraph_binary() -> str:
    """Return the program of the PyPI package `oxigraph`."""
    beside = Path(sys.executable).with_name("oxigraph")
    return _program(str(beside) if beside.exists() else "oxigraph", "pip install oxigraph")


def fuseki_jar() -> str:
    """Return Fuseki's jar."""
    jar = os.environ.get("FUSEKI_JAR", "")
    if not Path(jar).is_file():
        raise MissingServerError("FUSEKI_JAR names no jar of org.apache.jena:jena-fuseki-server")
    return jar


def java() -> str:
    """Return the program `java`."""
    return _program("java", "install a Java 17 or newer")


def isql() -> str:
    """Return Virtuoso's command line."""
    return _program("isql-vt", "apt-get install virtuoso-opensource")


def free_port() -> int:
    """Return a port of the loopback address that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str, fix: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingServerError(f"'{Path(name).name}' is not on this machine: {fix}")
    return found


_Command = tuple[Sequence[str], str, Mapping[str, str]]


def _oxigraph(folder: Path, port: int, options: Sequence[str]) -> _Command:
    verb = next((option for option in options if option.startswith("serve")), "serve")
    more = [option for option in options if option != verb]
    command = [oxigraph_binary(), verb, "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}", *more]
    return command, f"http://127.0.0.1:{port}", {}


def _virtuoso(folder: Path, port: int, options: Sequence[str]) -> _Command:
    program = _program("virtuoso-t", "apt-get install virtuoso-opensource")
    files = "".join(
        f"{key}={folder}/{name}\n"
        for key, name in {
            "DatabaseFile": "virtuoso.db",
            "ErrorLogFile": "virtuoso.log",
            "LockFile": "virtuoso.lck",
            "TransactionFile": "virtuoso.trx",
            "xa_persistent_file": "virtuoso.pxa",
        }.items()
    )
    temporary = f"DatabaseFile={folder}/temp.db\nTransactionFile={folder}/temp.trx\n"
    settings = (
        f"[Database]\n{files}FileExtend=200\nMaxCheckpointRemap=2000\n"
        f"[TempDatabase]\n{temporary}MaxCheckpointRemap=2000\n"
        f"[Parameters]\nServerPort=127.0.0.1:{free_port()}\nDisableUnixSocket=1\nMaxClientConnections=10\n"
        f"NumberOfBuffers=20000\nMaxDirtyBuffers=15000\nDirsAllowed={folder}\n"
        + "".join(f"{option}\n" for option in options)
        + f"[HTTPServer]\nServerPort=127.0.0.1:{port}\nServerThreads=10\n"
        "[SPARQL]\nResultSetMaxRows=10000\n"
    )
    (folder / "virtuoso.ini").write_text(settings, encoding="utf-8")
    command = [program, "+foreground", "+configfile", str(folder / "virtuoso.ini")]
    return command, f"http://127.0.0.1:{port}", {"KG_STORE_STORE_USER": USER, "KG_STORE_STORE_PASSWORD": PASSWORD}


_FUSEKI = """
PREFIX fuseki: <http://jena.apache.org/fuseki#>
PREFIX tdb2: <http://jena.apache.org/2016/tdb#>
[] a fuseki:Server ; fuseki:services ( <#plain> <#union> ) .
<#plain> fuseki:name "ds" ; fuseki:dataset [ a tdb2:DatasetTDB2 ; tdb2:location "{folder}/tdb" ] ; {endpoints} .
<#union> fuseki:name "union" ; fuseki:dataset
    [ a tdb2:DatasetTDB2 ; tdb2:location "{folder}/union" ; tdb2:unionDefaultGraph true ] ; {endpoints} .
"""
_READING = {"query": "fuseki:query", "sparql": "fuseki:query", "data": "fuseki:gsp-r"}
_WRITING = {**_READING, "update": "fuseki:update", "data": "fuseki:gsp-rw"}


def _fuseki(folder: Path, port: int, options: Sequence[str]) -> _Command:
    """Serve /ds, and /union, whose default graph is the union of the others."""
    services = _READING if "read-only" in options else _WRITING
    endpoints = ", ".join(f'[ fuseki:operation {what} ; fuseki:name "{name}" ]' for name, what in services.items())
    config = _FUSEKI.format(folder=folder, endpoints=f"fuseki:endpoint {endpoints}")
    (folder / "config.ttl").write_text(config, encoding="utf-8")
    server = [java(), *BRIEF_JAVA, "-Xmx1g", "-jar", fuseki_jar(), f"--conf={folder}/config.ttl", "--localhost"]
    return [*server, f"--port={port}"], f"http://127.0.0.1:{port}/ds", {}


_COMMANDS: Mapping[str, Callable[[Path, int, Sequence[str]], _Command]] = {
    "oxigraph": _oxigraph,
    "virtuoso": _virtuoso,
    "fuseki": _fuseki,
}
KINDS_TESTED = tuple(_COMMANDS)


def _wait(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"no answer from {url}:\n{(folder / 'output').read_text(errors='replace')[-2000:]}")
