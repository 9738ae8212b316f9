"""How long computing and comparing the words of dates and figures takes, inside one process."""

from __future__ import annotations

import resource
import time
from itertools import cycle, islice
from pathlib import Path

from benchmarks.timing import Times
from kg.mapping import documents
from kg.mapping.read import read_yaml
from kg.mapping.scope import Scope
from kg.ontology.load import load_vocabulary
from kg.pipeline.compile import registry_names
from kg.project.settings import load_project
from kg.project.sources import read_sources
from kg.words.load import load_languages


def words_of(folder: Path, articles: int) -> Times:
    """Return the time that the words of so many articles of a project take, without the rest of compiling them."""
    project = load_project(folder)
    vocabulary, sources = load_vocabulary(project.ontology), read_sources(project)
    registry = registry_names(project, vocabulary, sources.registry)
    scope = Scope(project.base, vocabulary, registry, {}, {}, load_languages(project))
    cpu = wall = 0.0
    checked = documents.with_words

    def timed(*given: object) -> object:
        nonlocal cpu, wall
        begun, began = time.process_time(), time.perf_counter()
        nodes = checked(*given)  # type: ignore[arg-type]
        cpu, wall = cpu + time.process_time() - begun, wall + time.perf_counter() - began
        return nodes

    documents.with_words = timed  # type: ignore[assignment]
    try:
        for source in islice(cycle(sources.articles), articles):
            tree, found = read_yaml(source.text, source.path)
            documents.compile_article(tree, source.stem, source.path, found, scope)
    finally:
        documents.with_words = checked
    return Times(cpu, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
