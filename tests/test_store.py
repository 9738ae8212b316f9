"""Both engines answer alike; a stranger's query costs at most its worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyoxigraph
import pytest

from kg.core.errors import EndpointError, InputError, UsageError
from kg.core.model import Quad
from kg.core.values import XSD
from kg.planning.guard import MAX_NESTING, MAX_QUERY_BYTES, refuse_unsafe
from kg.planning.rows import Rows
from kg.store.canonical import canonical_number, canonical_term
from kg.store.embedded import EmbeddedStore, memory_store, open_store
from kg.store.isolation import Limits, isolated_answer
from kg.store.lines import graph_lines, line_quad, lines_digest
from kg.store.loading import Draft
from kg.store.objects import Objects
from kg.store.protocol import Store, Triple
from tests.second_store import RdflibStore

CASES = Path(__file__).parent / "store"
LINES = (CASES / "graph.nq").read_text(encoding="utf-8").splitlines()
EVERYTHING = "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }"
CROSS_JOIN = "GRAPH ?g { ?a ?b ?c . ?d ?e ?f . ?h ?i ?j . ?k ?l ?m . ?n ?q ?r . ?t ?u ?v . ?w ?x ?y . ?z ?aa ?bb }"


def cases(folder: str) -> list[Path]:
    found = sorted((CASES / folder).glob("*.rq"))
    assert found, f"no cases in {folder}"
    return found


def name(path: Path) -> str:
    return path.stem


@pytest.fixture(params=[memory_store, RdflibStore], ids=["oxigraph", "rdflib"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    opened: Store = request.param(LINES)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("on-disk") / "store"
    objects = Objects(path.parent / "objects")
    draft = Draft(path)
    draft.bring(objects, {graph: objects.kept(lines) for graph, lines in graph_lines(map(line_quad, LINES)).items()})
    draft.close()
    return path


def expected_rows(case: Path) -> Rows:
    variables, *rows = (line.split("\t") for line in case.with_suffix(".tsv").read_text(encoding="utf-8").splitlines())
    return Rows(tuple(variables), tuple(tuple(cell or None for cell in row) for row in rows))


# -------- a draft


def test_a_draft_is_opened_again_to_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, engine_store = list[str](), pyoxigraph.Store

    def noted(path: str) -> pyoxigraph.Store:
        opened.append(path)
        return engine_store(path)

    monkeypatch.setattr(pyoxigraph, "Store", noted)
    objects, graphs = Objects(tmp_path / "objects"), graph_lines(map(line_quad, LINES))
    draft = Draft(tmp_path / "store")
    draft.add({graph: objects.kept(lines) for graph, lines in graphs.items()}, compact=False)
    draft.store.rest()
    assert opened == [str(draft.path)] * 2
    assert sorted(map(str, draft.store.quads())) == LINES
    draft.store.add_lines(["<a:s> <a:p> <a:o> <a:g> ."])
    assert len(draft.store) == len(LINES) + 1
    draft.close()
    monkeypatch.undo()
    with open_store(draft.path) as store:
        assert len(store) == len(LINES) + 1


def test_a_store_in_memory_stays_as_it_is() -> None:
    with memory_store(LINES) as store:
        engine = store.engine
        store.rest()
        assert store.engine is engine


# -------- the protocol, on both engines


@pytest.mark.parametrize("case", cases("answers"), ids=name)
def test_both_engines_give_exactly_these_rows(store: Store, case: Path) -> None:
    assert store.select(case.read_text(encoding="utf-8")) == expected_rows(case)


def test_quads_come_back_as_they_were_written(store: Store) -> None:
    assert sorted(map(str, store.quads())) == LINES


def test_graphs_are_counted_by_name(store: Store) -> None:
    counted = dict(store.graphs())
    assert counted == {graph: len(lines) for graph, lines in graph_lines(map(line_quad, LINES)).items()}
    assert list(counted) == sorted(counted)


def test_ask_is_true_or_false(store: Store) -> None:
    assert store.ask("ASK { GRAPH <http://e.org/registry> { ?s ?p ?o } }")
    assert not store.ask("ASK { GRAPH <http://e.org/nowhere> { ?s ?p ?o } }")


def test_constructed_triples_are_sorted_and_each_comes_once(store: Store) -> None:
    query = (
        'CONSTRUCT { ?f <a:in> "corpus" . <a:corpus> <a:has> 2.50 } WHERE { GRAPH ?g { ?f <http://e.org/value> ?v } }'
    )
    triples = store.construct(query)
    assert len(triples) == 5
    assert list(triples) == sorted(set(triples))
    assert triples[0] == Triple("<a:corpus>", "<a:has>", f'"2.5"^^<{XSD}decimal>')


def test_what_the_engine_keeps_of_a_draft_is_freed_before_more_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.loading._MANY_QUADS", 0)
    steps: list[str] = []
    rest, add_text = EmbeddedStore.rest, EmbeddedStore.add_text

    def noted_rest(store: EmbeddedStore) -> None:
        steps.append("rest")
        rest(store)

    def noted_text(store: EmbeddedStore, text: IO[bytes], *, as_tables: bool) -> None:
        steps.append("add_text")
        add_text(store, text, as_tables=as_tables)

    monkeypatch.setattr(EmbeddedStore, "rest", noted_rest)
    monkeypatch.setattr(EmbeddedStore, "add_text", noted_text)
    objects, draft = Objects(tmp_path / "objects"), Draft(tmp_path / "store")
    draft.add({"<a:g>": objects.kept(["<a:s> <a:p> <a:o> <a:g> ."])}, compact=True)
    draft.add({"<a:h>": objects.kept(["<a:s> <a:p> <a:o> <a:h> ."])}, compact=True)
    draft.close()
    assert steps == ["add_text", "rest", "add_text"]


def test_constructed_triples_come_as_they_are_found() -> None:
    lines = [f"<s:{number}> <p:{'x' * 200}> <o:o> <g:g> ." for number in range(20_000)]
    with memory_store(lines) as opened:
        tracemalloc.start()
        try:
            number = sum(1 for _ in opened.each_triple("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert number == len(lines)
        assert peak < 2_000_000, "a thousand of them"
        with pytest.raises(UsageError, match="not a CONSTRUCT"):
            next(opened.each_triple("SELECT * { }"))


@pytest.mark.parametrize(
    ("method", "query"),
    [("select", "ASK { }"), ("ask", "SELECT * { }"), ("construct", "ASK { }"), ("select", "DESCRIBE <a:b>")],
)
def test_a_query_of_another_form_is_refused(store: Store, method: str, query: str) -> None:
    with pytest.raises(UsageError, match="the query is not a"):
        getattr(store, method)(query)


@pytest.mark.parametrize(
    "query",
    ["SELECT ?s WHERE {", "", "SELECT ?s WHERE { ?s e:p ?o }", "SELECT ?s WHERE { ?s ?p ?o } GROUP BY", "SELEC * {}"],
)
def test_malformed_queries_are_usage_errors_on_both(store: Store, query: str) -> None:
    with pytest.raises(UsageError, match=r"SPARQL|prefix"):
        store.select(query)


def test_an_undeclared_prefix_is_named() -> None:
    with memory_store(LINES) as store, pytest.raises(UsageError) as caught:
        store.select("SELECT ?s WHERE {\n  ?s e:p ?o\n}")
    assert caught.value.message == "query, line 2, column 6: the prefix 'e:' is not declared"


def test_a_syntax_error_names_line_and_column_and_what_stands_before() -> None:
    with memory_store(LINES) as store, pytest.raises(UsageError) as caught:
        store.select("SELECT ?s WHERE {\n  ?s ?p ?o }\n trailing")
    assert caught.value.message == "the query is not SPARQL, line 3, column 8, after 'traili'"


def test_a_rule_of_sparql_that_is_broken_is_named() -> None:
    with (
        memory_store(LINES) as store,
        pytest.raises(UsageError, match="the SELECT contains a variable that is unbound"),
    ):
        store.select("SELECT ?x (COUNT(*) AS ?n) WHERE { ?y ?p ?o } GROUP BY ?y")


def test_rdflib_names_line_and_column() -> None:
    with pytest.raises(UsageError, match=r"line 2, column \d+"):
        RdflibStore(LINES).select("SELECT ?s WHERE {\n  ?s ?p }")


def test_an_unknown_function_is_an_error_in_the_query() -> None:
    with memory_store(LINES) as store, pytest.raises(UsageError, match="no function <a:f>"):
        store.select("SELECT (<a:f>(1) AS ?x) { }")


def test_half_a_surrogate_pair_is_no_query() -> None:
    with memory_store(LINES) as store, pytest.raises(UsageError, match="not Unicode"):
        store.select('SELECT ("\ud800" AS ?x) { }')


@pytest.mark.parametrize("query", ["SELECT * FROM <a:g> { }", "SELECT * { SERVICE <a:b> { } }"])
def test_rdflib_may_not_open_anything(query: str) -> None:
    with pytest.raises(UsageError, match="not allowed"):
        RdflibStore(LINES).select(query)


def test_a_limit_cuts_rows_and_says_so() -> None:
    with memory_store(LINES) as store:
        cut, whole = store.answer(EVERYTHING, 3), store.answer(EVERYTHING, len(LINES))
    assert isinstance(cut.value, Rows)
    assert isinstance(whole.value, Rows)
    assert (len(cut.value.rows), cut.cut) == (3, True)
    assert (len(whole.value.rows), whole.cut) == (len(LINES), False)


def test_a_line_that_is_not_n_quads_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        memory_store(["<a:s> <a:p> ."])


def test_a_closed_store_is_not_used_any_more(on_disk: Path) -> None:
    store = open_store(on_disk)
    store.close()
    with pytest.raises(ValueError, match="closed"):
        len(store)


def test_a_folder_without_a_store_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot open the store"):
        open_store(tmp_path / "none")


def test_reading_leaves_no_trace_on_disk(on_disk: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in on_disk.iterdir()}
    with open_store(on_disk) as store:
        assert len(store.select(EVERYTHING).rows) == len(LINES)
    assert {path: path.stat().st_mtime_ns for path in on_disk.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "kind", "canonical"),
    [
        ("1.50", "decimal", "1.5"),
        ("-0.0", "decimal", "0"),
        ("1E+3", "decimal", "1000"),
        ("0.33333333333333333333333", "decimal", "0.333333333333333333"),
        ("007", "integer", "7"),
        ("1e2", "double", "100"),
        ("nan", "double", "NaN"),
        ("-inf", "double", "-INF"),
        ("seven", "integer", "seven"),
        ("1_000", "integer", "1_000"),
        ("1e3", "integer", "1e3"),
        ("1e999999999", "double", "1e999999999"),
        ("INF", "decimal", "INF"),
    ],
)
def test_numbers_are_written_as_oxigraph_writes_them(text: str, kind: str, canonical: str) -> None:
    assert canonical_number(text, XSD + kind) == canonical


@pytest.mark.parametrize("term", ["<a:B>", '"EN"', '"1.50"', f'"1.50"^^<{XSD}date>', '"a\\"@X"'])
def test_what_is_no_number_stays_as_it_is(term: str) -> None:
    assert canonical_term(term) == term


# -------- lines


def test_a_line_is_cut_into_its_terms_whatever_the_text_holds() -> None:
    quad = Quad("<a:s>", "<a:p>", '"a . <b:c> \\" ."@en', "<a:g>")
    assert line_quad(str(quad)) == quad


def test_lines_are_grouped_sorted_and_without_duplicates() -> None:
    quads = [Quad("<a:b>", "<a:p>", '"1"', "<a:h>"), Quad("<a:a>", "<a:p>", '"1"', "<a:h>")]
    assert graph_lines([*quads, *quads, quads[0]._replace(graph="<a:g>")]) == {
        "<a:g>": ['<a:b> <a:p> "1" <a:g> .'],
        "<a:h>": ['<a:a> <a:p> "1" <a:h> .', '<a:b> <a:p> "1" <a:h> .'],
    }


def test_the_digest_is_that_of_the_file() -> None:
    from hashlib import sha256

    assert lines_digest(LINES) == sha256((CASES / "graph.nq").read_bytes()).hexdigest()


# -------- what anybody may ask


@pytest.mark.parametrize("case", cases("refused"), ids=name)
def test_a_query_that_reaches_out_writes_or_may_do_so_is_refused(case: Path) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_unsafe(case.read_bytes().decode())
    assert caught.value.message.startswith("query, line ")
    assert caught.value.fix


@pytest.mark.parametrize("case", cases("allowed"), ids=name)
def test_a_harmless_query_is_let_through_and_is_sparql(case: Path) -> None:
    query = case.read_text(encoding="utf-8")
    refuse_unsafe(query)
    with memory_store(LINES) as store:
        store.select(query)


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(UsageError) as caught:
        refuse_unsafe("SELECT *\nWHERE { SERVICE <a:b> { } }")
    assert caught.value.message == (
        "query, line 2, column 9: 'SERVICE' is not allowed: a query may not call other servers"
    )


@pytest.mark.parametrize("brackets", ["{}", "()", "[]"])
def test_nesting_is_limited_before_parsing(brackets: str) -> None:
    refuse_unsafe(brackets[0] * MAX_NESTING + brackets[1] * MAX_NESTING)
    with pytest.raises(UsageError, match="nest deeper than 64"):
        refuse_unsafe(brackets[0] * (MAX_NESTING + 1))


def test_brackets_in_text_do_not_count() -> None:
    refuse_unsafe(f'SELECT ("{"{" * 500}" AS ?x) {{ }} # {"{" * 500}')


def test_size_is_limited_in_bytes() -> None:
    refuse_unsafe("#" + "x" * (MAX_QUERY_BYTES - 1))
    with pytest.raises(UsageError, match="at most 16384"):
        refuse_unsafe("#" + "头" * (MAX_QUERY_BYTES // 2))


def test_the_longest_queries_are_scanned_in_no_time() -> None:
    for unit in ("'", '"', "'''", "<", "\\", "a.", "e:a.", "''' ", "<a", "?", "{'", '"""\'', "@a-"):
        with_many = (unit * MAX_QUERY_BYTES)[:MAX_QUERY_BYTES]
        scan = threading.Thread(target=lambda query=with_many: _outcome(query), daemon=True)
        scan.start()
        scan.join(5)
        assert not scan.is_alive(), f"scanning {unit!r} takes too long"


