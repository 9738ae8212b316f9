"""ontology/ -> Vocabulary. Reads the ontology's Turtle files. Knows OWL, SKOS and SHACL terms, but none of our classes.

The shapes decide which keys a class has and what a value may be; the OWL axioms decide what follows from them.
https://www.w3.org/TR/shacl/ ; https://www.w3.org/TR/owl2-overview/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kg.core.terms import CQ, OWL, RDF, RDFS, RULE, SH, SKOS
from kg.core.values import local_name
from kg.ontology.fills import Fill, parsed_fills
from kg.ontology.shapes import active_shapes, target_classes
from kg.ontology.soundness import REPLACED_BY, SEVERITIES, problems, refuse
from kg.ontology.triples import Index, Resource, ancestors, local, ontology_triples
from kg.ontology.versions import made_key, once_per_version, ontology_digest
from kg.ontology.vocabulary import (
    ClassTerm,
    Code,
    Key,
    Kind,
    PropertyTerm,
    Replacement,
    Rule,
    Vocabulary,
    code_terms,
)
from kg.ontology.vocabulary_json import parsed_vocabulary, vocabulary_text
from kg.project.kept_texts import kept_text
from kg.project.settings import Project
from kg.words.names import NameKind

__all__ = ["SEVERITIES", "Index", "Resource", "load_vocabulary", "local", "ontology_triples"]

OUR_TERMS = re.compile(r"\bcq:([A-Za-z]\w*)")


@once_per_version
def load_vocabulary(folders: Sequence[Path]) -> Vocabulary:
    """Read the ontology in *folders* as one vocabulary.

    Raises:
        InputError: a file is not Turtle, or the vocabulary is inconsistent. All problems are listed.
    """
    triples = ontology_triples(folders)
    index = Index(triples)
    refuse(problems(index), folders, triples)
    classes = _classes(index)
    properties = {term.name: term for term in _properties(index)}
    codes = _codes(index, classes)
    terms = code_terms(codes)
    keys = _keys(index, classes, properties)
    concrete = {name: tuple(sorted(_concrete(name, classes))) for name in classes}
    return Vocabulary(
        classes=classes,
        properties=_in_words(properties, keys, classes, concrete),
        codes=codes,
        keys=keys,
        rules={rule.iri: rule for rule in _rules(index)},
        prefixes=prefixes(index),
        digest=ontology_digest(folders),
        concrete=concrete,
        code_terms=terms,
        code_ranks={term: rank for rank, term in enumerate(terms)},
        version=max((index.text(each, OWL + "versionInfo") for each in index.instances(OWL + "Ontology")), default=""),
        replacements=tuple(_replacements(index, classes)),
    )


def project_vocabulary(project: Project) -> Vocabulary:
    """Return the ontology of *project* as one vocabulary, from the build folder if an earlier run kept it there.

    Raises:
        InputError: as `load_vocabulary`.
    """
    return _kept_vocabulary(project.ontology, project.build)


@once_per_version
def _kept_vocabulary(folders: Sequence[Path], build: Path) -> Vocabulary:
    key = made_key(folders, "vocabulary", by=("core", "words", "ontology"))
    return parsed_vocabulary(kept_text(build, key, lambda: _vocabulary_text(folders)))


@once_per_version  # a process may have many build folders: `kg diff` has one for each revision
def _vocabulary_text(folders: Sequence[Path]) -> str:
    return vocabulary_text(load_vocabulary(folders))


# -------- classes and properties


def _classes(index: Index) -> dict[str, ClassTerm]:
    nodes = {local(node.value): node for node in index.instances(OWL + "Class") if local(node.value)}
    return {name: _class(index, name, node) for name, node in nodes.items()}


def _class(index: Index, name: str, node: ox.NamedNode) -> ClassTerm:
    line = tuple(ancestors(index, node))
    above = [ox.NamedNode(CQ + ancestor) for ancestor in line]
    return ClassTerm(
        name=name,
        label=index.text(node, RDFS + "label", name),
        definition=index.text(node, SKOS + "definition"),
        abstract=index.text(node, CQ + "abstract") == "true" or bool(index.values(node, REPLACED_BY)),
        ancestors=line,
        segment=_first(index.text(n, CQ + "segment") for n in above),
        content_key=_first(local(index.text(n, CQ + "contentKey")) for n in above),
        compact_form=_first(index.text(n, CQ + "compactForm") for n in above),
        label_template=_first(_english(index, n, CQ + "labelTemplate") for n in above),
        summary_template=_first(_english(index, n, CQ + "summaryTemplate") for n in above),
        dated_by=tuple(_first(index.text(n, CQ + "datedBy") for n in above).split()),
        dated_from=_first(index.text(n, CQ + "datedFrom") for n in above),
        dated_until=_first(index.text(n, CQ + "datedUntil") for n in above),
        identified_by=next((names for n in above if (names := tuple(sorted(_names(index, n, "identifiedBy"))))), ()),
        is_part=any(index.values(n, CQ + "contentKey") or index.text(n, CQ + "isPart") == "true" for n in above),
        name_kind=NameKind(_first(index.text(n, CQ + "calledAs") for n in above)),
        section=_first(index.text(n, CQ + "pageSection") for n in above).rpartition("/")[2],
    )


def _english(index: Index, node: ox.NamedNode, predicate: str) -> str:
    """Return the text in English, else the first by language, "" if there is none."""
    texts = [value for value in index.values(node, predicate) if isinstance(value, ox.Literal)]
    return min(texts, key=lambda text: (text.language != "en", text.language or "")).value if texts else ""


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _concrete(name: str, classes: Mapping[str, ClassTerm]) -> Iterator[str]:
    return (term.name for term in classes.values() if name in term.ancestors and not term.abstract)


def _properties(index: Index) -> Iterator[PropertyTerm]:
    for node in index.instances(OWL + "ObjectProperty", OWL + "DatatypeProperty"):
        if name := local(node.value):
            yield PropertyTerm(
                name=name,
                label=index.text(node, RDFS + "label", name),
                definition=index.text(node, SKOS + "definition"),
                computed=index.text(node, CQ + "computed") == "true",
                lower_of=_names(index, node, "lowerBoundOf"),
                upper_of=_names(index, node, "upperBoundOf"),
                label_rank=int(index.text(node, CQ + "labelRank", "0")),
                counts_dates=index.text(node, CQ + "countsDates"),
                in_words=index.text(node, CQ + "calledInWords") != "false",
                if_left_out=index.text(node, CQ + "ifLeftOut"),
                in_braces=local(index.text(node, CQ + "inBraces")),
                fills=tuple(_fills(index, node)),
                passed_on=index.text(node, CQ + "passedOn") == "true",
            )


def _fills(index: Index, node: Resource) -> Iterator[Fill]:
    """Yield what may be left out in braces, each once even if several languages have it."""
    texts = (text for text in index.values(node, CQ + "filledIn") if isinstance(text, ox.Literal))
    yield from dict.fromkeys(fill for text in texts for fill in parsed_fills(text.value, text.language or ""))


def _names(index: Index, node: Resource, annotation: str) -> tuple[str, ...]:
    """Return the local names of the properties that are the values of an annotation."""
    return tuple(local(other.value) for other in index.resources(node, CQ + annotation))


def _in_words(
    properties: Mapping[str, PropertyTerm],
    keys: Mapping[str, Mapping[str, Key]],
    classes: Mapping[str, ClassTerm],
    concrete: Mapping[str, Sequence[str]],
) -> dict[str, PropertyTerm]:
    """Return *properties* with `in_words` set only for those whose values have names of their own."""
    named = {name for name, below in concrete.items() if any(classes[each].name_kind for each in below)}
    leading = {key.name for own in keys.values() for key in own.values() if key.kind is Kind.ANY or key.range in named}
    return {name: replace(term, in_words=term.in_words and name in leading) for name, term in properties.items()}


def _codes(index: Index, classes: Mapping[str, ClassTerm]) -> dict[str, dict[str, Code]]:
    lists: dict[str, dict[str, Code]] = {}
    for name in classes:
        for node in index.instances(CQ + name):
            if any(index.resources(node, SKOS + "inScheme")) and not index.values(node, REPLACED_BY):
                code = _code(index, node)
                lists.setdefault(name, {})[code.name] = code
    return lists


def _code(index: Index, node: ox.NamedNode) -> Code:
    name = local_name(str(node))
    label, definition = index.text(node, SKOS + "prefLabel", name), index.text(node, SKOS + "definition")
    return Code(
        name=name,
        iri=node.value,
        label=label,
        definition=definition,
        dated_by=tuple(index.text(node, CQ + "datedBy").split()),
        dating=index.text(node, CQ + "givesDating"),
        reported_as=index.text(node, CQ + "givesReportedAs"),
        leaves_open=_names(index, node, "leavesOpen"),
        counts_dates=index.text(node, CQ + "countsDates"),
        counts_back=_names(index, node, "countsBack"),
        counts_ahead=_names(index, node, "countsAhead"),
    )


def _replacements(index: Index, classes: Mapping[str, ClassTerm]) -> Iterator[Replacement]:
    for node, predicate in index.predicates():
        if predicate == REPLACED_BY:
            kinds = (local(kind.value) for kind in index.resources(node, RDF + "type"))
            by = tuple(sorted(new.value for new in index.resources(node, REPLACED_BY)))
            yield Replacement(node.value, next((kind for kind in kinds if kind in classes), ""), by)


def prefixes(index: Index) -> dict[str, str]:
    """Return the sorted prefixes that the ontology declares with sh:declare, each with its namespace."""
    pairs = (
        (index.text(entry, SH + "prefix"), index.text(entry, SH + "namespace"))
        for ontology in index.instances(OWL + "Ontology")
        for entry in index.resources(ontology, SH + "declare")
    )
    return dict(sorted(pairs))


# -------- shapes


def _keys(
    index: Index, classes: Mapping[str, ClassTerm], properties: Mapping[str, PropertyTerm]
) -> dict[str, dict[str, Key]]:
    own: dict[str, list[Key]] = defaultdict(list)
    active = dict.fromkeys(active_shapes(index))
    for shape in active:
        held = [prop for prop in index.resources(shape, SH + "property") if prop in active]
        keys = [key for prop in held for key in _key(index, prop, classes, properties)]
        for target in target_classes(index, shape):
            own[local(target)] += keys
    return {
        name: _merged(key for ancestor in term.ancestors for key in own[ancestor]) for name, term in classes.items()
    }


def _key(
    index: Index, shape: Resource, classes: Mapping[str, ClassTerm], properties: Mapping[str, PropertyTerm]
) -> Iterator[Key]:
    name = local(index.text(shape, SH + "path"))
    if name not in properties or properties[name].computed:
        return
    kind, range_ = _kind(index, shape, classes)
    if kind is None:
        return
    most = index.text(shape, SH + "maxCount")
    yield Key(
        name=name,
        iri=CQ + name,
        kind=kind,
        range=range_,
        least=int(index.text(shape, SH + "minCount", "0")),
        most=int(most) if most else None,
        one_per_language=index.text(shape, SH + "uniqueLang") == "true",
        rules=(shape.value,),
    )


def _kind(index: Index, shape: Resource, classes: Mapping[str, ClassTerm]) -> tuple[Kind | None, str]:
    datatype = index.text(shape, SH + "datatype")
    if datatype:
        return (Kind.TEXT, "") if datatype == RDF + "langString" else (Kind.LITERAL, datatype)
    name = local(index.text(shape, SH + "class"))
    if name:
        return (Kind.CODE if "Code" in classes[name].ancestors else Kind.NODE), name
    return (Kind.ANY, "") if index.text(shape, SH + "nodeKind") == SH + "IRI" else (None, "")


def _merged(keys: Iterable[Key]) -> dict[str, Key]:
    """Merge the keys of several shapes for one property: the range of the nearest class and the tightest bounds."""
    merged: dict[str, Key] = {}
    for key in keys:
        old = merged.get(key.name)
        merged[key.name] = key if old is None else _tightened(old, key)
    return dict(sorted(merged.items()))


def _tightened(near: Key, far: Key) -> Key:
    bounds = [most for most in (near.most, far.most) if most is not None]
    return Key(
        name=near.name,
        iri=near.iri,
        kind=near.kind,
        range=near.range,
        least=max(near.least, far.least),
        most=min(bounds) if bounds else None,
        one_per_language=near.one_per_language or far.one_per_language,
        rules=(*near.rules, *far.rules),
    )


def _rules(index: Index) -> Iterator[Rule]:
    for shape in active_shapes(index):
        if isinstance(shape, ox.NamedNode) and shape.value.startswith(RULE):
            path = local(index.text(shape, SH + "path"))
            yield Rule(
                id=shape.value.removeprefix(RULE),
                iri=shape.value,
                severity=SEVERITIES[index.text(shape, SH + "severity", SH + "Violation")],
                message=index.text(shape, SH + "message"),
                remedy=index.text(shape, CQ + "remedy"),
                path=path,
                points_at=local(index.text(shape, CQ + "pointsAt")) or path,
                reads=tuple(sorted(set(_read_by(index, shape)))),
            )


def _read_by(index: Index, shape: Resource) -> Iterator[str]:
    """Yield the local names of our properties and classes that the constraints of *shape* mention."""
    for value in index.objects(shape):
        if isinstance(value, ox.BlankNode) or (isinstance(value, ox.NamedNode) and index.values(value, SH + "select")):
            yield from _read_by(index, value)
        elif isinstance(value, ox.NamedNode):
            yield from filter(None, [local(value.value)])
    for query in index.values(shape, SH + "select"):
        yield from OUR_TERMS.findall(query.value)
