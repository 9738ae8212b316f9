"""Names say what a value is: the few words of the style guide that are never names of values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg

PACKAGE = Path(kg.__file__).parent
NEVER_NAMES = frozenset({"asked", "found", "said", "told", "wanted"})
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the variables, parameters and functions that a module names, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                yield name.strip("_"), node.lineno


@pytest.mark.parametrize("room", ROOMS)
def test_a_value_is_named_after_what_it_is(room: str) -> None:
    files = sorted((PACKAGE / room).rglob("*.py"))
    assert files
    faults = [
        f"{file.relative_to(PACKAGE.parent)}:{line}: {name}"
        for file in files
        for name, line in names(ast.parse(file.read_text(encoding="utf-8")))
        if name in NEVER_NAMES
    ]
    assert faults == []


def test_such_names_are_seen_wherever_they_are_given() -> None:
    module = "def told(said, *wanted): asked = [found for found in said]"
    assert {name for name, _ in names(ast.parse(module))} == NEVER_NAMES