def _outcome(query: str) -> str:
    try:
        refuse_unsafe(query)
    except UsageError as error:
        return error.message
    return ""


# -------- the worker


@pytest.mark.parametrize("case", cases("answers"), ids=name)
def test_the_worker_answers_as_the_store_does(on_disk: Path, case: Path) -> None:
    assert isolated_answer(on_disk, case.read_text(encoding="utf-8")).value == expected_rows(case)


def test_the_worker_answers_all_four_forms(on_disk: Path) -> None:
    pattern = "{ GRAPH <http://e.org/article/b> { <http://e.org/article/b/meeting> <http://e.org/online> ?o } }"
    assert isolated_answer(on_disk, f"ASK {pattern}").value is True
    triple = Triple("<a:b>", "<a:c>", f'"true"^^<{XSD}boolean>')
    assert isolated_answer(on_disk, f"CONSTRUCT {{ <a:b> <a:c> ?o }} WHERE {pattern}").value == (triple,)
    assert isolated_answer(on_disk, f"DESCRIBE ?o WHERE {pattern}").value == ()


def test_the_worker_cuts_rows_and_bytes_and_says_so(on_disk: Path) -> None:
    rows = isolated_answer(on_disk, EVERYTHING, Limits(rows=4))
    bytes_ = isolated_answer(on_disk, EVERYTHING, Limits(size=400))
    triples = isolated_answer(on_disk, "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }", Limits(rows=4))
    assert isinstance(rows.value, Rows)
    assert isinstance(bytes_.value, Rows)
    assert isinstance(triples.value, tuple)
    assert (len(rows.value.rows), rows.cut) == (4, True)
    assert 0 < len(bytes_.value.rows) < len(LINES)
    assert bytes_.cut
    assert (len(triples.value), triples.cut) == (4, True)


