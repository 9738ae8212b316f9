"""`kg query`, `kg sparql` and `kg explain`, on a published generation."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import EndpointError, InputError, KgError, UsageError
from tests import harbour

PARTY = ["José Almeida", "Li Wei", "Mara Lind"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return harbour.built_project(tmp_path_factory.mktemp("harbour")).root


def ran(folder: Path, *arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["-C", str(folder), *arguments], input=stdin, env={"COLUMNS": "100"})
    if result.exception is not None and not isinstance(result.exception, SystemExit | KgError):
        raise result.exception
    return result


def answer(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    result = ran(folder, *arguments, stdin=stdin)
    assert (result.exit_code, result.exception) == (0, None), result.output
    return result.stdout


def refusal(folder: Path, *arguments: str, stdin: str | None = None) -> KgError:
    error = ran(folder, *arguments, stdin=stdin).exception
    assert isinstance(error, KgError)
    return error


def column(text: str, name: str) -> list[str]:
    return [row[name] for row in csv.DictReader(io.StringIO(text), delimiter="\t")]


# -------- kg query


def test_the_questions_are_listed_by_tag(folder: Path) -> None:
    for arguments in (("query",), ("query", "--list")):
        result = ran(folder, *arguments)
        assert result.exit_code == 0
        assert "\nmeetings\n  who-took-part [--meeting …] [--side …]\n      Who took part" in result.stdout
        assert "broken.rq:2:4: unknown key 'colour' in the header [KG-Q002]" in result.stderr
    assert "figures" not in answer(folder, "query", "--list", "--tag", "meetings")
    assert (
        refusal(folder, "query", "--list", "--tag", "fish").fix
        == "use one of the tags figures, meetings, people, others"
    )


def test_a_question_in_a_pipe_is_tsv(folder: Path) -> None:
    assert column(answer(folder, "query", "who-took-part"), "participantLabel") == PARTY


def test_parameters_are_options(folder: Path) -> None:
    text = answer(folder, "query", "who-took-part", "--meeting", "harbour-study/meeting", "--side", "host")
    assert column(text, "participantLabel") == ["Mara Lind"]
    text = answer(folder, "query", "who-took-part", "--side", "host", "--side", "guest")
    assert column(text, "participantLabel") == PARTY


def test_help_after_a_name_tells_its_parameters(folder: Path) -> None:
    told = "".join(answer(folder, "query", "who-took-part", "--help").split())
    for words in (
        "Who took part in a meeting, and on which side?",
        "--meeting ID|NAME The meeting (Event; default article/harbour-study/meeting).",
        "--side CODE Only this side (list side; no restriction; may be given several times).",
    ):
        assert "".join(words.split()) in told
    assert "who-met-whom" in answer(folder, "query", "--help")


def test_help_tells_no_default_that_is_of_another_project(folder: Path) -> None:
    query = (Path(__file__).parent.parent / "queries" / "places-in-place.rq").read_text(encoding="utf-8")
    shipped = query.replace("{type: Place,", "{type: Place, default: <https://w3id.org/communique/place/shanghai>,")
    (folder / "queries" / "shipped.rq").write_text(shipped, encoding="utf-8")
    told = " ".join(answer(folder, "query", "shipped", "--help").split())
    (folder / "queries" / "shipped.rq").unlink()
    assert "contain it (Place; required)." in told
    assert "shanghai" not in told


def test_a_question_is_shown_whole(folder: Path) -> None:
    text = "#+ question: Who?\nSELECT ?who ?whoLabel { GRAPH graph:registry { ?who a cq:Person } }\n"
    (folder / "queries" / "short.rq").write_text(text, encoding="utf-8")
    told = answer(folder, "query", "short", "--show")
    (folder / "queries" / "short.rq").unlink()
    assert "PREFIX cq: <https://w3id.org/communique/ontology#>" in told
    assert f"PREFIX graph: <{harbour.BASE}graph/>  #+ graphs" in told
    assert "rdfs:label ?whoLabel" in told


def test_help_without_a_project_is_still_help(tmp_path: Path) -> None:
    assert "Ask a canned question" in answer(tmp_path, "query", "--help")


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "md", "html", "xlsx", "svg"])
def test_the_ending_of_the_file_tells_the_format(folder: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"answer.{kind}"
    answer(folder, "query", "who-met-whom", "-o", str(file))
    start = {"json": b'{"head"', "html": b"<!DOCTYPE", "xlsx": b"PK", "svg": b"<svg", "md": b"| one"}
    assert file.read_bytes().startswith(start.get(kind, b"one"))


def test_the_format_option_overrides_the_ending(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    answer(folder, "query", "figures", "--format", "json", "-o", str(file))
    assert json.loads(file.read_text(encoding="utf-8"))["head"]["vars"] == ["fact", "indicator", "value", "asOf"]
    assert "does not show the format" in refusal(folder, "query", "figures", "-o", str(file)).message


def test_a_file_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    error = refusal(folder, "query", "figures", "-o", str(tmp_path / "none" / "a.csv"))
    assert isinstance(error, InputError)


def test_options_may_stand_before_the_name(folder: Path) -> None:
    assert json.loads(answer(folder, "query", "--format", "json", "any-meeting")) == {"head": {}, "boolean": True}
    assert answer(folder, "query", "--format", "json", "figures", "--format", "csv").startswith("fact,")


def test_explain_puts_the_words_beside_each_row(folder: Path) -> None:
    text = answer(folder, "query", "who-met-whom", "--explain")
    assert column(text, "row") == ["1", "2", "2"]
    assert column(text, "sentence")[2] == "Li Wei, who holds the chair of chemistry, came along."
    assert column(text, "article") == ["article/harbour-study"] * 3
    table = answer(folder, "query", "who-took-part", "--explain", "--format", "table")
    assert "└ “Director Mara Lind received José Almeida on Thursday.” — Tides to be studied" in table


def test_explain_is_refused_where_the_header_names_no_evidence(folder: Path) -> None:
    assert "have no evidence" in refusal(folder, "query", "any-meeting", "--explain").message


def test_show_prints_the_text_as_it_would_run(folder: Path) -> None:
    original = (folder / "queries" / "who-took-part.rq").read_text(encoding="utf-8")
    runs = original.replace("<https://w3id.org/communique/graph/", f"<{harbour.BASE}graph/")
    assert answer(folder, "query", "who-took-part", "--show") == runs
    bound = answer(folder, "query", "who-took-part", "--show", "--side", "host")
    assert "VALUES ?side { <https://w3id.org/communique/code/side/Host> }  #+ param side" in bound


def test_limit_cuts_and_says_so(folder: Path) -> None:
    result = ran(folder, "query", "who-took-part", "--limit", "1")
    assert column(result.stdout, "participantLabel") == PARTY[:1]
    assert result.stderr == "showing 1 of 3 rows\n--meeting is article/harbour-study/meeting by default\n"


def test_a_graph_is_written_as_turtle(folder: Path) -> None:
    assert "cq:metWith" in answer(folder, "query", "met-graph", "--format", "ttl")
    assert "ttl is a format for graphs" in refusal(folder, "query", "figures", "--format", "ttl").message


def test_ids_stand_beside_names_in_tables_when_asked_for(folder: Path) -> None:
    assert "person/mara-lind" not in answer(folder, "query", "who-met-whom", "--format", "table")
    assert "person/mara-lind" in answer(folder, "query", "who-met-whom", "--format", "table", "--ids")


@pytest.mark.parametrize(
    ("arguments", "message", "fix"),
    [
        (["nope-nope"], "there is no query 'nope-nope'", "kg query --list"),
        (["who-met-whon"], "there is no query 'who-met-whon'", "'who-met-whom'"),
        (["posts"], "'posts' needs a value for 'person'", "on the command line with --person"),
        (["posts", "--person", "li wei"], "person: 'li wei' matches 2 things", "person/li-wei-chemist"),
        (["figures", "--since", "2031"], "since: '2031' is not a date", "2017-02-09"),
        (["figures", "--format", "svg"], "'figures' has no chart to draw", "chart: {network"),
    ],
)
def test_what_is_refused_tells_what_to_do(folder: Path, arguments: list[str], message: str, fix: str) -> None:
    error = refusal(folder, "query", *arguments)
    assert isinstance(error, UsageError)
    assert error.message.startswith(message)
    assert fix in error.fix


def test_an_unknown_parameter_proposes_the_nearest(folder: Path) -> None:
    result = ran(folder, "query", "who-took-part", "--meting", "x")
    assert result.exit_code == 2
    assert "--meeting" in result.stderr


def test_values_are_completed_from_the_graph(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import ShellComplete

    monkeypatch.chdir(folder)
    shell = ShellComplete(cli, {}, "kg", "_KG_COMPLETE")

    def completed(arguments: list[str], begun: str) -> list[str]:
        return [item.value for item in shell.get_completions(["query", *arguments], begun)]

    assert completed(["posts", "--person"], "li") == ["li-wei", "li-wei-chemist"]
    assert completed(["who-took-part", "--side"], "G") == ["Guest"]
    assert completed([], "who") == ["who-met-whom", "who-took-part"]
    assert [item.help for item in shell.get_completions(["query"], "who-m")] == ["Who met whom, and how often?"]
    assert "find every problem in the mappings" in {item.help for item in shell.get_completions([], "che")}
    assert completed([], "--lis") == ["--list"]


def test_before_the_first_build_the_next_step_is_told() -> None:
    for arguments in (["query", "figures"], ["explain", "x"], ["sparql", "ASK {}"]):
        error = refusal(harbour.FOLDER, *arguments)
        assert (type(error), error.fix) == (InputError, "run 'kg build'")


def test_the_whole_process_answers_and_imports_no_heavy_library(folder: Path) -> None:
    code = (
        "import sys; from kg.cli import main\n"
        f"sys.argv = ['kg', '-C', {str(folder)!r}, 'query', 'who-took-part', '--explain']\n"
        "try: main()\n"
        "finally: print(sorted({'rdflib', 'pyshacl', 'pandas', 'openpyxl', 'owlready2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Mara Lind" in done.stdout


# -------- kg sparql

PEOPLE = "SELECT ?s { GRAPH ?g { ?s a cq:Person } } ORDER BY ?s"


def test_known_prefixes_need_no_declaration(folder: Path, tmp_path: Path) -> None:
    people = ["person/jose-almeida", "person/li-wei", "person/li-wei-chemist", "person/mara-lind"]
    file = tmp_path / "people.rq"
    file.write_text(PEOPLE, encoding="utf-8")
    assert column(answer(folder, "sparql", PEOPLE), "s") == people
    assert column(answer(folder, "sparql", str(file)), "s") == people
    assert column(answer(folder, "sparql", "-", stdin=PEOPLE), "s") == people


def test_every_form_is_answered(folder: Path) -> None:
    assert answer(folder, "sparql", "ASK { GRAPH ?g { ?s a cq:Person } }") == "answer\ntrue\n"
    graph = answer(folder, "sparql", "CONSTRUCT { ?s a cq:Agent } { GRAPH ?g { ?s a cq:Person } }", "--format", "ttl")
    assert graph.count(" a cq:Agent .") == 4


def test_a_cut_answer_is_told(folder: Path) -> None:
    result = ran(folder, "sparql", PEOPLE, "--limit", "2")
    assert len(result.stdout.splitlines()) == 3
    assert "cut at 2 rows" in result.stderr


def test_a_query_that_takes_too_long_is_stopped(folder: Path) -> None:
    triples = " ".join(f"GRAPH ?g{k} {{ ?s{k} ?p{k} ?o{k} }}" for k in range(9))
    error = refusal(folder, "sparql", f"SELECT (COUNT(*) AS ?n) {{ {triples} }}", "--timeout", "1")
    assert isinstance(error, EndpointError)


@pytest.mark.parametrize(
    "text", ["no-such-file.rq", "SELECT ?s { ?s }", "CLEAR ALL {}", "SELECT * { SERVICE <http://x/> {} }"]
)
def test_what_is_no_query_is_refused(folder: Path, text: str) -> None:
    assert isinstance(refusal(folder, "sparql", text), UsageError)


# -------- kg explain


def test_explain_finds_things_as_people_call_them(folder: Path) -> None:
    for name in ("mara-lind", "Mara Lind", "person/mara-lind", f"{harbour.BASE}person/mara-lind"):
        assert answer(folder, "explain", name).startswith("Mara Lind\nperson · person/mara-lind\n")
    assert answer(folder, "explain", "cq:Meeting").startswith("meeting\n")
    assert "matches 2 things" in refusal(folder, "explain", "Li Wei").message
    assert "did you mean 'Mara Lind'" in refusal(folder, "explain", "Mara Lund").fix


def test_explain_writes_json_when_asked_for_or_named_so(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mara.json"
    answer(folder, "explain", "mara-lind", "-o", str(file))
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(
        answer(folder, "explain", "mara-lind", "--format", "json")
    )


# -------- a value that is empty


@pytest.mark.parametrize("value", ["", " ", "\t"])
@pytest.mark.parametrize("param", ["meeting", "side"])
def test_an_empty_value_is_refused_and_never_the_default(folder: Path, param: str, value: str) -> None:
    error = refusal(folder, "query", "who-took-part", f"--{param}", value)
    assert (error.exit_code, error.message) == (2, f"{param}: the value is missing")
    assert error.fix == "leave the parameter out, or give it a value"


# -------- where a query comes from

ONE = "SELECT ?x { VALUES ?x { 7 } }"


@pytest.fixture
def pipe() -> Iterator[Callable[[str], str]]:
    """Return what makes a pipe that holds a text, and gives its name."""
    opened: list[int] = []

    def made(text: str) -> str:
        read, written = os.pipe()
        os.write(written, text.encode())
        os.close(written)
        opened.append(read)
        return f"/dev/fd/{read}"

    yield made
    for descriptor in opened:
        os.close(descriptor)


def test_a_query_comes_from_a_pipe_that_is_named(folder: Path, pipe: Callable[[str], str]) -> None:
    assert answer(folder, "sparql", pipe(ONE)) == "x\n7\n"


def test_a_query_may_begin_with_a_byte_order_mark(folder: Path, tmp_path: Path, pipe: Callable[[str], str]) -> None:
    (tmp_path / "one.rq").write_text(ONE, encoding="utf-8-sig")
    for given in (str(tmp_path / "one.rq"), pipe(f"\ufeff{ONE}"), f"\ufeff{ONE}"):
        assert answer(folder, "sparql", given) == "x\n7\n"
    assert answer(folder, "sparql", "-", stdin=f"\ufeff{ONE}") == "x\n7\n"


def test_a_query_on_standard_input_that_is_no_text_is_told(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["-C", str(folder), "sparql", "-"], input=b"ASK {} # \xe9")
    assert isinstance(result.exception, InputError)
    assert "standard input is not UTF-8" in result.exception.message


def test_a_query_without_braces_is_no_name_of_a_file(folder: Path) -> None:
    assert answer(folder, "sparql", "DESCRIBE <https://example.org/nothing>", "--format", "tsv")


@pytest.mark.parametrize("given", ["nothing.rq", "n" * 5000, "caf\udce9.rq"])
def test_what_is_neither_a_file_nor_a_query_is_told(folder: Path, given: str) -> None:
    error = refusal(folder, "sparql", given)
    assert error.exit_code == 2
    assert error.message.startswith("there is no file '")
    assert error.message.encode()
