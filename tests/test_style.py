"""Names say what a value is, never by a few words of the style guide; no function is hard to follow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from complexipy import code_complexity

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


# -------- functions

HARDEST = 15
"""Most cognitive complexity of a function: https://www.sonarsource.com/docs/CognitiveComplexity.pdf"""


def hard_functions(code: str) -> Iterator[tuple[str, int]]:
    """Yield the functions over HARDEST, with their complexity."""
    functions = ((each.name, each.complexity) for each in code_complexity(code).functions)
    return ((name, complexity) for name, complexity in functions if complexity > HARDEST)


def test_no_function_is_hard_to_follow() -> None:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 300
    assert {
        f"{file.relative_to(PACKAGE.parent)}: {name}": complexity
        for file in files
        for name, complexity in hard_functions(file.read_text(encoding="utf-8"))
    } == {}


def test_a_function_that_is_hard_to_follow_is_named() -> None:
    code = "def plain(a):\n    return a\n\ndef nested(a):\n"
    code += "".join(f"{'    ' * depth}if a == {depth}:\n" for depth in range(1, 7)) + "    " * 7 + "return a\n"
    assert dict(hard_functions(code)) == {"nested": 1 + 2 + 3 + 4 + 5 + 6}
