"""Every canned question on the three articles, on the invented ones and where it has no answer; on two engines.

A case is a file `tests/queries/<question>/<real|fiction|empty>.tsv`. Its first lines begin with `# ` and hold, as YAML,
`graph` and `arguments`; below stand the expected rows, IRIs shortened. The graphs are real, fiction, none (registry and
ontology, no article) and nothing (no quads at all; the question runs as its file has it).

When a question or the data changed on purpose, `KG_WRITE_EXPECTED=1 pytest tests/test_queries.py` writes the rows that
are found now below those first lines; read what it changed. A new case starts as its first lines.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from kg.mapping.read import Listing, Scalar, Table, read_yaml
from kg.model import Term
from kg.pipeline import build
from kg.project import Project, load_project
from kg.questions.graph import Graph, built
from kg.questions.query import all_queries, bound_text, evidence, find_query, run, run_text, shown
from kg.questions.question import Query
from kg.questions.sparql import subselects
from kg.store.embedded import memory_store
from kg.store.guard import tokens
from kg.store.memory_rdflib import RdflibStore
from kg.store.protocol import Rows
from kg.values import is_iri, language, lexical

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "queries"
PROJECTS = {"real": ROOT, "fiction": ROOT / "tests" / "fiction"}
CASES = ("real", "fiction", "empty")
GRAPHS = ("real", "fiction", "none", "nothing")
NAMES = sorted(file.stem for file in (ROOT / "queries").glob("*.rq"))
CODE = "https://w3id.org/communique/code/"
ONTOLOGY = "https://w3id.org/communique/ontology#"


@dataclass(frozen=True, slots=True)
class Case:
    """One file: its first lines, what they say, and the rows below them."""

    head: str
    graph: str
    arguments: Mapping[str, Sequence[str]]
    rows: str


@dataclass(frozen=True, slots=True)
class Graphs:
    """One graph in both engines."""

    oxigraph: Graph
    rdflib: Graph


Build = Mapping[str, Graphs]


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Build:
    lines = {name: built_lines(folder, tmp_path_factory.mktemp(name)) for name, folder in PROJECTS.items()}
    base = {name: load_project(folder).base for name, folder in PROJECTS.items()}
    kept = tuple(f"<{base['real']}graph/{name}> ." for name in ("registry", "ontology"))
    lines["none"] = [line for line in lines["real"] if line.endswith(kept)]
    lines["nothing"] = []
    base |= dict.fromkeys(("none", "nothing"), base["real"])
    return {
        name: Graphs(Graph(memory_store(lines[name]), base[name]), Graph(RdflibStore(lines[name]), base[name]))
        for name in GRAPHS
    }


def built_lines(folder: Path, target: Path) -> list[str]:
    """Return the quads of a project, built into *target*."""
    project = replace(load_project(folder), build=target)
    build(project)
    with built(project) as generation, generation.store() as store:
        return sorted(f"{quad}" for quad in store.quads())


@cache
def project() -> Project:
    return load_project(ROOT)


@cache
def question(name: str) -> Query:
    return find_query(project(), name)


def case(name: str, kind: str) -> Case:
    """Read a case."""
    file = FOLDER / name / f"{kind}.tsv"
    assert file.is_file(), f"{name} has no case '{kind}': write its first lines to {file.relative_to(ROOT)}"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    head = [line for line in lines if line.startswith("# ")]
    tree, findings = read_yaml("".join(line[2:] for line in head), str(file))
    assert isinstance(tree, Table), findings
    said = {entry.key.text: entry.value for entry in tree.entries}
    graph, typed = said["graph"], said.get("arguments")
    assert isinstance(graph, Scalar)
    entries = typed.entries if isinstance(typed, Table) else ()
    arguments = {entry.key.text: texts(entry.value) for entry in entries}
    return Case("".join(head), graph.text, arguments, "".join(lines[len(head) :]))


def texts(node: object) -> list[str]:
    items = node.items if isinstance(node, Listing) else (node,)
    return [item.text for item in items if isinstance(item, Scalar)]


def table(rows: Rows, base: str) -> str:
    """Return rows as the text of a case."""
    lines = (rows.variables, *([cell(term, base) for term in row] for row in rows.rows))
    return "".join("\t".join(line) + "\n" for line in lines)


def cell(term: Term | None, base: str) -> str:
    """Return a term for people: an IRI without what all share, a literal with its language unless English."""
    if term is None:
        return ""
    text = lexical(term).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    if not is_iri(term):
        tag = language(term)
        return f"{text}@{tag}" if tag and tag != "en" else text
    if text.startswith(CODE):
        return text.removeprefix(CODE).replace("/", ":")
    return text.replace(ONTOLOGY, "cq:").removeprefix(base)


# -------- files


@pytest.mark.parametrize("name", NAMES)
def test_a_question_runs_unchanged_as_plain_sparql(name: str) -> None:
    from rdflib.plugins.sparql import prepareQuery

    prepareQuery(question(name).text)
    memory_store(()).answer(question(name).text)


@pytest.mark.parametrize("name", NAMES)
def test_no_parameter_stands_in_a_subselect(name: str) -> None:
    pieces = tuple(tokens(question(name).text))
    inside = {
        piece.text[1:]
        for start, end in subselects(pieces)
        for piece in pieces
        if piece.kind == "variable" and start < piece.start < end
    }
    assert not inside & {param.name for param in question(name).params}


def test_every_question_can_be_used_and_there_are_at_least_thirty() -> None:
    queries, findings = all_queries(project())
    assert findings == ()
    assert len(queries) >= 30


def test_no_case_is_left_of_a_question_that_is_gone() -> None:
    assert sorted(folder.name for folder in FOLDER.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_a_real_an_invented_and_an_empty_case(name: str) -> None:
    files = sorted(file.name for file in (FOLDER / name).iterdir())
    assert files == ["empty.tsv", "fiction.tsv", "real.tsv"]
    assert [case(name, kind).graph for kind in ("real", "fiction")] == ["real", "fiction"]


# -------- answers


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("name", NAMES)
def test_a_question_gives_the_expected_rows_on_both_engines(name: str, kind: str, graphs: Build) -> None:
    wanted = case(name, kind)
    both, query = graphs[wanted.graph], question(name)
    text = query.text if wanted.graph == "nothing" else bound_text(both.oxigraph, query, wanted.arguments)
    rows = run_text(both.oxigraph, query, text)
    found = table(shown(query, rows), both.oxigraph.base)
    if os.environ.get("KG_WRITE_EXPECTED"):
        (FOLDER / name / f"{kind}.tsv").write_text(wanted.head + found, encoding="utf-8")
    else:
        assert found == wanted.rows
    assert run_text(both.rdflib, query, text) == rows
    assert kind != "empty" or rows.rows == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_an_answer_in_one_of_the_graphs(name: str, graphs: Build) -> None:
    answers = [case(name, kind) for kind in ("real", "fiction")]
    assert any(run(graphs[wanted.graph].oxigraph, question(name), wanted.arguments).rows for wanted in answers)


@pytest.mark.parametrize("kind", ["real", "fiction"])
@pytest.mark.parametrize("name", NAMES)
def test_every_row_from_an_article_rests_on_words(name: str, kind: str, graphs: Build) -> None:
    """A row of the registry, which names no article and no fact, rests on the curator alone."""
    wanted = case(name, kind)
    graph, query = graphs[wanted.graph].oxigraph, question(name)
    rows = run(graph, query, wanted.arguments)
    columns = [rows.variables.index(column) for column in query.evidence]
    behind = evidence(graph, query, rows)
    bare = [row for row, words in zip(rows.rows, behind, strict=True) if not words and any(row[k] for k in columns)]
    assert bare == []
    assert not (query.evidence and rows.rows) or any(behind)
