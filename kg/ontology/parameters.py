"""Shapes -> their syntax errors: values of the wrong kind, malformed paths, lists and queries. No I/O.

Engines differ in what they refuse, and silently ignore what they do not know, so the syntax is checked here first.
https://www.w3.org/TR/shacl/#syntax-rules
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from kg.core.relations import closure
from kg.core.terms import CQ, OWL, RDF, RDFS, RULE, SH, SKOS, XSD
from kg.ontology.shapes import SHAPE_LISTS, SHAPE_PARAMETERS, members, parts, shape_nodes
from kg.ontology.triples import Index, Resource, Value
from kg.planning.guard import tokens, undeclared_prefix

PREFIXES = {"cq:": CQ, "sh:": SH, "rdf:": RDF, "rdfs:": RDFS, "skos:": SKOS, "owl:": OWL, "rule:": RULE, "xsd:": XSD}
NODE_KINDS = tuple(SH + name for name in "IRI BlankNode Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral".split())
PATH_FORMS = tuple(SH + name for name in "inversePath zeroOrMorePath oneOrMorePath zeroOrOnePath".split())
FLAGS = "smixq"


class Problem(NamedTuple):
    """What is wrong with one term or shape."""

    subject: Resource
    text: str


Check: TypeAlias = Callable[[Index, Value], bool]


class Takes(NamedTuple):
    """What a parameter takes: in words, as a check, and whether it takes at most one value."""

    words: str
    check: Check
    one: bool = True


def shown(term: object) -> str:
    """Return an IRI or a term as an author writes it."""
    if isinstance(term, ox.Literal):
        return f"'{term.value}'"
    iri = term if isinstance(term, str) else getattr(term, "value", "")
    if isinstance(term, ox.BlankNode):
        return "a blank node"
    short = (
        prefix + iri.removeprefix(namespace) for prefix, namespace in PREFIXES.items() if iri.startswith(namespace)
    )
    return next(short, f"<{iri}>")


def shape_problems(index: Index) -> Iterator[Problem]:
    """Yield what is wrong with the syntax of the shapes, and of the queries and prefixes that they use."""
    for subject, predicate in index.predicates():
        if predicate in PARAMETERS_TAKE:
            yield from _wrong_values(index, subject, predicate)
        elif predicate in FORMS:
            yield from _faulty_query(index, subject, predicate)
    for shape in shape_nodes(index):
        yield from _wrong_together(index, shape)
        if _leads_to_itself(index, shape):
            yield Problem(shape, "it refers to itself, directly or through other shapes; SHACL does not define that")


def _wrong_values(index: Index, subject: Resource, predicate: str) -> Iterator[Problem]:
    takes, values = PARAMETERS_TAKE[predicate], index.values(subject, predicate)
    for value in values:
        if not takes.check(index, value):
            yield Problem(subject, f"{shown(predicate)} takes {takes.words}, not {shown(value)}")
    if takes.one and len(set(values)) > 1:
        yield Problem(subject, f"{shown(predicate)} takes one value, not {len(set(values))}")


# -------- the values of one parameter


def _is_count(_: Index, value: Value) -> bool:
    return _is_typed(value, "integer") and re.fullmatch(r"\+?[0-9]+", value.value) is not None


def _is_truth(_: Index, value: Value) -> bool:
    return _is_typed(value, "boolean") and value.value in ("true", "false")


def _is_text(_: Index, value: Value) -> bool:
    return isinstance(value, ox.Literal) and (value.language is not None or _is_typed(value, "string"))


def _is_typed(value: Value, datatype: str) -> bool:
    return isinstance(value, ox.Literal) and value.datatype.value == XSD + datatype


def _is_literal(_: Index, value: Value) -> bool:
    return isinstance(value, ox.Literal)


def _is_iri(_: Index, value: Value) -> bool:
    return isinstance(value, ox.NamedNode)


def _is_prefix(_: Index, value: Value) -> bool:
    return _is_typed(value, "string") and re.fullmatch(r"(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?", value.value) is not None


def _is_pattern(_: Index, value: Value) -> bool:
    if not _is_typed(value, "string"):
        return False
    try:
        re.compile(value.value)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _is_flags(_: Index, value: Value) -> bool:
    return _is_typed(value, "string") and not set(value.value) - set(FLAGS)


def _is_shape(index: Index, value: Value) -> bool:
    return isinstance(value, ox.BlankNode) or (
        isinstance(value, ox.NamedNode) and any(True for _ in index.objects(value))
    )


def _is_property_shape(index: Index, value: Value) -> bool:
    return not isinstance(value, ox.Literal) and bool(index.values(value, SH + "path"))


def _is_node_shape(index: Index, value: Value) -> bool:
    return _is_shape(index, value) and not _is_property_shape(index, value)


def _is_list_of(check: Check, least: int = 0) -> Check:
    def is_list(index: Index, value: Value) -> bool:
        held = members(index, value)
        return held is not None and len(held) >= least and all(check(index, each) for each in held)

    return is_list


def _is_language(_: Index, value: Value) -> bool:
    return _is_typed(value, "string") and re.fullmatch(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", value.value) is not None


def _is_constraint(index: Index, value: Value) -> bool:
    return not isinstance(value, ox.Literal) and len(index.values(value, SH + "select")) == 1


def _is_path(index: Index, value: Value, depth: int = 64) -> bool:
    """Whether *value* is a well-formed property path: https://www.w3.org/TR/shacl/#property-paths."""
    if isinstance(value, ox.Literal) or depth == 0:
        return False
    forms = {
        p: index.values(value, p)
        for p in (RDF + "first", SH + "alternativePath", *PATH_FORMS)
        if index.values(value, p)
    }
    if isinstance(value, ox.NamedNode):
        return value.value != RDF + "nil"
    if len(forms) != 1 or any(len(values) != 1 for values in forms.values()):
        return False
    form, inner = next((form, values[0]) for form, values in forms.items())
    if form in PATH_FORMS:
        return _is_path(index, inner, depth - 1)
    steps = members(index, value if form == RDF + "first" else inner) or []
    return len(steps) > 1 and all(_is_path(index, step, depth - 1) for step in steps)


