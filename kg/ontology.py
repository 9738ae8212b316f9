"""ontology/ -> Vocabulary. Reads the ontology's Turtle files; knows OWL, SKOS and SHACL terms, none of our own classes.

The shapes decide which keys a class has and what a value may be; the OWL axioms decide what follows from them.
https://www.w3.org/TR/shacl/ ; https://www.w3.org/TR/owl2-overview/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from kg.errors import InputError, Severity
from kg.terms import CQ, OWL, RDF, RDFS, RULE, SH, SKOS
from kg.vocabulary import ClassTerm, Code, Key, Kind, PropertyTerm, Rule, Vocabulary

Resource: TypeAlias = ox.NamedNode | ox.BlankNode
Value: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal

SEVERITIES = {SH + "Violation": Severity.ERROR, SH + "Warning": Severity.WARNING, SH + "Info": Severity.INFO}


class Index:
    """Triples by subject and predicate."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._values: dict[Resource, dict[str, list[Value]]] = {}
        for triple in triples:
            if not isinstance(triple.subject, ox.Triple) and not isinstance(triple.object, ox.Triple):
                by = self._values.setdefault(triple.subject, {})
                by.setdefault(triple.predicate.value, []).append(triple.object)

    def values(self, subject: Resource, predicate: str) -> Sequence[Value]:
        """Return the objects, in the order of the files."""
        return self._values.get(subject, {}).get(predicate, [])

    def objects(self, subject: Resource) -> Iterator[Value]:
        """Yield everything said of *subject*."""
        return (value for values in self._values.get(subject, {}).values() for value in values)

    def predicates(self) -> Iterator[tuple[Resource, str]]:
        """Yield each subject with each of its predicates."""
        return ((subject, predicate) for subject, by in self._values.items() for predicate in by)

    def resources(self, subject: Resource, predicate: str) -> Iterator[Resource]:
        """Yield the objects that are no literals."""
        return (value for value in self.values(subject, predicate) if not isinstance(value, ox.Literal))

    def text(self, subject: Resource, predicate: str, default: str = "") -> str:
        """Return the first object as text: a literal's or an IRI's."""
        found = self.values(subject, predicate)
        return found[0].value if found else default

    def subjects(self, predicate: str, value: str) -> Iterator[Resource]:
        """Yield the subjects that have the IRI *value*, in the order of the files."""
        node = ox.NamedNode(value)
        return (s for s, by in self._values.items() if node in by.get(predicate, ()))

    def instances(self, *types: str) -> Iterator[ox.NamedNode]:
        """Yield the named subjects of one of these types."""
        for kind in types:
            for subject in self.subjects(RDF + "type", kind):
                if isinstance(subject, ox.NamedNode):
                    yield subject


def ontology_files(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return every Turtle file of *folders* and what lies below them, folder by folder, sorted."""
    return tuple(file for folder in folders for file in sorted(folder.rglob("*.ttl")))


def ontology_triples(folders: Iterable[Path]) -> tuple[ox.Triple, ...]:
    """Parse every ontology file; blank nodes of different files stay apart.

    Raises:
        InputError: a file that is not Turtle, with its line.
    """
    triples: list[ox.Triple] = []
    for file in ontology_files(folders):
        try:
            parsed = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            triples += (quad.triple for quad in parsed)
        except SyntaxError as error:
            where = f"{file}:{error.lineno}:{error.offset}"
            raise InputError(f"{where}: {error.msg}", "correct the Turtle there") from error
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read {file}: {error}") from error
    return tuple(triples)


def ontology_digest(folders: Sequence[Path]) -> str:
    """Return the SHA-256 of the ontology's files, names and bytes, rules included."""
    total = sha256()
    for folder in folders:
        for file in sorted(f for f in folder.rglob("*") if f.suffix in (".ttl", ".rq")):
            total.update(file.relative_to(folder).as_posix().encode())
            total.update(sha256(file.read_bytes()).digest())
    return total.hexdigest()


def load_vocabulary(folders: Sequence[Path]) -> Vocabulary:
    """Read the ontology in *folders* as one vocabulary.

    Raises:
        InputError: a file that is not Turtle, or a vocabulary that does not hold together; all problems are listed.
    """
    index = Index(ontology_triples(folders))
    classes = _classes(index)
    properties = {term.name: term for term in _properties(index)}
    _refuse(_problems(index, classes, properties))
    return Vocabulary(
        classes=classes,
        properties=properties,
        codes=_codes(index, classes),
        keys=_keys(index, classes, properties),
        rules={rule.iri: rule for rule in _rules(index)},
        prefixes=_prefixes(index),
        digest=ontology_digest(folders),
        concrete={name: tuple(sorted(_concrete(name, classes))) for name in classes},
    )


def local(iri: str) -> str:
    """Return the local name of a term of ours, "" for any other IRI."""
    return iri.removeprefix(CQ) if iri.startswith(CQ) else ""


# -------- classes and properties


def _classes(index: Index) -> dict[str, ClassTerm]:
    nodes = {local(node.value): node for node in index.instances(OWL + "Class") if local(node.value)}
    return {name: _class(index, name, node) for name, node in nodes.items()}


def _class(index: Index, name: str, node: ox.NamedNode) -> ClassTerm:
    ancestors = tuple(_ancestors(index, node))
    above = [ox.NamedNode(CQ + ancestor) for ancestor in ancestors]
    return ClassTerm(
        name=name,
        label=index.text(node, RDFS + "label", name),
        definition=index.text(node, SKOS + "definition"),
        abstract=index.text(node, CQ + "abstract") == "true",
        ancestors=ancestors,
        segment=_first(index.text(n, CQ + "segment") for n in above),
        content_key=_first(local(index.text(n, CQ + "contentKey")) for n in above),
        compact_form=_first(index.text(n, CQ + "compactForm") for n in above),
    )


def _ancestors(index: Index, node: Resource) -> list[str]:
    found: list[str] = []
    queue: list[Resource] = [node]
    for current in queue:
        name = local(current.value)
        if name and name not in found:
            found.append(name)
            queue += index.resources(current, RDFS + "subClassOf")
    return found


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
                lower_of=local(index.text(node, CQ + "lowerBoundOf")),
                upper_of=local(index.text(node, CQ + "upperBoundOf")),
                label_rank=int(index.text(node, CQ + "labelRank", "0")),
            )


