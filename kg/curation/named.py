"""Sources -> the places where they refer to a thing, and their texts with another name for it. No writing.

The compiler determines these places, so that an identical word in prose is never mistaken for a reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.core.errors import LINE_END, Place
from kg.core.model import Term
from kg.mapping.edits import changed
from kg.mapping.read import read_yaml
from kg.mapping.scope import Scope
from kg.mapping.yaml_changes import Remove, SetValue
from kg.mapping.yaml_nodes import every_scalar
from kg.mapping.yaml_places import YamlText
from kg.pipeline.document import document_of
from kg.project.settings import Project
from kg.project.sources import Source


@dataclass(frozen=True, slots=True)
class ReferenceFinder:
    """The context that is needed to resolve the names in a source."""

    project: Project
    scope: Scope


def named_at(
    namer: ReferenceFinder, source: Source, thing: Term, name: str, *, fact: str = "", article: bool
) -> frozenset[Place]:
    """Return where a source, or one of its facts, has *thing* as a value. *name* is how it refers to it."""
    if name not in source.text:
        return frozenset()
    parsed = read_yaml(source.text, source.path)
    document = document_of(namer.project, namer.scope, source, parsed, article=article)
    inside = f"{document.graph[:-1]}/{fact}"
    return frozenset(
        place
        for (subject, _, value), place in document.source.values.items()
        if value == thing and (not fact or subject.rstrip(">") == inside or subject.startswith(f"{inside}/"))
    )


def with_name(text: str, places: Iterable[Place], old: str, new: str) -> str:
    """Replace the name *old* at *places* by *new* and return the text. A resulting duplicate in a list is removed."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = YamlText(text.removeprefix(mark))
    starts = [0, *(end.end() for end in LINE_END.finditer(source.text))]
    offsets = {starts[place.line - 1] + place.column - 1 for place in places}
    scalars = every_scalar(source.root) if source.root else ()
    references = [path for node, path in scalars if node.start in offsets and node.text == old]
    result = source.text
    for path in reversed(references):  # so that the positions of earlier items stay valid
        around = YamlText(result).node(path[:-1]).data()
        is_there = isinstance(around, list) and new in around
        result = changed(result, [Remove(path) if is_there else SetValue(path, new)])
    return mark + result
