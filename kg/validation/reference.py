"""Shapes -> a validator that uses pyshacl, the reference that the compiled engine is compared with. Uses rdflib.

It also applies the shapes that the compiled engine cannot, see `kg/validation/compiled.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.core.model import Term
from kg.core.terms import SH
from kg.core.values import datatype, escape, language, lexical
from kg.validation.data import Data, Statement, Validator
from kg.validation.violations import Result, ShapesError

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib
    from rdflib.term import Node as RdfNode


def reference(triples: Iterable[ox.Triple]) -> Validator:
    """Return a validator for the shapes among *triples*.

    Calling it raises a ShapesError if pyshacl cannot apply them.
    """
    import pyshacl

    with _literals_as_written():
        shapes = _graph((str(t.subject), str(t.predicate), str(t.object)) for t in triples)

    def validate(data: Data) -> tuple[Result, ...]:
        with _literals_as_written():
            with _shapes_errors():
                _, report, _ = pyshacl.validate(
                    _graph(data.statements), shacl_graph=shapes, inplace=True, inference="none"
                )
            if not hasattr(report, "objects"):  # pyshacl returns some exceptions instead of the report
                raise ShapesError(report)
            return tuple(_results(report))

    return validate


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from repairing literals. Its setting is always restored, because pyshacl may change it, too."""
    import rdflib

    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


@contextmanager
def _shapes_errors() -> Iterator[None]:
    """Convert exceptions of pyshacl to a ShapesError. The data are valid RDF, so the shapes must be at fault.

    pyshacl passes on whatever its parsers and rdflib raise, even a bare Exception, so no narrower class will do.
    """
    try:
        yield
    except Exception as error:
        raise ShapesError(error) from error


# -------- our terms <-> rdflib


def _graph(statements: Iterable[Statement]) -> rdflib.Graph:
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    known: dict[Term, RdfNode] = {}
    for statement in statements:
        for term in statement:
            if term not in known:
                known[term] = _rdflib_term(term)
        subject, predicate, value = statement
        graph.add((known[subject], known[predicate], known[value]))
    return graph


def _rdflib_term(term: Term) -> RdfNode:
    from rdflib import BNode, Literal, URIRef

    if term.startswith("<"):
        return URIRef(term[1:-1])
    if term.startswith("_:"):
        return BNode(term[2:])
    tag = language(term)
    return Literal(lexical(term), lang=tag) if tag else Literal(lexical(term), datatype=URIRef(datatype(term) or ""))


def _term(node: RdfNode | None) -> Term:
    from rdflib import BNode, Literal

    if node is None:
        return ""
    if isinstance(node, BNode):
        return f"_:{node}"
    if not isinstance(node, Literal):
        return f"<{node}>"
    if node.language:
        return f'"{escape(str(node))}"@{node.language}'
    plain = node.datatype is None or str(node.datatype).endswith("#string")
    return f'"{escape(str(node))}"' + ("" if plain else f"^^<{node.datatype}>")


# -------- the report


def _results(report: rdflib.Graph) -> Iterator[Result]:
    from rdflib import URIRef

    for result in report.objects(None, URIRef(SH + "result")):  # not the results nested in a sh:detail
        values = {name: report.value(result, URIRef(SH + name)) for name in RESULT_TERMS}
        yield Result(
            focus=_term(values["focusNode"]),
            path=_path(report, values["resultPath"]) if values["resultPath"] is not None else "",
            value=_term(values["value"]),
            shape=str(values["sourceShape"]),
            component=str(values["sourceConstraintComponent"]).removeprefix(SH),
            severity=str(values["resultSeverity"]).removeprefix(SH),
            message=str(values["resultMessage"] or ""),
        )


RESULT_TERMS = (
    "focusNode",
    "resultPath",
    "value",
    "sourceShape",
    "sourceConstraintComponent",
    "resultSeverity",
    "resultMessage",
)
_PATHS = {
    "inversePath": "^({})",
    "zeroOrMorePath": "({})*",
    "oneOrMorePath": "({})+",
    "zeroOrOnePath": "({})?",
}


def _path(graph: rdflib.Graph, node: RdfNode) -> str:
    """Return the property path *node* of *graph* in SPARQL syntax."""
    from rdflib import RDF, URIRef

    if isinstance(node, URIRef):
        return f"<{node}>"
    if (node, RDF.first, None) in graph:
        return "/".join(_path(graph, member) for member in graph.items(node))
    members = graph.value(node, URIRef(SH + "alternativePath"))
    if members is not None:
        return "(" + "|".join(_path(graph, member) for member in graph.items(members)) + ")"
    for name, form in _PATHS.items():
        inner = graph.value(node, URIRef(SH + name))
        if inner is not None:
            return form.format(_path(graph, inner))
    raise ValueError(f"not a property path: {node}")
