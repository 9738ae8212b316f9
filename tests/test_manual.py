"""The manual: README and docs/. Its examples are executed, its links lead somewhere, and nothing is left out.

A block ```console holds commands after `$ ` and what they print; a line `...` stands for any lines or none, and a
command with no lines below it may print anything. Unless an error is shown, it must succeed. A block that begins with a
comment `# file: NAME` is written to that file; `(added)` after the name adds it to what the file has. Each page runs in
a copy of this project that has been built, as the README's first command leaves it. Blocks that set up an environment
are run by `.ci/run` instead; those in ```sh are not run.
"""

from __future__ import annotations

import ast
import fnmatch
import gc
import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

import kg
from kg.cli import COMMANDS, cli, main
from kg.core.errors import KgError
from kg.ontology.load import load_vocabulary
from kg.pipeline.steps import build
from kg.project.endpoint import KINDS, StoreSettings
from kg.project.settings import KNOWN, load_project
from kg.render.format_types import Offered
from kg.render.formats import answer_formats, offered
from kg.store.generations import current
from tests.expected import expected
from tests.servers import running

EXAMPLE_STORE = "http://localhost:7878"
ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "kg" / "template"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"\A# file: (\S+)( \(added\))?\n")
PARTS = ("data", "ontology", "queries", "kg.toml", "docs")
MANUAL = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
PAGES = (*MANUAL, *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "data/README.md")))
GENERATED = {"mapping": "docs/reference/mapping.md", "commands": "docs/reference/commands.md"}
PICTURE_BYTES = 200_000


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in BLOCK.finditer(text_of(page))]


# -------- its examples are true


@dataclass(frozen=True, slots=True)
class Example:
    """A command, and what it must print; "" for whatever it prints."""

    command: str
    expected: str


def commands(block: str) -> list[Example]:
    found: list[Example] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        while command.endswith("\\"):
            rest, _, expected = expected.partition("\n")
            command = f"{command[:-1]} {rest.removeprefix('> ').strip()}"
        found.append(Example(command, expected.strip("\n")))
    return found


def as_pattern(expected: str) -> str:
    """Turn an expected text into a pattern in which `...` stands for any text, and such a line for any lines."""
    escaped = re.sub(r"([*?\[])", r"[\1]", expected)
    return escaped.replace("\n...\n", "\n*").replace("...", "*")


def run(command: str, folder: Path) -> tuple[int, str]:
    """Return the exit code and all that is printed; `kg` by itself runs in this process."""
    words = shlex.split(command, comments=True, posix=True)
    in_shell = words[0] != "kg" or set(words) & {"|", "&&", ">"}
    return run_in_shell(command, folder) if in_shell else run_here(words, folder)


def run_here(words: list[str], folder: Path) -> tuple[int, str]:
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
        patch.chdir(folder)
        patch.setattr(sys, "argv", words)
        patch.setattr(gc, "set_threshold", lambda *_: None)
        patch.setenv("COLUMNS", "100")
        for name in [name for name in os.environ if name.startswith("KG_")]:
            patch.delenv(name)
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0), printed.buffer.getvalue().decode().strip("\n")


