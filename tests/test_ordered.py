"""Lines come out sorted, each once, however few of them fit in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from errno import ENOSPC
from typing import IO, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.core.errors import EndpointError
from kg.store.ordered import OrderedLines, _file_of

LINES = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=8), max_size=200)


@given(LINES, st.integers(1, 40))
def test_the_order_is_that_of_code_points_in_portions_of_any_size(lines: list[str], portion: int) -> None:
    with OrderedLines(lines, portion) as ordered:
        assert list(ordered) == sorted(set(lines))
        assert list(ordered) == sorted(set(lines)), "the second time"


@given(LINES)
def test_lines_that_are_in_order_already_stay_as_they_are(lines: list[str]) -> None:
    for given_lines in (tuple(sorted(set(lines))), tuple(sorted(lines)), tuple(lines)):
        with OrderedLines(given_lines) as ordered:
            assert list(ordered) == sorted(set(lines))


@pytest.mark.parametrize("line", ["a\tb", "a\r", "a\x1cb", "a\u2028b", "\x85", ""])
def test_no_other_character_ends_a_line(line: str) -> None:
    with OrderedLines([line, "z"], 1) as ordered:
        assert list(ordered) == sorted([line, "z"])


def test_a_full_disk_is_an_error_that_names_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: str) -> NoReturn:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(EndpointError, match="cannot write a temporary file: No space left") as caught:
        OrderedLines(["a", "b"], 1)
    assert "TMPDIR" in caught.value.fix


def test_memory_is_bounded_by_the_portion() -> None:
    tracemalloc.start()
    try:
        with OrderedLines((f"{number * 7919 % 100_000:>40}" for number in range(100_000)), 20_000) as ordered:
            assert sum(1 for _ in ordered) == 100_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000, "a list of all of them would take 9 MB"


def test_a_line_is_written_once_for_each_level_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []

    def counted(lines: Iterable[str]) -> IO[bytes]:
        known = [*lines]
        written.append(len(known))
        return _file_of(known)

    monkeypatch.setattr("kg.store.ordered._MOST_FILES", 3)
    monkeypatch.setattr("kg.store.ordered._file_of", counted)
    numbers = [f"{number:03}" for number in range(81)]
    with OrderedLines(reversed(numbers), 3) as ordered:
        assert list(ordered) == numbers
    assert sum(written) == 5 * len(numbers), "81 files are 3 to the power of 4"
