"""This machine and this installation -> what kg has here, and what is wrong. Reads package metadata and folders."""

from __future__ import annotations

import locale
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

from packaging.requirements import Requirement

PACKAGE = "communique-kg"
DEVELOPMENT = "dev"
LEAST_SPACE = 200 << 20
"""Bytes that a small build may need."""


class State(StrEnum):
    """What is known about one thing: it works, it is not installed and only some commands need it, or it is wrong."""

    OK = "ok"
    MISSING = "missing"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that kg depends on.

    Attributes:
        what: its name.
        state: whether it works.
        detail: a version, a path, or what is wrong.
        fix: what to do about it, "" if nothing need be done.
    """

    what: str
    state: State
    detail: str
    fix: str = ""


def installation() -> Iterator[Observation]:
    """Yield kg, Python and the encoding of file names, the required packages, and each extra."""
    yield Observation("kg", State.OK, version(PACKAGE))
    yield Observation("python", State.OK, f"{platform.python_version()} ({sys.executable})")
    encoding = sys.getfilesystemencoding()
    if encoding.lower().replace("-", "") == "utf8":
        yield Observation("file names", State.OK, f"{encoding}, locale {locale.setlocale(locale.LC_CTYPE)}")
    else:
        yield Observation("file names", State.FAULT, encoding, "set LC_ALL=C.UTF-8")
    required = [Requirement(text) for text in requires(PACKAGE) or ()]
    yield _packages(
        "packages", [each for each in required if not _extra_of(each)], "pip install --upgrade communique-kg"
    )
    for extra in sorted({_extra_of(each) for each in required} - {"", DEVELOPMENT}):
        own = [each for each in required if _extra_of(each) == extra]
        yield _packages(f"extra {extra}", own, f"pip install 'communique-kg[{extra}]'")


def build_folder(build: Path, size: int) -> Iterator[Observation]:
    """Yield whether the build folder can be written, and has room for the next generation, if the last has *size*."""
    folder = next(path for path in (build, *build.parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".kg-doctor-"):
            yield Observation("build folder", State.OK, f"{build} can be written")
    except OSError as error:
        fix = "change its owner or permissions, or name another folder as 'build' in kg.toml"
        yield Observation("build folder", State.FAULT, f"{folder}: {error.strerror}", fix)
    free, needed = shutil.disk_usage(folder).free, max(LEAST_SPACE, 3 * size)
    state = State.OK if free >= needed else State.FAULT
    fix = "" if state is State.OK else f"free {_mebibytes(needed - free)} more; a build keeps earlier generations"
    yield Observation("disk", state, f"{_mebibytes(free)} free, a build may need {_mebibytes(needed)}", fix)


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below *folder*."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def explorer_scripts() -> Observation:
    """Return whether the JavaScript packages of the explorer were put into this installation."""
    there = sorted(path.stem for path in Path(str(files("kg"))).glob("web/static/vendor/*.js"))
    if there:
        return Observation("explorer scripts", State.OK, ", ".join(there))
    fix = "install again without KG_WEB=skip; the pages work without them"
    return Observation("explorer scripts", State.MISSING, "left out when kg was installed", fix)


def _extra_of(requirement: Requirement) -> str:
    """Return the extra that a requirement belongs to, "" for those that are always needed."""
    marker = str(requirement.marker or "")
    return marker.partition('extra == "')[2].partition('"')[0]


def _packages(what: str, requirements: Sequence[Requirement], fix: str) -> Observation:
    """Return whether all of these packages are installed in versions that fit."""
    shown: list[str] = []
    absent: list[str] = []
    wrong: list[str] = []
    for each in requirements:
        if each.marker and not each.marker.evaluate({"extra": _extra_of(each)}):
            continue
        try:
            installed = version(each.name)
        except PackageNotFoundError:
            absent.append(each.name)
            continue
        (shown if each.specifier.contains(installed, prereleases=True) else wrong).append(f"{each.name} {installed}")
    if wrong:
        return Observation(what, State.FAULT, f"versions that do not fit: {', '.join(wrong)}", fix)
    if absent:
        return Observation(what, State.MISSING, f"not installed: {', '.join(absent)}", fix)
    return Observation(what, State.OK, ", ".join(shown))


def _mebibytes(size: int) -> str:
    return f"{max(size, 0) / 2**20:,.0f} MiB"
