"""Where sentences end, by the lists in sentences/: a text of our own a line, cut where a sentence ends."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from kg.mapping.abbreviations import WORDS
from kg.mapping.sentences import sentences

LISTS = Path(__file__).parent / "sentences"


def cases() -> list[str]:
    lines = [line for file in sorted(LISTS.glob("*.txt")) for line in file.read_text(encoding="utf-8").splitlines()]
    return [line.replace("\\n", "\n") for line in lines if line and not line.startswith("#")]


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def test_the_lists_are_long_enough_to_tell() -> None:
    assert len(cases()) == len(set(cases())) >= 110
    assert sum(case.count("|") for case in cases()) >= 120


@pytest.mark.parametrize("case", cases())
def test_a_text_is_cut_into_its_sentences(case: str) -> None:
    assert cut(case.replace("|", "")) == [piece.strip() for piece in case.split("|")]


@pytest.mark.parametrize("case", cases())
def test_sentences_stand_in_order_and_leave_out_nothing_but_white_space(case: str) -> None:
    text = case.replace("|", "")
    spans = sentences(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["", " \n\t\n ", "\n\n\n"])
def test_a_text_of_white_space_has_no_sentence(text: str) -> None:
    assert sentences(text) == ()


def test_words_of_a_table_have_one_kind_and_no_full_stop_at_the_end() -> None:
    for words in WORDS.values():
        kinds = (words.inside, words.before_a_number, words.either, words.times_of_day)
        assert len(frozenset().union(*kinds)) == sum(map(len, kinds))
        assert not [word for kind in (*kinds, words.openers) for word in kind if word.endswith(".")]


PIECES = {
    "prose": "On Feb. 9, Mr. Bai met U.S. officials. They talked about Tiangong-2. ",
    "one letter": "a. ",
    "initials": "J. ",
    "stops": ".",
    "stops in a bracket": ".)",
    "quotation marks": '."',
    "Chinese marks": "。",
    "Chinese marks before a title mark": "。》",
    "no mark at all": "x",
    "brackets": "(",
    "notes": ".[1]",
    "items": "1. a\n",
    "bullets": "- \n",
    "blank lines": "\n \n",
    "spaces": " ",
    "stops and spaces": ". ",
}


SECONDS = 5
"""What a megabyte may take: it takes less than one, and would take hours if time grew with the square of the length."""


def seconds(text: str) -> float:
    start = time.process_time()
    sentences(text)
    return time.process_time() - start


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_time_grows_with_the_length_of_a_text(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert seconds(text) < SECONDS
    assert seconds(text + "》x") < SECONDS
