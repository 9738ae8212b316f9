"""Several files are changed together or not at all, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kg.core.errors import InputError
from kg.project import changes as module
from kg.project.changes import ChangedMeanwhileError, FileChange, diff, write_changes

BEFORE = {"a.yaml": b"one\r\ntwo\r\n", "b.yaml": b"\xef\xbb\xbfx: 1", "gone.yaml": b"old\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in BEFORE.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def all_changes(folder: Path) -> list[FileChange]:
    after = {"a.yaml": b"one\r\n2\r\n", "b.yaml": b"\xef\xbb\xbfx: 2", "gone.yaml": None, "new.yaml": b"new\n"}
    return [FileChange(folder / name, name, BEFORE.get(name), content) for name, content in after.items()]


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_all_are_written_and_nothing_is_left_beside_them(folder: Path) -> None:
    (folder / "a.yaml").chmod(0o640)
    write_changes(all_changes(folder), folder)
    assert contents(folder) == {"a.yaml": b"one\r\n2\r\n", "b.yaml": b"\xef\xbb\xbfx: 2", "new.yaml": b"new\n"}
    assert (folder / "a.yaml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["a.yaml", "gone.yaml", "new.yaml"])
def test_nothing_is_written_when_somebody_else_changed_one(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"somebody else's")
    before = contents(folder)
    with pytest.raises(ChangedMeanwhileError, match=f"{name} (was changed|already exists).*nothing has been written"):
        write_changes(all_changes(folder), folder)
    assert contents(folder) == before


def test_a_change_just_before_the_renaming_is_seen_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = module.written_beside

    def slow(target: Path, content: bytes) -> Path:
        (folder / "a.yaml").write_bytes(b"somebody else's")
        return original(target, content)

    monkeypatch.setattr(module, "written_beside", slow)
    with pytest.raises(ChangedMeanwhileError):
        write_changes(all_changes(folder), folder)
    assert contents(folder) == {**BEFORE, "a.yaml": b"somebody else's"}


def test_what_was_renamed_is_put_back_when_another_cannot_be(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied", "gone.yaml")

    monkeypatch.setattr(Path, "unlink", lambda file, **_: refused(file) if file.name == "gone.yaml" else None)
    with pytest.raises(InputError, match=r"cannot write gone\.yaml: Permission denied"):
        write_changes(all_changes(folder)[:3], folder)
    assert contents(folder) == BEFORE


def test_a_link_stays_a_link(folder: Path) -> None:
    (folder / "link.yaml").symlink_to("a.yaml")
    write_changes([FileChange(folder / "link.yaml", "link.yaml", BEFORE["a.yaml"], b"new")], folder)
    assert (folder / "link.yaml").is_symlink()
    assert (folder / "a.yaml").read_bytes() == b"new"


def test_the_diff_is_one_that_git_applies(folder: Path) -> None:
    shown = diff(all_changes(folder))
    assert "--- a/b.yaml\n+++ b/b.yaml\n@@ -1 +1 @@\n" in shown
    subprocess.run(["git", "apply", "-"], input=shown.encode(), cwd=folder, check=True)
    assert contents(folder) == {"a.yaml": b"one\r\n2\r\n", "b.yaml": b"\xef\xbb\xbfx: 2", "new.yaml": b"new\n"}
    assert diff([FileChange(folder / "a.yaml", "a.yaml", b"same", b"same")]) == ""