PARAMETERS_TAKE: Mapping[str, Takes] = {
    SH + name: takes
    for names, takes in (
        (
            "minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount",
            Takes("a whole number", _is_count),
        ),
        (
            "closed uniqueLang deactivated qualifiedValueShapesDisjoint optional",
            Takes("true or false, without quotes", _is_truth),
        ),
        ("datatype", Takes("the IRI of a datatype", _is_iri)),
        ("class targetClass", Takes("the IRI of a class", _is_iri, one=False)),
        (
            "equals disjoint lessThan lessThanOrEquals targetSubjectsOf targetObjectsOf",
            Takes("the IRI of a property", _is_iri, one=False),
        ),
        ("severity", Takes("the IRI of a severity", _is_iri)),
        (
            "nodeKind",
            Takes(", ".join(map(shown, NODE_KINDS)), lambda _, value: _is_iri(_, value) and value.value in NODE_KINDS),
        ),
        ("minExclusive minInclusive maxExclusive maxInclusive", Takes("a literal", _is_literal)),
        ("pattern", Takes("a regular expression as text", _is_pattern)),
        ("flags", Takes(f"letters from {FLAGS}", _is_flags)),
        ("message", Takes("text", _is_text, one=False)),
        ("in", Takes("a list, in round brackets", _is_list_of(lambda *_: True))),
        ("ignoredProperties", Takes("a list of properties, in round brackets", _is_list_of(_is_iri))),
        ("languageIn", Takes("a list of language tags, in round brackets", _is_list_of(_is_language))),
        (
            "and or xone",
            Takes("a list of declared shapes, in round brackets", _is_list_of(_is_shape, 1), one=False),
        ),
        ("not", Takes("a declared shape", _is_shape, one=False)),
        ("qualifiedValueShape", Takes("a declared shape", _is_shape)),
        ("node", Takes("a declared shape without sh:path", _is_node_shape, one=False)),
        ("property", Takes("a shape with sh:path", _is_property_shape, one=False)),
        ("path", Takes("a property, or a path with at least two steps or one operator", _is_path, one=False)),
        ("sparql", Takes("a constraint with one sh:select", _is_constraint, one=False)),
        ("prefix", Takes("a SPARQL prefix, as text", _is_prefix)),
        ("namespace", Takes("a literal", _is_literal)),
        ("declare", Takes("a prefix with its namespace", lambda i, v: _declares(i, v), one=False)),
    )
    for name in names.split()
}
"""What the terms of SHACL take. A second sh:path means that two rules share an id, which `soundness` reports."""


def _declares(index: Index, value: Value) -> bool:
    return not isinstance(value, ox.Literal) and all(
        len(index.values(value, SH + name)) == 1 for name in ("prefix", "namespace")
    )


# -------- terms that need one another

ONLY_WITH_PATH = tuple(
    SH + name
    for name in (
        "minCount maxCount uniqueLang lessThan lessThanOrEquals qualifiedValueShape qualifiedMinCount qualifiedMaxCount"
    ).split()
)
NEEDS = {
    SH + name: (SH + needed,)
    for name, needed in (
        ("flags", "pattern"),
        ("ignoredProperties", "closed"),
        ("qualifiedMinCount", "qualifiedValueShape"),
        ("qualifiedMaxCount", "qualifiedValueShape"),
        ("qualifiedValueShapesDisjoint", "qualifiedValueShape"),
    )
} | {SH + "qualifiedValueShape": (SH + "qualifiedMinCount", SH + "qualifiedMaxCount")}
"""A term -> the terms of which the same shape needs at least one."""


