"""Links to other registries: an SSSOM file is read cell by cell, and what it says is published or told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.core.errors import Finding, Place
from kg.core.model import Quad
from kg.core.terms import SKOS, cq
from kg.links.links import read_links
from kg.links.sssom import COLUMNS, METADATA, metadata_text, rows
from kg.project.sources import Source

BASE = "https://example.org/kg/"
ENTITIES = {f"{BASE}person/mara-lind": "mara-lind", f"{BASE}organization/tide-university": "tide-university"}
HEAD = "subject_id\tpredicate_id\tpredicate_modifier\tobject_id\tmapping_justification"
MANUAL = "semapv:ManualMappingCuration"
MARA, ITEM = f"<{BASE}person/mara-lind>", "<http://www.wikidata.org/entity/Q1>"


def read(*lines: str, head: str = HEAD, metadata: str = "") -> tuple[set[tuple[str, str, str]], list[str]]:
    """Return the triples, and the codes of the findings, of a file with these rows."""
    text = "\n".join([metadata, head, *lines]).lstrip("\n")
    links = read_links(
        Source("links.sssom.tsv", "links", text), BASE, ENTITIES, {"wd": "http://www.wikidata.org/entity/"}
    )
    return {(q.subject, q.predicate, q.object) for q in links.quads}, [finding.code for finding in links.findings]


def cells(text: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows(text, "a.tsv")]


# -------- cells


def test_a_quoted_cell_may_hold_tabs_line_ends_and_doubled_marks() -> None:
    text = 'a\tb\r\n"one\ttwo\n""three"""\tlast\n\n# a remark\n"x"\t\n'
    assert cells(text) == [["a", "b"], ['one\ttwo\n"three"', "last"], ["x", ""]]


def test_the_last_row_counts_without_a_line_end_and_with_an_empty_cell_at_its_end() -> None:
    assert cells("a\tb\n1\t") == [["a", "b"], ["1", ""]]
    assert cells("a\tb\r1\t2") == [["a", "b"], ["1", "2"]]
    assert cells("a\tb\n#") == [["a", "b"]]


def test_every_cell_has_its_place() -> None:
    text = '# m\na\tb\n"two\nlines"\t  x y \tz\n'
    places = [[cell.place for cell in row] for row in rows(text, "a.tsv")]
    assert places == [
        [Place("a.tsv", 2, 1, 1), Place("a.tsv", 2, 3, 1)],
        [Place("a.tsv", 3, 1, 4), Place("a.tsv", 4, 10, 3), Place("a.tsv", 4, 15, 1)],
    ]


def test_a_mark_that_is_not_closed_takes_nothing_of_the_next_rows() -> None:
    found = list(rows('a\n"open\nnext\n', "a.tsv"))
    assert [[(cell.text, cell.torn) for cell in row] for row in found] == [
        [("a", False)],
        [('"open', True)],
        [("next", False)],
    ]


