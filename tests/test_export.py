"""What goes out can be read back, is the same every time, and harms no spreadsheet."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner, Result

import kg
from kg.cli.export import command
from kg.cli.session import Session
from kg.core.errors import InputError, UsageError
from kg.core.terms import CQ, LABEL, RDF, RULE, SH, TYPE
from kg.export.authored import ontology_turtle, shapes_turtle
from kg.export.graphml import write_links, write_ties
from kg.export.nested import nested_turtle
from kg.export.rdf import used_prefixes, write_rdf
from kg.export.tables import csv_pieces, tables
from kg.export.ties import tie_graph
from kg.ontology.load import ontology_triples
from kg.project.files import write_folder
from kg.project.settings import Project, shipped
from kg.render.formats import export_formats
from kg.store.lines import graph_lines, line_quad
from kg.store.manifest import GenerationDetails
from kg.store.objects import Objects
from kg.store.publish import publish

BASE = "https://example.org/kg/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {
    "cq": CQ,
    "side": "https://w3id.org/communique/code/side/",
    "alias": "https://w3id.org/communique/code/side/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": XSD,
    "unused": "http://unused.example/",
}
READERS = {
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "nt": ox.RdfFormat.N_TRIPLES,
    "ttl": ox.RdfFormat.TURTLE,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
RDFLIB_READERS = {"nq": "nquads", "trig": "trig", "jsonld": "json-ld", "nt": "nt", "ttl": "turtle", "rdfxml": "xml"}


def iri(path: str) -> str:
    return f"<{BASE}{path}>"


def cq(name: str) -> str:
    return f"<{CQ}{name}>"


MARA, QUAY, MEETING = iri("person/mara-lind"), iri("facility/old-quay"), iri("article/harbour-study/meeting")
REGISTRY, STUDY, TALKS = iri("graph/registry"), iri("article/harbour-study"), iri("article/harbour-talks")
DERIVED, ONTOLOGY = iri("graph/derived"), iri("graph/ontology")
HOST = "<https://w3id.org/communique/code/side/Host>"


def graph(name: str, *statements: tuple[str, str, str]) -> list[str]:
    return sorted(f"{s} {p} {o} {name} ." for s, p, o in statements)


LINES = sorted(
    [
        *graph(
            REGISTRY,
            (MARA, TYPE, cq("Person")),
            (MARA, LABEL, '"Mara Lind"'),
            (MARA, cq("name"), '"Mara Lind"@en'),
            (MARA, cq("name"), '"玛拉·林德 😀"@zh-hans'),
            (QUAY, TYPE, cq("Facility")),
            (QUAY, LABEL, '"=Old \\"Quay\\""'),
        ),
        *graph(
            STUDY,
            (MEETING, TYPE, cq("Meeting")),
            (MEETING, LABEL, '"the meeting"'),
            (MEETING, cq("earliest"), f'"2031-05-01"^^<{XSD}date>'),
            (MEETING, cq("memberCount"), f'"-5"^^<{XSD}integer>'),
            (MEETING, cq("value"), f'"21.6"^^<{XSD}decimal>'),
            (MEETING, cq("online"), f'"true"^^<{XSD}boolean>'),
            (MEETING, cq("note"), '"one\\n\\ttwo \\\\ three\\r\\nfour"@en'),
            (MEETING, cq("participant"), MARA),
            (MEETING, cq("side"), HOST),
            (MEETING, cq("eventPlace"), QUAY),
        ),
        *graph(TALKS, (MEETING, cq("participant"), MARA), (MEETING, TYPE, cq("Meeting")), (MARA, cq("knows"), MARA)),
        *graph(DERIVED, (MARA, cq("attended"), MEETING)),
        *graph(ONTOLOGY, (HOST, LABEL, '"host"@en'), (HOST, TYPE, cq("Side")), (cq("Meeting"), LABEL, '"meeting"@en')),
    ]
)
QUADS = set(ox.parse("\n".join(LINES), format=ox.RdfFormat.N_QUADS))

FORMATS = export_formats()


def written(form: str, lines: list[str] = LINES) -> bytes:
    out = io.BytesIO()
    write_rdf(lines, FORMATS[form].media, PREFIXES, out)
    return out.getvalue()


# -------- RDF


@pytest.mark.parametrize("form", ["nq", "trig", "jsonld"])
def test_a_dataset_reads_back_equal(form: str) -> None:
    assert set(ox.parse(written(form), format=READERS[form])) == QUADS


@pytest.mark.parametrize("form", ["nt", "ttl", "rdfxml"])
def test_a_graph_reads_back_as_the_union_each_triple_once(form: str) -> None:
    read = [quad.triple for quad in ox.parse(written(form), format=READERS[form])]
    assert set(read) == {quad.triple for quad in QUADS}
    assert len(read) == len(set(read))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # it calls what it has deprecated itself
@pytest.mark.parametrize("form", RDFLIB_READERS)
def test_another_reader_sees_the_same(form: str) -> None:
    dataset = rdflib.Dataset()
    dataset.parse(data=written(form), format=RDFLIB_READERS[form], publicID="https://nowhere.example/")
    seen = {
        (s.n3(), p.n3(), o.toPython() if isinstance(o, rdflib.Literal) else o.n3()) for s, p, o, _ in dataset.quads()
    }
    expected = rdflib.Dataset()
    expected.parse(data="\n".join(LINES), format="nquads")
    assert seen == {
        (s.n3(), p.n3(), o.toPython() if isinstance(o, rdflib.Literal) else o.n3()) for s, p, o, _ in expected.quads()
    }
    if form in ("nq", "trig", "jsonld"):
        assert len(list(dataset.quads())) == len(LINES)


def test_n_quads_are_the_published_file() -> None:
    assert written("nq") == "".join(f"{line}\n" for line in LINES).encode()


def test_the_bytes_depend_on_nothing_but_the_lines() -> None:
    """Neither their order nor the random order of a process's hash tables."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_export as t\n"
        "for form in t.FORMATS: print(form, t.sha256(t.every_byte(form, t.LINES[::-1] * 2)).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert outputs == {"".join(f"{form} {sha256(every_byte(form, LINES)).hexdigest()}\n" for form in FORMATS)}


