"""A triplestore's bulk loader -> the command that loads an exported file. Pure.

The tests run those of Oxigraph, Virtuoso and Jena. The others follow their documentation.
"""

from __future__ import annotations

from pathlib import Path

from kg.project.store_kinds import LOADERS


def load_command(name: str, file: Path) -> tuple[str, str]:
    """Return the command that loads *file* and a note, for the bulk loader with that name in LOADERS.

    >>> load_command("jena", Path("/tmp/graph.nq"))[0]
    'tdb2.tdbloader --loc STORE /tmp/graph.nq'
    """
    loader, path = LOADERS[name], file.resolve()
    places = {"file": str(path), "folder": str(path.parent), "name": path.name}
    return loader.command.format(**places), loader.note.format(**places)
