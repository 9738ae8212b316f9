"""A project's data -> a real fact or entity for each class. Reads data/.

Only the first files are read, so that documentation does not take longer as a corpus grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.core.errors import InputError
from kg.core.terms import FACTS_KEY, TYPE_KEY
from kg.docs.model import Sample
from kg.mapping.read import Entry, Scalar, Table, read_yaml
from kg.mapping.tables import value_of
from kg.project.files import read_text
from kg.project.layout import articles, registry
from kg.project.settings import Project

MOST_FILES = 60
MOST_LINES = 36


def samples(project: Project) -> dict[str, Sample]:
    """Return local name of a class -> the first one in articles or the registry that is not too long."""
    first: dict[str, Sample] = {}
    for listed, facts in ((articles(project), True), (registry(project), False)):
        for file in listed.files[:MOST_FILES]:
            for name, sample in _in_file(project, file, facts=facts):
                first.setdefault(name, sample)
    return first


def _in_file(project: Project, file: Path, *, facts: bool) -> Iterator[tuple[str, Sample]]:
    shown = project.shown(file)
    try:
        text = read_text(file, shown)
    except InputError:
        return
    tree, _ = read_yaml(text, shown)
    block = value_of(tree, FACTS_KEY) if facts and isinstance(tree, Table) else tree
    lines = text.split("\n")
    for entry in block.entries if isinstance(block, Table) else ():
        kind = value_of(entry.value, TYPE_KEY) if isinstance(entry.value, Table) else None
        written = _lines(lines, entry)
        if isinstance(kind, Scalar) and len(written) <= MOST_LINES:
            place = entry.key.place
            yield kind.text, Sample("\n".join(written), f"{shown}:{place.line}")


def _lines(lines: list[str], entry: Entry) -> list[str]:
    """Return the lines of an entry without their indentation and without blank lines at the end."""
    first, indent = entry.key.place.line - 1, entry.key.place.column - 1
    kept = [lines[first][indent:]]
    for line in lines[first + 1 :]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        kept.append(line[indent:])
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
