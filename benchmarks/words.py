"""How long the checks of words take for an article that is new to a process, one by one and together.

The articles are all of this project's and the fictional one's. What is kept from one article to the next is forgotten
before each, and then filled by all others.
"""

from __future__ import annotations

import gc
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import _lru_cache_wrapper
from pathlib import Path
from sys import modules

import pyoxigraph as ox

from benchmarks.corpus import FICTION, ROOT
from benchmarks.timing import Times
from kg.core.model import Document
from kg.mapping import documents
from kg.mapping.read import read_yaml
from kg.mapping.scope import Scope
from kg.ontology.load import load_vocabulary
from kg.ontology.shapes import TARGETS, completed, reachable, shape_nodes
from kg.ontology.triples import Index, ontology_triples
from kg.pipeline.compile import compile_project
from kg.project.settings import load_project
from kg.project.sources import Source, read_sources
from kg.validation.engines import Shapes

CHECKS = {"dates and figures": "with_words", "hedges": "refuse_hedged", "names": "check_mentions"}
"""Check -> the function of the compiler that makes it."""
CHRONOLOGY = "/KG-S14"
"""In the IRIs of the rules about the order of times."""

ROUNDS = 5
"""Times that rules are applied, for a few milliseconds drown in the noise of a busy machine."""

Clock = dict[str, float]
"""What is measured -> seconds of CPU."""


def word_checks(runs: int) -> Iterator[tuple[str, Times]]:
    """Yield each check, and all together, with the times for 100 articles: the median of *runs*."""
    articles = [article for folder in (ROOT, FICTION) for article in _articles(folder)]
    found = [_run(articles) for _ in range(runs)]
    for name in (*CHECKS, "chronology"):
        yield f"the words of 100 articles: {name}", _times([each[name] for each in found], len(articles))
    yield "the words of 100 articles, all checks", _times([sum(each.values()) for each in found], len(articles))


def _times(seconds: Sequence[float], articles: int) -> Times:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    hundred = statistics.median(seconds) * 100 / articles
    return Times(hundred, hundred, peak)


def _articles(folder: Path) -> list[tuple[Source, Scope]]:
    """Return the articles of a project, each with what its names stand for."""
    project = load_project(folder)
    sources = read_sources(project)
    with tempfile.TemporaryDirectory() as build:
        compiled = compile_project(replace(project, build=Path(build)), sources, only=frozenset())
    return [(source, compiled.scope) for source in sources.articles]


def _run(articles: Sequence[tuple[Source, Scope]]) -> Clock:
    """Return how long each check takes for all *articles* together."""
    clock: Clock = dict.fromkeys(CHECKS, 0.0)
    made = []
    for number, (source, scope) in enumerate(articles):
        _forget()
        for other in (*articles[:number], *articles[number + 1 :]):
            _compiled(*other)
        with _measured(clock):
            made.append(_compiled(source, scope))
    return clock | {"chronology": _chronology(made)}


def _compiled(source: Source, scope: Scope) -> Document:
    tree, found = read_yaml(source.text, source.path)
    return documents.compile_article(tree, source.stem, source.path, found, scope)


def _forget() -> None:
    """Forget what the modules about words keep, their tables included."""
    for name, module in list(modules.items()):
        if name.startswith("kg.words."):
            for kept in vars(module).values():
                if isinstance(kept, _lru_cache_wrapper):
                    kept.cache_clear()


@contextmanager
def _measured(clock: Clock) -> Iterator[None]:
    """Add to *clock* the time that each check takes meanwhile, without that of collecting the garbage of others."""
    gc.collect()
    gc.disable()
    before = {name: getattr(documents, function) for name, function in CHECKS.items()}
    for name, function in CHECKS.items():
        setattr(documents, function, _timed(name, before[name], clock))
    try:
        yield
    finally:
        gc.enable()
        for name, function in CHECKS.items():
            setattr(documents, function, before[name])


def _timed(name: str, check: Callable[..., object], clock: Clock) -> Callable[..., object]:
    def timed(*given: object) -> object:
        began = time.process_time()
        made = check(*given)
        clock[name] += time.process_time() - began
        return made

    return timed


def _chronology(made: Sequence[Document]) -> float:
    """Return how long the engine applies the rules about the order of times, less what it takes for any graph."""
    vocabulary = load_vocabulary([ROOT / "ontology"])
    index = Index(completed(ontology_triples([ROOT / "ontology"]), vocabulary))
    rules = [node for node in shape_nodes(index) if isinstance(node, ox.NamedNode) and CHRONOLOGY in node.value]
    triples = [triple for node in reachable(index, rules) for triple in index.triples(node)]
    idle = [triple for triple in triples if triple.predicate.value not in TARGETS]
    return max(_applied(triples, made) - _applied(idle, made), 0.0)


def _applied(rules: Sequence[ox.Triple], made: Sequence[Document]) -> float:
    """Return how long the engine takes for all documents, without making its graphs; the best of a few times."""
    shapes = Shapes(rules)
    clocks: list[Clock] = []
    shapes._validate = _timed("engine", shapes._validate, clock := {"engine": 0.0})  # type: ignore[assignment]
    for _ in range(ROUNDS):
        clock["engine"] = 0.0
        for document in made:
            shapes.results(document.triples)
        clocks.append(dict(clock))
    return min(each["engine"] for each in clocks)