@pytest.mark.parametrize("form", FORMATS)
def test_the_bytes_are_the_same_when_little_fits_in_memory(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = every_byte(form, LINES)
    monkeypatch.setattr("kg.store.ordered.OrderedLines.__init__.__defaults__", (300,))
    monkeypatch.setattr("kg.export.rdf._PORTION", 3)
    monkeypatch.setattr("kg.export.tables._PORTION", 2)
    assert every_byte(form, LINES) == expected


def every_byte(form: str, lines: list[str]) -> bytes:
    if form == "csv":
        return b"".join(name.encode() + content for name, content in files(lines).items())
    out = io.BytesIO()
    if form == "graphml":
        write_ties(tie_graph(lines, lines), out)
        return out.getvalue()
    if form == "graphml-links":
        write_links(lines, lines, PREFIXES, out)
        return out.getvalue()
    return written(form, lines)


def test_trig_has_each_graph_once_and_types_first() -> None:
    text = written("trig").decode()
    assert text.count("<https://example.org/kg/graph/registry> {") == 1
    assert "old-quay> a cq:Facility ;\n" in text


def test_only_used_prefixes_are_declared_and_one_for_each_namespace() -> None:
    assert used_prefixes(LINES, PREFIXES) == {name: PREFIXES[name] for name in ("alias", "cq", "rdfs", "xsd")}


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (("<a:s>", "<http://e.org/2031>", '"x"'), "the property"),
        (("<a:s>", "<a:p>", '"bell \\u0007"'), "control character"),
    ],
)
def test_rdf_xml_says_what_it_cannot_carry(statement: tuple[str, str, str], problem: str) -> None:
    lines = graph("<a:g>", statement)
    with pytest.raises(InputError, match=problem):
        written("rdfxml", lines)
    assert len(list(ox.parse(written("ttl", lines), format=ox.RdfFormat.TURTLE))) == 1


def test_a_backslash_before_a_u_is_no_control_character() -> None:
    assert written("rdfxml", graph("<a:g>", ("<a:s>", "<a:p>", '"C:\\\\u0007"')))


def test_json_ld_shortens_no_iri_that_would_be_read_as_another() -> None:
    lines = graph(
        "<doi:10.1/g>",
        ("<http://e.org/a>", TYPE, '"no class"'),
        ("<http://e.org/a>", "<http://e.org/p>", "<doi:10.1/x>"),
        ("<http://e.org/a>", "<http://e.org/p>", "<http://e.org//x>"),
        ("<http://e.org/a>", "<http://e.org/p>", '"x"@ar--rtl'),
        ("<http://e.org/a>", "<http://d.org/x>", "<http://e.org/>"),
    )
    out = io.BytesIO()
    write_rdf(lines, FORMATS["jsonld"].media, {"e": "http://e.org/", "doi": "http://d.org/", "": "http://d.org/x"}, out)
    assert set(ox.parse(out.getvalue(), format=ox.RdfFormat.JSON_LD)) == set(
        ox.parse("\n".join(lines), format=ox.RdfFormat.N_QUADS)
    )
    assert json.loads(out.getvalue())["@context"] == {"e": "http://e.org/"}


