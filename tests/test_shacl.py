"""Shapes are applied as SHACL reads them, or refused at file:line; the engine in use agrees with the reference.

`shacl/applied/*.ttl`: a rule in many forms, which a visit without a place breaks. `shacl/refused/*.ttl`: what is no
SHACL, with what is said of it in the `.txt` beside. The W3C suite stays outside the project: SHACL_SUITE names its
folder. https://w3c.github.io/data-shapes/data-shapes-test-suite/
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.core.errors import InputError
from kg.core.relations import grouped
from kg.core.terms import CQ, OWL, RDF, RULE, SH, TYPE, XSD, cq
from kg.ontology.load import load_vocabulary
from kg.ontology.parameters import shape_problems
from kg.ontology.shapes import members, reachable
from kg.ontology.triples import Index, Value, ontology_triples
from kg.ontology.vocabulary import Vocabulary
from kg.validation.engines import COMPILED, ENGINES, REFERENCE, Result, Shapes, ShapesError
from kg.validation.plan import plan_of
from kg.validation.required import required
from kg.validation.validate import background, load_shapes

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
EXPECTED = tomllib.loads((Path(__file__).parent / "shacl" / "w3c.toml").read_text(encoding="utf-8"))
SUITE = Path(os.environ.get("SHACL_SUITE", "/nonexistent"))
needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="SHACL_SUITE does not name the folder of the W3C suite")


@dataclass(frozen=True)
class Case:
    """One case of the suite: its graphs, and the results of the report; None where validation has to fail."""

    name: str
    data: tuple[ox.Triple, ...]
    shapes: tuple[ox.Triple, ...]
    report: Counter[tuple[str, ...]] | None


@cache
def cases() -> tuple[Case, ...]:
    return tuple(case for file in sorted(SUITE.rglob("*.ttl")) for case in cases_in(file))


def cases_in(file: Path) -> list[Case]:
    index = Index(graph(file.as_uri()))
    return [
        Case(
            file.relative_to(SUITE).with_suffix("").as_posix(),
            graph(index.text(action, SHT + "dataGraph")),
            graph(index.text(action, SHT + "shapesGraph")),
            expected(index, index.values(entry, MF + "result")[0]),
        )
        for entry in index.instances(SHT + "Validate")
        for action in index.resources(entry, MF + "action")
    ]


@cache
def graph(uri: str) -> tuple[ox.Triple, ...]:
    path = uri.removeprefix("file://")
    return tuple(quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=uri))


def expected(index: Index, report: Value) -> Counter[tuple[str, ...]] | None:
    if isinstance(report, ox.NamedNode):
        assert report.value == SHT + "Failure"
        return None
    assert isinstance(report, ox.BlankNode)
    return Counter(
        (
            term(index, result, "focusNode"),
            "".join(path(index, node) for node in index.values(result, SH + "resultPath")),
            term(index, result, "value"),
            term(index, result, "sourceShape"),
            term(index, result, "sourceConstraintComponent"),
            term(index, result, "resultSeverity"),
        )
        for result in index.resources(report, SH + "result")
    )


def term(index: Index, result: ox.NamedNode | ox.BlankNode, name: str) -> str:
    return "".join("_:" if isinstance(value, ox.BlankNode) else str(value) for value in index.values(result, SH + name))


def path(index: Index, node: Value) -> str:
    if isinstance(node, ox.NamedNode):
        return str(node)
    assert isinstance(node, ox.BlankNode)
    if index.values(node, RDF + "first"):
        return "/".join(path(index, step) for step in members(index, node) or ())
    for listed in index.values(node, SH + "alternativePath"):
        return "(" + "|".join(path(index, step) for step in members(index, listed) or ()) + ")"
    forms = {"inversePath": "^({})", "zeroOrMorePath": "({})*", "oneOrMorePath": "({})+", "zeroOrOnePath": "({})?"}
    name, inner = next((name, v) for name in forms for v in index.values(node, SH + name))
    return forms[name].format(path(index, inner))


def actual(result: Result) -> tuple[str, ...]:
    def named(text: str, prefix: str = "") -> str:
        return f"<{prefix}{text}>" if ":" not in text or not prefix else f"<{text}>"

    anonymous = ":" not in result.shape
    return (
        "_:" if result.focus.startswith("_:") else result.focus,
        result.path,
        "_:" if result.value.startswith("_:") else result.value,
        "_:" if anonymous else f"<{result.shape}>",
        named(result.component, SH),
        named(result.severity, SH),
    )


def report_of(case: Case, engine: str) -> Counter[tuple[str, ...]] | str:
    """Return the results of *case*, or why it is refused."""
    try:
        results = Shapes(case.shapes, engine=engine).results(
            (str(t.subject), str(t.predicate), str(t.object)) for t in case.data
        )
    except ShapesError as error:
        return error.message
    return Counter(map(actual, results))


@needs_suite
@pytest.mark.parametrize("engine", ENGINES)
def test_the_reports_are_those_of_the_suite_but_for_the_cases_that_are_listed(engine: str) -> None:
    assert len(cases()) == 121
    listed, differing = EXPECTED[engine], {}
    for case in cases():
        report = report_of(case, engine)
        refused = isinstance(report, str)
        if not (refused if case.report is None else report == case.report):
            differing[case.name] = f"refused: {report}" if refused else "another report"
    assert differing == listed


def test_the_engine_in_use_matches_all_cases_of_the_suite_but_one() -> None:
    assert len(EXPECTED[COMPILED]) == 1


@needs_suite
def test_the_shapes_of_the_suite_pass_the_checks_of_syntax_but_for_the_cases_that_are_listed() -> None:
    problems = {case.name: sorted({problem.text for problem in shape_problems(Index(case.shapes))}) for case in cases()}
    assert {name: texts for name, texts in problems.items() if texts} == EXPECTED["syntax"]


def test_what_is_not_of_shacl_is_refused_by_both_engines() -> None:
    broken = ox.parse(
        input=f"<x:s> a <{SH}PropertyShape> ; <{SH}targetNode> <x:n> ; <{SH}path> <x:p> ; <{SH}minCount> 'many' .",
        format=ox.RdfFormat.TURTLE,
    )
    shapes = tuple(quad.triple for quad in broken)
    for engine in (COMPILED, REFERENCE):
        with pytest.raises(ShapesError, match="minCount"):
            Shapes(shapes, engine=engine).results([])


ANY_VALUE = f"""<x:s> a <{SH}NodeShape> ; <{SH}targetSubjectsOf> <x:p> ;
    <{SH}sparql> [ <{SH}select> "SELECT $this ?value WHERE {{ $this <x:p> ?value }}" ] ;
    <{SH}property> [ <{SH}path> <x:p> ; <{SH}nodeKind> <{SH}IRI> ] ."""
WRITTEN_ONE_WAY = ("<x:a>", "<x:p>", f'"1"^^<{XSD}integer>')
WRITTEN_OTHERWISE = [
    ("_:b", "<x:p>", "<x:c>"),
    ("<x:b>", "<x:p>", f'"01"^^<{XSD}integer>'),
    ("<x:b>", "<x:p>", '"x"@en-GB'),
    ("<x:b>", "<x:p>", f'"{"9" * 30}"^^<{XSD}integer>'),
    ("<x:b>", "<x:p>", f'"-0"^^<{XSD}integer>'),
    ("<x:b>", "<x:p>", f'"{"9" * 18}"^^<{XSD}integer>'),
    ("<x:b>", "<x:p>", f'"2031-02-30"^^<{XSD}date>'),
    ("<x:b>", "<x:p>", f'"0000-01-01"^^<{XSD}date>'),
]


@pytest.mark.parametrize("statement", [WRITTEN_ONE_WAY, *WRITTEN_OTHERWISE], ids=lambda statement: statement[2])
def test_a_query_sees_blank_nodes_and_literals_as_they_are_written(statement: tuple[str, str, str]) -> None:
    shapes = tuple(quad.triple for quad in ox.parse(ANY_VALUE, format=ox.RdfFormat.TURTLE))
    found = [Shapes(shapes, engine=engine).results([WRITTEN_ONE_WAY, statement]) for engine in ENGINES]
    values = [[r.value for r in results if r.component == "SPARQLConstraintComponent"] for results in found]
    assert values[0] == values[1]
    assert statement[2] in values[0]


FURTHER = ("<x:b>", "<x:q>", "<x:c>")
WAYS_TO_FURTHER = (
    "$this <x:p> ?value FILTER EXISTS { ?value <x:q> <x:c> }",
    "$this <x:p>/^<x:none>?/<x:q> ?value",
    "$this <x:p> ?b . ?b ?any ?value",
    "$this <x:p> ?b . ?b !<x:p> ?value",
    "$this <x:p> ?b . ?value <x:none>* ?value",
    "$this <x:p> ?b . ?value (<x:none>|<x:nothing>)? ?value",
)


@pytest.mark.parametrize("pattern", WAYS_TO_FURTHER)
def test_a_query_reads_all_statements_that_it_can_depend_on(pattern: str) -> None:
    query = f'<{SH}sparql> [ <{SH}select> "SELECT $this ?value WHERE {{ {pattern} }}" ]'
    shape = f"<x:s> a <{SH}NodeShape> ; <{SH}targetNode> <x:a> ; {query} ."
    shapes = tuple(quad.triple for quad in ox.parse(shape, format=ox.RdfFormat.TURTLE))
    data = [("<x:a>", "<x:p>", "<x:b>"), FURTHER]
    values = [{result.value for result in Shapes(shapes, engine=engine).results(data)} for engine in ENGINES]
    assert values[0] == values[1]
    assert values[0] & {"<x:b>", "<x:c>"}
    without = {result.value for result in Shapes(shapes).results(data[:1])}
    assert without != values[0]


REQUIRED: Mapping[str, Sequence[tuple[tuple[str, ...], str]]] = {
    "$this <x:p> ?value": [(("<x:p>",), "")],
    "$this <x:p>+ $this": [(("<x:p>",), "")],
    "$this a <x:T> ; <x:q>|<x:p> ?value .": [((TYPE,), "<x:T>"), (("<x:p>", "<x:q>"), "")],
    "$this <x:p>/^<x:q> ?value": [(("<x:p>",), "")],
    "$this (<x:p>|<x:q>)/<x:p> <x:b>": [(("<x:p>", "<x:q>"), "")],
    "$this <x:p> <x:b>, <x:c> ; <x:q> ?value": [(("<x:p>",), "<x:b>")],
    "$this <x:q> 5 ; <x:p> <x:c> FILTER (true)": [(("<x:q>",), ""), (("<x:p>",), "<x:c>")],
    "$this <x:q> 'zwei'@de ; <x:p> ?value": [(("<x:q>",), "")],
    "?value <x:p> $this . $this <x:q> ?other": [(("<x:q>",), "")],
    "$this <x:p>* ?value": [],
    "$this <x:p>?/<x:q> ?value": [],
    "$this ^<x:p> ?value": [],
    "$this !<x:p> ?value": [],
    "$this ?any ?value": [],
    "$this <x:\\\\u0070> ?value": [],
    "{ $this <x:p> ?value } UNION { $this <x:q> ?value }": [],
    "?other <x:q> ?value . FILTER NOT EXISTS { $this <x:p> ?value }": [],
    "?other <x:q> ?value . OPTIONAL { $this <x:p> ?value }": [],
    "?other <x:q> ?value . FILTER ($this != <x:b>)": [],
}
"""A pattern -> what a node must have for it to have a row: predicates, and an object or ""."""

FIVE = f'"5"^^<{XSD}integer>'
STATED = {
    "<x:a>": [("<x:p>", "<x:b>"), ("<x:p>", "<x:c>"), ("<x:q>", "<x:a>")],
    "<x:b>": [("<x:p>", "<x:c>"), ("<x:q>", '"zwei"@de'), (TYPE, "<x:T>")],
    "<x:c>": [("<x:q>", FIVE), (TYPE, "<x:T>")],
    "<x:d>": [("<x:p>", "<x:d>"), ("<x:q>", "<x:b>")],
    "<x:e>": [("<x:r>", "<x:a>")],
    "<x:f>": [("<x:q>", FIVE), ("<x:p>", "<x:c>")],
}
NODES = tuple((node, *pair) for node, pairs in STATED.items() for pair in (*pairs, (TYPE, "<x:Thing>")))


def shapes_of(patterns: Iterable[str]) -> tuple[ox.Triple, ...]:
    """Return a shape for each pattern, called after its number, for all things."""
    written = (
        f"<x:s{number}> a <{SH}NodeShape> ; <{SH}targetClass> <x:Thing> ;"
        f' <{SH}sparql> [ <{SH}select> "SELECT $this WHERE {{ {pattern} }}" ] .'
        for number, pattern in enumerate(patterns)
    )
    return tuple(quad.triple for quad in ox.parse("\n".join(written), format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("pattern", REQUIRED)
def test_a_query_requires_what_each_of_its_rows_needs(pattern: str) -> None:
    text = pattern.replace("\\\\", "\\")
    assert [*required(f"SELECT $this WHERE {{ {text} }}")] == REQUIRED[pattern]


def test_nodes_that_lack_what_a_query_requires_would_have_no_row() -> None:
    shapes = shapes_of(REQUIRED)
    results = [{(r.shape, r.focus) for r in Shapes(shapes, engine=engine).results(NODES)} for engine in ENGINES]
    assert results[0] == results[1]
    assert {shape for shape, _ in results[0]} == {f"x:s{number}" for number in range(len(REQUIRED))}


def test_a_query_runs_only_where_some_node_has_what_it_requires(monkeypatch: pytest.MonkeyPatch) -> None:
    def unused(_: str) -> ox.Store:
        raise AssertionError("a query runs")

    shapes = Shapes(shapes_of(["$this <x:p> <x:e> ; <x:q> ?value"]))
    monkeypatch.setattr("kg.validation.selects._store", unused)
    assert shapes.results(NODES) == ()
    with pytest.raises(AssertionError, match="a query runs"):
        shapes.results([*NODES, ("<x:b>", "<x:p>", "<x:e>")])


def test_results_about_some_nodes_are_those_of_all_results_about_them() -> None:
    shapes = shapes_of(["$this <x:q> ?value", "?other <x:r> $this", "FILTER NOT EXISTS { $this <x:none> ?value }"])
    for engine in ENGINES:
        every = Shapes(shapes, engine=engine).results(NODES)
        assert len({result.focus for result in every}) > 1
        for node in sorted({result.focus for result in every}):
            own = Shapes(shapes, engine=engine).results(NODES, about={node})
            assert own == tuple(result for result in every if result.focus == node)


def test_a_query_does_not_run_for_nodes_whose_results_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unused(_: str) -> ox.Store:
        raise AssertionError("a query runs")

    shapes = Shapes(shapes_of(["$this <x:q> ?value", "$this ?any ?value"]))
    monkeypatch.setattr("kg.validation.selects._store", unused)
    assert shapes.results(NODES, about={"<x:other>"}) == ()
    with pytest.raises(AssertionError, match="a query runs"):
        shapes.results(NODES, about={NODES[0][0]})


IGNORING = f"""
<x:One> a <{SH}NodeShape> ; <{SH}targetClass> <x:Thing> ; <{SH}closed> true ;
    <{SH}ignoredProperties> ( <x:p> <{RDF}type> <x:q> ) .
