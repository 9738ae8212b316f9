"""A file that is written is whole or as before, and what is no regular file is never replaced."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from kg.errors import InputError
from kg.files import write_whole


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    write_whole(pipe, "words")
    reader.join(timeout=10)
    assert read == ["words"]
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_whole(tmp_path / "missing" / "file", "words")
    assert list(tmp_path.iterdir()) == []