def test_json_ld_refuses_triple_terms() -> None:
    with pytest.raises(ValueError, match="no triple terms"):
        written("jsonld", graph("<a:g>", ("<a:s>", "<a:p>", "<<( <a:s> <a:p> <a:o> )>>")))


# -------- GraphML


def graphml(lines: list[str], described: list[str] = LINES) -> ElementTree.Element:
    out = io.BytesIO()
    write_links(lines, described, PREFIXES, out)
    return ElementTree.fromstring(out.getvalue())


GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


def data(element: ElementTree.Element) -> dict[str | None, str | None]:
    return {child.get("key"): child.text for child in element.iter(f"{GRAPHML}data")}


def test_graphml_is_what_its_readers_expect() -> None:
    root = graphml(LINES)
    keys = {key.get("id"): (key.get("for"), key.get("attr.type")) for key in root.iter(f"{GRAPHML}key")}
    nodes = [node.get("id") for node in root.iter(f"{GRAPHML}node")]
    edges = list(root.iter(f"{GRAPHML}edge"))
    assert root.tag == f"{GRAPHML}graphml"
    assert [graph.get("edgedefault") for graph in root.iter(f"{GRAPHML}graph")] == ["directed"]
    assert len(nodes) == len(set(nodes))
    assert {end for edge in edges for end in (edge.get("source"), edge.get("target"))} <= set(nodes)
    assert all(keys[key] == ("node", "string") for node in root.iter(f"{GRAPHML}node") for key in data(node))
    assert all(keys[key] == ("edge", "string") for edge in edges for key in data(edge))


def test_graphml_has_labels_types_and_a_link_per_graph() -> None:
    root = graphml(LINES)
    nodes = {node.get("id"): data(node) for node in root.iter(f"{GRAPHML}node")}
    assert nodes[MARA[1:-1]] == {"label": "Mara Lind", "type": "Person"}
    assert nodes[HOST[1:-1]] == {"label": "host", "type": "Side"}
    links = [data(edge) for edge in root.iter(f"{GRAPHML}edge") if edge.get("source") == MEETING[1:-1]]
    assert links == [
        {"property": "eventPlace", "graph": STUDY[1:-1]},
        {"property": "participant", "graph": STUDY[1:-1]},
        {"property": "participant", "graph": TALKS[1:-1]},
        {"property": "side", "graph": STUDY[1:-1]},
    ]


def test_graphml_without_labels_uses_the_end_of_the_iri_and_xml_that_can_be_read() -> None:
    lines = graph("<a:g>", ("<http://e.org/x/y>", "<http://e.org/p>", "<http://e.org/#z>"))
    nodes = {node.get("id"): data(node)["label"] for node in graphml(lines, []).iter(f"{GRAPHML}node")}
    assert nodes == {"http://e.org/x/y": "y", "http://e.org/#z": "z"}
    bell = graph("<a:g>", ("<http://e.org/#z>", LABEL, '"a\\u0007<&>"'))
    assert "a\ufffd<&>" in [data(node)["label"] for node in graphml(lines, bell).iter(f"{GRAPHML}node")]


def test_the_network_has_people_and_bodies_with_ties_that_have_weights_and_dates(
    fiction: Project, tmp_path: Path
) -> None:
    networkx = pytest.importorskip("networkx")
    export(Session(fiction.root), "-o", tmp_path / "ties.graphml")
    network = networkx.read_graphml(tmp_path / "ties.graphml")
    assert {family for _, family in network.nodes(data="family")} == {"Person", "Organization", "Place"}
    assert all(label for _, label in network.nodes(data="label"))
    with kg.open(fiction.root) as project:
        expected = project.network()
    ids = {node: node.removeprefix(fiction.base) for node in network}
    assert set(ids.values()) == set(expected)
    ties = list(network.edges(data=True))
    for one, other, tie in ties:
        assert type(tie["weight"]) is int
        assert tie["weight"] == expected.edges[ids[one], ids[other], tie["label"]]["weight"]
        assert tie["facts"]
    assert {"metWith", "heldPostIn", "subOrganizationOf"} <= {tie["label"] for *_, tie in ties}
    dated = [tie for *_, tie in ties if tie["label"] == "metWith" and "earliest" in tie]
    assert dated
    assert all(tie["earliest"] <= tie["latest"] for tie in dated)
    both = {
        (one, other, name) for one, other, name in expected.edges(keys=True) if (other, one, name) in expected.edges
    }
    assert len(ties) == expected.number_of_edges() - len(both) // 2