def run_in_shell(command: str, folder: Path) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("KG_")} | {"PATH": path, "COLUMNS": "100"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout.strip("\n")


def check_example(example: Example, folder: Path) -> None:
    code, printed = run(example.command, folder)
    shown = f"$ {example.command}\nexit code {code}, printed:\n{printed}\nexpected:\n{example.expected}"
    assert code == 0 or "error" in example.expected, shown
    assert not example.expected or fnmatch.fnmatchcase(printed, as_pattern(example.expected)), shown


def write_file(folder: Path, named: re.Match[str], block: str) -> None:
    target = folder / named[1]
    before = target.read_text(encoding="utf-8") if named[2] else ""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(before + block[named.end() :], encoding="utf-8")


def execute(found: list[tuple[str, str]], folder: Path) -> int:
    """Do what the blocks of a page say, in their order; return how many commands were run."""
    executed, python = 0, []
    for language, block in found:
        named = FILE.match(block)
        if named:
            write_file(folder, named, block)
        elif language == "console" and "venv" not in block:
            for example in commands(block):
                if example.command.startswith("cd "):
                    folder = folder / example.command.removeprefix("cd ")
                else:
                    check_example(example, folder)
                    executed += 1
        elif language == "python":
            python.append(block)
    if python:
        script = "\n".join(python)
        code, printed = run(f"python - <<'PY'\n{script}\nPY", folder)
        assert code == 0, printed
        executed += 1
    return executed


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this project, built."""
    folder = tmp_path_factory.mktemp("manual") / "project"
    folder.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part)
        else:
            shutil.copy(source, folder / part)
    build(load_project(folder))
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the built project for one page."""
    return Path(shutil.copytree(built, tmp_path / "project", symlinks=True))


def with_examples() -> list[Path]:
    return [page for page in MANUAL if any(language in ("console", "python") for language, _ in blocks(page))]


@pytest.fixture
def example_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Run a server in place of the one that a page loads, if it loads one."""
    if EXAMPLE_STORE not in "".join(block for _, block in blocks(request.getfixturevalue("page"))):
        yield EXAMPLE_STORE
        return
    with running("oxigraph", tmp_path / "store") as server:
        yield server.url


def with_marks() -> list[object]:
    """Return the pages with examples; what loads a store is of the sort of tests that need servers."""
    marks = {True: [pytest.mark.servers], False: []}
    return [pytest.param(page, marks=marks[EXAMPLE_STORE in text_of(page)]) for page in with_examples()]


@pytest.mark.parametrize("page", with_marks(), ids=name_of)
def test_every_example_of_a_page_prints_what_it_says(page: Path, project: Path, example_store: str) -> None:
    found = [(language, block.replace(EXAMPLE_STORE, example_store)) for language, block in blocks(page)]
    assert execute(found, project)


def test_the_readme_and_the_tutorial_have_examples() -> None:
    assert {name_of(page) for page in with_examples()} > {"README.md", "docs/tutorial.md"}


def test_a_new_project_does_what_its_readme_says(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert CliRunner().invoke(cli, ["init", str(folder)]).exit_code == 0
    assert execute(blocks(folder / "README.md"), folder) >= 4


def test_every_whole_query_of_the_manual_runs(built: Path) -> None:
    queries = [(page, block) for page in MANUAL for language, block in blocks(page) if language == "sparql"]
    whole = [(page, block) for page, block in queries if block.startswith("PREFIX")]
    assert whole
    with kg.open(built) as graph:
        for _, block in whole:
            graph.sparql(block)


def test_every_block_of_yaml_and_toml_can_be_read() -> None:
    for page in MANUAL:
        for language, block in blocks(page):
            if language == "toml":
                tomllib.loads(block)
            elif language == "yaml":
                yaml.safe_load(block)


# -------- its links lead somewhere

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PLACE = re.compile(r"\bdocs/[\w./-]+\.(?:md|svg|png)\b")


def without_blocks(page: Path) -> str:
    return BLOCK.sub("", text_of(page))


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return what a link to a heading of the page ends in, as GitHub makes it: no two are alike here."""
    headings = [re.sub(r"[`*]|\[|\]\([^)]*\)", "", each) for each in HEADING.findall(without_blocks(page))]
    slugs = [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings]
    assert page.name == "CHANGELOG.md" or len(slugs) == len(set(slugs)), f"{name_of(page)} has two headings alike"
    return frozenset(slugs)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    dead = []
    for address in LINK.findall(without_blocks(page)):
        if "://" in address:
            continue
        name, _, anchor = address.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(address)
    assert dead == []


def test_every_page_that_is_named_is_there() -> None:
    files = [*PAGES, *(each for kind in ("md", "py", "toml", "ttl") for each in (ROOT / "kg").rglob(f"*.{kind}"))]
    named = {(name_of(file), place) for file in files for place in PLACE.findall(file.read_text(encoding="utf-8"))}
    assert {(file, place) for file, place in named if not (ROOT / place).exists()} == set()


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(text_of(index))}
    assert set((ROOT / "docs").rglob("*.md")) - linked - {index} == set()


def test_every_picture_is_shown_and_light() -> None:
    shown = {(page.parent / link).resolve() for page in MANUAL for link in LINK.findall(text_of(page))}
    pictures = {*(ROOT / "docs").rglob("*.png"), *(ROOT / "docs").rglob("*.svg")}
    assert pictures - shown == set()
    assert {name_of(each) for each in pictures if each.stat().st_size > PICTURE_BYTES} == set()


def test_the_picture_of_an_answer_is_what_is_drawn_now(built: Path) -> None:
    """KG_WRITE_EXPECTED=1 writes it again; the others are made by `python -m tests.pictures`."""
    picture = ROOT / "docs" / "pictures" / "who-met-whom.svg"
    with kg.open(built) as graph:
        drawn = graph.query("who-met-whom").text("svg")
    assert drawn == expected(picture, drawn)


# -------- nothing is left out


