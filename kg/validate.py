"""Quads + shapes -> SHACL results -> findings at the line of the offending value. The only importer of pyshacl.

What is validated is one document with the entries it names, never the whole graph: fast, and a finding has a file.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import Finding, Place, Severity
from kg.mapping.notes import EVERYTHING
from kg.model import Document, Quad, Term
from kg.ontology.load import SEVERITIES
from kg.ontology.shapes import separated, shape_triples, target_classes, with_fewer_prefixes
from kg.ontology.vocabulary import Rule, Vocabulary
from kg.terms import SH, SUBCLASS_OF, TYPE, cq
from kg.values import datatype, escape, language, lexical

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib
    from rdflib.term import Node as RdfNode


@dataclass(frozen=True, slots=True)
class Result:
    """One SHACL validation result in our terms; `path` and `value` are "" where there is none."""

    focus: Term
    path: Term
    value: Term
    shape: str
    severity: Severity
    message: str


class Shapes:
    """The shapes of a vocabulary, ready to be applied to many documents."""

    def __init__(self, folders: Sequence[Path], vocabulary: Vocabulary) -> None:
        """Load the shapes in *folders*.

        Raises:
            InputError: a file that is not Turtle.
        """
        triples = with_fewer_prefixes(separated(shape_triples(folders, vocabulary)))
        self._graph = _shapes_graph(triples)
        self._needs = target_classes(triples)
        self._background = _background(vocabulary)
        self._queries: dict[str, object] = {}

    def without(self, *rules: str) -> Shapes:
        """Return the shapes but for those with these IRIs, for mutation tests."""
        others = copy(self)
        others._needs = {shape: needs for shape, needs in self._needs.items() if shape not in rules}
        return others

    def aimed_at(self, quads: Iterable[Quad]) -> tuple[str, ...]:
        """Return the IRIs of the shapes that have something to look at in *quads*."""
        return self._aimed_at(self._with_background(quads))

    def results(self, quads: Iterable[Quad]) -> tuple[Result, ...]:
        """Validate *quads* as one graph and return what does not conform, sorted.

        Raises:
            RuntimeError: the engine could not apply a shape; a fault of the ontology, never of the data.
        """
        import pyshacl
        import rdflib

        everything = self._with_background(quads)
        shapes = self._aimed_at(everything)
        if not shapes:
            return ()  # pyshacl would read an empty list as all shapes
        with _literals_as_written(rdflib):
            data = _data_graph(everything, self._queries)
            _, report, text = pyshacl.validate(
                data, shacl_graph=self._graph, use_shapes=list(shapes), inplace=True, inference="none"
            )
            if not isinstance(report, rdflib.Graph):
                raise RuntimeError(f"SHACL validation failed: {report} {text}")
            return tuple(sorted(_results(report), key=lambda r: (r.focus, r.shape, r.path, r.value)))

    def _with_background(self, quads: Iterable[Quad]) -> tuple[Quad, ...]:
        said = tuple(quads)
        named = sorted({quad.object for quad in said} & self._background.keys())
        return (*said, *(quad for term in named for quad in self._background[term]))

    def _aimed_at(self, everything: Iterable[Quad]) -> tuple[str, ...]:
        classes = {quad.object[1:-1] for quad in everything if quad.predicate in (TYPE, SUBCLASS_OF)}
        return tuple(shape for shape, needs in self._needs.items() if not needs or not needs.isdisjoint(classes))


def findings(document: Document, results: Iterable[Result], vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return the results that concern *document* as findings, each at the line to mend.

    A result on what already has a finding of its own is left out: it would say the same in other words.
    """
    codes = frozenset(name for codes in vocabulary.codes.values() for name in codes)
    written = _Written(document)
    return tuple(
        _finding(written, result, rule, codes)
        for result in results
        for rule in [vocabulary.rules.get(result.shape)]
        if result.focus in document.source.nodes and not _known(written, result, rule)
    )


class _Written:
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
        """Tell whether *fact* is the article or the fact of *focus*, or names one of these, or is named by one."""
        own = (_fact(self.document, focus), self.document.graph)
        return any(fact == each or fact in self._neighbours[each] for each in own)


def _known(written: _Written, result: Result, rule: Rule | None) -> bool:
    """Tell whether *result* may follow from what already has a finding, there or where its rule looks."""
    document, damaged = written.document, written.document.source.damaged
    if (result.focus, EVERYTHING) in damaged or (result.focus, result.path) in damaged:
        return True
    if result.path or not damaged:
        return False
    read = {EVERYTHING, *(cq(name) for name in rule.reads)} if rule else {predicate for _, predicate in damaged}
    return any(
        predicate in read and written.near(_fact(document, subject), result.focus) for subject, predicate in damaged
    )


def _fact(document: Document, term: Term) -> Term:
    """Return the fact that the node *term* is nested in; any other term as it is."""
    inside = document.graph[:-1] + "/"
    return inside + term.removeprefix(inside).split("/")[0].rstrip(">") if term.startswith(inside) else term


