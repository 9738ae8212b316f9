"""The words of a language are data: read from files, given types, and refused with file and line."""

from __future__ import annotations

import pytest

from kg.core.errors import InputError
from kg.words.language import languages
from kg.words.tables import WordFile

ENGLISH = WordFile("words/en.toml", '[dates]\nunder = "one"\n\n[dates.months]\n1 = ["January", "Jan"]\n')
OWN = WordFile(
    "mine/en.hedges.toml", '[dates]\nunder = "two"\n\n[dates.months]\n1 = "Janvier"\n\n[hedges]\nhopes = ["hopes to"]\n'
)
EVERY = WordFile("words/mul.toml", '[signs]\nlist = ["$"]\n')


def test_files_of_one_language_add_to_one_another_and_a_later_text_counts() -> None:
    english = languages([EVERY, ENGLISH, OWN]).language("en-GB")
    assert english.tag == "en"
    assert english.section("dates").section("months").groups() == {"1": ("January", "Jan", "Janvier")}
    assert english.section("dates").text("under") == "two"
    assert english.section("hedges").words("hopes") == ("hopes to",)
    assert english.section("signs").words("list") == ("$",)
    assert english.section("none").words("list") == ()


def test_an_unknown_language_has_what_counts_in_every_one() -> None:
    known = languages([EVERY, ENGLISH])
    assert known.language("cy").tag == "mul"
    assert known.language("cy").section("signs").words("list") == ("$",)
    assert known.language("cy").section("dates").text("under") == ""
    assert known.language("en").tag == "en"


def test_the_nearest_language_counts() -> None:
    known = languages([WordFile("zh.toml", ""), WordFile("zh-Hant.toml", "")])
    assert [known.language(tag).tag for tag in ("zh-Hant-TW", "zh-Hans", "zh", "z")] == ["zh-hant", "zh", "zh", "mul"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[dates", "words/x.toml: "),
        ("key = 1", "words/x.toml: 'key' is not in a table"),
        ("[dates]\nlist = 3", "words/x.toml:2: 'list' of [dates] takes a word in quotes, or a list of words"),
        ("\n[dates]\nlist = ['a', ' ']", "words/x.toml:3: 'list' of [dates] takes a word in quotes"),
        ("[other]\nlist = 1\n[dates]\nlist = 1", "words/x.toml:4: 'list' of [dates] takes"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        languages([WordFile("words/x.toml", text)]).language("x").section("dates").words("list")
    assert error.value.message.startswith(message)