# -------- tables


def files(lines: list[str]) -> dict[str, bytes]:
    return {name: b"".join(pieces) for name, pieces in tables(lines, lines, PREFIXES)}


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_there_is_a_table_for_each_class_and_one_of_links() -> None:
    facts = [line for line in LINES if ONTOLOGY not in line]
    found = {name: b"".join(pieces) for name, pieces in tables(facts, LINES, PREFIXES)}
    assert list(found) == ["Facility.csv", "Meeting.csv", "Person.csv", "edges.csv"]
    assert rows(found["Person.csv"]) == [
        ["iri", "label", "attended", "knows", "name"],
        [MARA[1:-1], "Mara Lind", MEETING[1:-1], MARA[1:-1], "Mara Lind | 玛拉·林德 😀"],
    ]
    head, row = rows(found["Meeting.csv"])
    meeting = dict(zip(head, row, strict=True))
    assert (meeting["memberCount"], meeting["value"], meeting["earliest"]) == ("-5", "21.6", "2031-05-01")
    assert meeting["note"] == "one\n\ttwo \\ three\r\nfour"
    assert meeting["participant"] == MARA[1:-1]
    head, *links = rows(found["edges.csv"])
    assert head == ["subject", "subjectLabel", "property", "object", "objectLabel", "graph"]
    assert [MEETING[1:-1], "the meeting", "side", HOST[1:-1], "host", STUDY[1:-1]] in links
    assert len(links) == 6


def test_a_label_that_is_a_formula_is_made_harmless() -> None:
    assert rows(files(LINES)["Facility.csv"])[1][1] == '\'=Old "Quay"'


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\r=1", "'=1"])
def test_no_cell_begins_a_formula_and_the_text_can_be_got_back(text: str) -> None:
    ((cell,),) = rows(b"".join(csv_pieces([[text]])))
    assert cell == f"'{text}"
    assert cell.removeprefix("'") == text


@pytest.mark.parametrize("text", ["-5", "+5", "-0.4", "plain", "", "a=b", "5 | -3"])
def test_numbers_and_plain_text_stay(text: str) -> None:
    ((cell,),) = rows(b"".join(csv_pieces([[text]])))
    assert cell == text


def test_a_table_opens_in_a_spreadsheet_with_its_scripts() -> None:
    assert files(LINES)["Person.csv"].startswith(b"\xef\xbb\xbf")


def test_classes_and_properties_of_one_name_are_kept_apart() -> None:
    lines = graph(
        "<a:g>",
        ("<a:1>", TYPE, "<http://one.example/Post>"),
        ("<a:2>", TYPE, "<http://two.example/post>"),
        ("<a:3>", TYPE, "<http://three.example/edges>"),
        ("<a:1>", "<http://one.example/label>", '"x"'),
        ("<a:1>", "<http://two.example/label>", '"y"'),
        ("<a:1>", cq("label"), '"z"'),
    )
    found = files(lines)
    assert list(found) == ["Post.csv", "edges-2.csv", "post-2.csv", "edges.csv"]
    assert rows(found["Post.csv"])[0] == [
        "iri",
        "label",
        "http://one.example/label",
        "http://two.example/label",
        f"{CQ}label",
    ]


# -------- ontology and shapes as authored


def canonical(triples: object) -> ox.Dataset:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)  # type: ignore[attr-defined]
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def turtle_triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


AUTHORED = (shipped("ontology"),)


def test_ontology_and_shapes_together_are_all_that_was_authored() -> None:
    authored = set(canonical(ontology_triples(AUTHORED)))
    shapes = turtle_triples(shapes_turtle(AUTHORED))
    lists = {t.object for t in shapes if t.predicate.value == f"{SH}ignoredProperties"}
    below = {t.subject: t.object for t in shapes if t.predicate.value.endswith("#rest")}
    for cell in list(lists):
        while isinstance(below[cell], ox.BlankNode):
            cell = below[cell]
            lists.add(cell)
    assert lists
    kept = [t for t in shapes if t.object not in lists and t.subject not in lists]
    exported = [*turtle_triples(ontology_turtle(AUTHORED)), *kept]
    assert set(canonical(exported)) == authored


