"""What every record rests on beside its file: our code, ontology, words and SHACL engine. Reads their files."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from kg.ontology.triples import ontology_digest
from kg.project import Project
from kg.record import record_key
from kg.shacl import COMPILED
from kg.words.load import load_languages


def engine_key(project: Project, shacl: str = COMPILED) -> str:
    """Return what every record depends on beside its file: versions of our code, ontology and engine, and the base."""
    ontology = ontology_digest(project.ontology)
    words = load_languages(project).digest
    return record_key(version("communique-kg"), _code_digest(), ontology, words, project.base, shacl, version(shacl))


def _code_digest() -> str:
    """Return a digest of the compiler's own source, so that a change of it during development counts."""
    here = Path(__file__).parent
    files = (
        file
        for folder in (here, here / "ontology", here / "mapping", here / "words")
        for file in sorted(folder.glob("*.py"))
    )
    return record_key(*(file.read_bytes() for file in files))
