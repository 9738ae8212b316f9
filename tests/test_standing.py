"""What is derived stands on the article's word: cases are files of `tests/standing/`, each an article of one project.

The first line says what is right, the second lists every statement that is derived from the article.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from shutil import copy

import pytest

from kg.core.errors import Severity
from kg.core.terms import cq
from kg.core.values import lexical
from kg.pipeline.check import check
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.questions.explain import explain
from kg.questions.graph import Graph, open_graph
from kg.questions.query import run
from kg.questions.reading import readings
from kg.web.pages.home import home
from kg.web.pages.stories import stories
from kg.web.pages.thing import thing_shown
from kg.web.site import open_site
from tests.questions import question

CASES = Path(__file__).parent / "standing"
ARTICLES = sorted(file.stem for file in CASES.glob("*.yaml") if file.stem != "registry")
SETTINGS = 'base = "https://example.org/kg/"\nontology = ["@kg"]\n'
OF_DATES = {"datedThrough", "whenDating"}


def project_of(folder: Path, articles: Mapping[str, str]) -> Project:
    """Return a project of articles, by id their YAML, with the registry of the cases."""
    (folder / "data" / "articles").mkdir(parents=True)
    (folder / "data" / "registry").mkdir()
    (folder / "kg.toml").write_text(SETTINGS, encoding="utf-8")
    copy(CASES / "registry.yaml", folder / "data" / "registry" / "all.yaml")
    for name, text in articles.items():
        (folder / "data" / "articles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_project(folder)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Project:
    texts = {name: (CASES / f"{name}.yaml").read_text(encoding="utf-8") for name in ARTICLES}
    made = project_of(tmp_path_factory.mktemp("standing"), texts)
    build(made)
    return made


@pytest.fixture(scope="module")
def derived(cases: Project) -> Mapping[str, set[str]]:
    """Return article -> the statements derived from it, as the cases write them."""
    with open_graph(cases) as graph:
        rows = graph.store.select(
            f"SELECT ?d ?s ?p ?o WHERE {{ GRAPH ?g {{ ?d {cq('derivedSubject')} ?s ; {cq('derivedPredicate')} ?p ;"
            f" {cq('derivedObject')} ?o }} }}"
        ).rows
    found: dict[str, set[str]] = {name: set() for name in ARTICLES}
    for derivation, *statement in rows:
        article = lexical(derivation or "").split("/article/")[1].split("/")[0]
        subject, predicate, value = (short(lexical(term or "")) for term in statement)
        if predicate not in OF_DATES:
            found[article].add(f"{predicate} {subject} {value}")
    return found


def short(iri: str) -> str:
    """Return the id of a thing or fact, event/participant of a part in an event, or the name of a property."""
    part = re.search(r"/article/[^/]+/([^/]+)/participation/(.+)$", iri)
    return "/".join(part.groups()) if part else re.split("[/#]", iri)[-1]


def rows(graph: Graph, name: str, **arguments: str) -> list[dict[str, str]]:
    """Return the rows of a canned question, each column in the short form of the cases."""
    found = run(graph, question(name), {key: [value] for key, value in arguments.items()})
    return [
        {column: short(lexical(term)) if term else "" for column, term in zip(found.variables, row, strict=True)}
        for row in found.rows
    ]


@pytest.mark.parametrize("name", ARTICLES)
def test_exactly_what_an_article_says_is_derived(name: str, derived: Mapping[str, set[str]]) -> None:
    _, line = (CASES / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[:2]
    expected = line.removeprefix("# derived: ")
    assert derived[name] == (set() if expected == "nothing" else set(expected.split(", ")))


def test_an_ambassador_holds_no_post_where_he_is_sent(tmp_path: Path) -> None:
    text = (CASES / "ambassador.yaml").read_text(encoding="utf-8")
    wrong = text.replace("jurisdiction: aldenland, accreditedTo: noordland", "jurisdiction: noordland")
    [finding] = check(project_of(tmp_path, {"ambassador": wrong})).findings
    assert finding.code == "KG-S0325"
    assert "accreditedTo" in finding.fix


# -------- what an article denies while another reports it

HEAD = """article: {title: T, publisher: gazette, published: 2031-05-02, language: en, textKind: Full, text: "TEXT"}
curation: {curator: me, on: 2031-06-03, status: Draft}
facts:
"""
VISIT = f"""{HEAD.replace("TEXT", "Lind visited Tide Works. They made a pact.")}
  v:
    type: Visit
    name: Visit
    occurrence: Occurred
    participation: {{participant: lind, side: Guest}}
    quote: Lind visited Tide Works
  pact: {{type: Agreement, name: Pact, stage: Announced, party: [lind, co], quote: They made a pact}}