def _wrong_together(index: Index, shape: Resource) -> Iterator[Problem]:
    has_path = bool(index.values(shape, SH + "path"))
    if not has_path:
        for term in (term for term in ONLY_WITH_PATH if index.values(shape, term)):
            yield Problem(shape, f"{shown(term)} counts values, so the shape needs sh:path")
    for term, needed in NEEDS.items():
        if index.values(shape, term) and not any(index.values(shape, other) for other in needed):
            yield Problem(shape, f"{shown(term)} does nothing without {' or '.join(map(shown, needed))}")
    types = {kind.value for kind in index.resources(shape, RDF + "type")}
    if has_path and SH + "NodeShape" in types:
        yield Problem(shape, "a sh:NodeShape has no sh:path: make it a sh:PropertyShape")
    if not has_path and SH + "PropertyShape" in types:
        yield Problem(shape, "a sh:PropertyShape needs sh:path")


def _leads_to_itself(index: Index, shape: Resource) -> bool:
    return shape in closure(_direct_parts(index, shape), lambda part: _direct_parts(index, part))


def _direct_parts(index: Index, shape: Resource) -> Iterator[Resource]:
    for predicate in (*SHAPE_PARAMETERS, *SHAPE_LISTS):
        for value in index.values(shape, predicate):
            yield from parts(index, predicate, value)


# -------- queries

FORMS = {SH + "select": "SELECT", SH + "ask": "ASK"}
REFUSED_WORDS = {
    "SERVICE": "a rule reads only the document, never the network",
    "LOAD": "a rule reads only the document, never the network",
    "FROM": "a rule reads only the document",
    "GRAPH": "a rule reads the document, which is one graph",
    "MINUS": "SHACL does not allow it; use FILTER NOT EXISTS",
    "VALUES": "SHACL does not allow it; use FILTER (… IN (…))",
}


def _faulty_query(index: Index, subject: Resource, predicate: str) -> Iterator[Problem]:
    for value in index.values(subject, predicate):
        if _is_typed(value, "string"):
            faults = _query_faults(_prologue(index, subject), value.value, predicate)
            yield from (Problem(subject, f"{shown(predicate)}: {fault}") for fault in faults)
        else:
            yield Problem(subject, f"{shown(predicate)} takes a query as text, not {shown(value)}")


def _query_faults(prologue: str, query: str, predicate: str) -> list[str]:
    pieces = tuple(tokens(query))
    words = {piece.text.upper() for piece in pieces if piece.kind == "word"}
    faults = [f"{word} cannot be used here: {why}" for word, why in REFUSED_WORDS.items() if word in words]
    plain = " ".join(piece.text.upper().replace("?", "$") for piece in pieces)
    if "BOUND ( $THIS )" in plain:
        faults.append("BOUND($this) cannot be used here: engines differ on it, and $this is always bound")
    if " AS $THIS )" in plain:
        faults.append("$this cannot be assigned: it is the node that the rule checks")
    if FORMS[predicate] not in words:
        faults.append(f"it takes only {FORMS[predicate]} queries")
    return faults or _grammar_faults(prologue, query)


def _prologue(index: Index, constraint: Resource) -> str:
    """Return the PREFIX declarations of a query on one line."""
    return "".join(f"PREFIX {p}: <{n}> " for p, n in declared_prefixes(index, constraint).items()) + "\n"


def declared_prefixes(index: Index, constraint: Resource) -> dict[str, str]:
    """Return prefix -> namespace as a query may use them: from its sh:prefixes and the ontologies those import."""
    named = index.resources(constraint, SH + "prefixes")
    ontologies = closure(named, lambda ontology: index.resources(ontology, OWL + "imports"))
    declared = (entry for ontology in ontologies for entry in index.resources(ontology, SH + "declare"))
    return {index.text(entry, SH + "prefix"): index.text(entry, SH + "namespace") for entry in declared}


def _grammar_faults(prologue: str, query: str) -> list[str]:
    """Return what is wrong with the grammar or the functions of *query*, which runs on an empty store."""
    whole = prologue + query.replace("$PATH", "<urn:x-path:>")
    if unknown := undeclared_prefix(whole):
        return [f"the prefix '{unknown.prefix}:' is not declared by its sh:prefixes"]
    try:
        ox.Store().query(whole)
    except SyntaxError as error:
        place = re.search(r"error at (\d+):(\d+)", str(error))
        where = f" at line {int(place[1]) - 1}, column {place[2]} of the query" if place else ""
        return [f"it is not SPARQL{where}"]
    except (RuntimeError, ValueError) as error:
        return [str(error)]
    return []