def test_a_thousand_nested_braces_are_refused(on_disk: Path) -> None:
    with pytest.raises(UsageError, match="nest deeper"):
        isolated_answer(on_disk, "SELECT * WHERE " + "{" * 1000 + "}" * 1000)


def test_a_query_that_crashes_the_engine_costs_only_the_worker(on_disk: Path) -> None:
    with pytest.raises(EndpointError, match="crashed the engine"):
        isolated_answer(on_disk, f"SELECT ({'!' * 15000}true AS ?x) {{ }}")


def test_a_query_that_takes_too_long_is_stopped(on_disk: Path) -> None:
    with pytest.raises(EndpointError, match=r"took longer than 0\.7 s"):
        isolated_answer(on_disk, f"SELECT (COUNT(*) AS ?n) WHERE {{ {CROSS_JOIN} }}", Limits(seconds=0.7))
    assert not _children()


def test_a_query_that_takes_all_memory_is_stopped(on_disk: Path) -> None:
    query = f"SELECT * WHERE {{ {CROSS_JOIN} }} ORDER BY ?r ?m"
    with pytest.raises(EndpointError, match="more than 48 MiB of memory"):
        isolated_answer(on_disk, query, Limits(seconds=20, memory=48 << 20))


def test_errors_keep_their_class_on_the_way_back(on_disk: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 1, column"):
        isolated_answer(on_disk, "SELECT * WHERE { ?s")
    with pytest.raises(UsageError, match="a:f"):
        isolated_answer(on_disk, "SELECT (<a:f>(1) AS ?x) { }")
    with pytest.raises(InputError, match="cannot open"):
        isolated_answer(tmp_path / "none", "ASK { }")


def test_the_worker_gets_no_secrets(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_TOKEN", "secret")
    seen: dict[str, str] = {}
    start = subprocess.Popen

    def record(*arguments: object, **options: object) -> object:
        seen.update(options["env"])  # type: ignore[call-overload]
        return start(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", record)
    isolated_answer(on_disk, "ASK { }")
    assert "PATH" in seen
    assert "KG_TOKEN" not in seen


def test_a_worker_whose_parent_died_ends_by_itself() -> None:
    code = "from kg.store import worker; worker._GRACE = 0; worker.limit_time(0.2)\nwhile True: pass"
    ended = subprocess.run([sys.executable, "-c", code], timeout=10, check=False)
    assert ended.returncode < 0


def test_where_the_system_allows_it_the_worker_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = (
            "import socket, sys\nfrom kg.store.worker import leave_network\nleft = leave_network()\n"
            f"try: socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2); reached = True\n"
            "except OSError: reached = False\nprint(left, reached)"
        )
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=10, check=True)
    assert ended.stdout.split() in (["True", "False"], ["False", "True"])


def _children() -> list[str]:
    """Workers of ours that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            command = (path.parent / "cmdline").read_text(encoding="utf-8")
        except OSError:
            continue
        if parent == str(os.getpid()) and "kg.store.worker" in command:
            found.append(command)
    return found


def test_the_store_types_fit_the_protocol() -> None:
    stores: list[Store] = [memory_store(LINES), RdflibStore(LINES)]
    assert isinstance(stores[0], EmbeddedStore)
