"""Triples of an ontology -> what is wrong with it that SHACL and OWL engines pass over in silence. Reads its files.

A misspelt class, property or SHACL term makes a rule that never applies; that is refused before anything is built.
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
"""The SHACL terms that a rule may use; any other is taken for a misspelling."""
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
    """Refuse an ontology that has *problems*; *triples* are those of its folders.

    Raises:
        InputError: lists every problem with its file and line.
    """
    all_problems = list(problems)
    if all_problems:
        index, places = Index(triples), subject_lines(folders, triples)
        lines = sorted({f"{_where(index, places, problem.subject)}{problem.text}" for problem in all_problems})
        raise InputError(
            "the ontology does not hold together:\n  " + "\n  ".join(lines), "correct the ontology's Turtle there"
        )


def problems(index: Index) -> Iterator[Problem]:
    """Yield what is wrong with the vocabulary and with its shapes."""
    classes = {local(node.value) for node in index.instances(OWL + "Class")} - {""}
    properties = {local(n.value) for n in index.instances(OWL + "ObjectProperty", OWL + "DatatypeProperty")} - {""}
    declared = {CQ + name for name in properties} | {n.value for n in index.instances(OWL + "AnnotationProperty")}
    yield from _undocumented(index, classes | properties)
    for subject, predicate in index.predicates():
        if predicate.startswith(SH) and predicate not in SHAPE_TERMS:
            yield Problem(subject, f"there is no SHACL term sh:{predicate.removeprefix(SH)} that a rule may use")
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
            yield Problem(subject, f"there is no compact form '{form}'; there are {', '.join(FORMS)}")
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
            yield Problem(subject, f"there is no SHACL class {shown(kind)} that a rule may use")


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
    """Yield what is wrong with what a term says of its replacement: it is not there, or is another kind of thing."""
    kinds = set(index.resources(subject, RDF + "type"))
    for value in index.values(subject, REPLACED_BY):
        if isinstance(value, ox.Literal) or not kinds & set(index.resources(value, RDF + "type")):
            yield Problem(subject, f"cq:replacedBy takes a term of the same kind that is declared, not '{value.value}'")
        elif index.values(value, REPLACED_BY):
            yield Problem(
                subject, f"cq:replacedBy names {shown(value)}, which was replaced itself; name what replaced it"
            )


def _keyless(index: Index, properties: Iterable[str]) -> Iterator[Problem]:
    """Yield the properties that no mapping can use, because no shape says what their values are."""
    for name in properties:
        node = ox.NamedNode(CQ + name)
        shapes = index.subjects(SH + "path", node.value)
        said = [index.text(shape, SH + term) for shape in shapes for term in ("datatype", "class", "nodeKind")]
        if not any(said) and index.text(node, CQ + "computed") != "true" and not index.values(node, REPLACED_BY):
            yield Problem(node, "no shape says what its values are: add sh:datatype or sh:class, or cq:computed")


def _faulty_rules(index: Index) -> Iterator[Problem]:
    shapes = shape_nodes(index)
    named = {part for s, p in index.predicates() for v in index.values(s, p) for part in parts(index, p, v)}
    for shape in shapes:
        if shape not in named and not target_classes(index, shape) and not any(index.values(shape, t) for t in TARGETS):
            yield Problem(
                shape, "it applies to nothing: give it a sh:targetClass, or name it as sh:property of a shape"
            )
        yield from (Problem(shape, text) for faulty in _FAULTS_OF_A_RULE if (text := faulty(index, shape)))


def _without_message(index: Index, shape: Resource) -> str:
    is_rule = shape.value.startswith(RULE) and any(index.objects(shape))
    return "it needs an sh:message that says what to do" if is_rule and not index.text(shape, SH + "message") else ""


def _standing_twice(index: Index, shape: Resource) -> str:
    """Two rules share an id: two paths, two kinds of shape, or two messages in one language."""
    kinds = set(index.resources(shape, RDF + "type")) & {ox.NamedNode(kind) for kind in SHAPE_CLASSES}
    languages = [value.language for value in index.values(shape, SH + "message") if isinstance(value, ox.Literal)]
    is_one = len(kinds) <= 1 and len(languages) == len(set(languages)) and len(index.values(shape, SH + "path")) <= 1
    return "" if is_one else "it stands twice, or has two paths: a rule has an id of its own and one sh:path"


def _unknown_severity(index: Index, shape: Resource) -> str:
    severity = index.text(shape, SH + "severity", SH + "Violation")
    known = "use sh:Violation, sh:Warning or sh:Info"
    return "" if severity in SEVERITIES else f"there is no severity {shown(severity)}: {known}"


def _unknown_datatype(index: Index, shape: Resource) -> str:
    datatype = index.text(shape, SH + "datatype")
    is_known = not datatype or datatype in DATATYPES or not local(index.text(shape, SH + "path"))
    return "" if is_known else f"no values of the datatype {shown(datatype)} can be written"


_FAULTS_OF_A_RULE = (_without_message, _standing_twice, _unknown_severity, _unknown_datatype)
"""What each says of a shape, "" for nothing."""


def _faulty_codes(index: Index, classes: set[str]) -> Iterator[Problem]:
    codes = dict(_codes(index))
    for code, lists in codes.items():
        if not lists or not classes.issuperset(map(local, lists)):
            yield Problem(code, "a code needs the class of its list as type, one that is declared")
        if not index.text(code, SKOS + "prefLabel"):
            yield Problem(code, "a code needs a skos:prefLabel")
    listed: dict[tuple[str, str], str] = {}
    for code, kind in ((code, kind) for code, lists in codes.items() for kind in lists):
        name = local_name(str(code))
        other = listed.setdefault((kind, name), code.value)
        if other != code.value:
            yield Problem(code, f"the list {shown(kind)} already has a code {name}: <{other}>")


def _codes(index: Index) -> Iterator[tuple[ox.NamedNode, list[str]]]:
    """Yield each code with the classes of lists that it is in."""
    for subject, predicate in index.predicates():
        if predicate == SKOS + "inScheme" and isinstance(subject, ox.NamedNode):
            yield subject, [kind.value for kind in index.resources(subject, RDF + "type") if local(kind.value)]


# -------- where it stands


def _where(index: Index, places: Mapping[Resource, str], subject: Resource) -> str:
    """Return file, line and name of *subject*; of a blank node, its own line and the name that it is written in."""
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
