"""Names in a text: what calls a thing and what does not. The cases are the lines of tests/names/*.tsv."""

from __future__ import annotations

import csv
from itertools import chain
from pathlib import Path

import pytest

from kg.core.errors import InputError
from kg.core.normal import bare
from kg.project.layout import word_files
from kg.project.settings import load_project
from kg.words.calls import calls, calls_by_surname, calls_itself, calls_otherwise, named_text
from kg.words.language import Languages, languages
from kg.words.load import load_languages
from kg.words.names import NameKind, letters, name_words, surnames
from kg.words.tables import WordFile

FOLDER = Path(__file__).parent / "names"
ROOT = Path(__file__).parent.parent


def cases(name: str) -> list[list[str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert len(rows) > 10
    return rows


@pytest.fixture(scope="module")
def known() -> Languages:
    return load_languages(load_project(ROOT))


def found(known: Languages, language: str, kind: str, name: str, text: str) -> list[str]:
    looked_in = named_text(text, name_words(known.language(language)))
    spans = chain(calls(looked_in, [name], NameKind(kind)), calls_otherwise(looked_in, [name], NameKind(kind)))
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(("language", "kind", "name", "text", "expected"), cases("called.tsv"))
def test_a_text_calls_somebody(known: Languages, language: str, kind: str, name: str, text: str, expected: str) -> None:
    assert expected in found(known, language, kind, name, text)


@pytest.mark.parametrize(("language", "kind", "name", "text", "why"), cases("not-called.tsv"))
def test_a_text_does_not_call_somebody(
    known: Languages, language: str, kind: str, name: str, text: str, why: str
) -> None:
    assert found(known, language, kind, name, text) == [], why


def test_every_place_of_a_name_is_found_in_order(known: Languages) -> None:
    text = named_text("Lind, Mara Lind and again Mara\nLind", name_words(known.language("en")))
    assert [(span.start, span.end) for span in calls(text, ["Mara Lind"], NameKind.PERSON)] == [(6, 15), (26, 35)]
    assert [span.start for span in calls_by_surname(text, "lind")] == [0, 11, 31]


def test_a_surname_is_the_first_or_the_last_word_of_a_name_of_several() -> None:
    assert surnames("Shih May-lung") == {"shih", "maylung"}
    assert surnames("Narendra Damodardas Modi") == {"narendra", "modi"}
    assert surnames("Pelé") == surnames("吴清") == frozenset()


def test_a_surname_has_a_capital(known: Languages) -> None:
    text = named_text("They ban it. Mr. Ban did not.", name_words(known.language("en")))
    assert [span.start for span in calls_by_surname(text, "ban")] == [17]


@pytest.mark.parametrize("text", ["as this newspaper reported", "We were told", "The Courier is sorry"])
def test_a_paper_speaks_of_itself(known: Languages, text: str) -> None:
    looked_in = named_text(text, name_words(known.language("en")))
    assert list(calls_itself(looked_in, ["Noordhaven Courier"]))


@pytest.mark.parametrize("text", ["a courier came last week", "the newspaper", "It was used by the owner"])
def test_others_do_not_speak_of_the_paper(known: Languages, text: str) -> None:
    looked_in = named_text(text, name_words(known.language("en")))
    assert list(calls_itself(looked_in, ["Noordhaven Courier"])) == []


def test_what_names_are_made_of_is_data_of_a_language() -> None:
    own = languages(
        [
            WordFile(
                "fr.toml",
                '[names]\nlegal_forms = ["SARL"]\nlinks = ["de"]\n\n[names.adjectives]\nFrance = ["français"]\n',
            )
        ]
    )
    assert found(own, "fr", "body", "Quais SARL", "les Quais de Torvik") == ["Quais"]
    assert found(own, "fr", "body", "Port Torvik", "le Port de Torvik") == ["Port de Torvik"]
    assert found(own, "fr", "place", "France", "le roi Français") == ["Français"]


def test_an_unknown_table_of_names_is_refused() -> None:
    own = languages([WordFile("words/fr.toml", '[names]\nlegal_form = ["SARL"]\n')])
    with pytest.raises(InputError, match=r"words/fr.toml:2: 'legal_form' of \[names\] is not a known key"):
        name_words(own.language("fr"))


def test_names_are_folded_in_one_way() -> None:
    for _, _, name, _, _ in cases("called.tsv"):
        assert letters(name) == bare(name).replace(" ", "")
    assert word_files(load_project(ROOT).words)
