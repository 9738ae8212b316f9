"""The ontology's annotations for readers -> their problems. No I/O.

How facts are labelled, dated and sorted (ontology/reading.ttl), and which entities their words must name
(ontology/core.ttl), depends on texts with names of properties and codes. A misspelt name would silently lose a label or
a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.core.terms import CQ, FACT_CLASS, OWL, RDF, RDFS, SH, SKOS, XSD
from kg.core.values import local_name
from kg.ontology.fills import Fill, parsed_fills
from kg.ontology.parameters import Problem, shown
from kg.ontology.templates import guards, names
from kg.ontology.triples import Index, Resource, ancestors, local
from kg.words.names import NameKind

TIME_CLASS = "TimeExpression"
TEMPLATES = tuple(CQ + name for name in ("labelTemplate", "summaryTemplate"))
ENDS = tuple(CQ + name for name in ("datedFrom", "datedUntil"))
CODES = tuple(CQ + name for name in ("givesDating", "givesReportedAs", "pageSection"))
CALLED_AS, CALLED_IN_WORDS = CQ + "calledAs", CQ + "calledInWords"
IF_LEFT_OUT, IN_BRACES, FILLED_IN = CQ + "ifLeftOut", CQ + "inBraces", CQ + "filledIn"
ON_CLASSES = (*TEMPLATES, *ENDS, CALLED_AS, CQ + "pageSection", CQ + "cue", CQ + "nameCue")
ON_CODES = tuple(CQ + name for name in ("givesDating", "givesReportedAs", "onTimeline", "sectionRank"))
WAYS = ("back", "ahead", "either")
"""Which way a date is counted from the publication."""
_TEXTS = (XSD + "string", RDF + "langString")


def annotation_problems(index: Index, properties: Iterable[str]) -> Iterator[Problem]:
    """Yield the problems of the annotations. *properties* are the local names of those declared."""
    declared = frozenset(properties)
    for subject, predicate in index.predicates():
        yield from _misplaced(index, subject, predicate)
        if predicate in TEMPLATES:
            yield from _faulty_texts(index, subject, predicate)
            yield from _faulty_template(index, subject, predicate, declared)
        elif predicate in (CQ + "datedBy", *ENDS):
            yield from _faulty_texts(index, subject, predicate)
            yield from _faulty_names(index, subject, predicate, declared)
        elif predicate == CQ + "countsDates" and index.text(subject, predicate) not in WAYS:
            yield Problem(subject, f"{shown(predicate)} is one of {', '.join(WAYS)}")
        elif predicate in CODES:
            yield from _not_codes(index, subject, predicate)
        elif predicate in (CALLED_AS, CALLED_IN_WORDS):
            yield from _faulty_calls(index, subject, predicate)
        elif predicate == IF_LEFT_OUT:
            yield from _not_taken(index, subject)
        elif predicate == FILLED_IN:
            yield from _faulty_texts(index, subject, predicate)
            yield from _faulty_fills(index, subject, declared)
        elif predicate == IN_BRACES:
            yield from _not_inside(index, subject)


def _misplaced(index: Index, subject: Resource, predicate: str) -> Iterator[Problem]:
    if predicate != CQ + "datedBy" and predicate not in ON_CLASSES and predicate not in ON_CODES:
        return
    is_class, is_code = _is_class(index, subject), _is_code(index, subject)
    if (predicate in ON_CLASSES and not is_class) or (predicate in ON_CODES and not is_code):
        owner = "a class" if predicate in ON_CLASSES and predicate not in ON_CODES else "an entry of a code list"
        yield Problem(subject, f"{shown(predicate)} belongs to {owner}")
    elif predicate == CQ + "datedBy" and not (is_class or is_code):
        yield Problem(subject, f"{shown(predicate)} belongs to a class or to an entry of a code list")


def _faulty_texts(index: Index, subject: Resource, predicate: str) -> Iterator[Problem]:
    values = index.values(subject, predicate)
    texts = [value for value in values if isinstance(value, ox.Literal) and value.datatype.value in _TEXTS]
    if len(texts) < len(values):
        yield Problem(subject, f"{shown(predicate)} takes a text")
    if len({text.language for text in texts}) < len(texts):
        yield Problem(subject, f"{shown(predicate)} occurs twice; join the two into one text")


def _faulty_template(index: Index, subject: Resource, predicate: str, declared: frozenset[str]) -> Iterator[Problem]:
    for value in index.values(subject, predicate):
        try:
            unknown = sorted(set(names(value.value)) - declared)
        except ValueError as error:
            yield Problem(subject, f"{shown(predicate)}: {error}")
            continue
        if unknown:
            yield Problem(subject, f"{shown(predicate)} names a property that is not declared: {unknown[0]}")
            continue
        for prop, code in guards(value.value):
            if not _has_code(index, prop, code):
                yield Problem(subject, f"{shown(predicate)} asks for a code that '{prop}' does not take: {code}")


def _has_code(index: Index, prop: str, code: str) -> bool:
    entries = index.once(_entries)
    return any((code_list, code) in entries for code_list in _ranges(index, prop))


def _entries(index: Index) -> frozenset[tuple[str, str]]:
    """Return each entry of a code list: the local names of the class of its list and of itself."""
    return frozenset(
        (local(kind.value), local_name(str(entry)))
        for entry, predicate in index.predicates()
        if predicate == SKOS + "inScheme"
        for kind in index.resources(entry, RDF + "type")
    )


def _faulty_names(index: Index, subject: Resource, predicate: str, declared: frozenset[str]) -> Iterator[Problem]:
    given = index.text(subject, predicate)
    words = given.split()
    if not words or not declared.issuperset(words):
        yield Problem(subject, f"{shown(predicate)} takes local names of properties, not '{given}'")
        return
    for name in words:
        leads_to = {above for kind in _ranges(index, name) for above in ancestors(index, ox.NamedNode(CQ + kind))}
        allowed = {TIME_CLASS} if predicate in ENDS else {TIME_CLASS, FACT_CLASS}
        if not leads_to & allowed:
            what = "a time" if predicate in ENDS else "a time or a fact"
            yield Problem(subject, f"{shown(predicate)} names '{name}', which does not lead to {what}")


def _faulty_calls(index: Index, subject: Resource, predicate: str) -> Iterator[Problem]:
    given, kinds = index.text(subject, predicate), list(filter(None, NameKind))
    if predicate == CALLED_AS and given not in kinds:
        yield Problem(subject, f"{shown(predicate)} takes {', '.join(kinds[:-1])} or {kinds[-1]}, not '{given}'")
    if predicate == CALLED_IN_WORDS and not _is(index, subject, "ObjectProperty"):
        yield Problem(subject, f"{shown(predicate)} belongs to an object property")
    elif predicate == CALLED_IN_WORDS and given not in ("true", "false"):
        yield Problem(subject, f"{shown(predicate)} takes true or false, not '{given}'")


def _not_taken(index: Index, subject: Resource) -> Iterator[Problem]:
    """Yield the problems of a property's default code."""
    given = index.values(subject, IF_LEFT_OUT)
    codes = [value for value in given if isinstance(value, ox.NamedNode)]
    kinds = [{local(kind.value) for kind in index.resources(code, RDF + "type")} for code in codes]
    taken = _ranges(index, local(subject.value))
    if len(given) != 1 or len(codes) != 1 or not _is_code(index, codes[0]) or taken.isdisjoint(kinds[0]):
        yield Problem(subject, f"{shown(IF_LEFT_OUT)} takes one entry of the code list that the property takes")


