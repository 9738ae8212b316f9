"""Shapes + data, both as triples -> validation results. The only importer of the SHACL engines.

Two engines stand behind one interface: the compiled one, and the reference that it is compared with in the tests.
https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from kg.core.errors import InputError
from kg.core.model import Term
from kg.core.terms import SH
from kg.core.values import datatype, escape, language, lexical

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib
    from rdflib.term import Node as RdfNode

Statement: TypeAlias = tuple[Term, Term, Term]
Validate: TypeAlias = "Callable[[Sequence[Statement]], rdflib.Graph | object]"
"""Data -> the report, or what an engine returns in its place."""

COMPILED, REFERENCE = "pyshacl-turbo", "pyshacl"
ENGINES = (COMPILED, REFERENCE)
"""The distributions that can apply shapes, the one that is used first."""


FIX = "correct the shape, or take it out"


class ShapesError(InputError):
    """An engine cannot apply the shapes: a fault of the shapes, never of the data. The message is the engine's."""


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result.

    Attributes:
        focus: the node that does not conform.
        path: in the syntax of SPARQL's property paths, "" where there is none; one property is its IRI.
        value: the value that does not conform, "" where there is none.
        shape: IRI of the shape, or the label of its blank node.
        component: local name of the constraint component, or the IRI of one that is not SHACL's.
        severity: local name of the severity, or the IRI of one that is not SHACL's.
        message: the first message, "" where there is none.
    """

    focus: Term
    path: str
    value: Term
    shape: str
    component: str
    severity: str
    message: str

    @property
    def property(self) -> Term:
        """The property that the result is about, "" where there is none or the path is a longer one."""
        return self.path if re.fullmatch("<[^>]*>", self.path) else ""


class Shapes:
    """A shapes graph, ready to be applied to many graphs."""

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        background: Mapping[Term, Iterable[Statement]] = MappingProxyType({}),
        engine: str = COMPILED,
    ) -> None:
        """Compile a whole shapes graph.

        Args:
            triples: of the shapes graph.
            background: what is known of a term beside the data, added wherever it is the object of a statement.
            engine: one of `ENGINES`.

        Raises:
            ShapesError: the engine cannot apply the shapes.
        """
        self._background = background
        with _literals_as_written():
            graph = _graph((str(t.subject), str(t.predicate), str(t.object)) for t in triples)
            with _refusals():
                self._validate = _VALIDATORS[engine](graph)

    def results(self, data: Iterable[Sequence[Term]]) -> tuple[Result, ...]:
        """Validate *data*, triples or quads, as one graph and return what does not conform, sorted.

        Raises:
            ShapesError: the engine cannot apply the shapes.
        """
        import rdflib

        with _literals_as_written():
            with _refusals():
                report = self._validate(list(self._completed(data)))
            if not isinstance(report, rdflib.Graph):  # pyshacl returns some of its exceptions in place of the report
                raise ShapesError(_one_line(report), FIX)
            return tuple(sorted(_results(report), key=lambda r: (r.focus, r.shape, r.path, r.value, r.component)))

    def _completed(self, data: Iterable[Sequence[Term]]) -> Iterator[Statement]:
        stated = [(subject, predicate, value) for subject, predicate, value, *_ in data]
        yield from stated
        for term in {value for _, _, value in stated} & self._background.keys():
            yield from self._background[term]


def _compiled(shapes: rdflib.Graph) -> Validate:
    import pyshacl_turbo

    program = pyshacl_turbo.compile_shapes(shapes)  # type: ignore[no-untyped-call]

    def validate(data: Sequence[Statement]) -> object:
        store = _store(data)
        return program.validate(_graph(data) if store is None else store)[1]

    return validate


def _reference(shapes: rdflib.Graph) -> Validate:
    import pyshacl

    def validate(data: Sequence[Statement]) -> object:
        return pyshacl.validate(_graph(data), shacl_graph=shapes, inplace=True, inference="none")[1]

    return validate


def _store(data: Sequence[Statement]) -> ox.Store | None:
    """Return the data in a store, which the compiled engine reads twice as fast as a graph of rdflib.

    None if they would not come back as they are: blank nodes, and numbers such as 01, are written otherwise there.
    """
    import pyoxigraph as ox

    lines = {f"{subject} {predicate} {value} ." for subject, predicate, value in data}
    store = ox.Store()
    try:
        store.load("\n".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError:  # an IRI that only rdflib takes
        return None
    written = (store.dump(format=ox.RdfFormat.N_QUADS) or b"").decode().split("\n")
    return store if lines == set(filter(None, written)) else None


_VALIDATORS: Mapping[str, Callable[[rdflib.Graph], Validate]] = {COMPILED: _compiled, REFERENCE: _reference}


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from repairing literals, and put its setting back whatever happens (engines may change it too)."""
    import rdflib

    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


@contextmanager
def _refusals() -> Iterator[None]:
    """Give what an engine raises one name. The data are RDF, so it is the shapes that it cannot apply.

    The engines raise what their parsers and rdflib raise, a bare Exception included, so there is no class to name.
    """
    try:
        yield
    except Exception as error:
        raise ShapesError(_one_line(error) or type(error).__name__, FIX) from error


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


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

    for result in report.objects(None, URIRef(SH + "result")):  # not what is nested in one as its sh:detail
        said = {name: report.value(result, URIRef(SH + name)) for name in RESULT_TERMS}
        yield Result(
            focus=_term(said["focusNode"]),
            path=_path(report, said["resultPath"]) if said["resultPath"] is not None else "",
            value=_term(said["value"]),
            shape=str(said["sourceShape"]),
            component=str(said["sourceConstraintComponent"]).removeprefix(SH),
            severity=str(said["resultSeverity"]).removeprefix(SH),
            message=str(said["resultMessage"] or ""),
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
    """Return the property path *node* of *graph* in the syntax of SPARQL."""
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
    raise ValueError(f"no property path: {node}")
