"""A project's folders -> the files that a graph is built from, each with its text. Reads data/."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from unicodedata import normalize

from kg.core.errors import Finding, InputError
from kg.core.terms import TEXT_FILE_KEY
from kg.project import layout
from kg.project.files import read_text, readable
from kg.project.folders import FolderListing, Unread, faulty, listing, name_of
from kg.project.intact import regular_bytes
from kg.project.layout import LINKS_FILE, PINS
from kg.project.put_aside import TextAside, TextsAside
from kg.project.settings import Project

_NAMED_TEXT = re.compile(rf"""[\s{{,]{TEXT_FILE_KEY}:[ \t]*(?:\[[ \t]*["']?([^"'\n,\]]+)|["']?([^"'\n,}}]+))""")
_ADDRESS = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")
_LONGEST_NAME, _MOST_WORDS = 255, 3  # bytes; words of a name without an extension


@dataclass(frozen=True, slots=True)
class TextOnDisk:
    """The content of an article that has not changed since an earlier run, which read it.

    Attributes:
        file: the path of the file.
        path: the same as the user would type it.
        key: what that run called the content, with the external text and the pins. Opaque here.
        names: the files that it seems to name as its text.
        text: the file that it does name, or "".
    """

    file: str
    path: str
    key: str
    names: tuple[str, ...] = ()
    text: str = ""

    def read(self) -> str:
        """Return the content. Raises an InputError if it cannot be read."""
        return read_text(Path(self.file), self.path, conflicts=True)


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a project.

    Attributes:
        path: as the user would type it.
        stem: its name without the extension, in Unicode form NFC, which is an article's id.
        content: its text, in memory, put aside or on disk, or "" if it cannot be read.
        problem: why it cannot be read, or "".
        fix: how to fix that.
        pins: of an article with a withheld text, the file that an earlier build wrote beside it, or "".
        code: of the finding about its problem.
    """

    path: str
    stem: str
    content: str | TextAside | TextOnDisk
    problem: str = ""
    fix: str = ""
    pins: str = ""
    code: str = "KG-Y000"

    @property
    def text(self) -> str:
        """The content."""
        return self.content if isinstance(self.content, str) else self.content.read()

    @property
    def names(self) -> tuple[str, ...]:
        """The files that it seems to name as its text, if it is an article."""
        if isinstance(self.content, TextOnDisk):
            return self.content.names
        return tuple("".join(names).strip() for names in _NAMED_TEXT.findall(self.text))

    def with_text(self, text: str) -> Source:
        """Return the file with another content, which can be read."""
        return replace(self, content=text, problem="", fix="")


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a project's graph is built from, each part sorted by path.

    Attributes:
        unread: findings on other files in the project's folders.
    """

    registry: tuple[Source, ...]
    articles: tuple[Source, ...]
    links: Source | None
    unread: tuple[Finding, ...] = ()

    @property
    def all(self) -> tuple[Source, ...]:
        """Every source."""
        return (*self.registry, *self.articles, *([self.links] if self.links else []))

    @property
    def number(self) -> int:
        """The number of files to compile: those of the registry and the articles."""
        return len(self.registry) + len(self.articles)

    @property
    def texts(self) -> Mapping[str, str]:
        """Path -> content, for every source that can be read."""
        return _SourceTexts({source.path: source for source in self.all if not source.problem})


@dataclass(frozen=True, slots=True, eq=False)
class _SourceTexts(Mapping[str, str]):
    """Path -> content, which is read when it is looked up."""

    sources: Mapping[str, Source]

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __getitem__(self, path: str) -> str:
        try:
            return self.sources[path].text
        except InputError as error:  # it was removed while we ran
            raise KeyError(path) from error


def read_sources(project: Project, known: Mapping[str, TextOnDisk] = MappingProxyType({})) -> Sources:
    """Read every file of the project's data but *known* articles, and put aside the texts of all but the first.

    Raises:
        InputError: there is no data folder.
    """
    if not project.data.is_dir():
        raise InputError(f"there is no folder {project.shown(project.data)}", "create it, or correct 'data' in kg.toml")
    links = project.data / LINKS_FILE
    data = (layout.registry(project), layout.articles(project))
    registry, articles = (tuple(_aside(_sources(project, folder, known))) for folder in data)
    return Sources(
        registry=registry,
        articles=articles,
        links=read_source(project, links) if links.is_file() else None,
        unread=layout.unread_findings(project, data, _named_texts(project, articles)),
    )


def with_texts(project: Project, sources: Sources, texts: Mapping[str, str]) -> Sources:
    """Return *sources* with the content of files replaced by unsaved *texts*, by path.

    A file that does not exist yet is added: the links by its name, an article or a registry file by its folder.
    """

    def now(source: Source) -> Source:
        return source.with_text(texts[source.path]) if source.path in texts else source

    if not texts:
        return sources
    known = {source.path for source in sources.all}
    new = [Source(path, readable(name_of(Path(path))), text) for path, text in texts.items() if path not in known]

    def with_new(group: Iterable[Source], belongs: Callable[[Project, Path], bool]) -> tuple[Source, ...]:
        added = [source for source in new if belongs(project, project.root / source.path)]
        return tuple(sorted([*map(now, group), *added], key=lambda source: source.path))

    registry = with_new(sources.registry, layout.is_in_registry)
    articles = with_new(sources.articles, layout.would_be_article)
    links = sources.links or next((each for each in new if Path(each.path).name == LINKS_FILE), None)
    return replace(sources, registry=registry, articles=articles, links=now(links) if links else None)


def sources_at(project: Project, sources: Sources, path: str) -> tuple[Source, ...]:
    """Return what a user means by *path*: the project's sources there, and other mappings.

    A named pipe is read as an article. A folder stands for everything below it.

    Raises:
        InputError: there is nothing at *path*, or no mapping.
    """
    place, known = _place(path), {source.path: source for source in sources.all}
    if place.is_dir():
        return _below(project, known, place, path)
    shown = project.shown(place)
    if shown in known:
        return (known[shown],)
    if not os.path.lexists(place):
        raise InputError(f"there is no file {readable(path)}", "check its name and the folder you are in")
    if place.exists() and not place.is_file():
        return (Source(readable(path), "stdin", read_text(Path(path), readable(path))),)
    return (read_source(project, place),)


def unread_at(project: Project, sources: Sources, paths: Iterable[str]) -> Iterator[Finding]:
    """Yield the findings on files that are not read at *paths* or below."""
    places = [_place(path) for path in paths]
    for finding in sources.unread:
        if any((project.root / finding.place.path).is_relative_to(place) for place in places):
            yield finding


def _place(path: str) -> Path:
    """Return the absolute path of *path*. A link as its last part keeps its name."""
    file = Path(path)
    if file.is_dir() and not file.is_symlink():
        return Path(os.path.realpath(file))
    return Path(os.path.realpath(file.parent)) / file.name


def _below(project: Project, known: Mapping[str, Source], folder: Path, path: str) -> tuple[Source, ...]:
    own = [source for source in known.values() if (project.root / source.path).is_relative_to(folder)]
    others = [source for source in _sources(project, listing(folder, layout.REGISTRY)) if source.path not in known]
    if not own and not others and not folder.is_relative_to(project.data):
        fix = "name mappings; without PATH, everything is checked, the ontology and the questions too"
        raise InputError(f"there is no mapping in {readable(path)}", fix)
    return (*own, *others)


def read_source(project: Project, file: Path) -> Source:
    """Read one file. A problem is recorded, not raised."""
    shown = project.shown(file)
    try:
        pins = _pins(file.with_name(file.stem + PINS))
        return Source(shown, readable(name_of(file)), read_text(file, shown, conflicts=True), pins=pins)
    except InputError as error:
        return Source(shown, readable(name_of(file)), "", error.message, error.fix)


def _pins(file: Path) -> str:
    """Return the pins unchecked. `read_pins` checks whether they are unchanged."""
    try:
        return regular_bytes(file).decode(errors="replace")
    except OSError:
        return ""


def outside_text(project: Project, name: str) -> str | None:
    """Return the text that an article keeps outside the mapping, None if it is not available.

    Raises:
        InputError: the name is not a file name, leads out of the project, or the file is not text.
    """
    name = name.strip()
    _refuse_text(name)
    file = Path(os.path.realpath(project.root / name))
    if not file.is_relative_to(os.path.realpath(project.root)):
        raise InputError(f"'{name}' is outside the project", "name a file inside it, such as texts/harbour.txt")
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"cannot read '{name}': {error.strerror}", "check the path and its permissions") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"'{name}' is a folder", "name the file with the text")
    if fault := faulty(file):
        raise InputError(f"cannot read '{name}': {fault.problem}", fault.fix)
    return read_text(file, name)


def _refuse_text(name: str) -> None:
    """Raise an InputError if *name* is a text, not the name of a file."""
    words, longest = len(name.split()), max(len(part.encode()) for part in name.split("/"))
    prose = words > _MOST_WORDS and "/" not in name and not Path(name).suffix.strip(".")
    if _ADDRESS.match(name):
        message = f"'{TEXT_FILE_KEY}' takes the name of a file, and '{name[:_LONGEST_NAME]}' is an address"
        raise InputError(message, "save the text in the project, and name its file")
    if "\n" in name or "\0" in name or longest > _LONGEST_NAME or prose:
        message = f"'{TEXT_FILE_KEY}' takes the name of a file, but this is a text of {len(name):,} characters"
        raise InputError(message, "did you mean 'text'? it takes the text itself")


def _sources(
    project: Project, folder: FolderListing, known: Mapping[str, TextOnDisk] = MappingProxyType({})
) -> Iterator[Source]:
    """Yield what a folder's files contain, by path; each is read when its turn comes, if it is not *known*."""

    def on_disk(file: Path, text: TextOnDisk) -> Source:
        return Source(text.path, readable(name_of(file)), text)

    reads: dict[str, Callable[[], Source]] = {}
    for file in folder.files:
        if text := known.get(str(file)):
            reads[text.path] = partial(on_disk, file, text)
        else:
            reads[project.shown(file)] = partial(read_source, project, file)
    reads |= {project.shown(each.path): partial(_problem, project, each) for each in folder.unread if each.meant}
    yield from (reads[path]() for path in sorted(reads))


def _aside(sources: Iterable[Source]) -> Iterator[Source]:
    """Yield *sources*, with their texts put aside when there are many."""
    aside = TextsAside()
    for source in sources:
        is_read = isinstance(source.content, str)
        yield replace(source, content=aside.put(source.text)) if is_read else source


def _problem(project: Project, unread: Unread) -> Source:
    code, message, fix = layout.explained(project, unread)
    stem = readable(name_of(unread.path))
    return Source(project.shown(unread.path), stem, "", message, fix, code=code)


def _named_texts(project: Project, articles: Iterable[Source]) -> Iterator[Path]:
    """Yield the files that articles seem to name as their texts."""
    for source in articles:
        for name in source.names:
            yield project.root / normalize("NFC", name)
