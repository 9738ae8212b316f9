"""The thing at the cursor -> its definition, its references, and the revision of a rename. Reads the ontology."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kg.core.errors import Place, UsageError
from kg.curation.rename import NamedThing, Things
from kg.curation.revision import Revision
from kg.lsp.at import At
from kg.project.layout import article_file, ontology_files
from kg.project.settings import Project

_PREFIX = re.compile(r"^\s*@prefix\s+([\w.-]*):\s*<([^>]*)>", re.MULTILINE)


def definition(at: At) -> Iterator[Place]:
    """Yield where the term or thing there is defined: in the registry, in an article or in the ontology."""
    spot = at.spot()
    if spot is None:
        return
    if thing := at.thing(spot):
        place = _things(at).defined_at(thing)
        yield from [place] if place else []
    elif term := at.term(spot):
        yield from ontology_places(at.names.desk.project, term)
    elif spot.scalar.text in at.names.desk.scope.articles and not spot.is_key:
        project = at.names.desk.project
        file = article_file(project, spot.scalar.text)
        yield from [Place(project.shown(file))] if file else []


def references(at: At, *, with_definition: bool) -> Iterator[Place]:
    """Yield the references to the thing there, in the order of files."""
    thing = _thing(at)
    if thing is None:
        return
    things = _things(at)
    places = [place for in_file in things.places(thing).values() for place in in_file]
    defined = things.defined_at(thing) if with_definition else None
    yield from sorted([*places, *([defined] if defined else [])])


def renameable(at: At) -> Place | None:
    """Return the place of the id there if it can be renamed, None if there is none."""
    spot = at.spot()
    return spot.scalar.place if spot and at.thing(spot) else None


def renamed(at: At, new: str) -> Revision:
    """Return the revision that gives the thing there another id.

    Raises:
        UsageError: nothing with an id is there, or the new id is not allowed.
    """
    thing = _thing(at)
    if thing is None:
        raise UsageError("no entity or fact is named here", "put the cursor on an id")
    return _things(at).renamed(thing, new)


def _thing(at: At) -> NamedThing | None:
    spot = at.spot()
    return at.thing(spot) if spot else None


def _things(at: At) -> Things:
    desk = at.names.desk
    return Things(desk.project, desk.sources, desk.scope)


def ontology_places(project: Project, iri: str) -> Iterator[Place]:
    """Yield the places in the ontology's files at which the description of a term begins."""
    for file in ontology_files(project.ontology):
        yield from _described(file, project.shown(file), iri)


def _described(file: Path, shown: str, iri: str) -> Iterator[Place]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):  # reported by `kg check`
        return
    names = [f"<{iri}>"]
    names += [f"{prefix}:{iri[len(space) :]}" for prefix, space in _PREFIX.findall(text) if iri.startswith(space)]
    for number, line in enumerate(text.split("\n"), start=1):
        for name in names:
            if line.startswith(f"{name} "):
                yield Place(shown, number, 1, len(name))