def test_the_ontology_has_no_shacl_and_the_shapes_have_no_classes() -> None:
    ontology, shapes = turtle_triples(ontology_turtle(AUTHORED)), turtle_triples(shapes_turtle(AUTHORED))
    assert not any(term.value.startswith((SH, RULE)) for t in ontology for term in (t.subject, t.predicate))
    assert not any(t.object == ox.NamedNode("http://www.w3.org/2002/07/owl#Class") for t in shapes)
    assert any(t.object == ox.NamedNode(f"{SH}NodeShape") for t in shapes)
    assert any(t.predicate == ox.NamedNode(f"{SH}declare") for t in shapes)


def test_authored_turtle_is_the_same_every_time() -> None:
    assert ontology_turtle(AUTHORED) == ontology_turtle(AUTHORED)
    assert shapes_turtle(AUTHORED) == shapes_turtle(AUTHORED)


NESTED = [
    "<a:s> <a:p> [ <a:q> 1, true, 2.50, 'x'@en ; <a:r> [] ], ( 1 ( <a:b> ) [ a <a:C> ] ), () .",
    "_:x <a:p> _:y . _:y <a:p> _:x .",
    "_:x <a:p> _:x .",
    "<a:s> <a:p> _:shared . <a:t> <a:p> _:shared . _:shared <a:q> 'said \"once\"' .",
    "<a:s> <a:p> '''two\nlines \"\"\" \\\\ end\"'''@en, 'tab\\t', '05'^^<http://www.w3.org/2001/XMLSchema#integer> .",
    f"<a:s> <{RDF}rest> <a:x> . [] <a:p> <http://e.org/#a.b>, <http://e.org/#-c>, <http://e.org/#d-> .",
    f"<a:s> <a:p> _:l . _:l <{RDF}first> 1, 2 ; <{RDF}rest> () .",
    f"<a:s> <a:p> _:l . _:l <{RDF}first> 1 ; <{RDF}rest> _:l .",
    "<a:s> <a:longer> " + ", ".join(f"<http://e.org/#object-{n}>" for n in range(9)) + " .",
]


@pytest.mark.parametrize("source", NESTED)
def test_nested_turtle_reads_back_equal_and_has_no_chance_in_it(source: str) -> None:
    texts = {nested_turtle(turtle_triples(source), {"e": "http://e.org/#"}) for _ in range(3)}
    (text,) = texts
    assert set(canonical(turtle_triples(text))) == set(canonical(turtle_triples(source)))


def test_nested_turtle_reads_as_a_person_would_write_it() -> None:
    source = "@prefix e: <http://e.org/#> . e:s e:p [ e:q 1 ; e:r ( e:a e:b ) ] ; a e:C . [] a e:D ."
    assert nested_turtle(turtle_triples(source), {"e": "http://e.org/#", "no": "http://no.example/"}) == (
        "@prefix e: <http://e.org/#> .\n\n"
        "e:s a e:C ;\n    e:p [\n        e:q 1 ;\n        e:r ( e:a e:b ) ] .\n\n"
        "[] a e:D .\n"
    )


# -------- the command


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    root = tmp_path_factory.mktemp("export")
    (root / "kg.toml").write_text(f'base = "{BASE}"\n', encoding="utf-8")
    publish(root / "build", graph_lines(map(line_quad, LINES)), GenerationDetails({}, {}))
    return Session(root)


def export(session: Session, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], obj=session, catch_exceptions=False)


def test_without_options_the_published_file_goes_to_standard_output(session: Session) -> None:
    assert export(session).stdout_bytes == written("nq")


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.nq", "nq"), ("a.trig", "trig"), ("a.ttl", "ttl"), ("a.json", "jsonld"), ("a.rdf", "rdfxml"), ("a.nt", "nt")],
)
def test_the_format_follows_from_the_ending(session: Session, tmp_path: Path, name: str, form: str) -> None:
    export(session, "-o", tmp_path / name)
    assert set(ox.parse((tmp_path / name).read_bytes(), format=READERS[form]))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_gzip_is_the_same_every_time(session: Session, tmp_path: Path) -> None:
    for name in ("a.nq.gz", "b.nq.gz"):
        export(session, "-o", tmp_path / name)
    assert (tmp_path / "a.nq.gz").read_bytes() == (tmp_path / "b.nq.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.nq.gz").read_bytes()) == written("nq")