<x:Two> a <{SH}NodeShape> ; <{SH}targetClass> <x:Thing> ; <{SH}closed> true ;
    <{SH}ignoredProperties> ( <x:q> <x:p> <x:r> <{RDF}type> ) .
[] a <{SH}NodeShape> ; <{SH}targetClass> <x:Thing> ; <{SH}closed> true ; <{SH}ignoredProperties> () .
"""


def test_closed_shapes_that_ignore_the_same_properties_share_the_ends_of_their_lists() -> None:
    shapes = tuple(quad.triple for quad in ox.parse(IGNORING, format=ox.RdfFormat.TURTLE))
    core = plan_of(shapes, library=True).core
    assert core.count(f"<{RDF}rest>") == len({"p", "type", "q", "r"})
    results = [
        Counter((r.focus, r.path, r.value) for r in Shapes(shapes, engine=engine).results(NODES)) for engine in ENGINES
    ]
    assert results[0] == results[1]
    assert {result[1] for result in results[0]} >= {"<x:p>", "<x:r>", TYPE}


def test_where_the_library_is_not_installed_the_reference_applies_all(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = tuple(quad.triple for quad in ox.parse(ANY_VALUE, format=ox.RdfFormat.TURTLE))
    with_it = Shapes(shapes).results([WRITTEN_ONE_WAY])
    monkeypatch.setattr("kg.validation.compiled.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "shacl", None)
    without_it = Shapes(shapes).results([WRITTEN_ONE_WAY])
    assert {(r.focus, r.value, r.component) for r in with_it} == {(r.focus, r.value, r.component) for r in without_it}
    assert len(with_it) == 2


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are not listed on this system")
def test_a_large_document_starts_no_threads_which_forked_workers_would_wait_for() -> None:
    """The library splits work among threads from 4,096 nodes on."""
    shapes = tuple(quad.triple for quad in ox.parse(ANY_VALUE, format=ox.RdfFormat.TURTLE))
    before = set(Path("/proc/self/task").iterdir())
    results = Shapes(shapes).results((f"<x:{number}>", "<x:p>", '"x"') for number in range(5_000))
    assert len(results) == 10_000
    assert set(Path("/proc/self/task").iterdir()) == before


# -------- ways to write a rule

HERE = Path(__file__).parent / "shacl"
ONTOLOGY = Path(__file__).parent.parent / "ontology"
HEAD = " ".join(
    f"@prefix {prefix}: <{iri}> ."
    for prefix, iri in {"cq": CQ, "rule": RULE, "owl": OWL, "rdf": RDF, "sh": SH, "xsd": XSD}.items()
)
VISIT, PART = "<https://example.org/tides/it>", "<https://example.org/tides/part>"
DATA = (
    (VISIT, TYPE, cq("Visit")),
    (VISIT, cq("name"), '"Visit to the tide station"@en'),
    (VISIT, cq("participation"), PART),
    (PART, TYPE, cq("Participation")),
)


REFUSED_BY_THE_REFERENCE = ("query-with-a-dotted-prefix",)  # rdflib knows no such prefix


def cases_of(kind: str) -> list[Path]:
    files = sorted((HERE / kind).glob("*.ttl"))
    assert files
    return files


def with_prefixes(file: Path, folder: Path) -> Path:
    """Write the case to a folder of its own; its lines keep their numbers."""
    written = folder / "more.ttl"
    written.write_text(f"{HEAD} {file.read_text(encoding='utf-8')}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def base() -> tuple[Vocabulary, tuple[ox.Triple, ...]]:
    """The ontology itself, to which a case adds its rule."""
    return load_vocabulary([ONTOLOGY]), tuple(ontology_triples([ONTOLOGY]))


@pytest.mark.parametrize("file", cases_of("applied"), ids=lambda file: file.stem)
def test_a_rule_is_applied_however_it_is_written(
    tmp_path: Path, file: Path, base: tuple[Vocabulary, tuple[ox.Triple, ...]]
) -> None:
    vocabulary, triples = base
    added = ontology_triples([with_prefixes(file, tmp_path)])
    whole = (*triples, *added)
    index = Index(whole)
    needed = reachable(index, {triple.subject for triple in added})
    own, known = [triple for triple in whole if triple.subject in needed], background(index, vocabulary)
    for engine in ENGINES[:1] if file.stem in REFUSED_BY_THE_REFERENCE else ENGINES:
        results = Shapes(own, known, engine).results(DATA)
        assert {result.focus for result in results} == {PART if file.stem == "untyped-with-objects" else VISIT}


SEEN_LATER = ("query-without-this", "subselect-without-this", "unknown-node-kind")
"""Cases that are refused when the rules are made ready, which is not tried while one of them is written wrongly."""


def refusals(files: Sequence[Path], folder: Path) -> dict[str, str]:
    """Return name of a case -> what is said of it; those in *files* are loaded together, each with names of its own."""
    for number, file in enumerate(files):
        (folder / file.name).write_text(f"{HEAD} {renamed(file, number)}", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_shapes([ONTOLOGY, folder])
    assert refused.value.exit_code == 3
    head, *lines = refused.value.message.replace(f"{folder}/", "").split("\n  ")
    assert head == "the ontology has errors:"
    by_file = grouped((line.partition(".ttl:")[0], f"{line}\n") for line in lines)
    return {name: "".join(some) for name, some in by_file.items()}


def renamed(file: Path, number: int) -> str:
    """Return the text of a case with names that no other case has."""
    text = file.read_text(encoding="utf-8")
    return text.replace("rule:KG-S99", f"rule:KG-S{40 + number}").replace("cq:Other", f"cq:Other{number}")


def expected_refusals(files: Sequence[Path]) -> dict[str, str]:
    texts = (renamed(file.with_suffix(".txt"), number) for number, file in enumerate(files))
    return {file.stem: text.replace("more.ttl", file.name) for file, text in zip(files, texts, strict=True)}


def test_rules_that_are_not_shacl_are_refused_all_at_once_with_exactly_these_messages(tmp_path: Path) -> None:
    files = [file for file in cases_of("refused") if file.stem not in SEEN_LATER]
    assert refusals(files, tmp_path) == expected_refusals(files)


@pytest.mark.parametrize("name", SEEN_LATER)
def test_a_rule_that_cannot_be_made_ready_is_refused_with_exactly_this_message(tmp_path: Path, name: str) -> None:
    files = [HERE / "refused" / f"{name}.ttl"]
    assert refusals(files, tmp_path) == expected_refusals(files)
