"""An object, whose name only its content gives, waits outside memory, however large it is."""

from __future__ import annotations

import tracemalloc
from errno import ENOSPC
from pathlib import Path
from random import Random
from typing import NoReturn

import pytest

from kg.core.errors import EndpointError, InputError
from kg.store import spool
from kg.store.embedded import memory_store_of
from kg.store.objects import Objects, StoredLines, texts_of
from kg.store.ordered import InOrder


def test_few_pieces_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 100_000)
    monkeypatch.setattr("kg.store.objects._LINES", 100)
    random = Random(1)
    lines = InOrder(f'<s{number:08}> <p> "{random.randbytes(100).hex()}" <g> .' for number in range(50_000))
    tracemalloc.start()
    try:
        kept = Objects(tmp_path).keep(lines)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    size = Objects(tmp_path).path(kept.sha256).stat().st_size
    assert size > 5_000_000
    assert peak < size, "no more than some lines and pieces"


def test_a_large_object_is_the_file_that_it_would_be_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"<s{number}> <p> <o> <g> ." for number in range(1_000)]
    small, large = Objects(tmp_path / "small"), Objects(tmp_path / "large")
    kept = small.keep(lines)
    monkeypatch.setattr(spool, "IN_MEMORY", 1)
    assert large.keep(lines) == kept
    assert large.path(kept.sha256).read_bytes() == small.path(kept.sha256).read_bytes()


@pytest.fixture
def graphs(tmp_path: Path) -> list[StoredLines]:
    """Some graphs with lines of different lengths."""
    objects, random = Objects(tmp_path), Random(1)
    every = [[f'<s{g}-{n}> <p> "{"x" * random.randrange(300)}" <g{g}> .' for n in range(500)] for g in range(20)]
    return [objects.kept(lines) for lines in every]


@pytest.mark.parametrize("size", [1, 1_000, 200_000, 10_000_000])
def test_graphs_are_files_of_whole_lines_of_about_a_size(
    graphs: list[StoredLines], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.objects._PIECE", 777)
    files = [file.read() for file in texts_of(graphs, size)]
    assert b"".join(files).decode() == "".join(f"{line}\n" for lines in graphs for line in lines)
    assert all(file.endswith(b"\n") for file in files)
    assert all(len(file) >= size for file in files[:-1])
    assert len(files) > 1 or size > 1_000_000


def test_a_store_is_loaded_without_having_the_text_in_memory(tmp_path: Path) -> None:
    random = Random(1)
    lines = InOrder(f"<s:{number:08}> <p:{random.randbytes(500).hex()}> <o:o> <g:g> ." for number in range(20_000))
    kept = Objects(tmp_path).kept(lines)
    tracemalloc.start()
    try:
        store = memory_store_of(texts_of([kept], 10_000_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(store) == 20_000
    assert peak < 5_000_000, "no file is in memory as a whole"


def test_a_damaged_object_is_found_while_a_store_is_loaded(graphs: list[StoredLines], tmp_path: Path) -> None:
    file = Objects(tmp_path).path(graphs[7].summary.sha256)
    file.write_bytes(Objects(tmp_path).path(graphs[8].summary.sha256).read_bytes())
    with pytest.raises(InputError, match="was changed"):
        memory_store_of(texts_of(graphs, 1_000_000))


def test_an_object_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    objects = Objects(tmp_path)
    file = objects.path(objects.keep(["a b c d .", "e f g h ."]).sha256)
    before = file.stat()
    objects.keep(["e f g h .", "a b c d ."])
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    for damaged in (b"", file.read_bytes()[:-1], file.read_bytes() + b"x", b"x" + file.read_bytes()[1:]):
        sound = file.read_bytes()
        file.write_bytes(damaged)
        objects.keep(["a b c d .", "e f g h ."])
        assert file.read_bytes() == sound


def test_a_full_disk_is_an_error_that_names_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> NoReturn:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(EndpointError, match="cannot write a temporary file: No space left"):
        Objects(tmp_path).keep(["a b c d ."])
