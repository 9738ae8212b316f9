"""A source and its external text -> its compiled document, not yet validated. Reads the text files of articles."""

from __future__ import annotations

from typing import TypeAlias

from kg.core.errors import Finding, InputError
from kg.core.model import Document
from kg.core.normal import too_many_marks
from kg.mapping.blocks import Outside
from kg.mapping.compose import TOO_MANY_MARKS
from kg.mapping.documents import compile_article, compile_registry
from kg.mapping.outline import text_file
from kg.mapping.pins import read_pins
from kg.mapping.read import Node
from kg.mapping.scope import Scope
from kg.project.layout import PINS
from kg.project.settings import Project
from kg.project.sources import Source, outside_text

Parsed: TypeAlias = tuple[Node | None, tuple[Finding, ...]]
"""The result of `read_yaml`."""


def document_of(project: Project, scope: Scope, source: Source, parsed: Parsed, *, article: bool) -> Document:
    """Compile one file without validating it."""
    tree, problems = parsed
    if not article:
        return compile_registry(tree, source.path, problems, scope)
    return compile_article(tree, source.stem, source.path, problems, scope, outside_of(project, source, tree))


def outside_of(project: Project, source: Source, tree: Node | None) -> Outside:
    """Return the parts of an article that are outside its mapping *tree*: its text file and its pins."""
    name = text_file(tree)
    try:
        text = outside_text(project, name.text) if name else None
    except InputError as error:
        return Outside(problem=error.message, fix=error.fix)
    if name and text is not None and too_many_marks(text) is not None:
        return Outside(problem=f"{name.text}: {TOO_MANY_MARKS}", fix="remove them")
    try:
        return Outside(text, read_pins(source.pins) if text is None else None)
    except ValueError:
        message = f"the text is not available, and {source.stem}{PINS} was changed since a build wrote it"
        return Outside(problem=message, fix=f"restore that file, or put the text at {name.text if name else ''}")
