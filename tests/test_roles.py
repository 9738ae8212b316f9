"""A role in a group is no role at the event: who led a delegation did not lead the meeting, who sent it is no party."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kg.core.terms import CODE, LABEL, TYPE, cq
from kg.core.values import lexical, string_literal
from kg.ontology.load import load_vocabulary
from kg.ontology.triples import ontology_triples
from kg.pipeline.dataset import ontology_quads
from kg.questions.graph import Graph
from kg.questions.query import run
from kg.store.embedded import memory_store
from tests.questions import ROOT, question

BASE = "https://w3id.org/communique/"
ARTICLE = f"<{BASE}article/one>"
FACTS = """
    one a Article ; label one .
    meeting occurrence occurrence/Occurred ; label meeting ; participation lind-part, guests-part .
    other-meeting occurrence occurrence/Occurred ; label other-meeting ; participation lind-other-part, visitors-part .
    lind-part participant lind ; function function/Led, function/Spoke .
    lind-other-part participant lind ; function function/Led .
    guests-part participant guests ; side side/Guest .
    visitors-part participant visitors ; side side/Guest .
    guests leader lind ; delegationOf harbour ; member thorsen ; label guests .
    visitors leader lind ; delegationOf university ; label visitors .
    lind a Person .
    thorsen a Person .
    harbour a Organization .
    university a Organization .
    pact a Agreement ; stage stage/Signed ; party guests ; label pact .
    opening occurrence occurrence/Occurred ; label opening ; facilityChange change .
    opening participation led-there, unveiled-there .
    change facility station ; lifecycle lifecycle/Unveiled .
    led-there participant lind ; function function/Led .
    unveiled-there participant thorsen ; function function/Unveiled .
"""
FACTS_WITHOUT_DATES = ("meeting", "other-meeting", "pact", "opening")


def quads() -> list[str]:
    """Return FACTS as quads of the article: names are ids below it, a code has its list before it."""
    found = list(map(str, ontology_quads(ontology_triples([ROOT / "ontology"]), BASE)))
    undated, reported = (f"<{CODE}{name}>" for name in ("dating/Undated", "reportedAs/Reported"))
    for fact in map(term, FACTS_WITHOUT_DATES):
        found.append(f"{fact} {cq('whenDating')} {undated} {ARTICLE} .")
    derived = f"<{BASE}graph/derived>"
    found += [f"{term('pact')} {cq(name)} {term('pact')} {derived} ." for name in ("story", "latestReport")]
    for statement in FACTS.split(" .\n"):
        subject, _, rest = statement.strip().partition(" ")
        found.append(f"{term(subject)} {cq('reportedAs')} {reported} {ARTICLE} .")
        for part in rest.split(" ; ") if rest else ():
            key, _, values = part.partition(" ")
            predicate = {"a": TYPE, "label": LABEL}.get(key, cq(key))
            found += [f"{term(subject)} {predicate} {value(key, v)} {ARTICLE} ." for v in values.split(", ")]
    return found


def term(name: str) -> str:
    return ARTICLE if name == "one" else f"{ARTICLE[:-1]}/{name}>"


def value(key: str, written: str) -> str:
    if key == "label":
        return string_literal(written)
    return cq(written) if key == "a" else f"<{CODE}{written}>" if "/" in written else term(written)


def rows(name: str, **arguments: str) -> list[Mapping[str, str]]:
    asked = {key: [lexical(term(name))] for key, name in arguments.items()}
    found = run(Graph(memory_store(quads()), BASE), question(name), asked)
    return [
        {column: lexical(o).rpartition("/")[2] if o else "" for column, o in zip(found.variables, row, strict=True)}
        for row in found.rows
    ]


def test_who_led_a_delegation_is_shown_beside_the_one_that_took_part() -> None:
    led = {(row["event"], row["function"]): row["group"] for row in rows("who-did-what")}
    assert led == {
        ("meeting", "Led"): "guests",
        ("meeting", "Spoke"): "",
        ("other-meeting", "Led"): "visitors",
        ("opening", "Led"): "",
        ("opening", "Unveiled"): "",
    }


def test_the_function_of_a_leader_is_called_by_what_was_led() -> None:
    code = load_vocabulary([ROOT / "ontology"]).codes["Function"]["Led"]
    assert code.label == "led a delegation or team"


def test_who_led_a_delegation_did_nothing_to_the_facility() -> None:
    assert [(row["actor"], row["function"]) for row in rows("facilities-unveiled")] == [("thorsen", "Unveiled")]


def test_the_sender_of_a_party_is_no_member_of_it() -> None:
    assert {(row["actor"], row["role"]) for row in rows("agreement-parties", agreement="pact")} == {
        ("guests", "party"),
        ("thorsen", "member of a party"),
        ("harbour", "sender of a party"),
    }


@pytest.mark.parametrize(("body", "role"), [("harbour", "sender of a party"), ("thorsen", "member of a party")])
def test_an_agreement_of_a_body_tells_its_role(body: str, role: str) -> None:
    assert [row["role"] for row in rows("agreements-of", body=body)] == [role]


@pytest.mark.parametrize(
    ("body", "roles"),
    [
        ("harbour", {("meeting", "sender of a participating delegation"), ("pact", "sender of a party")}),
        (
            "thorsen",
            {("meeting", "member of a participating group"), ("pact", "member of a party"), ("opening", "participant")},
        ),
        ("university", {("other-meeting", "sender of a participating delegation")}),
    ],
)
def test_what_an_institution_did_tells_senders_members_and_participants_apart(
    body: str, roles: set[tuple[str, str]]
) -> None:
    assert {(row["fact"], row["role"]) for row in rows("what-an-institution-did", institution=body)} == roles