def documented(name: str) -> set[str]:
    """Return what stands in backquotes at the head of a table's row on a page of the reference."""
    text = text_of(ROOT / "docs" / "reference" / f"{name}.md")
    return {each for row in re.findall(r"^\| (.+?) \|", text, re.MULTILINE) for each in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("page", GENERATED)
def test_a_generated_page_is_what_kg_docs_writes(page: str) -> None:
    """`kg docs --page PAGE -o docs/reference/PAGE.md` writes it again, or KG_WRITE_EXPECTED=1 and this test."""
    file = ROOT / GENERATED[page]
    done = CliRunner().invoke(cli, ["-C", str(ROOT), "docs", "--page", page], catch_exceptions=False)
    assert done.output == expected(file, done.output)


def test_the_mapping_language_has_every_type_key_and_code() -> None:
    vocabulary = load_vocabulary(load_project(ROOT).ontology)
    page = text_of(ROOT / GENERATED["mapping"])
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    written = [name for name, term in vocabulary.classes.items() if not term.abstract and vocabulary.keys[name]]
    missing = [name for name in written if name not in sections]
    for name in set(written) & sections.keys():
        text = sections[name] + "".join(sections.get(each, "") for each in vocabulary.classes[name].ancestors)
        missing += [f"{name}.{key}" for key in vocabulary.keys[name] if f"| `{key}` |" not in text]
    for name, codes in vocabulary.codes.items():
        missing += [f"{name}/{code.name}" for code in codes.values() if f"| `{code.name}` |" not in sections[name]]
    assert missing == []


def test_every_command_is_documented_with_its_options_and_their_variables() -> None:
    page = text_of(ROOT / GENERATED["commands"])
    assert re.findall(r"^## kg (\S+)$", page, re.MULTILINE) == list(COMMANDS)
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert [each.name for each in options if f"`{each.envvar}`" not in page or not each.help] == []


def test_every_command_and_option_that_the_manual_names_exists() -> None:
    wrong = []
    for page in (*PAGES, TEMPLATE / "README.md"):
        if page.name == "CHANGELOG.md":
            continue
        for name, rest in re.findall(r"(?:`|\$ |^|&& )kg (\w[\w-]*)([^`\n|&]*)", text_of(page), re.MULTILINE):
            command = cli.get_command(click.Context(cli), name)
            if isinstance(command, click.Group):
                command = command.commands.get(rest.split()[0] if rest.split() else "", command)
            known = {each for option in command.params for each in option.opts} if command else set()
            used = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest)) - {"--help"}
            if command is None or (name != "query" and used - known):
                wrong.append((name_of(page), f"kg {name}{rest}"))
    assert wrong == []


def test_every_setting_is_documented() -> None:
    known = documented("settings")
    assert KNOWN - known == set()
    assert {each.name for each in fields(StoreSettings)} - {"name"} - known == set()
    assert [kind for kind in KINDS if kind not in text_of(ROOT / "docs" / "reference" / "settings.md")] == []


def environment_variables() -> Iterator[str]:
    """Yield the names that the code looks up in its environment, and all of ours that it names."""
    lookup = re.compile(
        r"environ(?:ment)?(?:\.get\(|\[)\"(\w+)\"(?!\] = )|\"(\w+)\" (?:not )?in os\.environ|_PASSED_ON = (\(.*\))"
    )
    for file in (*(ROOT / "kg").rglob("*.py"), ROOT / "hatch_build.py"):
        text = file.read_text(encoding="utf-8")
        for name, tested, passed in lookup.findall(text):
            yield from ast.literal_eval(passed) if passed else [name or tested]
        yield from re.findall(r"\bKG_[A-Z]+(?:_[A-Z]+)*\b", text)


def test_the_readme_lists_every_format_of_the_server() -> None:
    rows = [line for line in text_of(ROOT / "README.md").splitlines() if line.startswith("| `/")]
    [answers] = [row for row in rows if "/api/queries/" in row and "format=" in row]
    [documents] = [row for row in rows if "linked data" in row]
    listed = re.search(r"`format` is ([^;]+);", answers)
    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == [form.name for form in answer_formats(Offered.API)]
    assert re.findall(r"`\.(\w+)`", documents) == [form.name for form in offered(Offered.DOCUMENT)]


def test_every_environment_variable_is_documented() -> None:
    text = text_of(ROOT / "docs" / "reference" / "settings.md") + text_of(ROOT / GENERATED["commands"])
    found = set(environment_variables())
    assert {"KG_PROJECT", "NETRC", "NO_COLOR", "JAVA_HOME", "KG_WEB", "TMPDIR"} <= found
    assert {name for name in found if not re.search(rf"\b{name}\b", text)} == set()


def exit_codes(kind: type[KgError]) -> set[int]:
    return {kind.exit_code}.union(*(exit_codes(each) for each in kind.__subclasses__()))


def test_every_exit_code_is_documented() -> None:
    page = text_of(ROOT / "docs" / "reference" / "settings.md").partition("## Exit codes")[2]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert told == exit_codes(KgError) | {0, 130, 128 + signal.SIGTERM}


def test_every_graph_that_is_written_is_documented(built: Path) -> None:
    calls = re.compile(r"graph_iri\([\w.]*base, ['\"](\w+)['\"]\)")
    written = {name for file in (ROOT / "kg").rglob("*.py") for name in calls.findall(file.read_text(encoding="utf-8"))}
    told = documented("graphs")
    assert {f"<base>graph/{name}" for name in written} == {name for name in told if name.startswith("<base>graph/")}
    with current(built / "build") as generation:
        graphs = {graph.strip("<>").removeprefix(load_project(built).base) for graph in generation.manifest.graphs}
    assert {f"<base>{re.sub('^article/.*', 'article/ID', graph)}" for graph in graphs} <= told


# -------- the rest


def test_the_set_up_commands_are_those_that_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "tests.all" in script
    assert "-e '.[dev]'" in script


def test_no_page_has_a_placeholder() -> None:
    assert [name_of(page) for page in MANUAL if re.search(r"^[A-Z]{3,}$|TODO|TBD", text_of(page), re.MULTILINE)] == []
