"""SPARQL constraints (sh:sparql) + data -> their results, on pyoxigraph. No files, no network.

SHACL asks a query once for each node, which stands for $this wherever that is written. We ask once for many nodes:
`VALUES ?this { … }` in each group that names $this binds it to the same end, unless the query counts or cuts its
rows; such a query is asked node by node.
https://www.w3.org/TR/shacl/#sparql-constraints ; https://www.w3.org/TR/shacl/#pre-binding
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import pyoxigraph as ox

from kg.core.model import Term
from kg.core.terms import SH
from kg.core.values import lexical
from kg.ontology.parameters import declared_prefixes
from kg.ontology.shapes import path_text, shape_nodes
from kg.ontology.triples import Index, Resource
from kg.questions.sparql import columns, keyword, subselects, with_prefixes
from kg.store.guard import QueryToken, tokens
from kg.validation.data import Data, Validator
from kg.validation.focus import Aim, aim_of
from kg.validation.violations import Result, ShapesError

SELECT_COMPONENT = "SPARQLConstraintComponent"
AT_ONCE = 100
"""Nodes that a query is asked about at once. Its time may grow with the square of their number."""

_COUNTS_OR_CUTS = frozenset("LIMIT OFFSET GROUP HAVING COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
_NOT_ALLOWED = frozenset({"MINUS", "VALUES", "SERVICE"})
_OF_THE_ENGINE = frozenset({"shapesGraph", "currentShape"})
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_REWRITTEN = re.compile(r'"\^\^<|"@[a-z0-9-]*[A-Z]')


@dataclass(frozen=True, slots=True)
class Select:
    """One query of one shape.

    Attributes:
        shape: IRI of the shape, or the label of its blank node.
        aim: what the shape looks at.
        path: of the shape, "" where it has none.
        severity: of the results.
        message: with places for the variables of a row.
        pieces: what stands between the places for VALUES.
        at_once: about how many nodes it is asked at once.
    """

    shape: str
    aim: Aim
    path: str
    severity: str
    message: str
    pieces: tuple[str, ...]
    at_once: int


def selects(queries: Sequence[Select], slowly: Callable[[], Validator]) -> Validator:
    """Return what asks *queries*; *slowly* is asked for what asks them another way, where a store is none."""

    def validate(data: Data) -> Iterator[Result]:
        asked = [(query, nodes) for query in queries if (nodes := sorted(query.aim.focus_nodes(data)))]
        if not (asked and _can_be_asked(data, chain.from_iterable(nodes for _, nodes in asked))):
            others = slowly()(data) if asked else ()
            yield from (result for result in others if result.component == SELECT_COMPONENT)
            return
        store = _store(data.text)
        for query, nodes in asked:
            for start in range(0, len(nodes), query.at_once):
                yield from _results(query, store, nodes[start : start + query.at_once])

    return validate


def _can_be_asked(data: Data, nodes: Iterable[Term]) -> bool:
    """Return whether a query can name *nodes*, not blank ones, and a store keeps literals; it writes 01 as 1."""
    if any(node.startswith("_:") for node in nodes):
        return False
    literals = {value for _, _, value in data.statements if value[0] == '"' != value[-1] and _REWRITTEN.search(value)}
    kept = _store("".join(f"<urn:x:{number}> <urn:x:is> {value} .\n" for number, value in enumerate(literals)))
    return literals == {str(quad.object) for quad in kept}


def _store(text: str) -> ox.Store:
    store = ox.Store()
    store.load(text.encode(), format=ox.RdfFormat.N_TRIPLES, lenient=True)  # they were parsed for SHACL Core
    return store


# -------- queries


def selects_of(index: Index) -> Iterator[Select]:
    """Yield the queries of all shapes that look at something.

    Raises:
        ShapesError: a query is none that SHACL allows.
    """
    for shape in shape_nodes(index):
        constraints = [each for each in index.resources(shape, SH + "sparql") if _is_active(index, each)]
        if constraints and (aim := aim_of(index, shape)) != Aim():
            yield from (_select(index, shape, constraint, aim) for constraint in constraints)


def _is_active(index: Index, node: Resource) -> bool:
    return index.text(node, SH + "deactivated") != "true"


def _select(index: Index, shape: Resource, constraint: Resource, aim: Aim) -> Select:
    path = next((path_text(index, node) for node in index.values(shape, SH + "path")), "")
    text = _with_path(index.text(constraint, SH + "select"), path)
    text = with_prefixes(text, declared_prefixes(index, constraint))
    found = tuple(tokens(text))
    _refuse(found)
    return Select(
        shape=shape.value,
        aim=aim,
        path=path,
        severity=index.text(shape, SH + "severity", SH + "Violation").removeprefix(SH),
        message=index.text(constraint, SH + "message") or index.text(shape, SH + "message"),
        pieces=_pieces(text, found),
        at_once=1 if _is_single(found) else AT_ONCE,
    )


def _with_path(query: str, path: str) -> str:
    """Return *query* with the path of its shape in place of $PATH."""
    places = [token.start for token in tokens(query) if token.kind == "variable" and token.text[1:] == "PATH"]
    for start in reversed(places if path else ()):
        query = f"{query[:start]}{path}{query[start + len('$PATH') :]}"
    return query


def _refuse(found: Sequence[QueryToken]) -> None:
    if word := next((piece.text for piece in found if keyword(piece) in _NOT_ALLOWED), ""):
        raise ShapesError(f"SHACL does not allow {word} in the query of a constraint")
    if any(keyword(before) == "AS" and piece.text[1:] == "this" for before, piece in pairwise(found)):
        raise ShapesError("$this cannot be assigned: it is the node that the rule checks")
    inner = [tuple(piece for piece in found if start <= piece.start < end) for start, end in subselects(found)]
    if any("this" not in columns(pieces) for pieces in (found, *inner)):
        raise ShapesError("each SELECT of a constraint must select $this")
    if unknown := next((piece for piece in found if piece.text[1:] in _OF_THE_ENGINE), None):
        raise ShapesError(f"{unknown.text} is not supported")


def _is_single(found: Sequence[QueryToken]) -> bool:
    return bool(subselects(found)) or any(keyword(piece) in _COUNTS_OR_CUTS for piece in found)


def _pieces(text: str, found: Sequence[QueryToken]) -> tuple[str, ...]:
    """Return *text* cut where VALUES is to stand."""
    places = sorted(_places(found))
    return tuple(text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True))


def _places(found: Sequence[QueryToken]) -> Iterator[int]:
    """Yield where each group begins that has to be told of $this.

    These are the groups of a SELECT, and those that name $this; but a group in EXISTS has it from outside.
    """
    groups: list[tuple[int, bool]] = []  # where each open group begins, whether it is to be told if it names $this
    selecting, before = False, ""
    for token in found:
        word = keyword(token)
        if token.text == "{":
            begins = token.start + 1
            if selecting:
                yield begins
            groups.append((begins, not selecting and before != "EXISTS"))
            selecting = False
        elif token.text == "}":
            groups.pop()
        elif word == "SELECT":
            selecting = True
            if before == "{":  # the group is that query, and nothing else
                groups[-1] = (groups[-1][0], False)
        elif token.kind == "variable" and token.text[1:] == "this" and groups and groups[-1][1] and not selecting:
            yield groups[-1][0]
            groups[-1] = (groups[-1][0], False)
        before = word or token.text


# -------- results


def _results(query: Select, store: ox.Store, nodes: Sequence[Term]) -> Iterator[Result]:
    text = f" VALUES ?this {{ {' '.join(nodes)} }} ".join(query.pieces)
    try:
        solutions = store.query(text)
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        found = [{name: str(term) for name in names if (term := each[name]) is not None} for each in solutions]
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise ShapesError(error) from error
    return (_result(query, bound) for bound in found)


def _result(query: Select, bound: Mapping[str, Term]) -> Result:
    """Return the result for one row: https://www.w3.org/TR/shacl/#sparql-constraints-variables."""
    if bound.get("failure", "").startswith('"true"'):
        raise ShapesError("the query reports a failure")
    path = bound.get("path", "")
    filled = _PLACEHOLDER.sub(lambda name: lexical(bound[name[1]]) if name[1] in bound else name[0], query.message)
    return Result(
        focus=bound["this"],
        path=path if path.startswith("<") else query.path,
        value=bound.get("value", "" if query.path else bound["this"]),
        shape=query.shape,
        component=SELECT_COMPONENT,
        severity=query.severity,
        message=lexical(bound["message"]) if "message" in bound else filled,
    )
