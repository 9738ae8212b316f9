"""Templates in the ontology -> a line, or a sentence, for a fact. No I/O.

A template is a list of alternatives, one per line. The first whose parts all have values is used.
`{title}` stands for the values of a property, `{organization|jurisdiction}` for those of the first property that has
any, `{participation/participant}` for those of a property of a nested node. `{occurrence=Planned}` shows nothing, and
holds if the fact has that code. Text in `[…]` is left out if any part of it has no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from kg.core.english import listed

Look = Callable[[Sequence[str]], Sequence[str]]
"""Given local names of properties, a path from the fact, return the labels of its values."""

Holds = Callable[[str, str], bool]
"""Given local names of a property and of a code, return whether the fact has it."""

_TOKEN = re.compile(r"\{(?P<field>[^{}\[\]]*)\}|(?P<open>\[)|(?P<close>\])|(?P<text>[^{}\[\]]+)")
_FIELD = re.compile(r"[A-Za-z]\w*(?:[/|][A-Za-z]\w*)*")
_GUARD = re.compile(r"[A-Za-z]\w*=[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A place for values: paths of local names, of which the first with values applies. *code* is for a guard."""

    paths: tuple[tuple[str, ...], ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts, fields and groups in order, *optional* if it may be left out."""

    parts: tuple[str | TemplateField | Group, ...]
    optional: bool


@cache
def parsed(template: str) -> tuple[Group, ...]:
    """Return the alternatives of a template.

    Raises:
        ValueError: it is not valid.
    """
    return tuple(_alternative(line.strip()) for line in template.strip().split("\n"))


def guards(template: str) -> Iterator[tuple[str, str]]:
    """Yield property and code of each condition of a template, by local names."""
    fields = (field for group in parsed(template) for field in _fields(group))
    yield from ((field.paths[0][0], field.code) for field in fields if field.code)


def names(template: str) -> Iterator[str]:
    """Yield the local names of the properties in a template."""
    fields = (field for group in parsed(template) for field in _fields(group))
    yield from (name for field in fields for path in field.paths for name in path)


def filled(template: str, look: Look, holds: Holds = lambda _property, _code: False) -> str:
    """Return the first alternative with values in all its parts, "" if there is none.

    >>> values = {"holder": ["Mara Lind"], "title": ["Director"]}
    >>> filled("{holder}: {title}[, {organization}]", lambda path: values.get(path[0], []))
    'Mara Lind: Director'
    """
    for group in parsed(template) if template else ():
        if text := _shown(group, look, holds):
            return text
    return ""


def _alternative(line: str) -> Group:
    stack: list[list[str | TemplateField | Group]] = [[]]
    end = 0
    for token in _TOKEN.finditer(line):
        if token.start() != end:
            break
        end = token.end()
        if token["field"] is not None:
            stack[-1].append(_field(token["field"]))
        elif token["open"]:
            stack.append([])
        elif token["close"] and len(stack) > 1:
            parts = stack.pop()
            stack[-1].append(Group(tuple(parts), optional=True))
        elif token["text"]:
            stack[-1].append(token["text"])
        else:
            raise ValueError(f"a closing bracket has no opening one: {line}")
    if end != len(line) or len(stack) > 1 or not line:
        raise ValueError(f"a brace or a bracket is not closed: {line}" if line else "it has an empty line")
    return Group(tuple(stack[0]), optional=False)


def _field(text: str) -> TemplateField:
    if _GUARD.fullmatch(text):
        name, _, code = text.partition("=")
        return TemplateField(((name,),), code)
    if not _FIELD.fullmatch(text):
        raise ValueError(f"{{{text}}} is not {{property}}, {{one|other}}, {{property/property}} or {{property=Code}}")
    return TemplateField(tuple(tuple(path.split("/")) for path in text.split("|")))


def _fields(group: Group) -> Iterator[TemplateField]:
    for part in group.parts:
        if isinstance(part, TemplateField):
            yield part
        elif isinstance(part, Group):
            yield from _fields(part)


def _shown(group: Group, look: Look, holds: Holds) -> str:
    """Return what stands for all parts of a group, "" if one of them has nothing to show."""
    shown = []
    for part in group.parts:
        text = _part_shown(part, look, holds)
        if text is None:
            return ""
        shown.append(text)
    return "".join(shown)


def _part_shown(part: str | TemplateField | Group, look: Look, holds: Holds) -> str | None:
    """Return what stands for a part, None if it has nothing to show."""
    if isinstance(part, str):
        return part
    if isinstance(part, Group):
        return _shown(part, look, holds)
    if part.code:
        return "" if holds(part.paths[0][0], part.code) else None
    for path in part.paths:
        if values := look(path):
            return listed(values)
    return None
