"""The fingerprint of everything except its source that a record depends on. Reads our code, ontology and words."""

from __future__ import annotations

from kg.mapping.record import record_key
from kg.ontology.versions import COMPILER, code_digest, ontology_digest
from kg.project.settings import Project
from kg.validation.engines import COMPILED, engine_versions
from kg.words.load import load_languages


def engine_key(project: Project, shacl: str = COMPILED) -> str:
    """Return a key for what records depend on beside their sources: code, ontology, words, engines and base."""
    ontology = ontology_digest(project.ontology)
    words = load_languages(project).digest
    return record_key(
        code_digest(*COMPILER),
        ontology,
        words,
        " ".join(project.currencies),
        project.base,
        shacl,
        *engine_versions(),
    )
