"""Every rule of the ontology, by example: `shapes/<rule>/valid.ttl` keeps it, `shapes/<rule>/invalid.ttl` breaks it.

An example is Turtle of one article's graph. The first line of an invalid one says why it is invalid.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from kg.errors import InputError
from kg.model import Quad
from kg.ontology import Index, load_vocabulary, ontology_triples
from kg.shapes import shape_triples, target_classes
from kg.terms import CODE, CQ, RDF, RULE, SH, TYPE, cq
from kg.validate import Result, Shapes
from kg.vocabulary import Vocabulary

ONTOLOGY = Path(__file__).parent.parent / "ontology"
EXAMPLES = Path(__file__).parent / "shapes"
NODE = "<https://example.org/tides/it>"
GRAPH = "<https://example.org/tides>"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary([ONTOLOGY])


@pytest.fixture(scope="module")
def shapes(vocabulary: Vocabulary) -> Shapes:
    return Shapes([ONTOLOGY], vocabulary)


def rules() -> list[str]:
    return sorted(rule.id for rule in load_vocabulary([ONTOLOGY]).rules.values())


every_rule = pytest.mark.parametrize("rule", rules())


def example(rule: str, kind: str) -> tuple[Quad, ...]:
    parsed = ox.parse(path=str(EXAMPLES / rule / f"{kind}.ttl"), format=ox.RdfFormat.TURTLE)
    return tuple(Quad(str(t.subject), str(t.predicate), str(t.object), GRAPH) for t in parsed)


def broken(results: Iterable[Result]) -> set[str]:
    """Return the ids of the rules that *results* break; a result of no rule shows as the shape it comes from."""
    return {result.shape.removeprefix(RULE) for result in results}


# -------- by example


def test_every_rule_has_its_two_examples_and_every_example_its_rule() -> None:
    found = {file.relative_to(EXAMPLES).as_posix() for file in EXAMPLES.rglob("*") if file.is_file()}
    assert found == {f"{rule}/{kind}.ttl" for rule in rules() for kind in ("valid", "invalid")}


@every_rule
def test_the_valid_example_breaks_no_rule(shapes: Shapes, rule: str) -> None:
    assert shapes.results(example(rule, "valid")) == ()


@every_rule
def test_the_valid_example_gives_its_rule_something_to_look_at(shapes: Shapes, rule: str) -> None:
    assert RULE + rule in shapes.aimed_at(example(rule, "valid"))


@every_rule
def test_the_invalid_example_breaks_exactly_its_rule(shapes: Shapes, vocabulary: Vocabulary, rule: str) -> None:
    results = shapes.results(example(rule, "invalid"))
    assert broken(results) == {rule}
    assert {result.severity for result in results} == {vocabulary.rules[RULE + rule].severity}


@every_rule
def test_with_its_rule_taken_away_nothing_finds_the_fault_of_the_invalid_example(shapes: Shapes, rule: str) -> None:
    assert shapes.without(RULE + rule).results(example(rule, "invalid")) == ()


@every_rule
def test_the_invalid_example_says_in_its_first_line_why(rule: str) -> None:
    first = (EXAMPLES / rule / "invalid.ttl").read_text(encoding="utf-8").partition("\n")[0]
    assert re.fullmatch(r"# Invalid: \S.*\S\.", first)


# -------- the shapes as a whole


def test_every_shape_has_something_to_look_at_in_the_examples(shapes: Shapes, vocabulary: Vocabulary) -> None:
    every_shape = target_classes(shape_triples([ONTOLOGY], vocabulary)).keys()
    seen = {shape for rule in rules() for shape in shapes.aimed_at(example(rule, "valid"))}
    assert every_shape - seen == set()


def test_every_result_can_be_told_by_the_name_of_a_rule(vocabulary: Vocabulary) -> None:
    index = Index(shape_triples([ONTOLOGY], vocabulary))
    properties = {
        (shape.value, prop.value)
        for shape in index.instances(SH + "NodeShape")
        for prop in index.resources(shape, SH + "property")
    }
    assert [pair for pair in sorted(properties) if pair[1] not in vocabulary.rules] == []


def test_all_that_the_shapes_name_is_declared(vocabulary: Vocabulary) -> None:
    triples = shape_triples([ONTOLOGY], vocabulary)
    named = {term.value for triple in triples for term in (triple.predicate, triple.object) if is_ours(term)}
    selects = [t.object.value for t in triples if t.predicate.value == SH + "select"]
    for prefix, local in re.findall(r"\b(\w+):(\w+)", " ".join(selects)):
        named.add(vocabulary.prefixes[prefix] + local)
    declared = {term.value for triple in ontology_triples([ONTOLOGY]) if is_ours(term := triple.subject)}
    assert {iri for iri in named - declared if iri.startswith((CQ, CODE))} - {CQ + "sha256Hex"} == set()


def is_ours(term: object) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith((CQ, CODE))


def test_the_completed_shapes_are_shapes_by_the_shapes_of_shacl(vocabulary: Vocabulary) -> None:
    assert meta_conforms(rdflib_graph(shape_triples([ONTOLOGY], vocabulary)))


def test_the_shapes_of_shacl_refuse_a_shape_with_two_bounds() -> None:
    graph = rdflib.Graph().parse(format="turtle", data=f"<{RULE}X> a <{SH}NodeShape> ; <{SH}closed> true, false .")
    assert not meta_conforms(graph)


def meta_conforms(graph: rdflib.Graph) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", rdflib.NORMALIZE_LITERALS)
        try:
            pyshacl.validate(rdflib.Graph(), shacl_graph=graph, meta_shacl=True)
        except pyshacl.errors.ReportableRuntimeError:
            return False
    return True


def rdflib_graph(triples: Iterable[object]) -> rdflib.Graph:
    return rdflib.Graph().parse(data="\n".join(f"{triple} ." for triple in triples), format="nt")


@pytest.fixture(scope="module")
def as_written(vocabulary: Vocabulary) -> tuple[rdflib.Graph, rdflib.Graph]:
    return rdflib_graph(ontology_triples([ONTOLOGY])), rdflib_graph(shape_triples([ONTOLOGY], vocabulary))


@pytest.mark.parametrize("rule", rules()[::24])
def test_the_results_are_those_of_all_shapes_as_they_are_written(
    shapes: Shapes, as_written: tuple[rdflib.Graph, rdflib.Graph], rule: str
) -> None:
    ontology, all_shapes = as_written
    data = rdflib_graph(f"{quad.subject} {quad.predicate} {quad.object}" for quad in example(rule, "invalid"))
    known = [t for t in ontology if str(t[1]) in (RDF + "type", "http://www.w3.org/2000/01/rdf-schema#subClassOf")]
    for triple in known:
        data.add(triple)
    _, report, _ = pyshacl.validate(data, shacl_graph=all_shapes)
    found = [
        tuple(str(report.value(result, rdflib.URIRef(SH + name))) for name in ("focusNode", "sourceShape"))
        for result in report.objects(None, rdflib.URIRef(SH + "result"))
    ]
    assert sorted(found) == sorted((r.focus[1:-1], r.shape) for r in shapes.results(example(rule, "invalid")))


# -------- messages


@every_rule
def test_the_message_says_what_to_do_in_plain_words_without_a_full_stop(vocabulary: Vocabulary, rule: str) -> None:
    message = vocabulary.rules[RULE + rule].message
    assert re.fullmatch(r"[A-Z].{10,150}[\w'\"]", message)
    assert not re.search(r"(?i)\bsh:|shape|constraint|violat|literal|datatype|cardinality|focus|conform|\bvalidat", message)


def test_no_two_rules_have_one_message(vocabulary: Vocabulary) -> None:
    said = Counter(rule.message for rule in vocabulary.rules.values())
    assert [message for message, times in said.items() if times > 1] == []


# -------- closed shapes


def classes_with_keys() -> list[str]:
    vocabulary = load_vocabulary([ONTOLOGY])
    return sorted(name for name, term in vocabulary.classes.items() if vocabulary.keys[name] and not term.abstract)


every_class = pytest.mark.parametrize("name", classes_with_keys())


@every_class
def test_a_misspelt_key_is_found_once_whatever_the_class(shapes: Shapes, name: str) -> None:
    node = (Quad(NODE, TYPE, cq(name), GRAPH), Quad(NODE, cq("misspelt"), '"x"', GRAPH))
    found = [result for result in shapes.results(node) if result.path == cq("misspelt")]
    assert [(result.focus, result.value) for result in found] == [(NODE, '"x"')]


@every_class
def test_the_keys_of_a_class_and_of_those_above_it_pass_every_closed_shape(
    shapes: Shapes, vocabulary: Vocabulary, name: str
) -> None:
    keys = [Quad(NODE, cq(key), "<https://example.org/tides/value>", GRAPH) for key in vocabulary.keys[name]]
    results = shapes.results((Quad(NODE, TYPE, cq(name), GRAPH), *keys))
    assert [result for result in results if result.message.startswith(("Only ", "A ")) and "key" in result.message] == []