@pytest.mark.parametrize("name", ["registry", "graph/registry", REGISTRY[1:-1]])
def test_a_graph_is_chosen_by_name_path_or_iri(session: Session, name: str) -> None:
    assert export(session, "--graph", name).stdout_bytes.decode().splitlines() == [
        line for line in LINES if line.endswith(f" {REGISTRY} .")
    ]


def test_several_graphs_are_chosen_together(session: Session) -> None:
    lines = export(session, "--graph", "derived", "--graph", "harbour-study").stdout_bytes.decode().splitlines()
    assert {line_quad(line).graph for line in lines} == {DERIVED, STUDY}


def test_a_file_stays_as_it_was_when_an_object_turns_out_to_be_damaged(tmp_path: Path) -> None:
    build = tmp_path / "build"
    (tmp_path / "kg.toml").write_text(f'base = "{BASE}"\n', encoding="utf-8")
    manifest = publish(build, graph_lines(map(line_quad, LINES)), GenerationDetails({}, {}))
    file = Objects(build / "objects").path(manifest.graphs[TALKS].sha256)
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"knows", b"loves"), mtime=0))
    (tmp_path / "a.nq").write_text("before")
    with pytest.raises(InputError, match="of the build folder was changed"):
        export(Session(tmp_path), "-o", tmp_path / "a.nq")
    assert (tmp_path / "a.nq").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nq", "build", "kg.toml"]


def test_an_unknown_graph_proposes_the_nearest(session: Session) -> None:
    with pytest.raises(UsageError, match="no graph 'harbour-studie'") as caught:
        export(session, "--graph", "harbour-studie")
    assert "harbour-study" in caught.value.fix


@pytest.mark.parametrize("form", ["graphml-links", "csv"])
def test_formats_for_analysis_leave_the_ontology_out_but_know_its_labels(
    session: Session, tmp_path: Path, form: str
) -> None:
    export(session, "--format", form, "-o", tmp_path / "out")
    path = tmp_path / "out" / "edges.csv" if form == "csv" else tmp_path / "out"
    text = path.read_text(encoding="utf-8")
    assert "host" in text
    assert not (tmp_path / "out" / "Side.csv").exists()
    assert f'"{CQ}Meeting"' not in text


def test_tables_replace_tables_but_nothing_else(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    export(session, "-o", f"{folder}/")
    (folder / "Old.csv").write_text("", encoding="utf-8")
    export(session, "-o", folder)
    assert sorted(path.name for path in folder.iterdir()) == ["Facility.csv", "Meeting.csv", "Person.csv", "edges.csv"]
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not a folder of tables"):
        export(session, "-o", folder)
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_tables_of_a_graph_that_turns_out_damaged_replace_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"iri,label"
        raise InputError("the object was changed")

    folder = tmp_path / "tables"
    write_folder(folder, [("Old.csv", (b"old",))], what="tables", ours=lambda _: True)
    with pytest.raises(InputError, match="was changed"):
        write_folder(folder, [("New.csv", (b"new",)), ("Post.csv", pieces())], what="tables", ours=lambda _: True)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"tables", "tables/Old.csv"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--format", "csv"], "folder of tables"),
        (["-o", "x.csv"], "does not show the format"),
        (["-o", "x.pdf"], "does not show the format"),
        (["-o", "x.json.gz"], "jsonld cannot be compressed"),
        (["--what", "ontology", "--format", "nq"], "one Turtle file"),
        (["--what", "shapes", "--graph", "registry"], "one Turtle file"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(session: Session, arguments: list[str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        export(session, *arguments)
    assert caught.value.fix


def test_a_file_in_a_folder_that_does_not_exist_is_an_input_error(session: Session, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        export(session, "-o", tmp_path / "none" / "a.nq")


def test_before_the_first_build_there_is_nothing_to_export(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="not been built"):
        export(Session(tmp_path))


def test_ontology_and_shapes_are_exported_without_a_build(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("", encoding="utf-8")
    session = Session(tmp_path)
    assert export(session, "--what", "ontology").stdout_bytes.decode() == ontology_turtle(AUTHORED)
    export(session, "--what", "shapes", "-o", tmp_path / "shapes.ttl")
    assert (tmp_path / "shapes.ttl").read_text(encoding="utf-8") == shapes_turtle(AUTHORED)
