"""Triples of an ontology -> what is wrong with it that SHACL and OWL engines pass over in silence. Reads its files.

A misspelt class, property or SHACL term makes a rule that never applies; that is refused before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import InputError, Severity
from kg.layout import ontology_files
from kg.mapping.compact import FORMS
from kg.ontology.triples import Index, Resource, local
from kg.terms import CQ, OWL, RDF, RDFS, RULE, SH, SKOS
from kg.values import DATATYPES

SEVERITIES: Mapping[str, Severity] = {
    SH + "Violation": Severity.ERROR,
    SH + "Warning": Severity.WARNING,
    SH + "Info": Severity.INFO,
}
SHAPE_TERMS = frozenset(
    SH + name
    for name in (
        "alternativePath and ask class closed datatype declare description disjoint equals flags hasValue "
        "ignoredProperties in inversePath languageIn lessThan lessThanOrEquals maxCount maxExclusive maxInclusive "
        "maxLength message minCount minExclusive minInclusive minLength name namespace node nodeKind not "
        "oneOrMorePath or path pattern prefix prefixes property qualifiedMaxCount qualifiedMinCount "
        "qualifiedValueShape qualifiedValueShapesDisjoint select severity sparql targetClass targetNode "
        "targetObjectsOf targetSubjectsOf uniqueLang xone zeroOrMorePath zeroOrOnePath"
    ).split()
)
"""The SHACL terms that a rule may use; any other is taken for a misspelling."""

TARGETS = tuple(SH + name for name in ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf"))
CLASS_PLACES = (SH + "class", SH + "targetClass", RDFS + "subClassOf", RDFS + "domain")
PROPERTY_PLACES = (SH + "path", RDFS + "subPropertyOf", *(CQ + name for name in ("contentKey", "pointsAt")))
PROPERTY_PLACES += (CQ + "lowerBoundOf", CQ + "upperBoundOf")
NUMBER_PLACES = (SH + "minCount", SH + "maxCount", CQ + "labelRank")
PREFIXES = {"cq:": CQ, "sh:": SH, "rdfs:": RDFS, "skos:": SKOS, "owl:": OWL, "rule:": RULE}


class Problem(NamedTuple):
    """What is wrong with one term or shape."""

    subject: Resource
    text: str


def refuse_unsound(index: Index, folders: Sequence[Path]) -> None:
    """Refuse a vocabulary that does not hold together.

    Raises:
        InputError: lists every problem with its file and line.
    """
    problems = list(dict.fromkeys(_problems(index)))
    if problems:
        lines = sorted(f"{_where(index, folders, problem.subject)}{problem.text}" for problem in problems)
        raise InputError(
            "the ontology does not hold together:\n  " + "\n  ".join(lines), "correct the ontology's Turtle there"
        )


def _problems(index: Index) -> Iterator[Problem]:
    classes = {local(node.value) for node in index.instances(OWL + "Class")} - {""}
    properties = {local(n.value) for n in index.instances(OWL + "ObjectProperty", OWL + "DatatypeProperty")} - {""}
    yield from _undocumented(index, classes | properties)
    for subject, predicate in index.predicates():
        if predicate.startswith(SH) and predicate not in SHAPE_TERMS:
            yield Problem(subject, f"there is no SHACL term sh:{predicate.removeprefix(SH)} that a rule may use")
        elif predicate in CLASS_PLACES:
            yield from _undeclared(index, subject, predicate, classes, "class")
        elif predicate in PROPERTY_PLACES:
            yield from _undeclared(index, subject, predicate, properties, "property")
        elif predicate in NUMBER_PLACES and not index.text(subject, predicate).isdecimal():
            yield Problem(subject, f"{_shown(predicate)} takes a whole number, not '{index.text(subject, predicate)}'")
        elif predicate == CQ + "compactForm" and (form := index.text(subject, predicate)) not in FORMS:
            yield Problem(subject, f"there is no compact form '{form}'; there are {', '.join(FORMS)}")
    yield from _keyless(index, properties)
    yield from _faulty_rules(index)
    yield from _faulty_codes(index, classes)


def _undocumented(index: Index, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        node = ox.NamedNode(CQ + name)
        missing = [term for term in (RDFS + "label", SKOS + "definition") if not index.text(node, term)]
        if missing:
            yield Problem(node, f"it needs {' and '.join(map(_shown, missing))}")


def _undeclared(index: Index, subject: Resource, predicate: str, known: set[str], kind: str) -> Iterator[Problem]:
    for value in index.resources(subject, predicate):
        if value.value.startswith(CQ) and local(value.value) not in known:
            yield Problem(subject, f"{_shown(predicate)} names a {kind} that is not declared: {_shown(value.value)}")


def _keyless(index: Index, properties: Iterable[str]) -> Iterator[Problem]:
    """Yield the properties that no mapping can use, because no shape says what their values are."""
    for name in properties:
        node = ox.NamedNode(CQ + name)
        shapes = index.subjects(SH + "path", node.value)
        said = [index.text(shape, SH + term) for shape in shapes for term in ("datatype", "class", "nodeKind")]
        if not any(said) and index.text(node, CQ + "computed") != "true":
            yield Problem(node, "no shape says what its values are: add sh:datatype or sh:class, or cq:computed")


def _stands_twice(index: Index, shape: Resource) -> bool:
    """Whether two rules share an id: two kinds of shape, or two messages in one language."""
    kinds = set(index.resources(shape, RDF + "type"))
    languages = [value.language for value in index.values(shape, SH + "message") if isinstance(value, ox.Literal)]
    return len(kinds) > 1 or len(languages) > len(set(languages))


def _faulty_rules(index: Index) -> Iterator[Problem]:
    for shape in dict.fromkeys(index.instances(SH + "PropertyShape", SH + "NodeShape")):
        if not _applies(index, shape):
            yield Problem(
                shape, "it applies to nothing: give it a sh:targetClass, or name it as sh:property of a shape"
            )
        if shape.value.startswith(RULE) and not index.text(shape, SH + "message"):
            yield Problem(shape, "it needs an sh:message that says what to do")
        if len(index.values(shape, SH + "path")) > 1 or _stands_twice(index, shape):
            yield Problem(shape, "it stands twice, or has two paths: a rule has an id of its own and one sh:path")
        severity = index.text(shape, SH + "severity", SH + "Violation")
        if severity not in SEVERITIES:
            yield Problem(shape, f"there is no severity {_shown(severity)}: use sh:Violation, sh:Warning or sh:Info")
        datatype = index.text(shape, SH + "datatype")
        if local(index.text(shape, SH + "path")) and datatype and datatype not in DATATYPES:
            yield Problem(shape, f"no values of the datatype {_shown(datatype)} can be written")


def _applies(index: Index, shape: ox.NamedNode) -> bool:
    """Tell whether *shape* has a target, or is part of another one."""
    parts = ("property", "node", "not", "qualifiedValueShape")
    return any(index.values(shape, target) for target in TARGETS) or any(
        True for part in parts for _ in index.subjects(SH + part, shape.value)
    )


def _faulty_codes(index: Index, classes: set[str]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for subject, predicate in index.predicates():
        if predicate != SKOS + "inScheme" or not isinstance(subject, ox.NamedNode):
            continue
        lists = [kind.value for kind in index.resources(subject, RDF + "type") if local(kind.value)]
        if not lists or not all(local(kind) in classes for kind in lists):
            yield Problem(subject, "a code needs the class of its list as type, one that is declared")
        if not index.text(subject, SKOS + "prefLabel"):
            yield Problem(subject, "a code needs a skos:prefLabel")
        for kind in lists:
            name = subject.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
            other = seen.setdefault((kind, name), subject.value)
            if other != subject.value:
                yield Problem(subject, f"the list {_shown(kind)} already has a code {name}: <{other}>")


# -------- where it stands


def _shown(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return prefix + iri.removeprefix(namespace)
    return f"<{iri}>"


def _where(index: Index, folders: Sequence[Path], subject: Resource) -> str:
    """Return file, line and name of *subject*; of a blank node, those of the node that it is written in."""
    named = _named(index, subject)
    if named is None:
        return ""
    name = re.split("[/#]", named.value)[-1]
    start = re.compile(rf"\s*(?:[\w-]*:|<[^<>]*[/#]){re.escape(name)}(?:>|(?![\w-]))")
    for file in ontology_files(folders):
        for number, line in enumerate(file.read_text(encoding="utf-8-sig").split("\n"), 1):
            if start.match(line):
                return f"{file}:{number}: {_shown(named.value)}: "
    return f"{_shown(named.value)}: "


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
