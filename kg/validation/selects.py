"""SPARQL constraints (sh:sparql) + data -> validation results, by means of pyoxigraph. No files, no network.

SHACL runs a query once for each focus node, which replaces $this wherever it occurs. We run it once for many nodes:
`VALUES ?this { … }` in each group that contains $this has the same effect, unless the query aggregates or limits its
rows. Such a query is run node by node.
https://www.w3.org/TR/shacl/#sparql-constraints ; https://www.w3.org/TR/shacl/#pre-binding
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import pyoxigraph as ox

from kg.core.model import Term
from kg.core.terms import SH, XSD
from kg.core.values import lexical
from kg.ontology.parameters import declared_prefixes
from kg.ontology.shapes import path_text, shape_nodes
from kg.ontology.triples import Index, Resource
from kg.planning.guard import QueryToken, tokens
from kg.questions.reads import predicates_read
from kg.questions.sparql import columns, keyword, subselects, with_prefixes
from kg.validation.data import Data, Validator
from kg.validation.focus import Targets, targets_of
from kg.validation.required import Requirement, required
from kg.validation.violations import Result, ShapesError

SELECT_COMPONENT = "SPARQLConstraintComponent"
AT_ONCE = 100
"""Number of focus nodes per query. The time of a query may grow with the square of this number."""

_AGGREGATES_OR_LIMITS = frozenset("LIMIT OFFSET GROUP HAVING COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
_NOT_ALLOWED = frozenset({"MINUS", "VALUES", "SERVICE"})
_ENGINE_VARIABLES = frozenset({"shapesGraph", "currentShape"})
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_KEPT = re.compile(
    rf'"(?:0|[1-9][0-9]{{0,17}})"\^\^<{XSD}integer>|"[1-9][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}"\^\^<{XSD}date>'
)
"""Whole numbers and days as we write them, which are most literals with a datatype and which a store keeps."""

_REWRITTEN = re.compile(r'"\^\^<|"@[a-z0-9-]*[A-Z]')


@dataclass(frozen=True, slots=True)
class Select:
    """One query of one shape.

    Attributes:
        shape: IRI of the shape, or the label of its blank node.
        targets: the targets of the shape.
        path: the path of the shape, "" if it has none.
        severity: the severity of the results.
        message: the message, with placeholders for the variables of a row.
        pieces: the query, split at the positions where VALUES is inserted.
        at_once: the number of focus nodes per query.
        reads: the predicates that the results can depend on, sorted; None if that may be any.
        requires: what a node must have for the query to have a row.
    """

    shape: str
    targets: Targets
    path: str
    severity: str
    message: str
    pieces: tuple[str, ...]
    at_once: int
    reads: tuple[Term, ...] | None
    requires: tuple[Requirement, ...] = ()

    def focus_nodes(self, data: Data) -> list[Term]:
        """Return the targets for which the query may have rows that are needed, sorted.

        Nodes that the shape names are always among them, so that a query that an engine refuses is noticed.
        """
        candidates = data.about
        for each in self.requires:
            subjects = each.subjects(data)
            candidates = subjects if candidates is None else subjects & candidates
            if not candidates:  # most often: few nodes have what a query needs
                return sorted(self.targets.nodes)
        nodes = self.targets.focus_nodes(data)
        return sorted((nodes if candidates is None else nodes & candidates).union(self.targets.nodes))


def selects(queries: Sequence[Select], fallback: Callable[[], Validator]) -> Validator:
    """Return a validator that runs *queries*. *fallback* returns one for data that a store cannot represent."""

    def validate(data: Data) -> Iterator[Result]:
        relevant = [(query, nodes) for query in queries if (nodes := query.focus_nodes(data))]
        if not relevant:
            return
        read = _read([query for query, _ in relevant], data)
        if not _is_supported(read, chain.from_iterable(nodes for _, nodes in relevant)):
            yield from (result for result in fallback()(data) if result.component == SELECT_COMPONENT)
            return
        store = _store(read.text)
        for query, nodes in relevant:
            for start in range(0, len(nodes), query.at_once):
                yield from _results(query, store, nodes[start : start + query.at_once])

    return validate


def _read(queries: Iterable[Select], data: Data) -> Data:
    """Return the statements that *queries* can depend on: two fifths of those of an article."""
    predicates: set[Term] = set()
    for query in queries:
        if query.reads is None:
            return data
        predicates.update(query.reads)
    return Data(tuple(data.having(*sorted(predicates))))


def _is_supported(data: Data, nodes: Iterable[Term]) -> bool:
    """Return whether all *nodes* have an IRI, and a store keeps all literals as they are. It changes 01 to 1."""
    if any(node.startswith("_:") for node in nodes):
        return False
    literals = {value for _, _, value in data.statements if value[0] == '"' != value[-1] and _may_be_rewritten(value)}
    if not literals:
        return True
    kept = _store("".join(f"<urn:x:{number}> <urn:x:is> {value} .\n" for number, value in enumerate(literals)))
    return literals == {str(quad.object) for quad in kept}


def _may_be_rewritten(literal: Term) -> bool:
    return _KEPT.fullmatch(literal) is None and _REWRITTEN.search(literal) is not None


def _store(text: str) -> ox.Store:
    store = ox.Store()
    store.load(text.encode(), format=ox.RdfFormat.N_TRIPLES, lenient=True)  # parsed before for SHACL Core
    return store


# -------- queries


def selects_of(index: Index) -> Iterator[Select]:
    """Yield the queries of all shapes that have targets.

    Raises:
        ShapesError: SHACL does not allow a query.
    """
    for shape in shape_nodes(index):
        constraints = [each for each in index.resources(shape, SH + "sparql") if _is_active(index, each)]
        if constraints and (targets := targets_of(index, shape)) != Targets():
            yield from (_select(index, shape, constraint, targets) for constraint in constraints)


def _is_active(index: Index, node: Resource) -> bool:
    return index.text(node, SH + "deactivated") != "true"


def _select(index: Index, shape: Resource, constraint: Resource, targets: Targets) -> Select:
    path = next((path_text(index, node) for node in index.values(shape, SH + "path")), "")
    text = _with_path(index.text(constraint, SH + "select"), path)
    text = with_prefixes(text, declared_prefixes(index, constraint))
    pieces = tuple(tokens(text))
    _refuse(pieces)
    alone = _needs_single_node(pieces)
    return Select(
        shape=shape.value,
        targets=targets,
        path=path,
        severity=index.text(shape, SH + "severity", SH + "Violation").removeprefix(SH),
        message=index.text(constraint, SH + "message") or index.text(shape, SH + "message"),
        pieces=_split(text, pieces),
        reads=None if _may_stay(pieces) else _sorted(predicates_read(text)),
        at_once=1 if alone else AT_ONCE,
        requires=() if alone else required(text),
    )


def _with_path(query: str, path: str) -> str:
    """Return *query* with $PATH replaced by the path of its shape."""
    places = [token.start for token in tokens(query) if token.kind == "variable" and token.text[1:] == "PATH"]
    for start in reversed(places if path else ()):
        query = f"{query[:start]}{path}{query[start + len('$PATH') :]}"
    return query


def _refuse(pieces: Sequence[QueryToken]) -> None:
    """Refuse a query that SHACL or this engine does not allow."""
    if word := next((piece.text for piece in pieces if keyword(piece) in _NOT_ALLOWED), ""):
        raise ShapesError(f"SHACL does not allow {word} in the query of a constraint")
    if any(keyword(before) == "AS" and piece.text[1:] == "this" for before, piece in pairwise(pieces)):
        raise ShapesError("$this cannot be assigned: it is the node that the rule checks")
    inner = [tuple(piece for piece in pieces if start <= piece.start < end) for start, end in subselects(pieces)]
    if any("this" not in columns(select) for select in (pieces, *inner)):
        raise ShapesError("each SELECT of a constraint must select $this")
    if unknown := next((piece for piece in pieces if piece.text[1:] in _ENGINE_VARIABLES), None):
        raise ShapesError(f"{unknown.text} is not supported")


def _needs_single_node(pieces: Sequence[QueryToken]) -> bool:
    return bool(subselects(pieces)) or any(keyword(piece) in _AGGREGATES_OR_LIMITS for piece in pieces)


def _may_stay(pieces: Sequence[QueryToken]) -> bool:
    """Return whether a path may have no step, so that it leads from any term in the data to itself."""
    return any(
        piece.text in ("*", "?") and (before.kind in ("iri", "name") or before.text in ("a", ")"))
        for before, piece in pairwise(pieces)
    )


def _sorted(predicates: Iterable[Term] | None) -> tuple[Term, ...] | None:
    return None if predicates is None else tuple(sorted(predicates))


def _split(text: str, pieces: Sequence[QueryToken]) -> tuple[str, ...]:
    """Return *text* split at the positions where VALUES is inserted."""
    positions = sorted(_positions(pieces))
    return tuple(text[start:end] for start, end in zip([0, *positions], [*positions, len(text)], strict=True))


def _positions(pieces: Sequence[QueryToken]) -> Iterator[int]:
    """Yield the offset at which each group begins in which $this must be bound.

    These are the group of each SELECT, and other groups that contain $this. A group in EXISTS inherits the binding.
    """
    groups: list[tuple[int, bool]] = []  # offset of each open group, and whether to bind $this once it occurs there
    selecting, before = False, ""
    for token in pieces:
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
            if before == "{":  # the group contains only this subquery
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
        rows = [{name: str(term) for name in names if (term := each[name]) is not None} for each in solutions]
    except (SyntaxError, ValueError, RuntimeError) as error:
        raise ShapesError(error) from error
    return (_result(query, row) for row in rows)


def _result(query: Select, row: Mapping[str, Term]) -> Result:
    """Return the result for one row: https://www.w3.org/TR/shacl/#sparql-constraints-variables."""
    if row.get("failure", "").startswith('"true"'):
        raise ShapesError("the query reports a failure")
    path = row.get("path", "")
    filled = _PLACEHOLDER.sub(lambda name: lexical(row[name[1]]) if name[1] in row else name[0], query.message)
    return Result(
        focus=row["this"],
        path=path if path.startswith("<") else query.path,
        value=row.get("value", "" if query.path else row["this"]),
        shape=query.shape,
        component=SELECT_COMPONENT,
        severity=query.severity,
        message=lexical(row["message"]) if "message" in row else filled,
    )
