"""Canned questions: headers, parameters, names that people type, rows and the words behind them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.core.errors import InputError, UsageError
from kg.core.normal import bare, folded
from kg.core.values import lexical
from kg.planning.guard import tokens
from kg.project.layout import question_files
from kg.questions.graph import Graph
from kg.questions.lookup import find
from kg.questions.query import (
    all_queries,
    bound_text,
    codes,
    evidence,
    filled,
    find_query,
    load_query,
    run,
    shown,
)
from kg.questions.queryfile import read_query
from kg.questions.question import QUERY_CODES, Query, Slot
from kg.questions.sparql import columns, comments, is_data, query_form, subselects, with_prefixes
from tests import harbour
from tests.second_store import RdflibStore

INVALID = sorted((harbour.FOLDER / "invalid").glob("*.rq"))
PARTY = ["José Almeida", "Li Wei", "Mara Lind"]


@pytest.fixture(scope="module")
def graph() -> Graph:
    return harbour.graph()


def question(name: str) -> Query:
    return find_query(harbour.project(), name)


def texts(graph: Graph, name: str, column: str, **arguments: str | list[str]) -> list[str]:
    rows = run(graph, question(name), arguments)
    return [lexical(row[rows.variables.index(column)] or '""') for row in rows.rows]


def refusal(graph: Graph, name: str, **arguments: str | list[str]) -> str:
    with pytest.raises(UsageError) as caught:
        run(graph, question(name), arguments)
    return f"{caught.value.message} | {caught.value.fix}"


# -------- headers


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case.stem)
def test_an_invalid_header_gives_exactly_these_findings(case: Path) -> None:
    query, findings = read_query(case.stem, case.read_text(encoding="utf-8"), case.name)
    told = "".join(f"{f.place}: {f.message} [{f.code}]\n" + (f"  {f.fix}\n" if f.fix else "") for f in findings)
    assert query is None
    assert told == case.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_finding_about_headers_has_an_invalid_example() -> None:
    told = "".join(case.with_suffix(".txt").read_text(encoding="utf-8") for case in INVALID)
    assert {code for code in QUERY_CODES if code not in told} == set()


def test_a_header_is_read_with_its_parameters() -> None:
    query = question("who-took-part")
    assert (query.title, query.tags, query.evidence, query.hide) == (
        "Who took part",
        ("meetings", "people"),
        ("fact",),
        ("fact",),
    )
    assert query.columns == ("participant", "participantLabel", "side", "sideLabel", "fact")
    meeting, side = query.params
    assert (meeting.name, meeting.type, meeting.is_entity, meeting.optional) == ("meeting", "Event", True, False)
    assert (side.codes, side.many, side.optional, side.is_entity) == ("side", True, True, False)


@pytest.mark.parametrize(
    ("header", "evidence", "hide"),
    [
        ("#+ fact: x", ("x",), ()),
        ("#+ fact: y", ("y",), ("y",)),
        ("#+ fact: z", (), ()),
        ("#+ evidence: [x, y]", ("x", "y"), ("y",)),
        ("#+ fact: x\n#+ evidence: [y]\n#+ hide: [x]", ("y",), ("x",)),
        ("#+ evidence: [x, y]\n#+ hide: []", ("x", "y"), ()),
        ("#+ fact: x\n#+ evidence: []", (), ()),
    ],
)
def test_a_row_rests_on_its_fact_and_hides_what_has_no_label(
    header: str, evidence: tuple[str, ...], hide: tuple[str, ...]
) -> None:
    text = f"#+ question: What?\n{header}\nSELECT ?x ?xLabel ?y {{ GRAPH ?g {{ ?x ?p ?y . ?y ?q ?z }} }}"
    query, findings = read_query("any", text, "any.rq")
    assert query is not None, findings
    assert (query.evidence, query.hide) == (evidence, hide)


def test_a_column_holds_what_the_header_says_or_a_supplied_date_or_text() -> None:
    text = (
        "#+ question: What?\n#+ fact: x\n#+ columns: {n: integer}\n"
        "SELECT ?x ?n ?earliest ?xLatest ?dating { GRAPH ?g { ?x ?p ?n } }"
    )
    query, findings = read_query("any", text, "any.rq")
    assert query is not None, findings
    assert query.types == {"x": "text", "n": "integer", "earliest": "date", "xLatest": "date", "dating": "text"}


def test_a_title_left_out_is_made_of_the_file_name() -> None:
    assert question("any-meeting").title == "Any meeting"


def test_a_broken_file_leaves_the_other_questions_usable() -> None:
    queries, findings = all_queries(harbour.project())
    assert len(queries) == len(question_files(harbour.project())) - 1
    assert {finding.place.path for finding in findings} == {"queries/broken.rq"}


def test_loading_a_broken_file_tells_all_that_is_wrong_with_it() -> None:
    with pytest.raises(InputError) as caught:
        question("broken")
    assert "broken.rq:1:14: 'question' must be text" in caught.value.message
    assert "broken.rq:2:4: unknown key 'colour' in the header" in caught.value.message


def test_an_unknown_question_proposes_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        question("who-took-prt")
    assert caught.value.fix == "did you mean 'who-took-part'?"


def test_a_later_folder_overrides_a_question_by_name(tmp_path: Path) -> None:
    (tmp_path / "posts.rq").write_text("#+ question: Mine?\nSELECT ?x { ?x ?p ?o }", encoding="utf-8")
    mine = replace(harbour.project(), queries=(*harbour.project().queries, tmp_path))
    assert find_query(mine, "posts").question == "Mine?"
    assert find_query(mine, "posts.rq").question == "Mine?"


def test_a_file_that_is_missing_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_query(tmp_path / "none.rq", "none.rq")


# -------- tokens


def test_marks_inside_strings_and_iris_are_no_comments() -> None:
    text = 'SELECT ?x { ?x <a#+b> "# no" } # yes\n'
    assert [comment for _, comment in comments(text, tuple(tokens(text)))] == ["# yes"]


def test_columns_forms_and_subselects_are_told_from_tokens() -> None:
    pieces = tuple(tokens("SELECT ?a (SUM(?b) AS ?n) { { SELECT DISTINCT ?c { ?c ?p ?a } } FILTER(?a != ?b) }"))
    assert columns(pieces) == ("a", "n")
    assert query_form(pieces) == "SELECT"
    assert len(subselects(pieces)) == 1
    assert columns(tuple(tokens("SELECT * { ?s ?p ?o }"))) == ()
    assert query_form(tuple(tokens("PREFIX ask: <x:> CONSTRUCT { ?s ?p ?o } WHERE { }"))) == "CONSTRUCT"


@pytest.mark.parametrize("text", ['"a"', "UNDEF", '<x:y> z:q "a"@en "1"^^<x:t> 5 -2.5 true', ""])
def test_terms_may_stand_in_a_values_block(text: str) -> None:
    assert is_data(text)


@pytest.mark.parametrize("text", ["?x", "} UNION {", "_:b", "SELECT", "f(1)"])
def test_nothing_but_terms_may_stand_in_a_values_block(text: str) -> None:
    assert not is_data(text)


def test_only_missing_prefixes_are_declared_and_lines_stay() -> None:
    text = "PREFIX a: <http://a/>\nSELECT * { a:x b:y c:z }"
    assert with_prefixes(text, {"a": "http://other/", "b": "http://b/"}) == "PREFIX b: <http://b/> " + text


# -------- binding


def test_defaults_answer_without_an_argument(graph: Graph) -> None:
    assert texts(graph, "who-took-part", "participantLabel") == PARTY


@pytest.mark.parametrize(
    "typed",
    [
        "https://example.org/kg/article/harbour-study/meeting",
        "<https://example.org/kg/article/harbour-study/meeting>",
        "article/harbour-study/meeting",
        "harbour-study/meeting",
        "meeting",
        "Harbour authority receives the university",
        "  harbour AUTHORITY receives the university ",
    ],
)
def test_a_thing_is_named_by_iri_path_id_or_name(graph: Graph, typed: str) -> None:
    assert texts(graph, "who-took-part", "participantLabel", meeting=typed) == PARTY


@pytest.mark.parametrize("typed", ["Guest", "guest", "side:Guest", "https://w3id.org/communique/code/side/Guest"])
def test_a_code_is_named_by_name_label_or_iri(graph: Graph, typed: str) -> None:
    assert texts(graph, "who-took-part", "participantLabel", side=typed) == PARTY[:2]


def test_several_values_widen_the_answer(graph: Graph) -> None:
    assert texts(graph, "who-took-part", "participantLabel", side=["host", "guest"]) == PARTY
    assert texts(graph, "who-took-part", "participantLabel", side="unspecified") == []


def test_a_code_list_is_told_with_labels(graph: Graph) -> None:
    assert sorted(codes(graph, "side").values()) == ["guest", "host", "unspecified"]


def test_numbers_dates_and_texts_restrict(graph: Graph) -> None:
    assert texts(graph, "figures", "value") == ["12.5", "2100"]
    assert texts(graph, "figures", "value", least="12.6") == ["2100"]
    assert texts(graph, "figures", "value", least="2100") == ["2100"]
    assert texts(graph, "figures", "value", since="2031-01-01") == ["12.5"]
    assert texts(graph, "figures", "value", indicator="ships a year") == ["2100"]
    assert texts(graph, "figures", "value", indicator="ships") == []


def test_a_text_cannot_leave_its_literal(graph: Graph) -> None:
    hostile = '" } GRAPH ?g { ?s ?p ?o } # \\" \n }'
    assert texts(graph, "figures", "value", indicator=hostile) == []
    assert 'VALUES ?indicator { "\\" } GRAPH' in bound_text(graph, question("figures"), {"indicator": hostile})


def test_nothing_but_what_is_marked_is_replaced(graph: Graph) -> None:
    query = question("who-took-part")
    before, after = query.text.splitlines(), bound_text(graph, query, {"side": "host"}).splitlines()
    changed = [k for k, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert [after[k].strip() for k in changed] == [
        "VALUES ?side { <https://w3id.org/communique/code/side/Host> }  #+ param side",
        "VALUES ?ontology { <https://example.org/kg/graph/ontology> }  #+ graph ontology",
    ]


def test_a_marked_graph_is_named_where_a_path_is_followed_in_it(graph: Graph) -> None:
    """Virtuoso looks for a path in all graphs where a variable names its graph."""
    text = (
        "#+ question: Which?\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\nSELECT ?kind {\n"
        "  VALUES ?here { <https://w3id.org/communique/graph/ontology> }  #+ graph ontology\n"
        "  GRAPH ?here { ?kind rdfs:subClassOf* ?above }\n  GRAPH ?here { ?kind a ?sort FILTER (?sort IN (1 * 2)) }\n}"
    )
    query, findings = read_query("paths", text, "paths.rq")
    assert findings == ()
    assert query is not None
    assert bound_text(graph, query, {}).splitlines()[4:6] == [
        "  GRAPH <https://example.org/kg/graph/ontology> { ?kind rdfs:subClassOf* ?above }",
        "  GRAPH ?here { ?kind a ?sort FILTER (?sort IN (1 * 2)) }",
    ]


def test_a_parameter_in_two_branches_is_filled_in_both(graph: Graph) -> None:
    branch = "{ VALUES ?who { UNDEF }  #+ param who\n GRAPH ?g { ?t <x:p> ?who } }"
    text = f"#+ question: Where?\n#+ params: {{who: {{type: text}}}}\nSELECT ?t {{ {branch} UNION {branch} }}"
    query, findings = read_query("two", text, "two.rq")
    assert findings == ()
    assert query is not None
    assert bound_text(graph, query, {"who": "Ann"}).count('{ "Ann" }') == 2


@pytest.mark.parametrize("term", ["plain", "<a b>", '"a" "b"', '"a"b"', "?x", '"a"^^xsd:date', '"a\n"'])
def test_only_terms_are_filled_in(term: str) -> None:
    with pytest.raises(ValueError, match="not a term"):
        filled("VALUES ?x { UNDEF }", [(Slot("x", 11, 18), [term])])


def test_other_forms_become_rows(graph: Graph) -> None:
    assert run(graph, question("any-meeting"), {}).variables == ("answer",)
    triples = run(graph, question("met-graph"), {})
    assert triples.variables == ("subject", "predicate", "object")
    assert len(triples.rows) == 3


@pytest.mark.parametrize("name", ["who-took-part", "who-met-whom", "figures", "met-graph", "any-meeting"])
def test_rdflib_gives_the_same_rows(graph: Graph, name: str) -> None:
    other = Graph(RdflibStore(harbour.lines()), harbour.BASE)
    rows = run(graph, question(name), {})
    assert rows.rows
    assert run(other, question(name), {}) == rows


def test_names_are_found_in_rdflib_too() -> None:
    other = Graph(RdflibStore(harbour.lines()), harbour.BASE)
    assert texts(other, "posts", "tenureLabel", person="MARA lind") == ["Director"]


# -------- refusals


def test_an_unknown_parameter_proposes_the_nearest(graph: Graph) -> None:
    told = refusal(graph, "who-took-part", meting="x")
    assert told == "'who-took-part' has no parameter 'meting' | did you mean 'meeting'?"
    assert refusal(graph, "any-meeting", place="x").endswith("it has none")


def test_a_required_parameter_must_be_given(graph: Graph) -> None:
    assert refusal(graph, "posts").startswith("'posts' needs a value for 'person' (The person) | ")


def test_a_default_that_the_graph_lacks_is_not_an_empty_answer(graph: Graph) -> None:
    assert "its example is not in this graph" in refusal(graph, "place-of")


def test_one_value_means_one(graph: Graph) -> None:
    assert refusal(graph, "who-took-part", meeting=["a", "b"]).startswith("meeting: takes one value, not 2")


@pytest.mark.parametrize("typed", ["2031", "2031-01", "2031-02-30", "1 May 2031", "2031-5-1", "2031-01-01Z"])
def test_a_date_is_a_full_date(graph: Graph, typed: str) -> None:
    told = refusal(graph, "figures", since=[typed])
    assert told == f"since: '{typed}' is not a date | write a full date, year-month-day, such as 2017-02-09"


@pytest.mark.parametrize("typed", ["2,100", "1e3", "many", "NaN", "٣"])
def test_a_number_is_written_in_digits(graph: Graph, typed: str) -> None:
    assert refusal(graph, "figures", least=typed).startswith(f"least: '{typed}' is not a number")


def test_an_unknown_code_proposes_the_nearest(graph: Graph) -> None:
    assert refusal(graph, "who-took-part", side="hots").endswith("no entry 'hots' | did you mean 'Host'?")
    assert refusal(graph, "who-took-part", side="xyz").endswith("known entries are Guest, Host, Unspecified")


# -------- names


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mara-lind", "person/mara-lind"),
        ("Mara Lind", "person/mara-lind"),
        ("ＭＡＲＡ　lind", "person/mara-lind"),
        ("玛拉·林德", "person/mara-lind"),
        ("Jose Almeida", "person/jose-almeida"),
        ("José Almeida", "person/jose-almeida"),
        ("ze almeida", "person/jose-almeida"),
        ("李伟", "person/li-wei-chemist"),
        ("li-wei", "person/li-wei"),
        ("universiteit noordhaven", "organization/noordhaven-university"),
    ],
)
def test_a_name_is_found_in_any_script_and_spelling(graph: Graph, typed: str, found: str) -> None:
    assert find(graph, typed, "Agent") == harbour.iri(found)


def test_a_name_of_several_things_lists_what_tells_them_apart(graph: Graph) -> None:
    told = refusal(graph, "posts", person="li wei")
    assert told.startswith("person: 'li wei' matches 2 things | give the id of one:")
    assert "\n      person/li-wei  (Li Wei, person, pilot of the harbour)" in told
    assert "\n      person/li-wei-chemist  (Li Wei, person, Chair of chemistry)" in told


def test_a_whole_word_of_a_name_is_enough_where_it_fits_one_thing(graph: Graph) -> None:
    assert find(graph, "lind", "Person") == harbour.iri("person/mara-lind")
    assert refusal(graph, "posts", person="wei").startswith("person: 'wei' matches 2 things | give the id of one:")
    assert "is called 'lin'" in refusal(graph, "posts", person="lin")


def test_a_name_of_another_class_is_told_as_that(graph: Graph) -> None:
    told = refusal(graph, "posts", person="Noordhaven University")
    assert "is of type university, not person: organization/noordhaven-university" in told
    assert "is of type person, not place" in refusal(graph, "place-of", place="https://example.org/kg/person/mara-lind")


def test_a_name_that_nothing_has_proposes_the_nearest(graph: Graph) -> None:
    assert refusal(graph, "posts", person="Marra Lint").endswith("did you mean 'Mara Lind' (person/mara-lind)?")
    assert refusal(graph, "posts", person="Xenophon Qux").endswith("called 'Xenophon Qux' | ")


@pytest.mark.parametrize(
    "typed", ["", " ", "<>", '"', "a b>", "}", "https://example.org/kg/person/nobody", "·", "a" * 5000]
)
def test_odd_names_are_refused_not_raised(graph: Graph, typed: str) -> None:
    with pytest.raises(UsageError):
        find(graph, typed, "Person")


def test_a_class_that_the_ontology_lacks_is_told(graph: Graph) -> None:
    with pytest.raises(UsageError, match="no class 'Persn'"):
        find(graph, "mara-lind", "Persn")


def test_the_class_test_reaches_down_the_hierarchy_and_not_up(graph: Graph) -> None:
    assert find(graph, "noordhaven-university", "Agent") == harbour.iri("organization/noordhaven-university")
    with pytest.raises(UsageError, match="is of type organization, not university"):
        find(graph, "aldenburg-gazette", "University")


def test_names_are_compared_folded_then_bare() -> None:
    assert folded("Straße") == folded("STRASSE")
    assert bare("Shīh May-lung") == "shih may lung"


# -------- evidence


def test_each_row_has_the_words_it_rests_on(graph: Graph) -> None:
    query = question("who-took-part")
    words = evidence(graph, query, run(graph, query, {}))
    assert [[word.sentence for word in some] for some in words] == [
        ["Director Mara Lind received José Almeida on Thursday."],
        ["Li Wei, who holds the chair of chemistry, came along."],
        ["Director Mara Lind received José Almeida on Thursday."],
    ]
    first = words[0][0]
    assert first.quote == "Mara Lind received José Almeida"
    assert first.fact == harbour.iri("article/harbour-study/meeting/participation/jose-almeida")
    assert (first.article.title, first.article.publisher, first.article.published) == (
        "Tides to be studied",
        "Aldenburg Gazette",
        "2031-05-02",
    )


def test_a_derived_row_rests_on_the_words_of_all_its_origins(graph: Graph) -> None:
    query = question("who-met-whom")
    words = evidence(graph, query, run(graph, query, {}))
    assert [len(some) for some in words] == [1, 2]
    assert [word.sentence[:7] for word in words[1]] == ["Directo", "Li Wei,"]


def test_words_that_may_not_be_shown_are_empty_but_there(graph: Graph) -> None:
    query = question("figures")
    (word,) = evidence(graph, query, run(graph, query, {"least": "2100"}))[0]
    assert (word.sentence, word.quote, word.article.title) == ("", "", "Tides to be studied")


def test_an_article_is_told_by_its_original_where_it_is_silent_and_by_nobody_else(graph: Graph) -> None:
    query = question("posts")
    rows = run(graph, query, {"person": "person/li-wei"})
    articles = [words[0].article for words in evidence(graph, query, rows)]
    assert sorted((a.title, a.publisher, a.published) for a in articles) == [
        ("A letter without a sender", "", ""),
        ("Of pilots", "Aldenburg Gazette", "in spring"),
    ]


def test_hidden_columns_are_left_out(graph: Graph) -> None:
    query = question("who-took-part")
    assert shown(query, run(graph, query, {})).variables == ("participant", "participantLabel", "side", "sideLabel")


def test_a_long_value_of_a_form_is_never_cut_to_another_one() -> None:
    requests = pytest.importorskip("starlette.requests")
    from kg.web.pages.forms import arguments_in

    query = find_query(harbour.project(), "who-took-part")
    scope = {"type": "http", "query_string": f"meeting={'x' * 2000}&side=".encode(), "headers": []}
    assert arguments_in(requests.Request(scope), query) == {"meeting": ["x" * 2000]}