def _finding(written: _Written, result: Result, rule: Rule | None, codes: frozenset[str]) -> Finding:
    code = rule.id if rule else "KG-S0000"
    message = (rule.message if rule else result.message).rstrip(".")
    main, _, fix = message.partition("; ")
    start = main[0] if main.split(" ")[0] in codes else main[0].lower()
    place = _place(written, result, rule)
    return Finding(place, result.severity, code, start + main[1:], fix, lexical(result.focus))


def _place(written: _Written, result: Result, rule: Rule | None) -> Place:
    """Return where the value stands, or the key that the rule points at, or the node."""
    source = written.document.source
    exact = source.values.get((result.focus, result.path, result.value))
    if exact:
        return exact
    wanted = result.path or (cq(rule.points_at) if rule and rule.points_at else "")
    return written.places.get((result.focus, wanted)) or source.nodes[result.focus]


# -------- our terms <-> rdflib


@contextmanager
def _literals_as_written(rdflib: object) -> Iterator[None]:
    """Keep rdflib from repairing literals, and put its setting back whatever happens (pyshacl may change it too)."""
    before = rdflib.NORMALIZE_LITERALS  # type: ignore[attr-defined]
    rdflib.NORMALIZE_LITERALS = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before  # type: ignore[attr-defined]


def _data_graph(quads: Iterable[Quad], queries: dict[str, object]) -> rdflib.Graph:
    """Return *quads* as a graph that parses the query of a SPARQL-based constraint once, not for every node."""
    import rdflib
    from rdflib.plugins.sparql import prepareQuery

    class Data(rdflib.Graph):
        def query(self, query_object: object, *args: object, **options: object) -> rdflib.query.Result:
            if isinstance(query_object, str):
                if query_object not in queries:
                    queries[query_object] = prepareQuery(query_object)
                query_object = queries[query_object]
            return super().query(query_object, *args, **options)  # type: ignore[arg-type]

    graph = Data(bind_namespaces="none")
    known: dict[Term, RdfNode] = {}
    for quad in quads:
        for term in quad[:3]:
            if term not in known:
                known[term] = _rdflib_term(term)
        graph.add((known[quad.subject], known[quad.predicate], known[quad.object]))
    return graph


def _rdflib_term(term: Term) -> RdfNode:
    from rdflib import Literal, URIRef

    if term.startswith("<"):
        return URIRef(term[1:-1])
    tag = language(term)
    return Literal(lexical(term), lang=tag) if tag else Literal(lexical(term), datatype=URIRef(datatype(term) or ""))


def _term(node: RdfNode | None) -> Term:
    from rdflib import BNode, Literal

    if node is None or isinstance(node, BNode):
        return ""
    if not isinstance(node, Literal):
        return f"<{node}>"
    if node.language:
        return f'"{escape(str(node))}"@{node.language}'
    plain = node.datatype is None or str(node.datatype).endswith("#string")
    return f'"{escape(str(node))}"' + ("" if plain else f"^^<{node.datatype}>")


def _results(report: rdflib.Graph) -> Iterator[Result]:
    from rdflib import BNode, URIRef

    for result in report.objects(None, URIRef(SH + "result")):  # not what is nested in one as its sh:detail
        found = {name: report.value(result, URIRef(SH + name)) for name in RESULT_TERMS}
        path = found["resultPath"]
        yield Result(
            focus=_term(found["focusNode"]),
            path="" if path is None or isinstance(path, BNode) else f"<{path}>",
            value=_term(found["value"]),
            shape=str(found["sourceShape"]),
            severity=SEVERITIES[str(found["resultSeverity"])],
            message=str(found["resultMessage"] or ""),
        )


RESULT_TERMS = ("focusNode", "resultPath", "value", "sourceShape", "resultSeverity", "resultMessage")


# -------- shapes


def _background(vocabulary: Vocabulary) -> dict[Term, tuple[Quad, ...]]:
    """Return what SHACL must know of a class or code that a document names: what is above it, which list it is in."""
    above = {
        cq(term.name): tuple(Quad(cq(term.name), SUBCLASS_OF, cq(ancestor), "") for ancestor in term.ancestors[1:])
        for term in vocabulary.classes.values()
    }
    lists = {
        f"<{code.iri}>": (Quad(f"<{code.iri}>", TYPE, cq(name), ""), *above[cq(name)])
        for name, codes in vocabulary.codes.items()
        for code in codes.values()
    }
    return above | lists


def _shapes_graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    import rdflib

    graph = rdflib.Graph(store="SimpleMemory", bind_namespaces="none")
    for triple in triples:
        graph.add((_from_oxigraph(triple.subject), _from_oxigraph(triple.predicate), _from_oxigraph(triple.object)))
    return graph


def _from_oxigraph(term: object) -> RdfNode:
    import pyoxigraph as ox
    from rdflib import BNode, Literal, URIRef

    match term:
        case ox.NamedNode():
            return URIRef(term.value)
        case ox.BlankNode():
            return BNode(term.value)
        case ox.Literal():
            return (
                Literal(term.value, lang=term.language)
                if term.language
                else Literal(term.value, datatype=URIRef(term.datatype.value))
            )
        case _:
            raise TypeError(f"no RDF 1.1 term: {term}")
