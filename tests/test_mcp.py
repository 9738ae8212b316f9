"""`kg mcp`: an assistant asks over the real protocol, reads only, and learns what was left out.

The client is the one of the `mcp` package, over standard input and output of a real process. What needs other limits
calls the tools themselves.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp_types import CallToolResult

from kg.cli import cli
from kg.core.aside import AsideLimits
from kg.core.errors import EndpointError, InputError, NotFoundError, UsageError
from kg.mcp.tools import AssistantTools
from kg.pipeline.check import check
from kg.pipeline.steps import build
from kg.project.settings import load_project
from kg.render.findings import render_findings
from kg.web.canned import QUESTIONS
from tests.test_draft import BASE_LINE, ROOT

NAMES = ["ask_question", "check_mapping", "explain", "list_questions", "mapping_schema", "search"]
GOOD = (ROOT / "fiction" / "data" / "articles" / "harbour-study.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp")
    shutil.copytree(ROOT / "fiction" / "data", folder / "data")
    (folder / "kg.toml").write_text(BASE_LINE, encoding="utf-8")
    build(load_project(folder))
    return folder


Call = Callable[..., CallToolResult]


@pytest.fixture(scope="module")
def session(folder: Path) -> Iterator[tuple[Callable[..., Any], ClientSession]]:
    command = StdioServerParameters(command=sys.executable, args=["-m", "kg", "-C", str(folder), "mcp"])
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(stdio_client(command)) as (reading, writing),
        portal.wrap_async_context_manager(ClientSession(reading, writing)) as opened,
    ):
        portal.call(opened.initialize)
        yield portal.call, opened


@pytest.fixture
def call(session: tuple[Callable[..., Any], ClientSession]) -> Call:
    run, opened = session

    def called(tool: str, /, **arguments: Any) -> CallToolResult:
        result: CallToolResult = run(opened.call_tool, tool, arguments)
        return result

    return called


@pytest.fixture
def tools(folder: Path) -> Iterator[AssistantTools]:
    made = AssistantTools(load_project(folder))
    yield made
    made.close()


def text(result: CallToolResult) -> str:
    [content] = result.content
    assert content.type == "text"
    return content.text


def answer(result: CallToolResult) -> Any:
    assert not result.is_error, text(result)
    return json.loads(text(result))


def error(result: CallToolResult) -> str:
    assert result.is_error
    return text(result)


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -------- what is offered


def test_all_tools_are_read_only_and_explain_themselves(session: tuple[Callable[..., Any], ClientSession]) -> None:
    run, opened = session
    listed = run(opened.list_tools).tools
    assert sorted(tool.name for tool in listed) == NAMES
    for tool in listed:
        assert tool.annotations.read_only_hint
        assert tool.description
        assert all(field["description"] for field in tool.input_schema["properties"].values())


def test_the_descriptions_are_short_since_each_conversation_has_them(
    session: tuple[Callable[..., Any], ClientSession],
) -> None:
    run, opened = session
    assert sum(len(tool.model_dump_json()) for tool in run(opened.list_tools).tools) < 6000


def test_questions_are_listed_by_words(call: Call) -> None:
    every, some = answer(call("list_questions")), answer(call("list_questions", words="met whom"))
    assert len(every["questions"]) == every["of"] > 50
    assert "who-met-whom" in [each["name"] for each in some["questions"]]
    assert len(some["questions"]) < 15
    assert answer(call("list_questions", words="no such words"))["questions"] == []


# -------- questions


def test_an_answer_is_that_of_kg_query(call: Call, folder: Path) -> None:
    done = CliRunner().invoke(cli, ["-C", str(folder), "query", "who-met-whom", "--format", "json"])
    asked = answer(call("ask_question", name="who-met-whom", rows=1000))
    bindings = json.loads(done.stdout)["results"]["bindings"]
    assert [row["one"]["value"] for row in asked["rows"]] == [row["one"]["value"] for row in bindings]
    assert asked["shown"] == asked["total"] == len(asked["rows"])
    assert "note" not in asked


def test_an_answer_takes_arguments_by_name_or_id(call: Call) -> None:
    by_name = answer(call("ask_question", name="posts-of-person", arguments={"person": "Mara Lind"}))
    by_id = answer(call("ask_question", name="posts-of-person", arguments={"person": ["person/mara-lind"]}))
    assert by_name["rows"] == by_id["rows"] != []


def test_what_is_cut_is_said(call: Call) -> None:
    asked = answer(call("ask_question", name="who-met-whom", rows=2, evidence=True))
    assert (asked["shown"], len(asked["rows"]), len(asked["evidence"])) == (2, 2, 2)
    assert asked["note"] == f"2 of {asked['total']} rows: ask for more, or for less by the parameters"
    assert asked["evidence"][0][0]["sentence"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("ask_question", {"name": "who-met-whm"}, "did you mean 'who-met-whom'?"),
        ("ask_question", {"name": "who-met-whom", "arguments": {"planet": "x"}}, "planet"),
        ("ask_question", {"name": "posts-of-person", "arguments": {"person": "Nobody"}}, "Nobody"),
        ("ask_question", {"name": "posts-of-person", "arguments": {"person": "> } DROP ALL #"}}, "DROP ALL"),
        ("ask_question", {"name": "who-met-whom", "rows": 0}, "rows: 0 is not from 1 to 1000"),
        ("ask_question", {"name": "who-met-whom", "rows": 1001}, "rows: 1001 is not from 1 to 1000"),
        ("ask_question", {"name": "who-met-whom", "rows": "many"}, "rows"),
        ("ask_question", {"name": "term-usage", "evidence": True}, "have no evidence"),
        ("ask_question", {}, "name"),
        ("search", {"name": " "}, "give a name"),
        ("search", {"name": "x", "kind": "Planet"}, "Planet"),
        ("search", {"name": "x", "most": 51}, "up to 50"),
        ("explain", {"thing": "nobody-at-all"}, "nobody-at-all"),
        ("mapping_schema", {"kind": "Meating"}, "did you mean 'Meeting'"),
        ("check_mapping", {"mapping": "x" * ((2 << 20) + 1)}, "the mapping has more than"),
        ("write_file", {}, "write_file"),
    ],
)
def test_what_cannot_be_answered_is_a_tool_error_with_a_way_to_mend_it(
    call: Call, name: str, arguments: dict[str, Any], message: str
) -> None:
    assert message in error(call(name, **arguments))


# -------- search and explanation


def test_a_name_in_any_script_leads_to_its_thing(call: Call) -> None:
    for name in ("mara", "Ελένη", "Eleni Tharaki"):
        assert answer(call("search", name=name))["matches"][0]["id"] in ("person/mara-lind", "person/eleni-tharaki")
    assert answer(call("search", name="aldenburg", kind="Place"))["matches"][0]["kind"] == "place"
    near = answer(call("search", name="Mara Lynd"))
    assert near["only_similar"]
    assert near["matches"][0]["id"] == "person/mara-lind"
    assert "there are more than these 1" in answer(call("search", name="a", most=1))["note"]


def test_an_explanation_has_the_words(call: Call) -> None:
    explained = answer(call("explain", thing="Mara Lind"))
    assert explained["id"] == "person/mara-lind"
    assert explained["words"][0]["sentence"]


# -------- writing


def test_a_mapping_is_checked_as_kg_check_does_and_nothing_is_written(call: Call, folder: Path) -> None:
    wrong = GOOD.replace("holder: mara-lind", "holder: mara-lynd", 1)
    before = files(folder)
    checked = answer(call("check_mapping", mapping=wrong))
    assert files(folder) == before
    report = check(load_project(folder), standard_input=wrong)
    assert checked["findings"] == json.loads(render_findings(report.findings, "json", report.texts.get))["findings"]
    assert not checked["ok"]
    assert "mara-lynd" in str(checked["findings"])


def test_a_mapping_without_errors_is_ok(call: Call) -> None:
    assert answer(call("check_mapping", mapping=GOOD))["ok"]


def test_the_schema_of_a_class_is_one_and_has_no_other_class(call: Call) -> None:
    classes = answer(call("mapping_schema"))["classes"]
    assert classes["Meeting"]
    schema = answer(call("mapping_schema", kind="Meeting"))
    Draft202012Validator.check_schema(schema)
    assert [name for name in schema["$defs"] if name.startswith("class.")] == ["class.Meeting"]
    assert "participation" in schema["$defs"]["class.Meeting"]["properties"]


# -------- limits


def test_an_answer_that_is_too_long_for_a_conversation_is_shortened(
    tools: AssistantTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.loads(tools.explanation("mara-lind"))
    monkeypatch.setattr("kg.mcp.tools.MOST_ANSWER", 3000)
    asked = json.loads(tools.answer("facts-by-kind", {}, 1000, False))
    assert 0 < asked["shown"] < asked["total"]
    assert len(asked["rows"]) == asked["shown"]
    assert asked["note"].startswith(f"{asked['shown']} of {asked['total']} rows")
    explained = json.loads(tools.explanation("mara-lind"))
    assert f"of {len(whole['words'])} words are shown" in explained["note"]
    findings = tools.check("article:\n" + "".join(f"  x{number}: y\n" for number in range(100)))
    assert len(findings) <= 3000
    assert "findings are shown" in json.loads(findings)["note"]


def test_a_question_and_a_check_end_with_their_time(folder: Path) -> None:
    hasty = AssistantTools(load_project(folder), replace(QUESTIONS, seconds=1e-4), AsideLimits(seconds=0.05))
    with pytest.raises(EndpointError):
        hasty.answer("in-numbers", {}, 10, False)
    with pytest.raises(EndpointError, match=r"the check was stopped after 0\.05 s"):
        hasty.check(GOOD)
    hasty.close()


def test_a_check_ends_with_its_memory(folder: Path) -> None:
    small = AssistantTools(load_project(folder), check_limits=AsideLimits(memory=150 << 20))
    with pytest.raises(EndpointError, match=r"memory|without an answer"):
        small.check(GOOD)


# -------- projects that change, or are not there


def test_a_new_generation_is_seen(tmp_path: Path, folder: Path) -> None:
    shutil.copytree(folder, tmp_path / "own", symlinks=True)
    project = load_project(tmp_path / "own")
    tools = AssistantTools(project)
    assert json.loads(tools.matches("harbour study", "Article", 5))["matches"]
    for file in (tmp_path / "own" / "data" / "articles").iterdir():
        file.unlink()
    build(project)
    assert not json.loads(tools.matches("mara lind", "Article", 5))["matches"]
    assert json.loads(tools.answer("who-met-whom", {}, 10, False))["total"] == 0
    tools.close()


def test_without_a_build_checks_work_and_questions_say_why_not(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fiction" / "data" / "registry", tmp_path / "data" / "registry")
    (tmp_path / "kg.toml").write_text(BASE_LINE, encoding="utf-8")
    tools = AssistantTools(load_project(tmp_path))
    for _ in range(2):
        with pytest.raises(InputError, match="built"):
            tools.questions()
    assert not json.loads(tools.check("article: {}\n"))["ok"]
    with pytest.raises(NotFoundError):
        tools.schema("Meating")
    (tmp_path / "kg.toml").write_text("base = 1\n", encoding="utf-8")
    with pytest.raises(InputError, match="base"):
        tools.check("article: {}\n")


def test_the_server_ends_with_its_assistant_and_writes_nothing_else(folder: Path) -> None:
    ask = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    lines = [json.dumps({**ask, "params": client}), "no JSON", "{}"]
    done = subprocess.run(
        [sys.executable, "-m", "kg", "-C", str(folder), "mcp"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in done.stdout.splitlines())
    assert '"serverInfo"' in done.stdout


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.delitem(sys.modules, "kg.mcp.server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    refused = CliRunner().invoke(cli, ["-C", str(folder), "mcp"])
    assert isinstance(refused.exception, UsageError)
    assert "pip install 'communique-kg[mcp]'" in str(refused.exception)
