"""A project's folders -> the files that a graph is made from, each with its bytes. Reads data/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.errors import InputError
from kg.intact import regular_bytes
from kg.mapping.pins import SUFFIX
from kg.mapping.read import read_text
from kg.project import Project

LINKS_FILE = "links.sssom.tsv"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a project.

    Attributes:
        path: as the user would type it.
        stem: its name without the ending; an article's id.
        text: its content, or "" when it cannot be read.
        problem: why it cannot be read, or "".
        pins: of an article whose text is withheld, what an earlier build wrote beside it, or "".
    """

    path: str
    stem: str
    text: str
    problem: str = ""
    pins: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """All that a project's graph is made from, each part sorted by path."""

    registry: tuple[Source, ...]
    articles: tuple[Source, ...]
    links: Source | None


def read_sources(project: Project) -> Sources:
    """Read every file of the project's data.

    Raises:
        InputError: there is no data folder.
    """
    if not project.data.is_dir():
        raise InputError(f"there is no folder {project.shown(project.data)}", "make it, or correct 'data' in kg.toml")
    links = project.data / LINKS_FILE
    return Sources(
        registry=tuple(_folder(project, project.data / "registry")),
        articles=tuple(_folder(project, project.data / "articles")),
        links=read_source(project, links) if links.is_file() else None,
    )


def read_source(project: Project, file: Path) -> Source:
    """Read one file; a problem is kept, not raised."""
    shown = project.shown(file)
    try:
        return Source(shown, file.stem, read_text(file, shown), pins=_pins(file.with_name(file.stem + SUFFIX)))
    except InputError as error:
        return Source(shown, file.stem, "", f"{error.message}; {error.fix}")


def _pins(file: Path) -> str:
    """Return the pins as they are; `read_pins` tells whether they are what was written."""
    try:
        return regular_bytes(file).decode(errors="replace")
    except OSError:
        return ""


def outside_text(project: Project, name: str) -> str | None:
    """Return the text that an article keeps outside the mapping, None when it is not at hand.

    Raises:
        InputError: the name leads out of the project, or the file is no text.
    """
    file = (project.root / name).resolve()
    if not file.is_relative_to(project.root.resolve()):
        raise InputError(f"'{name}' leads out of the project", "name a file inside it, such as texts/harbour.txt")
    return read_text(file, name) if file.is_file() else None


def _folder(project: Project, folder: Path) -> Iterator[Source]:
    for file in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        if file.suffix == ".yaml":
            yield read_source(project, file)
        elif file.suffix == ".yml":
            yield Source(
                project.shown(file), file.stem, "", f"a name ends in .yaml here; rename it to {file.stem}.yaml"
            )
