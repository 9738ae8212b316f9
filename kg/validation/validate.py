"""The shapes of an ontology + validation results -> findings at the line of the offending value. Reads the ontology.

Each document is validated alone, with the registry entries that it names, never the whole graph. That is fast, and each
finding belongs to a file.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.core.errors import Finding, Place
from kg.core.model import Document, Term
from kg.core.relations import closure
from kg.core.terms import CQ, RDFS, SH, SUBCLASS_OF, TYPE, cq
from kg.core.values import lexical
from kg.mapping.notes import EVERYTHING
from kg.ontology.load import load_vocabulary
from kg.ontology.parameters import Problem
from kg.ontology.shapes import completed, reachable, shape_nodes
from kg.ontology.soundness import SEVERITIES, refuse
from kg.ontology.triples import Index, Resource, ontology_triples
from kg.ontology.versions import made_key, once_per_version
from kg.ontology.vocabulary import Rule, Vocabulary
from kg.project.kept_texts import kept_text
from kg.project.settings import Project
from kg.validation.compiled import has_library
from kg.validation.data import Statement
from kg.validation.engines import COMPILED, Result, Shapes, ShapesError
from kg.validation.plan import parsed_plan, plan_of, plan_text

ABSENT_NODE = ox.NamedNode("urn:x-communique:absent")
"""A node that occurs in no data."""


@once_per_version
def load_shapes(folders: Sequence[Path], engine: str = COMPILED) -> Shapes:
    """Compile the shapes of *folders*.

    Raises:
        InputError: a file is not Turtle, or the engine cannot apply some shapes. All of these are listed.
    """
    vocabulary = load_vocabulary(folders)
    written = ontology_triples(folders)
    triples = completed(written, vocabulary)
    index = Index(triples)
    shapes = shape_nodes(index)
    try:
        _test(index, [shape for shape in shapes if index.values(shape, SH + "sparql")], engine)
        return Shapes(triples, background(index, vocabulary), engine)
    except ShapesError:
        refuse(_inapplicable(index, shapes, engine), folders, written)
        raise


def project_shapes(project: Project, engine: str = COMPILED) -> Shapes:
    """Return the compiled shapes of *project*. Slow steps are cached in its build folder.

    Raises:
        InputError: see `load_shapes`.
    """
    return _cached_shapes(project.ontology, project.build, engine)


@once_per_version
def _cached_shapes(folders: Sequence[Path], build: Path, engine: str) -> Shapes:
    if engine != COMPILED:
        return load_shapes(folders, engine)
    library = has_library()
    key = made_key(
        folders,
        "shapes",
        str(library),
        by=("core", "words", "ontology", "planning", "questions", "store", "validation"),
    )
    cached = json.loads(kept_text(build, key, lambda: _shapes_text(folders, library)))
    known = {term: tuple(map(_statement, statements)) for term, statements in cached["background"].items()}
    return Shapes(parsed_plan(cached["plan"]), known)


@once_per_version  # a process may have many build folders: `kg diff` has one for each revision
def _shapes_text(folders: Sequence[Path], library: bool) -> str:
    """Return the plan of the shapes and the background statements as JSON, after testing the shapes."""
    load_shapes(folders)
    vocabulary = load_vocabulary(folders)
    triples = completed(ontology_triples(folders), vocabulary)
    known = background(Index(triples), vocabulary)
    return json.dumps({"plan": plan_text(plan_of(triples, library=library)), "background": known}, ensure_ascii=False)


def _statement(terms: Sequence[Term]) -> Statement:
    subject, predicate, value = terms
    return subject, predicate, value


def _test(index: Index, shapes: Sequence[Resource], engine: str) -> None:
    """Apply *shapes* to a node without statements, because an engine refuses some queries only when it runs them.

    Raises:
        ShapesError: the engine cannot apply them.
    """
    needed = (triple for node in reachable(index, shapes) for triple in index.triples(node))
    targets = (ox.Triple(shape, ox.NamedNode(SH + "targetNode"), ABSENT_NODE) for shape in shapes)
    Shapes([*needed, *targets], engine=engine).results([])


def _inapplicable(index: Index, shapes: Iterable[Resource], engine: str) -> Iterator[Problem]:
    for shape in shapes:
        try:
            _test(index, [shape], engine)
        except ShapesError as error:
            yield Problem(shape, f"it cannot be applied: {error.message}")


def findings(document: Document, results: Iterable[Result], vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return *results* about nodes of *document* as findings, each at the line to correct.

    A result about something that already has a finding is left out, because it would repeat it in other words. So is a
    second result on a value that two facts take from the same place, as facts in braces inherit from the enclosing one.
    """
    index = _PlaceIndex(document)
    candidates = (
        _finding(index, result, rule, vocabulary.names_of_codes)
        for result in results
        for rule in [vocabulary.rules.get(result.shape)]
        if not _is_covered(index, result, rule)
    )
    return _deduplicated(candidates, document)


