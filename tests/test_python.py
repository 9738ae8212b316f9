"""`import kg`: check, build and ask from Python, and what a notebook shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kg
from kg.core.values import datatype
from kg.export.ties import tie_graph
from kg.project.settings import Project
from kg.questions.graph import built, open_graph
from kg.questions.query import all_queries, run
from tests import harbour

ROOT = Path(__file__).parent.parent
PEOPLE = "SELECT ?s { GRAPH ?g { ?s a cq:Person } } ORDER BY ?s"
PARTY = ["José Almeida", "Li Wei", "Mara Lind"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return harbour.built_project(tmp_path_factory.mktemp("harbour")).root


@pytest.fixture
def opened(folder: Path) -> Iterator[kg.OpenProject]:
    with kg.open(folder) as project:
        yield project


@pytest.fixture(scope="module")
def estuary(fiction: Project) -> Iterator[kg.OpenProject]:
    with kg.open(fiction.root) as project:
        yield project


# -------- rows and frames


def test_a_notebook_asks_by_name_and_reads_mappings(opened: kg.OpenProject) -> None:
    rows = opened.query("who-took-part", meeting="harbour-study/meeting", side=["host", "guest"])
    assert [row["participantLabel"] for row in rows] == PARTY
    assert (len(rows), rows[0]["participant"], rows[-1]["side"]) == (3, "person/jose-almeida", "side:Host")
    assert [row["sideLabel"] for row in rows[:2]] == ["guest", "guest"]
    assert rows.columns == ("participant", "participantLabel", "side", "sideLabel")


def test_a_notebook_takes_and_gives_python_values(opened: kg.OpenProject) -> None:
    rows = opened.query("figures", least=Decimal("12.5"), since=date(2030, 1, 1))
    assert [row["value"] for row in rows] == [Decimal("12.5"), 2100]
    assert rows[1]["asOf"] == date(2030, 12, 31)
    assert [row["value"] for row in opened.query("figures", least=13)] == [2100]


def test_a_notebook_shows_tables_with_their_words(opened: kg.OpenProject) -> None:
    rows = opened.query("who-took-part")
    assert "Director Mara Lind received José Almeida" in rows._repr_html_()
    assert repr(rows).splitlines()[1] == "participant   side"
    assert str(rows.text("csv")).startswith("participant,")
    assert rows.words[0][0].quote == "Mara Lind received José Almeida"


def test_a_notebook_gives_frames(opened: kg.OpenProject) -> None:
    pandas = pytest.importorskip("pandas")
    frame = opened.query("figures").frame()
    assert list(frame.columns) == ["fact", "indicator", "value", "asOf"]
    assert frame["value"].sum() == 2112.5
    assert frame["asOf"].max() == pandas.Timestamp("2031-01-15")
    assert len(opened.query("figures", least=9999).frame()) == 0


def frame_column(opened: kg.OpenProject, values: str) -> tuple[list[Any], str, list[Any]]:
    """Return a column of these values as a frame gives it, its type, and as iteration gives it."""
    pytest.importorskip("pandas")
    answer = opened.sparql(f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?n {{ VALUES ?n {{ {values} }} }}")
    frame = answer.frame()
    return list(frame["n"]), str(frame["n"].dtype), [row["n"] for row in answer]


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        ("9007199254740993 UNDEF", "Int64", 9007199254740993),
        ("99999999999999999999 1", "object", 99999999999999999999),
        ("2112.5 UNDEF 9007199254740992", "Float64", 2112.5),
        ("0.1 9007199254740993", "object", Decimal("0.1")),
        ("8000000000000.123456789012345678 UNDEF", "object", Decimal("8000000000000.123456789012345678")),
        ("true UNDEF", "boolean", True),
        ('"words" UNDEF', "string", "words"),
    ],
)
def test_a_frame_holds_exact_values_also_beside_gaps(
    opened: kg.OpenProject, values: str, kind: str, first: object
) -> None:
    cells, dtype, _ = frame_column(opened, values)
    assert (cells[0], dtype) == (first, kind)


def test_a_frame_holds_days_that_nanoseconds_cannot_reach(opened: kg.OpenProject) -> None:
    cells, dtype, rows = frame_column(opened, '"0476-09-04"^^xsd:date UNDEF')
    assert (cells[0].year, dtype, rows) == (476, "datetime64[s]", [date(476, 9, 4), None])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("abc", "integer"),
        ("9" * 5000, "integer"),
        ("2031-02-30", "date"),
        ("12031-02-20", "date"),
        ("TRUE", "boolean"),
        ("NaN", "decimal"),
        ("1e3", "decimal"),
    ],
)
def test_what_only_claims_to_be_a_value_stays_text_in_frames_and_rows(
    opened: kg.OpenProject, text: str, kind: str
) -> None:
    cells, _, rows = frame_column(opened, f'"{text}"^^xsd:{kind}')
    assert (cells, rows) == ([text], [text])


def test_a_triple_term_is_refused_and_never_cut(opened: kg.OpenProject) -> None:
    for query in (
        "SELECT (TRIPLE(<a:a>, <a:b>, <a:c>) AS ?t) {}",
        "CONSTRUCT { <a:a> <a:b> ?t } { BIND(TRIPLE(<a:a>, <a:b>, <a:c>) AS ?t) }",
    ):
        with pytest.raises(kg.UsageError, match="triple term") as refused:
            opened.sparql(query)
        assert "SUBJECT(" in refused.value.fix


def test_a_notebook_runs_sparql_and_explains(opened: kg.OpenProject) -> None:
    assert opened.sparql(PEOPLE)[0]["s"] == "person/jose-almeida"
    assert opened.sparql("ASK {}")[0]["answer"] is True
    assert opened.explain("Mara Lind").types == ("person",)
    assert "who-took-part" in [query.name for query in opened.queries]


def test_a_notebook_refuses_as_the_commands_do(opened: kg.OpenProject, tmp_path: Path) -> None:
    with pytest.raises(kg.UsageError, match="has no parameter 'metting'"):
        opened.query("who-took-part", metting="x")
    with pytest.raises(kg.InputError):
        kg.open(tmp_path)


def test_importing_kg_imports_nothing_else_of_it() -> None:
    code = (
        "import sys, kg; print(sorted(name for name in sys.modules if name.startswith(('kg.', 'pyoxigraph', 'yaml'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("arguments", [{"meeting": ""}, {"side": []}, {"side": ["host", ""]}, {"side": " "}])
def test_a_notebook_refuses_an_empty_value(opened: kg.OpenProject, arguments: dict[str, Any]) -> None:
    with pytest.raises(kg.UsageError, match="the value is missing"):
        opened.query("who-took-part", **arguments)


def test_a_notebook_takes_none_as_not_given(opened: kg.OpenProject) -> None:
    assert list(opened.query("who-took-part", side=None)) == list(opened.query("who-took-part"))


def test_a_question_says_for_what_it_was_asked_when_nothing_was_given(opened: kg.OpenProject) -> None:
    answer = opened.query("who-took-part")
    assert answer.assumed == {"meeting": ("article/harbour-study/meeting",)}
    remark = "for the default, meeting=article/harbour-study/meeting: pass another value to change it"
    assert repr(answer).splitlines()[0] == remark
    assert "for the default, meeting=" in answer._repr_html_()
    given = opened.query("who-took-part", meeting="harbour-study/meeting")
    assert (given.assumed, "example" in repr(given)) == ({}, False)


KINDS = {"integer": "integer", "decimal": "decimal", "boolean": "boolean", "date": "date"}


def test_the_header_of_each_question_says_what_its_columns_hold(fiction: Project) -> None:
    """What no header names is text, whatever rows there are."""
    wrong, seen = [], set()
    with open_graph(fiction) as graph:
        for question in all_queries(fiction)[0]:
            try:
                rows = run(graph, question, {"person": "mara-lind"} if question.name == "posts-of-person" else {})
            except kg.UsageError:
                continue  # it needs a thing of this project
            for row in rows.rows:
                for name, term in zip(rows.variables, row, strict=True):
                    kind = KINDS.get((datatype(term) or "").rpartition("#")[2], "text") if term else None
                    seen.add(kind)
                    if kind and question.types[name] != kind:
                        wrong.append(f"{question.name}: {name} is {kind}")
    assert sorted(set(wrong)) == []
    assert seen == {None, "text", "integer", "decimal", "date"}


def test_a_frame_without_rows_has_the_types_of_the_header(estuary: kg.OpenProject) -> None:
    pytest.importorskip("pandas")
    full = estuary.query("figures").frame().dtypes
    empty = estuary.query("figures", indicator="nothing that is counted").frame().dtypes
    assert dict(empty) == dict(full)
    assert (str(empty["amount"]), str(empty["earliest"]), str(empty["unit"])) == ("Float64", "datetime64[s]", "string")


def test_a_chart_is_a_picture(estuary: kg.OpenProject) -> None:
    assert str(estuary.query("who-met-whom").text("svg")).startswith("<svg ")
    with pytest.raises(kg.UsageError, match="'figures' has no chart"):
        estuary.query("figures").text("svg")
    with pytest.raises(kg.UsageError, match="there is no format 'svg'"):
        estuary.sparql(PEOPLE).text("svg")


# -------- the network


def test_people_bodies_and_places_are_a_network(estuary: kg.OpenProject) -> None:
    pytest.importorskip("networkx")
    network = estuary.network()
    assert network.nodes["person/mara-lind"] == {"label": "Mara Lind", "kind": "Person"}
    assert {kind for _, kind in network.nodes(data="kind")} == {"Person", "Organization", "Place"}
    met = network.edges["person/mara-lind", "person/jonas-thorsen", "metWith"]
    assert {key: met[key] for key in ("label", "weight", "articles", "earliest", "latest")} == {
        "label": "met with",
        "weight": 1,
        "articles": ["article/harbour-study"],
        "earliest": date(2031, 5, 1),
        "latest": date(2031, 5, 1),
    }
    assert met["facts"]
    assert network.edges["person/jonas-thorsen", "person/mara-lind", "metWith"] == met
    assert "within" not in {key for _, _, key in network.edges(keys=True)}


def test_a_meeting_that_three_articles_report_counts_once_in_the_network(estuary: kg.OpenProject) -> None:
    pytest.importorskip("networkx")
    met = estuary.network().edges["person/greta-holm", "person/nils-orre", "metWith"]
    assert met["weight"] == 1
    assert len(met["articles"]) > 1


def test_ties_are_a_frame_with_weights_days_and_evidence(estuary: kg.OpenProject) -> None:
    pytest.importorskip("pandas")
    ties = estuary.ties()
    frame, network = ties.frame(), estuary.network()
    both = {(row.one, row.other, row.relation) for row in frame.itertuples()}
    both |= {(row.other, row.one, row.relation) for row in frame[frame.mutual].itertuples()}
    assert both == set(network.edges(keys=True))
    assert {name: str(frame[name].dtype) for name in ("weight", "earliest", "latest", "mutual")} == {
        "weight": "Int64", "earliest": "datetime64[s]", "latest": "datetime64[s]", "mutual": "boolean"
    }  # fmt: skip
    row = frame[(frame.oneLabel == "Greta Holm") & (frame.otherLabel == "Nils Orre")].iloc[0]
    edge = network.edges[row.one, row.other, row.relation]
    assert (row.weight, row.facts.split(" | "), row.articles.split(" | ")) == (1, edge["facts"], edge["articles"])
    assert (row.earliest.date(), row.latest.date()) == (edge["earliest"], edge["latest"])
    beside = ties.frame(evidence=True)
    assert set(beside["row"]) == set(range(1, len(frame) + 1))
    passages = beside[beside.one.eq(row.one) & beside.other.eq(row.other) & beside.relation.eq("metWith")]
    assert set(passages.fact) <= set(edge["facts"])
    assert all(passages.sentence.str.len() > 10)


def test_ties_have_the_weights_and_days_of_the_exported_network(estuary: kg.OpenProject) -> None:
    with built(estuary.project) as generation:
        lines = list(generation.lines())
    exported = {
        (tie.one[1:-1], tie.other[1:-1], tie.relation): (tie.weight, tie.earliest, tie.latest, tie.mutual)
        for tie in tie_graph(lines, lines).ties
        if tie.relation != "within"
    }
    base = estuary.project.base
    own = {
        (base + str(row["one"]), base + str(row["other"]), row["relation"]): (
            row["weight"], str(row["earliest"] or ""), str(row["latest"] or ""), row["mutual"]
        )
        for row in estuary.ties()
    }  # fmt: skip
    assert own == exported


def test_evidence_is_beside_the_rows_of_an_answer_on_request(estuary: kg.OpenProject) -> None:
    pytest.importorskip("pandas")
    answer = estuary.query("statements")
    frame = answer.frame(evidence=True)
    assert len(frame) == sum(max(1, len(words)) for words in answer.words)
    assert list(frame["row"].unique()) == list(range(1, len(answer) + 1))
    assert str(frame["ownWords"].dtype) == "boolean"
    assert "sentence" in str(answer.text("csv", evidence=True)).splitlines()[0]
    for other in (estuary.query("in-numbers"), estuary.sparql(PEOPLE)):
        with pytest.raises(kg.UsageError, match="have no evidence"):
            other.frame(evidence=True)


# -------- what is shown


def test_a_project_says_what_it_has(estuary: kg.OpenProject) -> None:
    assert repr(estuary).startswith(
        "News of the Ald estuary: 12 articles, 14 people, 26 bodies, 10 places, 33 events, "
    )
    assert "<code>network()</code>" in estuary._repr_html_()


def test_the_list_of_questions_is_a_table_to_choose_from(opened: kg.OpenProject) -> None:
    assert "who-took-part  Who took part" in " ".join(repr(opened.queries).split("\n")).replace("   ", "  ")
    assert "<td><code>who-took-part</code></td>" in opened.queries._repr_html_()
    assert [query.name for query in opened.queries[:2]] == [query.name for query in opened.queries][:2]


def test_an_explanation_reads_as_on_the_command_line(estuary: kg.OpenProject) -> None:
    told = estuary.explain("Mara Lind")
    assert (told.id, told.label, told.types) == ("person/mara-lind", "Mara Lind", ("person",))
    assert repr(told).startswith("Mara Lind\nperson · person/mara-lind\n")
    assert told.data()["id"] == "person/mara-lind"
    assert told._repr_html_().startswith("<pre>Mara Lind")


def test_nothing_that_is_shown_is_an_iri_in_brackets(estuary: kg.OpenProject) -> None:
    shown = [estuary, estuary.queries, estuary.explain("Mara Lind"), estuary.query("who-met-whom"), estuary.network()]
    assert [repr(each)[:60] for each in shown if "<http" in repr(each)] == []
    assert not any(str(cell).startswith("<http") for row in estuary.query("statements") for cell in row.values())


def test_an_error_says_what_was_meant(opened: kg.OpenProject) -> None:
    with pytest.raises(kg.UsageError) as refused:
        opened.query("who-took-part", metting="x")
    assert str(refused.value) == "'who-took-part' has no parameter 'metting'\n  = help: did you mean 'meeting'?"


# -------- check and build


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A project of one article that has not been built."""
    shutil.copytree(ROOT / "tests/messages/project", tmp_path / "draft", ignore=shutil.ignore_patterns("build"))
    return tmp_path / "draft"


