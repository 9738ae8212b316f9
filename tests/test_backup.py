"""A generation in one file: it comes back as it was, and nothing else does."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import InputError, KgError
from kg.project.settings import load_project
from kg.store.backup import restore
from kg.store.generations import current
from kg.store.lines import graph_lines, line_quad
from kg.store.locks import build_lock
from kg.store.manifest import GenerationDetails
from kg.store.publish import publish
from tests import harbour

Entries = dict[str, bytes]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return harbour.built_project(tmp_path_factory.mktemp("harbour")).root


@pytest.fixture(scope="module")
def backup(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backup") / "kg.tar"
    assert ran(project, "backup", "-o", str(file)).exit_code == 0
    return file


@pytest.fixture
def bare(project: Path, tmp_path: Path) -> Path:
    """Give the project without what was built."""
    shutil.copytree(project, tmp_path / "bare", ignore=shutil.ignore_patterns("build"))
    return tmp_path / "bare"


def ran(folder: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["-C", str(folder), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit | KgError):
        raise result.exception
    return result


def content(folder: Path) -> str:
    generation = current(load_project(folder).build)
    assert generation
    with generation:
        generation.verify()
        return generation.manifest.sha256


def test_a_backup_is_published_elsewhere_as_it_was(project: Path, backup: Path, bare: Path) -> None:
    result = ran(bare, "restore", str(backup))
    assert result.exit_code == 0, result.exception
    assert content(bare) == content(project)
    assert content(project) in result.stderr


def test_what_was_current_before_can_be_had_again(project: Path, backup: Path, bare: Path) -> None:
    ran(bare, "restore", str(backup))
    build = load_project(bare).build
    with build_lock(build):
        publish(build, graph_lines(map(line_quad, harbour.lines()[:-5])), GenerationDetails({}, {}))
    changed = content(bare)
    ran(bare, "restore", str(backup))
    assert content(bare) == content(project) != changed
    ran(bare, "rollback", "2")
    assert content(bare) == changed


def test_the_same_generation_gives_the_same_bytes(project: Path, backup: Path, tmp_path: Path) -> None:
    ran(project, "backup", "-o", str(tmp_path / "again.tar"))
    assert (tmp_path / "again.tar").read_bytes() == backup.read_bytes()


def entries(backup: Path) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(backup) as archive:
        for entry in archive:
            file = archive.extractfile(entry)
            assert file
            yield entry, file.read()


def rewritten(backup: Path, change: Callable[[Entries], Entries], target: Path) -> Path:
    with tarfile.open(target, "w") as archive:
        for name, data in change({entry.name: data for entry, data in entries(backup)}).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target


def first_object(files: Entries) -> str:
    return next(name for name in files if name.startswith("objects/"))


DAMAGE: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "an object is missing": (lambda e: {k: v for k, v in e.items() if k != first_object(e)}, "lacks 1 of its graphs"),
    "an object was changed": (lambda e: e | {first_object(e): e[first_object(e)][:-1]}, "cannot be read|was changed"),
    "an object has another's content": (
        lambda e: e | {first_object(e): e[[*e][-1]]}, "was changed",
    ),
    "the manifest was changed": (
        lambda e: e | {"manifest.json": e["manifest.json"].replace(b"1", b"2")}, "cannot be restored",
    ),
    "there is no manifest": (lambda e: {k: v for k, v in e.items() if k != "manifest.json"}, "does not begin with"),
    "a path leads elsewhere": (lambda e: e | {"../../evil": b""}, "does not name"),
    "nothing is in it": (lambda _: {}, "not a backup"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_nothing_is_published_from_a_damaged_backup(name: str, backup: Path, bare: Path, tmp_path: Path) -> None:
    change, message = DAMAGE[name]
    file = rewritten(backup, change, tmp_path / "damaged.tar")
    project = load_project(bare)
    with pytest.raises(InputError, match=message):
        restore(project.build, project.base, str(file))
    assert current(project.build) is None
    assert not (tmp_path / "evil").exists()


def test_what_is_no_archive_or_of_another_project_is_refused(backup: Path, bare: Path, tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_text("not an archive")
    for file, base, message in (
        (tmp_path / "text.tar", harbour.BASE, "is not a backup"),
        (backup, "https://example.org/other/", "is of another project"),
    ):
        with pytest.raises(InputError, match=message):
            restore(load_project(bare).build, base, str(file))


def test_a_cut_backup_is_refused_wherever_it_was_cut(backup: Path, bare: Path, tmp_path: Path) -> None:
    data, project = backup.read_bytes(), load_project(bare)
    for length in range(0, len(data.rstrip(b"\0")), 1024):
        (tmp_path / "cut.tar").write_bytes(data[:length])
        with pytest.raises(InputError):
            restore(project.build, project.base, str(tmp_path / "cut.tar"))
    assert current(project.build) is None
