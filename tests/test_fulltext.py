"""The index of sentences: what finds what, in which scripts, and what is left out."""

from __future__ import annotations

import pytest

from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import CODE, cq
from kg.questions import fulltext
from kg.questions.fulltext import Found, FullText, full_text
from kg.questions.graph import Graph
from kg.store.embedded import memory_store
from tests import harbour

ROWS = (
    (Found.TEXT, "<a:1>", "The partners signed for 21.6 billion yuan."),
    (Found.TEXT, "<a:2>", "José Almeida, mayor of São Bento, left."),
    (Found.TEXT, "<a:3>", "习近平主席会见了白春礼。"),
    (Found.TEXT, "<a:4>", "การประชุมที่กรุงเทพ"),
    (Found.TEXT, "<a:5>", "Η Θεσσαλονίκη υπέγραψε."),
    (Found.TEXT, "<a:6>", "Мэр встретился с ёжиком."),
    (Found.TEXT, "<a:7>", 'He said "never again" and left.'),
    (Found.FACT, "<f:1>", "Signing of 21.6 billion yuan"),
)


@pytest.fixture(scope="module")
def index() -> FullText:
    return FullText(ROWS)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("21.6 billion", ["<a:1>"]),
        ("billion 21.6", ["<a:1>"]),
        ('"billion 21.6"', []),
        ("bill", ["<a:1>"]),
        ("illion", []),
        ("jose mayor", ["<a:2>"]),
        ("SAO bento", ["<a:2>"]),
        ("白春礼", ["<a:3>"]),
        ("主席", ["<a:3>"]),
        ("席主", []),
        ("ประชุม", ["<a:4>"]),
        ("θεσσαλονικη", ["<a:5>"]),
        ("ежик", ["<a:6>"]),
        ("ｍａｙｏｒ", ["<a:2>"]),
        ('"never again"', ["<a:7>"]),
        ('say "never', []),
        ("left", ["<a:2>", "<a:7>"]),
        ("", []),
        ("* AND OR NOT ( ) : ^ -", []),
        ("'; DROP TABLE sentence; --", []),
    ],
)
def test_words_find_sentences(index: FullText, typed: str, terms: list[Term]) -> None:
    hits = index.search(typed, Found.TEXT, 10)
    assert sorted(hit.term for hit in hits.best) == terms
    assert hits.total == len(terms)


def test_what_was_searched_for_is_marked_and_the_sentence_is_whole(index: FullText) -> None:
    for typed, marked in (("jose", ["José"]), ("白春", ["白春"]), ("21.6 bill", ["21.6", "billion"])):
        (hit,) = index.search(typed, Found.TEXT, 10).best
        assert [text for mark, text in hit.pieces if mark] == marked
        assert "".join(text for _, text in hit.pieces) in [text for _, _, text in ROWS]


def test_kinds_are_apart_and_all_are_counted(index: FullText) -> None:
    assert [hit.term for hit in index.search("yuan", Found.FACT, 10).best] == ["<f:1>"]
    hits = index.search("left", Found.TEXT, 1)
    assert (len(hits.best), hits.total) == (1, 2)
    assert index.search("left", Found.TEXT, 1, 1).best != hits.best


def test_words_of_ascii_are_those_of_sqlite() -> None:
    characters = "".join(map(chr, range(1, 128)))
    for character in characters:
        index = FullText([(Found.TEXT, "<a:1>", f"quay{character}mole Pier")])
        words = bare(f"quay{character}mole Pier").split()
        assert index.search(f'"{" ".join(words)}"', Found.TEXT, 1).total == 1, ascii(character)
        assert index.search("quaymole", Found.TEXT, 1).total == 0


def test_where_words_are_too_common_no_sentence_is_better_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = "A quay.", "A quay and a mole at the old harbour of the town."
    index = FullText([(Found.TEXT, term, text) for term, text in (("<a:1>", long), ("<a:2>", short), ("<a:3>", long))])

    def found(typed: str, most: int = 9, begin: int = 0) -> list[Term]:
        hits = index.search(typed, Found.TEXT, most, begin)
        assert hits.total == 3
        return [hit.term for hit in hits.best]

    assert found("quay") == ["<a:2>", "<a:1>", "<a:3>"]
    monkeypatch.setattr(fulltext, "MOST_RANKED", 3)
    assert found("quay") == ["<a:2>", "<a:1>", "<a:3>"]
    assert found("a quay") == ["<a:1>", "<a:2>", "<a:3>"]
    assert found("a quay", 2, 1) == ["<a:2>", "<a:3>"]


def test_the_graph_has_facts_and_texts_and_no_text_that_is_withheld() -> None:
    article = f"<{harbour.BASE}article/harbour-study>"
    text = f'{article} {cq("text")} "The director received José Almeida. He left." {article} .'
    kind = f"{article} {cq('textKind')} <{CODE}textKind/Withheld> {article} ."
    for lines, total in (([text], 1), ([text, kind], 0)):
        index = full_text(Graph(memory_store([*harbour.lines(), *lines]), harbour.BASE))
        assert index is not None
        assert index.search("received almeida", Found.TEXT, 5).total == total


def test_without_fts5_there_is_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fulltext, "has_fts5", lambda: False)
    assert full_text(harbour.graph()) is None
