"""Temporary folders: nothing is left of them, not even by a killed process, and none that is in use is removed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kg.core.errors import EndpointError
from kg.store import scratch
from kg.store.scratch import scratch_folder

HOLDER = """
import time
from kg.store.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "much").write_text("much")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def test_nothing_is_left(temporary: Path) -> None:
    with scratch_folder() as folder, scratch_folder() as other:
        assert folder != other
        assert folder.parent == other.parent == temporary
        (folder / "inner").mkdir()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_live_one_uses_is_not(temporary: Path) -> None:
    with (
        subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as killed,
        subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as alive,
    ):
        assert killed.stdout
        assert alive.stdout
        left, used = Path(killed.stdout.readline().strip()), Path(alive.stdout.readline().strip())
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        (temporary / "kg-of-another-kind").mkdir()
        assert (left / "much").exists()
        with scratch_folder():
            assert not left.exists()
            assert (used / "much").exists()
        assert (temporary / "kg-of-another-kind").exists()
        alive.send_signal(signal.SIGINT)
        alive.wait()
    assert not used.exists()


def test_a_folder_that_is_taken_for_a_leftover_before_it_is_locked_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, gone = scratch.shared_lock, []

    def late(folder: Path) -> object:
        if not gone:
            gone.append(folder)
            folder.rmdir()
        return lock(folder)

    monkeypatch.setattr(scratch, "shared_lock", late)
    with scratch_folder() as folder:
        assert gone
        assert folder.is_dir()
        assert [*temporary.iterdir()] == [folder]


def test_no_room_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: str) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.mkdtemp", full)
    with (
        pytest.raises(EndpointError, match="cannot make a temporary folder: No space left") as caught,
        scratch_folder(),
    ):
        pass
    assert "TMPDIR" in caught.value.fix


def test_it_is_within_the_folder_that_is_named_if_that_can_be_written(temporary: Path) -> None:
    place = temporary / "place"
    with scratch_folder(place) as folder:
        assert folder.parent == temporary
    place.mkdir()
    (place / f"{scratch.PREFIX}left").mkdir()
    with scratch_folder(place) as folder:
        assert [*place.iterdir()] == [folder]
    assert [*place.iterdir()] == []