def test_a_project_is_checked_and_built_from_python(draft: Path) -> None:
    assert kg.check(draft).ok
    built = kg.build(draft)
    assert (built.generation, built.changed, built.checked.ok) == (1, True, True)
    assert repr(built).startswith("published generation 1: ")
    assert not kg.build(draft).changed
    assert kg.explain("mara-lind", folder=draft).label == "Mara Lind"
    assert kg.sparql("ASK {}", folder=draft)[0] == {"answer": True}
    assert kg.query("sources", folder=draft).columns[0] == "article"


def test_what_is_wrong_is_shown_and_nothing_is_published(draft: Path) -> None:
    entry = draft / "data/registry/broken.yaml"
    entry.write_text("nobody:\n  type: Persn\n  name: Nobody\n", encoding="utf-8")
    found = kg.check(draft, [entry])
    assert (found.ok, [finding.code for finding in found.findings]) == (False, ["KG-M005"])
    assert "did you mean 'Person'?" in repr(found)
    with pytest.raises(kg.FindingsError) as refused:
        kg.build(draft)
    assert "did you mean 'Person'?" in str(refused.value)
    with pytest.raises(kg.InputError):
        kg.open(draft)


# -------- types


SCRIPT = """\
import kg

answer = kg.open(".").query("figures", least=3)
rows: list[kg.Answer] = [answer]
first = answer[0]["value"]
name: str = kg.explain("mara-lind").label
ok: bool = kg.check(".", "data/articles").ok
number: int = kg.build(".").generation
version: str = kg.__version__
try:
    kg.query("no-such")
except kg.KgError as error:
    print(error.fix)
"""


def test_a_script_of_a_user_is_typed(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "wrong.py").write_text("import kg\nname: int = kg.explain('mara-lind').label\n")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), "--no-error-summary"]
    done = subprocess.run([*mypy, "script.py", "wrong.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert [line.partition(": ")[0] for line in done.stdout.splitlines()] == ["wrong.py:2"]


def test_all_that_is_offered_is_there() -> None:
    assert [name for name in kg.__all__ if not hasattr(kg, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        kg.opne  # noqa: B018