def _codes(index: Index, classes: Mapping[str, ClassTerm]) -> dict[str, dict[str, Code]]:
    lists: dict[str, dict[str, Code]] = {}
    for name in classes:
        for node in index.instances(CQ + name):
            if any(index.resources(node, SKOS + "inScheme")):
                code = _code(index, node)
                lists.setdefault(name, {})[code.name] = code
    return lists


def _code(index: Index, node: ox.NamedNode) -> Code:
    name = node.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    label, definition = index.text(node, SKOS + "prefLabel", name), index.text(node, SKOS + "definition")
    return Code(name, node.value, label, definition)


def _prefixes(index: Index) -> dict[str, str]:
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
    for shape in index.instances(SH + "NodeShape"):
        keys = [
            key for prop in index.resources(shape, SH + "property") for key in _key(index, prop, classes, properties)
        ]
        for target in index.resources(shape, SH + "targetClass"):
            own[local(target.value)] += keys
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
    """Join what several shapes say of one property; the nearest class decides the range, the tightest bound wins."""
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
    for shape in index.instances(SH + "PropertyShape", SH + "NodeShape"):
        if shape.value.startswith(RULE):
            path = local(index.text(shape, SH + "path"))
            yield Rule(
                id=shape.value.removeprefix(RULE),
                iri=shape.value,
                severity=SEVERITIES[index.text(shape, SH + "severity", SH + "Violation")],
                message=index.text(shape, SH + "message"),
                path=path,
                points_at=local(index.text(shape, CQ + "pointsAt")) or path,
            )


# -------- a vocabulary that does not hold together

SHAPE_TERMS = frozenset(
    SH + name
    for name in [
        "and",
        "class",
        "closed",
        "datatype",
        "declare",
        "description",
        "disjoint",
        "equals",
        "flags",
        "hasValue",
        "ignoredProperties",
        "in",
        "inversePath",
        "languageIn",
        "lessThan",
        "lessThanOrEquals",
        "maxCount",
        "maxExclusive",
        "maxInclusive",
        "maxLength",
        "message",
        "minCount",
        "minExclusive",
        "minInclusive",
        "minLength",
        "name",
        "namespace",
        "node",
        "nodeKind",
        "not",
        "or",
        "path",
        "pattern",
        "prefix",
        "prefixes",
        "property",
        "qualifiedMaxCount",
        "qualifiedMinCount",
        "qualifiedValueShape",
        "qualifiedValueShapesDisjoint",
        "select",
        "severity",
        "sparql",
        "targetClass",
        "targetNode",
        "targetObjectsOf",
        "targetSubjectsOf",
        "uniqueLang",
        "xone",
        "alternativePath",
        "zeroOrMorePath",
        "oneOrMorePath",
        "zeroOrOnePath",
        "ask",
    ]
)


def _refuse(problems: Iterable[str]) -> None:
    found = sorted(set(problems))
    if found:
        raise InputError(
            "the ontology does not hold together:\n  " + "\n  ".join(found), "correct the ontology's Turtle"
        )


def _problems(index: Index, classes: Mapping[str, ClassTerm], properties: Mapping[str, PropertyTerm]) -> Iterator[str]:
    """Yield what SHACL and OWL engines would pass over in silence."""
    definitions = {name: term.definition for name, term in classes.items()}
    definitions |= {name: term.definition for name, term in properties.items()}
    yield from (
        f"cq:{name} needs an rdfs:label and a skos:definition" for name, said in definitions.items() if not said
    )
    for subject, predicate in index.predicates():
        if predicate.startswith(SH) and predicate not in SHAPE_TERMS:
            yield f"{subject} uses a SHACL term that does not exist, or that no rule here may use: {predicate}"
        if predicate in (SH + "path", SH + "class", SH + "targetClass", SH + "severity", SH + "message"):
            yield from _dangling(index, subject, classes, properties)


def _dangling(
    index: Index, subject: Resource, classes: Mapping[str, ClassTerm], properties: Mapping[str, PropertyTerm]
) -> Iterator[str]:
    for predicate in (SH + "class", SH + "targetClass"):
        for value in index.resources(subject, predicate):
            if value.value.startswith(CQ) and local(value.value) not in classes:
                yield f"{subject} names a class that is not declared: cq:{local(value.value)}"
    for value in index.resources(subject, SH + "path"):
        if value.value.startswith(CQ) and local(value.value) not in properties:
            yield f"{subject} names a property that is not declared: cq:{local(value.value)}"
    severity = index.text(subject, SH + "severity", SH + "Violation")
    if severity not in SEVERITIES:
        yield f"{subject} has a severity that SHACL does not know: {severity}"
    if isinstance(subject, ox.NamedNode) and subject.value.startswith(RULE) and not index.text(subject, SH + "message"):
        yield f"{subject} needs an sh:message that says what to do"
