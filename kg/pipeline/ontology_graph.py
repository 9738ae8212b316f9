"""The ontology of a project -> the lines of its graph. Reads the ontology and the texts kept in the build folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.core import iri
from kg.core.model import Term
from kg.ontology.load import ontology_triples
from kg.ontology.versions import made_key, once_per_version
from kg.pipeline.dataset import ontology_quads
from kg.project.kept_texts import kept_text
from kg.project.settings import Project


def ontology_graph(project: Project) -> tuple[Term, Sequence[str]]:
    """Return the name of the ontology's graph and its lines, sorted and without duplicates.

    They are kept in the build folder, as they change only with the ontology.

    Raises:
        InputError: a file of the ontology cannot be read.
    """
    name = f"<{iri.graph_iri(project.base, 'ontology')}>"
    return name, _lines(project.ontology, project.build, project.base)


@once_per_version
def _lines(folders: Sequence[Path], build: Path, base: str) -> tuple[str, ...]:
    key = made_key(folders, "lines", base, by=("core", "ontology", "pipeline"))
    return tuple(kept_text(build, key, lambda: _text(folders, base)).split("\n"))


@once_per_version  # a process may have many build folders: `kg diff` has one for each revision
def _text(folders: Sequence[Path], base: str) -> str:
    return "\n".join(sorted(set(map(str, ontology_quads(ontology_triples(folders), base)))))