"""
DENIAL = f"""{HEAD.replace("TEXT", "Tide Works denied that a pact was made during the visit of Mara Lind.")}
  d:
    type: SpeechAct
    speaker: co
    modality: Denied
    paraphrase: No pact was made
    aboutEntity: one/v
    DENIES
    quote: Tide Works denied that a pact was made during the visit
"""
AGAIN = """
  again:
    type: Agreement
    name: Pact
    stage: Announced
    party: [lind, co]
    continues: one/pact
    accordingTo: d
    quote: a pact was made during the visit
"""


@pytest.mark.parametrize(
    ("denial", "denied"),
    [
        (DENIAL.replace("DENIES", ""), []),
        (DENIAL.replace("DENIES", "denies: one/pact"), ["pact"]),
        (DENIAL.replace("DENIES", "proposes: one/pact"), ["pact"]),
        (DENIAL.replace("DENIES", "") + AGAIN, ["pact"]),
    ],
)
def test_what_is_denied_is_what_a_statement_denies_and_not_what_it_is_about(
    tmp_path: Path, denial: str, denied: list[str]
) -> None:
    made = project_of(tmp_path, {"one": VISIT, "two": denial})
    build(made)
    with open_graph(made) as graph:
        found = [row["about"] for row in rows(graph, "disagreeing-articles") if row["what"] == "reported and denied"]
    assert found == denied


def test_a_fact_stands_on_no_statement_of_another_article(tmp_path: Path) -> None:
    other = HEAD.replace("TEXT", "A pact of Lind and Tide Works.") + AGAIN.replace(
        "accordingTo: d", "accordingTo: one/d"
    )
    other = other.replace("    continues: one/pact\n", "").replace("a pact was made during the visit", "A pact of Lind")
    denial = DENIAL.replace("DENIES", "").replace("    aboutEntity: one/v\n", "")
    found = check(project_of(tmp_path, {"one": denial, "two": other})).findings
    assert [finding.code for finding in found if finding.severity is Severity.ERROR] == ["KG-S0524"]


# -------- answers


def test_no_answer_of_sums_or_bridges_counts_what_is_only_denied_hoped_for_or_expected(cases: Project) -> None:
    with open_graph(cases) as graph:
        assert rows(graph, "signed-values") == rows(graph, "signed-value-by-place") == []
        assert rows(graph, "bridge-officials") == []


def test_a_denied_stake_stands_as_denied_and_by_whom(cases: Project) -> None:
    with open_graph(cases) as graph:
        [row] = rows(graph, "stakes")
    assert (row["holder"], row["in"], row["reportedAs"], row["accordingTo"]) == ("mill", "co", "Denied", "Aldenland")


def test_presence_is_empty_where_no_word_is_said(cases: Project) -> None:
    with open_graph(cases) as graph:
        found = {
            row["participant"]: row["presence"]
            for row in rows(graph, "who-took-part", meeting="article/no-word-on-attendance/party")
        }
    assert found == {"co": "", "vester": "", "berg": "present"}


@pytest.mark.parametrize(
    ("place", "roles"),
    [
        ("aldenland", {"summit": "somebody is named as acting for it", "party": "represented", "m": "represented"}),
        (
            "noordland",
            {
                **dict.fromkeys(("ball", "fair", "party"), "somebody is named as acting for it"),
                "meeting": "represented",
                "m": "body or place of a participant's post",
            },
        ),
    ],
)
def test_whoever_stayed_away_or_was_not_seen_represented_nobody(
    cases: Project, place: str, roles: Mapping[str, str]
) -> None:
    with open_graph(cases) as graph:
        did = rows(graph, "what-an-institution-did", institution=f"place/{place}")
        there = rows(graph, "place-timeline", place=f"place/{place}")
    assert {row["fact"]: row["role"] for row in did if row["role"] != "speaker"} == roles
    by_word = {fact: role for fact, role in roles.items() if "post" not in role}
    assert {row["thing"]: row["how"] for row in there if row["where"] == place} == by_word


def test_the_ambassador_and_the_president_met_once_and_by_post(cases: Project) -> None:
    with open_graph(cases) as graph:
        found = rows(graph, "meetings-between", one="person/lind", other="person/vester")
        pairs = rows(graph, "who-met-whom", person="person/vester")
    assert [(row["event"], row["tie"]) for row in found] == [("m", "metWithByPost")]
    assert [(row["one"], row["other"], row["meetings"]) for row in pairs if "lind" in (row["one"], row["other"])] == [
        ("lind", "vester", "1")
    ]


def test_an_agreement_of_a_group_without_named_members_is_listed_as_not_known(cases: Project) -> None:
    with open_graph(cases) as graph:
        found = rows(graph, "agreements-of", body="organization/mill")
    assert {row["agreement"]: row["role"] for row in found if row["article"] == "unnamed-group"} == {
        "pact": "party",
        "link": "not known: a party is a group without named members",
        "bridge": "party",
    }


def test_who_only_expects_something_does_not_propose_it(cases: Project) -> None:
    with open_graph(cases) as graph:
        [row] = [row for row in rows(graph, "proposed-never-signed") if row["agreement"] == "bridge"]
    assert (row["by"], row["reportedAs"], row["accordingTo"]) == ("", "Expected", "Tomas Berg")


# -------- pages and explanations


def test_the_name_of_a_fact_says_how_it_stands_where_it_is_not_simply_so(cases: Project) -> None:
    with open_graph(cases) as graph:
        mill = explain(graph, f"<{graph.base}organization/mill>")
        names = {value.text for statement in mill.incoming for value in statement.values}
        party_to = {v.text for s in mill.statements if s.property == cq("partyTo") for v in s.values}
    assert {"A pact (denied, signed)", "Pact (announced)", "Bridge (expected)"} <= names
    assert party_to == {"Pact (announced)"}


def test_what_is_denied_did_not_happen_on_the_timeline_nor_on_the_first_page(cases: Project) -> None:
    with open_site(cases).snapshot() as snapshot:
        facts = [fact for entry in stories(snapshot).entries for fact in (entry.fact, *entry.others)]
        standing = {snapshot.graph.id(fact): how.standing for fact, how in readings(snapshot.graph, facts).items()}
        happened = {snapshot.graph.id(entry.reading.fact) for entry in home(snapshot).recent}
    assert (standing["article/denied/meeting"], standing["article/by-post/meeting"]) == ("denied", "")
    assert "article/denied/meeting" not in happened


def test_the_page_of_a_thing_shows_what_was_derived_with_its_stage(cases: Project) -> None:
    with open_site(cases).snapshot() as snapshot:
        shown = thing_shown(snapshot, f"<{snapshot.graph.base}organization/mill>")
    assert shown is not None
    assert [(d.relation, d.other.text) for d in shown.derived if d.property == cq("partyTo")] == [
        ("named as party to", "Pact (announced)")
    ]
