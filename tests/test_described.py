"""What is said of a node: by which name, what is nested in it, and dates and quantities in one line."""

from __future__ import annotations

import pytest

from kg.core.terms import CODE, LABEL, PROV, TYPE, XSD, cq
from kg.questions import explain as explaining
from kg.questions.captions import captions, with_standings
from kg.questions.described import Described, Mention, described
from kg.questions.explain import explain
from kg.questions.graph import Graph
from kg.render.cells import Look
from kg.render.explanation import explanation_text
from kg.store.embedded import memory_store

BASE = "https://example.org/kg/"
REGISTRY, DERIVED, ONTOLOGY = (f"<{BASE}graph/{name}>" for name in ("registry", "derived", "ontology"))
ONE, TWO = (f"<{BASE}article/{name}>" for name in ("one", "two"))
PORT = f"<{BASE}organization/port>"
DENIED, EUR, ABOUT = f"<{CODE}reportedAs/Denied>", f"<{CODE}currency/EUR>", f"<{CODE}comparator/About>"


def in_article(article: str, path: str) -> str:
    return f"{article[:-1]}/{path}>"


LEASE, OTHER = in_article(ONE, "lease"), in_article(TWO, "lease")
DATE, RENT, USD = (in_article(ONE, f"lease/{path}") for path in ("date", "rent", "rent/alsoGivenAs"))
TENANT, TIE = in_article(ONE, "lease/participation/tenant"), in_article(ONE, "lease/derived/party-to/1")


def text(words: str) -> str:
    return f'"{words}"'


def day(words: str) -> str:
    return f'"{words}"^^<{XSD}date>'


def quantity(node: str, amount: str, written: str) -> list[tuple[str, str, str]]:
    return [
        (node, cq("comparator"), ABOUT),
        (node, cq("amount"), f'"{amount}"^^<{XSD}decimal>'),
        (node, cq("currency"), EUR),
        (node, cq("asWritten"), text(written)),
    ]