def _deduplicated(candidates: Iterable[Finding], document: Document) -> tuple[Finding, ...]:
    """Return each finding once, with the focus that begins first: the enclosing fact, not the one in braces."""
    kept: dict[tuple[Place, str, str], Finding] = {}
    for each in candidates:
        other = kept.setdefault((each.place, each.code, each.message), each)
        if document.source.nodes[f"<{each.focus}>"] < document.source.nodes[f"<{other.focus}>"]:
            kept[each.place, each.code, each.message] = each
    return tuple(kept.values())


class _PlaceIndex:
    """A document with indexes for the lookups that each of possibly thousands of results needs."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def places(self) -> Mapping[tuple[Term, Term], Place]:
        """Node and property -> the place of its first value."""
        places: dict[tuple[Term, Term], Place] = {}
        for (subject, path, _), place in self.document.source.values.items():
            places[subject, path] = min(places.get((subject, path), place), place)
        return places

    @cached_property
    def _neighbours(self) -> Mapping[Term, set[Term]]:
        neighbours: dict[Term, set[Term]] = defaultdict(set)
        for subject, _, value in self.document.source.values:
            one, other = _fact(self.document, subject), _fact(self.document, value)
            neighbours[one].add(other)
            neighbours[other].add(one)
        return neighbours

    def near(self, fact: Term, focus: Term) -> bool:
        """Return whether *fact* is the article or the fact of *focus*, or one of these refers to the other."""
        own = (_fact(self.document, focus), self.document.graph)
        return any(fact == each or fact in self._neighbours[each] for each in own)


def _is_covered(index: _PlaceIndex, result: Result, rule: Rule | None) -> bool:
    """Return whether *result* may follow from a value that already has a finding, there or where its rule looks."""
    document, damaged = index.document, index.document.source.damaged
    if (result.focus, EVERYTHING) in damaged or (result.focus, result.property) in damaged:
        return True
    if result.property or not damaged:
        return False
    read = {EVERYTHING, *(cq(name) for name in rule.reads)} if rule else {predicate for _, predicate in damaged}
    return any(
        predicate in read and index.near(_fact(document, subject), result.focus) for subject, predicate in damaged
    )


def _fact(document: Document, term: Term) -> Term:
    """Return the fact that contains the node *term*. Any other term is returned unchanged."""
    inside = document.graph[:-1] + "/"
    return inside + term.removeprefix(inside).split("/")[0].rstrip(">") if term.startswith(inside) else term


def _finding(index: _PlaceIndex, result: Result, rule: Rule | None, codes: frozenset[str]) -> Finding:
    code = rule.id if rule else "KG-S0000"
    message, fix = (rule.message, rule.remedy) if rule else (result.message, "")
    message, fix = message.rstrip("."), fix.rstrip(".")
    start = message[0] if message.split(" ")[0] in codes else message[0].lower()
    place = _place(index, result, rule)
    return Finding(place, SEVERITIES[SH + result.severity], code, start + message[1:], fix, lexical(result.focus))


def _place(index: _PlaceIndex, result: Result, rule: Rule | None) -> Place:
    """Return the place of the value, else of the key that the rule points at, else of the node."""
    source = index.document.source
    exact = source.values.get((result.focus, result.property, result.value))
    if exact:
        return exact
    path = result.property or (cq(rule.points_at) if rule and rule.points_at else "")
    return index.places.get((result.focus, path)) or source.nodes[result.focus]


# -------- background statements about classes and codes


def background(index: Index, vocabulary: Vocabulary) -> dict[Term, tuple[Statement, ...]]:
    """Return class or code -> the statements that SHACL needs if a document names it: its superclasses and its type."""
    above = {cq(name): tuple(_above(index, ox.NamedNode(CQ + name))) for name in vocabulary.classes}
    lists = {
        f"<{code.iri}>": ((f"<{code.iri}>", TYPE, cq(name)), *above[cq(name)])
        for name, codes in vocabulary.codes.items()
        for code in codes.values()
    }
    return above | lists


def _above(index: Index, node: Resource) -> Iterator[Statement]:
    """Yield the subclass axioms between named classes from *node* upwards, including those of other vocabularies."""

    def uppers(lower: Resource) -> list[Resource]:
        return [each for each in index.resources(lower, RDFS + "subClassOf") if isinstance(each, ox.NamedNode)]

    for lower in closure([node], uppers):
        yield from ((str(lower), SUBCLASS_OF, str(upper)) for upper in uppers(lower))
