"""The ontology keeps to OWL 2 DL and to the habits of this project; each check is shown a fault that it must find.

https://www.w3.org/TR/owl2-syntax/#Ontologies ; https://www.w3.org/TR/owl2-mapping-to-rdf/
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pytest

from kg.core.model import Quad
from kg.core.terms import CODE, CQ, LABEL, ONTOLOGY, OWL, RDF, RDFS, RULE, SH, SKOS, TYPE, XSD
from kg.core.values import is_iri, lexical
from kg.ontology.load import Index, ontology_triples
from kg.pipeline.dataset import ontology_quads
from kg.pipeline.steps import build
from kg.project.layout import ontology_files
from kg.project.settings import DEFAULT_BASE, load_project
from kg.questions.graph import open_graph
from kg.reasoning.owl import DATATYPES
from kg.store.embedded import memory_store

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "ontology"
KINDS = [OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology")]
KINDS.append(RDFS + "Datatype")
PROPERTY_KINDS = KINDS[1:4]
CHARACTERISTICS = {
    OWL + name
    for name in (
        "SymmetricProperty AsymmetricProperty TransitiveProperty ReflexiveProperty IrreflexiveProperty"
        " FunctionalProperty InverseFunctionalProperty"
    ).split()
}
NEEDS_SIMPLE = {
    OWL + name for name in "AsymmetricProperty IrreflexiveProperty FunctionalProperty InverseFunctionalProperty".split()
}
RESERVED = (RDF, RDFS, OWL, XSD)
BUILT_IN_ANNOTATIONS = {RDFS + n for n in ("label", "comment", "seeAlso", "isDefinedBy")} | {
    OWL + n for n in ("versionInfo", "versionIRI", "deprecated", "priorVersion")
}
LANG_STRING = RDF + "langString"
SHAPES = (SH + "NodeShape", SH + "PropertyShape")

Faults: TypeAlias = Iterator[str]


class Terms:
    """The ontology's triples, and who is declared as what."""

    def __init__(self, triples: tuple[ox.Triple, ...]) -> None:
        self.triples, self.index = triples, Index(triples)
        self.kinds: dict[str, set[str]] = defaultdict(set)
        self.types: dict[object, set[str]] = defaultdict(set)
        for triple in triples:
            if triple.predicate.value == RDF + "type" and isinstance(triple.object, ox.NamedNode):
                self.types[triple.subject].add(triple.object.value)
                if isinstance(triple.subject, ox.NamedNode) and triple.object.value in KINDS:
                    self.kinds[triple.subject.value].add(triple.object.value)
        self.shapes = self._below(node for node, types in self.types.items() if types.intersection(SHAPES))

    def named(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield subject and object where both are IRIs."""
        for triple in self.triples:
            named = isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode)
            if named and triple.predicate.value == predicate:
                yield triple.subject.value, triple.object.value

    def is_a(self, iri: str, kind: str) -> bool:
        return kind in self.kinds.get(iri, ())

    def ours(self, *kinds: str) -> list[str]:
        return sorted(iri for iri, kind in self.kinds.items() if iri.startswith(CQ) and kind.intersection(kinds))

    def _below(self, roots: Iterator[object]) -> set[object]:
        found = set(roots)
        queue = list(found)
        for node in queue:
            new = {v for v in self.index.objects(node) if isinstance(v, ox.BlankNode)} - found
            found |= new
            queue += new
        return found


# -------- the checks


def a_term_of_no_kind_or_two(terms: Terms) -> Faults:
    for node, types in terms.types.items():
        if isinstance(node, ox.NamedNode):
            kinds = terms.kinds.get(node.value, set())
            if len(kinds) > 1:
                yield f"{node.value} is of several kinds: {sorted(kinds)}"
            if types & CHARACTERISTICS and not kinds & set(PROPERTY_KINDS[:2]):
                yield f"{node.value} has a characteristic and is no property"
            if kinds and types - kinds - CHARACTERISTICS:
                yield f"{node.value} is declared, and an individual too"


def an_undeclared_class(terms: Terms) -> Faults:
    for predicate in ("subClassOf", "domain"):
        for subject, value in terms.named(RDFS + predicate):
            if not terms.is_a(value, OWL + "Class"):
                yield f"{subject} names {value}, which is not declared as a class"
    for predicate in ("equivalentClass", "disjointWith", "complementOf", "someValuesFrom", "allValuesFrom"):
        for subject, value in terms.named(OWL + predicate):
            if not terms.is_a(value, OWL + "Class") and value not in DATATYPES:
                yield f"{subject} names {value}, which is not declared as a class"
    for node, types in terms.types.items():
        for kind in types - set(KINDS) - CHARACTERISTICS:
            if not kind.startswith((OWL, SH)) and not terms.is_a(kind, OWL + "Class"):
                yield f"{node} is of {kind}, which is not declared as a class"


def an_undeclared_property(terms: Terms) -> Faults:
    for triple in terms.triples:
        iri = triple.predicate.value
        if iri.startswith((*RESERVED, SH)):
            continue
        if not terms.kinds.get(iri, set()) & set(PROPERTY_KINDS):
            yield f"{triple.subject} uses {iri}, which is not declared as a property"
    for subject, value in terms.named(RDFS + "subPropertyOf"):
        if terms.kinds.get(subject) != terms.kinds.get(value):
            yield f"{subject} is below {value}, which is not a property of its kind"


def a_range_of_the_wrong_kind(terms: Terms) -> Faults:
    for subject, value in terms.named(RDFS + "range"):
        if terms.is_a(subject, OWL + "ObjectProperty") and not terms.is_a(value, OWL + "Class"):
            yield f"{subject} has the range {value}, which is no class"
        if terms.is_a(subject, OWL + "DatatypeProperty") and value not in DATATYPES | {LANG_STRING}:
            yield f"{subject} has the range {value}, which is no datatype of OWL 2"


def a_value_of_the_wrong_kind(terms: Terms) -> Faults:
    for triple in terms.triples:
        literal = isinstance(triple.object, ox.Literal)
        if literal and terms.is_a(triple.predicate.value, OWL + "ObjectProperty"):
            yield f"{triple.subject} has text as {triple.predicate.value}"
        if not literal and terms.is_a(triple.predicate.value, OWL + "DatatypeProperty"):
            yield f"{triple.subject} has a node as {triple.predicate.value}"


def a_word_of_owl_redefined(terms: Terms) -> Faults:
    for triple in terms.triples:
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(RESERVED):
            yield f"{triple.subject.value} is not ours to describe"


def an_import(terms: Terms) -> Faults:
    for subject, value in terms.named(OWL + "imports"):
        yield f"{subject} imports {value}"


def a_characteristic_of_a_composite_property(terms: Terms) -> Faults:
    composite = {t.subject for t in terms.triples if t.predicate.value == OWL + "propertyChainAxiom"}
    composite |= {node for node, types in terms.types.items() if OWL + "TransitiveProperty" in types}
    above = [*composite]
    for node in above:
        above += [v for v in terms.index.resources(node, RDFS + "subPropertyOf") if v not in above]
    for node in above:
        if found := terms.types[node] & NEEDS_SIMPLE:
            yield f"{node} is transitive or above a transitive property, so it cannot be {sorted(found)}"


def a_list_that_is_not_well_formed(terms: Terms) -> Faults:
    nil, cells = ox.NamedNode(RDF + "nil"), set()
    rests: Counter[object] = Counter()
    for triple in terms.triples:
        if triple.predicate.value in (RDF + "first", RDF + "rest"):
            cells.add(triple.subject)
        if triple.predicate.value == RDF + "rest":
            rests[triple.object] += 1
    for cell in cells:
        first, rest = (terms.index.values(cell, RDF + name) for name in ("first", "rest"))
        if len(first) != 1 or len(rest) != 1:
            yield f"{cell} is not one cell of one list"
        elif rest[0] != nil and (rest[0] not in cells or rests[rest[0]] != 1):
            yield f"{cell} does not lead to the rest of its own list"


def a_node_without_a_name(terms: Terms) -> Faults:
    expressions = {OWL + n for n in ("Class", "Restriction", "AllDisjointClasses", "AllDisjointProperties", "Axiom")}
    expressions.add(RDFS + "Datatype")
    declared = {v for t in terms.triples if t.predicate.value == SH + "declare" for v in [t.object]}
    for node in {t.subject for t in terms.triples if isinstance(t.subject, ox.BlankNode)}:
        cell = terms.index.values(node, RDF + "first")
        if not (node in terms.shapes or node in declared or cell or terms.types[node] & expressions):
            yield f"a blank node is neither part of an axiom nor of a shape: {terms.types[node] or 'no type'}"


def a_term_without_label_or_definition(terms: Terms) -> Faults:
    for iri in terms.ours(*KINDS):
        for predicate in (RDFS + "label", SKOS + "definition"):
            texts = terms.index.values(ox.NamedNode(iri), predicate)
            if len(texts) != 1 or not isinstance(texts[0], ox.Literal) or texts[0].language != "en":
                yield f"{iri} needs one {predicate} in English"
        definition = terms.index.text(ox.NamedNode(iri), SKOS + "definition")
        if not re.fullmatch(r"[A-Z].*\.", definition, re.DOTALL):
            yield f"{iri}: a definition is a sentence: {definition}"


def a_name_that_does_not_tell_its_kind(terms: Terms) -> Faults:
    for iri in terms.ours(*KINDS):
        pattern = r"[A-Z][A-Za-z0-9]*" if terms.is_a(iri, OWL + "Class") else r"[a-z][A-Za-z0-9]*"
        if not re.fullmatch(pattern, iri.removeprefix(CQ)):
            yield f"{iri}: classes begin with a capital letter, properties with a small one"


def a_property_without_a_shape(terms: Terms) -> Faults:
    """One that was replaced is in no mapping."""
    paths = {value for _, value in terms.named(SH + "path")}
    replaced = {iri for iri, _ in terms.named(CQ + "replacedBy")}
    for iri in set(terms.ours(*PROPERTY_KINDS[:2])) - replaced:
        computed = terms.index.text(ox.NamedNode(iri), CQ + "computed") == "true"
        if iri not in paths and not computed and not terms.index.values(ox.NamedNode(iri), CQ + "replacedBy"):
            yield f"{iri} has no shape and is not computed"


def a_class_whose_keys_nobody_checks(terms: Terms) -> Faults:
    closed, keyed = set(), set()
    for shape in terms.index.instances(SH + "NodeShape"):
        targets = {target.value for target in terms.index.resources(shape, SH + "targetClass")}
        if terms.index.text(shape, SH + "closed") == "true":
            closed |= targets
        for rule in terms.index.resources(shape, SH + "property"):
            path = ox.NamedNode(terms.index.text(rule, SH + "path", CQ))
            if path.value.startswith(CQ) and terms.index.text(path, CQ + "computed") != "true":
                keyed |= targets
    for iri in terms.ours(OWL + "Class"):
        abstract = terms.index.text(ox.NamedNode(iri), CQ + "abstract") == "true"
        above = set(_above(terms, iri))
        if not abstract and above & keyed and not above & closed:
            yield f"{iri} has no closed shape, on itself or above, so a misspelt key would pass"


def _above(terms: Terms, iri: str) -> list[str]:
    found = [iri]
    for each in found:
        values = terms.index.resources(ox.NamedNode(each), RDFS + "subClassOf")
        found += [v.value for v in values if isinstance(v, ox.NamedNode) and v.value not in found]
    return found


def a_shape_that_names_what_is_not_declared(terms: Terms) -> Faults:
    for predicate in (SH + "class", SH + "targetClass"):
        for subject, value in terms.named(predicate):
            if not terms.is_a(value, OWL + "Class"):
                yield f"{subject} names the class {value}"
    for triple in terms.triples:
        if triple.predicate.value == SH + "path":
            for iri in _path(terms, triple.object):
                if not terms.kinds.get(iri, set()) & set(PROPERTY_KINDS):
                    yield f"{triple.subject} has a path through {iri}"


def _path(terms: Terms, node: object) -> Iterator[str]:
    if isinstance(node, ox.NamedNode):
        if node.value != RDF + "nil":
            yield node.value
    elif isinstance(node, ox.BlankNode):
        for value in terms.index.objects(node):
            yield from _path(terms, value)


def a_code_list_that_is_not_whole(terms: Terms) -> Faults:
    lists = {iri for iri, above in terms.named(RDFS + "subClassOf") if above == CQ + "Code"}
    schemes = {node.value for node in terms.index.instances(SKOS + "ConceptScheme")}
    for iri in sorted(lists):
        name = iri.removeprefix(CQ)
        scheme = f"{CODE}{name[0].lower()}{name[1:]}"
        codes = list(terms.index.instances(iri))
        if scheme not in schemes or not codes:
            yield f"{iri} needs the scheme {scheme} and at least one entry"
        for code in codes:
            if not code.value.startswith(f"{scheme}/") or terms.index.text(code, SKOS + "inScheme") != scheme:
                yield f"{code.value} is not in the scheme {scheme}"
            for predicate in (SKOS + "prefLabel", SKOS + "definition"):
                texts = [v for v in terms.index.values(code, predicate) if isinstance(v, ox.Literal)]
                if [text.language for text in texts] != ["en"]:
                    yield f"{code.value} needs one {predicate} in English"
    for scheme in schemes:
        for predicate in (RDFS + "label", SKOS + "definition"):
            if not terms.index.values(ox.NamedNode(scheme), predicate):
                yield f"{scheme} needs {predicate}"


Check: TypeAlias = Callable[[Terms], Faults]

CHECKS: dict[Check, tuple[str, str]] = {
    a_term_of_no_kind_or_two: ("cq:place a owl:DatatypeProperty .", "place is of several kinds"),
    an_undeclared_class: ("cq:place rdfs:domain cq:Evnt .", "cq:Evnt"),
    an_undeclared_property: ("side:Host cq:colour cq:Red .", "cq:colour, which is not declared"),
    a_range_of_the_wrong_kind: ("cq:note rdfs:range xsd:date .", "xsd:date, which is no datatype of OWL 2"),
    a_value_of_the_wrong_kind: ('side:Host skos:inScheme "side" .', "has text as"),
    a_word_of_owl_redefined: ("rdfs:label a owl:AnnotationProperty .", "rdfs:label is not ours"),
    an_import: ("cq: owl:imports <http://www.w3.org/ns/prov-o> .", "imports"),
    a_characteristic_of_a_composite_property: (
        "cq:partOf a owl:TransitiveProperty . sem:subEventOf a owl:FunctionalProperty .",
        "subEventOf> is transitive or above",
    ),
    a_list_that_is_not_well_formed: ("_:a rdf:first cq:Event ; rdf:rest _:b .", "does not lead to the rest"),
    a_node_without_a_name: ("[] a cq:Event .", "neither part of an axiom"),
    a_term_without_label_or_definition: ('cq:X a owl:Class ; rdfs:label "x"@de .', "cq:X needs one rdfs:label"),
    a_name_that_does_not_tell_its_kind: ("cq:meetingKind a owl:Class .", "begin with a capital letter"),
    a_property_without_a_shape: ("cq:colour a owl:DatatypeProperty .", "cq:colour has no shape"),
    a_class_whose_keys_nobody_checks: ("cq:Pilot a owl:Class ; rdfs:subClassOf cq:Entity .", "cq:Pilot has no closed"),
    a_shape_that_names_what_is_not_declared: (
        "rule:X a sh:PropertyShape ; sh:path ( cq:place [ sh:inversePath cq:plaice ] ) .",
        "has a path through cq:plaice",
    ),
    a_code_list_that_is_not_whole: ("cq:Hue a owl:Class ; rdfs:subClassOf cq:Code .", "cq:Hue needs the scheme"),
}


@pytest.fixture(scope="module")
def triples() -> tuple[ox.Triple, ...]:
    return ontology_triples([FOLDER])


def found(check: Check, triples: tuple[ox.Triple, ...]) -> list[str]:
    """Return what a check finds, with prefixes in place of our longest namespaces."""
    names = {CQ: "cq:", RDFS: "rdfs:", XSD: "xsd:"}
    return sorted(
        {re.sub("|".join(map(re.escape, names)), lambda m: names[m[0]], fault) for fault in check(Terms(triples))}
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_ontology_has_no_such_fault(check: Check, triples: tuple[ox.Triple, ...]) -> None:
    assert found(check, triples) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_such_a_fault_would_be_found(check: Check, triples: tuple[ox.Triple, ...], tmp_path: Path) -> None:
    added, expected = CHECKS[check]
    prefixes = "".join(f"@prefix {prefix}: <{name}> .\n" for prefix, name in prefix_table(triples).items())
    (tmp_path / "added.ttl").write_text(prefixes + added, encoding="utf-8")
    assert any(expected in fault for fault in found(check, (*triples, *ontology_triples([tmp_path]))))


# -------- files


def prefix_table(triples: tuple[ox.Triple, ...]) -> dict[str, str]:
    """Return prefix -> namespace, as ontology/prefixes.ttl declares them for queries and shapes."""
    index = Index(triples)
    declared = list(index.resources(ox.NamedNode(ONTOLOGY), SH + "declare"))
    pairs = [(index.text(node, SH + "prefix"), index.text(node, SH + "namespace")) for node in declared]
    assert len(dict(pairs)) == len(pairs), "a prefix is declared twice"
    return dict(pairs)


def prefixes_used() -> list[tuple[str, str, str]]:
    """Return file, prefix and namespace of every declaration in the ontology and the queries."""
    sparql = [*sorted(FOLDER.rglob("*.rq")), *sorted((ROOT / "queries").rglob("*.rq"))]
    pattern = re.compile(r"^\s*@?prefix\s+([^\s:]*):\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)
    return [
        (file.relative_to(ROOT).as_posix(), prefix, namespace)
        for file in (*ontology_files([FOLDER]), *sparql)
        for prefix, namespace in pattern.findall(file.read_text(encoding="utf-8"))
    ]


def test_every_prefix_used_anywhere_is_that_of_the_one_table(triples: tuple[ox.Triple, ...]) -> None:
    table, used = prefix_table(triples), prefixes_used()
    assert len(used) > 200
    assert [use for use in used if use[1] and table.get(use[1]) != use[2]] == []
    assert [use for use in used if not use[1] and use[2] not in table.values()] == []


def test_every_prefix_of_the_table_has_its_own_namespace(triples: tuple[ox.Triple, ...]) -> None:
    table = prefix_table(triples)
    assert len(set(table.values())) == len(table)
    schemes = [node.value for node in Index(triples).instances(SKOS + "ConceptScheme")]
    assert {f"{scheme}/" for scheme in schemes} <= set(table.values())


def test_each_term_and_rule_is_described_in_one_file_and_others_terms_in_alignment() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for file in ontology_files([FOLDER]):
        for quad in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode):
                places[quad.subject.value].add(file.name)
    assert {iri: sorted(files) for iri, files in places.items() if len(files) > 1} == {}
    others = {iri for iri in places if not iri.startswith((CQ, RULE, CODE, ONTOLOGY))}
    assert {file for iri in others for file in places[iri]} == {"alignment.ttl"}


# -------- the graph that is published


def published(triples: tuple[ox.Triple, ...]) -> list[str]:
    return sorted({str(quad) for quad in ontology_quads(triples, DEFAULT_BASE)})


def test_the_published_graph_has_no_blank_node_and_nothing_is_lost(triples: tuple[ox.Triple, ...]) -> None:
    lines = published(triples)
    assert [line for line in lines if "_:" in re.sub(r'"(?:[^"\\]|\\.)*"', "", line)] == []
    named = [t for t in triples if not any(isinstance(term, ox.BlankNode) for term in (t.subject, t.object))]
    assert len(lines) >= len(set(named))


def test_the_published_graph_is_the_same_whatever_the_order_and_the_names_of_blank_nodes(
    triples: tuple[ox.Triple, ...],
) -> None:
    again = list(ontology_triples([FOLDER]))
    assert {t.object for t in again if isinstance(t.object, ox.BlankNode)}.isdisjoint(t.object for t in triples)
    random.Random(7).shuffle(again)
    assert published(tuple(again)) == published(triples)


def test_a_list_of_any_length_and_a_circle_of_blank_nodes_have_names() -> None:
    values = " ".join(f"<urn:x{number}>" for number in range(5_000))
    diamonds = " ".join(f"_:d{number} <urn:p> _:d{number + 1} ; <urn:q> _:d{number + 1} ." for number in range(60))
    circle = "_:one <urn:next> _:other . _:other <urn:next> _:one ."
    text = f"<urn:s> <urn:list> ({values}) . {diamonds} {circle}"
    found = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    assert not [quad for quad in ontology_quads(found, "https://e.org/") if "_:" in "".join(quad)]


def test_publishing_it_twice_changes_nothing(triples: tuple[ox.Triple, ...]) -> None:
    with memory_store(published(triples)) as store:
        before = len(store)
        store.add_lines(published(ontology_triples([FOLDER])))
        assert len(store) == before > 2000


# -------- the data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Quad]:
    """Return what the fictional project publishes about its articles, its registry and what is derived."""
    project = replace(load_project(ROOT / "tests" / "fiction"), build=tmp_path_factory.mktemp("build"))
    build(project)
    with open_graph(project) as graph:
        ours = f"<{project.base}"
        apart = {f"{ours}graph/{name}>" for name in ("ontology", "dataset", "validation")}
        return [quad for quad in graph.store.quads() if quad.graph not in apart]


def test_every_class_and_property_in_the_data_is_declared(built: list[Quad], triples: tuple[ox.Triple, ...]) -> None:
    terms = Terms(triples)
    classes = {lexical(quad.object) for quad in built if quad.predicate == TYPE}
    assert {iri for iri in classes if not terms.is_a(iri, OWL + "Class")} == set()
    properties = {lexical(quad.predicate) for quad in built} - {RDF + "type", RDFS + "label"}
    assert {iri for iri in properties if not terms.kinds[iri].intersection(PROPERTY_KINDS)} == set()
    assert len(classes) > 40
    assert len(properties) > 100


def test_object_properties_lead_to_nodes_and_datatype_properties_to_text(
    built: list[Quad], triples: tuple[ox.Triple, ...]
) -> None:
    terms = Terms(triples)
    for quad in built:
        kind = OWL + ("ObjectProperty" if is_iri(quad.object) else "DatatypeProperty")
        assert terms.kinds[lexical(quad.predicate)] & {kind, OWL + "AnnotationProperty"} or quad.predicate in (
            TYPE,
            LABEL,
        )
