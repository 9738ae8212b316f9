"""Answers in every format: readable for people, exact for programs, harmless for both."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser

import pyoxigraph
import pytest

from kg.core.errors import UsageError
from kg.core.values import XSD
from kg.planning.rows import Rows
from kg.questions.words import CitedArticle, Original, Passage
from kg.render.cells import Look, columns_to_read, in_words, short_iri, text_of
from kg.render.format_types import Offered, Presentation
from kg.render.formats import answer_document, answer_format, answer_formats
from kg.render.rows import EVIDENCE_COLUMNS, Evidence, with_words
from kg.render.table import MOST_LINES, TerminalSheet, cells_wide, table, wrapped

BASE = "https://example.org/kg/"
LOOK = Look(BASE, {"side": "https://w3id.org/communique/code/side/", "cq": "https://w3id.org/communique/ontology#"})
MARA = f"<{BASE}person/mara-lind>"
ROWS = Rows(
    ("person", "personLabel", "side", "count", "day", "note"),
    (
        (MARA, '"Mara Lind"', "<https://w3id.org/communique/code/side/Host>", f'"12"^^<{XSD}integer>',
         f'"2031-05-01"^^<{XSD}date>', '"=SUM(A1)"'),
        (f"<{BASE}person/wu-qing>", '"吴清"@zh-hans', None, f'"-2.5"^^<{XSD}decimal>', None,
         '"two\\nlines, \\"quoted\\"\\ttab"'),
    ),
)  # fmt: skip
WORDS = Passage(MARA, "She came.", "came", CitedArticle("A title", "Gazette", "2031-05-02", iri=f"<{BASE}article/a>"))
HOSTILE = '"<script>alert(1)</script> | a & b \\u001B[31m \u202egpj"'


ILL_TYPED = [
    ("abc", "integer"),
    ("1e3", "integer"),
    ("1_000", "integer"),
    ("300", "byte"),
    ("-1", "nonNegativeInteger"),
    ("2031-02-30", "date"),
    ("2031-W01-1", "date"),
    ("12031-02-20", "date"),
    ("TRUE", "boolean"),
    ("INF", "decimal"),
    ("NaN", "double"),
    ("1e999", "double"),
    ("1e999999999", "double"),
]
"""Text and datatype of literals that have no value, or none that others hold."""


FORMATS = [each.name for each in answer_formats(Offered.SPARQL)]


def render(rows: Rows, kind: str, look: Look, evidence: Evidence | None = None) -> str | bytes:
    return answer_document(Presentation(rows, look, evidence), answer_format(kind, Offered.SPARQL))


def text(kind: str, rows: Rows = ROWS, look: Look = LOOK) -> str:
    content = render(rows, kind, look)
    assert isinstance(content, str)
    return content


# -------- cells


@pytest.mark.parametrize(
    ("iri", "short"),
    [
        (f"{BASE}person/mara-lind", "person/mara-lind"),
        ("https://w3id.org/communique/code/side/Host", "side:Host"),
        ("https://w3id.org/communique/ontology#metWith", "cq:metWith"),
        ("https://w3id.org/communique/ontology#", "https://w3id.org/communique/ontology#"),
        ("https://w3id.org/communique/code/side/a/b", "https://w3id.org/communique/code/side/a/b"),
        ("http://elsewhere.example/x", "http://elsewhere.example/x"),
        (BASE, BASE),
    ],
)
def test_iris_are_shortened_by_base_or_prefix(iri: str, short: str) -> None:
    assert short_iri(iri, LOOK) == short


def test_a_code_below_the_base_keeps_its_prefix() -> None:
    look = Look("https://w3id.org/communique/", LOOK.prefixes)
    assert short_iri("https://w3id.org/communique/code/side/Host", look) == "side:Host"
    assert short_iri("https://w3id.org/communique/person/a", look) == "person/a"


def test_every_kind_of_term_has_a_text() -> None:
    assert [text_of(term, LOOK) for term in (None, "_:b0", '"a\\nb"@en', MARA)] == [
        "",
        "_:b0",
        "a\nb",
        "person/mara-lind",
    ]
    assert in_words("articleTitle") == "article title"


def test_of_a_thing_and_its_label_people_see_the_label() -> None:
    assert [column.title for column in columns_to_read(ROWS, LOOK)] == ["person", "side", "count", "day", "note"]
    titles = [column.title for column in columns_to_read(ROWS, Look(BASE, ids=True))]
    assert titles == ["person", "person label", "side", "count", "day", "note"]


# -------- formats


def test_csv_is_read_back_and_marks_what_a_spreadsheet_would_run() -> None:
    lines = list(csv.reader(io.StringIO(text("csv"))))
    assert lines[0] == list(ROWS.variables)
    assert lines[1] == ["person/mara-lind", "Mara Lind", "side:Host", "12", "2031-05-01", "'=SUM(A1)"]
    assert lines[2] == ["person/wu-qing", "吴清", "", "-2.5", "", 'two\nlines, "quoted"\ttab']


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\\t", "\\r", "＝", "'"])
def test_csv_marks_every_start_of_a_formula(start: str) -> None:
    rows = Rows(("x",), ((f'"{start}1"',),))
    assert next(iter(list(csv.reader(io.StringIO(text("csv", rows))))[1])).startswith("'")


def test_tsv_has_one_line_per_row_and_plain_values() -> None:
    lines = text("tsv").splitlines()
    assert lines[1].split("\t")[-1] == "=SUM(A1)"
    assert lines[2].split("\t") == ["person/wu-qing", "吴清", "", "-2.5", "", 'two lines, "quoted" tab']


def test_json_is_what_the_engine_itself_reads() -> None:
    read = pyoxigraph.parse_query_results(text("json"), format=pyoxigraph.QueryResultsFormat.JSON)
    assert isinstance(read, pyoxigraph.QuerySolutions)
    assert [v.value for v in read.variables] == list(ROWS.variables)
    assert [tuple(None if term is None else str(term) for term in row) for row in read] == list(ROWS.rows)


def test_json_of_an_ask_is_its_truth() -> None:
    rows = Rows(("answer",), ((f'"true"^^<{XSD}boolean>',),))
    assert json.loads(text("json", rows, Look(BASE, form="ASK"))) == {"head": {}, "boolean": True}


def test_json_of_no_rows_is_json() -> None:
    assert json.loads(text("json", Rows(("x",), ())))["results"] == {"bindings": []}


def test_markdown_keeps_to_its_cells() -> None:
    lines = text("md", Rows(("x", "n"), ((HOSTILE, f'"1"^^<{XSD}integer>'),))).splitlines()
    assert lines[:2] == ["| x | n |", "| --- | ---: |"]
    assert lines[2] == "| \\<script\\>alert(1)\\</script\\> \\| a & b �\\[31m �gpj | 1 |"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_html_escapes_what_it_shows_and_needs_nothing_else() -> None:
    page = text(
        "html", Rows(("x",), ((HOSTILE,), ("<http://e.example/?a=1&b='2'>",))), Look(BASE, question="What <b>?")
    )
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "b" not in tags.seen
    assert "src=" not in page
    assert any("<script>alert(1)</script> | a & b �[31m �gpj" in words for words in tags.words)
    assert 'href="http://e.example/?a=1&amp;b=&#x27;2&#x27;"' in page


def test_html_links_labels_and_tells_languages() -> None:
    page = text("html")
    assert f'<a href="{BASE}person/mara-lind">Mara Lind</a>' in page
    assert 'lang="zh-hans"' in page
    assert page.count("<tr>") == 3


def test_html_links_no_address_that_could_run() -> None:
    assert "href" not in text("html", Rows(("x",), (("<javascript:alert(1)>",),)))


def test_a_workbook_holds_numbers_dates_and_no_formula() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    content = render(ROWS, "xlsx", LOOK)
    assert isinstance(content, bytes)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    values = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert values[0] == list(ROWS.variables)
    assert values[1][3:5] == [12, datetime(2031, 5, 1)]
    assert values[2][3] == -2.5
    assert sheet["F2"].data_type == "s"
    assert sheet["F2"].value == "=SUM(A1)"


def test_a_workbook_keeps_as_text_what_excel_would_spoil() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    odd = (
        f'"1234567890123456789"^^<{XSD}integer>',
        f'"1066-10-14"^^<{XSD}date>',
        f'"NaN"^^<{XSD}double>',
        '"a\\u0001b"',
    )
    content = render(Rows(("a", "b", "c", "d"), (odd,)), "xlsx", LOOK)
    assert isinstance(content, bytes)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[2]] == ["1234567890123456789", "1066-10-14", "NaN", "a�b"]


def sheet_of(*terms: str) -> list[object]:
    openpyxl = pytest.importorskip("openpyxl")
    content = render(Rows(tuple(f"c{k}" for k in range(len(terms))), (terms,)), "xlsx", LOOK)
    assert isinstance(content, bytes)
    return [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content)).active[2]]


@pytest.mark.parametrize(("text", "kind"), ILL_TYPED)
def test_a_workbook_keeps_as_text_what_only_claims_to_be_a_value(text: str, kind: str) -> None:
    assert sheet_of(f'"{text}"^^<{XSD}{kind}>') == [text]


@pytest.mark.parametrize(("text", "kind"), [("1e400", "double"), ("1e308", "double"), ("1e-320", "double")])
def test_a_workbook_keeps_as_text_numbers_beyond_excel(text: str, kind: str) -> None:
    assert sheet_of(f'"{text}"^^<{XSD}{kind}>') == [text]


def test_a_workbook_holds_text_that_looks_like_an_escape_as_it_is() -> None:
    assert sheet_of('"_x0041_ and _x"') == ["_x005F_x0041_ and _x"]


def test_a_text_that_a_cell_cannot_hold_is_refused_with_its_place() -> None:
    pytest.importorskip("openpyxl")
    longest = "x" * 32_767
    assert sheet_of(f'"{longest}"') == [longest]
    for text, length in ((longest + "x", "32,768"), ("\U0001f600" * 16_384, "32,768")):
        with pytest.raises(UsageError, match=f"'text' of row 2 has {length} characters") as refused:
            render(Rows(("text",), (('"a"',), (f'"{text}"',))), "xlsx", LOOK)
        assert "csv" in refused.value.fix


def test_an_answer_that_a_sheet_cannot_hold_is_refused_before_it_is_written() -> None:
    pytest.importorskip("openpyxl")
    with pytest.raises(UsageError, match="1,048,577 rows"):
        render(Rows(("a",), ((None,),) * 1_048_576), "xlsx", LOOK)
    with pytest.raises(UsageError, match="16,385 columns"):
        render(Rows(tuple(f"c{k}" for k in range(16_385)), ()), "xlsx", LOOK)


def test_a_formula_that_claims_to_be_a_number_is_marked_in_csv() -> None:
    assert text("csv", Rows(("a",), ((f'"=1+1"^^<{XSD}integer>',),))) == "a\n'=1+1\n"


def test_tsv_keeps_blanks_that_are_no_line_ends() -> None:
    assert text("tsv", Rows(("a", "b"), (('" two  blanks "', '"a\\r\\nb\\tc"'),))) == "a\tb\n two  blanks \ta b c\n"


@pytest.mark.parametrize(("text", "kind"), ILL_TYPED)
def test_json_and_tables_show_what_only_claims_to_be_a_value_as_it_is(text: str, kind: str) -> None:
    rows = Rows(("n",), ((f'"{text}"^^<{XSD}{kind}>',),))
    for form in ("json", "csv", "tsv", "table", "html"):
        assert text in str(render(rows, form, LOOK))


def test_turtle_is_read_back_as_the_same_triples() -> None:
    triples = (
        (MARA, "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<https://w3id.org/communique/ontology#Person>"),
        (MARA, "<https://w3id.org/communique/ontology#name>", '"玛拉 \\"M\\" \\\\ \\n"@zh-hans'),
        (MARA, "<https://w3id.org/communique/ontology#n>", f'"-7"^^<{XSD}integer>'),
        (MARA, "<https://w3id.org/communique/ontology#n>", f'"x"^^<{XSD}integer>'),
        (f"<{BASE}person/zoe>", "<https://w3id.org/communique/ontology#on>", f'"2031-05-01"^^<{XSD}date>'),
    )
    written = text(
        "ttl", Rows(("subject", "predicate", "object"), triples), Look(BASE, LOOK.prefixes, form="CONSTRUCT")
    )
    read = pyoxigraph.parse(written, format=pyoxigraph.RdfFormat.TURTLE)
    assert {(str(q.subject), str(q.predicate), str(q.object)) for q in read} == set(triples)
    assert written.startswith("@prefix cq:")
    assert "side:" not in written


def test_turtle_is_refused_for_a_table() -> None:
    with pytest.raises(UsageError, match="ttl is a format for graphs"):
        render(ROWS, "ttl", LOOK)


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        render(ROWS, "pdf", LOOK)
    assert caught.value.fix == f"choose one of {', '.join(FORMATS)}"


# -------- words


def test_words_stand_beside_their_rows_where_programs_read() -> None:
    rows = with_words(ROWS, [(WORDS, WORDS), ()])
    assert rows.variables == ("row", *ROWS.variables, *EVIDENCE_COLUMNS[1:])
    assert [row[0] for row in rows.rows] == [f'"{n}"^^<{XSD}integer>' for n in (1, 1, 2)]
    own = f'"true"^^<{XSD}boolean>'
    assert rows.rows[0][-5:] == ('"She came."', own, '"A title"', f"<{BASE}article/a>", MARA)
    assert rows.rows[2][-5:] == (None,) * 5


@pytest.mark.parametrize("kind", ["table", "html", "md"])
def test_a_digest_is_never_quoted_as_the_words_of_the_article(kind: str) -> None:
    summary = replace(WORDS, article=replace(WORDS.article, original=Original("The visit", "Gazette")))
    content = render(ROWS, kind, LOOK, [(summary,), ()])
    assert isinstance(content, str)
    assert "Our summary, not the article" in content
    assert "“She came" not in content
    assert "after “The visit”" in content
    assert "“She came.”" in str(render(ROWS, kind, LOOK, [(WORDS,), ()]))


def test_programs_can_tell_a_digest_from_the_words_of_the_article() -> None:
    summary = replace(WORDS, article=replace(WORDS.article, original=Original("The visit")))
    assert "She came.,true,A title" in str(render(ROWS, "csv", LOOK, [(WORDS,), ()]))
    assert "She came.,false,A title" in str(render(ROWS, "csv", LOOK, [(summary,), ()]))


def test_a_column_of_the_answer_is_never_covered_by_one_of_the_words() -> None:
    assert with_words(Rows(("fact", "row"), ()), ()).variables == (
        "evidenceRow", "fact", "row", "sentence", "ownWords", "articleTitle", "article", "evidenceFact",
    )  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in ("ttl", "xlsx")])
def test_every_format_shows_the_words(kind: str) -> None:
    content = render(ROWS, kind, LOOK, [(WORDS,), ()])
    assert isinstance(content, str)
    assert "She came." in content
    assert "A title" in content


def test_words_that_may_not_be_shown_are_told_as_such() -> None:
    hidden = Passage(MARA, "", "", WORDS.article)
    content = render(ROWS, "table", LOOK, [(hidden,), (hidden,)])
    assert isinstance(content, str)
    assert "(the text may not be shown) — A title" in content


# -------- tables


def test_a_table_lines_up_wide_characters() -> None:
    lines = table(TerminalSheet(["name", "n"], [["吴清", "1"], ["Mara", "12"]], [False, True]), 80, False).splitlines()
    assert lines == ["name   n", "────  ──", "吴清   1", "Mara  12"]
    assert {cells_wide(line) for line in lines} == {8}


@pytest.mark.parametrize("width", [24, 30, 40, 60, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = "The harbour authority and the university 港务局与大学 agreed to study tides together for years"
    sheet = TerminalSheet(
        ["thing", "words", "n"], [[long, long, "2100"], ["a", "b", "3"]], [False, False, True], [[long], []]
    )
    lines = table(sheet, width, False).splitlines()
    assert max(cells_wide(line) for line in lines) <= width
    assert "".join(long.split()) in "".join("".join(lines).split()) or width < 60


def test_a_word_is_cut_only_where_rows_would_not_fit_otherwise() -> None:
    sheet = TerminalSheet(["a", "b"], [["unspecified", "one two three four five"]], [False, False])
    assert table(sheet, 24, False).splitlines()[2].startswith("unspecified  ")
    assert [len(line) <= 14 for line in table(TerminalSheet(["a"], [["x" * 20]], [False]), 14, False).splitlines()] == [
        True
    ] * 4


def test_rows_of_several_lines_stand_apart() -> None:
    lines = table(
        TerminalSheet(["a", "b"], [["one two three four", "x"], ["five", "y"]], [False, False]), 16, False
    ).splitlines()
    assert lines[2:] == ["one two three  x", "four", "", "five           y"]


def test_rows_that_do_not_fit_become_cards() -> None:
    sheet = TerminalSheet(
        ["first", "second", "third"], [["alpha beta gamma", "delta epsilon", "zeta eta theta"]], [False] * 3
    )
    lines = table(sheet, 26, False).splitlines()
    assert lines[0].startswith("── 1 ─")
    assert lines[1] == "first   alpha beta gamma"


def test_wrapped_text_loses_nothing_until_its_last_line() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrapped("上海证券交易所", 6) == ["上海证", "券交易", "所"]
    assert wrapped("", 5) == [""]
    cut = wrapped("word " * 100, 10)
    assert len(cut) == MOST_LINES
    assert cut[-1].endswith("…")


def test_colour_is_used_only_when_asked_for() -> None:
    assert "\x1b" not in text("table")
    assert text("table", look=Look(BASE, colour=True)).startswith("\x1b[1mperson")


def test_nothing_steers_the_terminal() -> None:
    shown = text("table", Rows(("x",), ((HOSTILE,),)))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_table_of_no_rows_or_columns_is_still_one() -> None:
    assert text("table", Rows(("x",), ())) == "x\n─\n"
    assert text("table", Rows((), ())).strip() == ""


def test_a_day_is_shown_as_written() -> None:
    assert date(2031, 5, 1).isoformat() in text("table")
