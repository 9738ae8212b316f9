"""Shapes of an ontology, and what they find -> findings at the line of the offending value. Reads the ontology.

What is validated is one document with the entries it names, never the whole graph: fast, and a finding has a file.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.core.errors import Finding, Place
from kg.core.model import Document, Term
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
from kg.project.kept import kept_text
from kg.project.settings import Project
from kg.validation.compiled import has_library
from kg.validation.data import Statement
from kg.validation.engines import COMPILED, Result, Shapes, ShapesError
from kg.validation.plan import parsed_plan, plan_of, plan_text

NOBODY = ox.NamedNode("urn:x-communique:nobody")
"""A node that no data names."""


@once_per_version
def load_shapes(folders: Sequence[Path], engine: str = COMPILED) -> Shapes:
    """Return the shapes of *folders*, ready to be applied.

    Raises:
        InputError: a file that is not Turtle, or shapes that the engine cannot apply; all are listed.
    """
    vocabulary = load_vocabulary(folders)
    written = ontology_triples(folders)
    triples = completed(written, vocabulary)
    index = Index(triples)
    shapes = shape_nodes(index)
    try:
        _try_out(index, [shape for shape in shapes if index.values(shape, SH + "sparql")], engine)
        return Shapes(triples, background(index, vocabulary), engine)
    except ShapesError:
        refuse(_inapplicable(index, shapes, engine), folders, written)
        raise


def project_shapes(project: Project, engine: str = COMPILED) -> Shapes:
    """Return the shapes of *project*, ready to be applied; what takes long is kept in its build folder.

    Raises:
        InputError: as `load_shapes`.
    """
    return _kept_shapes(project.ontology, project.build, engine)


@once_per_version
def _kept_shapes(folders: Sequence[Path], build: Path, engine: str) -> Shapes:
    if engine != COMPILED:
        return load_shapes(folders, engine)
    library = has_library()
    key = made_key(folders, "shapes", str(library), by=("core", "words", "ontology", "questions", "pipeline"))
    kept = json.loads(kept_text(build, key, lambda: _shapes_text(folders, library)))
    known = {term: tuple(map(_statement, said)) for term, said in kept["background"].items()}
    return Shapes(parsed_plan(kept["plan"]), known)


@once_per_version  # a process may have many build folders: `kg diff` has one for each revision
def _shapes_text(folders: Sequence[Path], library: bool) -> str:
    """Return the plan of the shapes, and what is known beside the data, after the shapes have been tried out."""
    load_shapes(folders)
    vocabulary = load_vocabulary(folders)
    triples = completed(ontology_triples(folders), vocabulary)
    known = background(Index(triples), vocabulary)
    return json.dumps({"plan": plan_text(plan_of(triples, library=library)), "background": known}, ensure_ascii=False)


def _statement(terms: Sequence[Term]) -> Statement:
    subject, predicate, value = terms
    return subject, predicate, value


def _try_out(index: Index, shapes: Sequence[Resource], engine: str) -> None:
    """Apply *shapes* to a node of which nothing is known: an engine refuses some queries only when it runs them.

    Raises:
        ShapesError: the engine cannot apply them.
    """
    needed = (triple for node in reachable(index, shapes) for triple in index.triples(node))
    aims = (ox.Triple(shape, ox.NamedNode(SH + "targetNode"), NOBODY) for shape in shapes)
    Shapes([*needed, *aims], engine=engine).results([])


def _inapplicable(index: Index, shapes: Iterable[Resource], engine: str) -> Iterator[Problem]:
    for shape in shapes:
        try:
            _try_out(index, [shape], engine)
        except ShapesError as error:
            yield Problem(shape, f"it cannot be applied: {error.message}")


def findings(document: Document, results: Iterable[Result], vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return the results that concern *document* as findings, each at the line to mend.

    A result on what already has a finding of its own is left out: it would say the same in other words. So is one on a
    value that another fact has from the same place: braces take over what stands around them.
    """
    codes = frozenset(name for codes in vocabulary.codes.values() for name in codes)
    written = _PlaceIndex(document)
    found = (
        _finding(written, result, rule, codes)
        for result in results
        for rule in [vocabulary.rules.get(result.shape)]
        if result.focus in document.source.nodes and not _known(written, result, rule)
    )
    return _once(found, document)


