"""The name of a state of the graph -> that state, open for reading: a generation, a git revision or the working tree.

A revision and the working tree are compiled in a temporary folder. Nothing in the project or its build folder is
written. Ambiguous names are refused: `generation:NAME` and `git:NAME` make them unambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath

from kg.core.errors import FindingsError, InputError, Place, UsageError
from kg.core.model import Term
from kg.core.values import local_name
from kg.mapping.record import Record
from kg.pipeline.cache import Cache
from kg.pipeline.one_file import cache_key, project_cache
from kg.pipeline.report import Report
from kg.pipeline.steps import BuildError, build_aside
from kg.project.git import commit_of, is_repository, write_revision
from kg.project.settings import SETTINGS_FILE, Project, load_project
from kg.questions.graph import Graph, built
from kg.store.folder import current_number, numbers
from kg.store.generations import Generation, open_generation

TREE, CURRENT, PREVIOUS = "tree", "current", "previous"
_GENERATION, _GIT = "generation:", "git:"
_SHOWN_DIGITS = 12


class StateError(FindingsError):
    """A state cannot be compiled because of errors in its files, which are in `report`."""

    def __init__(self, title: str, report: Report) -> None:
        super().__init__(f"{title} has the errors above", "mend them first")
        self.report = report


@dataclass(frozen=True, slots=True)
class StateName:
    """The state that a name refers to: a generation by number, a commit by its full hash, or else the working tree."""

    title: str
    number: int = 0
    commit: str = ""


@dataclass(frozen=True)
class GraphState:
    """One of the two states that are compared.

    Attributes:
        title: a description in words.
        project: the project with the questions and ontology that apply, and a temporary build folder.
        generation: the open generation.
        graph: the graph of its store.
        records: the caches that may have the records of its files.
        data: the folder with its data, as shown in messages.
    """

    title: str
    project: Project
    generation: Generation
    graph: Graph
    records: Cache
    data: str

    def place(self, node: Term) -> Place | None:
        """Return the place of a node, or of the node that contains it, None if that is no longer known."""
        article = self.graph.article_of(node)
        paths = [path for path in self._paths if self._is_in(path, article)]
        for path in paths:
            record = self._record(path)
            near = node
            while record and near.count("/") > self.graph.base.count("/"):
                if near in record.places:
                    return record.places[near]
                near = f"{near.rpartition('/')[0]}>"
        return Place(paths[0]) if article and paths else None

    def _is_in(self, path: str, article: Term) -> bool:
        if article:
            return PurePath(path).stem == local_name(article)
        return PurePath(path).is_relative_to(f"{self.data}/registry")

    def _record(self, path: str) -> Record | None:
        if path not in self._known:
            inputs = self.generation.manifest.details.inputs
            self._known[path] = self.records.peek(cache_key(inputs["engine"], path, inputs[path]))
        return self._known[path]

    @cached_property
    def _known(self) -> dict[str, Record | None]:
        return {}

    @cached_property
    def _paths(self) -> list[str]:
        inputs = self.generation.manifest.details.inputs
        return [path for path in inputs if path.endswith(".yaml")] if "engine" in inputs else []


def state_name(project: Project, name: str) -> StateName:
    """Return the state that *name* refers to.

    Raises:
        UsageError: it refers to no state, or to two.
        InputError: it refers to a generation, and nothing has been built yet.
    """
    if name == TREE:
        return StateName("the working tree")
    if name.startswith(_GENERATION):
        return _generation(project, name.removeprefix(_GENERATION), name)
    if name.startswith(_GIT):
        return _revision(project, name.removeprefix(_GIT), name)
    known = name in (CURRENT, PREVIOUS) or (name.isdecimal() and int(name) in numbers(project.build))
    commit = commit_of(project.root, name) if name and is_repository(project.root) else ""
    if known and commit:
        fix = f"write {_GENERATION}{name} or {_GIT}{name}"
        raise UsageError(f"'{name}' is both a generation and a git revision", fix)
    if commit:
        return _revision(project, name, name)
    return _generation(project, name, name)


def _generation(project: Project, name: str, typed: str) -> StateName:
    now, every = current_number(project.build), numbers(project.build)
    if name in (CURRENT, PREVIOUS):
        if now is None:
            raise InputError("nothing has been published yet", "run 'kg build', or name a git revision")
        number = now if name == CURRENT else _before(project, now)
        return StateName(f"generation {number}", number)
    if name.isdecimal() and int(name) in every:
        return StateName(f"generation {int(name)}", int(name))
    known = ", ".join(map(str, every)) or "none"
    fix = f"generations are {known}; or write {CURRENT}, {PREVIOUS}, {TREE} or a git revision"
    raise UsageError(f"'{typed}' is neither a generation nor a git revision", fix)


def _before(project: Project, now: int) -> int:
    """Return the generation that was current before *now*, or else the latest before it."""
    every = numbers(project.build)
    with open_generation(project.build, now) as generation:
        parent = generation.manifest.parent
    below = [parent] if parent in every else [number for number in every if number < now]
    if not below or below[-1] is None:
        raise UsageError(f"there is no generation before {now}", "'kg history' lists them all")
    return below[-1]


def _revision(project: Project, name: str, typed: str) -> StateName:
    commit = commit_of(project.root, name) if name and is_repository(project.root) else ""
    if not commit:
        raise UsageError(f"there is no git revision '{name}'", f"name a branch, a tag or a commit, not '{typed}'")
    return StateName(f"{name} ({commit[:_SHOWN_DIGITS]})", commit=commit)


@contextmanager
def opened(project: Project, name: StateName, scratch: Path) -> Iterator[GraphState]:
    """Yield an open state. If it must be compiled, that is done in *scratch*, an empty folder.

    Raises:
        StateError: it has errors.
        InputError: it cannot be read.
    """
    if name.number:
        records, own = replace(project_cache(project), writes=False), replace(project, build=scratch)
        with open_generation(project.build, name.number) as generation:
            yield from _open(name, own, generation, records)
        return
    where = _of_commit(project, name, scratch) if name.commit else project
    aside = scratch / "build"
    _compile(where, project, name, aside)
    with built(replace(where, build=aside)) as generation:
        yield from _open(name, replace(where, build=aside), generation, Cache(aside / "cache"))


def _open(name: StateName, project: Project, generation: Generation, records: Cache) -> Iterator[GraphState]:
    base = generation.manifest.details.versions.get("base", project.base)
    with generation.store() as store:
        yield GraphState(name.title, project, generation, Graph(store, base), records, project.shown(project.data))


def _of_commit(project: Project, name: StateName, scratch: Path) -> Project:
    root = write_revision(project.root, name.commit, scratch)
    try:
        return load_project(root) if (root / SETTINGS_FILE).is_file() else _missing(name)
    except InputError as error:
        message = error.message.replace(f"{root}/", "").replace(str(scratch), "its repository")
        raise InputError(f"{name.title}: {message}", error.fix) from error


def _missing(name: StateName) -> Project:
    raise InputError(f"{name.title} has no such project", "name a revision in which this folder has a kg.toml")


def _compile(where: Project, project: Project, name: StateName, aside: Path) -> None:
    try:
        build_aside(where, aside, project_cache(project))
    except BuildError as error:
        raise StateError(name.title, error.report) from error
