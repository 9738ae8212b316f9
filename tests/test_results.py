"""Terms are written as SPARQL results in one way, and read back as they were, by us and by the engine."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.values import XSD
from kg.planning.rows import Rows
from kg.render.formats import RESULTS
from kg.store.answers import boolean_of, rows_of
from kg.store.documents import boolean_document, document, rows_document
from kg.store.replies import Reply
from kg.store.results import binding_json, boolean_json, rows_json, term_json

TERMS: tuple[Term, ...] = (
    "<https://example.org/kg/person/mara-lind>",
    "<https://example.org/吴清>",
    "_:b0",
    '""',
    '"plain"',
    '"two\\nlines, \\"quoted\\"\\ttab \\\\ back"',
    '"\\u0001"',
    '"ends with a tag"@en',
    '"@en"',
    '"吴清"@zh-hans',
    f'"-2.5"^^<{XSD}decimal>',
    f'"^^<x>"^^<{XSD}anyURI>',
    '"Alice"^^<https://example.org/kg/of-ours>',
)
MEDIA = [each.media for each in RESULTS]
XML = next(each.media for each in RESULTS if each.name == "xml")
ROWS = Rows(("first", "second"), tuple((term, None) for term in TERMS))


def reply(text: str) -> Reply:
    return Reply(200, {}, text.encode())


def written(rows: Rows) -> str:
    return rows_json(rows.variables, [json.dumps(binding_json(rows.variables, row)) for row in rows.rows])


def test_what_we_write_we_read_as_it_was() -> None:
    assert rows_of(reply(written(ROWS)), "query") == ROWS


@pytest.mark.parametrize("truth", [True, False])
def test_a_truth_is_read_as_it_was_written(truth: bool) -> None:
    assert boolean_of(reply(boolean_json(truth)), "query") is truth


@pytest.mark.parametrize("term", TERMS)
def test_the_engine_reads_the_term_that_we_wrote(term: Term) -> None:
    solutions = ox.parse_query_results(written(Rows(("x",), ((term,),))), format=ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [str(value) for solution in solutions for value in solution] == [term]


def test_a_string_has_neither_datatype_nor_language() -> None:
    assert term_json(f'"a"^^<{XSD}string>') == term_json('"a"') == {"type": "literal", "value": "a"}


def test_terms_of_rdf_1_2_keep_their_parts_and_their_direction() -> None:
    assert term_json('"שלום"@he--rtl') == {"type": "literal", "value": "שלום", "xml:lang": "he", "its:dir": "rtl"}
    assert term_json('<<( <x:a> <x:b> "\\"c\\""@en )>>') == {
        "type": "triple",
        "value": {
            "subject": {"type": "uri", "value": "x:a"},
            "predicate": {"type": "uri", "value": "x:b"},
            "object": {"type": "literal", "value": '"c"', "xml:lang": "en"},
        },
    }


@pytest.mark.parametrize("media", MEDIA)
def test_rows_of_another_server_are_the_documents_of_our_own_engine(media: str) -> None:
    rows = Rows(ROWS.variables, tuple(row for row in ROWS.rows if row[0] not in ('"\\u0001"', "_:b0")))
    values = " ".join(f"({term} UNDEF)" for term, _ in rows.rows if term)
    own = document(ox.Store().query(f"SELECT * {{ VALUES (?first ?second) {{ {values} }} }}"), media, {}, 100, 10_000)
    assert rows_document(rows.variables, rows.rows, media, 10_000) == own


@pytest.mark.parametrize("media", MEDIA)
def test_a_truth_of_another_server_is_the_document_of_our_own_engine(media: str) -> None:
    assert boolean_document(truth=True, media=media) == document(ox.Store().query("ASK {}"), media, {}, 1, 100)


def test_xml_that_cannot_hold_an_answer_is_refused_whoever_gave_it() -> None:
    with pytest.raises(UsageError, match="control character"):
        rows_document(ROWS.variables, ROWS.rows, XML, 10_000)
    held = rows_document(("x",), (('"a\\rb"',),), XML, 10_000)
    assert b"a&#13;b" in held