def _once(found: Iterable[Finding], document: Document) -> tuple[Finding, ...]:
    """Return each finding once, with the focus that begins first: what stands around braces, not what is in them."""
    kept: dict[tuple[Place, str, str], Finding] = {}
    for each in found:
        other = kept.setdefault((each.place, each.code, each.message), each)
        if document.source.nodes[f"<{each.focus}>"] < document.source.nodes[f"<{other.focus}>"]:
            kept[each.place, each.code, each.message] = each
    return tuple(kept.values())


class _PlaceIndex:
    """A document with what is looked up for each result, made once: it may have thousands."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places: dict[tuple[Term, Term], Place] = {}  # node and property -> its first value
        self._neighbours: dict[Term, set[Term]] = defaultdict(set)
        for (subject, path, value), place in document.source.values.items():
            self.places[subject, path] = min(self.places.get((subject, path), place), place)
            one, other = _fact(document, subject), _fact(document, value)
            self._neighbours[one].add(other)
            self._neighbours[other].add(one)

    def near(self, fact: Term, focus: Term) -> bool:
        """Return whether *fact* is the article or the fact of *focus*, or names one of these, or is named by one."""
        own = (_fact(self.document, focus), self.document.graph)
        return any(fact == each or fact in self._neighbours[each] for each in own)


def _known(written: _PlaceIndex, result: Result, rule: Rule | None) -> bool:
    """Return whether *result* may follow from what already has a finding, there or where its rule looks."""
    document, damaged = written.document, written.document.source.damaged
    if (result.focus, EVERYTHING) in damaged or (result.focus, result.property) in damaged:
        return True
    if result.property or not damaged:
        return False
    read = {EVERYTHING, *(cq(name) for name in rule.reads)} if rule else {predicate for _, predicate in damaged}
    return any(
        predicate in read and written.near(_fact(document, subject), result.focus) for subject, predicate in damaged
    )


def _fact(document: Document, term: Term) -> Term:
    """Return the fact that the node *term* is nested in; any other term as it is."""
    inside = document.graph[:-1] + "/"
    return inside + term.removeprefix(inside).split("/")[0].rstrip(">") if term.startswith(inside) else term


def _finding(written: _PlaceIndex, result: Result, rule: Rule | None, codes: frozenset[str]) -> Finding:
    code = rule.id if rule else "KG-S0000"
    message, fix = (rule.message, rule.remedy) if rule else (result.message, "")
    message, fix = message.rstrip("."), fix.rstrip(".")
    start = message[0] if message.split(" ")[0] in codes else message[0].lower()
    place = _place(written, result, rule)
    return Finding(place, SEVERITIES[SH + result.severity], code, start + message[1:], fix, lexical(result.focus))


def _place(written: _PlaceIndex, result: Result, rule: Rule | None) -> Place:
    """Return where the value stands, or the key that the rule points at, or the node."""
    source = written.document.source
    exact = source.values.get((result.focus, result.property, result.value))
    if exact:
        return exact
    wanted = result.property or (cq(rule.points_at) if rule and rule.points_at else "")
    return written.places.get((result.focus, wanted)) or source.nodes[result.focus]


# -------- what is known of classes and codes


def background(index: Index, vocabulary: Vocabulary) -> dict[Term, tuple[Statement, ...]]:
    """Return what SHACL must know of a class or code that a document names: what is above it, which list it is in."""
    above = {cq(name): tuple(_above(index, ox.NamedNode(CQ + name))) for name in vocabulary.classes}
    lists = {
        f"<{code.iri}>": ((f"<{code.iri}>", TYPE, cq(name)), *above[cq(name)])
        for name, codes in vocabulary.codes.items()
        for code in codes.values()
    }
    return above | lists


def _above(index: Index, node: Resource) -> Iterator[Statement]:
    """Yield the subclass axioms between named classes from *node* upwards, those of other vocabularies included."""
    queue = [node]
    for lower in queue:
        for upper in index.resources(lower, RDFS + "subClassOf"):
            if isinstance(upper, ox.NamedNode):
                yield (str(lower), SUBCLASS_OF, str(upper))
                if upper not in queue:
                    queue.append(upper)
