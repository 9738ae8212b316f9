"""A folder -> the files of one kind below it, and those that are not read. Lists folders, opens nothing.

Subfolders are read too, even if they are links. A kind of file has one extension. Only regular files with names in
Unicode text are read. Names that begin with a dot, editors' leftovers and notes about a folder (README, *.md) are
ignored. Everything else that is not read is reported.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from unicodedata import category, normalize

from kg.project.files import readable

_LEFT_BEHIND = (".swp", ".swo", ".tmp")
_OF_THE_SYSTEM = frozenset({"thumbs.db", "desktop.ini", "__pycache__"})
_ABOUT = ("readme", "license", "licence", "changelog", "contributing")
_NAME = attrgetter("name")
_PROSE = frozenset({"", ".txt", ".rst", ".adoc"})
_NOT_REGULAR = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file.

    Attributes:
        what: such files, in the plural.
        ending: their extension.
        alike: other extensions for the same format, to be renamed.
        other: extensions of other formats for the same contents, to be converted.
        beside: extensions of files that belong beside them and are not read here.
        unique: whether names must be unique.
    """

    what: str
    ending: str
    alike: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that is not read.

    Attributes:
        path: where it is.
        problem: the reason, to follow its name.
        fix: how to fix it.
        meant: whether its name shows that it should be read.
        readable: whether only its name or place is wrong.
    """

    path: Path
    problem: str
    fix: str
    meant: bool = True
    readable: bool = True


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The contents of a folder, each part sorted by path.

    Attributes:
        files: files to read.
        beside: files that belong beside them.
        unread: everything else.
    """

    files: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = ()
    unread: tuple[Unread, ...] = ()


NOTHING = FolderListing()


def name_of(file: Path) -> str:
    """Return a file's name without its extension, in Unicode form NFC: the id or the name of its contents."""
    return normalize("NFC", file.stem)


def is_passed_over(name: str) -> bool:
    """Return whether a file or a folder of this name is not expected to be read.

    >>> [is_passed_over(name) for name in (".#a.yaml", "a.yaml~", "#a.yaml#", "README", "notes.md", "a.yaml", "a.txt")]
    [True, True, True, True, True, False, False]
    """
    if name.endswith(".yaml"):  # as most do
        return name.startswith((".", "~$"))
    stem, ending = os.path.splitext(name.lower())  # noqa: PTH122 - a name, not a path, and there are many
    edited = name.endswith("~") or (name.startswith("#") and name.endswith("#")) or ending in _LEFT_BEHIND
    prose = ending == ".md" or (ending in _PROSE and stem.startswith(_ABOUT))
    return edited or prose or name.startswith((".", "~$")) or name.lower() in _OF_THE_SYSTEM


def listing(folder: Path, kind: FileKind, without: frozenset[str] = frozenset()) -> FolderListing:
    """Return the files of *kind* below *folder*, empty if it does not exist. *without* are names to ignore."""
    if not folder.is_dir():
        no_folder = Unread(folder, "it is not a folder", "put its files into a folder of that name", readable=False)
        return FolderListing(unread=(no_folder,)) if os.path.lexists(folder) else NOTHING
    files: dict[str, Path] = {}
    beside: list[Path] = []
    unread: list[Unread] = []
    for entry in _walk(folder, kind, (), without):
        if isinstance(entry, Unread):
            unread.append(entry)
        elif entry.name.endswith(kind.beside):
            beside.append(entry)
        elif not entry.name.endswith(kind.ending):
            unread.append(_misnamed(entry, kind))
        else:
            first = files.setdefault(name_of(entry) if kind.unique else str(entry), entry)
            if first is not entry:
                other = first.relative_to(folder).as_posix()
                unread.append(Unread(entry, f"{other} has the same name", "rename one of the two"))
    return FolderListing(tuple(files.values()), tuple(beside), tuple(unread))


def faulty(path: Path, kind: FileKind | None = None) -> Unread | None:
    """Return why the file or the folder at *path* cannot be read, because of its name or type, None if it can."""
    meant = kind is None or _is_meant(path.name, kind)
    if wrong := next((char for char in path.name if category(char) in ("Cs", "Cc")), None):
        what = "its name is not Unicode text" if category(wrong) == "Cs" else "its name contains a control character"
        return Unread(path, what, "rename it", meant or path.is_dir(), readable=False)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Unread(path, "it is a broken link", "fix the link, or remove it", meant, readable=False)
    except OSError as error:
        return Unread(path, str(error.strerror), "check the path and its permissions", meant, readable=False)
    if stat.S_ISREG(mode) or (kind is not None and stat.S_ISDIR(mode) and not path.name.endswith(kind.ending)):
        return None
    what = next((words for test, words in _NOT_REGULAR if test(mode)), "it is a device")
    return Unread(path, what, "put a file in its place, or remove it", meant, readable=False)


def _walk(
    folder: Path, kind: FileKind, above: tuple[tuple[int, int], ...], without: frozenset[str]
) -> Iterator[Path | Unread]:
    """Yield the regular files below *folder*, and those that cannot be read, sorted. *above* are its parent folders."""
    try:
        status = folder.stat()
        with os.scandir(folder) as listed:
            entries = sorted((entry for entry in listed if entry.name not in without), key=_NAME)
    except OSError as error:
        yield Unread(folder, str(error.strerror), "check its permissions", readable=False)
        return
    here = (status.st_dev, status.st_ino)
    if here in above:
        yield Unread(folder, "it is a link to one of its parent folders", "remove the link", readable=False)
        return
    for entry in entries:
        if is_passed_over(entry.name):
            continue
        path = folder / entry.name
        if entry.is_file(follow_symlinks=False) and entry.name.isprintable():  # true of nearly all
            yield path
        elif fault := faulty(path, kind):
            yield fault
        elif path.is_dir():
            yield from _walk(path, kind, (*above, here), frozenset())
        else:
            yield path


def _is_meant(name: str, kind: FileKind) -> bool:
    ending = Path(name).suffix.lower()
    return ending == kind.ending or ending in kind.alike or ending in kind.other


def _misnamed(path: Path, kind: FileKind) -> Unread:
    """Return why a file of this name is not read."""
    ending = path.suffix.lower()
    if ending == kind.ending or ending in kind.alike:
        better = f"{readable(path.stem)}{kind.ending}"
        return Unread(path, f"names of {kind.what} end in {kind.ending}", f"rename it to {better}")
    if ending in kind.other:
        return Unread(path, f"{kind.what} are read from {kind.ending} files", f"convert it to {kind.ending}")
    fix = f"move it to another folder, or give it a name that ends in {kind.ending}"
    return Unread(path, f"its name does not end in {kind.ending}", fix, meant=False)