def _not_inside(index: Index, subject: Resource) -> Iterator[Problem]:
    """Yield the problems of the class for braces under a property: it must be one that the property takes."""
    taken = _ranges(index, local(subject.value))
    for value in index.resources(subject, IN_BRACES):
        if taken.isdisjoint(ancestors(index, value)):
            yield Problem(subject, f"{shown(IN_BRACES)} names a class that the property does not take: {shown(value)}")


def _faulty_fills(index: Index, subject: Resource, declared: frozenset[str]) -> Iterator[Problem]:
    for text in index.values(subject, FILLED_IN):
        try:
            fills = parsed_fills(text.value, text.language if isinstance(text, ox.Literal) and text.language else "")
            unknown = sorted({name for fill in fills for name in _named_by(index, fill)} - declared)
        except ValueError as error:
            yield Problem(subject, f"{shown(FILLED_IN)}: {error}")
            continue
        if unknown:
            yield Problem(subject, f"{shown(FILLED_IN)} names a property that is not declared: {unknown[0]}")
        for fill in fills:
            if fill.asks and not _has_code(index, fill.asks, fill.code):
                problem = f"{shown(FILLED_IN)} asks for a code that '{fill.asks}' does not take: {fill.code}"
                yield Problem(subject, problem)


def _named_by(index: Index, fill: Fill) -> Iterator[str]:
    """Yield the local names of the properties in one line."""
    yield from filter(None, (fill.key, fill.inner, fill.asks))
    if fill.is_text:
        yield from names(fill.source)
    elif not _has_code(index, fill.target, fill.source):
        yield fill.source.removeprefix("^")


def _not_codes(index: Index, subject: Resource, predicate: str) -> Iterator[Problem]:
    for value in index.values(subject, predicate):
        if isinstance(value, ox.Literal) or not _is_code(index, value):
            yield Problem(subject, f"{shown(predicate)} takes an entry of a code list, not '{value.value}'")


def _ranges(index: Index, name: str) -> set[str]:
    """Return the local names of the classes of a property's values, from its range and the shapes."""
    node = ox.NamedNode(CQ + name)
    shapes = index.subjects(SH + "path", node.value)
    classes = [*index.resources(node, RDFS + "range"), *(c for s in shapes for c in index.resources(s, SH + "class"))]
    return {local(kind.value) for kind in classes} - {""}


def _is_class(index: Index, subject: Resource) -> bool:
    return _is(index, subject, "Class")


def _is(index: Index, subject: Resource, kind: str) -> bool:
    return any(each.value == OWL + kind for each in index.resources(subject, RDF + "type"))


def _is_code(index: Index, subject: Resource) -> bool:
    return any(True for _ in index.resources(subject, SKOS + "inScheme"))
