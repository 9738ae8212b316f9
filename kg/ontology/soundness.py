"""Triples of an ontology -> the errors in it that SHACL and OWL engines ignore. Reads its files.

A rule with a misspelt class, property or SHACL term never applies. It is refused before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.core.errors import InputError, Severity
from kg.core.terms import CQ, OWL, RDF, RDFS, RULE, SH, SKOS
from kg.core.values import DATATYPES, local_name
from kg.ontology.annotations import annotation_problems
from kg.ontology.compact import FORMS
from kg.ontology.parameters import Problem, shape_problems, shown
from kg.ontology.shapes import PARAMETERS, SHAPE_CLASSES, TARGETS, parts, shape_nodes, target_classes
from kg.ontology.triples import Index, Resource, local, subject_lines

SEVERITIES: Mapping[str, Severity] = {
    SH + "Violation": Severity.ERROR,
    SH + "Warning": Severity.WARNING,
    SH + "Info": Severity.INFO,
}
SHAPE_TERMS = frozenset(
    SH + name
    for name in (
        "alternativePath ask deactivated declare defaultValue description group inversePath labelTemplate message name "
        "namespace nodeValidator oneOrMorePath optional order parameter path prefix prefixes propertyValidator select "
        "severity validator zeroOrMorePath zeroOrOnePath"
    ).split()
).union(PARAMETERS, TARGETS)
"""The SHACL terms that a rule may use. Any other is taken to be a misspelling."""
SHAPE_TYPES = frozenset(
    SH + name
    for name in (
        "ConstraintComponent NodeShape Parameter PrefixDeclaration PropertyGroup PropertyShape SPARQLAskValidator "
        "SPARQLConstraint SPARQLSelectValidator Shape"
    ).split()
)

CLASS_PLACES = (CQ + "inBraces", SH + "class", SH + "targetClass", RDFS + "subClassOf", RDFS + "domain")
PROPERTY_PLACES = (SH + "path", RDFS + "subPropertyOf", *(CQ + name for name in ("contentKey", "pointsAt")))
PROPERTY_PLACES += (CQ + "lowerBoundOf", CQ + "upperBoundOf", CQ + "leavesOpen", CQ + "countsBack", CQ + "countsAhead")
PROPERTY_PLACES += (CQ + "identifiedBy",)
REPLACED_BY = CQ + "replacedBy"
RANK_PLACES = (CQ + "labelRank", CQ + "sectionRank", CQ + "stageRank")


def refuse(problems: Iterable[Problem], folders: Sequence[Path], triples: Sequence[ox.Triple]) -> None:
    """Refuse an ontology that has *problems*. *triples* are those of its folders.

    Raises:
        InputError: there are problems. Lists each with its file and line.
    """
    all_problems = list(problems)
    if all_problems:
        index, places = Index(triples), subject_lines(folders, triples)
        lines = sorted({f"{_where(index, places, problem.subject)}{problem.text}" for problem in all_problems})
        raise InputError("the ontology has errors:\n  " + "\n  ".join(lines), "correct these lines of the ontology")


def problems(index: Index) -> Iterator[Problem]:
    """Yield what is wrong with the vocabulary and with its shapes."""
    classes = {local(node.value) for node in index.instances(OWL + "Class")} - {""}
    properties = {local(n.value) for n in index.instances(OWL + "ObjectProperty", OWL + "DatatypeProperty")} - {""}
    declared = {CQ + name for name in properties} | {n.value for n in index.instances(OWL + "AnnotationProperty")}
    yield from _undocumented(index, classes | properties)
    for subject, predicate in index.predicates():
        if predicate.startswith(SH) and predicate not in SHAPE_TERMS:
            yield Problem(subject, f"sh:{predicate.removeprefix(SH)} is not a SHACL term that a rule may use")
        elif predicate == REPLACED_BY:
            yield from _faulty_replacement(index, subject)
        elif predicate in CLASS_PLACES:
            yield from _undeclared(index, subject, predicate, classes, "class")
        elif predicate in PROPERTY_PLACES:
            yield from _undeclared(index, subject, predicate, properties, "property")
        elif predicate.startswith(CQ) and predicate not in declared:
            yield Problem(subject, f"there is no property {shown(predicate)}")
        elif predicate in RANK_PLACES and not (rank := index.text(subject, predicate)).isdecimal():
            yield Problem(subject, f"{shown(predicate)} takes a whole number, not '{rank}'")
        elif predicate == CQ + "compactForm" and (form := index.text(subject, predicate)) not in FORMS:
            yield Problem(subject, f"there is no compact form '{form}'. Use {', '.join(FORMS)}")
        elif predicate == RDF + "type":
            yield from _unknown_types(index, subject)
    yield from _keyless(index, properties)
    yield from _faulty_rules(index)
    yield from shape_problems(index)
    yield from annotation_problems(index, properties)
    yield from _faulty_codes(index, classes)


def _unknown_types(index: Index, subject: Resource) -> Iterator[Problem]:
    for kind in index.resources(subject, RDF + "type"):
        if kind.value.startswith(SH) and kind.value not in SHAPE_TYPES:
            yield Problem(subject, f"{shown(kind)} is not a SHACL class that a rule may use")


def _undocumented(index: Index, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        node = ox.NamedNode(CQ + name)
        missing = [term for term in (RDFS + "label", SKOS + "definition") if not index.text(node, term)]
        if missing:
            yield Problem(node, f"it needs {' and '.join(map(shown, missing))}")


def _undeclared(index: Index, subject: Resource, predicate: str, known: set[str], kind: str) -> Iterator[Problem]:
    for value in index.resources(subject, predicate):
        if new := ", ".join(map(shown, index.resources(value, REPLACED_BY))):
            if not index.values(subject, REPLACED_BY):
                yield Problem(subject, f"{shown(predicate)} names {shown(value)}, which was replaced by {new}")
        elif value.value.startswith(CQ) and local(value.value) not in known:
            yield Problem(subject, f"{shown(predicate)} names a {kind} that is not declared: {shown(value.value)}")


def _faulty_replacement(index: Index, subject: Resource) -> Iterator[Problem]:
    """Yield what is wrong with the replacement of a term: it is not declared, or is another kind of thing."""
    kinds = set(index.resources(subject, RDF + "type"))
    for value in index.values(subject, REPLACED_BY):
        if isinstance(value, ox.Literal) or not kinds & set(index.resources(value, RDF + "type")):
            yield Problem(subject, f"cq:replacedBy takes a declared term of the same kind, not '{value.value}'")
        elif index.values(value, REPLACED_BY):
            yield Problem(
                subject, f"cq:replacedBy names {shown(value)}, which was itself replaced; name what replaced it"
            )


def _keyless(index: Index, properties: Iterable[str]) -> Iterator[Problem]:
    """Yield the properties that no mapping can use, because no shape describes their values."""
    for name in properties:
        node = ox.NamedNode(CQ + name)
        shapes = index.subjects(SH + "path", node.value)
        ranges = [index.text(shape, SH + term) for shape in shapes for term in ("datatype", "class", "nodeKind")]
        if not any(ranges) and index.text(node, CQ + "computed") != "true" and not index.values(node, REPLACED_BY):
            yield Problem(node, "no shape says what its values are: add sh:datatype or sh:class, or cq:computed")


def _faulty_rules(index: Index) -> Iterator[Problem]:
    shapes = shape_nodes(index)
    named = {part for s, p in index.predicates() for v in index.values(s, p) for part in parts(index, p, v)}
    for shape in shapes:
        if shape not in named and not target_classes(index, shape) and not any(index.values(shape, t) for t in TARGETS):
            yield Problem(
                shape, "it applies to nothing: give it a sh:targetClass, or make it the sh:property of a shape"
            )
        yield from (Problem(shape, text) for faulty in _FAULTS_OF_A_RULE if (text := faulty(index, shape)))


def _without_message(index: Index, shape: Resource) -> str:
    is_rule = shape.value.startswith(RULE) and any(index.objects(shape))
    return "it needs an sh:message that says what to do" if is_rule and not index.text(shape, SH + "message") else ""


def _shared_id(index: Index, shape: Resource) -> str:
    """Return the fault of two rules with one id: two paths, two kinds of shape, or two messages in one language."""
    kinds = set(index.resources(shape, RDF + "type")) & {ox.NamedNode(kind) for kind in SHAPE_CLASSES}
    languages = [value.language for value in index.values(shape, SH + "message") if isinstance(value, ox.Literal)]
    is_one = len(kinds) <= 1 and len(languages) == len(set(languages)) and len(index.values(shape, SH + "path")) <= 1
    return "" if is_one else "two rules share this id, or it has two paths: a rule has its own id and one sh:path"


def _unknown_severity(index: Index, shape: Resource) -> str:
    severity = index.text(shape, SH + "severity", SH + "Violation")
    known = "use sh:Violation, sh:Warning or sh:Info"
    return "" if severity in SEVERITIES else f"there is no severity {shown(severity)}: {known}"


def _unknown_datatype(index: Index, shape: Resource) -> str:
    datatype = index.text(shape, SH + "datatype")
    is_known = not datatype or datatype in DATATYPES or not local(index.text(shape, SH + "path"))
    return "" if is_known else f"a mapping cannot hold values of the datatype {shown(datatype)}"


_FAULTS_OF_A_RULE = (_without_message, _shared_id, _unknown_severity, _unknown_datatype)
"""Each returns what is wrong with a shape, "" if nothing is."""


def _faulty_codes(index: Index, classes: set[str]) -> Iterator[Problem]:
    codes = dict(_codes(index))
    for code, lists in codes.items():
        if not lists or not classes.issuperset(map(local, lists)):
            yield Problem(code, "a code needs the declared class of its list as its type")
        if not index.text(code, SKOS + "prefLabel"):
            yield Problem(code, "a code needs a skos:prefLabel")
    listed: dict[tuple[str, str], str] = {}
    for code, kind in ((code, kind) for code, lists in codes.items() for kind in lists):
        name = local_name(str(code))
        other = listed.setdefault((kind, name), code.value)
        if other != code.value:
            yield Problem(code, f"the list {shown(kind)} already has a code {name}: <{other}>")


def _codes(index: Index) -> Iterator[tuple[ox.NamedNode, list[str]]]:
    """Yield each code with the classes of its lists."""
    for subject, predicate in index.predicates():
        if predicate == SKOS + "inScheme" and isinstance(subject, ox.NamedNode):
            yield subject, [kind.value for kind in index.resources(subject, RDF + "type") if local(kind.value)]


# -------- places


def _where(index: Index, places: Mapping[Resource, str], subject: Resource) -> str:
    """Return file, line and name of *subject*; for a blank node, its own line and the named node it belongs to."""
    named = _named(index, subject)
    place = places.get(subject) or (places.get(named) if named else None)
    return (f"{place}: " if place else "") + (f"{shown(named.value)}: " if named else "")


def _named(index: Index, subject: Resource) -> ox.NamedNode | None:
    if isinstance(subject, ox.NamedNode):
        return subject
    seen: set[Resource] = {subject}
    queue: list[Resource] = [subject]
    for node in queue:
        for outer, _ in index.predicates():
            if outer not in seen and node in index.objects(outer):
                if isinstance(outer, ox.NamedNode):
                    return outer
                seen.add(outer)
                queue.append(outer)
    return None
