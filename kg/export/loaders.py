"""A triplestore's own bulk loader -> the command that reads an exported file. Pure.

Oxigraph's, Virtuoso's and Jena's are run by the tests; the others follow their makers' documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Loader:
    """How one store is filled from a file of N-Quads.

    Attributes:
        title: of the store.
        command: lines for a shell; {file} and {folder} stand for where the file is, words in capitals for what only
            its user knows.
        note: what else to know, or "".
    """

    title: str
    command: str
    note: str = ""


LOADERS: Mapping[str, Loader] = MappingProxyType(
    {
        "oxigraph": Loader(
            "Oxigraph", "oxigraph load --location STORE --file {file}", "the server must not run meanwhile"
        ),
        "virtuoso": Loader(
            "Virtuoso",
            "isql 1111 dba PASSWORD exec=\"ld_dir('{folder}', '{name}', ''); rdf_loader_run(); checkpoint;\"",
            "DirsAllowed in virtuoso.ini must name {folder}; 'select * from DB.DBA.load_list' shows errors",
        ),
        "jena": Loader(
            "Apache Jena TDB2", "tdb2.tdbloader --loc STORE {file}", "Fuseki must not run on STORE meanwhile"
        ),
        "qlever": Loader(
            "QLever",
            "cd {folder} && qlever-index -i kg -F nq -f <(zcat -f {name})",
            "then 'qlever-server -i kg -p 7001', or set INPUT_FILES = {name} in a Qleverfile and run 'qlever index'",
        ),
        "graphdb": Loader(
            "GraphDB", "importrdf load -f -i REPOSITORY -m parallel {file}", "GraphDB must not run meanwhile"
        ),
    }
)
"""What `kg export --for` knows."""


def load_command(kind: str, file: Path) -> tuple[str, str]:
    """Return the command that loads *file*, and what else to know, for a store of LOADERS.

    >>> load_command("jena", Path("/tmp/graph.nq"))[0]
    'tdb2.tdbloader --loc STORE /tmp/graph.nq'
    """
    loader, path = LOADERS[kind], file.resolve()
    places = {"file": str(path), "folder": str(path.parent), "name": path.name}
    return loader.command.format(**places), loader.note.format(**places)