@given(st.lists(st.lists(st.text("ab\"'\t\n #,", min_size=1), min_size=2, max_size=3), min_size=1, max_size=4))
def test_what_csv_writes_is_read_back(table: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    stripped = [[cell.strip() for cell in row] for row in table]
    assert cells(out.getvalue()) == [row for row in stripped if any(row)]


def test_the_metadata_keeps_its_lines_and_columns() -> None:
    assert metadata_text("#a: b\n# # remark\nhead\n#not\n") == " a: b\n  # remark"


def test_the_words_of_the_standard_do_not_overlap_by_mistake() -> None:
    assert {"mapping_date", "comment"} <= COLUMNS & METADATA
    assert "predicate_modifier" not in METADATA
    assert "curie_map" not in COLUMNS


# -------- what rows say


def test_a_not_is_published_as_another_one_and_never_as_the_same() -> None:
    triples, codes = read(f"kg:person/mara-lind\tskos:exactMatch\tNot\twd:Q1\t{MANUAL}")
    assert codes == []
    assert (MARA, cq("notMatchedTo"), ITEM) in triples
    assert not any(predicate == f"<{SKOS}exactMatch>" for _, predicate, _ in triples)


@pytest.mark.parametrize("modifier", ["not", "NOT", "no", "Not!", "¬"])
def test_a_misspelt_not_publishes_nothing(modifier: str) -> None:
    assert read(f"kg:person/mara-lind\tskos:exactMatch\t{modifier}\twd:Q1\t{MANUAL}") == (set(), ["KG-L010"])


def test_a_not_in_a_misspelt_column_is_an_error() -> None:
    head = HEAD.replace("predicate_modifier", "predicate_modifer")
    assert read(f"kg:person/mara-lind\tskos:exactMatch\tNot\twd:Q1\t{MANUAL}", head=head)[1] == ["KG-L008"]


def test_two_entities_are_not_one_item() -> None:
    row = f"kg:{{}}\tskos:exactMatch\t\twd:Q1\t{MANUAL}"
    assert read(row.format("person/mara-lind"), row.format("organization/tide-university"))[1] == ["KG-L011"]
    assert read(row.format("person/mara-lind"), row.format("person/mara-lind"))[1] == []


@pytest.mark.parametrize(
    "relation", ["skos:exactMatch\tNot", "skos:broadMatch\t", "skos:narrowMatch\t", "skos:relatedMatch\t"]
)
def test_an_exact_match_excludes_its_opposites(relation: str) -> None:
    same, other = (f"kg:person/mara-lind\t{r}\twd:Q1\t{MANUAL}" for r in ("skos:exactMatch\t", relation))
    assert read(same, other)[1] == read(other, same)[1] == ["KG-L012"]


MARA_IS_ANNA = f"kg:person/mara-lind\tskos:exactMatch\t\tkg:person/anna-lind\t{MANUAL}"
ANNA_IS_ITEM = f"kg:person/anna-lind\tskos:exactMatch\t\twd:Q1\t{MANUAL}"
MARA_IS_NOT_ITEM = f"kg:person/mara-lind\tskos:exactMatch\tNot\twd:Q1\t{MANUAL}"
ANNA = f"<{BASE}person/anna-lind>"


def test_no_chain_joins_what_a_row_says_is_not_the_same() -> None:
    _, [finding] = found(MARA_IS_ANNA, ANNA_IS_ITEM, MARA_IS_NOT_ITEM)
    assert (finding.code, finding.place.line) == ("KG-L013", 3)
    assert finding.message.startswith(
        "lines 2, 3 together make person/mara-lind and entity/Q1 the same, but line 4 says"
    )
    assert found(MARA_IS_ANNA.replace("exact", "close"), ANNA_IS_ITEM, MARA_IS_NOT_ITEM)[1] == ()
    assert found(MARA_IS_ANNA, ANNA_IS_ITEM)[1] == ()


def test_no_link_joins_what_the_registry_says_is_not_the_same() -> None:
    _, [finding] = found(MARA_IS_ANNA, distinct=[(ANNA, MARA)])
    assert finding.code == "KG-L013"
    assert "the registry (distinctFrom) says that they are not" in finding.message


def found(*lines: str, distinct: Iterable[tuple[str, str]] = ()) -> tuple[tuple[Quad, ...], tuple[Finding, ...]]:
    entities = {**ENTITIES, f"{BASE}person/anna-lind": "anna-lind"}
    source = Source("links.sssom.tsv", "links", "\n".join([HEAD, *lines]))
    links = read_links(source, BASE, entities, {"wd": "http://www.wikidata.org/entity/"}, distinct=distinct)
    return links.quads, links.findings


def test_an_entity_of_ours_is_known_on_either_side() -> None:
    assert read(f"kg:person/mara-lind\tskos:exactMatch\t\tkg:person/nobody\t{MANUAL}")[1] == ["KG-L004"]


# -------- who says so, when and why


def said_of_the_link(triples: set[tuple[str, str, str]]) -> dict[str, str]:
    names = {cq(name): name for name in ("linkAuthor", "linkDate", "linkComment")}
    return {names[predicate]: value for _, predicate, value in triples if predicate in names}


def test_author_date_and_comment_go_into_the_graph() -> None:
    head = f"{HEAD}\tauthor_label\tauthor_id\tmapping_date\tcomment"
    row = f"kg:person/mara-lind\tskos:exactMatch\t\twd:Q1\t{MANUAL}\tA B | C\torcid:1\t2031-05-02\t"
    triples, codes = read(f'{row}"seen\nthere"', head=head)
    assert codes == []
    day = '"2031-05-02"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert said_of_the_link(triples) == {"linkAuthor": '"A B, C"', "linkDate": day, "linkComment": '"seen there"'}


def test_the_date_of_the_file_is_that_of_rows_without_one_and_ids_stand_for_names() -> None:
    row = f"kg:person/mara-lind\tskos:exactMatch\t\twd:Q1\t{MANUAL}\torcid:1"
    triples, _ = read(row, head=f"{HEAD}\tauthor_id", metadata="#mapping_date: 2030-01-01")
    day = '"2030-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'
    assert said_of_the_link(triples) == {"linkAuthor": '"orcid:1"', "linkDate": day}
    triples, codes = read(row, head=f"{HEAD}\tauthor_id", metadata="#mapping_date: yesterday")
    assert (said_of_the_link(triples), codes) == ({"linkAuthor": '"orcid:1"'}, ["KG-L010"])


def test_a_comment_with_a_control_character_is_a_finding() -> None:
    row = f"kg:person/mara-lind\tskos:exactMatch\t\twd:Q1\t{MANUAL}\ta\x07b"
    assert read(row, head=f"{HEAD}\tcomment") == (set(), ["KG-L010"])


def test_a_close_match_and_a_not_of_an_exact_one_agree() -> None:
    rows = (f"kg:person/mara-lind\t{r}\twd:Q1\t{MANUAL}" for r in ("skos:closeMatch\t", "skos:exactMatch\tNot"))
    assert read(*rows)[1] == []


@pytest.mark.parametrize(
    "justification", [MANUAL, "https://w3id.org/semapv/vocab/MappingReview", "semapv:MappingInversion"]
)
def test_the_known_justifications_are_taken(justification: str) -> None:
    triples, codes = read(f"kg:person/mara-lind\tskos:closeMatch\t\twd:Q1\t{justification}")
    assert (codes, len(triples)) == ([], 6)


@pytest.mark.parametrize(
    "justification", ["semapv:Foo", "semapv:", "https://example.org/by-hand", "semapv:manualmappingcuration"]
)
def test_others_are_refused(justification: str) -> None:
    assert read(f"kg:person/mara-lind\tskos:closeMatch\t\twd:Q1\t{justification}")[1] == ["KG-L010"]


def test_trailing_tabs_of_a_spreadsheet_are_no_values() -> None:
    assert read(f"kg:person/mara-lind\tskos:closeMatch\t\twd:Q1\t{MANUAL}\t\t")[1] == []


def test_a_prefix_comes_from_the_curie_map_alone_not_from_other_metadata() -> None:
    row = f"kg:person/mara-lind\tskos:closeMatch\t\tmapping_set_id:x\t{MANUAL}"
    assert read(row, metadata="#mapping_set_id: https://example.org/set/")[1] == ["KG-L006"]
    assert read(row.replace("mapping_set_id", "e"), metadata="#curie_map:\n#  e: https://example.org/")[1] == []