TRIPLES = {
    ONTOLOGY: [
        (DENIED, LABEL, text("denied")),
        (ABOUT, LABEL, text("about")),
        (EUR, LABEL, text("euro")),
        (cq("alsoGivenAs"), LABEL, text("also given as")),
    ],
    REGISTRY: [(PORT, LABEL, text("The port")), (PORT, TYPE, cq("Organization"))],
    ONE: [
        (ONE, LABEL, text("A lease is signed")),
        (LEASE, LABEL, text("Lease")),
        (LEASE, cq("reportedAs"), DENIED),
        (LEASE, cq("date"), DATE),
        (LEASE, cq("rent"), RENT),
        (LEASE, cq("value"), USD),
        (LEASE, cq("party"), PORT),
        (LEASE, cq("participation"), TENANT),
        (LEASE, cq("continues"), OTHER),
        (TENANT, cq("participant"), PORT),
        (TENANT, cq("continues"), LEASE),
        (DATE, cq("edtf"), text("2017-02")),
        (DATE, cq("earliest"), day("2017-02-01")),
        (DATE, cq("latest"), day("2017-02-28")),
        (DATE, cq("reason"), text("the month of the report")),
        *quantity(RENT, "21600", "some 21.6 thousand euros"),
        (RENT, cq("alsoGivenAs"), USD),
        *quantity(USD, "25000", "25 thousand"),
    ],
    TWO: [(TWO, LABEL, text("The lease again")), (OTHER, LABEL, text("Lease"))],
    DERIVED: [
        (PORT, cq("partyTo"), LEASE),
        (LEASE, cq("story"), LEASE),
        (OTHER, cq("displacedBy"), LEASE),
        (TIE, cq("derivedSubject"), PORT),
        (TIE, cq("derivedPredicate"), cq("partyTo")),
        (TIE, cq("derivedObject"), LEASE),
        (TIE, f"<{PROV}wasDerivedFrom>", LEASE),
    ],
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    quads = [f"{s} {p} {o} {name} ." for name, triples in TRIPLES.items() for s, p, o in triples]
    return Graph(memory_store(sorted(quads)), BASE)


def values(thing: Described, node: str, name: str, reasons: bool = True) -> list[Mention]:
    every = thing.statements(node, reasons=reasons)
    return [value for statement in every if statement.property == cq(name) for value in statement.values]


def test_a_node_is_called_by_its_label_else_by_the_fact_above_else_by_its_address(graph: Graph) -> None:
    outside = "<https://a.example/licences/4.0/>"
    names = captions(graph, [LEASE, TENANT, in_article(ONE, "curation"), outside])
    assert names.of(LEASE) == "Lease"
    assert names.of(TENANT) == "Lease › participation/tenant"
    assert names.of(in_article(ONE, "curation")) == "A lease is signed › curation"
    assert names.of(outside) == "4.0"


def test_how_a_fact_stands_and_its_article_are_given_on_demand(graph: Graph) -> None:
    names = captions(graph, [LEASE, OTHER, PORT])
    assert names.with_article(LEASE) == "Lease (A lease is signed)"
    assert (names.with_article(LEASE, ONE), names.with_article(PORT, ONE)) == ("Lease", "The port")
    assert with_standings(names).of(LEASE) == "Lease (denied)"
    assert with_standings(names).of(OTHER) == "Lease – no longer stands"
    assert with_standings(names).plain(OTHER) == "Lease"


def test_a_date_is_one_line_with_the_reason_where_that_is_asked_for(graph: Graph) -> None:
    thing = described(graph, [LEASE])
    [date] = values(thing, LEASE, "date")
    assert date.text == "February 2017 (inferred): the month of the report"
    assert (date.in_full, date.link) == (True, "")
    assert [value.text for value in values(thing, LEASE, "date", reasons=False)] == ["February 2017 (inferred)"]
    assert len(date.inside) == 4


def test_a_quantity_is_one_line_with_the_same_in_another_currency(graph: Graph) -> None:
    [rent] = values(described(graph, [LEASE]), LEASE, "rent")
    assert rent.text == (
        "about 21,600 euro (“some 21.6 thousand euros”), also given as about 25,000 euro (“25 thousand”)"
    )


def test_what_is_nested_is_said_with_the_fact_and_never_the_fact_within_it(graph: Graph) -> None:
    [tenant] = values(described(graph, [LEASE]), LEASE, "participation")
    [back, party] = [value for statement in tenant.inside for value in statement.values]
    assert (back.term, back.inside) == (LEASE, ())
    assert (party.text, tenant.in_full, tenant.link) == ("The port", False, TENANT)


def test_what_is_nested_in_two_nodes_is_read_once(graph: Graph) -> None:
    assert len(described(graph, [LEASE]).triples[USD]) == 4


def test_a_fact_of_another_article_is_named_with_that_article(graph: Graph) -> None:
    thing = described(graph, [LEASE])
    assert [value.text for value in values(thing, LEASE, "continues")] == ["Lease (The lease again)"]
    assert [value.text for value in values(thing, LEASE, "party")] == ["The port"]


def test_what_is_hidden_is_not_read_either(graph: Graph) -> None:
    assert TENANT not in described(graph, [LEASE], {cq("participation")}).triples


def test_what_was_derived_is_said_only_where_all_graphs_are_read(graph: Graph) -> None:
    assert cq("partyTo") not in dict(described(graph, [PORT]).triples[PORT])
    assert cq("partyTo") in dict(described(graph, [PORT], everywhere=True).triples[PORT])


def test_no_more_is_read_than_is_asked_for(graph: Graph) -> None:
    assert len(described(graph, [LEASE], most=3).triples[LEASE]) == 3


def test_the_terminal_shows_a_date_as_pages_do(graph: Graph) -> None:
    shown = explanation_text(explain(graph, LEASE), Look(BASE))
    assert "  date\n    February 2017 (inferred): the month of the report\n" in shown


def test_a_derivation_says_what_was_derived(graph: Graph) -> None:
    ends = {s.property: s.values[0].term for s in explain(graph, TIE).statements}
    assert ends == {cq("derivedSubject"): PORT, cq("derivedPredicate"): cq("partyTo"), cq("derivedObject"): LEASE}


def test_derivations_never_crowd_out_the_facts_that_name_a_thing(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "MOST_INCOMING", 1)
    assert [statement.property for statement in explain(graph, PORT).incoming] == [cq("participant")]


def test_a_report_that_is_its_own_story_says_nothing_of_it(graph: Graph) -> None:
    lease = explain(graph, LEASE)
    assert cq("story") not in {statement.property for statement in (*lease.statements, *lease.incoming)}
